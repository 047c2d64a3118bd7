# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What files provision: data sources, and who provides dashboards. With a wrong file Grafana does not start."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_UID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_SOURCE_KEYS = {
    *(
        "name",
        "uid",
        "type",
        "access",
        "orgId",
        "url",
        "isDefault",
        "editable",
        "version",
        "jsonData",
        "secureJsonData",
    ),
    *("basicAuth", "basicAuthUser", "user", "database", "withCredentials", "correlations"),
}
_PROVIDER_KEYS = {
    *("name", "orgId", "folder", "folderUid", "type", "disableDeletion", "editable", "allowUiUpdates"),
    *("updateIntervalSeconds", "options"),
}
_VARIABLE = re.compile(r"\$(\$|\w+|\{\w+\})")


class ProvisioningError(Exception):
    """A file that Grafana does not start with, by its name."""


@dataclass(frozen=True)
class Source:
    """One data source."""

    uid: str
    name: str
    type: str
    url: str
    is_default: bool
    editable: bool
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Provider:
    """A folder whose files are dashboards."""

    name: str
    path: Path
    folder: str
    folder_uid: str
    interval: float
    keeps: bool  # the dashboard whose file is gone
    open: bool  # changed on the page, a dashboard is saved


def sources(folder: Path) -> dict[str, Source]:
    """Return the data sources by uid."""
    found: dict[str, Source] = {}
    for file, document in _documents(folder / "datasources", {"datasources", "deleteDatasources", "prune"}):
        for item in _items(file, document, "datasources", _SOURCE_KEYS):
            source = _source(file, item)
            if source.uid in found or source.name in {other.name for other in found.values()}:
                raise ProvisioningError(f"{file}: data source {source.name!r} is there twice")
            found[source.uid] = source
    if sum(source.is_default for source in found.values()) > 1:
        raise ProvisioningError(
            "datasource.yaml config is invalid. Only one datasource per organization can be default"
        )
    return found


def _source(file: Path, item: Mapping[str, Any]) -> Source:
    uid, name = str(item.get("uid") or ""), str(item.get("name") or "")
    if not name or not _UID.fullmatch(uid):
        raise ProvisioningError(f"{file}: data source {name!r} has uid {uid!r}")
    if item.get("access", "proxy") != "proxy":
        raise ProvisioningError(f"{file}: {name}: access is {item['access']!r}: only the proxy is played here")
    if item.get("type") != "prometheus":
        raise ProvisioningError(f"{file}: {name}: there is no plugin {item.get('type')!r}")
    if not re.fullmatch(r"https?://[^/\s]+(/\S*)?", str(item.get("url") or "")):
        raise ProvisioningError(f"{file}: {name}: url is {item.get('url')!r}")
    settings = item.get("jsonData") or {}
    if str(settings.get("httpMethod", "POST")) not in ("GET", "POST"):
        raise ProvisioningError(f"{file}: {name}: httpMethod is {settings['httpMethod']!r}")
    if not re.fullmatch(r"\d+(ms|s|m|h)", str(settings.get("timeInterval", "15s"))):
        raise ProvisioningError(f"{file}: {name}: timeInterval is {settings['timeInterval']!r}")
    default, editable = bool(item.get("isDefault")), bool(item.get("editable"))
    return Source(uid, name, str(item["type"]), str(item["url"]).rstrip("/"), default, editable, settings)


def providers(folder: Path) -> list[Provider]:
    """Return who provides dashboards."""
    found: list[Provider] = []
    for file, document in _documents(folder / "dashboards", {"providers"}):
        for item in _items(file, document, "providers", _PROVIDER_KEYS):
            provider = _provider(file, item)
            if provider.name in {other.name for other in found}:
                raise ProvisioningError(f"{file}: provider {provider.name!r} is there twice")
            found.append(provider)
    return found


def _provider(file: Path, item: Mapping[str, Any]) -> Provider:
    name, options = str(item.get("name") or ""), item.get("options") or {}
    if not name or item.get("type", "file") != "file":
        raise ProvisioningError(f"{file}: provider {name!r} of type {item.get('type')!r}")
    path = Path(str(options.get("path") or ""))
    if not options.get("path") or not path.is_dir():
        raise ProvisioningError(f"{file}: {name}: Cannot read directory {str(path)!r}")
    uid = str(item.get("folderUid") or "")
    if uid and not _UID.fullmatch(uid):
        raise ProvisioningError(f"{file}: {name}: folderUid is {uid!r}")
    folder = str(item.get("folder") or "")
    return Provider(
        name,
        path,
        folder,
        uid or re.sub(r"\W+", "-", folder.lower()),
        float(item.get("updateIntervalSeconds") or 10),
        bool(item.get("disableDeletion")),
        bool(item.get("allowUiUpdates")),
    )


def _documents(folder: Path, keys: set[str]) -> list[tuple[Path, Mapping[str, Any]]]:
    found: list[tuple[Path, Mapping[str, Any]]] = []
    for file in sorted(folder.glob("*.y*ml")):
        try:
            document = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
            raise ProvisioningError(f"{file}: {error}") from None
        if not isinstance(document, dict) or document.get("apiVersion") != 1:
            raise ProvisioningError(f"{file}: apiVersion is not 1")
        unknown = set(document) - keys - {"apiVersion"}
        if unknown:
            raise ProvisioningError(f"{file}: {', '.join(sorted(map(str, unknown)))} is not known")
        found.append((file, document))
    return found


def _items(file: Path, document: Mapping[str, Any], name: str, keys: set[str]) -> list[Mapping[str, Any]]:
    items = document.get(name) or []
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ProvisioningError(f"{file}: {name} is no list")
    for item in items:
        unknown = set(item) - keys
        if unknown:
            raise ProvisioningError(f"{file}: {name}: {', '.join(sorted(map(str, unknown)))} is not known")
    expanded: list[Mapping[str, Any]] = _expanded(items)
    return expanded


def _expanded(value: Any) -> Any:
    """Put variables of the environment in the place of $NAME, as upstream does in these files, and $ for $$."""
    if isinstance(value, dict):
        return {key: _expanded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_expanded(item) for item in value]
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: "$" if found[1] == "$" else os.environ.get(found[1].strip("{}"), ""), value)
    return value

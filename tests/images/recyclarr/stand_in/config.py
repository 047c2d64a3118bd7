# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All configuration files together: which instances there are, and what each shall have."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import form, tags
from .problems import ConfigError

KINDS = ("sonarr", "radarr")
_URL = re.compile(r"^https?://[^/\s]+(/\S*)?$")


@dataclass(frozen=True)
class Instance:
    """One application. wanted: all else that its configuration says."""

    kind: str
    name: str
    base_url: str
    api_key: str
    wanted: Mapping[str, Any]


def load(folder: Path) -> list[Instance]:
    """Return every instance of recyclarr.yml and of configs/."""
    secrets = tags.read_secrets(folder)
    settings = folder / "settings.yml"
    if settings.exists():
        form.check(tags.read(settings, secrets), form.SETTINGS, "settings.yml")
    files = [folder / name for name in ("recyclarr.yml", "recyclarr.yaml") if (folder / name).exists()]
    files += sorted(path for path in (folder / "configs").glob("*") if path.suffix in (".yml", ".yaml"))
    if not files:
        raise ConfigError("No configuration YAML files found")
    instances = [instance for path in files for instance in _instances(path, folder, secrets)]
    _refuse_duplicates(instances)
    return instances


def _instances(path: Path, folder: Path, secrets: Mapping[str, str]) -> list[Instance]:
    content = tags.read(path, secrets)
    form.check(content, dict.fromkeys(KINDS, dict), path.name)
    found = []
    for kind in KINDS:
        for name, given in ((content or {}).get(kind) or {}).items():
            place = f"{path.name}: {kind}.{name}"
            form.check(given, form.instance_form(kind), place)
            found.append(_instance(kind, str(name), _included(given or {}, kind, folder, secrets, place), place))
    return found


def _instance(kind: str, name: str, given: dict[str, Any], place: str) -> Instance:
    url, key = str(given.pop("base_url", None) or ""), str(given.pop("api_key", None) or "")
    if not _URL.match(url):
        raise ConfigError(f"{place}: base_url must start with 'http' or 'https' and be a valid URL")
    if not key:
        raise ConfigError(f"{place}: 'api_key' must not be empty")
    _judge(given, place)
    return Instance(kind, name, url.rstrip("/"), key, given)


def _judge(given: Mapping[str, Any], place: str) -> None:
    """Refuse what has the right form and still cannot be meant."""
    ratio = (given.get("quality_definition") or {}).get("preferred_ratio")
    if ratio is not None and not 0 <= ratio <= 1:
        raise ConfigError(f"{place}: preferred_ratio must be between 0 and 1")
    profiles = given.get("quality_profiles") or []
    for profile in profiles:
        _judge_profile(profile, place)
    ids = [profile["trash_id"] for profile in profiles if profile.get("trash_id")]
    if any(ids.count(profile.get("trash_id")) > 1 and not profile.get("name") for profile in profiles):
        raise ConfigError(f"{place}: Multiple profiles use one trash_id; each must have an explicit 'name'")
    for entry in [*(given.get("custom_formats") or []), *((given.get("custom_format_groups") or {}).get("add") or [])]:
        if entry.get("select") and entry.get("select_all"):
            raise ConfigError(f"{place}: 'select' and 'select_all' exclude each other")
        if set(entry.get("select") or ()) & set(entry.get("exclude") or ()):
            raise ConfigError(f"{place}: A custom format trash_id cannot appear in both 'select' and 'exclude'")
        for reference in entry.get("assign_scores_to") or []:
            if bool(reference.get("trash_id")) == bool(reference.get("name")):
                raise ConfigError(f"{place}: assign_scores_to takes either 'trash_id' or 'name'")


def _judge_profile(profile: Mapping[str, Any], place: str) -> None:
    name = profile.get("name") or profile.get("trash_id")
    if not name:
        raise ConfigError(f"{place}: 'name' is required when 'trash_id' is not specified")
    qualities, upgrade = profile.get("qualities") or [], profile.get("upgrade") or {}
    if not qualities:
        return
    if any(len(quality.get("qualities") or "ab") < 2 for quality in qualities):
        raise ConfigError(f"{place}: For profile {name}, 'qualities' contains groups with less than 2 qualities")
    enabled = [quality["name"] for quality in qualities if quality.get("enabled", True)]
    if not enabled:
        raise ConfigError(f"{place}: For profile {name}, at least one quality must be enabled")
    if upgrade.get("allowed") and upgrade.get("until_quality") not in enabled:
        raise ConfigError(f"{place}: For profile {name}, 'until_quality' has to be one of its enabled 'qualities'")


def _included(
    given: Mapping[str, Any], kind: str, folder: Path, secrets: Mapping[str, str], place: str
) -> dict[str, Any]:
    """Lay an instance over the fragments that it includes."""
    merged: dict[str, Any] = {}
    for include in given.get("include") or []:
        if "template" in include:
            raise ConfigError(
                f"{place}: include template '{include['template']}': no such template; v8 has none to include"
            )
        path = folder / "includes" / include["config"]
        fragment = tags.read(path, secrets) or {}
        form.check(fragment, instance_form_of_fragment(kind), f"{path.name}")
        merged = _laid(merged, fragment)
    return _laid(merged, {key: value for key, value in given.items() if key != "include"})


def instance_form_of_fragment(kind: str) -> dict[str, Any]:
    """Return what a fragment may have: no address, no key, and no further fragments."""
    return {
        key: value for key, value in form.instance_form(kind).items() if key not in ("base_url", "api_key", "include")
    }


def _laid(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = copy.deepcopy(dict(below))
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _laid(merged[key], value)
        elif isinstance(value, list) and isinstance(merged.get(key), list):
            merged[key] = [*merged[key], *value]
        elif value is not None:
            merged[key] = copy.deepcopy(value)
    return merged


def _refuse_duplicates(instances: list[Instance]) -> None:
    for what, values in (
        ("instances", [instance.name for instance in instances]),
        ("base_url", [instance.base_url.lower() for instance in instances]),
    ):
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise ConfigError(f"Duplicate {what}: {', '.join(twice)}")

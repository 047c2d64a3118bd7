# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who tells numbers, who gathers them, and who tells those of a service that tells none.

A service says ``metrics: {port: 9959}`` or ``metrics: {exporter: redis}``, a role ``exporters: {redis: ...}``, which
is a Compose service as a template. Whoever has ``api: {kind: prometheus}`` gathers; without it there are no exporters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import addressing
from ansible_collections.homelab.media.plugins.module_utils.declaration import is_port, media
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.relations import HOST, in_host_network, providers
from ansible_collections.homelab.media.plugins.module_utils.selection import owner

Services = Mapping[str, Mapping[str, Any]]

#: The kind of API by which the service that gathers is known.
KIND = "prometheus"
#: What an exporter's template may name of the service that it is for; {api.key} and so on are the entries of its api.
_FIELD = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)?)\}")


def network_of(name: str) -> str:
    """Return the closed network on which the numbers of a service are asked for."""
    return f"metrics-{name}"


def gatherer(services: Services) -> str | None:
    """Return the service that gathers the numbers of all, if one is on."""
    return next(iter(providers(services, KIND)), None)


def made(services: Services, exporters: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return an exporter for each service that asks for one of these kinds, named after both."""
    if gatherer(services) is None:
        return {}
    return {
        f"{kind}-{name}": _exporter(name, services, exporters[kind])
        for name, service in services.items()
        for kind in [str((media(service).get("metrics") or {}).get("exporter"))]
        if kind in exporters
    }


def _exporter(name: str, services: Services, template: Mapping[str, Any]) -> dict[str, Any]:
    service = services[name]
    exporter: dict[str, Any] = _filled(template, _fields(name, service))
    exporter["x-media"] = {**(exporter.get("x-media") or {}), "part_of": owner(name, services), "exports": name}
    if in_host_network(service):
        address = f"{HOST}:@@gateway:{network_of(name)}@@"
        exporter["extra_hosts"] = [*(exporter.get("extra_hosts") or ()), address]
    return exporter


def _fields(name: str, service: Mapping[str, Any]) -> dict[str, str]:
    web, api = media(service).get("web") or {}, media(service).get("api") or {}
    return {
        "service": HOST if in_host_network(service) else name,
        "port": str(web.get("port") or ""),
        "path": str(web.get("path") or "/").rstrip("/"),
        "kind": str(api.get("kind") or ""),
        **{f"api.{key}": str(value) for key, value in api.items()},
    }


def _filled(value: Any, fields: Mapping[str, str]) -> Any:
    """Return a copy with every field that is known put in; other braces are the service's own."""
    if isinstance(value, Mapping):
        return {key: _filled(item, fields) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_filled(item, fields) for item in value]
    if isinstance(value, str):
        return _FIELD.sub(lambda found: fields.get(found[1], found[0]), str(value))
    return value


def exporter_problems(services: Services, exporters: Mapping[str, Any]) -> list[Problem]:
    """Return a problem for each exporter that is asked for and is of no known kind; all are where none is known."""
    if not exporters:
        return []
    return [
        Problem(f"{name}.x-media.metrics.exporter", f"is {kind!r}", "one of " + ", ".join(sorted(exporters)))
        for name, service in services.items()
        for kind in [(media(service).get("metrics") or {}).get("exporter")]
        if kind is not None and kind not in exporters
    ]


def networks(services: Services) -> Iterator[tuple[str, list[str]]]:
    """Give each closed network over which numbers are asked for, and who is on it.

    One between the service that gathers and each that tells, unless they meet already; one between each exporter and
    the service whose numbers it tells. A service in the host's network answers at the host's address in it.
    """
    gathers = gatherer(services)
    met = set(services[gathers].get("networks") or ()) if gathers else set()
    for name, service in services.items():
        told = gathers not in (None, name) and (media(service).get("metrics") or {}).get("port")
        if gathers and told and not met & set(service.get("networks") or ()):
            yield network_of(name), [gathers, *([] if "network_mode" in service else [name])]
        exported = str(media(service).get("exports"))
        if exported in services:
            yield network_of(exported), [name] if "network_mode" in services[exported] else [name, exported]


def targets(services: Services, known_networks: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return where the numbers of each service are asked for; none where nobody gathers them.

    service: whom the numbers are about. container: who tells them.
    """
    found = []
    for name, service in services.items():
        metrics = media(service).get("metrics") or {}
        if gatherer(services) is None or not is_port(metrics.get("port")):
            continue
        host = name
        if in_host_network(service):
            host = addressing.gateway(known_networks.get(network_of(name)) or {})
        elif name == gatherer(services):
            host = "localhost"
        about = str(media(service).get("exports") or name)
        default = name[: -len(about) - 1] if about != name and name.endswith(f"-{about}") else name
        found.append(
            {
                "service": about,
                "container": name,
                "job": str(metrics.get("job") or default),
                "target": f"{host}:{metrics['port']}",
                "path": str(metrics.get("path") or "/metrics"),
                "bearer": str(metrics.get("bearer") or ""),
            }
        )
    return sorted(found, key=lambda item: (item["job"], item["service"]))

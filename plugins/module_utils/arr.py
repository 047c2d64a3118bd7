# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The services and secrets of the arr role, from its list of instances.

The settings are the role's variables under their own names, so that every problem names the variable to correct.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.arr_kinds import (
    KINDS,
    SERVED,
    Kind,
    kind_name,
    library_of,
    secret_name,
)

Settings = Mapping[str, Any]
Instance = Mapping[str, Any]

#: The words of this role's variables, and what the applications read without a fault only in this spelling.
METHODS = {"auto": "Forms", "forms": "Forms", "external": "External"}
REQUIRED = {"enabled": "Enabled", "disabled_for_local_addresses": "DisabledForLocalAddresses"}


def instances(settings: Settings) -> Iterator[tuple[Instance, Kind]]:
    """Return each declared instance with its kind; those of no known kind are left to the checks."""
    for instance in settings["arr_instances"]:
        if kind_name(instance) in KINDS:
            yield instance, KINDS[kind_name(instance)]


def secrets(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the declaration of every secret: a key for each instance, the sign-in, the keys of indexers."""
    found: dict[str, dict[str, Any]] = {"arr_password": {"kind": "alnum", "length": 32, "variable": "arr_password"}}
    for instance, _kind in instances(settings):
        name = str(instance["name"])
        found[secret_name(name)] = {"kind": "hex", "length": 32, "variable": f"arr_api_keys['{name}'] | default('')"}
    for index, indexer in enumerate(settings["arr_indexers"]):
        if indexer.get("api_key"):
            found[indexer_secret(indexer)] = {"kind": "given", "variable": f"arr_indexers[{index}].api_key"}
    return found


def indexer_secret(indexer: Mapping[str, Any]) -> str:
    """Return the name under which the host keeps an indexer's key."""
    return f"arr_indexer_{slug(str(indexer['name']))}_api_key"


def slug(name: str) -> str:
    """Return a name in the letters that the name of a secret may have."""
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name.lower())


def services(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the service of each instance."""
    ports = loopback_ports(settings)
    return {
        str(instance["name"]): _service(settings, instance, kind, ports[str(instance["name"])])
        for instance, kind in instances(settings)
    }


def loopback_ports(settings: Settings) -> dict[str, int]:
    """Return the port of each instance on the host's 127.0.0.1: its own, or the kind's, then the next free one.

    Inside its container an application always listens on its usual port, which the image's own checks count on.
    """
    given = {str(instance["name"]): int(instance["port"]) for instance, _kind in instances(settings) if _port(instance)}
    taken = set(given.values())
    found = dict(given)
    for instance, kind in instances(settings):
        name = str(instance["name"])
        if name in found:
            continue
        port = kind.port
        while port in taken:
            port += 1
        taken.add(port)
        found[name] = port
    return found


def _port(instance: Instance) -> bool:
    return str(instance.get("port") or "").isdigit()


def _service(settings: Settings, instance: Instance, kind: Kind, loopback: int) -> dict[str, Any]:
    name = str(instance["name"])
    key, root, data = secret_name(name), settings["media_root"], settings["media_data"]
    extension: dict[str, Any] = {
        "family": "linuxserver",
        "egress": instance.get("egress") or settings["arr_egress"],
        "web": {"port": kind.port, "path": "/", "loopback": loopback, "keyed": ["/api/", "/feed/"]},
        "access": "two_factor",
        "auth_log": {"path": f"state/{name}/logs/{kind.app.lower()}.txt", "filter": "servarr"},
        "health": {"http": "/ping"},
        "state": [f"state/{name}"],
        "limits": {
            "memory": instance.get("memory") or settings["arr_memory"],
            "cpus": instance.get("cpus") or settings["arr_cpus"],
        },
        "api": {"kind": kind.api, "key": key, "guide": instance.get("guide")},
        "metrics": {"exporter": "exportarr"},
        "uses": list(SERVED) if kind.api == "prowlarr" else ["nzbget", "plex", "prowlarr"],
    }
    volumes = [f"{root}/state/{name}:/config"]
    if settings["arr_authentication"] == "auto":
        extension["behind_sign_on"] = {"environment": {f"{kind.prefix}__AUTH__METHOD": METHODS["external"]}}
    library = library_of(instance)
    extension["portal"] = _words(name, kind, library)
    if library:
        extension["library"] = library
        # The parent of downloads and library in one mount: between two mounts there is no hard link.
        volumes.append(f"{data}:/data")
    return {
        "image": instance.get("image") or settings[f"arr_{kind_name(instance)}_image"],
        "environment": {**_environment(settings, instance, kind, key), **(instance.get("environment") or {})},
        "secrets": [key],
        "volumes": volumes,
        # A database that is being written needs its time to close.
        "stop_grace_period": "60s",
        "x-media": extension,
    }


def _words(name: str, kind: Kind, library: Mapping[str, str] | None) -> dict[str, str]:
    """Return how it is shown to people: the second Sonarr is called by its own name."""
    title = kind.app if kind.app.lower() == name else name[0].upper() + name[1:]
    if library is None:
        return {"title": title, "section": "Downloads", "text": "Indexers"}
    return {"title": title, "section": "Library", "text": library["title"]}


def _environment(settings: Settings, instance: Instance, kind: Kind, key: str) -> dict[str, str]:
    """Return what the application has to know before its first start: then it is never without a sign-in."""
    found = {
        f"FILE__{kind.prefix}__AUTH__APIKEY": f"/run/secrets/{key}",
        f"{kind.prefix}__AUTH__METHOD": METHODS.get(str(settings["arr_authentication"]), "Forms"),
        f"{kind.prefix}__AUTH__REQUIRED": REQUIRED.get(str(settings["arr_authentication_required"]), "Enabled"),
        f"{kind.prefix}__LOG__LEVEL": str(instance.get("log_level") or settings["arr_log_level"]),
        f"{kind.prefix}__LOG__ANALYTICSENABLED": "False",
        f"{kind.prefix}__APP__LAUNCHBROWSER": "False",
    }
    if instance["name"] != kind_name(instance):
        # What its pages and cookies are called. It has to begin with the application's name, or is passed over.
        found[f"{kind.prefix}__APP__INSTANCENAME"] = f"{kind.app} {instance['name']}"
    return found

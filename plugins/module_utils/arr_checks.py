# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of the arr role's variables, each problem with its variable and a right value."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import recyclarr_checks
from ansible_collections.homelab.media.plugins.module_utils.arr import METHODS, REQUIRED, Settings, slug
from ansible_collections.homelab.media.plugins.module_utils.arr_kinds import KINDS, kind_name, library_of
from ansible_collections.homelab.media.plugins.module_utils.arr_own_checks import exposed, own_problems
from ansible_collections.homelab.media.plugins.module_utils.declaration import SERVICE_NAME, is_port
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

INSTANCE_KEYS = (
    "name",
    "kind",
    "image",
    "egress",
    "port",
    "library",
    "title",
    "memory",
    "cpus",
    "log_level",
    "environment",
    "guide",
    "settings",
    "resources",
    "prune",
)
INDEXER_KEYS = ("name", "url", "api_path", "api_key", "priority", "sync_profile", "tags", "enable", "fields")
#: Above info the applications write no failed sign-in, and nothing could be banned by it.
LOG_LEVELS = ("info", "debug", "trace")
SYNC_LEVELS = ("disabled", "addOnly", "fullSync")

#: Unpackerr takes keys of this length alone, Exportarr none with other characters.
_KEY = re.compile(r"[0-9a-f]{32}")
_LIBRARY = re.compile(r"[a-z0-9_-]+")
#: The key of an indexer is kept in a file named after it.
_LONGEST = 40
_URL = re.compile(r"https?://[^\s/]+\S*")


def problems(settings: Settings) -> list[Problem]:
    """Return every value that cannot work. A value of a wrong type is told by the argument specification."""
    declared = settings.get("arr_instances")
    listed = [item for item in declared if isinstance(item, Mapping)] if isinstance(declared, list) else []
    found = [problem for index, item in enumerate(listed) for problem in _instance(f"arr_instances[{index}]", item)]
    found += _repeated_names(listed) + _repeated_libraries(listed) + _together_in_the_pod(settings, listed)
    found += _keys(settings.get("arr_api_keys"), {str(item.get("name")) for item in listed})
    found += _choice(settings, "arr_authentication", METHODS)
    found += _choice(settings, "arr_authentication_required", REQUIRED)
    found += _choice(settings, "arr_log_level", LOG_LEVELS)
    found += _choice(settings, "arr_sync_level", SYNC_LEVELS)
    found += _choice(settings, "arr_egress", ("direct", "vpn"))
    if "arr_username" in settings and not str(settings["arr_username"]).strip():
        found.append(Problem("arr_username", "is empty", "the name that you sign in with, such as admin"))
    found += _indexers(settings.get("arr_indexers"), settings.get("arr_sync_profiles"))
    return found


def _instance(place: str, item: Mapping[str, Any]) -> list[Problem]:
    name, kind = str(item.get("name") or ""), kind_name(item)
    found = [
        Problem(f"{place}.{key}", "is not known", _one_of(INSTANCE_KEYS)) for key in item if key not in INSTANCE_KEYS
    ]
    if not SERVICE_NAME.match(name):
        expected = "lower-case letters, digits and hyphens, such as sonarr-4k"
        return [*found, Problem(f"{place}.name", f"is {name!r}", expected)]
    if kind not in KINDS:
        reason = f"is {kind!r}" if kind else f"is not given, and {name!r} begins with the name of none"
        return [*found, Problem(f"{place}.kind", reason, _one_of(KINDS))]
    library = library_of(item)
    if library is None and (item.get("library") or item.get("title")):
        found.append(Problem(f"{place}.library", f"is given, and {kind} keeps none", "no library and no title"))
    elif library and not _LIBRARY.fullmatch(library["name"]):
        found.append(Problem(f"{place}.library", f"is {library['name']!r}", "a folder's name such as tv-4k"))
    if item.get("port") is not None and not is_port(item["port"]):
        found.append(Problem(f"{place}.port", f"is {item['port']!r}", "a port from 1 to 65535"))
    for key, choices in (("egress", ("direct", "vpn")), ("log_level", LOG_LEVELS)):
        if item.get(key) is not None and item[key] not in choices:
            found.append(Problem(f"{place}.{key}", f"is {item[key]!r}", _one_of(choices)))
    found += recyclarr_checks.guide_problems(f"{place}.guide", KINDS[kind].api, item.get("guide"))
    return found + own_problems(place, item)


def _repeated_names(listed: Iterable[Mapping[str, Any]]) -> list[Problem]:
    count = Counter(str(item.get("name")) for item in listed)
    return [
        Problem("arr_instances", f"has {number} instances named {name!r}", "a name of its own for each")
        for name, number in count.items()
        if number > 1
    ]


def _repeated_libraries(listed: Iterable[Mapping[str, Any]]) -> list[Problem]:
    """One library, one download category, one instance: two would import each other's downloads."""
    keepers: dict[str, list[str]] = {}
    for item in listed:
        library = library_of(item) if kind_name(item) in KINDS and item.get("name") else None
        if library:
            keepers.setdefault(library["name"], []).append(str(item["name"]))
    return [
        Problem("arr_instances", f"{' and '.join(names)} both keep library {library!r}", "a library for each")
        for library, names in keepers.items()
        if len(names) > 1
    ]


def _together_in_the_pod(settings: Settings, listed: Iterable[Mapping[str, Any]]) -> list[Problem]:
    """Behind the VPN all share one network, in which an application always listens on its usual port."""
    there: dict[int, list[str]] = {}
    for item in listed:
        if kind_name(item) in KINDS and (item.get("egress") or settings.get("arr_egress")) == "vpn":
            there.setdefault(KINDS[kind_name(item)].port, []).append(str(item.get("name")))
    return [
        Problem(
            "arr_instances", f"{' and '.join(names)} would both listen on {port} in the VPN pod", "one behind the VPN"
        )
        for port, names in there.items()
        if len(names) > 1
    ]


def _keys(given: Any, names: set[str]) -> list[Problem]:
    if not isinstance(given, Mapping):
        return []
    expected = "32 characters 0-9 and a-f"
    found = [
        Problem(f"arr_api_keys.{name}", "is no instance's name", _one_of(sorted(names)))
        for name in given
        if name not in names
    ]
    return found + [
        Problem(f"arr_api_keys.{name}", "is no key that every application takes", expected)
        for name, key in given.items()
        if key and not _KEY.fullmatch(str(key))
    ]


def _indexers(given: Any, profiles: Any) -> list[Problem]:
    listed = given if isinstance(given, list) else []
    known = {"standard", *(str(item.get("name")).lower() for item in profiles or () if isinstance(item, Mapping))}
    found = []
    for index, item in enumerate(listed):
        place = f"arr_indexers[{index}]"
        if not isinstance(item, Mapping):
            found.append(Problem(place, f"is a {type(item).__name__}", "a dictionary with name, url and api_key"))
            continue
        found += [
            Problem(f"{place}.{key}", "is not known", _one_of(INDEXER_KEYS)) for key in item if key not in INDEXER_KEYS
        ]
        if not str(item.get("name") or "").strip():
            found.append(Problem(f"{place}.name", "is missing", "the name that Prowlarr shows"))
        if not _URL.fullmatch(str(item.get("url") or "")):
            reason = f"is {item.get('url')!r}"
            found.append(Problem(f"{place}.url", reason, "the indexer's address such as https://indexer.net"))
        if not _priority(item.get("priority", 25)):
            found.append(Problem(f"{place}.priority", f"is {item['priority']!r}", "a whole number from 1 to 50"))
        if isinstance(item.get("fields"), Mapping):
            found += exposed(place, item["fields"])
        if str(item.get("sync_profile", "standard")).lower() not in known:
            reason = f"is {item['sync_profile']!r}"
            found.append(Problem(f"{place}.sync_profile", reason, "Standard, or a name in arr_sync_profiles"))
    names = Counter(slug(str(item.get("name"))) for item in listed if isinstance(item, Mapping))
    found += [
        Problem(
            "arr_indexers", f"has {number} entries named like {name!r}", "another name for each, in letters and digits"
        )
        for name, number in names.items()
        if number > 1
    ]
    return found + [
        Problem("arr_indexers", f"has a name of {len(name)} characters", f"a name of {_LONGEST} at most")
        for name in names
        if len(name) > _LONGEST
    ]


def _priority(value: Any) -> bool:
    return str(value).isdigit() and 1 <= int(value) <= 50


def _choice(settings: Settings, name: str, choices: Iterable[str]) -> list[Problem]:
    value = settings.get(name)
    return [] if value is None or value in choices else [Problem(name, f"is {value!r}", _one_of(choices))]


def _one_of(names: Iterable[str]) -> str:
    return "one of " + ", ".join(names)

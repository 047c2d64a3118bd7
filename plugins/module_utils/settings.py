# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of the settings that all roles share (media_*), against themselves and against the host."""

from __future__ import annotations

import ipaddress
import re
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import backups
from ansible_collections.homelab.media.plugins.module_utils.addressing import LONGEST, SHORTEST
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

HIGHEST_ID = 4294967294
NOBODY = (65534, 65535)

_ACCOUNT = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_CATEGORY = re.compile(r"[a-z0-9_-]+")
_PROJECT = re.compile(r"[a-z0-9][a-z0-9_-]*")
_PATH = re.compile(r"(/[A-Za-z0-9._+@-]+)+")
_UMASK = re.compile(r"0?0[0-7]{2}")
_SIZE = re.compile(r"^\d+(\.\d+)?[bkmg]b?$", re.IGNORECASE)
_DURATION = re.compile(r"^(\d+(ms|s|m|h))+$")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")

_PLACEHOLDERS = (
    (re.compile(r"(?<![a-z])change[_-]?me(?![a-z])", re.IGNORECASE), "CHANGE_ME"),
    (re.compile(r"^\s*<[^<>]*>\s*$"), "<...>"),
    (re.compile(r"(?<![a-z0-9-])example\.invalid(?![a-z0-9-])", re.IGNORECASE), "example.invalid"),
)


def problems(
    settings: Mapping[str, Any], host: Mapping[str, Any] | None = None, zones: set[str] | None = None
) -> list[Problem]:
    """Return all that is wrong with the shared settings; a setting that is not given is not checked.

    host: the answer of media_host_info, when the host was asked already.
    zones: the time zones that the controller knows, looked up when not given.
    """
    checks = {
        "media_root": path_problems,
        "media_data": path_problems,
        "media_mounts": mounts_problems,
        "media_user": account_problems,
        "media_group": account_problems,
        "media_puid": number_problems,
        "media_pgid": number_problems,
        "media_umask": umask_problems,
        "media_categories": category_problems,
        "media_domain": domain_problems,
        "media_lan_subnets": subnet_problems,
        "media_ipv6": switch_problems,
        "media_project": project_problems,
        "media_backups": backups.problems,
        "media_ipv4_prefix": prefix4_problems,
        "media_ipv6_prefix": prefix_problems,
        "media_memory_limit": size_problems,
        "media_log_max_size": size_problems,
        "media_stop_grace_period": duration_problems,
    }
    found = [problem for name, check in checks.items() if name in settings for problem in check(name, settings[name])]
    if "media_timezone" in settings:
        known = zoneinfo.available_timezones() if zones is None else zones
        found += zone_problems("media_timezone", settings["media_timezone"], host, known)
    found += prefix_clashes(settings)
    if host is not None:
        found += account_clashes(settings, host) + mount_problems(settings, host) + file_system_problems(settings, host)
    return found


def path_problems(name: str, value: Any) -> list[Problem]:
    expected = "an absolute path such as /opt/media, of letters, digits and . _ + @ -"
    if not isinstance(value, str) or not value.startswith("/"):
        return [Problem(name, f"{value!r} is no absolute path", expected)]
    if not _PATH.fullmatch(value):
        reason = f"{value!r} is the root, ends with /, or has characters that Compose or systemd read otherwise"
        return [Problem(name, reason, expected)]
    if {".", ".."} & set(value.split("/")):
        return [Problem(name, f"{value!r} leads over . or ..", expected)]
    return []


def mounts_problems(name: str, value: Any) -> list[Problem]:
    if not _is_list(value):
        return [Problem(name, f"{value!r} is no list", "a list of mount points such as [/data]")]
    return [problem for item in value for problem in path_problems(name, item)]


def account_problems(name: str, value: Any) -> list[Problem]:
    if not isinstance(value, str) or not _ACCOUNT.fullmatch(value) or value == "root":
        return [Problem(name, f"{value!r} cannot be used", "a name such as media: lower case, and not root")]
    return []


def number_problems(name: str, value: Any) -> list[Problem]:
    expected = "a whole number from 1 up, such as 1000"
    number = as_number(value)
    if number is None:
        return [Problem(name, f"{value!r} is no whole number", expected)]
    if number == 0:
        return [Problem(name, "0 is root, and nothing here runs as root", expected)]
    if not 0 < number <= HIGHEST_ID or number in NOBODY:
        return [Problem(name, f"{number} is nobody's number, or no number of an account", expected)]
    return []


def umask_problems(name: str, value: Any) -> list[Problem]:
    expected = "three octal digits in quotes, the first 0, such as '002'"
    if not isinstance(value, str):
        return [Problem(name, f"{value!r} is not in quotes, and YAML reads 022 as 18", expected)]
    return (
        []
        if _UMASK.fullmatch(value)
        else [Problem(name, f"{value!r} is no octal mask, or shuts out the owner", expected)]
    )


def category_problems(name: str, value: Any) -> list[Problem]:
    expected = "a list such as [movies, tv, music, books], each of lower-case letters, digits, _ and -"
    if not _is_list(value) or not value:
        return [Problem(name, f"{value!r} names no category", expected)]
    wrong = [item for item in value if not isinstance(item, str) or not _CATEGORY.fullmatch(item)]
    twice = sorted({item for item in value if isinstance(item, str) and value.count(item) > 1})
    found = [Problem(name, f"{item!r} is no name of a category", expected) for item in wrong]
    return found + [Problem(name, f"{item!r} is in it more than once", expected) for item in twice]


def domain_problems(name: str, value: Any) -> list[Problem]:
    expected = "a domain in lower case, with no scheme, port or path, such as media.example.org"
    if value in (None, ""):
        return []
    labels = value.split(".") if isinstance(value, str) else []
    if len(labels) < 2 or len(value) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        return [Problem(name, f"{value!r} is no domain", expected)]
    if labels[-1].isdigit():
        return [Problem(name, f"{value!r} is an address", expected)]
    return []


def subnet_problems(name: str, value: Any) -> list[Problem]:
    expected = "a list of networks such as ['192.168.1.0/24', 'fd00:1::/64']"
    if not _is_list(value):
        return [Problem(name, f"{value!r} is no list", expected)]
    found = []
    for item in value:
        try:
            network = ipaddress.ip_network(item) if "/" in str(item) else None
        except ValueError as error:
            found.append(Problem(name, f"{item!r} is no network ({error})", expected))
            continue
        if network is None:
            found.append(Problem(name, f"{item!r} has no prefix length", expected))
        elif network.prefixlen < (8 if network.version == 4 else 32):
            reason = f"{item!r} is most of the internet, and what is behind the VPN may reach these networks without it"
            found.append(Problem(name, reason, expected))
    return found


def switch_problems(name: str, value: Any) -> list[Problem]:
    return [] if isinstance(value, bool) else [Problem(name, f"{value!r} is no switch", "true or false")]


def prefix_problems(name: str, value: Any) -> list[Problem]:
    try:
        right = ipaddress.IPv6Network(str(value)).prefixlen == 48
    except ValueError:
        right = False
    return [] if right else [Problem(name, f"is {value!r}", "an IPv6 network of /48, such as fd6d:6564:6961::/48")]


def prefix4_problems(name: str, value: Any) -> list[Problem]:
    expected = f"a private IPv4 network of /{SHORTEST} to /{LONGEST}, such as 10.213.0.0/16"
    try:
        network = ipaddress.IPv4Network(str(value))
    except ValueError:
        return [Problem(name, f"is {value!r}", expected)]
    if not network.is_private or not SHORTEST <= network.prefixlen <= LONGEST:
        return [Problem(name, f"is {value!r}", expected)]
    return []


def prefix_clashes(settings: Mapping[str, Any]) -> list[Problem]:
    """Containers would look for the home network among themselves."""
    name, subnets = "media_ipv4_prefix", settings.get("media_lan_subnets", [])
    if name not in settings or prefix4_problems(name, settings[name]) or subnet_problems("media_lan_subnets", subnets):
        return []
    prefix = ipaddress.IPv4Network(settings[name])
    return [
        Problem(name, f"{prefix} overlaps {item} of media_lan_subnets", "a range that your home network does not use")
        for item in subnets
        if ipaddress.ip_network(item).version == 4 and prefix.overlaps(ipaddress.IPv4Network(item))
    ]


def size_problems(name: str, value: Any) -> list[Problem]:
    return [] if _SIZE.match(str(value)) else [Problem(name, f"is {value!r}", "a size such as 10m or 2g")]


def duration_problems(name: str, value: Any) -> list[Problem]:
    return [] if _DURATION.match(str(value)) else [Problem(name, f"is {value!r}", "a time such as 30s or 2m")]


def project_problems(name: str, value: Any) -> list[Problem]:
    if isinstance(value, str) and _PROJECT.fullmatch(value):
        return []
    return [Problem(name, f"{value!r} is no name of a Compose project", "lower-case letters, digits, _ and -")]


def zone_problems(name: str, value: Any, host: Mapping[str, Any] | None, known: Iterable[str]) -> list[Problem]:
    """A time zone is right when the controller or the host knows it; where neither has a list, it is let pass."""
    known = set(known)
    on_host = None if host is None else host["time_zone"]
    if not isinstance(value, str) or (value not in known and not on_host and (known or on_host is False)):
        return [Problem(name, f"{value!r} is no time zone", "a name such as Europe/Berlin or Etc/UTC")]
    return []


def account_clashes(settings: Mapping[str, Any], host: Mapping[str, Any]) -> list[Problem]:
    """Say when the wanted numbers belong to others, or the wanted names have other numbers."""
    found = []
    accounts = host["accounts"]
    pairs = (("media_user", "media_puid", "uids", "users"), ("media_group", "media_pgid", "gids", "groups"))
    for name_variable, number_variable, numbers, names in pairs:
        name, number = settings.get(name_variable), as_number(settings.get(number_variable))
        owner = accounts[numbers].get(str(number))
        # Root's number is refused whoever has it: no name makes it right.
        if owner is not None and owner != name and number != 0:
            reason = f"{number} belongs to {owner!r} on the host already"
            found.append(Problem(number_variable, reason, f"a free number, or {name_variable}: {owner}"))
        current = accounts[names].get(name)
        if current is not None and number and current != number:
            reason = f"{name!r} has the number {current} on the host already"
            found.append(Problem(name_variable, reason, f"{number_variable}: {current}, or another name"))
    return found


def mount_problems(settings: Mapping[str, Any], host: Mapping[str, Any]) -> list[Problem]:
    return [
        Problem("media_mounts", f"nothing is mounted at {path}", "the disk mounted, or the path taken out of the list")
        for path in settings.get("media_mounts") or ()
        if host["mounts"].get(path) is False
    ]


def file_system_problems(settings: Mapping[str, Any], host: Mapping[str, Any]) -> list[Problem]:
    """Downloads and library have to share a file system: an import is a hard link, and no link leaves one."""
    downloads, library = data_folders(settings.get("media_data"))
    first, second = host["paths"].get(downloads), host["paths"].get(library)
    if not first or not second:
        return []
    if (first["device"], first["mount_id"]) == (second["device"], second["mount_id"]):
        return []
    reason = f"{_place(downloads, first)} and {_place(library, second)} are two file systems, which no hard link joins"
    return [
        Problem("media_data", reason, f"one file system that holds both, such as one disk at {settings['media_data']}")
    ]


def data_folders(data: Any) -> tuple[str, str]:
    """Return where downloads and library are, below media_data."""
    return f"{data}/usenet", f"{data}/media"


def placeholders(values: Mapping[str, Any]) -> list[Problem]:
    """Find placeholders left in any text of the variables; the texts may be secret, and are never told."""
    return [
        Problem(path, f"still holds the placeholder {token}", "your own value")
        for name, value in values.items()
        for path, text in walk(name, value)
        for pattern, token in _PLACEHOLDERS
        if pattern.search(text)
    ]


def walk(path: str, value: Any) -> Iterable[tuple[str, str]]:
    """Yield every text in nested data with its path, such as nzbget_news_servers[0].password."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from walk(f"{path}.{key}", item)
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        for index, item in enumerate(value):
            yield from walk(f"{path}[{index}]", item)


def as_number(value: Any) -> int | None:
    """Return a whole number, also one in quotes; true and false are none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]+", value) else None


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _place(path: str, facts: Mapping[str, Any]) -> str:
    return f"{path} (in {facts['mount_point']}, {facts['fs_type']} on {facts['source']})"

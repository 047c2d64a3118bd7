# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fail2Ban's jails, made of the logs that services declare, and what its container is given."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

Settings = Mapping[str, Any]

#: The action of the role's own: it shuts out from the host and from its containers, at every port.
ACTION = "media-drop"
#: Where the jail for those who come back finds each ban.
HISTORY = "/data/log/bans.log"
#: Where sshd tells who failed, unless it is a file.
JOURNAL = "journal"
OFF = ("off", False)  # YAML reads the bare word as the second
#: Units and programs that speak for sshd: its name is another one with socket activation, and since OpenSSH 9.8.
SSHD_JOURNAL = "_SYSTEMD_UNIT=ssh.service + _SYSTEMD_UNIT=sshd.service + _COMM=sshd + _COMM=sshd-session"
LOOPBACK = ("127.0.0.0/8", "::1/128")

#: Programs with an old key are refused as people with a wrong password are, and ask again without being told to.
PATIENCE = {"npm": 10}

#: The filters that come with the role.
FILTERS = ("authelia", "grafana", "npm", "nzbget", "servarr")

_DURATION = re.compile(r"(\d+)\s*(s|m|h|d|w)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def seconds(value: Any) -> int | None:
    """Return a duration such as 600, 10m or 1d 12h in seconds; None if it is none."""
    text = str(value).strip()
    if isinstance(value, bool):
        return None
    if text.isdigit():
        return int(text)
    if not text or _DURATION.sub("", text).strip():
        return None
    return sum(int(number) * _SECONDS[unit] for number, unit in _DURATION.findall(text))


def never(settings: Settings) -> list[str]:
    """Return the networks that nobody is banned of: the host's own, the home's, and what a person adds.

    A container that sees every client under its network's gateway would otherwise have all of them shut out at once.
    """
    found = [*LOOPBACK, *settings["media_lan_subnets"], settings["media_ipv4_prefix"]]
    if settings["media_ipv6"]:
        found.append(settings["media_ipv6_prefix"])
    found += settings["fail2ban_ignore"]
    return list(dict.fromkeys(str(ipaddress.ip_network(str(entry), strict=False)) for entry in found))


def jails(
    logs: Mapping[str, Mapping[str, Any]], settings: Settings, networks: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, str]]:
    """Return the options of every jail, DEFAULT among them.

    logs: by service, where it tells who failed to sign in, and the filter that reads it.
    networks: those of the stack. A gateway of one of them is whoever comes masked.
    """
    found = {"DEFAULT": _default(settings, networks)}
    if settings["fail2ban_sshd"] not in OFF:
        found["sshd"] = {"filter": "sshd", **_sshd(settings["fail2ban_sshd"])}
    for service, log in logs.items():
        found[service] = {"filter": log["filter"], "logpath": f"{settings['media_root']}/{log['path']}"}
        if log["filter"] in PATIENCE:
            found[service]["maxretry"] = str(PATIENCE[log["filter"]])
    if settings["fail2ban_recidive"]:
        found["recidive"] = {
            "filter": "recidive",
            "logpath": HISTORY,
            **{key: str(settings[f"fail2ban_recidive_{key}"]) for key in ("bantime", "findtime", "maxretry")},
            "bantime.increment": "false",
        }
    for name, options in found.items():
        if name != "DEFAULT":
            own = settings["fail2ban_jails"].get(name) or {}
            options.update({key: _text(value) for key, value in {"enabled": True, **own}.items()})
    return found


def _default(settings: Settings, networks: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    ranges = [item for network in networks.values() for item in (network.get("ipam") or {}).get("config") or ()]
    action = f"{ACTION}[name=%(__name__)s]"
    return {
        "bantime": str(settings["fail2ban_bantime"]),
        "findtime": str(settings["fail2ban_findtime"]),
        "maxretry": str(settings["fail2ban_maxretry"]),
        "bantime.increment": _text(settings["fail2ban_bantime_increment"]),
        "bantime.maxtime": str(settings["fail2ban_bantime_maximum"]),
        "ignoreself": "true",
        "ignoreip": " ".join(dict.fromkeys([*never(settings), *(item["subnet"] for item in ranges)])),
        # A name is looked up where an attacker may answer.
        "usedns": "no",
        "backend": "polling",
        # All three: which one holds when a jail says nothing is another one in each distribution and version.
        "banaction": ACTION,
        "banaction_allports": ACTION,
        "action": action,
    }


def _sshd(source: str) -> dict[str, str]:
    if source == JOURNAL:
        return {"backend": "systemd", "journalmatch": SSHD_JOURNAL}
    return {"logpath": source}


def logs_of(options: Mapping[str, Mapping[str, str]]) -> dict[str, list[str]]:
    """Return the jails that are on, each with the logs that it waits for: none, or patterns of paths on the host."""
    return {
        name: [] if entries.get("logpath", HISTORY) == HISTORY else entries["logpath"].split()
        for name, entries in options.items()
        if name != "DEFAULT" and entries["enabled"] == "true"
    }


def services(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return Fail2Ban as a service. The logs of other services are mounted where all of them are known."""
    root, config = settings["media_root"], f"{settings['media_root']}/config/fail2ban"
    service = {
        "image": settings["fail2ban_image"],
        # Here are the packets to the host, and those to its containers with the address that they came from.
        "network_mode": "host",
        # The third: logs belong to those who write them, and some can be read by nobody else.
        "cap_add": ["NET_ADMIN", "NET_RAW", "DAC_OVERRIDE"],
        "command": ["python3", "/config/start.py"],
        "environment": {
            # Most logs tell no time zone. Read in another one than it was written in, a line is too old or yet to come.
            "TZ": settings["media_timezone"],
            "F2B_LOG_LEVEL": settings["fail2ban_log_level"],
            "F2B_DB_PURGE_AGE": settings["fail2ban_database_age"],
            "IPTABLES_MODE": settings["fail2ban_iptables_mode"],
            "BANS_LOOK_EVERY": settings["fail2ban_look_every"],
            "BANS_NEVER": " ".join(never(settings)),
        },
        "volumes": [
            f"{root}/state/fail2ban:/data",
            *(f"{config}/{kind}.d:/data/{kind}.d:ro" for kind in ("action", "filter", "jail")),
            f"{config}:/config:ro",
            *_host_logs(settings["fail2ban_sshd"]),
        ],
        "healthcheck": {
            "test": ["CMD", "fail2ban-client", "ping"],
            "interval": "30s",
            "timeout": "5s",
            "retries": 3,
            "start_period": "60s",
            "start_interval": "1s",
        },
        "x-media": {
            "egress": "direct",
            "state": ["state/fail2ban"],
            # The collector counts its bans.
            "api": {"kind": "fail2ban"},
            "reads_auth_logs": True,
            "portal": {"title": "Fail2Ban", "section": "Front door", "text": "Shuts on who knocks too often"},
            "limits": {"memory": settings["fail2ban_memory"], "cpus": settings["fail2ban_cpus"]},
        },
    }
    return {"fail2ban": service}


def _host_logs(source: Any) -> list[str]:
    """Return what is mounted of the host's own logs."""
    if source in OFF:
        return []
    if source == JOURNAL:
        # The folders above: the engine would make the journal's own, which tells journald to keep it on disk from then.
        return ["/var/log:/var/log:ro", "/run/log:/run/log:ro", "/etc/machine-id:/etc/machine-id:ro"]
    folder = str(source).rpartition("/")[0]
    return [f"{folder}:{folder}:ro"]


def files(settings: Settings) -> list[dict[str, Any]]:
    """Return the files of the role: its programs, jails, filters and action, and a person's own filters."""
    own = [f"files/{name}" for name in ("firewall.py", "server.py", "start.py", "action.d/media-drop.conf")]
    own += [f"files/filter.d/{name}.conf" for name in FILTERS] + ["files/filter.d/sshd.local"]
    found = [_file(source[len("files/") :], source=source) for source in own]
    found.append(_file("jail.d/media.conf", template="jails.conf.j2"))
    extra = settings["fail2ban_extra_filters"]
    return found + [_file(f"filter.d/{name}.conf", content=text) for name, text in extra.items()]


def _file(path: str, **source: str) -> dict[str, Any]:
    return {"path": f"config/fail2ban/{path}", "service": "fail2ban", **source}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked of the running Fail2Ban, by its own socket: who is banned, and to let somebody in again.

As a program it prints JSON: "list", "count", or "lift ADDRESS [JAIL]".
"""

from __future__ import annotations

import json
import sys
from typing import Any

SOCKET = "/var/run/fail2ban/fail2ban.sock"


def ask(*words: str) -> Any:
    """Return Fail2Ban's answer to a command."""
    # Only the image has this package.
    from fail2ban.client.csocket import CSocket

    socket = CSocket(SOCKET)
    try:
        code, answer = socket.send(list(words))
    finally:
        socket.close()
    if code != 0:
        raise RuntimeError(str(answer))
    return answer


def jails() -> list[str]:
    """Return the names of the jails that run."""
    names = dict(ask("status"))["Jail list"]
    return sorted(name.strip() for name in names.split(",") if name.strip())


def bans() -> list[dict[str, str]]:
    """Return every ban: its jail, the address, and from when to when, in the time zone of the container."""
    found = []
    for jail in jails():
        for line in ask("get", jail, "banip", "--with-time"):
            address, _tab, times = line.partition("\t")
            since, _plus, rest = times.partition(" + ")
            seconds, _equals, until = rest.partition(" = ")
            never = seconds.strip().startswith("-")
            entry = {"jail": jail, "address": address.strip(), "since": since.strip()}
            found.append({**entry, "until": "" if never else until.strip()})
    return found


def counts() -> dict[str, dict[str, int]]:
    """Return how many addresses each jail keeps out now, and how many bans it has spoken since the start."""
    found = {}
    for jail in jails():
        actions = dict(dict(ask("status", jail))["Actions"])
        found[jail] = {"banned": int(actions["Currently banned"]), "total": int(actions["Total banned"])}
    return found


def lift(address: str, jail: str = "") -> int:
    """Let the address in again, everywhere or in one jail; return how many bans there were."""
    return int(ask("set", jail, "unbanip", address) if jail else ask("unban", address))


if __name__ == "__main__":
    if sys.argv[1] == "lift":
        print(json.dumps({"lifted": lift(*sys.argv[2:])}))
    elif sys.argv[1] == "count":
        print(json.dumps(counts()))
    else:
        print(json.dumps({"jails": jails(), "bans": bans()}))

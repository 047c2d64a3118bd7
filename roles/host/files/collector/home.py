# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host's own public address, which is where no tunnel should come out. Asked for four times an hour."""

from __future__ import annotations

import ipaddress
import time

from . import web
from .findings import Findings, Trouble
from .memory import Memory

SECTION = "home"
#: Seconds after which it is asked for again, and after which what was said is too old to count.
EVERY, OLD = 900, 3600
SECONDS = 5.0


def collect(_found: Findings, memory: Memory, url: str) -> None:
    """Keep the address in mind, for the next look at the tunnel."""
    known = memory.get(SECTION)
    if 0 <= time.time() - known.get("asked", 0) < EVERY:
        if known.get("failed"):
            raise Trouble(known["failed"])
        return
    memory.put(SECTION, {**known, "asked": time.time(), "failed": "no answer"})
    try:
        # The tunnel tells its IPv4 address, and only one of the same version can be compared with it.
        where, path = web.connection(url, SECONDS, ipv4=True)
        # Some of the pages that tell an address make a picture of it for browsers.
        headers = {"User-Agent": "curl/8", "Accept": "text/plain, */*"}
        page = web.fetch(where, web.Request("the page that tells the host's address", path, headers=headers))
        address = str(ipaddress.ip_address(page[:64].decode("ascii", "replace").strip()))
    except (Trouble, ValueError) as error:
        failed = str(error) if isinstance(error, Trouble) else "the page that should tell the host's address does not"
        memory.put(SECTION, {**known, "asked": time.time(), "failed": failed})
        raise Trouble(failed) from None
    memory.put(SECTION, {"asked": time.time(), "failed": "", "address": address, "told": time.time()})


def is_home(memory: Memory, address: str) -> bool | None:
    """Tell whether an address is the host's own; nothing where that is not known, or of the other IP version."""
    known = memory.get(SECTION)
    if not known.get("address") or not 0 <= time.time() - known["told"] < OLD:
        return None
    try:
        mine, other = ipaddress.ip_address(known["address"]), ipaddress.ip_address(address)
    except ValueError:
        return None
    return mine == other if mine.version == other.version else None

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The VPN: its pod, its client, its tenants, where the tunnel comes out, and what the rules have stopped."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any, Optional

from . import files, guard, home, namespace, web
from .containers import UP, Containers, moment, state
from .findings import Findings, Trouble
from .memory import Memory

#: Seconds for nft, and for each question to the client.
GUARD, CONTROL = 2.0, 2.0
#: The pod looks at its rules every ten seconds. What it said longer ago than this is not so any more.
OLD = 120

#: What the engine tells of a container, if there is one.
Inspected = Optional[Mapping[str, Any]]

#: A line of the pod's own check.
_LINE = re.compile(r"^IPv([46]): (in force(?:, (\d+) packets stopped)?|NOT in force)", re.MULTILINE)


def collect(found: Findings, containers: Containers, memory: Memory, config: Mapping[str, Any], root: str) -> None:
    """Tell of the VPN. config: its part of the configuration."""
    seen = containers.all()
    pod, client = seen.get(config["pod"]), seen.get(config["client"])
    network = _network(pod)
    found.tell("vpn", {"up": False, "country": ""})
    found.add("media_vpn_pod_up", state(pod) == UP)
    for name in config["tenants"]:
        inside = network != 0 and _network(seen.get(name)) == network
        found.add("media_vpn_tenant_up", inside and state(seen.get(name)) == UP, service=name)
    troubles = []
    for step in (lambda: _rules(found, pod), lambda: _tunnel(found, pod, client, memory, config, root)):
        try:
            step()
        except Trouble as trouble:
            troubles.append(str(trouble))
    if troubles:
        raise Trouble("; ".join(troubles))


def _network(inspected: Inspected) -> int:
    return namespace.inode(int(inspected["State"].get("Pid") or 0)) if inspected else 0


def _rules(found: Findings, pod: Inspected) -> None:
    """Tell of the rules of the pod, which its health check looks at, and of the host's own."""
    held = _pod_rules(found, pod)
    if not held:
        found.add("media_vpn_rules_loaded", False)
    around = guard.look(GUARD)
    for chain, packets in around.packets.items():
        found.add("media_vpn_guard_packets_total", packets, chain=chain)
    found.add("media_vpn_rules_loaded", held and around.in_force)


def _pod_rules(found: Findings, pod: Inspected) -> bool:
    """Tell what the pod's last look at its own rules has said, and return whether they are known to be in force."""
    if not pod or pod["State"]["Status"] != "running":
        return False
    looks = (pod["State"].get("Health") or {}).get("Log") or []
    when = moment(looks[-1].get("End", "")) if looks else None
    if when is None:
        return False
    found.add("media_vpn_checked_timestamp_seconds", when)
    lines = _LINE.findall(looks[-1].get("Output") or "")
    for family, _said, packets in lines:
        if packets:
            found.add("media_vpn_stopped_packets_total", int(packets), family=f"ipv{family}")
    fresh = time.time() - when < OLD
    return fresh and bool(lines) and all(said.startswith("in force") for _family, said, _packets in lines)


def _tunnel(
    found: Findings, pod: Inspected, client: Inspected, memory: Memory, config: Mapping[str, Any], root: str
) -> None:
    """Ask the client for its tunnel, over its control server inside the pod."""
    # Until the client says otherwise.
    found.add("media_vpn_up", False)
    if not pod or state(client) != UP:
        return
    control = _Control(int(pod["State"]["Pid"]), config["control"], files.secret(root, config["key"]))
    if control.ask("/v1/vpn/status").get("status") != "running":
        return
    found.add("media_vpn_up", True)
    found.tell("vpn", {"up": True, "country": ""})
    told = control.ask("/v1/publicip/ip")
    address, country = str(told.get("public_ip") or ""), str(told.get("country") or "")
    if not address:
        return
    found.tell("vpn", {"up": True, "country": country})
    found.add("media_vpn_exit_info", 1, address=address, country=country)
    is_home = home.is_home(memory, address)
    if is_home is not None:
        found.add("media_vpn_exit_is_home", is_home)


class _Control:
    """The control server of the client. Its key opens the few questions that one may ask, and nothing else."""

    def __init__(self, pid: int, address: str, key: str) -> None:
        host, _colon, port = address.rpartition(":")
        self._pid, self._address = pid, (host.strip("[]") or "127.0.0.1", int(port))
        self._headers = {"X-API-Key": key}

    def ask(self, path: str) -> dict[str, Any]:
        sock = namespace.connect(self._pid, self._address, CONTROL)
        answer = web.ask(web.through(sock, CONTROL), web.Request("the VPN client", path, headers=self._headers))
        if not isinstance(answer, dict):
            raise Trouble("the VPN client answers with something else than it should")
        return answer

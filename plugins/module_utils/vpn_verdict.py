# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was seen of the VPN pod, and whether it is as it must be. Nothing here asks anything."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field

from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

_EXTERNAL = re.compile(r"ExtServers: \[([^\]]*)\]")
_COUNTED = re.compile(r"counter packets (\d+) bytes \d+")


@dataclass(frozen=True)
class Seen:
    """One container: its state and health in the engine's words, and whether it is in the pod's namespace."""

    state: str = "absent"
    health: str = ""
    inside: bool = False

    @property
    def well(self) -> bool:
        return self.state == "running" and self.health in ("", "healthy")

    def __str__(self) -> str:
        return " and ".join(word for word in (self.state, self.health) if word)


@dataclass(frozen=True)
class Answer:
    """What came back for a question: its text, or why there is none."""

    text: str = ""
    error: str = ""


@dataclass
class Observation:
    """What was seen.

    rules: what check.sh in the pod says; rules_error: that it failed.
    guard: the host's table as it is; guard_wanted: as the file makes it.
    resolv_conf: the one file that says where everybody in the pod looks up names.
    inside, outside: the page that tells the asker's address, asked in the pod and on the host, by IP version.
    status, reported: the control server's answers.
    """

    pod: Seen = field(default_factory=Seen)
    client: Seen = field(default_factory=Seen)
    tenants: dict[str, Seen] = field(default_factory=dict)
    rules: str = ""
    rules_error: str = ""
    guard: Answer = field(default_factory=Answer)
    guard_wanted: Answer = field(default_factory=Answer)
    resolv_conf: str = ""
    inside: dict[int, Answer] = field(default_factory=dict)
    outside: dict[int, Answer] = field(default_factory=dict)
    status: Answer = field(default_factory=Answer)
    reported: Answer = field(default_factory=Answer)


def judge(seen: Observation) -> list[Problem]:
    """Return what is not as it must be."""
    if seen.pod.state != "running":
        return [Problem("vpn-pod", f"is {seen.pod}", "running and healthy: without it nothing behind the VPN runs")]
    found = []
    if not seen.pod.well:
        found.append(Problem("vpn-pod", f"is {seen.pod}", "healthy, which is when its kill switch is in force"))
    if seen.rules_error or not seen.rules:
        reason = f"is not in force ({seen.rules_error or 'nothing is told of it'})"
        found.append(Problem("kill switch", reason, "its rules, untouched"))
    found += _guard_problems(seen)
    found += _name_problems(seen.resolv_conf)
    found += _tenant_problems(seen)
    found += _client_problems(seen)
    found += _address_problems(seen)
    return found


def _guard_problems(seen: Observation) -> list[Problem]:
    expected = "the rules of guard.nft, which `systemctl restart media-guard` loads"
    if seen.guard_wanted.error:
        return [Problem("guard.nft", f"cannot be loaded ({seen.guard_wanted.error})", "a file as the role makes it")]
    if seen.guard.error or not seen.guard.text:
        reason = f"is not on the host ({seen.guard.error or 'nothing is told of it'})"
        return [Problem("table inet media_guard", reason, expected)]
    if stateless(seen.guard.text) != stateless(seen.guard_wanted.text):
        return [Problem("table inet media_guard", "is not as guard.nft makes it", expected)]
    return []


def _name_problems(resolv_conf: str) -> list[Problem]:
    names = lookups(resolv_conf)
    found = []
    if names["by_host"]:
        reason = f"passes questions on from the host's own network, to {', '.join(names['by_host'])}"
        found.append(Problem("Docker's name server", reason, "dns of the vpn-pod as the role declares it"))
    home = [server for server in names["servers"] if _is_private(server)]
    if not names["servers"]:
        found.append(Problem("resolv.conf", "names no name server", "that of the VPN client"))
    if home and not names["own"]:
        # Not a leak: the kill switch stops it. But nothing in the pod can look up a name.
        reason = f"names {', '.join(home)}, which may be outside the tunnel"
        found.append(Problem("resolv.conf", reason, "the VPN client's own, 127.0.0.1, or vpn_dns_address"))
    return found


def _tenant_problems(seen: Observation) -> list[Problem]:
    found = []
    for name, tenant in sorted(seen.tenants.items()):
        if tenant.state != "running":
            found.append(Problem(name, f"is {tenant}", "running, in the VPN pod"))
        elif not tenant.inside:
            found.append(Problem(name, "is not in the VPN pod's network namespace", "network_mode: service:vpn-pod"))
    return found


def _client_problems(seen: Observation) -> list[Problem]:
    if seen.client.state != "running":
        return [Problem("vpn", f"is {seen.client}", "running and healthy; its log says why not")]
    found = []
    if not seen.client.inside:
        found.append(Problem("vpn", "is not in the VPN pod's network namespace", "network_mode: service:vpn-pod"))
    if not seen.client.well:
        found.append(Problem("vpn", f"is {seen.client}", "healthy; its log says why not"))
    if seen.status.error:
        found.append(Problem("vpn", f"its control server does not answer ({seen.status.error})", "status running"))
    elif '"running"' not in seen.status.text:
        found.append(Problem("vpn", f"says of its tunnel: {seen.status.text.strip()[:80]}", "status running"))
    return found


def _address_problems(seen: Observation) -> list[Problem]:
    found = []
    for version, answer in sorted(seen.inside.items()):
        inside, outside = address(answer), address(seen.outside.get(version, Answer()))
        if inside and inside == outside:
            reason = f"what is behind the VPN is seen as {inside}, which is the host's own address"
            found.append(Problem("egress", reason, "an address of the provider's"))
        elif version == 4 and not inside:
            found.append(Problem("egress", f"there is no way out ({answer.error or 'no address told'})", "the tunnel"))
    return found


def leaking(seen: Observation) -> bool:
    """Tell whether somebody outside sees the pod under the host's address."""
    return any(problem.variable == "egress" and "host's own" in problem.reason for problem in _address_problems(seen))


def address(answer: Answer) -> str:
    """Return the first IP address in a text, or nothing."""
    for word in re.findall(r"[0-9A-Fa-f:.]{3,45}", answer.text):
        try:
            return str(ipaddress.ip_address(word.strip(".")))
        except ValueError:
            continue
    return ""


def lookups(resolv_conf: str) -> dict[str, list[str]]:
    """Say where names are looked up: servers as the file lists them, own for those inside the pod, passes_on for
    those that Docker's name server asks in turn, and by_host for those of them that it asks from the host's network."""
    servers = [line.split()[1] for line in resolv_conf.splitlines() if re.match(r"nameserver\s+\S", line)]
    listed = _EXTERNAL.search(resolv_conf)
    external = listed[1].split() if listed else []
    by_host = [entry[len("host(") : -1] for entry in external if entry.startswith("host(")]
    passes_on = [entry for entry in external if not entry.startswith("host(")]
    own = [server for server in servers if server.startswith("127.") or server == "::1"]
    return {"servers": servers, "own": own, "passes_on": passes_on, "by_host": by_host}


def stateless(table: str) -> str:
    """Return a listed nftables table without what its counters have counted."""
    return _COUNTED.sub("counter", table).strip()


def stopped(table: str) -> int:
    """Return how many packets the counters of a listed table have counted."""
    return sum(int(count) for count in _COUNTED.findall(table))


def _is_private(server: str) -> bool:
    try:
        parsed = ipaddress.ip_address(server)
    except ValueError:
        return True
    return parsed.is_private and not parsed.is_loopback

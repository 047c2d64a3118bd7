# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bans on the kernel, with real packets. Needs root and iptables.

client 192.0.2.7, .8, 2001:db8::7, ::8 --- host 192.0.2.1, 2001:db8::1
"""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from tests.bed.shell import wait_for
from tests.unit.real_host import need_root

PROGRAM = Path(__file__).resolve().parents[4] / "roles" / "fail2ban" / "files" / "firewall.py"
GUILTY, INNOCENT, GUILTY6, INNOCENT6 = "192.0.2.7", "192.0.2.8", "2001:db8::7", "2001:db8::8"
HOST, HOST6 = "192.0.2.1", "2001:db8::1"

_NUMBERS = itertools.count()

#: What start.py does at each look, with the bans that Fail2Ban would tell of.
REPAIR = """
import json, sys
import firewall
wanted = [(jail, firewall.network(address)) for jail, address in json.loads(sys.argv[1])]
print(firewall.repair(wanted, firewall.see()))
"""


#: Nobody listens: whose packet arrives is refused.
KNOCK = """
import socket, sys
try:
    socket.create_connection((sys.argv[2], 9), timeout=1, source_address=(sys.argv[1], 0))
except ConnectionRefusedError:
    print("answered")
except TimeoutError:
    print("dropped")
"""


@dataclass(frozen=True)
class Lab:
    """A host and its client, each a network namespace."""

    host: str
    client: str

    def run(self, *command: str, where: str = "", never: str = "", check: bool = True) -> str:
        inside = [
            "ip",
            "netns",
            "exec",
            where or self.host,
            "env",
            f"BANS_NEVER={never}",
            f"PYTHONPATH={PROGRAM.parent}",
        ]
        done = subprocess.run([*inside, *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout

    def firewall(self, *words: str, never: str = "") -> str:
        return self.run(sys.executable, str(PROGRAM), *words, never=never)

    def repair(self, wanted: str, never: str = "") -> int:
        return int(self.run(sys.executable, "-c", REPAIR, wanted, never=never))

    def rules(self, program: str = "iptables") -> list[str]:
        return [line for line in self.run(program, "-S").splitlines() if line.startswith("-A")]

    def gets_through(self, source: str) -> bool:
        target = HOST6 if ":" in source else HOST
        return self.run(sys.executable, "-c", KNOCK, source, target, where=self.client) == "answered\n"


@pytest.fixture
def lab() -> Iterator[Lab]:
    need_root()
    number = next(_NUMBERS)
    made = Lab(f"bans-host-{number}", f"bans-client-{number}")
    setup = [
        f"ip netns add {made.host}",
        f"ip netns add {made.client}",
        f"ip -n {made.host} link add eth0 type veth peer name eth0 netns {made.client}",
        f"ip -n {made.host} addr add {HOST}/24 dev eth0",
        f"ip -n {made.host} addr add {HOST6}/64 dev eth0 nodad",
        *(f"ip -n {made.client} addr add {address}/24 dev eth0" for address in (GUILTY, INNOCENT)),
        *(f"ip -n {made.client} addr add {address}/64 dev eth0 nodad" for address in (GUILTY6, INNOCENT6)),
        *(f"ip -n {name} link set eth0 up" for name in (made.host, made.client)),
    ]  # fmt: skip
    try:
        for line in setup:
            subprocess.run(line.split(), check=True)
        # A link that has just come up loses the first packets.
        for source in (GUILTY, INNOCENT, GUILTY6, INNOCENT6):
            wait_for(f"{source} gets through", partial(made.gets_through, source), seconds=20)
        yield made
    finally:
        for name in (made.host, made.client):
            subprocess.run(["ip", "netns", "del", name], check=False)


def engine(lab: Lab, program: str = "iptables") -> None:
    """Make the chain that the engine keeps."""
    for words in (["-N", "DOCKER-USER"], ["-A", "DOCKER-USER", "-j", "RETURN"], ["-I", "FORWARD", "-j", "DOCKER-USER"]):
        lab.run(program, *words)


def test_whoever_is_banned_does_not_get_through_and_nobody_else_is_hurt(lab: Lab) -> None:
    lab.firewall("ban", "sonarr", GUILTY)
    lab.firewall("ban", "sonarr", GUILTY6)
    found = {source: lab.gets_through(source) for source in (GUILTY, INNOCENT, GUILTY6, INNOCENT6)}
    assert found == {GUILTY: False, INNOCENT: True, GUILTY6: False, INNOCENT6: True}
    counted = [
        line.split() for line in lab.run("iptables", "-L", "INPUT", "-v", "-n", "-x").splitlines() if GUILTY in line
    ]
    assert int(counted[0][0]) > 0
    lab.firewall("unban", "sonarr", GUILTY)
    lab.firewall("unban", "sonarr", GUILTY6)
    assert lab.gets_through(GUILTY)
    assert lab.gets_through(GUILTY6)
    assert lab.rules() == lab.rules("ip6tables") == []


def test_a_ban_is_before_all_that_the_engine_forwards(lab: Lab) -> None:
    engine(lab)
    lab.firewall("ban", "sonarr", GUILTY)
    lab.firewall("ban", "sonarr", GUILTY)
    rule = f'-s {GUILTY}/32 -m comment --comment "fail2ban:sonarr" -j DROP'
    assert lab.rules() == [
        f"-A INPUT {rule}",
        "-A FORWARD -j DOCKER-USER",
        f"-A DOCKER-USER {rule}",
        "-A DOCKER-USER -j RETURN",
    ]  # fmt: skip


def test_without_the_engines_chain_it_is_where_packets_are_forwarded(lab: Lab) -> None:
    engine(lab)
    lab.firewall("ban", "sonarr", GUILTY6)
    assert [line.split()[1] for line in lab.rules("ip6tables")] == ["INPUT", "FORWARD"]
    assert lab.rules() == ["-A FORWARD -j DOCKER-USER", "-A DOCKER-USER -j RETURN"]


def test_each_jail_lifts_its_own_bans_alone(lab: Lab) -> None:
    engine(lab)
    lab.firewall("ban", "sonarr", GUILTY)
    lab.firewall("ban", "recidive", GUILTY)
    lab.firewall("ban", "sonarr", "203.0.113.0/24")
    lab.firewall("unban", "sonarr", GUILTY)
    assert not lab.gets_through(GUILTY)
    lab.firewall("lift", "sonarr")
    assert [line for line in lab.rules() if "sonarr" in line] == []
    assert not lab.gets_through(GUILTY)
    lab.firewall("lift", "recidive")
    assert lab.gets_through(GUILTY)
    lab.firewall("unban", "recidive", GUILTY)


def test_what_somebody_has_flushed_is_written_again(lab: Lab) -> None:
    lab.firewall("ban", "sonarr", GUILTY)
    lab.firewall("ban", "sonarr", GUILTY6)
    bans = f'[["sonarr", "{GUILTY}"], ["sonarr", "{GUILTY6}"]]'
    assert lab.repair(bans) == 0
    # The engine comes, and has its chain from now on.
    engine(lab)
    assert lab.repair(bans) == 1
    assert [line.split()[1] for line in lab.rules() if GUILTY in line] == ["INPUT", "FORWARD", "DOCKER-USER"]
    for program in ("iptables", "ip6tables"):
        lab.run(program, "-F")
    assert lab.gets_through(GUILTY)
    assert lab.repair(bans) == 2
    assert not lab.gets_through(GUILTY)
    assert not lab.gets_through(GUILTY6)
    assert lab.repair(bans) == 0


def test_a_rule_without_a_ban_goes_and_those_of_others_stay(lab: Lab) -> None:
    stranger = f"-A INPUT -s {INNOCENT}/32 -m comment --comment mine -j DROP"
    lab.run("iptables", *stranger.split())
    lab.firewall("ban", "sonarr", GUILTY)
    assert lab.repair("[]") == 1
    assert lab.rules() == [stranger]


def test_nobody_of_a_protected_network_is_banned_by_whatever_way(lab: Lab) -> None:
    never = "127.0.0.0/8 192.0.2.0/24 2001:db8::/64"
    for address in (GUILTY, GUILTY6, "192.0.0.0/16", "127.0.0.1"):
        assert "is not banned" in lab.firewall("ban", "sonarr", address, never=never)
    assert lab.repair(f'[["sonarr", "{GUILTY}"]]', never=never) == 0
    assert lab.rules() == lab.rules("ip6tables") == []
    lab.firewall("ban", "sonarr", "198.51.100.7", never=never)
    assert len(lab.rules()) == 2


def test_a_rule_that_cannot_be_written_is_an_error(lab: Lab) -> None:
    """Fail2Ban would count it as a ban otherwise."""
    command = [
        "ip",
        "netns",
        "exec",
        lab.host,
        "env",
        "PATH=/nowhere",
        sys.executable,
        str(PROGRAM),
        "ban",
        "sonarr",
        GUILTY,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "FirewallError: iptables: No such file or directory" in done.stderr

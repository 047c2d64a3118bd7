# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pod's scripts and the host's rules, on the kernel, with real packets. Needs root, busybox, iptables, nftables."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.homelab.media.plugins.module_utils.kill_switch import Endpoint

from tests.programs.roles.vpn import namespaces
from tests.programs.roles.vpn.namespaces import (
    BRIDGE,
    BRIDGE6,
    ELSEWHERE,
    ELSEWHERE6,
    HOST,
    MARK,
    NEIGHBOUR,
    NEIGHBOUR6,
    SERVER,
    Lab,
    wait_for,
)
from tests.unit.real_host import need_root

WORLD = pytest.mark.parametrize("where", [ELSEWHERE, ELSEWHERE6])


@pytest.fixture(scope="module")
def namespaces_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    need_root()
    with namespaces.lab(tmp_path_factory.mktemp("lab")) as made:
        yield made


@pytest.fixture
def lab(namespaces_of_all: Lab) -> Lab:
    namespaces_of_all.reset()
    return namespaces_of_all


@pytest.fixture
def held(lab: Lab) -> Iterator[Lab]:
    with lab.held():
        yield lab


# --- what goes out


@WORLD
@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_without_the_kill_switch_everything_goes_out(lab: Lab, where: str, kind: str) -> None:
    """The control: the packets that the other tests look for do arrive where nothing stops them."""
    assert lab.reaches("world", where, 443, kind)
    assert lab.reaches("world", where, 53, kind)


@WORLD
@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_with_it_nothing_does(held: Lab, where: str, kind: str) -> None:
    assert not held.reaches("world", where, 443, kind)
    assert not held.reaches("world", where, 53, kind)
    _status, said = held.finish("check.sh")
    stopped = said.splitlines()[0 if "." in where else 1]
    assert "in force, 0 packets" not in stopped


def test_but_the_tunnel_s_packets_to_its_server(held: Lab) -> None:
    assert held.reaches("world", SERVER.address, SERVER.port, mark=MARK)
    assert not held.reaches("world", SERVER.address, SERVER.port)
    assert not held.reaches("world", SERVER.address, SERVER.port, mark=1)
    assert not held.reaches("world", SERVER.address, 443, mark=MARK)
    assert not held.reaches("world", SERVER.address, SERVER.port, "tcp", mark=MARK)
    assert not held.reaches("world", ELSEWHERE, SERVER.port, mark=MARK)


@WORLD
def test_or_to_any_server_where_it_is_not_declared_but_never_to_a_name_server(lab: Lab, where: str) -> None:
    lab.rules(Endpoint("udp"))
    with lab.held():
        assert lab.reaches("world", where, 1194, mark=MARK)
        assert not lab.reaches("world", where, 1194)
        assert not lab.reaches("world", where, 53, mark=MARK)
        assert not lab.reaches("world", where, 853, mark=MARK)


def tunnel(lab: Lab) -> None:
    """Lay a tunnel from the pod, 10.64.0.2, to the world, 10.64.0.1."""
    lab.at("pod", "ip", "link", "add", "tun0", "type", "veth", "peer", "name", "tun", "netns", lab.name("world"))
    lab.at("world", "ip", "link", "set", "tun", "up")
    lab.at("pod", "ip", "link", "set", "tun0", "up")
    lab.at("pod", "ip", "address", "replace", "10.64.0.2/24", "dev", "tun0")
    lab.at("world", "ip", "address", "replace", "10.64.0.1/24", "dev", "tun")


def test_and_what_goes_into_the_tunnel(held: Lab) -> None:
    tunnel(held)
    assert held.reaches("world", "10.64.0.1", 53)
    assert held.reaches("world", "10.64.0.1", 443, "tcp")
    # Except what Docker's name server would pass on.
    held.at("pod", "ip", "route", "replace", "192.0.2.53/32", "dev", "tun0")
    assert not held.reaches("world", "192.0.2.53", 53)


def test_what_is_inside_the_pod_can_talk_to_itself(held: Lab) -> None:
    with held.listening("pod", "127.0.0.1", 8000):
        assert held.hears_hello("pod", "127.0.0.1", 8000)


def test_neighbours_are_reached_and_the_host_is_not(held: Lab) -> None:
    for where in (NEIGHBOUR, NEIGHBOUR6):
        assert held.reaches("friend", where, 8989)
        assert held.reaches("friend", where, 8989, "tcp")
        assert not held.reaches("friend", where, 53)
    for where in (BRIDGE, BRIDGE6):
        assert not held.reaches("friend", where, 8989)
    # Nobody at all in the network that leads out.
    held.at("host", "ip", "address", "replace", "172.30.0.9/24", "dev", "media-vpn")
    for where in (HOST, "172.30.0.9"):
        assert not held.reaches("host", where, 8989)
        assert not held.reaches("host", where, 53)


def test_the_home_network_is_reached_but_not_a_resolver_there(held: Lab) -> None:
    held.at("world", "ip", "address", "replace", "192.168.7.9/24", "dev", "eth0")
    held.at("host", "ip", "route", "replace", "192.168.7.0/24", "via", "203.0.113.7")
    assert held.reaches("world", "192.168.7.9", 445, "tcp")
    assert not held.reaches("world", "192.168.7.9", 53)
    assert not held.reaches("world", "192.168.7.9", 853, "tcp")


def test_who_asks_from_outside_is_answered(held: Lab) -> None:
    with held.listening("pod", "0.0.0.0", 6789):
        assert held.hears_hello("host", "172.30.0.2", 6789)
        assert held.hears_hello("friend", "172.31.0.2", 6789)
        assert held.hears_hello("world", "172.30.0.2", 6789)


@pytest.mark.parametrize("closed", [False, True])
def test_who_asked_through_the_tunnel_is_not_answered_beside_it(lab: Lab, closed: bool) -> None:
    """A port that the provider forwards: its connections are of the tunnel, and must end with it."""
    tunnel(lab)
    lab.at("world", "ip", "address", "replace", "198.18.0.9/32", "dev", "lo")
    lab.at("host", "ip", "route", "replace", "198.18.0.0/24", "via", "203.0.113.7")
    lab.at("pod", "ip", "route", "replace", "198.18.0.9/32", "dev", "tun0")
    question = ("import socket; asker = socket.socket(type=socket.SOCK_DGRAM); asker.bind(('198.18.0.9', 0)); "
                "asker.sendto(b'?', ('10.64.0.2', 7000))")  # fmt: skip
    with contextlib.ExitStack() as stack:
        if closed:
            stack.enter_context(lab.held())
        answer = stack.enter_context(
            lab.asked("10.64.0.2", 7000, lambda: lab.at("world", sys.executable, "-c", question))
        )
        lab.at("pod", "ip", "route", "delete", "198.18.0.9/32")
        before = lab.arrived("host")
        answer()
        assert (lab.arrived("host") > before) is not closed


# --- keeping it so


def test_rules_that_another_hand_removed_are_put_back(held: Lab) -> None:
    # On a busy machine they may be back before anybody looks.
    for _attempt in range(10):
        for tables in ("iptables", "ip6tables"):
            held.at("pod", tables, "-t", "mangle", "-F")
        seen = held.finish("check.sh")
        if seen == (1, "IPv4: NOT in force\nIPv6: NOT in force\n"):
            break
    else:
        pytest.fail(f"they were never seen to be gone: {seen}")
    took = wait_for("they are back", lambda: held.finish("check.sh")[0] == 0)
    assert took < 3
    assert not held.reaches("world", ELSEWHERE, 443)


def test_one_rule_too_many_is_taken_out_again(held: Lab) -> None:
    held.at("pod", "iptables", "-t", "mangle", "-I", "MEDIA-KILL-SWITCH", "-j", "RETURN")
    wait_for("it is gone", lambda: held.finish("check.sh")[0] == 0)
    assert not held.reaches("world", ELSEWHERE, 443)


def test_nobody_gets_ahead_of_it(held: Lab) -> None:
    held.at("pod", "iptables", "-t", "mangle", "-I", "POSTROUTING", "-j", "ACCEPT")
    wait_for("it is first again", lambda: held.finish("check.sh")[0] == 0)
    assert not held.reaches("world", ELSEWHERE, 443)


def test_a_whole_ruleset_that_was_flushed_is_put_back(held: Lab) -> None:
    held.at("pod", "nft", "flush", "ruleset")
    wait_for("it is back", lambda: held.finish("check.sh")[0] == 0)
    assert not held.reaches("world", ELSEWHERE6, 443)


def test_new_declared_rules_are_taken_over_without_a_restart(held: Lab) -> None:
    assert not held.reaches("world", ELSEWHERE, 1194, mark=MARK)
    held.rules(Endpoint("udp", ELSEWHERE, 1194))
    wait_for("they are in force", lambda: held.reaches("world", ELSEWHERE, 1194, mark=MARK))
    assert not held.reaches("world", SERVER.address, SERVER.port, mark=MARK)
    assert held.finish("check.sh")[0] == 0
    assert held.at("pod", "iptables", "-t", "mangle", "-S", "POSTROUTING").stdout.count("-j") == 1


def test_a_network_that_joins_later_is_taken_up(held: Lab) -> None:
    held.at("pod", "ip", "address", "replace", "172.32.0.2/24", "dev", "eth1")
    held.at("friend", "ip", "address", "replace", "172.32.0.3/24", "dev", "eth0")
    wait_for("the neighbour is reached", lambda: held.reaches("friend", "172.32.0.3", 8989))


def test_it_stays_where_the_holder_ends_and_the_holder_ends_at_once(lab: Lab) -> None:
    with lab.held() as holder:
        begun = time.monotonic()
        holder.terminate()
        assert holder.wait(timeout=5) == 0
        assert time.monotonic() - begun < 1
        assert not lab.reaches("world", ELSEWHERE, 443)


def test_it_is_not_in_force_where_its_rules_cannot_be_loaded(lab: Lab) -> None:
    (lab.folder / "pod" / "rules.v4").write_text("-A MEDIA-KILL-SWITCH --nonsense\n")
    status, _said = lab.finish("hold.sh")
    assert status == 1
    assert lab.finish("check.sh")[0] == 1


def test_on_a_kernel_without_nftables_it_is_the_legacy_tables(tmp_path: Path) -> None:
    need_root()
    with namespaces.lab(tmp_path) as lab:
        lab.reset()
        for path in (lab.folder / "programs").glob("ip*tables*"):
            if "legacy" not in path.name:
                path.unlink()
        with lab.held():
            assert not lab.reaches("world", ELSEWHERE, 443)
            assert not lab.reaches("world", ELSEWHERE6, 443)
            assert lab.reaches("world", SERVER.address, SERVER.port, mark=MARK)
            lab.at("pod", "iptables-legacy", "-t", "mangle", "-F")
            wait_for("they are back", lambda: lab.finish("check.sh")[0] == 0)
            assert not lab.reaches("world", ELSEWHERE, 443)


# --- the client's clean start


def leftovers(lab: Lab) -> dict[str, str]:
    """Return what decides where packets of the pod go, and which its filter lets through."""
    return {
        "rules": lab.at("pod", "ip", "rule").stdout + lab.at("pod", "ip", "-6", "rule").stdout,
        "routes": lab.at("pod", "ip", "route").stdout + lab.at("pod", "ip", "-6", "route").stdout,
        "table 199": lab.at("pod", "ip", "route", "show", "table", "199", check=False).stdout,
        "filter": lab.at("pod", "iptables", "-S").stdout + lab.at("pod", "ip6tables", "-S").stdout,
        "legacy": lab.at("pod", "cat", "/proc/net/ip_tables_names", check=False).stdout,
        "device": lab.at("pod", "ip", "link", "show", "tun0", check=False).stdout,
    }


def leave_behind(lab: Lab) -> None:
    """Leave what a killed client leaves."""
    lab.at("pod", "ip", "link", "add", "tun0", "type", "veth", "peer", "name", "tun", "netns", lab.name("world"))
    lab.at("pod", "ip", "link", "set", "tun0", "up")
    for family in ("-4", "-6"):
        lab.at("pod", "ip", family, "rule", "add", "not", "fwmark", str(MARK), "table", "51820", "priority", "101")
        lab.at("pod", "ip", family, "route", "add", "default", "dev", "tun0", "table", "51820")
    for network in ("172.30.0.0/24", "172.31.0.0/24"):
        lab.at("pod", "ip", "rule", "add", "to", network, "table", "main", "priority", "98")
    lab.at("pod", "ip", "rule", "add", "from", "172.30.0.2", "table", "200", "priority", "100")
    lab.at("pod", "ip", "route", "replace", "192.168.7.0/24", "via", HOST, "table", "199")
    lab.at("pod", "ip", "route", "add", f"{SERVER.address}/32", "via", HOST)
    lab.at("pod", "ip", "route", "add", "0.0.0.0/1", "dev", "tun0")
    for tables in ("iptables", "ip6tables"):
        lab.at("pod", tables, "-P", "OUTPUT", "DROP")
        lab.at("pod", tables, "-N", "CLIENT")
        lab.at("pod", tables, "-A", "INPUT", "-j", "CLIENT")


def test_the_client_starts_in_a_namespace_as_new(held: Lab) -> None:
    (held.folder / "resolv.conf").write_text("nameserver 127.0.0.1\nsearch home\n# ExtServers: [192.0.2.53]\n")
    as_new = leftovers(held)
    leave_behind(held)
    assert leftovers(held) != as_new
    status, said = held.finish("client.sh", "echo", "the client starts")
    assert (status, said) == (0, "the client starts\n")
    assert leftovers(held) == as_new
    resolv_conf = (held.folder / "resolv.conf").read_text()
    assert resolv_conf == "nameserver 127.0.0.11\nsearch home\n# ExtServers: [192.0.2.53]\n"
    assert held.finish("check.sh")[0] == 0
    assert not held.reaches("world", ELSEWHERE, 443)


def test_a_namespace_that_is_new_is_left_alone(held: Lab) -> None:
    (held.folder / "resolv.conf").write_text("nameserver 127.0.0.11\noptions ndots:0\n")
    as_new = leftovers(held)
    assert held.finish("client.sh", "true") == (0, "")
    assert leftovers(held) == as_new
    assert (held.folder / "resolv.conf").read_text() == "nameserver 127.0.0.11\noptions ndots:0\n"


def test_the_name_server_of_docker_is_not_touched(held: Lab) -> None:
    held.at("pod", "iptables", "-t", "nat", "-A", "OUTPUT", "-d", "127.0.0.11/32", "-p", "udp", "-j", "RETURN")
    before = held.at("pod", "iptables", "-t", "nat", "-S").stdout
    assert held.finish("client.sh", "true")[0] == 0
    assert held.at("pod", "iptables", "-t", "nat", "-S").stdout == before


def test_the_client_does_not_start_without_the_kill_switch(lab: Lab) -> None:
    status, said = lab.finish("client.sh", "echo", "the client starts")
    assert status == 1
    assert "the kill switch is not loaded" in said
    assert "the client starts" not in said


# --- the host's own rules, with no kill switch in the pod at all


@WORLD
@pytest.mark.parametrize("kind", ["udp", "tcp"])
def test_the_host_stops_what_the_pod_does_not(lab: Lab, where: str, kind: str) -> None:
    assert lab.reaches("world", where, 443, kind)
    lab.guard()
    assert not lab.reaches("world", where, 443, kind)
    assert not lab.reaches("world", where, 53, kind)


def test_the_host_lets_the_tunnel_out_and_nobody_to_itself(lab: Lab) -> None:
    lab.guard()
    assert lab.reaches("world", SERVER.address, SERVER.port)
    with lab.listening("host", "0.0.0.0", 5353):
        assert not lab.hears_hello("pod", HOST, 5353)
        # The control: somebody else is answered.
        assert lab.hears_hello("world", "203.0.113.1", 5353)


def test_the_host_lets_answers_out(lab: Lab) -> None:
    lab.guard()
    with lab.listening("pod", "0.0.0.0", 6789):
        assert lab.hears_hello("host", "172.30.0.2", 6789)
        assert lab.hears_hello("world", "172.30.0.2", 6789)


def test_the_host_lets_the_pod_into_the_home_network_but_to_no_resolver_there(lab: Lab) -> None:
    lab.at("world", "ip", "address", "replace", "192.168.7.9/24", "dev", "eth0")
    lab.at("host", "ip", "route", "replace", "192.168.7.0/24", "via", "203.0.113.7")
    lab.guard()
    assert lab.reaches("world", "192.168.7.9", 445, "tcp")
    assert not lab.reaches("world", "192.168.7.9", 53)


def test_the_host_s_rules_can_be_loaded_again(lab: Lab) -> None:
    lab.guard()
    first = lab.at("host", "nft", "--stateless", "list", "table", "inet", "media_guard").stdout
    lab.guard()
    assert lab.at("host", "nft", "--stateless", "list", "table", "inet", "media_guard").stdout == first
    lab.guard(Endpoint("tcp"))
    assert lab.at("host", "nft", "--stateless", "list", "table", "inet", "media_guard").stdout != first

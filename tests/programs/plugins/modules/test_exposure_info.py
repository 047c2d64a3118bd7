# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reaching each other over the kernel's own network namespaces, and the module on top of that.

sonarr 10.0.1.2 --- 10.0.1.1  proxy  10.0.2.1 --- 10.0.2.2 radarr          everybody listens on port 8000
"""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import docker_socket, exposure_probe, host_ports, reach
from ansible_collections.homelab.media.plugins.modules import exposure_info

from tests.unit.real_host import need_root
from tests.unit.run_module import run_module

_NUMBERS = itertools.count()
_LISTEN = """
import socket
everywhere = socket.create_server(("0.0.0.0", 8000))
inside_alone = socket.create_server(("127.0.0.1", 8001))
print("listening", flush=True)
while True:
    everywhere.accept()[0].close()
"""
ADDRESSES = {"proxy": ["10.0.1.1", "10.0.2.1"], "sonarr": ["10.0.1.2"], "radarr": ["10.0.2.2"]}
NEIGHBOURS = {"proxy": ["radarr", "sonarr"], "sonarr": ["proxy"], "radarr": ["proxy"]}


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def pids() -> Iterator[dict[str, int]]:
    """Make the namespaces, a listener in each, and return the listeners."""
    need_root()
    prefix = f"media-reach-{os.getpid()}-{next(_NUMBERS)}"
    names = {service: f"{prefix}-{service}" for service in ADDRESSES}
    with contextlib.ExitStack() as stack:
        for name in names.values():
            ip("netns", "add", name)
            stack.callback(ip, "netns", "delete", name)
            ip("-n", name, "link", "set", "lo", "up")
            # A new namespace takes over what the machine does.
            forward(["ip", "netns", "exec", name], "0")
        for service, number in (("sonarr", 1), ("radarr", 2)):
            ends = (
                (names["proxy"], f"net{number}", f"10.0.{number}.1/24"),
                (names[service], "eth0", f"10.0.{number}.2/24"),
            )
            peer = ("peer", "name", "eth0", "netns", names[service])
            ip("-n", names["proxy"], "link", "add", f"net{number}", "type", "veth", *peer)
            for name, device, address in ends:
                ip("-n", name, "link", "set", device, "up")
                ip("-n", name, "address", "add", address, "dev", device)
            # So that whether the other network is reached depends on the router alone.
            ip("-n", names[service], "route", "add", "default", "via", f"10.0.{number}.1")
        found = {}
        for service, name in names.items():
            command = ["ip", "netns", "exec", name, sys.executable, "-c", _LISTEN]
            listener = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            stack.callback(listener.wait)
            stack.callback(listener.kill)
            assert listener.stdout and listener.stdout.readline() == "listening\n"
            found[service] = listener.pid
        yield found


@contextlib.contextmanager
def forwarding(pid: int) -> Iterator[None]:
    """Let the proxy pass packets on, as a host does whose rules are gone."""
    inside = ["nsenter", f"--net=/proc/{pid}/ns/net"]
    forward(inside, "1")
    try:
        yield
    finally:
        forward(inside, "0")


def forward(inside: list[str], value: str) -> None:
    subprocess.run([*inside, "sh", "-c", f"echo {value} > /proc/sys/net/ipv4/ip_forward"], check=True)


def inspected(pids: dict[str, int]) -> list[dict[str, Any]]:
    """Return what the engine would tell of containers in these namespaces."""
    return [
        {
            "Id": service * 8,
            "State": {"Pid": pid},
            "Config": {"Labels": {"com.docker.compose.service": service}},
            "HostConfig": {"NetworkMode": "bridge"},
            "NetworkSettings": {
                "Networks": {str(number): {"IPAddress": address} for number, address in enumerate(ADDRESSES[service])},
                "Ports": {"8000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8000"}], "9/udp": None},
            },
        }
        for service, pid in pids.items()
    ]


def test_targets_are_tried_from_inside(pids: dict[str, int]) -> None:
    targets = [("10.0.1.1", 8000), ("10.0.1.1", 8002), ("10.0.2.2", 8000), ("10.0.1.77", 8000), ("fd00::1", 8000)]
    begun = time.monotonic()
    assert reach.Inside(pids["sonarr"], targets, 0.5).answered() == [("10.0.1.1", 8000)]
    assert reach.Inside(pids["proxy"], targets, 0.5).answered() == [("10.0.1.1", 8000), ("10.0.2.2", 8000)]
    assert time.monotonic() - begun < 3


def test_several_namespaces_at_once_take_the_time_of_one(pids: dict[str, int]) -> None:
    nobody = [(f"10.0.{number}.{host}", 8000) for number in (1, 2) for host in range(100, 200)]
    begun = time.monotonic()
    children = [reach.Inside(pid, nobody, 1.0) for pid in [*pids.values()] * 4]
    assert [child.answered() for child in children] == [[]] * 12
    assert time.monotonic() - begun < 4


def test_a_namespace_that_is_gone_is_no_good_news() -> None:
    with pytest.raises(OSError, match="could not be looked at"):
        reach.Inside(2**22 + 1, [("127.0.0.1", 1)], 0.1).answered()


def test_spaces_and_their_listeners(pids: dict[str, int]) -> None:
    items = inspected(pids)
    # A tenant: a container without addresses in the namespace of another.
    items.append({**items[0], "Config": {"Labels": {"com.docker.compose.service": "tenant"}}, "NetworkSettings": {}})
    found = {space.name: space for space in exposure_probe.spaces(items)}
    assert set(found) == {"proxy + tenant", "radarr", "sonarr"}
    assert found["proxy + tenant"].addresses == ("10.0.1.1", "10.0.2.1")
    assert found["sonarr"].listening == (("0.0.0.0", 8000), ("127.0.0.1", 8001))


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, pids: dict[str, int]) -> Callable[..., None]:
    """Let the module see these containers, and more of them or less."""

    def seen(strangers: tuple[str, ...] = (), **ports: list[dict[str, str]]) -> None:
        items = {item["Id"]: item for item in inspected(pids)}
        for service, published in ports.items():
            items[service * 8]["NetworkSettings"]["Ports"] = {"8000/tcp": published}
        inside = {name: {"Name": name} for name in [*items, *strangers]}

        def get(path: str, *_more: object) -> Any:
            if path.startswith("/containers/json"):
                return [{"Id": name} for name in items]
            if path.startswith("/containers/"):
                return items[path.split("/")[2]]
            return [{"Id": "n"}] if path.startswith("/networks?") else {"Name": "media_media", "Containers": inside}

        monkeypatch.setattr(docker_socket, "get", get)

    return seen


def look(neighbours: dict[str, list[str]] | None = None, **more: Any) -> dict[str, Any]:
    declared = {"published": [], "listening": {}, "neighbours": NEIGHBOURS if neighbours is None else neighbours}
    return run_module(exposure_info.main, {"declared": declared, "timeout": 0.4, **more}, check=True)


def test_all_as_declared(engine: Callable[..., None]) -> None:
    engine()
    answer = look(complete=True)
    assert (answer.get("failed"), answer["changed"], answer["problems"], answer["tried"]) == (None, False, [], 6)
    assert answer["reached"] == {"proxy": ["radarr", "sonarr"], "radarr": ["proxy"], "sonarr": ["proxy"]}
    assert len(answer["published"]) == 3


def test_two_that_reach_each_other_past_what_was_declared(engine: Callable[..., None], pids: dict[str, int]) -> None:
    engine()
    with forwarding(pids["proxy"]):
        answer = look()
        reported = look(report_only=True)
    assert answer["failed"]
    assert [(one["variable"], one["reason"][:14]) for one in answer["problems"]] == [
        ("radarr", "reaches sonarr"),
        ("sonarr", "reaches radarr"),
    ]
    assert "10.0.2.2 port 8000" in answer["msg"]
    assert (reported.get("failed"), reported["problems"]) == (None, answer["problems"])


def test_a_neighbour_that_is_not_reached(engine: Callable[..., None]) -> None:
    engine()
    wider = {**NEIGHBOURS, "sonarr": ["proxy", "radarr"]}
    assert not look(wider).get("failed")
    assert [one["variable"] for one in look(wider, complete=True)["problems"]] == ["sonarr"]


def test_a_port_and_a_stranger(engine: Callable[..., None]) -> None:
    engine(strangers=("web",), sonarr=[{"HostIp": "", "HostPort": "8989"}])
    assert [one["variable"] for one in look()["problems"]] == ["media_media", "sonarr"]


def test_an_engine_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def get(*_words: object) -> Any:
        raise docker_socket.EngineUnreachable("no socket")

    monkeypatch.setattr(docker_socket, "get", get)
    answer = look()
    assert (answer["failed"], [one["variable"] for one in answer["problems"]]) == (True, ["docker"])


def test_what_listens_in_the_hosts_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener of this very process, which the engine would call a container in the host's network."""
    monkeypatch.setattr(host_ports, "container_of", lambda text: "plex" * 8 if text else "")
    item = {"Id": "plex" * 8, "Config": {"Labels": {"com.docker.compose.service": "plex"}}}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        found = exposure_probe._in_host_network([item])
    assert ("plex", "127.0.0.1", port, "tcp") in [(one.service, one.address, one.port, one.protocol) for one in found]
    assert exposure_probe._in_host_network([]) == []

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import host_ports

TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0
   1: 0100007F:1A85 00000000:0000 0A 00000000:00000000 00:00000000 00000000   100        0 4712 1 0 100 0 0
   2: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 20 4 0
"""
TCP6 = """\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when
   0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0:0 00:0 0     0        0 4714 1
   1: B80D0120000000000000000001000000:01BB 00000000000000000000000000000000:0000 0A 0:0 00:0 0     0        0 4715 1
"""
UDP = """\
   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  100: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   101        0 4716 2 0000000000000000 0
"""
ID = "5f" * 32


def container(**more: Any) -> dict[str, Any]:
    labels = {"com.docker.compose.project": "media", "com.docker.compose.service": "plex"}
    return {"Id": ID, "Names": ["/media-plex-1"], "Labels": labels, "Ports": [], **more}


def test_only_listening_sockets_are_taken() -> None:
    found = host_ports.parse_sockets(TCP, "tcp")
    assert [(one.port, one.address, one.inode) for one in found] == [
        (8080, "0.0.0.0", 4711),
        (6789, "127.0.0.1", 4712),
    ]


def test_addresses_of_both_families_are_read() -> None:
    assert [(one.port, one.address) for one in host_ports.parse_sockets(TCP6, "tcp")] == [
        (80, "::1"),
        (443, "2001:db8::1"),
    ]
    assert [(one.port, one.address) for one in host_ports.parse_sockets(UDP, "udp")] == [(53, "127.0.0.53")]


@pytest.mark.parametrize(
    ("cgroup", "container_id"),
    [
        (f"0::/system.slice/docker-{ID}.scope\n", ID),
        (f"12:memory:/docker/{ID}\n11:cpu:/docker/{ID}\n", ID),
        ("0::/system.slice/ssh.service\n", ""),
        ("", ""),
    ],
)
def test_the_container_of_a_process_is_known_by_its_group(cgroup: str, container_id: str) -> None:
    assert host_ports.container_of(cgroup) == container_id


def test_published_ports_are_told_with_container_and_project(tmp_path: Path) -> None:
    ports = [
        {"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
        {"IP": "::", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
        {"PrivatePort": 9090, "Type": "tcp"},
    ]
    found = host_ports.holders(["8080/tcp", "9090/tcp"], [container(Ports=ports)], proc=str(tmp_path))
    assert [(one["port"], one["address"]) for one in found] == [(8080, "0.0.0.0"), (8080, "::")]
    assert {one["container"] for one in found} == {"media-plex-1"}
    assert {one["project"] for one in found} == {"media"}


def test_a_container_on_the_hosts_network_is_known_by_its_process(tmp_path: Path) -> None:
    for name, content in {
        "self/net/tcp": TCP,
        "812/comm": "Plex Media Serv\n",
        "812/cgroup": f"0::/system.slice/docker-{ID}.scope\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    (tmp_path / "812" / "fd").mkdir()
    (tmp_path / "812" / "fd" / "7").symlink_to("socket:[4711]")
    found = host_ports.holders(["8080/tcp", "6789/tcp", "8080/udp"], [container()], proc=str(tmp_path))
    by_port = {one["port"]: one for one in found}
    assert by_port[8080]["process"] == "Plex Media Serv"
    assert (by_port[8080]["service"], by_port[8080]["project"]) == ("plex", "media")
    assert (by_port[6789]["process"], by_port[6789]["pid"]) == ("", 0)  # its process is not to be seen
    assert len(found) == 2


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_a_real_socket_of_this_process_is_found(
    family: socket.AddressFamily, address: str, kind: socket.SocketKind
) -> None:
    protocol = "tcp" if kind == socket.SOCK_STREAM else "udp"
    with socket.socket(family, kind) as one:
        one.bind((address, 0))
        port = one.getsockname()[1]
        if protocol == "tcp":
            one.listen()
        found = host_ports.holders([f"{port}/{protocol}"], [])
        other = "udp" if protocol == "tcp" else "tcp"
        assert host_ports.holders([f"{port}/{other}"], []) == []
    assert [(it["address"], it["pid"], it["process"]) for it in found] == [
        (address, os.getpid(), Path("/proc/self/comm").read_text().strip())
    ]
    assert host_ports.holders([f"{port}/{protocol}"], []) == []

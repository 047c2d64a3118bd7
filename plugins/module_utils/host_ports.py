# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who listens on a port of the host: /proc/net for the sockets, /proc/PID for their owners."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

TCP_LISTEN = "0A"
UDP_UNCONNECTED = "07"

PORT = re.compile(r"([0-9]{1,5})/(tcp|udp)")
_CONTAINER_ID = re.compile(r"(?:docker[-/])([0-9a-f]{64})")


@dataclass(frozen=True)
class Listener:
    """One listening socket."""

    protocol: str
    port: int
    address: str
    inode: int


@dataclass(frozen=True)
class Holder:
    """Who holds a port: a process, and the container and Compose project behind it where there are such."""

    protocol: str
    port: int
    address: str
    process: str = ""
    pid: int = 0
    container: str = ""
    project: str = ""
    service: str = ""


def parse_sockets(text: str, protocol: str) -> list[Listener]:
    """Return the listening sockets in the text of /proc/net/{tcp,tcp6,udp,udp6}."""
    state = TCP_LISTEN if protocol == "tcp" else UDP_UNCONNECTED
    found = []
    for line in text.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 9 and fields[3] == state:
            address, port = fields[1].split(":")
            found.append(Listener(protocol, int(port, 16), decode_address(address), int(fields[9])))
    return found


def decode_address(text: str) -> str:
    """Turn the kernel's hexadecimal words, each in the machine's (little endian) order, into an address."""
    raw = b"".join(bytes.fromhex(text[start : start + 8])[::-1] for start in range(0, len(text), 8))
    return socket.inet_ntop(socket.AF_INET if len(raw) == 4 else socket.AF_INET6, raw)


def container_of(cgroup: str) -> str:
    """Return the container's id in the text of /proc/PID/cgroup, or nothing."""
    match = _CONTAINER_ID.search(cgroup)
    return match.group(1) if match else ""


def published(containers: list[dict[str, Any]]) -> list[Holder]:
    """Return the ports that Docker publishes, from the answer of its API to /containers/json."""
    holders = []
    for container in containers:
        for port in container.get("Ports") or []:
            if port.get("PublicPort"):
                holder = Holder(
                    port["Type"], port["PublicPort"], port.get("IP", ""), process="docker-proxy", **_names(container)
                )
                holders.append(holder)
    return holders


def holders(wanted: list[str], containers: list[dict[str, Any]], proc: str = "/proc") -> list[dict[str, Any]]:
    """Return who holds each wanted port ("8080/tcp"), as plain data.

    Docker is believed about the ports that it publishes, whether by a docker-proxy process or by rules alone; all
    others are looked for among the listening sockets.
    """
    ports = {(match.group(2), int(match.group(1))) for match in map(PORT.fullmatch, wanted) if match}
    found = [holder for holder in published(containers) if (holder.protocol, holder.port) in ports]
    known = {(holder.protocol, holder.port) for holder in found}
    sockets = [one for one in listening(proc) if (one.protocol, one.port) in ports - known]
    owners = owners_of({one.inode for one in sockets}, proc)
    by_id = {container["Id"]: container for container in containers}
    for one in sockets:
        pid = owners.get(one.inode, 0)  # 0: the process ended meanwhile, and its files in /proc read as nothing
        process = _read(f"{proc}/{pid}/comm").strip()
        names = _names(by_id.get(container_of(_read(f"{proc}/{pid}/cgroup")), {}))
        found.append(Holder(one.protocol, one.port, one.address, process, pid=pid, **names))
    return [asdict(holder) for holder in sorted(set(found), key=lambda it: (it.port, it.protocol, it.address))]


def listening(proc: str = "/proc") -> list[Listener]:
    """Return all listening sockets of the namespace that this process is in."""
    return [
        listener
        for protocol in ("tcp", "udp")
        for family in ("", "6")
        for listener in parse_sockets(_read(f"{proc}/self/net/{protocol}{family}"), protocol)
    ]


def owners_of(inodes: set[int], proc: str = "/proc") -> dict[int, int]:
    """Return the first process that holds each socket; one walk over all processes, none when nothing is asked."""
    owners: dict[int, int] = {}
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    for pid in _pids(proc) if wanted else ():
        for target in _open_files(f"{proc}/{pid}/fd"):
            if target in wanted:
                owners.setdefault(wanted[target], pid)
        if len(owners) == len(wanted):
            break
    return owners


def _open_files(folder: str) -> Iterator[str]:
    """Yield what a process has open; it may end, or close a file, while we look."""
    with suppress(OSError):
        for entry in Path(folder).iterdir():
            with suppress(OSError):
                yield str(entry.readlink())


def _pids(proc: str) -> Iterator[int]:
    return (int(entry.name) for entry in Path(proc).iterdir() if entry.name.isdigit())


def _names(container: Mapping[str, Any]) -> dict[str, Any]:
    labels = container.get("Labels") or {}
    return {
        "container": (container.get("Names") or [""])[0].lstrip("/"),
        "project": labels.get("com.docker.compose.project", ""),
        "service": labels.get("com.docker.compose.service", ""),
    }


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""  # a kernel without IPv6, or a process that has ended

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What crosses the uplink: every frame, from every host to anywhere, with the time and who sent it.

The capture listens on the uplink's bridge itself, not on the router's leg, so that nothing passes beside it.
A host is told by its Ethernet address: a packet that escaped untranslated is still known as its own.

    with Capture() as seen:
        ...
    leaks = [packet for packet in seen.sent_by(host) if not is_tunnel(packet)]
"""

from __future__ import annotations

import ipaddress
import re
import socket
import struct
import uuid
from dataclasses import dataclass
from types import TracebackType

from tests.bed import addresses as at
from tests.bed.host import Host
from tests.bed.images import LABEL
from tests.bed.shell import BUILD, BedError, docker, run, succeeds, wait_for

FILE = "/capture.pcap"
EXPERIMENT = 0x88B5  # the frame type kept for local experiments
SNAP = 192  # octets kept of each frame: all headers, no content
PROTOCOLS = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 47: "gre", 50: "esp", 58: "icmpv6", 132: "sctp"}
# IPv6 extension headers that say how long they are in units of eight octets.
EXTENSIONS = {0, 43, 60}
FRAGMENT = 44
# Neighbour discovery, router solicitation, and membership of multicast groups: talk on the link, as ARP is for IPv4.
LINK_TALK = {130, 131, 132, 133, 134, 135, 136, 143}


@dataclass(frozen=True)
class Packet:
    """One IP packet as it was on the uplink. Ports are 0 for protocols that have none and for later fragments."""

    time: float
    src_mac: str
    dst_mac: str
    src: str
    dst: str
    protocol: str
    src_port: int
    dst_port: int
    length: int
    link_talk: bool = False

    @property
    def version(self) -> int:
        """4 or 6."""
        return 6 if ":" in self.src else 4

    def __str__(self) -> str:
        return f"{self.protocol} {self.src} {self.src_port} -> {self.dst} {self.dst_port}, {self.length} octets"


class Capture:
    """One capture on the uplink. Give a pcap filter only for speed: what it leaves out is never seen."""

    def __init__(self, pcap_filter: str = "") -> None:
        self.pcap_filter = pcap_filter
        self.packets: list[Packet] = []
        self._name = f"media-capture-{uuid.uuid4().hex[:8]}"

    def start(self) -> None:
        """Begin; when this returns, no frame is missed any more."""
        listener = [
            *("--name", self._name, "--label", f"{LABEL}=capture", "--network", "host", "--cap-add", "NET_ADMIN"),
            *("--entrypoint", "tcpdump", "media-bed/router"),
        ]
        # The kernel's buffer (in KiB) is large enough for a burst of a fast download.
        # Without immediate mode the last second would stay in it at the end.
        options = ["-i", at.UPLINK_NETWORK, "-s", str(SNAP), "-B", "65536", "--immediate-mode", "-n"]
        options += ["-Z", "root", "-U", "-w", FILE]
        wanted = [f"({self.pcap_filter}) or ether proto {EXPERIMENT}"] if self.pcap_filter else []
        docker("run", "--detach", *listener, *options, *wanted)
        try:
            wait_for("the capture listens", lambda: "listening on" in self._log(), seconds=15, every=0.05)
        except BedError as error:
            said = self._log()
            self.discard()
            raise BedError(f"{error}; tcpdump said: {said}") from None

    def stop(self) -> list[Packet]:
        """End; return all packets, in order. A capture that lost some is an error: it proves nothing."""
        try:
            self._catch_up()
            docker("kill", "--signal", "INT", self._name)
            docker("wait", self._name)
            lost = re.search(r"(\d+) packets? dropped by kernel", self._log())
            if lost is None or int(lost[1]):
                raise BedError(f"the capture is not complete; tcpdump said: {self._log()}")
            self.packets = parse(self._file())
        finally:
            self.discard()
        return self.packets

    def sent_by(self, host: Host) -> list[Packet]:
        """Return what left this host, without the link's own talk."""
        return [packet for packet in self.packets if packet.src_mac == host.mac and not packet.link_talk]

    def _catch_up(self) -> None:
        """Wait until all that was on the uplink before now is in the file: a frame of our own tells when."""
        token = uuid.uuid4().hex
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sender:
            # This machine has no address there, and needs none for a bare frame.
            sender.bind((at.UPLINK_NETWORK, 0))
            sender.send(b"\xff" * 6 + bytes.fromhex("026d65640001") + struct.pack("!H", EXPERIMENT) + token.encode())
        written = ["docker", "exec", self._name, "grep", "-q", token, FILE]
        wait_for("the capture has seen the bed's own frame", lambda: succeeds(written), seconds=60)

    def discard(self) -> None:
        """Drop the capture, also one that runs."""
        succeeds(["docker", "rm", "--force", self._name])

    def _log(self) -> str:
        return run(["sh", "-c", 'docker logs "$0" 2>&1', self._name])

    def _file(self) -> bytes:
        BUILD.mkdir(parents=True, exist_ok=True)
        file = BUILD / f"{self._name}.pcap"
        try:
            docker("cp", f"{self._name}:{FILE}", str(file))
            return file.read_bytes()
        finally:
            file.unlink(missing_ok=True)

    def __enter__(self) -> Capture:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.stop()
        else:
            self.discard()


def parse(pcap: bytes) -> list[Packet]:
    """Return the IP packets of a capture file, in order."""
    if len(pcap) < 24:
        raise BedError("not a capture: shorter than the header of a pcap file")
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">"}.get(pcap[:4])
    if order is None:
        raise BedError(f"not a capture: it begins with {pcap[:4].hex()}, a pcap file with d4c3b2a1")
    (link_type,) = struct.unpack_from(order + "I", pcap, 20)
    if link_type != 1:
        raise BedError(f"a capture of link type {link_type}; only Ethernet (1) is understood")
    record = struct.Struct(order + "IIII")
    packets = []
    at_octet = 24
    while at_octet + record.size <= len(pcap):
        seconds, micro, kept, _length = record.unpack_from(pcap, at_octet)
        begin = at_octet + record.size
        at_octet = begin + kept
        if at_octet > len(pcap):
            raise BedError("the capture is cut off in the middle of a packet")
        packet = _frame(seconds + micro / 1e6, pcap[begin:at_octet])
        if packet is not None:
            packets.append(packet)
    return packets


def _frame(time: float, frame: bytes) -> Packet | None:
    """Return the IP packet in an Ethernet frame; None for ARP and all else that is not IP."""
    (kind,) = struct.unpack_from("!H", frame, 12)
    if kind == 0x0800:
        src, dst, number, upper, length = _ipv4(frame)
    elif kind == 0x86DD:
        src, dst, number, upper, length = _ipv6(frame)
    else:
        return None
    ports = (0, 0)
    if number in (6, 17, 132) and upper and len(frame) >= upper + 4:
        ports = struct.unpack_from("!HH", frame, upper)
    return Packet(
        time=time,
        src_mac=frame[6:12].hex(":"),
        dst_mac=frame[0:6].hex(":"),
        src=src,
        dst=dst,
        protocol=PROTOCOLS.get(number, str(number)),
        src_port=ports[0],
        dst_port=ports[1],
        length=length,
        link_talk=number == 2 or (number == 58 and 0 < upper < len(frame) and frame[upper] in LINK_TALK),
    )


def _ipv4(frame: bytes) -> tuple[str, str, int, int, int]:
    """Return source, destination, protocol, where its header begins (0: not in this fragment), and length."""
    length, _identification, fragment = struct.unpack_from("!HHH", frame, 16)
    upper = 14 + (frame[14] & 0x0F) * 4 if fragment & 0x1FFF == 0 else 0
    return str(ipaddress.IPv4Address(frame[26:30])), str(ipaddress.IPv4Address(frame[30:34])), frame[23], upper, length


def _ipv6(frame: bytes) -> tuple[str, str, int, int, int]:
    """Return the same for IPv6, behind its extension headers."""
    (payload,) = struct.unpack_from("!H", frame, 18)
    number, upper = frame[20], 54
    while number in EXTENSIONS | {FRAGMENT} and upper and upper + 8 <= len(frame):
        later = number == FRAGMENT and struct.unpack_from("!H", frame, upper + 2)[0] & 0xFFF8
        size = 8 if number == FRAGMENT else (frame[upper + 1] + 1) * 8
        number, upper = frame[upper], 0 if later else upper + size
    src, dst = ipaddress.IPv6Address(frame[22:38]), ipaddress.IPv6Address(frame[38:54])
    return str(src), str(dst), number, upper, payload + 40

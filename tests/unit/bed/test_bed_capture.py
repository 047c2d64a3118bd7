# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ipaddress
import struct

import pytest

from tests.bed.capture import Capture, Packet, parse
from tests.bed.host import Host
from tests.bed.shell import BedError

HOST = Host("media-demo", 101)
ROUTER_MAC = "02:42:c6:33:64:fe"
UDP = struct.pack("!HHHH", 40000, 53, 8, 0)


def frame(kind: int, payload: bytes, source: str = HOST.mac) -> bytes:
    return bytes.fromhex((ROUTER_MAC + source).replace(":", "")) + struct.pack("!H", kind) + payload


def ipv4(protocol: int, upper: bytes, *, offset: int = 0, options: bytes = b"") -> bytes:
    words = 5 + len(options) // 4
    head = struct.pack("!BBHHHBBH", 0x40 | words, 0, words * 4 + len(upper), 1, offset, 64, protocol, 0)
    addresses = ipaddress.IPv4Address("198.51.100.101").packed + ipaddress.IPv4Address("1.1.1.1").packed
    return frame(0x0800, head + addresses + options + upper)


def ipv6(number: int, upper: bytes, source: str = HOST.mac) -> bytes:
    head = struct.pack("!IHBB", 6 << 28, len(upper), number, 64)
    addresses = ipaddress.IPv6Address("fd00:77::2").packed + ipaddress.IPv6Address("2001:db8:113::10").packed
    return frame(0x86DD, head + addresses + upper, source)


def pcap(*frames: bytes, order: str = "<", link: int = 1) -> bytes:
    head = struct.pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 192, link)
    return head + b"".join(struct.pack(order + "IIII", 100, 500000, len(f), len(f)) + f for f in frames)


def only(data: bytes) -> Packet:
    (packet,) = parse(data)
    return packet


@pytest.mark.parametrize("order", ["<", ">"])
def test_ipv4_udp_in_either_byte_order(order: str) -> None:
    packet = only(pcap(ipv4(17, UDP), order=order))
    assert packet == Packet(
        100.5, HOST.mac, ROUTER_MAC, "198.51.100.101", "1.1.1.1", "udp", 40000, 53, length=28, link_talk=False
    )
    assert packet.version == 4


def test_ports_are_found_behind_ipv4_options() -> None:
    assert only(pcap(ipv4(6, UDP, options=b"\x94\x04\x00\x00"))).dst_port == 53


def test_a_later_fragment_has_no_ports_but_is_seen() -> None:
    packet = only(pcap(ipv4(17, UDP, offset=185)))
    assert (packet.protocol, packet.src_port, packet.dst_port) == ("udp", 0, 0)


def test_ports_are_found_behind_ipv6_extension_headers() -> None:
    hop_by_hop = bytes([44, 0]) + bytes(6)
    first_fragment = bytes([17, 0, 0, 1]) + bytes(4)
    packet = only(pcap(ipv6(0, hop_by_hop + first_fragment + UDP)))
    assert (packet.version, packet.protocol, packet.dst_port, packet.length) == (6, "udp", 53, 64)


@pytest.mark.parametrize(("kind", "talk"), [(135, True), (133, True), (143, True), (128, False), (1, False)])
def test_the_links_own_talk_is_told_from_packets_that_leave(kind: int, talk: bool) -> None:
    plain = ipv6(58, bytes([kind, 0, 0, 0]))
    behind_router_alert = ipv6(0, bytes([58, 0, 5, 2, 0, 0, 1, 0]) + bytes([kind, 0, 0, 0]))
    assert [packet.link_talk for packet in parse(pcap(plain, behind_router_alert))] == [talk, talk]


def test_arp_and_frames_of_our_own_are_not_ip() -> None:
    assert parse(pcap(frame(0x0806, bytes(28)), frame(0x88B5, b"token"))) == []


def test_a_host_is_known_by_its_ethernet_address_whatever_address_the_packet_claims() -> None:
    seen = Capture()
    neighbour = bytes([135, 0, 0, 0])
    seen.packets = parse(pcap(ipv6(17, UDP), ipv6(17, UDP, source=ROUTER_MAC), ipv6(58, neighbour), ipv4(1, UDP)))
    assert [(packet.src, packet.protocol) for packet in seen.sent_by(HOST)] == [
        ("fd00:77::2", "udp"),
        ("198.51.100.101", "icmp"),
    ]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "shorter"),
        (b"\n\r\r\n" + bytes(30), "begins with"),
        (pcap(link=101), "link type 101"),
        (pcap(ipv4(17, UDP))[:-3], "cut off"),
    ],
)
def test_what_is_no_whole_capture_is_refused(data: bytes, told: str) -> None:
    with pytest.raises(BedError, match=told):
        parse(data)

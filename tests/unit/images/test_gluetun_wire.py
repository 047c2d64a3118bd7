# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in's view of OpenVPN configurations, DNS messages and ICMP."""

from __future__ import annotations

import struct
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.images.gluetun.stand_in.checks import DNS_QUESTION, _echo_request
from tests.images.gluetun.stand_in.dns import failure, is_local, name_of
from tests.images.gluetun.stand_in.openvpn_config import Server, adapted, server_of
from tests.images.gluetun.stand_in.settings import read_settings
from tests.images.gluetun.stand_in.sources import Sources

CUSTOM = "client\nremote 203.0.113.11 1195 udp\nverb 9\nup /bin/evil\nuser nobody\nauth-user-pass\ncipher AES-256-GCM\n"
NOWHERE = Path("/nowhere")
PLAIN = read_settings(Sources({}, NOWHERE, NOWHERE)).openvpn


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("remote 203.0.113.11 1195 udp", ("203.0.113.11", 1195, "udp")),
        ("proto tcp-client\nremote 203.0.113.11 443", ("203.0.113.11", 443, "tcp")),
        ("remote 203.0.113.11", ("203.0.113.11", 1194, "udp")),
        ("proto udp4\nremote 2001:db8::1 53", ("2001:db8::1", 53, "udp")),
    ],
)
def test_finds_the_server(text, server):
    assert server_of(text) == Server(ip_address(server[0]), *server[1:])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("client", "remote line not found"),
        ("remote vpn.example.com 1194", "does not have an IP address: vpn.example.com"),
        ("proto sctp\nremote 203.0.113.11", "protocol not supported"),
    ],
)
def test_refuses_a_server(text, said):
    with pytest.raises(ValueError, match=said):
        server_of(text)


def test_takes_out_what_runs_programs_and_puts_its_own_in():
    lines = adapted(CUSTOM, server_of(CUSTOM), PLAIN, "tun0", True, "/auth").splitlines()
    assert "up /bin/evil" not in lines
    assert "user nobody" not in lines
    assert "auth-user-pass" not in lines
    assert "verb 9" not in lines
    assert {"client", "cipher AES-256-GCM", "verb 1", "dev tun0", "remote 203.0.113.11 1195"} <= set(lines)


def test_names_the_account_and_drops_ipv6_only_if_asked():
    account = replace(PLAIN, user="me", password="secret", ciphers=("AES-128-GCM",))
    text = adapted(CUSTOM, server_of(CUSTOM), account, "tun0", False, "/auth")
    assert "auth-user-pass /auth" in text
    assert "secret" not in text
    assert "cipher AES-256-GCM\n" not in text
    assert "data-ciphers AES-128-GCM" in text
    assert 'pull-filter ignore "route-ipv6"' in text


def test_reads_the_name_of_a_question():
    assert name_of(DNS_QUESTION) == "github.com"


@pytest.mark.parametrize(("name", "local"), [("sonarr", True), ("printer.local", True), ("example.com", False)])
def test_names_of_one_label_are_local(name, local):
    assert is_local(name) is local


def test_a_failure_answers_the_same_question():
    answer = failure(DNS_QUESTION)
    flags = struct.unpack("!H", answer[2:4])[0]
    assert answer[:2] == DNS_QUESTION[:2]
    assert flags & 0x8000
    assert flags & 0x000F == 2


def test_an_echo_request_has_a_sound_checksum():
    message = _echo_request(8, 4711)
    padded = message + b"\0" * (len(message) % 2)
    total = sum(struct.unpack(f"!{len(padded) // 2}H", padded))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    assert total == 0xFFFF

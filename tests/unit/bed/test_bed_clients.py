# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from tests.bed import addresses as at
from tests.bed.clients import Answer, Client, read
from tests.bed.host import Host
from tests.bed.shell import BedError


def test_clients_and_hosts_never_share_an_address() -> None:
    host = Host(at.DEMO_NAME, at.HOST_FIRST)
    clients = {Client("anna", number, host).ip for number in range(at.CLIENT_FIRST, at.CLIENT_LAST + 1)}
    hosts = {Host("x", number).ip for number in range(at.HOST_FIRST, at.HOST_LAST + 1)}
    assert len(clients) == at.CLIENT_LAST - at.CLIENT_FIRST + 1
    assert not clients & (hosts | {at.ROUTER_UPLINK, at.ISP_DNS, at.REGISTRY})


def test_an_answer_is_read() -> None:
    headers = "HTTP/2 302 \r\nLocation: https://auth.media.test/?rd=a:b\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n\r\n"
    answer = read("<html>\nmoved\n\n302 ", headers)
    assert (answer.status, answer.text, answer.error) == (302, "<html>\nmoved\n", "")
    assert answer.location == "https://auth.media.test/?rd=a:b"
    assert answer.headers["set-cookie"] == "a=1\nb=2"


def test_no_answer_says_why() -> None:
    assert read("\n000 Failed to connect to 198.51.100.101", "") == Answer(
        0, error="Failed to connect to 198.51.100.101"
    )


def test_a_client_that_cannot_ask_is_no_closed_door() -> None:
    with pytest.raises(BedError, match="No such container"):
        read("", "Error response from daemon: No such container: media-client-anna")

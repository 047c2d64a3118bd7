# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from tests.bed import addresses as at
from tests.bed.host import Host


def test_a_hosts_addresses_share_its_number() -> None:
    host = Host(at.DEMO_NAME, at.HOST_FIRST)
    assert (host.ip, host.ip6, host.volume) == ("198.51.100.101", "2001:db8:51::101", "media-demo-docker")


def test_no_two_hosts_share_an_address() -> None:
    numbers = range(at.HOST_FIRST, at.HOST_LAST + 1)
    for addresses in ([Host("x", n).ip for n in numbers], [Host("x", n).mac for n in numbers]):
        assert len(set(addresses)) == len(numbers)
        assert not set(addresses) & {at.ROUTER_UPLINK, at.ISP_DNS, at.REGISTRY}

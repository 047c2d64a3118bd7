# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may ask. Unclaimed, whoever comes from this machine itself; claimed, whoever has a token of the owner."""

from __future__ import annotations

import ipaddress
import secrets

from .plex_tv import PlexTv
from .preferences import Preferences


class Access:
    def __init__(self, preferences: Preferences, plex_tv: PlexTv) -> None:
        self.preferences = preferences
        self.plex_tv = plex_tv

    def admits(self, client: str, token: str) -> bool:
        if not self.preferences.token:
            return local(client)
        if any(_within(client, network) for network in self.preferences.value("allowedNetworks").split(",")):
            return True
        if not token:
            return False
        if secrets.compare_digest(token.encode(), self.preferences.token.encode()):
            return True
        owner = self.plex_tv.owner(token)
        return bool(owner) and owner == self.preferences.username


def local(client: str) -> bool:
    """Tell whether the client is on this machine."""
    return _address(client).is_loopback


def _address(client: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return ipaddress.ip_address(client.removeprefix("::ffff:"))


def _within(client: str, network: str) -> bool:
    try:
        return _address(client) in ipaddress.ip_network(network.strip(), strict=False)
    except ValueError:
        return False

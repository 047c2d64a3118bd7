# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads and adapts an OpenVPN client configuration as gluetun adapts a custom one."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from .settings import OpenVpn

# Lines that gluetun takes out: it sets these itself, or they would run programs of the file's own.
REMOVED = {
    "up",
    "down",
    "verb",
    "auth-user-pass",
    "user",
    "group",
    "script-security",
    "dev",
    "dev-type",
    "proto",
    "remote",
    "resolv-retry",
    "block-outside-dns",
    "auth-retry",
}
CIPHERS = {"data-ciphers", "ncp-ciphers", "cipher"}


@dataclass(frozen=True)
class Server:
    address: IPv4Address | IPv6Address
    port: int
    protocol: str


def server_of(text: str) -> Server:
    """The server a configuration names; a host name is refused, as nothing could resolve it yet."""
    remote: list[str] = []
    protocol = "udp"
    for words in (line.split() for line in text.splitlines()):
        if words[:1] == ["remote"] and not remote:
            remote = words[1:]
        elif words[:1] == ["proto"] and len(words) > 1:
            protocol = _protocol(words[1])
    if not remote:
        raise ValueError("remote line not found")
    try:
        address = ip_address(remote[0])
    except ValueError:
        raise ValueError(f"extracting remote line: remote line does not have an IP address: {remote[0]}") from None
    port = int(remote[1]) if len(remote) > 1 else 1194
    return Server(address, port, _protocol(remote[2]) if len(remote) > 2 else protocol)


def _protocol(word: str) -> str:
    base = word.removesuffix("-client").rstrip("46")
    if base not in ("udp", "tcp"):
        raise ValueError(f"network protocol not supported: {word}")
    return base


def adapted(text: str, server: Server, settings: OpenVpn, interface: str, ipv6: bool, auth_file: str) -> str:
    dropped = set(REMOVED)
    dropped |= CIPHERS if settings.ciphers else set()
    dropped |= {"auth"} if settings.auth else set()
    dropped |= {"mssfix"} if settings.mssfix else set()
    lines = [line for line in text.splitlines() if line.split()[:1] and line.split()[0] not in dropped]
    lines += [
        f"proto {server.protocol}" + ("" if server.protocol == "udp" else "-client"),
        f"remote {server.address} {server.port}",
        f"dev {interface}",
        "dev-type tun",
        "mute-replay-warnings",
        "auth-nocache",
        'pull-filter ignore "auth-token"',
        "auth-retry nointeract",
        "suppress-timestamps",
        f"verb {settings.verbosity}",
    ]
    if settings.user:
        lines.append(f"auth-user-pass {auth_file}")
    if settings.ciphers:
        lines.append(f"data-ciphers {':'.join(settings.ciphers)}")
    if settings.auth:
        lines.append(f"auth {settings.auth}")
    if settings.mssfix:
        lines.append(f"mssfix {settings.mssfix}")
    if not ipv6:
        lines += ['pull-filter ignore "route-ipv6"', 'pull-filter ignore "ifconfig-ipv6"']
    return "\n".join(lines) + "\n"

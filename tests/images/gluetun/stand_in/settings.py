# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the settings: types and syntax. What fits together is judged in validation.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface, ip_address, ip_interface
from typing import Any, TypeVar

from . import providers
from .sources import Sources

T = TypeVar("T")
RETIRED = (
    "DOT",
    "DOT_PROVIDERS",
    "DOT_CACHING",
    "DOT_IPV6",
    "DOT_VERBOSITY",
    "DOT_VERBOSITY_DETAILS",
    "DOT_VALIDATION_LOGLEVEL",
    "DNS_PLAINTEXT_ADDRESS",
    "UNBLOCK",
    "HEALTH_VPN_DURATION_INITIAL",
    "HEALTH_VPN_DURATION_ADDITION",
    "HEALTH_SUCCESS_WAIT_DURATION",
)


class SettingsError(Exception):
    """A setting that gluetun refuses."""


@dataclass(frozen=True)
class WireGuard:
    private_key: str
    preshared_key: str
    public_key: str
    addresses: tuple[IPv4Interface | IPv6Interface, ...]
    endpoint_ip: IPv4Address | IPv6Address | None
    endpoint_port: int
    allowed_ips: tuple[IPv4Interface | IPv6Interface, ...]
    mtu: int
    keepalive: int
    implementation: str


@dataclass(frozen=True)
class OpenVpn:
    user: str
    password: str
    protocol: str
    version: str
    endpoint_ip: IPv4Address | IPv6Address | None
    endpoint_port: int
    custom_config: str
    cert: str
    key: str
    encrypted_key: str
    key_passphrase: str
    ciphers: tuple[str, ...]
    auth: str
    mssfix: int
    verbosity: int
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Firewall:
    enabled: bool
    debug: bool
    input_ports: tuple[int, ...]
    vpn_input_ports: tuple[int, ...]
    outbound_subnets: tuple[IPv4Interface | IPv6Interface, ...]


@dataclass(frozen=True)
class Dns:
    server: bool
    kind: str
    resolvers: tuple[str, ...]
    address: IPv4Address | IPv6Address
    keep_nameserver: bool


@dataclass(frozen=True)
class Health:
    server_address: str
    targets: tuple[str, ...]
    icmp_targets: tuple[IPv4Address | IPv6Address, ...]
    small_check: str
    restart_vpn: bool
    small_period: int
    full_period: int


@dataclass(frozen=True)
class Control:
    address: str
    log: bool
    auth_file: str
    default_role: str


@dataclass(frozen=True)
class Settings:
    provider: str
    kind: str
    interface: str
    wireguard: WireGuard
    openvpn: OpenVpn
    firewall: Firewall
    dns: Dns
    health: Health
    control: Control
    port_forwarding: bool
    port_forwarding_provider: str
    public_ip: bool
    public_ip_api: str
    public_ip_file: str
    retired: tuple[str, ...]


class _Reader:
    def __init__(self, sources: Sources) -> None:
        self.sources = sources

    def _read(self, name: str, parse: Callable[[str], T], default: T) -> T:
        value = self.sources.get(name)
        if value is None:
            return default
        try:
            return parse(value.strip())
        except ValueError as error:
            raise SettingsError(f"reading settings: {self.sources.origin(name)}: {error}") from None

    def text(self, name: str, default: str = "") -> str:
        return self._read(name, str, default)

    def lower(self, name: str, default: str) -> str:
        return self._read(name, str.lower, default)

    def switch(self, name: str, default: bool) -> bool:
        return self._read(name, _switch, default)

    def number(self, name: str, default: int, most: int = 65535) -> int:
        return self._read(name, lambda value: _number(value, most), default)

    def address(self, name: str) -> IPv4Address | IPv6Address | None:
        return self._read(name, _address, None)

    def duration(self, name: str) -> int:
        return self._read(name, _seconds, 0)

    def words(self, name: str, default: str = "") -> tuple[str, ...]:
        return _words(self.text(name, default))

    def each(self, name: str, parse: Callable[[str], Any], default: str = "") -> tuple[Any, ...]:
        return self._read(
            name,
            lambda value: tuple(parse(word) for word in _words(value)),
            tuple(parse(word) for word in _words(default)),
        )


def _words(value: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in value.split(",") if word.strip())


def _switch(value: str) -> bool:
    known = {"on": True, "yes": True, "true": True, "1": True, "off": False, "no": False, "false": False, "0": False}
    if value.lower() not in known:
        raise ValueError(f"value {value!r} is not valid: it must be on, yes, off or no")
    return known[value.lower()]


def _number(value: str, most: int) -> int:
    if not value.isdecimal() or int(value) > most:
        raise ValueError(f"value {value!r} is not a whole number from 0 to {most}")
    return int(value)


def _port(value: str) -> int:
    return _number(value, 65535)


def _address(value: str) -> IPv4Address | IPv6Address:
    try:
        return ip_address(value)
    except ValueError:
        raise ValueError(f'ParseAddr("{value}"): it is not an IP address') from None


def _interface(value: str) -> IPv4Interface | IPv6Interface:
    """An address with a mask; no mask means this one address."""
    try:
        return ip_interface(value)
    except ValueError:
        raise ValueError(f'netip.ParsePrefix("{value}"): it is not an address with a mask') from None


def _prefix(value: str) -> IPv4Interface | IPv6Interface:
    if "/" not in value:
        raise ValueError(f"netip.ParsePrefix(\"{value}\"): no '/'")
    return _interface(value)


def _seconds(value: str) -> int:
    """A Go duration as far as gluetun's own examples go: 25s, 5m, or 0."""
    units = {"s": 1, "m": 60, "h": 3600}
    if value == "0":
        return 0
    if not value[:-1].isdecimal() or value[-1:] not in units:
        raise ValueError(f'time: invalid duration "{value}"')
    return int(value[:-1]) * units[value[-1]]


def read_settings(sources: Sources) -> Settings:
    read = _Reader(sources)
    provider = read.lower("VPN_SERVICE_PROVIDER", "pia")
    provider = providers.ALIASES.get(provider, provider)
    return Settings(
        provider=provider,
        kind=read.lower("VPN_TYPE", "openvpn"),
        interface=read.text("VPN_INTERFACE", "tun0"),
        wireguard=_read_wireguard(read, provider),
        openvpn=_read_openvpn(read),
        firewall=Firewall(
            enabled=read.switch("FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT", True),
            debug=read.switch("FIREWALL_DEBUG", False),
            input_ports=read.each("FIREWALL_INPUT_PORTS", _port),
            vpn_input_ports=read.each("FIREWALL_VPN_INPUT_PORTS", _port),
            outbound_subnets=read.each("FIREWALL_OUTBOUND_SUBNETS", _prefix),
        ),
        dns=Dns(
            server=read.switch("DNS_SERVER", True),
            kind=read.lower("DNS_UPSTREAM_RESOLVER_TYPE", "dot"),
            resolvers=tuple(word.lower() for word in read.words("DNS_UPSTREAM_RESOLVERS", "cloudflare")),
            address=read.address("DNS_ADDRESS") or IPv4Address("127.0.0.1"),
            keep_nameserver=read.switch("DNS_KEEP_NAMESERVER", False),
        ),
        health=_read_health(read),
        control=Control(
            address=read.text("HTTP_CONTROL_SERVER_ADDRESS", ":8000"),
            log=read.switch("HTTP_CONTROL_SERVER_LOG", True),
            auth_file=read.text("HTTP_CONTROL_SERVER_AUTH_CONFIG_FILEPATH", "/gluetun/auth/config.toml"),
            default_role=read.text("HTTP_CONTROL_SERVER_AUTH_DEFAULT_ROLE", "{}"),
        ),
        port_forwarding=read.switch("VPN_PORT_FORWARDING", False),
        port_forwarding_provider=read.lower("VPN_PORT_FORWARDING_PROVIDER", provider),
        public_ip=read.switch("PUBLICIP_ENABLED", True),
        public_ip_api=read.lower("PUBLICIP_API", "ipinfo"),
        public_ip_file=read.text("PUBLICIP_FILE", "/tmp/gluetun/ip"),
        retired=tuple(name for name in RETIRED if sources.get(name)),
    )


def _read_wireguard(read: _Reader, provider: str) -> WireGuard:
    return WireGuard(
        private_key=read.text("WIREGUARD_PRIVATE_KEY"),
        preshared_key=read.text("WIREGUARD_PRESHARED_KEY"),
        public_key=read.text("WIREGUARD_PUBLIC_KEY"),
        addresses=read.each("WIREGUARD_ADDRESSES", _interface, providers.DEFAULT_ADDRESSES.get(provider, "")),
        endpoint_ip=read.address("WIREGUARD_ENDPOINT_IP"),
        endpoint_port=read.number("WIREGUARD_ENDPOINT_PORT", 0),
        allowed_ips=read.each("WIREGUARD_ALLOWED_IPS", _prefix, "0.0.0.0/0,::/0"),
        mtu=read.number("WIREGUARD_MTU", 1320),
        keepalive=read.duration("WIREGUARD_PERSISTENT_KEEPALIVE_INTERVAL"),
        implementation=read.lower("WIREGUARD_IMPLEMENTATION", "auto"),
    )


def _read_openvpn(read: _Reader) -> OpenVpn:
    return OpenVpn(
        user=read.text("OPENVPN_USER"),
        password=read.text("OPENVPN_PASSWORD"),
        protocol=read.lower("OPENVPN_PROTOCOL", "udp"),
        version=read.text("OPENVPN_VERSION", "2.6"),
        endpoint_ip=read.address("OPENVPN_ENDPOINT_IP"),
        endpoint_port=read.number("OPENVPN_ENDPOINT_PORT", 0),
        custom_config=read.text("OPENVPN_CUSTOM_CONFIG"),
        cert=read.text("OPENVPN_CERT"),
        key=read.text("OPENVPN_KEY"),
        encrypted_key=read.text("OPENVPN_ENCRYPTED_KEY"),
        key_passphrase=read.text("OPENVPN_KEY_PASSPHRASE"),
        ciphers=read.words("OPENVPN_CIPHERS"),
        auth=read.text("OPENVPN_AUTH"),
        mssfix=read.number("OPENVPN_MSSFIX", 0),
        verbosity=read.number("OPENVPN_VERBOSITY", 1),
        flags=tuple(read.text("OPENVPN_FLAGS").split()),
    )


def _read_health(read: _Reader) -> Health:
    # HEALTH_TARGET_ADDRESS is the old name, still read.
    targets = read.words("HEALTH_TARGET_ADDRESSES") or read.words("HEALTH_TARGET_ADDRESS")
    return Health(
        server_address=read.text("HEALTH_SERVER_ADDRESS", "127.0.0.1:9999"),
        targets=targets or ("cloudflare.com:443", "github.com:443"),
        icmp_targets=read.each("HEALTH_ICMP_TARGET_IPS", _address, "1.1.1.1,8.8.8.8"),
        small_check=read.lower("HEALTH_SMALL_CHECK_TYPE", "icmp"),
        restart_vpn=read.switch("HEALTH_RESTART_VPN", True),
        # Upstream's periods are fixed. These two names are the stand-in's own, for trials that cannot wait.
        small_period=read.number("STAND_IN_SMALL_CHECK_SECONDS", 60),
        full_period=read.number("STAND_IN_FULL_CHECK_SECONDS", 300),
    )

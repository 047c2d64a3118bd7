# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judges settings as gluetun does after reading them; the first fault ends the start."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from pathlib import Path

from . import openvpn_config, providers
from .settings import OpenVpn, Settings, SettingsError, WireGuard

INTERFACE_NAME = re.compile(r"^[a-zA-Z0-9_]+$")
IVPN_ACCOUNT = re.compile(r"^(i|ivpn)-[a-zA-Z0-9]{4}-[a-zA-Z0-9]{4}-[a-zA-Z0-9]{4}$")


def validate(settings: Settings, ipv6: bool) -> None:
    _firewall(settings)
    _dns(settings)
    _health(settings)
    _one_of("VPN settings: VPN type is not valid", settings.kind, ("openvpn", "wireguard"))
    known = providers.WIREGUARD if settings.kind == "wireguard" else providers.ALL
    _one_of("VPN settings: provider settings: VPN provider name is not valid", settings.provider, known)
    if not INTERFACE_NAME.match(settings.interface):
        raise SettingsError(f"VPN settings: interface name is not valid: '{settings.interface}'")
    if settings.kind == "wireguard":
        _wireguard(settings.wireguard, settings.provider, ipv6)
    else:
        _openvpn(settings.openvpn, settings.provider)
    _port_forwarding(settings)


def _one_of(what: str, value: str, choices: Iterable[str]) -> None:
    choices = list(choices)
    if value not in choices:
        listed = ", ".join(choices[:-1]) + f" or {choices[-1]}"
        raise SettingsError(f"{what}: value is not one of the possible choices: {value} must be one of {listed}")


def _key(what: str, value: str) -> None:
    try:
        good = len(base64.b64decode(value, validate=True)) == 32
    except binascii.Error as error:
        raise SettingsError(f"VPN settings: Wireguard settings: {what} is not valid: {error}") from None
    if not good:
        raise SettingsError(f"VPN settings: Wireguard settings: {what} is not valid: incorrect key size")


def _wireguard(wireguard: WireGuard, provider: str, ipv6: bool) -> None:
    where = "VPN settings: Wireguard settings"
    if not wireguard.private_key:
        raise SettingsError(f"{where}: private key is not set")
    _key("private key", wireguard.private_key)
    if provider == "airvpn" and not wireguard.preshared_key:
        raise SettingsError(f"{where}: pre-shared key is not set")
    if wireguard.preshared_key:
        _key("pre-shared key", wireguard.preshared_key)
    if not wireguard.addresses:
        raise SettingsError(f"{where}: interface address is not set")
    for address in wireguard.addresses:
        if address.version == 6 and not ipv6:
            raise SettingsError(f"{where}: interface address is IPv6 but IPv6 is not supported: address {address}")
    for allowed in wireguard.allowed_ips:
        _no_host_part(f"{where}: allowed IPs", allowed.network.with_prefixlen, str(allowed))
    _one_of(f"{where}: implementation is not valid", wireguard.implementation, ("auto", "userspace", "kernelspace"))
    _wireguard_server(wireguard, provider)


def _wireguard_server(wireguard: WireGuard, provider: str) -> None:
    where = "VPN settings: provider settings: server selection: Wireguard server selection settings"
    if provider == "custom" and (wireguard.endpoint_ip is None or wireguard.endpoint_ip.is_unspecified):
        raise SettingsError(f"{where}: endpoint IP is not set")
    if provider == "custom" and not wireguard.endpoint_port:
        raise SettingsError(f"{where}: endpoint port is not set")
    if provider in providers.ENDPOINT_PORT_REFUSED and wireguard.endpoint_port:
        raise SettingsError(f"{where}: endpoint port is set")
    allowed = providers.ENDPOINT_PORTS.get(provider, ())
    if allowed and wireguard.endpoint_port and wireguard.endpoint_port not in allowed:
        listed = ", ".join(str(port) for port in allowed)
        raise SettingsError(
            f"{where}: endpoint port is not allowed: for VPN service provider {provider}: "
            f"{wireguard.endpoint_port} must be one of {listed}"
        )
    if provider == "custom" and not wireguard.public_key:
        raise SettingsError(f"{where}: public key is not set")
    if wireguard.public_key:
        _key("public key", wireguard.public_key)


def _openvpn(openvpn: OpenVpn, provider: str) -> None:
    where = "VPN settings: OpenVPN settings"
    _one_of(f"{where}: version is not valid", openvpn.version, ("2.5", "2.6"))
    _one_of(f"{where}: protocol is not valid", openvpn.protocol, ("udp", "tcp"))
    user_needed = provider not in providers.NO_OPENVPN_USER
    if user_needed and not openvpn.user:
        raise SettingsError(f"{where}: user is empty")
    password_needed = user_needed and not (provider == "ivpn" and IVPN_ACCOUNT.match(openvpn.user))
    if password_needed and provider != "mullvad" and not openvpn.password:
        raise SettingsError(f"{where}: password is empty")
    if provider == "custom":
        _custom_config(openvpn.custom_config)
    _pem("client certificate", openvpn.cert, provider in providers.OPENVPN_CERT)
    _pem("client key", openvpn.key, provider in providers.OPENVPN_KEY)
    _pem("encrypted key", openvpn.encrypted_key, provider == "vpnsecure")
    if openvpn.encrypted_key and not openvpn.key_passphrase:
        raise SettingsError(f"{where}: key passphrase is empty")
    if openvpn.mssfix > 10000:
        raise SettingsError(f"{where}: mssfix option value is too high: {openvpn.mssfix} is over the maximum of 10000")
    if openvpn.verbosity > 6:
        raise SettingsError(f"{where}: verbosity value is out of bounds: {openvpn.verbosity} must be from 0 to 6")


def _custom_config(path: str) -> None:
    where = "VPN settings: OpenVPN settings: custom configuration file"
    if not path:
        raise SettingsError(f"{where}: filepath is missing")
    if not Path(path).is_file():
        raise SettingsError(f"{where}: open {path}: no such file or directory")
    try:
        openvpn_config.server_of(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise SettingsError(f"{where}: failed extracting information from custom configuration file: {error}") from None


def _pem(what: str, value: str, needed: bool) -> None:
    if needed and not value:
        raise SettingsError(f"VPN settings: OpenVPN settings: {what}: missing value")
    if not value or value.startswith("-----BEGIN"):
        return
    try:
        base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise SettingsError(f"VPN settings: OpenVPN settings: {what}: {error}") from None


def _no_host_part(where: str, network: str, given: str) -> None:
    # The kernel refuses such a route.
    if network != given:
        raise SettingsError(f"{where}: adding route for {given}: invalid argument (the network is {network})")


def _firewall(settings: Settings) -> None:
    if 0 in settings.firewall.vpn_input_ports:
        raise SettingsError("firewall settings: VPN input ports: cannot have a zero port")
    if 0 in settings.firewall.input_ports:
        raise SettingsError("firewall settings: input ports: cannot have a zero port")
    for subnet in settings.firewall.outbound_subnets:
        if subnet.ip.is_unspecified:
            raise SettingsError(f"firewall settings: outbound subnet has an unspecified address: {subnet}")
        _no_host_part("setting outbound subnets", subnet.network.with_prefixlen, str(subnet))


def _dns(settings: Settings) -> None:
    _one_of("DNS settings: upstream type is not valid", settings.dns.kind, ("dot", "doh", "plain"))
    for resolver in settings.dns.resolvers:
        known = (*providers.RESOLVERS, *providers.OTHER_RESOLVERS)
        _one_of("DNS settings: upstream resolver is not valid", resolver, known)
        if resolver not in providers.RESOLVERS:
            raise SettingsError(f"the stand-in has no address for the resolver {resolver}: use cloudflare or google")


def _health(settings: Settings) -> None:
    _one_of("health settings: small check type is not valid", settings.health.small_check, ("icmp", "dns"))


def _port_forwarding(settings: Settings) -> None:
    if settings.port_forwarding and settings.port_forwarding_provider not in providers.PORT_FORWARDING:
        _one_of(
            "VPN settings: provider settings: port forwarding: port forwarding cannot be enabled",
            settings.port_forwarding_provider,
            providers.PORT_FORWARDING,
        )

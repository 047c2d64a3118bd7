# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the role's variables, all at once. Never repeats the value of a secret.

gluetun ends at the first setting that it refuses, and with a restart policy that is a loop. What it would refuse is
found here instead, before the host is touched.
"""

from __future__ import annotations

import base64
import binascii
import difflib
import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import gluetun
from ansible_collections.homelab.media.plugins.module_utils import settings as shared
from ansible_collections.homelab.media.plugins.module_utils.gluetun_facts import (
    CUSTOM,
    OPENVPN,
    PORT_FORWARDING,
    PROVIDERS,
    RESOLVERS,
    SERVER_ONLY,
    WIREGUARD,
    Provider,
    provider_name,
)
from ansible_collections.homelab.media.plugins.module_utils.kill_switch import NAME_PORTS
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

Settings = Mapping[str, Any]

KEY = "a WireGuard key: 44 characters that end with =, as `wg genkey` prints it"
NETWORK = "networks such as [192.168.1.0/24, 'fd00:1::/64']"

CHOICES = {
    "vpn_wireguard_implementation": ("auto", "kernelspace", "userspace"),
    "vpn_openvpn_protocol": ("udp", "tcp"),
    "vpn_openvpn_version": ("2.5", "2.6"),
    "vpn_dns_type": ("dot", "doh", "plain"),
    "vpn_health_check_type": ("icmp", "dns"),
    "vpn_log_level": ("debug", "info", "warning", "error"),
}

#: The least and the greatest of each number. 0 stands for "not set".
NUMBERS = {
    "vpn_wireguard_endpoint_port": (0, 65535),
    "vpn_wireguard_mtu": (0, 65535),
    "vpn_wireguard_keepalive": (0, 65535),
    "vpn_openvpn_endpoint_port": (0, 65535),
    "vpn_openvpn_mssfix": (0, 10000),
    "vpn_port_forwarding_listening_port": (0, 65535),
}

DURATIONS = ("vpn_dns_update_period", "vpn_updater_period")

#: Names of vpn_extra_environment that belong to the role, beside those that it has a variable for.
RESERVED = {
    "VPN_SERVICE_PROVIDER": "vpn_provider",
    "VPN_INTERFACE": "no other device: the kill switch lets out tun0 alone",
    "FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT": "the firewall on",
    "HTTP_CONTROL_SERVER_AUTH_CONFIG_FILEPATH": "vpn_control_key",
    "HTTP_CONTROL_SERVER_AUTH_DEFAULT_ROLE": "vpn_control_key",
    "WIREGUARD_PERSISTENT_KEEPALIVE_INTERVAL": "vpn_wireguard_keepalive",
    "OPENVPN_FLAGS": "vpn_openvpn_flags",
    "OPENVPN_CUSTOM_CONFIG": "vpn_openvpn_custom_config",
    "OPENVPN_CERT": "vpn_openvpn_certificate",
    "OPENVPN_KEY": "vpn_openvpn_key",
    "DNS_SERVER": "vpn_dns_address",
    "DNS_KEEP_NAMESERVER": "the name server of the tunnel alone",
    "PUID": "media_puid",
    "PGID": "media_pgid",
    "TZ": "media_timezone",
}

_IVPN_ACCOUNT = re.compile(r"(i|ivpn)(-[A-Za-z0-9]{4}){3}")
_DURATION = re.compile(r"(0|(\d+(\.\d+)?(ms|s|m|h))+)")
_ENVIRONMENT_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
_LISTENING = re.compile(r"(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:]+\])?:(\d{1,5})")
_TEXT_OF_A_MANUAL = re.compile(r"\byour[ _-][a-z0-9_ -]*\b(here|key|password|username|user|address|server)\b", re.I)


def problems(settings: Settings) -> list[Problem]:
    """Return everything in the role's variables that cannot work, or was never filled in."""
    found = [*shared.placeholders(settings), *_manual_text(settings)]
    unfilled = {re.split(r"[.\[]", problem.variable)[0] for problem in found}
    checked = [
        *_provider(settings),
        *_choices(settings),
        *_numbers(settings),
        *_durations(settings),
        *_networks(settings),
        *_names(settings),
        *_control(settings),
        *_port_forwarding(settings),
        *_extra(settings),
    ]
    # One fault is told once: a key that still holds a placeholder is not also "no key".
    return sorted({*found, *(problem for problem in checked if problem.variable not in unfilled)})


def _manual_text(settings: Settings) -> Iterator[Problem]:
    """Find what a manual writes where the value goes, such as your-key-here; the value is not repeated."""
    for name, value in settings.items():
        for path, text in shared.walk(name, value):
            if _TEXT_OF_A_MANUAL.search(text):
                yield Problem(path, "still holds the words of an example", "your own value")


def _provider(settings: Settings) -> Iterator[Problem]:
    name = provider_name(settings.get("vpn_provider"))
    kind = settings.get("vpn_type")
    provider = PROVIDERS.get(name)
    if kind not in (WIREGUARD, OPENVPN):
        yield Problem("vpn_type", f"is {kind!r}", f"{WIREGUARD} or {OPENVPN}")
    if provider is None:
        near = difflib.get_close_matches(name, PROVIDERS, n=1)
        hint = f"did you mean {near[0]}? Known: " if near else "one of "
        reason = f"is {settings['vpn_provider']!r}, which gluetun does not know" if name else "is not set"
        yield Problem("vpn_provider", reason, hint + ", ".join(PROVIDERS))
        if kind == WIREGUARD:  # the one thing that every provider needs for it
            yield from _key(settings, "vpn_wireguard_private_key", "every provider")
    elif kind in (WIREGUARD, OPENVPN) and kind not in provider.kinds:
        custom = f", or vpn_provider: {CUSTOM} with the server's own values"
        yield Problem("vpn_type", f"is {kind}, which gluetun does not have for {name}", provider.kinds[0] + custom)
    elif kind == WIREGUARD:
        yield from _wireguard(settings, name, provider)
    elif kind == OPENVPN:
        yield from _openvpn(settings, name, provider)
    if provider is not None:
        yield from _server_only(settings, name, provider)


def _wireguard(settings: Settings, name: str, provider: Provider) -> Iterator[Problem]:
    custom = name == CUSTOM
    required = {
        "vpn_wireguard_private_key": True,
        "vpn_wireguard_preshared_key": provider.preshared_key,
        "vpn_wireguard_public_key": custom,
    }
    for variable, needed in required.items():
        yield from _key(settings, variable, name if needed else "")
    yield from _tunnel_addresses(settings, name, provider)
    yield from _server(settings, "vpn_wireguard_endpoint_ip", "vpn_wireguard_endpoint_port", name if custom else "")
    port = settings.get("vpn_wireguard_endpoint_port")
    if not port:
        return
    if not provider.wireguard_port:
        yield Problem("vpn_wireguard_endpoint_port", f"is {port}, and {name} takes none", "0, or no value at all")
    elif provider.wireguard_ports and _number(port) not in provider.wireguard_ports:
        yield Problem("vpn_wireguard_endpoint_port", f"is {port}", _of_provider(name, provider.wireguard_ports))


def _key(settings: Settings, variable: str, needed_for: str) -> Iterator[Problem]:
    value = settings.get(variable)
    if not value:
        if needed_for:
            yield Problem(variable, f"is not set, and {needed_for} needs it for WireGuard", KEY)
        return
    try:
        length = len(base64.b64decode(str(value), validate=True))
    except (binascii.Error, ValueError):
        yield Problem(variable, "is not Base64", KEY)
        return
    if length != 32:
        yield Problem(variable, f"holds {length} bytes, not 32", KEY)


def _tunnel_addresses(settings: Settings, name: str, provider: Provider) -> Iterator[Problem]:
    variable, expected = "vpn_wireguard_addresses", "the addresses that the provider gave you, such as [10.64.0.2/32]"
    addresses = settings.get(variable) or []
    if not isinstance(addresses, (list, tuple)):
        yield Problem(variable, f"is {addresses!r}", expected)
        return
    if not addresses and not provider.addresses:
        yield Problem(variable, f"is empty, and {name} needs it for WireGuard", expected)
    for item in addresses:
        try:
            address = ipaddress.ip_interface(str(item))
        except ValueError:
            yield Problem(variable, f"{item!r} is no address", expected)
            continue
        if address.version == 6 and not settings.get("vpn_ipv6"):
            reason = f"{item!r} is IPv6, and gluetun ends where the container has none"
            yield Problem(variable, reason, "IPv4 addresses alone, or media_ipv6: true")


def _openvpn(settings: Settings, name: str, provider: Provider) -> Iterator[Problem]:
    custom = name == CUSTOM
    user = str(settings.get("vpn_openvpn_user") or "")
    needed = {
        "vpn_openvpn_user": provider.login,
        "vpn_openvpn_password": provider.login and not (name == "ivpn" and _IVPN_ACCOUNT.fullmatch(user)),
        "vpn_openvpn_certificate": provider.certificate,
        "vpn_openvpn_key": provider.key,
        "vpn_openvpn_encrypted_key": provider.encrypted_key,
        "vpn_openvpn_key_passphrase": bool(settings.get("vpn_openvpn_encrypted_key")),
        "vpn_openvpn_custom_config": custom,
    }
    for variable, is_needed in needed.items():
        if is_needed and not settings.get(variable):
            yield Problem(variable, f"is not set, and {name} needs it for OpenVPN", _OPENVPN_EXPECTED[variable])
    for variable in ("vpn_openvpn_user", "vpn_openvpn_password", "vpn_openvpn_key_passphrase"):
        if "\n" in str(settings.get(variable) or "").strip("\n"):
            yield Problem(variable, "has more than one line", _OPENVPN_EXPECTED[variable])
    for variable in ("vpn_openvpn_certificate", "vpn_openvpn_key", "vpn_openvpn_encrypted_key"):
        if settings.get(variable) and "-----BEGIN " not in str(settings[variable]):
            yield Problem(variable, "is no PEM text", _OPENVPN_EXPECTED[variable])
    if settings.get("vpn_openvpn_protocol") == "tcp" and not provider.tcp:
        yield Problem("vpn_openvpn_protocol", f"is tcp, which gluetun does not have for {name}", "udp")
    yield from _server(settings, "vpn_openvpn_endpoint_ip", "vpn_openvpn_endpoint_port", "")
    yield from _openvpn_port(settings, name, provider)
    yield from _openvpn_flags(settings)
    if settings.get("vpn_openvpn_custom_config"):
        yield from _custom_config(settings, custom)


_OPENVPN_EXPECTED = {
    "vpn_openvpn_user": "the user name for OpenVPN, which is often not the one of the provider's web site",
    "vpn_openvpn_password": "its password, from a vault, on one line",
    "vpn_openvpn_certificate": "your client certificate, from -----BEGIN CERTIFICATE----- to its END line",
    "vpn_openvpn_key": "your client key, from its -----BEGIN line to its END line, from a vault",
    "vpn_openvpn_encrypted_key": "your encrypted key, from its -----BEGIN line to its END line, from a vault",
    "vpn_openvpn_key_passphrase": "the passphrase of vpn_openvpn_encrypted_key, from a vault",
    "vpn_openvpn_custom_config": "the content of your .ovpn file, such as \"{{ lookup('file', 'provider.ovpn') }}\"",
}


def _openvpn_port(settings: Settings, name: str, provider: Provider) -> Iterator[Problem]:
    port = settings.get("vpn_openvpn_endpoint_port")
    if not port:
        return
    allowed = provider.tcp_ports if settings.get("vpn_openvpn_protocol") == "tcp" else provider.udp_ports
    if not provider.openvpn_port:
        yield Problem("vpn_openvpn_endpoint_port", f"is {port}, and {name} takes none", "0, or no value at all")
    elif allowed and _number(port) not in allowed:
        yield Problem("vpn_openvpn_endpoint_port", f"is {port}", _of_provider(name, allowed))


def _openvpn_flags(settings: Settings) -> Iterator[Problem]:
    flags = settings.get("vpn_openvpn_flags") or []
    if not isinstance(flags, (list, tuple)) or any(re.search(r"\s", str(flag)) for flag in flags):
        yield Problem("vpn_openvpn_flags", f"is {flags!r}", "a list of single words, such as [--ping, '10']")
    elif {"--mark", "--dev"} & {str(flag) for flag in flags}:
        yield Problem("vpn_openvpn_flags", "sets --mark or --dev, by which the kill switch knows the tunnel", "others")


def _custom_config(settings: Settings, custom: bool) -> Iterator[Problem]:
    variable = "vpn_openvpn_custom_config"
    if not custom:
        yield Problem(variable, "is read for one provider alone", f"vpn_provider: {CUSTOM}, or no value at all")
    elif gluetun.custom_endpoint(settings[variable]) is None:
        expected = "a line such as `remote 203.0.113.7 1194`: no name can be looked up before the tunnel is up"
        yield Problem(variable, "has no `remote` line with an IP address", expected)


def _server(settings: Settings, ip_variable: str, port_variable: str, needed_for: str) -> Iterator[Problem]:
    """Check a declared server, and that the kill switch can tell its packets from questions to a resolver."""
    address, port = settings.get(ip_variable), settings.get(port_variable)
    expected = "the server's IP address: no name can be looked up before the tunnel is up"
    if address:
        try:
            unspecified = ipaddress.ip_address(str(address)).is_unspecified
        except ValueError:
            yield Problem(ip_variable, f"is {address!r}", expected)
        else:
            if unspecified:
                yield Problem(ip_variable, f"is {address!r}, which is no server's", expected)
    elif needed_for:
        yield Problem(ip_variable, f"is not set, and {needed_for} needs it for WireGuard", expected)
    if needed_for and not port:
        yield Problem(port_variable, f"is not set, and {needed_for} needs it for WireGuard", "such as 51820")
    if not address and _number(port) in NAME_PORTS:
        reason = f"is {port}, and nothing tells the tunnel from a question to a resolver while {ip_variable} is empty"
        yield Problem(port_variable, reason, f"another port, or {ip_variable} as well")


def _server_only(settings: Settings, name: str, provider: Provider) -> Iterator[Problem]:
    words = settings.get("vpn_server_only") or []
    known = "one of " + ", ".join(sorted(provider.only)) if provider.only else f"an empty list: {name} has none"
    if not isinstance(words, (list, tuple)):
        yield Problem("vpn_server_only", f"is {words!r}", "a list")
        return
    for word in words:
        if word not in SERVER_ONLY:
            yield Problem("vpn_server_only", f"{word!r} is not known", "one of " + ", ".join(SERVER_ONLY))
        elif word not in provider.only:
            yield Problem("vpn_server_only", f"{word!r} is no filter of {name}", known)


def _choices(settings: Settings) -> Iterator[Problem]:
    for variable, choices in CHOICES.items():
        if str(settings.get(variable)) not in choices:
            yield Problem(variable, f"is {settings.get(variable)!r}", "one of " + ", ".join(choices))
    for name in settings.get("vpn_dns_resolvers") or ():
        if str(name).lower() not in RESOLVERS:
            yield Problem("vpn_dns_resolvers", f"{name!r} is not known", "one of " + ", ".join(RESOLVERS))


def _numbers(settings: Settings) -> Iterator[Problem]:
    for variable, (least, most) in NUMBERS.items():
        value = settings.get(variable)
        number = _number(value)
        if value not in (None, "") and (number is None or not least <= number <= most):
            yield Problem(variable, f"is {value!r}", f"a whole number from {least} to {most}")


def _durations(settings: Settings) -> Iterator[Problem]:
    for variable in DURATIONS:
        value = settings.get(variable)
        if value not in (None, "") and not _DURATION.fullmatch(str(value)):
            yield Problem(variable, f"is {value!r}", "a time such as 24h or 30m")


def _networks(settings: Settings) -> Iterator[Problem]:
    tunnel = [network for item in _list(settings, "vpn_wireguard_addresses") if (network := _network(item, False))]
    for item in _list(settings, "vpn_lan_subnets"):
        network = _network(item)
        if network is None:
            reason = f"{item!r} is no network, or has bits set behind its prefix"
            yield Problem("vpn_lan_subnets", reason, NETWORK)
        elif not _at_home(network):
            reason = f"{item!r} is not your home's alone: what is behind the VPN would reach it without the tunnel"
            yield Problem("vpn_lan_subnets", reason, NETWORK)
        elif any(network.version == other.version and network.overlaps(other) for other in tunnel):
            reason = f"{item!r} covers the tunnel's own address (vpn_wireguard_addresses)"
            yield Problem("vpn_lan_subnets", reason, "your home's network alone")


def _names(settings: Settings) -> Iterator[Problem]:
    """Check where names are looked up: a resolver at home would be asked outside the tunnel."""
    address = settings.get("vpn_dns_address")
    if not address:
        return
    expected = "the address of a resolver behind the tunnel, as the provider gives it, such as 10.64.0.1"
    network = _network(address)
    if network is None or "/" in str(address):
        yield Problem("vpn_dns_address", f"is {address!r}", expected)
    elif network.is_loopback:
        yield Problem("vpn_dns_address", f"is {address!r}, gluetun's own resolver", "no value at all for that")
    for item in _list(settings, "vpn_lan_subnets"):
        other = _network(item)
        if network and other and network.version == other.version and other.overlaps(network):
            yield Problem("vpn_dns_address", f"is {address!r}, in your home ({item}): outside the tunnel", expected)


def _control(settings: Settings) -> Iterator[Problem]:
    match = _LISTENING.fullmatch(str(settings.get("vpn_control_address") or ""))
    if not match or not 1 <= int(match[3]) <= 65535:
        reason = f"is {settings.get('vpn_control_address')!r}"
        yield Problem("vpn_control_address", reason, "an address and a port, such as 127.0.0.1:8000, or :8000 for all")
    key = settings.get("vpn_control_key")
    if key and not re.fullmatch(r"[A-Za-z0-9_-]{16,}", str(key)):
        yield Problem("vpn_control_key", "is too short, or has other characters", "16 letters and digits or more")


def _port_forwarding(settings: Settings) -> Iterator[Problem]:
    if not settings.get("vpn_port_forwarding"):
        return
    own = settings.get("vpn_port_forwarding_provider")
    name = provider_name(own or settings.get("vpn_provider"))
    if name not in PORT_FORWARDING:
        variable = "vpn_port_forwarding_provider" if own else "vpn_port_forwarding"
        reason = f"is {own!r}" if own else f"is on, which gluetun does not have for {name or 'no provider'}"
        yield Problem(variable, reason, "false, or one of " + ", ".join(PORT_FORWARDING))


def _extra(settings: Settings) -> Iterator[Problem]:
    extra = settings.get("vpn_extra_environment") or {}
    if not isinstance(extra, Mapping):
        yield Problem("vpn_extra_environment", f"is a {type(extra).__name__}", "a dictionary of gluetun's variables")
        return
    owned = _owned_names()
    for name in extra:
        if not _ENVIRONMENT_NAME.fullmatch(str(name)):
            yield Problem(f"vpn_extra_environment.{name}", "is no name of a variable", "capitals, digits and _")
        elif name in owned:
            yield Problem(f"vpn_extra_environment.{name}", "belongs to the role", owned[name])


def _owned_names() -> dict[str, str]:
    """Return the names that the role gives to gluetun itself, each with the variable to use instead."""
    tables = (gluetun.COMMON, gluetun.PORT_FORWARDING, *gluetun.OF_KIND.values())
    owned = {name: variable for table in tables for variable, name in table.items()}
    owned.update({name: f"{word} in vpn_server_only" for word, name in SERVER_ONLY.items()})
    # An environment is readable by everybody who may ask Docker: secrets go as files.
    for table in (*gluetun.SECRET_FILES.values(), gluetun.PORT_FORWARDING_SECRETS):
        for variable, file in table.items():
            owned.update({file.upper(): variable, f"{file.upper()}_SECRETFILE": variable})
    return {**owned, **RESERVED}


def _of_provider(name: str, ports: Iterable[int]) -> str:
    return f"for {name} one of " + ", ".join(str(port) for port in ports)


def _list(settings: Settings, variable: str) -> list[Any]:
    value = settings.get(variable)
    return list(value) if isinstance(value, (list, tuple)) else []


def _network(value: Any, strict: bool = True) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(str(value), strict=strict)
    except ValueError:
        return None


def _at_home(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    """Tell whether a network can be somebody's own: private, or of the shared range that overlay networks use."""
    if network.version == 4:
        shared_range = ipaddress.IPv4Network("100.64.0.0/10")
        return network.prefixlen >= 8 and (network.is_private or network.subnet_of(shared_range))
    return network.prefixlen >= 32 and network.is_private


def _number(value: Any) -> int | None:
    return shared.as_number(value)

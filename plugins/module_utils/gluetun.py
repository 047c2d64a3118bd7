# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role's variables mean to gluetun: its environment, its secret files, and the server that it goes to.

The settings are the role's variables under their own names, so that every problem names the variable to correct.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.gluetun_facts import (
    FIREWALL_MARK,
    OPENVPN,
    SERVER_ONLY,
    WIREGUARD,
    provider_name,
)
from ansible_collections.homelab.media.plugins.module_utils.kill_switch import Endpoint

Settings = Mapping[str, Any]

#: Where the content of vpn_openvpn_custom_config is inside the container. Its name is no setting's: gluetun would
#: take the content of /run/secrets/openvpn_custom_config for the path itself.
CUSTOM_CONFIG = "/run/secrets/vpn.ovpn"

#: Variables of gluetun, by the variable of the role that they are made of.
COMMON = {
    "vpn_type": "VPN_TYPE",
    "vpn_server_countries": "SERVER_COUNTRIES",
    "vpn_server_regions": "SERVER_REGIONS",
    "vpn_server_cities": "SERVER_CITIES",
    "vpn_server_hostnames": "SERVER_HOSTNAMES",
    "vpn_server_names": "SERVER_NAMES",
    "vpn_server_numbers": "SERVER_NUMBER",
    "vpn_server_categories": "SERVER_CATEGORIES",
    "vpn_server_isps": "ISP",
    "vpn_lan_subnets": "FIREWALL_OUTBOUND_SUBNETS",
    "vpn_dns_type": "DNS_UPSTREAM_RESOLVER_TYPE",
    "vpn_dns_resolvers": "DNS_UPSTREAM_RESOLVERS",
    "vpn_dns_address": "DNS_ADDRESS",
    "vpn_dns_caching": "DNS_CACHING",
    "vpn_dns_block_malicious": "BLOCK_MALICIOUS",
    "vpn_dns_block_surveillance": "BLOCK_SURVEILLANCE",
    "vpn_dns_block_ads": "BLOCK_ADS",
    "vpn_dns_unblock_hostnames": "DNS_UNBLOCK_HOSTNAMES",
    "vpn_dns_rebinding_exempt_hostnames": "DNS_REBINDING_PROTECTION_EXEMPT_HOSTNAMES",
    "vpn_dns_update_period": "DNS_UPDATE_PERIOD",
    "vpn_port_forwarding": "VPN_PORT_FORWARDING",
    "vpn_health_targets": "HEALTH_TARGET_ADDRESSES",
    "vpn_health_icmp_targets": "HEALTH_ICMP_TARGET_IPS",
    "vpn_health_check_type": "HEALTH_SMALL_CHECK_TYPE",
    "vpn_health_restart": "HEALTH_RESTART_VPN",
    "vpn_control_address": "HTTP_CONTROL_SERVER_ADDRESS",
    "vpn_updater_period": "UPDATER_PERIOD",
    "vpn_log_level": "LOG_LEVEL",
}

#: Those that make sense for one kind of tunnel alone.
OF_KIND = {
    WIREGUARD: {
        "vpn_wireguard_addresses": "WIREGUARD_ADDRESSES",
        "vpn_wireguard_public_key": "WIREGUARD_PUBLIC_KEY",
        "vpn_wireguard_endpoint_ip": "WIREGUARD_ENDPOINT_IP",
        "vpn_wireguard_endpoint_port": "WIREGUARD_ENDPOINT_PORT",
        "vpn_wireguard_mtu": "WIREGUARD_MTU",
        "vpn_wireguard_implementation": "WIREGUARD_IMPLEMENTATION",
    },
    OPENVPN: {
        "vpn_openvpn_protocol": "OPENVPN_PROTOCOL",
        "vpn_openvpn_version": "OPENVPN_VERSION",
        "vpn_openvpn_endpoint_ip": "OPENVPN_ENDPOINT_IP",
        "vpn_openvpn_endpoint_port": "OPENVPN_ENDPOINT_PORT",
        "vpn_openvpn_ciphers": "OPENVPN_CIPHERS",
        "vpn_openvpn_auth": "OPENVPN_AUTH",
        "vpn_openvpn_mssfix": "OPENVPN_MSSFIX",
    },
}

PORT_FORWARDING = {
    "vpn_port_forwarding_provider": "VPN_PORT_FORWARDING_PROVIDER",
    "vpn_port_forwarding_listening_port": "VPN_PORT_FORWARDING_LISTENING_PORT",
    "vpn_port_forwarding_up_command": "VPN_PORT_FORWARDING_UP_COMMAND",
    "vpn_port_forwarding_down_command": "VPN_PORT_FORWARDING_DOWN_COMMAND",
}

#: Secrets, by their variable: the file below /run/secrets that gluetun looks for without being told.
SECRET_FILES = {
    WIREGUARD: {
        "vpn_wireguard_private_key": "wireguard_private_key",
        "vpn_wireguard_preshared_key": "wireguard_preshared_key",
    },
    OPENVPN: {
        "vpn_openvpn_user": "openvpn_user",
        "vpn_openvpn_password": "openvpn_password",
        "vpn_openvpn_certificate": "openvpn_clientcrt",
        "vpn_openvpn_key": "openvpn_clientkey",
        "vpn_openvpn_encrypted_key": "openvpn_encrypted_key",
        "vpn_openvpn_key_passphrase": "openvpn_key_passphrase",
        "vpn_openvpn_custom_config": CUSTOM_CONFIG.rpartition("/")[2],
    },
}
PORT_FORWARDING_SECRETS = {
    "vpn_port_forwarding_username": "vpn_port_forwarding_username",
    "vpn_port_forwarding_password": "vpn_port_forwarding_password",
}

#: The key of the control server's one role, made on the host.
CONTROL_KEY = "vpn_control_key"


def environment(settings: Settings) -> dict[str, str]:
    """Return gluetun's environment: what is set, and nothing that is secret."""
    kind = settings.get("vpn_type")
    names = {**COMMON, **OF_KIND.get(str(kind), {})}
    if settings.get("vpn_port_forwarding"):
        names.update(PORT_FORWARDING)
    found = {"VPN_SERVICE_PROVIDER": provider_name(settings.get("vpn_provider"))}
    found.update({name: _text(settings.get(variable)) for variable, name in names.items()})
    found.update({SERVER_ONLY[word]: "on" for word in _words(settings.get("vpn_server_only")) if word in SERVER_ONLY})
    found.update(_computed(settings))
    found.update({name: _text(value) for name, value in (settings.get("vpn_extra_environment") or {}).items()})
    return {name: value for name, value in found.items() if value}


def _computed(settings: Settings) -> dict[str, str]:
    """Return what is not one variable's value."""
    found = {}
    if settings.get("vpn_dns_address"):
        # A plain resolver behind the tunnel takes the place of gluetun's own.
        found["DNS_SERVER"] = "off"
    if settings.get("vpn_type") == WIREGUARD and settings.get("vpn_wireguard_keepalive"):
        found["WIREGUARD_PERSISTENT_KEEPALIVE_INTERVAL"] = f"{settings['vpn_wireguard_keepalive']}s"
    if settings.get("vpn_type") == OPENVPN:
        # The kill switch knows the tunnel's packets by this mark, which gluetun gives to WireGuard's alone.
        found["OPENVPN_FLAGS"] = " ".join(["--mark", str(FIREWALL_MARK), *_words(settings.get("vpn_openvpn_flags"))])
        if settings.get("vpn_openvpn_custom_config"):
            found["OPENVPN_CUSTOM_CONFIG"] = CUSTOM_CONFIG
    return found


def secret_files(settings: Settings) -> dict[str, str]:
    """Return the secrets that are given, by their variable, each with its file below /run/secrets."""
    files = dict(SECRET_FILES.get(str(settings.get("vpn_type")), {}))
    if settings.get("vpn_port_forwarding"):
        files.update(PORT_FORWARDING_SECRETS)
    return {variable: file for variable, file in files.items() if settings.get(variable)}


def secrets(settings: Settings) -> dict[str, dict[str, Any]]:
    """Declare the secrets: each given one under its variable's name, and the key of the control server."""
    found: dict[str, dict[str, Any]] = {
        variable: {"kind": "given", "value": settings[variable], "variable": variable}
        for variable in secret_files(settings)
    }
    control = {"kind": "alnum", "length": 32, "variable": CONTROL_KEY}
    given = settings.get(CONTROL_KEY)
    return {**found, CONTROL_KEY: {**control, "value": given} if given else control}


def secret_mounts(settings: Settings) -> list[dict[str, str]]:
    """Return the secrets as a Compose service mounts them, under the file names that gluetun looks for."""
    return [{"source": variable, "target": file} for variable, file in secret_files(settings).items()]


def endpoint(settings: Settings) -> Endpoint | None:
    """Return where the tunnel's packets go, as far as it is declared; None while no kind of tunnel is chosen."""
    kind = settings.get("vpn_type")
    if kind == WIREGUARD:
        return Endpoint(
            "udp",
            _address(settings.get("vpn_wireguard_endpoint_ip")),
            _port(settings.get("vpn_wireguard_endpoint_port")),
        )
    if kind != OPENVPN:
        return None
    protocol = "tcp" if settings.get("vpn_openvpn_protocol") == "tcp" else "udp"
    declared = Endpoint(
        protocol,
        _address(settings.get("vpn_openvpn_endpoint_ip")),
        _port(settings.get("vpn_openvpn_endpoint_port")),
    )
    written = custom_endpoint(settings.get("vpn_openvpn_custom_config"))
    if written is None:
        return declared
    return Endpoint(written.protocol, declared.address or written.address, declared.port or written.port)


def custom_endpoint(config: Any) -> Endpoint | None:
    """Read the server of an OpenVPN configuration as gluetun does: the first address, port and protocol in it."""
    address, port, protocol = "", 0, ""
    for line in str(config or "").splitlines():
        words = line.split()
        if line.startswith("proto ") and len(words) == 2:
            protocol = protocol or words[1][:3]
        elif line.startswith("remote ") and 2 <= len(words) <= 4 and _address(words[1]):
            address = address or _address(words[1])
            port = port or _port(words[2] if len(words) > 2 else 0)
            protocol = protocol or (words[3] if len(words) > 3 else "")
        if address and protocol:
            break
    if not address:
        return None
    protocol = protocol or "udp"
    return Endpoint(protocol, address, port or (443 if protocol == "tcp" else 1194))


def _text(value: Any) -> str:
    """Write a value as gluetun reads it; what is not set is empty."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (list, tuple)):
        return ",".join(str(item) for item in value)
    return str(value) if value else ""


def _words(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else []


def _address(value: Any) -> str:
    try:
        return str(ipaddress.ip_address(str(value or "")))
    except ValueError:
        return ""


def _port(value: Any) -> int:
    return int(value) if str(value or "").isdigit() and int(value) <= 65535 else 0

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts as Nginx Proxy Manager keeps them: the fields of each kind, and what the server makes of what it is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One kind of host. fields: its own, with their defaults. enables: "enabled" is one of them, and no request."""

    path: str
    noun: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    enables: bool = False


#: What all kinds have.
COMMON: dict[str, Any] = {
    "domain_names": [],
    "certificate_id": 0,
    "ssl_forced": False,
    "hsts_enabled": False,
    "hsts_subdomains": False,
    "http2_support": False,
    "advanced_config": "",
}
PROXY = Kind(
    "proxy-hosts",
    "proxy host",
    {
        **COMMON,
        "forward_scheme": "http",
        "forward_host": "",
        "forward_port": 80,
        "access_list_id": 0,
        "allow_websocket_upgrade": False,
        # Both would answer for the application: by file name, past a sign-on, and with 403 for addresses in a query.
        "caching_enabled": False,
        "block_exploits": False,
        "trust_forwarded_proto": False,
        "enabled": True,
        "locations": [],
    },
    enables=True,
)
REDIRECTION = Kind(
    "redirection-hosts",
    "redirection",
    {
        **COMMON,
        "forward_scheme": "auto",
        "forward_domain_name": "",
        "forward_http_code": 301,
        "preserve_path": True,
        "block_exploits": False,
    },
)
DEAD = Kind("dead-hosts", "404 host", COMMON)
KINDS = (PROXY, REDIRECTION, DEAD)


def declared(kind: Kind, entry: Mapping[str, Any], certificate_id: int, access_list_id: int = 0) -> dict[str, Any]:
    """Return a host as the server will have it: all fields, names in its order, and no TLS without a certificate."""
    found = {name: entry[name] if entry.get(name) is not None else default for name, default in kind.fields.items()}
    found["certificate_id"] = certificate_id
    if "access_list_id" in found:
        found["access_list_id"] = access_list_id
    return _settled(kind, found)


def kept(kind: Kind, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same fields of a host that the server has. Some databases keep a truth as a number."""
    found = {name: row[name] if row.get(name) is not None else default for name, default in kind.fields.items()}
    found["locations"] = [_location(entry) for entry in found.get("locations") or ()]
    if "locations" not in kind.fields:
        del found["locations"]
    for name, default in kind.fields.items():
        if isinstance(default, bool):
            found[name] = bool(found[name])
    found["domain_names"] = sorted(str(name).lower() for name in found["domain_names"])
    return found


def _settled(kind: Kind, host: dict[str, Any]) -> dict[str, Any]:
    host["domain_names"] = sorted({str(name).lower() for name in host["domain_names"]})
    if not host["certificate_id"]:
        host["ssl_forced"] = host["http2_support"] = False
    if not host["ssl_forced"]:
        host["hsts_enabled"] = False
    if not host["hsts_enabled"]:
        host["hsts_subdomains"] = False
    return host


def _location(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return what may be sent back of a custom location: upstream adds an id."""
    names = ("path", "forward_scheme", "forward_host", "forward_port", "forward_path", "advanced_config")
    return {name: entry[name] for name in names if entry.get(name) is not None}


def differences(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return each field that differs, with its text before and after."""
    return [
        (name, shown(found[name]), shown(value))
        for name, value in wanted.items()
        if (value.strip() != str(found[name]).strip() if isinstance(value, str) else value != found[name])
    ]


def shown(value: Any) -> str:
    """Return a value for a person."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return ", ".join(value)
    return str(value)


def target(kind: Kind, host: Mapping[str, Any]) -> str:
    """Return where a host leads, in a few words."""
    if kind is PROXY:
        return f"{host['forward_scheme']}://{host['forward_host']}:{host['forward_port']}"
    if kind is REDIRECTION:
        return f"{host['forward_http_code']} to {host['forward_scheme']}://{host['forward_domain_name']}"
    return "404"


def fault(row: Mapping[str, Any]) -> str:
    """Return what nginx says of a host that it does not serve; nothing where it does."""
    meta = row.get("meta") or {}
    if meta.get("nginx_err"):
        return str(meta["nginx_err"])
    return "nginx does not serve it" if meta.get("nginx_online") is False else ""

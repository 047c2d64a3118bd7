# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the proxy role's variables mean: its service, its secrets, and what is left for a person.

The settings are the role's variables under their own names, so that every problem names the variable to correct.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.proxy_nginx_files import ADMIN_PORT

Settings = Mapping[str, Any]

SERVICE = "proxy"
#: The file, below media_root, that a person's devices have to trust with a certificate of this host's own.
AUTHORITY = "config/proxy/ca.crt"
PASSWORD = "proxy_admin_password"
CERTIFICATE_KEY = "proxy_certificate_key"
DNS_CREDENTIALS = "proxy_letsencrypt_dns_credentials"


def given(value: Any) -> bool:
    """Tell whether a person set the value."""
    return value is not None and value != ""


def admin_email(settings: Settings) -> str:
    """Return the name that the administrator signs in with. Let's Encrypt writes to it."""
    return str(settings["proxy_admin_email"] or f"admin@{settings['media_domain']}").lower()


def services(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return Nginx Proxy Manager as a service."""
    root, ipv6 = settings["media_root"], bool(settings["media_ipv6"])
    environment = {
        "DISABLE_IPV6": "false" if ipv6 else "true",
        # Lists of addresses that would be believed. Whom to believe is in proxy_trusted_proxies.
        "IP_RANGES_FETCH_ENABLED": "false",
    }
    if given(settings["proxy_letsencrypt_server"]):
        environment["LE_SERVER"] = str(settings["proxy_letsencrypt_server"])
    # Without IPv6 in the container the engine would relay it, and every such client would have the gateway's address.
    address = "" if ipv6 else "0.0.0.0:"
    service = {
        "image": settings["proxy_image"],
        "environment": environment,
        "ports": [f"{address}80:80", f"{address}443:443"],
        "volumes": [f"{root}/state/proxy/data:/data", f"{root}/state/proxy/letsencrypt:/etc/letsencrypt"],
        "healthcheck": {
            "test": ["CMD", "/usr/bin/check-health"],
            "interval": "30s",
            "timeout": "5s",
            "retries": 3,
            "start_period": "120s",
            "start_interval": "1s",
        },
        "x-media": {
            "family": "npm",
            "egress": "direct",
            "web": {"port": ADMIN_PORT, "path": "/", "loopback": settings["proxy_admin_port"], "name": SERVICE},
            "access": "two_factor",
            "groups": list(settings["proxy_admin_groups"]),
            "api": {"kind": "proxy_manager", "username": admin_email(settings), "password": PASSWORD},
            "state": ["state/proxy/data", "state/proxy/letsencrypt"],
            "portal": {"title": "Nginx Proxy Manager", "section": "Front door", "text": "Names and certificates"},
            "auth_log": {"path": "state/proxy/data/logs/proxy-host-*_access.log", "filter": "npm"},
            "limits": {"memory": settings["proxy_memory"], "cpus": settings["proxy_cpus"]},
        },
    }
    return {SERVICE: service}


def secrets(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the declaration of every secret: the administrator's, and what a person gives."""
    # The image's own limits. Letters and digits: other characters do not survive everywhere in it.
    found: dict[str, dict[str, Any]] = {PASSWORD: {"kind": "alnum", "length": 40, "variable": "proxy_admin_password"}}
    if settings["proxy_certificate"] == "own":
        found[CERTIFICATE_KEY] = {"kind": "given", "variable": "proxy_certificate_key"}
    if settings["proxy_certificate"] == "letsencrypt" and settings["proxy_letsencrypt_challenge"] == "dns":
        found[DNS_CREDENTIALS] = {"kind": "given", "variable": "proxy_letsencrypt_dns_credentials"}
    for index, entry, user in list_users(settings):
        variable = f"proxy_access_lists[{index}].users['{user}']"
        found[user_secret(str(entry.get("name")), user)] = {"kind": "given", "variable": variable}
    return found


def list_users(settings: Settings) -> Iterator[tuple[int, Mapping[str, Any], str]]:
    """Return every user of every access list, with the list and its place."""
    for index, entry in enumerate(settings["proxy_access_lists"]):
        # What has another form is told by the checks.
        users = entry.get("users") if isinstance(entry, Mapping) else None
        for user in users if isinstance(users, Mapping) else ():
            yield index, entry, str(user)


def user_secret(name: str, user: str) -> str:
    """Return the name under which the host keeps the password of an access list's user."""
    return f"proxy_access_{slug(str(name))}_{slug(user)}"


def slug(name: str) -> str:
    """Return a name in the letters that the name of a secret may have."""
    return re.sub(r"[^a-z0-9]", "_", name.lower())


def files(settings: Settings) -> list[dict[str, Any]]:
    """Return the declaration of the certificate that a person brings along."""
    if settings["proxy_certificate"] != "own":
        return []
    return [{"path": "config/proxy/own.crt", "content": str(settings["proxy_certificate_chain"]).strip() + "\n"}]


def todo(settings: Settings) -> list[dict[str, str]]:
    """Return what is left for a person to do, each with the service that it is about."""
    if settings["proxy_certificate"] != "self_signed":
        return []
    place = f"{settings['media_root']}/{AUTHORITY}"
    text = f"your devices do not know this host's certificates: install {place} on each as an authority for websites"
    return [{"service": SERVICE, "text": text}]

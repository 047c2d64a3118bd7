# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the session section: the cookies' domains and addresses, and Redis."""

from __future__ import annotations

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

from .config import Config
from .words import one_of

_SAME_SITE = ("none", "lax", "strict")
_DOMAIN = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?")
# A few of the public suffixes with a dot in them; those without are refused for lack of one.
_PUBLIC_SUFFIXES = (
    "co.uk org.uk gov.uk ac.uk me.uk com.au net.au org.au co.nz co.jp com.br com.cn co.za co.in "
    "duckdns.org dyndns.org no-ip.org ddns.net hopto.org github.io gitlab.io herokuapp.com ngrok.io "
    "ngrok-free.app netlify.app vercel.app pages.dev workers.dev synology.me myds.me"
)


def session(config: Config) -> None:
    errors = config.errors
    same_site = config.get("session.same_site")
    if same_site not in _SAME_SITE:
        errors.append(
            f"session: option 'same_site' must be one of {one_of(_SAME_SITE)} but it's configured as '{same_site}'"
        )
    if config.has("session.domain"):
        errors.append("session: option 'domain' and option 'cookies' can't be specified at the same time")
    cookies = config.get("session.cookies") or []
    if not cookies:
        errors.append("session: option 'cookies' is required")
    seen: list[str] = []
    for number, cookie in enumerate(cookies, 1):
        _cookie(cookie, f"#{number} (domain '{cookie.get('domain') or ''}')", seen, errors)
        seen.append(str(cookie.get("domain") or ""))
    if config.has("session.redis"):
        _redis(config)


def _cookie(cookie: dict[str, Any], who: str, seen: list[str], errors: list[str]) -> None:
    start = f"session: domain config {who}: option"
    domain = str(cookie.get("domain") or "")
    if wrong := _domain(domain):
        errors.append(f"{start} 'domain' {wrong}" if domain else f"{start} 'domain' is required")
    elif domain in seen:
        errors.append(f"{start} 'domain' is a duplicate value for another configured session domain")
    elif any(domain.endswith(f".{other}") or other.endswith(f".{domain}") for other in seen if other):
        errors.append(f"{start} 'domain' shares the same cookie domain scope as another configured session domain")
    same_site = cookie.get("same_site")
    if same_site is not None and same_site not in _SAME_SITE:
        errors.append(f"{start} 'same_site' must be one of {one_of(_SAME_SITE)} but it's configured as '{same_site}'")
    portal, home = cookie.get("authelia_url"), cookie.get("default_redirection_url")
    if not portal:
        errors.append(f"{start} 'authelia_url' is required")
    for name, url in (("authelia_url", portal), ("default_redirection_url", home)):
        if url:
            errors += [f"{start} '{name}' {wrong}" for wrong in _url(str(url), domain)]
    if portal and home and str(portal).rstrip("/") == str(home).rstrip("/"):
        errors.append(
            f"{start} 'default_redirection_url' with value '{home}' is effectively equal to option 'authelia_url' "
            f"with value '{portal}' which is not permitted"
        )


def _domain(domain: str) -> str:
    """Return what is wrong with a cookie's domain, or nothing."""
    if domain.startswith("*."):
        return f"must be the domain you wish to protect not a wildcard domain but it's configured as '{domain}'"
    try:
        ipaddress.ip_address(domain)
        return ""
    except ValueError:
        pass
    if "." not in domain:
        return "is not a valid cookie domain: must have at least a single period or be an ip address"
    if not _DOMAIN.fullmatch(domain):
        return "does not appear to be a valid cookie domain or an ip address"
    if domain in _PUBLIC_SUFFIXES.split():
        return "is not a valid cookie domain: the domain is part of the special public suffix list"
    return ""


def _url(url: str, domain: str) -> list[str]:
    parts = urlsplit(url)
    if not parts.scheme or not parts.hostname:
        return [f"is not absolute with a value of '{url}'"]
    wrong = []
    if parts.scheme not in ("https", "wss"):
        wrong.append(f"does not have a secure scheme with a value of '{url}'")
    if not (parts.hostname == domain or parts.hostname.endswith(f".{domain}")):
        wrong.append(f"does not share a cookie scope with domain '{domain}' with a value of '{url}'")
    return wrong


def _redis(config: Config) -> None:
    if not config.get("session.secret"):
        config.errors.append("session: option 'secret' is required when using the 'redis' provider")
    if config.has("session.redis.high_availability"):
        config.errors.append("session: redis: high_availability: the stand-in knows no Redis Sentinel")
    elif not config.get("session.redis.host"):
        config.errors.append("session: redis: option 'host' is required")
    port = config.number("session.redis.port")
    if not 1 <= port <= 65535:
        config.errors.append(
            f"session: redis: option 'port' must be between 1 and 65535 but it's configured as '{port}'"
        )
    if config.has("session.redis.tls"):
        config.errors.append("session: redis: tls: the stand-in speaks to Redis without TLS only")

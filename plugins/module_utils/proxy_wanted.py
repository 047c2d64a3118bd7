# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the pages of all services to what Nginx Proxy Manager shall have, as the module nginx_proxy_manager takes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import proxy, proxy_nginx

#: Below media_root.
SIGNED = {"certificate": "config/proxy/tls.crt", "key": "secrets/proxy_tls_key"}
CERTIFICATE = "homelab.media"


def wanted(plan: Mapping[str, Any], settings: proxy.Settings) -> dict[str, Any]:
    """Return the parameters of the module, and the names for the certificate authority.

    plan: media_plan, with pages, sign_on and domain.
    """
    pages = all_pages(plan.get("pages") or (), settings)
    certificate = _certificate(pages, settings)
    secured = _secured(certificate["name"], settings)
    lists = {str(entry["name"]): entry for entry in settings["proxy_access_lists"]}
    return {
        "names": certificate_names(pages, settings),
        "certificates": [certificate],
        "access_lists": [_access_list(entry, settings) for entry in settings["proxy_access_lists"]],
        "proxy_hosts": [_host(page, plan.get("sign_on") or {}, settings, lists, secured) for page in pages],
        "redirection_hosts": [_redirection(entry, secured) for entry in settings["proxy_redirections"]],
        "dead_hosts": [{"domain_names": names(entry), **secured} for entry in settings["proxy_dead_hosts"]],
        "default_site": {"value": "444"},
    }


def all_pages(pages: Sequence[Mapping[str, Any]], settings: proxy.Settings) -> list[Mapping[str, Any]]:
    """Return the services' pages and those of other machines that the plan does not have yet."""
    known = {name for page in pages for name in page["names"]}
    return [*pages, *(page for page in extra_pages(settings) if not known.intersection(page["names"]))]


def extra_pages(settings: proxy.Settings) -> list[dict[str, Any]]:
    """Return the pages of other machines in the form of media_plan.pages."""
    return [
        {
            "service": "",
            "names": names(entry["names"]),
            "scheme": entry.get("scheme") or "http",
            "host": str(entry["host"]),
            "port": int(entry["port"]),
            "path": "/",
            "access": entry.get("access") or "two_factor",
            "groups": list(entry.get("groups") or ()),
            "exempt": [],
            "options": {
                key: entry[key] for key in ("access_list", "max_body", "timeout", "any_path") if entry.get(key)
            },
        }
        for entry in settings["proxy_extra_hosts"]
    ]


def names(value: Any) -> list[str]:
    """Return the names as the server keeps them: in its order, and as browsers write them."""
    found = [value] if isinstance(value, str) else list(value or ())
    return sorted({str(name).lower() for name in found})


def _host(
    page: Mapping[str, Any],
    sign_on: Mapping[str, Any],
    settings: proxy.Settings,
    lists: Mapping[str, Mapping[str, Any]],
    secured: Mapping[str, Any],
) -> dict[str, Any]:
    options = {**page.get("options", {}), **(settings["proxy_host_options"].get(page["service"]) or {})}
    access_list = str(options.get("access_list") or "")
    return {
        "domain_names": names(page["names"]),
        "forward_scheme": page["scheme"],
        "forward_host": page["host"],
        "forward_port": int(page["port"]),
        "access_list": access_list,
        "allow_websocket_upgrade": True,
        "advanced_config": proxy_nginx.text(
            page, sign_on, str(settings["media_domain"]), options, lists.get(access_list)
        ),
        **secured,
    }


def _secured(certificate: str, settings: proxy.Settings) -> dict[str, Any]:
    hsts = bool(settings["proxy_hsts"])
    return {"certificate": certificate, "ssl_forced": True, "http2_support": True, "hsts_enabled": hsts}


def certificate_names(pages: Iterable[Mapping[str, Any]], settings: proxy.Settings) -> list[str]:
    """Return the names in a certificate of the whole domain, and those that its "*" does not reach."""
    domain = str(settings["media_domain"]).lower()
    return [domain, f"*.{domain}", *(name for name in _listed(pages, settings) if name.partition(".")[2] != domain)]


def _listed(pages: Iterable[Mapping[str, Any]], settings: proxy.Settings) -> list[str]:
    """Return every name that there is a host for."""
    entries = [
        *(page["names"] for page in pages),
        *(entry["names"] for entry in settings["proxy_redirections"]),
        *settings["proxy_dead_hosts"],
    ]
    return names([name for entry in entries for name in names(entry)])


def _certificate(pages: Sequence[Mapping[str, Any]], settings: proxy.Settings) -> dict[str, Any]:
    root, kind = settings["media_root"], settings["proxy_certificate"]
    if kind == "letsencrypt":
        return _letsencrypt(pages, settings)
    if kind == "own":
        place = {"certificate": "config/proxy/own.crt", "key": f"secrets/{proxy.CERTIFICATE_KEY}"}
    else:
        place = SIGNED
    return {
        "name": f"{CERTIFICATE} {settings['media_domain']}",
        "provider": "other",
        "certificate_file": f"{root}/{place['certificate']}",
        "key_file": f"{root}/{place['key']}",
    }


def _letsencrypt(pages: Sequence[Mapping[str, Any]], settings: proxy.Settings) -> dict[str, Any]:
    """Return a certificate of Let's Encrypt: for the domain by DNS, or for each name by HTTP, which knows no "*"."""
    by_dns = settings["proxy_letsencrypt_challenge"] == "dns"
    found = names(certificate_names(pages, settings)) if by_dns else _listed(pages, settings)
    certificate = {
        "name": ", ".join(found),
        "provider": "letsencrypt",
        "domain_names": found,
        "key_type": settings["proxy_letsencrypt_key_type"],
    }
    if by_dns:
        certificate.update(
            dns_provider=settings["proxy_letsencrypt_dns_provider"],
            dns_credentials_file=f"{settings['media_root']}/secrets/{proxy.DNS_CREDENTIALS}",
            propagation_seconds=settings["proxy_letsencrypt_propagation_seconds"],
        )
    return certificate


def _access_list(entry: Mapping[str, Any], settings: proxy.Settings) -> dict[str, Any]:
    root, name = settings["media_root"], str(entry["name"])
    return {
        "name": name,
        "satisfy_any": bool(entry.get("satisfy_any")),
        "pass_auth": False,
        "users": [
            {"username": str(user), "password_file": f"{root}/secrets/{proxy.user_secret(name, str(user))}"}
            for user in entry.get("users") or {}
        ],
        "clients": [
            *({"address": str(address), "directive": "allow"} for address in entry.get("allow") or ()),
            *({"address": str(address), "directive": "deny"} for address in entry.get("deny") or ()),
        ],
    }


def _redirection(entry: Mapping[str, Any], secured: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "domain_names": names(entry["names"]),
        "forward_scheme": entry.get("scheme") or "auto",
        "forward_domain_name": str(entry["to"]),
        "forward_http_code": int(entry.get("code") or 301),
        "preserve_path": bool(entry.get("keep_path", True)),
        **secured,
    }

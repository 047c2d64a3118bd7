# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the proxy role's variables, all at once. Never repeats the value of a secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.homelab.media.plugins.module_utils import proxy_host_checks
from ansible_collections.homelab.media.plugins.module_utils.declaration import is_port
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.proxy import Settings, admin_email, given
from ansible_collections.homelab.media.plugins.module_utils.proxy_words import (
    EMAIL,
    HEADER,
    is_network,
    placeholder,
)

CERTIFICATES = ("self_signed", "own", "letsencrypt")
CHALLENGES = ("http", "dns")
KEY_TYPES = ("ecdsa", "rsa")
SHAPES: dict[str, type] = {
    "proxy_trusted_proxies": list,
    "proxy_extra_hosts": list,
    "proxy_redirections": list,
    "proxy_dead_hosts": list,
    "proxy_access_lists": list,
    "proxy_host_options": Mapping,
    "proxy_admin_groups": list,
}


def problems(settings: Settings) -> list[Problem]:
    """Return everything in the role's variables that cannot work, or was never filled in."""
    shapes = [
        Problem(name, f"is a {type(settings[name]).__name__}", "a list" if shape is list else "a dictionary")
        for name, shape in SHAPES.items()
        if not isinstance(settings[name], shape)
    ]
    shapes += [
        Problem(f"{name}[{index}]", f"is a {type(entry).__name__}", "a dictionary")
        for name in ("proxy_extra_hosts", "proxy_redirections", "proxy_access_lists")
        for index, entry in enumerate(settings[name] if isinstance(settings[name], list) else ())
        if not isinstance(entry, Mapping)
    ]
    return [
        *shapes,
        *_admin(settings),
        *_certificate(settings),
        # Nothing can be said of what is in them.
        *([] if shapes else [*_real_ip(settings), *proxy_host_checks.problems(settings)]),
    ]


def _admin(settings: Settings) -> Iterable[Problem]:
    email, password = settings["proxy_admin_email"], settings["proxy_admin_password"]
    if given(email) and (not isinstance(email, str) or not EMAIL.fullmatch(email)):
        yield Problem("proxy_admin_email", f"is {email!r}", "an e-mail address")
    elif given(email) and placeholder(email):
        yield Problem("proxy_admin_email", f"still holds the placeholder {email!r}", "your own address")
    if given(password):
        expected = "8 to 64 characters, from a vault, or nothing"
        if not isinstance(password, str) or not 8 <= len(password) <= 64 or not password.isprintable():
            yield Problem("proxy_admin_password", "is no password that the proxy takes", expected)
        elif placeholder(password):
            yield Problem("proxy_admin_password", "still holds a placeholder", expected)
    if not is_port(settings["proxy_admin_port"]):
        yield Problem("proxy_admin_port", f"is {settings['proxy_admin_port']!r}", "a port from 1 to 65535")
    elif int(settings["proxy_admin_port"]) in (80, 443):
        yield Problem("proxy_admin_port", "is a port of the pages", "another one")


def _certificate(settings: Settings) -> Iterable[Problem]:
    kind = settings["proxy_certificate"]
    if kind not in CERTIFICATES:
        yield Problem("proxy_certificate", f"is {kind!r}", f"one of {', '.join(CERTIFICATES)}")
    elif kind == "own":
        for name, word in (("proxy_certificate_chain", "CERTIFICATE"), ("proxy_certificate_key", "PRIVATE KEY")):
            text = settings[name]
            if not isinstance(text, str) or "-----BEGIN " not in text or f"{word}-----" not in text:
                yield Problem(name, "holds no PEM", f"text from -----BEGIN to {word}-----, with an own certificate")
    elif kind == "letsencrypt":
        yield from _letsencrypt(settings)


def _letsencrypt(settings: Settings) -> Iterable[Problem]:
    challenge = settings["proxy_letsencrypt_challenge"]
    if challenge not in CHALLENGES:
        yield Problem("proxy_letsencrypt_challenge", f"is {challenge!r}", f"one of {', '.join(CHALLENGES)}")
    if settings["proxy_letsencrypt_key_type"] not in KEY_TYPES:
        found = settings["proxy_letsencrypt_key_type"]
        yield Problem("proxy_letsencrypt_key_type", f"is {found!r}", f"one of {', '.join(KEY_TYPES)}")
    if not given(settings["proxy_admin_email"]):
        reason = "is not set, and Let's Encrypt writes to it"
        yield Problem("proxy_admin_email", reason, f"an address that is read, rather than {admin_email(settings)}")
    server = settings["proxy_letsencrypt_server"]
    if given(server) and not str(server).startswith("https://"):
        yield Problem("proxy_letsencrypt_server", f"is {server!r}", "an address with https://, or nothing")
    if challenge != "dns":
        return
    provider, credentials = (settings[f"proxy_letsencrypt_dns_{name}"] for name in ("provider", "credentials"))
    if not given(provider) or not str(provider).replace("-", "").replace("_", "").isalnum():
        yield Problem("proxy_letsencrypt_dns_provider", f"is {provider!r}", "a name such as cloudflare or desec")
    if not given(credentials):
        reason = "is not set, and no provider lets anybody in without"
        yield Problem("proxy_letsencrypt_dns_credentials", reason, "the lines that the provider's plugin wants")
    elif not isinstance(credentials, str) or any(placeholder(line) for line in _values(credentials)):
        expected = "your own, from a vault"
        yield Problem("proxy_letsencrypt_dns_credentials", "is no text, or still holds a placeholder", expected)
    seconds = settings["proxy_letsencrypt_propagation_seconds"]
    if isinstance(seconds, bool) or not str(seconds).isdigit():
        yield Problem("proxy_letsencrypt_propagation_seconds", f"is {seconds!r}", "a number of seconds")


def _values(credentials: str) -> list[str]:
    return [line.partition("=")[2].strip() for line in credentials.splitlines() if "=" in line]


def _real_ip(settings: Settings) -> Iterable[Problem]:
    for address in settings["proxy_trusted_proxies"]:
        if not is_network(address):
            yield Problem("proxy_trusted_proxies", f"has {address!r}", "addresses such as 203.0.113.0/24")
        elif str(address).endswith("/0"):
            yield Problem("proxy_trusted_proxies", f"has {address}, which is everybody", "the proxies before this one")
    header = str(settings["proxy_real_ip_header"])
    if not HEADER.fullmatch(header) or header.lower() == "proxy-protocol" or header == "proxy_protocol":
        yield Problem("proxy_real_ip_header", f"is {header!r}", "a header such as X-Forwarded-For")

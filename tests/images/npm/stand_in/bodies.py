# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The body that each request may have."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from .errors import invalid
from .rules import Either, Fields, Many, Rule, Switch, Text, Whole

NO_NAME = "&| @!#%^();:/\\\\}{=+?<>,~`'\""
NAME = Text(pattern=f"^[^{NO_NAME}]+$")
NAMES = Many(NAME, least=1, most=100, unique=True)
NUMBER = Whole(0)
PORT = Whole(1, 65535)
SWITCH = Switch()
TEXT = Text()
ANYTHING = Fields(more=True)
CERTIFICATE = Either((NUMBER, Text(pattern="^new$")))
PLACE = Text(pattern=r"^(?:[^.*]+\.?)+[^.]$")


class Nothing(Rule):
    def faults(self, value: Any, at: str) -> Iterator[str]:
        if value is not None:
            yield f"{at} must be null"


class Address(Rule):
    """An address, a network, or `all`. Bits behind the mask may be set, as nginx allows."""

    def faults(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"{at} must be string"
        elif value != "all":
            try:
                ipaddress.ip_network(value, strict=False)
            except ValueError:
                yield f"{at} must match exactly one schema in oneOf"


class Destination(Rule):
    """A stream's target. What looks like a name is one; the formats of addresses are not looked at."""

    def faults(self, value: Any, at: str) -> Iterator[str]:
        yield from TEXT.faults(value, at)


TLS = {
    "certificate_id": CERTIFICATE,
    "ssl_forced": SWITCH,
    "hsts_enabled": SWITCH,
    "hsts_subdomains": SWITCH,
    "http2_support": SWITCH,
}
FORWARD = {
    "forward_scheme": Text(among=("http", "https")),
    "forward_host": Text(1, 255),
    "forward_port": PORT,
}
LOCATION = Fields(
    {**FORWARD, "id": Either((Whole(), Nothing())), "path": Text(1), "forward_path": TEXT, "advanced_config": TEXT},
    required=("forward_scheme", "forward_host", "forward_port", "path"),
)
PROXY_HOST = {
    **TLS,
    **FORWARD,
    "domain_names": NAMES,
    "trust_forwarded_proto": SWITCH,
    "block_exploits": SWITCH,
    "caching_enabled": SWITCH,
    "allow_websocket_upgrade": SWITCH,
    "access_list_id": NUMBER,
    "advanced_config": TEXT,
    "enabled": SWITCH,
    "meta": ANYTHING,
    "locations": Many(LOCATION),
}
DEAD_HOST = {**TLS, "domain_names": NAMES, "advanced_config": TEXT, "meta": ANYTHING}
REDIRECTION_HOST = {
    **DEAD_HOST,
    "forward_http_code": Whole(300, 308),
    "forward_scheme": Text(among=("auto", "http", "https")),
    "forward_domain_name": PLACE,
    "preserve_path": SWITCH,
    "block_exploits": SWITCH,
}
STREAM = {
    "incoming_port": PORT,
    "forwarding_host": Destination(),
    "forwarding_port": PORT,
    "tcp_forwarding": SWITCH,
    "udp_forwarding": SWITCH,
    "certificate_id": CERTIFICATE,
    "meta": ANYTHING,
}
ACCESS_LIST = {
    "name": Text(1),
    "satisfy_any": SWITCH,
    "pass_auth": SWITCH,
    "items": Many(Fields({"username": Text(1), "password": TEXT})),
    "clients": Many(Fields({"address": Address(), "directive": Text(among=("allow", "deny"))})),
}
CERTIFICATE_META = Fields(
    {
        "certificate": Text(1),
        "certificate_key": Text(1),
        "dns_challenge": SWITCH,
        "dns_provider_credentials": TEXT,
        "dns_provider": TEXT,
        "letsencrypt_certificate": ANYTHING,
        "propagation_seconds": Whole(0),
        "key_type": Text(among=("rsa", "ecdsa")),
    }
)
USER = {
    "name": Text(1),
    "nickname": TEXT,
    "email": Text(3),
    "roles": Many(TEXT),
    "is_disabled": SWITCH,
}
LEVEL = Text(among=("hidden", "view", "manage"))
PERMISSIONS = {
    "visibility": Text(among=("all", "user")),
    **dict.fromkeys(
        ("access_lists", "dead_hosts", "proxy_hosts", "redirection_hosts", "streams", "certificates"), LEVEL
    ),
}
SECRET = Text(8, 64)
CODE = Text(6, 8)

RULES: dict[tuple[str, str], Fields] = {
    ("POST", "proxy-hosts"): Fields(
        PROXY_HOST, required=("domain_names", "forward_scheme", "forward_host", "forward_port")
    ),
    ("PUT", "proxy-hosts"): Fields(PROXY_HOST, least=1),
    ("POST", "redirection-hosts"): Fields(
        REDIRECTION_HOST, required=("domain_names", "forward_scheme", "forward_http_code", "forward_domain_name")
    ),
    ("PUT", "redirection-hosts"): Fields(REDIRECTION_HOST, least=1),
    ("POST", "dead-hosts"): Fields(DEAD_HOST, required=("domain_names",)),
    ("PUT", "dead-hosts"): Fields(DEAD_HOST, least=1),
    ("POST", "streams"): Fields(
        {**STREAM, "domain_names": NAMES}, required=("incoming_port", "forwarding_host", "forwarding_port")
    ),
    ("PUT", "streams"): Fields(STREAM, least=1),
    ("POST", "access-lists"): Fields(ACCESS_LIST, required=("name",)),
    ("PUT", "access-lists"): Fields(ACCESS_LIST, least=1),
    ("POST", "certificates"): Fields(
        {
            "provider": Text(pattern="^(letsencrypt|other)$"),
            "nice_name": TEXT,
            "domain_names": Many(NAME, most=100, unique=True),
            "meta": CERTIFICATE_META,
        },
        required=("provider",),
    ),
    ("POST", "test-http"): Fields({"domains": NAMES}, required=("domains",)),
    ("POST", "users"): Fields({**USER, "auth": ANYTHING}, required=("name", "nickname", "email")),
    ("PUT", "users"): Fields(USER, least=1),
    ("PUT", "auth"): Fields(
        {"type": Text(pattern="^password$"), "current": Text(1, 64), "secret": SECRET},
        required=("type", "secret"),
        more=True,
    ),
    ("PUT", "permissions"): Fields(PERMISSIONS, more=True, least=1),
    ("POST", "tokens"): Fields(
        {"identity": Text(1), "scope": Text(among=("user",)), "secret": Text(1)}, required=("identity", "secret")
    ),
    ("POST", "tokens/2fa"): Fields({"challenge_token": Text(1), "code": CODE}, required=("challenge_token", "code")),
    ("POST", "2fa"): Fields({"code": CODE}, required=("code",)),
    ("PUT", "settings"): Fields(
        {
            "value": Text(1, among=("congratulations", "404", "444", "redirect", "html")),
            "meta": Fields({"redirect": TEXT, "html": TEXT}),
        },
        least=1,
    ),
}


def checked(method: str, what: str, body: Any) -> dict[str, Any]:
    """Return a body that keeps the rules; refuse any other with all that is wrong."""
    faults = list(RULES[method, what].faults(body, "data"))
    if faults:
        raise invalid(", ".join(faults))
    return dict(body)

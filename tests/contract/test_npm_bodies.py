# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which bodies the stand-in for Nginx Proxy Manager takes, against upstream's schema."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.contract.npm_bodies import (
    CERTIFICATE,
    DEAD,
    FORWARD,
    LIST,
    PERMISSIONS,
    PROXY,
    REDIRECTION,
    SITE,
    STREAM,
    USER,
)
from tests.contract.npm_schema import accepts
from tests.images.npm.stand_in import bodies
from tests.images.npm.stand_in.errors import ApiError

# What the stand-in calls a body, where the schema has it, and one that is good.
BODIES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("POST", "proxy-hosts", "/nginx/proxy-hosts", PROXY),
    ("PUT", "proxy-hosts", "/nginx/proxy-hosts/1", PROXY),
    ("POST", "redirection-hosts", "/nginx/redirection-hosts", REDIRECTION),
    ("PUT", "redirection-hosts", "/nginx/redirection-hosts/1", REDIRECTION),
    ("POST", "dead-hosts", "/nginx/dead-hosts", DEAD),
    ("PUT", "dead-hosts", "/nginx/dead-hosts/1", DEAD),
    ("POST", "streams", "/nginx/streams", {**STREAM, "domain_names": ["s.test"]}),
    ("PUT", "streams", "/nginx/streams/1", STREAM),
    ("POST", "access-lists", "/nginx/access-lists", LIST),
    ("PUT", "access-lists", "/nginx/access-lists/1", LIST),
    ("POST", "certificates", "/nginx/certificates", CERTIFICATE),
    ("POST", "test-http", "/nginx/certificates/test-http", {"domains": ["a.test"]}),
    ("POST", "users", "/users", USER),
    ("PUT", "users", "/users/1", {name: value for name, value in USER.items() if name != "auth"}),
    ("PUT", "auth", "/users/1/auth", {"type": "password", "current": "x", "secret": "12345678"}),
    ("PUT", "permissions", "/users/1/permissions", PERMISSIONS),
    ("POST", "tokens", "/tokens", {"identity": "a@example.com", "secret": "x", "scope": "user"}),
    ("POST", "tokens/2fa", "/tokens/2fa", {"challenge_token": "x", "code": "123456"}),
    ("POST", "2fa", "/users/1/2fa/enable", {"code": "123456"}),
    ("PUT", "settings", "/settings/default-site", SITE),
]
VALUES: tuple[Any, ...] = (
    *(None, True, 0, 1, -1, 65536, 308, 309, 299, "", "x", "new", "all", "a" * 65, "a" * 256, "http", "auto", "ftp"),
    *([], [""], ["a.test"], ["a.test", "a.test"], ["a b"], ["*.a.test"], [f"{n}.test" for n in range(101)], [1]),
    *({}, {"x": 1}, "404", "letsencrypt", "12345678", "manage", "a.b", "a..b", "*.b", 1.5, "8989"),
    *([{}], [{"username": ""}], [{"address": "10.0.0.1"}], [{"address": "::1/64"}], [{"address": "a"}]),
    *([{"address": "10.0.0.0/33"}], [{"directive": "maybe"}], [{**FORWARD, "path": ""}], [{**FORWARD}]),
)


def variants(good: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a good body with each field left out or of another value, and with one field too many."""
    yield good
    yield {}
    yield {**good, "id": 1}
    for name in good:
        yield {other: value for other, value in good.items() if other != name}
        for value in VALUES:
            yield {**good, name: value}


def taken(method: str, what: str, body: Any) -> bool:
    try:
        bodies.checked(method, what, copy.deepcopy(body))
    except ApiError as error:
        assert error.status == 400 and error.message.startswith("data"), error.message
        return False
    return True


def compare(method: str, what: str, path: str, good: dict[str, Any]) -> int:
    """Check that the stand-in takes what the schema takes, and nothing else; return how many it refuses."""
    refused = 0
    for body in variants(good):
        wanted = accepts(method, path, body)
        assert taken(method, what, body) == wanted, f"{method} {path}: the schema {wanted}, the stand-in not: {body}"
        refused += not wanted
    return refused


@pytest.mark.parametrize(("method", "what", "path", "good"), BODIES, ids=[f"{one[0]} {one[1]}" for one in BODIES])
def test_a_body_is_taken_exactly_when_the_schema_takes_it(
    method: str, what: str, path: str, good: dict[str, Any]
) -> None:
    assert accepts(method, path, good)
    assert compare(method, what, path, good) > 5


def test_every_body_of_the_stand_in_is_compared() -> None:
    assert {(method, what) for method, what, _path, _good in BODIES} == set(bodies.RULES)


def test_control_a_rule_that_is_too_kind_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    method, what, path, good = BODIES[0]
    kinder = replace(bodies.RULES[method, what], more=True)
    monkeypatch.setitem(bodies.RULES, (method, what), kinder)
    with pytest.raises(AssertionError, match="the stand-in not"):
        compare(method, what, path, good)

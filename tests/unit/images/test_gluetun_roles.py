# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control server of the stand-in: its auth file is read as strictly as upstream reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.images.gluetun.stand_in.roles import ROUTES, RolesError, parse_file, read_roles

MONITOR = """
[[roles]]
name = "monitor"
routes = ["GET /v1/publicip/ip", "GET /v1/vpn/status"]
auth = "apikey"
apikey = "secret"
"""
NONE = Path("/nowhere/config.toml")


def allowed(roles, route, headers=None, query=None):
    return any(route in role.routes and role.admits(headers or {}, query or {}) for role in roles)


def test_a_key_opens_its_routes_and_no_others():
    roles = parse_file(MONITOR)
    assert allowed(roles, "GET /v1/publicip/ip", {"X-API-Key": "secret"})
    assert allowed(roles, "GET /v1/vpn/status", query={"api_key": ["secret"]})
    assert not allowed(roles, "GET /v1/publicip/ip", {"X-API-Key": "wrong"})
    assert not allowed(roles, "GET /v1/publicip/ip")
    assert not allowed(roles, "PUT /v1/vpn/status", {"X-API-Key": "secret"})


def test_with_no_role_everybody_may_stop_the_vpn_but_not_read_its_settings():
    roles = read_roles(NONE, "{}")
    assert allowed(roles, "PUT /v1/vpn/status")
    assert not allowed(roles, "GET /v1/vpn/settings")


def test_one_role_closes_what_it_does_not_list(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text(MONITOR)
    roles = read_roles(file, "{}")
    assert [route for route in ROUTES if allowed(roles, route, {"X-API-Key": "secret"})] == [
        "GET /v1/vpn/status",
        "GET /v1/publicip/ip",
    ]


def test_the_default_role_takes_the_routes_that_no_role_has(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text(MONITOR)
    roles = read_roles(file, '{"auth": "basic", "username": "u", "password": "p"}')
    login = {"Authorization": "Basic dTpw"}
    assert allowed(roles, "PUT /v1/vpn/status", login)
    assert not allowed(roles, "GET /v1/vpn/status", login)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (MONITOR + 'colour = "red"\n', "field 'colour' is missing"),
        ('colour = "red"\n' + MONITOR, "strict mode"),
        (MONITOR.replace("GET /v1/vpn/status", "GET /v1/vpn/statuses"), "route not supported"),
        (MONITOR.replace('"apikey"\n', '"magic"\n'), "method not supported"),
        (MONITOR.replace('apikey = "secret"', ""), "api key is empty"),
        (MONITOR.replace('"apikey"\n', '"basic"\n'), "username is empty"),
        ("[[roles]\n", "toml"),
    ],
)
def test_refuses_an_auth_file(text, said):
    with pytest.raises(RolesError, match=said):
        parse_file(text)


def test_refuses_an_unknown_key_in_the_default_role():
    with pytest.raises(RolesError, match="field 'colour'"):
        read_roles(NONE, '{"auth": "none", "colour": "red"}')

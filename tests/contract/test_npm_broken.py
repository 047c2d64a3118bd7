# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stand-in for Nginx Proxy Manager does with what nginx does not take, and with what is switched off."""

from __future__ import annotations

from tests.contract.npm_hosts import NAME, headers, host, save
from tests.contract.npm_neighbours import Echo
from tests.contract.npm_on_loopback import Npm

pytest_plugins = ["tests.contract.npm_fixtures"]


def test_a_broken_host_is_taken_and_put_aside(npm: Npm, echo: Echo) -> None:
    number = host(npm, echo)
    body = {"domain_names": ["b.test"], "forward_scheme": "http", "forward_host": "127.0.0.1", "forward_port": 1}
    made = npm.ask("POST", "/nginx/proxy-hosts", {**body, "advanced_config": "nonsense on;"})
    assert made.status == 201 and made.body["meta"] == {}, "the answer is from before nginx was asked"
    path = f"/nginx/proxy-hosts/{made.body['id']}"
    meta = npm.get(path)["meta"]
    assert meta["nginx_online"] is False and 'unknown directive "nonsense"' in meta["nginx_err"]
    file = npm.data / "nginx" / "proxy_host" / f"{made.body['id']}.conf"
    assert not file.exists() and file.with_suffix(".conf.err").exists()
    assert headers(npm.visit(NAME))
    changed = npm.ask("PUT", path, {"advanced_config": ""})
    assert changed.body["meta"] == {"nginx_online": True, "nginx_err": None}
    assert file.exists() and not file.with_suffix(".conf.err").exists()
    broken = npm.ask("PUT", f"/nginx/proxy-hosts/{number}", {"advanced_config": "}"})
    assert broken.status == 200 and broken.body["meta"]["nginx_online"] is False
    assert "Congratulations" in npm.visit(NAME).body, "the broken host is off line"


def test_a_broken_custom_file_breaks_every_later_save(npm: Npm, echo: Echo) -> None:
    number = host(npm, echo)
    custom = npm.data / "nginx" / "custom"
    custom.mkdir()
    (custom / "http_top.conf").write_text("real_ip_header CF-Connecting-IP;\n", encoding="ascii")
    answer = npm.ask("PUT", f"/nginx/proxy-hosts/{number}", {"forward_port": 81})
    assert answer.status == 500 and answer.body == {"error": {"message": "Internal Error"}}
    assert npm.get(f"/nginx/proxy-hosts/{number}")["forward_port"] == 81, "kept, though nginx does not have it"
    assert headers(npm.visit(NAME))


def test_an_unknown_name_behind_a_host_is_no_error_but_a_literal_one_is(npm: Npm, echo: Echo) -> None:
    npm.names["sonarr"] = "127.0.0.1"
    number = host(npm, echo, forward_host="sonarr")
    assert headers(npm.visit(NAME))
    save(npm, number, forward_host="nobody.invalid")
    assert npm.visit(NAME).status == 502
    literal = "location = /gate {\n  proxy_pass http://nobody.invalid:9091/;\n}"
    answer = npm.ask("PUT", f"/nginx/proxy-hosts/{number}", {"advanced_config": literal})
    assert "host not found in upstream" in answer.body["meta"]["nginx_err"]


def test_a_host_that_is_switched_off_by_put_is_still_served(npm: Npm, echo: Echo) -> None:
    number = host(npm, echo)
    assert npm.ask("PUT", f"/nginx/proxy-hosts/{number}", {"enabled": False}).body["enabled"] is False
    host(npm, echo, domain_names=["other.test"])
    assert headers(npm.visit(NAME))
    assert npm.ask("POST", f"/nginx/proxy-hosts/{number}/enable").status == 200
    assert npm.ask("POST", f"/nginx/proxy-hosts/{number}/disable").status == 200
    assert "Congratulations" in npm.visit(NAME).body

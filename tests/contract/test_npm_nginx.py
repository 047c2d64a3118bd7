# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a real nginx passes on with the files of the stand-in for Nginx Proxy Manager: the facts that bite."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.npm_hosts import NAME, OWN, headers, host, save
from tests.contract.npm_neighbours import Echo
from tests.contract.npm_on_loopback import Npm, until

pytest_plugins = ["tests.contract.npm_fixtures"]

PRIVATE = "10.1.2.3"


# The client's address


def test_x_forwarded_for_is_appended_in_the_stock_location_and_overwritten_in_custom_ones(npm: Npm, echo: Echo) -> None:
    place = {"path": "/own", "forward_scheme": "http", "forward_host": "127.0.0.1", "forward_port": echo.port}
    host(npm, echo, locations=[place])
    forged = {"X-Forwarded-For": "6.6.6.6"}
    assert headers(npm.visit(NAME, "/", forged))["x-forwarded-for"] == "6.6.6.6, 127.0.0.1"
    assert headers(npm.visit(NAME, "/own/x", forged))["x-forwarded-for"] == "127.0.0.1"


def test_x_real_ip_of_a_private_client_is_believed_until_the_list_is_replaced(tmp_path: Path) -> None:
    """Docker's rules may hide a private address of this machine, so all of it happens in a network of its own."""
    alone = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    script = "import sys, pathlib, tests.contract.test_npm_nginx as t; t.private_client(pathlib.Path(sys.argv[1]))"
    command = [*alone, sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def private_client(folder: Path) -> None:
    for command in (["link", "set", "lo", "up"], ["address", "add", f"{PRIVATE}/32", "dev", "lo"]):
        subprocess.run(["ip", *command], check=True)
    echo = Echo()
    with Npm(folder, address="0.0.0.0") as npm:
        number = host(npm, echo)
        forged = {"X-Real-IP": "9.9.9.9"}
        assert headers(npm.visit(NAME, "/", forged))["x-real-ip"] == "127.0.0.1", "loopback is not in the list"
        assert headers(npm.visit(NAME, "/forged", forged, client=PRIVATE))["x-real-ip"] == "9.9.9.9"
        log = f"proxy-host-{number}_access.log"
        until(
            lambda: any('"/forged" [Client 9.9.9.9]' in line for line in npm.log(log)), "the forged address is logged"
        )
        custom = npm.data / "nginx" / "custom"
        custom.mkdir()
        (custom / "server_proxy.conf").write_text("set_real_ip_from 192.0.2.1;\n", encoding="ascii")
        save(npm, number)
        assert headers(npm.visit(NAME, "/honest", forged, client=PRIVATE))["x-real-ip"] == PRIVATE
        true = f'"/honest" [Client {PRIVATE}]'
        until(lambda: any(true in line for line in npm.log(log)), "the true address is logged")


def test_remote_user_of_a_client_reaches_the_backend(npm: Npm, echo: Echo) -> None:
    host(npm, echo)
    assert headers(npm.visit(NAME, "/", {"Remote-User": "admin"}))["remote-user"] == "admin"


@pytest.mark.parametrize(("said", "told"), [("https", "https"), ("http", "http"), ("gopher", "http")])
def test_the_scheme_that_a_client_says_is_believed(npm: Npm, echo: Echo, said: str, told: str) -> None:
    host(npm, echo)
    assert headers(npm.visit(NAME, "/", {"X-Forwarded-Proto": said}))["x-forwarded-proto"] == told


# What a host's own configuration can and cannot do


def test_a_header_for_the_backend_is_lost_beside_the_stock_location(npm: Npm, echo: Echo) -> None:
    number = host(npm, echo, advanced_config="proxy_set_header X-Mine yes;")
    assert "x-mine" not in headers(npm.visit(NAME))
    inside = OWN.replace("  include", "  proxy_set_header X-Mine yes;\n  include")
    save(npm, number, advanced_config=inside)
    assert headers(npm.visit(NAME))["x-mine"] == "yes"


def test_own_location_takes_the_place_of_the_stock_one_and_drops_the_access_list(npm: Npm, echo: Echo) -> None:
    items = [{"username": "guest", "password": "secret-of-guest"}]
    body = {"name": "guests", "satisfy_any": True, "items": items, "clients": []}
    number = host(npm, echo, access_list_id=npm.make("/nginx/access-lists", body)["id"])
    assert npm.visit(NAME).status == 401
    good = {"Authorization": "Basic Z3Vlc3Q6c2VjcmV0LW9mLWd1ZXN0"}
    assert headers(npm.visit(NAME, "/", good))
    save(npm, number, advanced_config=OWN)
    assert headers(npm.visit(NAME)), "nobody is asked for a password any more"


def test_an_access_list_without_clients_lets_nobody_in_when_all_have_to_agree(npm: Npm, echo: Echo) -> None:
    items = [{"username": "guest", "password": "secret-of-guest"}]
    body = {"name": "guests", "satisfy_any": False, "items": items, "clients": []}
    host(npm, echo, access_list_id=npm.make("/nginx/access-lists", body)["id"])
    assert npm.visit(NAME, "/", {"Authorization": "Basic Z3Vlc3Q6c2VjcmV0LW9mLWd1ZXN0"}).status == 403


def test_websockets_pass_by_the_switch_and_not_through_an_own_location(npm: Npm, echo: Echo) -> None:
    asked = {"Upgrade": "websocket", "Connection": "Upgrade"}
    number = host(npm, echo, allow_websocket_upgrade=True)
    assert headers(npm.visit(NAME, "/", asked))["upgrade"] == "websocket"
    save(npm, number, allow_websocket_upgrade=False)
    assert "upgrade" not in headers(npm.visit(NAME, "/", asked))
    save(npm, number, allow_websocket_upgrade=True, advanced_config=OWN)
    assert "upgrade" not in headers(npm.visit(NAME, "/", asked))


def test_exploits_are_refused_by_the_switch(npm: Npm, echo: Echo) -> None:
    number = host(npm, echo, block_exploits=True)
    assert npm.visit(NAME, "/?x=http://elsewhere").status == 403
    save(npm, number, block_exploits=False)
    assert headers(npm.visit(NAME, "/?x=http://elsewhere"))


def test_sign_on_before_a_host(npm: Npm, echo: Echo) -> None:
    """Lines as they are written for Authelia, with a condition of nginx's own in its place."""
    gate = (
        "location = /gate {\n  internal;\n"
        '  if ($http_cookie != "session=good") { return 401; }\n'
        f"  proxy_pass http://127.0.0.1:{echo.port}/gate;\n}}\n"
    )
    protected = (
        "location / {\n  auth_request /gate;\n  error_page 401 =302 https://auth.media.test/;\n"
        '  proxy_set_header Remote-User "";\n  proxy_set_header X-Forwarded-For $remote_addr;\n'
        "  proxy_pass $forward_scheme://$server:$port;\n}\n"
    )
    number = host(npm, echo, advanced_config=gate + protected)
    forged = {"Remote-User": "admin", "X-Forwarded-For": "6.6.6.6"}
    shut = npm.visit(NAME, "/shut", forged)
    assert (shut.status, shut.headers["Location"]) == (302, "https://auth.media.test/")
    through = headers(npm.visit(NAME, "/", {**forged, "Cookie": "session=good"}))
    assert "remote-user" not in through and through["x-forwarded-for"] == "127.0.0.1"
    until(lambda: any('"/shut"' in line for line in npm.log(f"proxy-host-{number}_access.log")), "the line is written")
    line = next(line for line in npm.log(f"proxy-host-{number}_access.log") if '"/shut"' in line)
    assert re.search(r"\] - - 302 - GET ", line), line

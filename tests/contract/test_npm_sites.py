# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that nobody has, redirections, streams and logs of the stand-in for Nginx Proxy Manager."""

from __future__ import annotations

import re
import socket

from tests.contract.npm_hosts import NAME, host
from tests.contract.npm_neighbours import Echo
from tests.contract.npm_on_loopback import Npm, until

pytest_plugins = ["tests.contract.npm_fixtures"]


def test_default_sites(npm: Npm) -> None:
    def status() -> int:
        try:
            return npm.visit("unknown.test").status
        except ConnectionError:
            return 444

    def choose(value: str, meta: dict[str, str], wanted: int) -> None:
        answer = npm.ask("PUT", "/settings/default-site", {"value": value, "meta": meta})
        assert answer.status == 200, answer.body
        assert status() == wanted

    assert status() == 200
    choose("404", {}, 404)
    choose("444", {}, 444)
    choose("redirect", {"redirect": "https://elsewhere.test/"}, 301)
    assert npm.visit("unknown.test").headers["Location"] == "https://elsewhere.test/"
    choose("html", {"html": "<p>nobody is here"}, 200)
    assert npm.visit("unknown.test", "/any").body == "<p>nobody is here"
    broken = npm.ask("PUT", "/settings/default-site", {"value": "redirect", "meta": {"redirect": "a b c"}})
    assert broken.status == 400, broken.body
    choose("congratulations", {}, 200)


def test_redirections_and_404_hosts(npm: Npm) -> None:
    body = {"domain_names": ["old.test"], "forward_scheme": "auto", "forward_http_code": 302}
    npm.make("/nginx/redirection-hosts", {**body, "forward_domain_name": "new.test", "preserve_path": True})
    npm.make("/nginx/dead-hosts", {"domain_names": ["dead.test"]})
    assert npm.visit("dead.test").status == 404
    sent = npm.visit("old.test", "/a?b=1")
    assert (sent.status, sent.headers["Location"]) == (302, "http://new.test/a?b=1")
    until(lambda: npm.log("redirection-host-1_access.log"), "the line is written")
    line = npm.log("redirection-host-1_access.log")[-1]
    assert re.fullmatch(
        r'\[[^\]]+\] 302 - GET http old\.test "/a\?b=1" \[Client 127\.0\.0\.1\] \[Length \d+\] \[Gzip -\] "-" "-"', line
    )


def test_streams(npm: Npm, echo: Echo) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    body = {"incoming_port": port, "forwarding_host": "127.0.0.1", "forwarding_port": echo.port, "tcp_forwarding": True}
    npm.make("/nginx/streams", body)

    with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
        link.sendall(b"GET /through HTTP/1.0\r\n\r\n")
        assert b" 200 " in link.recv(100)


def test_the_log_of_a_proxy_host_has_the_form_that_filters_know(npm: Npm, echo: Echo) -> None:
    number = host(npm, echo)
    npm.visit(NAME, "/seen", {"User-Agent": "UA"})
    npm.visit("unknown.test", "/nowhere")
    form = (
        r'\[\d\d/\w{3}/\d{4}(:\d\d){3} [+-]\d{4}\] - 200 200 - GET http sonarr\.media\.test "/seen" '
        r'\[Client 127\.0\.0\.1\] \[Length \d+\] \[Gzip -\] \[Sent-to 127\.0\.0\.1\] "UA" "-"'
    )
    until(lambda: any(re.fullmatch(form, line) for line in npm.log(f"proxy-host-{number}_access.log")), "the line")
    until(lambda: any('"/nowhere"' in line for line in npm.log("fallback_http_access.log")), "the fallback's line")
    assert not (npm.data / "logs" / "proxy-host-99_access.log").exists()

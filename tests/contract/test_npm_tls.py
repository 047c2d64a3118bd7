# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates in a real nginx, by the stand-in for Nginx Proxy Manager."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest

from tests.contract.npm_hosts import NAME, OWN, certificate, headers, host, save
from tests.contract.npm_neighbours import Echo
from tests.contract.npm_on_loopback import Npm
from tests.images.npm.stand_in.openssl import self_signed

pytest_plugins = ["tests.contract.npm_fixtures"]


def test_tls_hsts_and_the_forced_redirect(npm: Npm, echo: Echo, tmp_path: Path) -> None:
    switches = {"ssl_forced": True, "hsts_enabled": True, "hsts_subdomains": True, "http2_support": True}
    number = host(npm, echo, certificate_id=certificate(npm, tmp_path), **switches)
    sent = npm.visit(NAME, "/x?y=1")
    assert (sent.status, sent.headers["Location"]) == (301, f"https://{NAME}/x?y=1")
    secure = npm.visit(NAME, "/", tls=True)
    assert secure.status == 200
    assert secure.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload"
    believed = {"X-Forwarded-Proto": "https"}
    assert npm.visit(NAME, "/", believed).status == 301
    save(npm, number, trust_forwarded_proto=True)
    assert headers(npm.visit(NAME, "/", believed))
    # A location that adds a header of its own, as the included file does, has none of the server's.
    save(npm, number, advanced_config=OWN)
    assert "Strict-Transport-Security" not in npm.visit(NAME, "/", tls=True).headers


def test_an_unknown_name_gets_no_handshake(npm: Npm, echo: Echo, tmp_path: Path) -> None:
    host(npm, echo, certificate_id=certificate(npm, tmp_path))
    assert npm.visit(NAME, tls=True).status == 200
    with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
        npm.visit("unknown.media.test", tls=True)


def test_a_key_of_another_certificate_is_taken_and_breaks_the_host(npm: Npm, echo: Echo, tmp_path: Path) -> None:
    number = certificate(npm, tmp_path)
    self_signed(tmp_path / "other", [NAME])
    files = {
        "certificate": (tmp_path / "pair" / "fullchain.pem").read_text(encoding="ascii"),
        "certificate_key": (tmp_path / "other" / "privkey.pem").read_text(encoding="ascii"),
    }
    assert npm.upload(f"/nginx/certificates/{number}/upload", files).status == 200
    body = {"domain_names": [NAME], "forward_scheme": "http", "forward_host": "127.0.0.1", "forward_port": echo.port}
    made = npm.make("/nginx/proxy-hosts", {**body, "certificate_id": number})
    meta = npm.get(f"/nginx/proxy-hosts/{made['id']}")["meta"]
    assert not meta["nginx_online"] and "mismatch" in meta["nginx_err"]


def test_a_new_upload_is_served_only_after_a_reload(npm: Npm, echo: Echo, tmp_path: Path) -> None:
    number = certificate(npm, tmp_path)
    made = host(npm, echo, certificate_id=number)
    before = served(npm)
    self_signed(tmp_path / "other", [NAME])
    files = {"certificate": "fullchain.pem", "certificate_key": "privkey.pem"}
    content = {name: (tmp_path / "other" / file).read_text(encoding="ascii") for name, file in files.items()}
    assert npm.upload(f"/nginx/certificates/{number}/upload", content).status == 200
    assert served(npm) == before
    save(npm, made)
    assert served(npm) != before


def served(npm: Npm) -> bytes:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((npm.address, npm.layout.https), timeout=10) as raw,
        context.wrap_socket(raw, server_hostname=NAME) as secure,
    ):
        return secure.getpeercert(True) or b""

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host's own authority, with the real openssl: what it makes, what it keeps, and what a browser thinks of it."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import authority, openssl
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError

DOMAIN = "media.test"


@pytest.fixture
def arguments(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "secrets").mkdir(mode=0o700)
    return {
        "domain": DOMAIN,
        "ca_key_file": str(tmp_path / "secrets" / "ca_key"),
        "ca_file": str(tmp_path / "config" / "proxy" / "ca.crt"),
        "key_file": str(tmp_path / "secrets" / "tls_key"),
        "certificate_file": str(tmp_path / "config" / "proxy" / "tls.crt"),
    }


def run(arguments: dict[str, Any], *, check: bool = False, **more: Any) -> dict[str, Any]:
    told = {**arguments, **more}
    files = authority.Files(told["ca_key_file"], told["ca_file"], told["key_file"], told["certificate_file"])
    domain = told["domain"].lower()
    return authority.ensure(files, domain, [domain, f"*.{domain}"], check).result()


def texts(arguments: dict[str, Any]) -> dict[str, str]:
    return {name: Path(path).read_text() for name, path in arguments.items() if name.endswith("_file")}


def told(answer: dict[str, Any]) -> list[str]:
    return [f"{Path(item['after_header']).name}: {item['before'].strip()}" for item in answer["diff"]]


def hand_shake(arguments: dict[str, Any], name: str) -> None:
    """Connect as a browser that trusts the authority alone."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(arguments["certificate_file"], arguments["key_file"])
    browser = ssl.create_default_context(cafile=arguments["ca_file"])
    here, there = socket.socketpair()

    def serve() -> None:
        with there:
            try:
                server.wrap_socket(there, server_side=True).close()
            except (ssl.SSLError, OSError):
                return

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with here:
            browser.wrap_socket(here, server_hostname=name).close()
    finally:
        thread.join(10)


def test_from_nothing_and_then_nothing_more(arguments: dict[str, Any]) -> None:
    foreseen = run(arguments, check=True)
    assert told(foreseen) == ["ca.crt: ", "tls.crt: "]
    assert not Path(arguments["ca_file"]).exists()
    assert run(arguments)["diff"] == foreseen["diff"]
    before = texts(arguments)
    assert run(arguments)["changed"] is False
    assert texts(arguments) == before
    modes = {name: Path(path).stat().st_mode & 0o777 for name, path in arguments.items() if name.endswith("_file")}
    assert modes == {"ca_key_file": 0o600, "key_file": 0o600, "ca_file": 0o644, "certificate_file": 0o644}
    assert Path(arguments["ca_file"]).parent.stat().st_mode & 0o777 == 0o755


def test_a_device_that_trusts_the_authority_takes_every_name_of_the_domain_and_no_other(
    arguments: dict[str, Any],
) -> None:
    run(arguments)
    for name in (DOMAIN, f"sonarr.{DOMAIN}"):
        hand_shake(arguments, name)
    with pytest.raises(ssl.SSLCertVerificationError):
        hand_shake(arguments, "sonarr.another.test")


def test_the_authority_can_sign_for_no_other_domain(arguments: dict[str, Any]) -> None:
    run(arguments)
    have = texts(arguments)
    forged = openssl.certificate(have["key_file"], have["ca_key_file"], have["ca_file"], ["bank.test"], 30)
    Path(arguments["certificate_file"]).write_text(forged)
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
        hand_shake(arguments, "bank.test")


def test_renewed_before_it_ends_with_the_keys_that_are_there(arguments: dict[str, Any]) -> None:
    run(arguments)
    have = texts(arguments)
    names = [DOMAIN, f"*.{DOMAIN}"]
    for days, changed in ((authority.RENEW_DAYS + 1, False), (authority.RENEW_DAYS - 1, True)):
        short = openssl.certificate(have["key_file"], have["ca_key_file"], have["ca_file"], names, days)
        Path(arguments["certificate_file"]).write_text(short)
        assert run(arguments, check=True)["changed"] is changed
    assert told(run(arguments)) == ["tls.crt: about to end"]
    assert {name: text for name, text in texts(arguments).items() if name != "certificate_file"} == {
        name: text for name, text in have.items() if name != "certificate_file"
    }


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        ("ca_key_file", ["ca.crt: without its key", "tls.crt: signed by another authority"]),
        ("ca_file", ["ca.crt: ", "tls.crt: signed by another authority"]),
        ("key_file", ["tls.crt: without its key"]),
        ("certificate_file", ["tls.crt: "]),
    ],
)
def test_whatever_is_lost_is_made_again(arguments: dict[str, Any], lost: str, expected: list[str]) -> None:
    run(arguments)
    Path(arguments[lost]).unlink()
    assert told(run(arguments, check=True)) == expected
    assert told(run(arguments)) == expected
    assert run(arguments)["changed"] is False
    hand_shake(arguments, f"plex.{DOMAIN}")


def test_another_domain_is_another_authority(arguments: dict[str, Any]) -> None:
    run(arguments)
    again = run(arguments, domain="Home.Test")
    assert told(again) == ["ca.crt: for another domain", "tls.crt: signed by another authority"]
    hand_shake(arguments, "plex.home.test")


def test_no_key_is_on_a_command_line(arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    words: list[str] = []
    real = subprocess.run

    def spy(command: list[str], **more: Any) -> Any:
        words.extend(command)
        check = more.pop("check", False)
        return real(command, check=check, **more)

    monkeypatch.setattr(openssl.subprocess, "run", spy)
    run(arguments)
    assert words
    assert not [word for word in words if "PRIVATE" in word]


def test_without_openssl_its_package_is_asked_for(arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MediaError, match="openssl: is not on this host"):
        run(arguments)

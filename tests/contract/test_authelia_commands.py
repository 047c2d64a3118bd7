# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line of the stand-in for Authelia, beside a service that runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from tests.contract.authelia_on_loopback import DOMAIN, KEY, PASSWORD, PORTAL, Authelia, changed, minimal, write
from tests.images.authelia.stand_in.cli import main


@pytest.fixture
def authelia(tmp_path: Path) -> Iterator[Authelia]:
    with Authelia(tmp_path) as running:
        yield running


class Command:
    """Runs commands on a configuration, in this process, and returns what they say."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.file = folder / "configuration.yml"
        self._capsys = capsys

    def __call__(self, *words: str, code: int = 0) -> str:
        self._capsys.readouterr()
        assert main([*words, "--config", str(self.file)]) == code
        said = self._capsys.readouterr()
        return said.out + said.err


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(tmp_path, capsys)


def test_a_one_time_password_made_by_command_signs_in(authelia: Authelia, command: Command) -> None:
    said = command("storage", "user", "totp", "generate", "admin")
    found = re.search(r"Successfully generated TOTP configuration for user 'admin' with URI '(otpauth://[^']+)'", said)
    assert found
    assert found[1].startswith(
        f"otpauth://totp/{DOMAIN}:admin?algorithm=SHA1&digits=6&issuer={DOMAIN}&period=30&secret="
    )
    assert len(authelia.totp().secret) == 52
    refused = command("storage", "user", "totp", "generate", "admin", code=1)
    assert "admin already has a TOTP configuration, use --force to overwrite" in refused
    assert found[1] in command("storage", "user", "totp", "export", "uri")
    browser = authelia.browser()
    browser.sign_in()
    assert browser.second_factor(authelia.totp()).status_code == 200
    command("storage", "user", "totp", "delete", "admin")
    command("storage", "user", "totp", "delete", "admin", code=1)


def test_bans_are_listed_and_revoked(authelia: Authelia, command: Command) -> None:
    assert "No results." in command("storage", "bans", "ip", "list")
    browser = authelia.browser()
    for _each in range(3):
        browser.sign_in(password="wrong")
    listed = command("storage", "bans", "ip", "list")
    assert re.search(r"^1\t203\.0\.113\.7\t\S+ \S+ \S+\tregulation\tExceeding Maximum Retries$", listed, re.MULTILINE)
    assert browser.sign_in().status_code == 401
    command("storage", "bans", "ip", "revoke", "203.0.113.7")
    assert browser.sign_in().status_code == 200
    command("storage", "bans", "ip", "revoke", "203.0.113.7", code=1)
    command("storage", "bans", "user", "add", "guest", "--permanent")
    assert authelia.browser("198.51.100.1").sign_in("guest").status_code == 401
    assert "\tnever\t" in command("storage", "bans", "user", "list")


def test_the_encryption_key_is_checked_and_changed(tmp_path: Path, authelia: Authelia, command: Command) -> None:
    command("storage", "user", "totp", "generate", "admin")
    secret = authelia.totp().secret
    assert "Storage Encryption Key Validation: SUCCESS" in command("storage", "encryption", "check")
    authelia.stop()
    other = "quite-another-key-for-tests"
    command("storage", "encryption", "change-key", "--new-encryption-key", "short", code=1)
    command("storage", "encryption", "change-key", "--new-encryption-key", KEY, code=1)
    command("storage", "encryption", "change-key", "--new-encryption-key", other)
    assert "Storage Encryption Key Validation: FAILURE" in command("storage", "encryption", "check")
    write(tmp_path, changed(minimal(tmp_path), "storage.encryption_key", other))
    assert "Storage Encryption Key Validation: SUCCESS" in command("storage", "encryption", "check")
    assert secret in command("storage", "user", "totp", "export", "uri")


def test_the_schema_is_made_by_command_or_by_the_start(tmp_path: Path, command: Command) -> None:
    write(tmp_path, minimal(tmp_path))
    assert "storage schema outdated" in command("storage", "user", "totp", "generate", "admin", code=1)
    assert "Schema Version: N/A" in command("storage", "schema-info")
    command("storage", "migrate", "up")
    assert "Schema Encryption Key: valid" in command("storage", "schema-info")
    assert "schema already up to date" in command("storage", "migrate", "up", code=1)


@pytest.mark.parametrize(
    ("url", "who", "said"),
    [
        (f"https://{PORTAL}/", (), "The policy 'bypass' from rule #1 will be applied"),
        (f"https://sonarr.{DOMAIN}/api/v3", (), "The policy 'bypass' from rule #2 will be applied"),
        (f"https://sonarr.{DOMAIN}/", (), "from rule #4 will potentially be applied"),
        (
            f"https://sonarr.{DOMAIN}/",
            ("--username", "admin", "--groups", "admins"),
            "The policy 'two_factor' from rule #4 will be applied",
        ),
        (
            f"https://sonarr.{DOMAIN}/",
            ("--username", "guest", "--groups", "family"),
            "The policy 'deny' from the default policy will be applied",
        ),
    ],
)
def test_the_policy_of_a_request_is_told(
    tmp_path: Path, command: Command, url: str, who: tuple[str, ...], said: str
) -> None:
    write(tmp_path, minimal(tmp_path))
    assert said in command("access-control", "check-policy", "--url", url, *who)


def test_a_hash_is_one_that_the_library_makes_too(tmp_path: Path, command: Command) -> None:
    write(tmp_path, minimal(tmp_path))
    digest = command("crypto", "hash", "generate", "argon2", "--password", PASSWORD).removeprefix("Digest: ").strip()
    assert digest.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert PasswordHasher().verify(digest, PASSWORD)
    assert not PasswordHasher().check_needs_rehash(digest)


def test_random_values_differ(capsys: pytest.CaptureFixture[str]) -> None:
    values = set()
    for _each in range(2):
        assert main(["crypto", "rand", "--length", "64"]) == 0
        found = re.fullmatch(r"Random Value: ([A-Za-z0-9]{64})\n", capsys.readouterr().out)
        assert found
        values.add(found[1])
    assert len(values) == 2

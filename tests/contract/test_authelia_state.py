# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stand-in for Authelia keeps: sessions in the real Redis, and what its database holds under its key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.authelia_on_loopback import DOMAIN, Authelia, changed, minimal
from tests.contract.redis_on_loopback import Redis
from tests.images.authelia.stand_in.app import StartError

ONE = f"https://requests.{DOMAIN}/"
BYPASSED = f"https://sonarr.{DOMAIN}/api/v3/series"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    folder = tmp_path / "redis"
    folder.mkdir()
    with Redis(folder) as running:
        yield running


def with_redis(folder: Path, redis: Redis) -> Authelia:
    configuration = changed(minimal(folder), "session.redis", redis.settings)
    return Authelia(folder, changed(configuration, "session.secret", "a-session-secret"))


def test_sessions_in_redis_survive_a_restart_and_are_not_readable_there(tmp_path: Path, redis: Redis) -> None:
    authelia = with_redis(tmp_path, redis)
    with authelia:
        browser = authelia.browser()
        browser.sign_in("guest")
        assert browser.may(ONE).status_code == 200
    assert redis.keys() == [f"authelia-session:{browser.cookie}"]
    for file in (tmp_path / "redis" / "appendonlydir").iterdir():
        assert b"guest" not in file.read_bytes()
    with authelia:
        assert browser.may(ONE).status_code == 200


def test_sessions_in_memory_do_not_survive(tmp_path: Path) -> None:
    authelia = Authelia(tmp_path)
    with authelia:
        browser = authelia.browser()
        browser.sign_in("guest")
        assert browser.may(ONE).status_code == 200
    with authelia:
        assert browser.may(ONE).status_code == 401


def test_without_redis_everything_closes_and_opens_again(tmp_path: Path, redis: Redis) -> None:
    with with_redis(tmp_path, redis) as authelia:
        browser = authelia.browser()
        browser.sign_in("guest")
        assert browser.may(ONE).status_code == 200
        redis.stop()
        assert browser.may(ONE).status_code == 401
        assert browser.sign_in("guest").status_code == 401
        assert browser.ask("GET", "/api/state").status_code == 403
        assert authelia.browser().may(ONE).status_code == 401
        # What needs no session at all passes, as it does upstream.
        assert browser.may(BYPASSED).status_code == 200
        redis.start()
        # What was kept on disk is there again: the same cookie is good.
        assert browser.may(ONE).status_code == 200


def test_a_wrong_redis_password_stops_the_start(tmp_path: Path, redis: Redis) -> None:
    authelia = with_redis(tmp_path, redis)
    authelia.configuration = changed(authelia.configuration, "session.redis.password", "wrong")
    with pytest.raises(StartError):
        authelia.start()
    assert "fatal failures during startup: session" in authelia.log


def test_another_encryption_key_does_not_start(tmp_path: Path) -> None:
    authelia = Authelia(tmp_path)
    with authelia:
        pass
    authelia.configuration = changed(minimal(tmp_path), "storage.encryption_key", "quite-another-key-for-tests")
    with pytest.raises(StartError):
        authelia.start()
    assert "the configured encryption key does not appear to be valid for this database" in authelia.log
    assert "fatal failures during startup: storage" in authelia.log
    authelia.configuration = minimal(tmp_path)
    with authelia:
        assert authelia.browser().ask("GET", "/api/health").status_code == 200


def test_a_second_factor_survives_a_restart_and_is_not_readable_in_the_database(tmp_path: Path) -> None:
    authelia = Authelia(tmp_path)
    with authelia:
        browser = authelia.browser()
        browser.sign_in()
        totp = browser.register_totp()
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("db.sqlite3*"))
    assert b"admin" in kept
    assert totp.secret.encode() not in kept
    with authelia:
        assert authelia.totp().secret == totp.secret

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failed sign-ins at the stand-in for Authelia: bans, and the lines that Fail2Ban reads."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from tests.contract.authelia_on_loopback import DOMAIN, PASSWORD, Authelia, changed, minimal

ONE = f"https://requests.{DOMAIN}/"
FAILED = re.compile(
    r'^time="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)" level=error '
    r"msg=\"Unsuccessful 1FA authentication attempt by user '(\w*)'([^\"]*)\"( error=\"[^\"]*\")? "
    r"method=POST path=/api/firstfactor remote_ip=203\.0\.113\.7$"
)


def test_an_address_is_banned_and_another_is_not(tmp_path: Path) -> None:
    with Authelia(tmp_path) as authelia:
        browser = authelia.browser()
        for _each in range(3):
            assert browser.sign_in(password="wrong").status_code == 401
        assert browser.sign_in().status_code == 401
        assert authelia.browser("198.51.100.4").sign_in().status_code == 200
        assert [ban.value for ban in authelia.app.storage.bans("ip", time.time())] == ["203.0.113.7"]
        assert authelia.app.storage.bans("user", time.time()) == []
        # Free again when the time has passed.
        assert authelia.app.storage.bans("ip", time.time() + 15 * 60 + 1) == []
    lines = [line for line in authelia.log.splitlines() if "Unsuccessful" in line]
    assert len(lines) == 4
    assert all(FAILED.match(line) for line in lines)
    assert " and they are banned until " in lines[-1]
    assert "banned" not in lines[-2]


def test_by_user_everybody_is_locked_out_of_one_name(tmp_path: Path) -> None:
    with Authelia(tmp_path, changed(minimal(tmp_path), "regulation.modes", ["user"])) as authelia:
        for number in range(3):
            authelia.browser(f"198.51.100.{number}").sign_in(password="wrong")
        assert authelia.browser().sign_in().status_code == 401
        assert authelia.browser().sign_in("guest").status_code == 200


def test_success_forgives(tmp_path: Path) -> None:
    with Authelia(tmp_path) as authelia:
        browser = authelia.browser()
        for password in ("wrong", "wrong", PASSWORD, "wrong", "wrong"):
            browser.sign_in(password=password)
        assert browser.sign_in().status_code == 200


def test_zero_retries_switch_regulation_off(tmp_path: Path) -> None:
    with Authelia(tmp_path, changed(minimal(tmp_path), "regulation.max_retries", 0)) as authelia:
        browser = authelia.browser()
        for _each in range(5):
            browser.sign_in(password="wrong")
        assert browser.sign_in().status_code == 200


def test_an_unknown_user_is_written_without_the_name(tmp_path: Path) -> None:
    with Authelia(tmp_path) as authelia:
        authelia.browser().sign_in("nobody")
    line = next(line for line in authelia.log.splitlines() if "Unsuccessful" in line)
    found = FAILED.match(line)
    assert found
    assert found[1] == ""
    assert 'error="user not found"' in line


def test_the_log_as_json(tmp_path: Path) -> None:
    with Authelia(tmp_path, changed(minimal(tmp_path), "log.format", "json")) as authelia:
        authelia.browser().sign_in(password="wrong")
        authelia.browser().may(ONE)
    lines = [json.loads(line) for line in authelia.log.splitlines()]
    failed = next(line for line in lines if "Unsuccessful" in line["msg"])
    assert failed.keys() == {"level", "msg", "method", "path", "remote_ip", "time"}
    assert (failed["level"], failed["remote_ip"], failed["path"]) == ("error", "203.0.113.7", "/api/firstfactor")
    denied = next(line for line in lines if "is not authorized to user <anonymous>" in line["msg"])
    assert denied["level"] == "info"


@pytest.mark.parametrize("keep", [False, True])
def test_a_log_in_a_file_leaves_standard_output_alone_unless_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], keep: bool
) -> None:
    with Authelia(tmp_path, changed(minimal(tmp_path), "log.keep_stdout", keep)) as authelia:
        assert "is starting" in authelia.log
    assert ("is starting" in capsys.readouterr().out) == keep


def test_passwords_and_codes_are_in_no_log(tmp_path: Path) -> None:
    with Authelia(tmp_path, changed(minimal(tmp_path), "log.level", "trace")) as authelia:
        browser = authelia.browser()
        browser.sign_in(password="a wrong secret")
        browser.sign_in()
        totp = browser.register_totp()
        browser.second_factor(totp)
    for secret in (PASSWORD, "a wrong secret", totp.secret, browser.cookie):
        assert secret not in authelia.log

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signing in at the stand-in for Authelia, and what the proxy is told about it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.contract.authelia_on_loopback import DOMAIN, PASSWORD, PORTAL, Authelia, changed, minimal

SONARR = f"https://sonarr.{DOMAIN}/series/1?tab=files"


@pytest.fixture
def authelia(tmp_path: Path) -> Iterator[Authelia]:
    with Authelia(tmp_path) as running:
        yield running


def test_a_visitor_is_sent_to_the_portal_and_comes_back_with_two_factors(authelia: Authelia) -> None:
    browser = authelia.browser()
    refused = browser.may(SONARR)
    assert refused.status_code == 401
    location = urlsplit(refused.headers["Location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == f"https://{PORTAL}/"
    assert parse_qs(location.query) == {"rd": [SONARR], "rm": ["GET"]}
    assert "Remote-User" not in refused.headers

    assert browser.sign_in(targetURL=SONARR, requestMethod="GET").json() == {"status": "OK"}
    assert browser.may(SONARR).status_code == 401
    totp = browser.register_totp()
    answer = browser.second_factor(totp, targetURL=SONARR)
    assert answer.json() == {"status": "OK", "data": {"redirect": SONARR}}

    passed = browser.may(SONARR)
    assert passed.status_code == 200
    told = {name: passed.headers[f"Remote-{name}"] for name in ("User", "Groups", "Name", "Email")}
    assert told == {"User": "admin", "Groups": "admins,family", "Name": "Admin", "Email": f"admin@{DOMAIN}"}

    assert browser.ask("POST", "/api/logout", {}).json()["data"] == {"safeTargetURL": False}
    assert browser.may(SONARR).status_code == 401


def test_rules_are_asked_in_their_order(authelia: Authelia) -> None:
    browser = authelia.browser()
    # Exempt paths; the rest of the same name is not, whatever the detour.
    api = f"https://sonarr.{DOMAIN}/api"
    assert browser.may(f"{api}/v3/series").status_code == 200
    assert browser.may(f"{api}?apikey=x").status_code == 200
    for path in ("x", "/../series", "/%2e%2e/series", "//../../series"):
        assert browser.may(f"{api}{path}").status_code == 401, path
    assert browser.may(f"https://{PORTAL}/").status_code == 200
    one = f"https://requests.{DOMAIN}/"
    assert browser.may(one).status_code == 401
    assert browser.sign_in("guest", targetURL=one).json()["data"] == {"redirect": one}
    assert browser.may(one).status_code == 200
    # Signed in, but no rule for this group: no portal would help.
    forbidden = browser.may(SONARR)
    assert forbidden.status_code == 403
    assert "Location" not in forbidden.headers


@pytest.mark.parametrize(
    ("url", "method"),
    [
        ("", "GET"),
        (f"http://sonarr.{DOMAIN}/", "GET"),
        ("https://sonarr.elsewhere.net/", "GET"),
        (f"https://sonarr.{DOMAIN}/", ""),
        (f"https://not{DOMAIN}/", "GET"),
    ],
)
def test_what_the_proxy_asks_wrongly_passes_nobody(authelia: Authelia, url: str, method: str) -> None:
    assert authelia.browser().may(url, method).status_code == 400


def test_basic_credentials_count_as_one_factor_and_wrong_ones_are_told(authelia: Authelia) -> None:
    browser = authelia.browser()
    one = f"https://requests.{DOMAIN}/"
    good = requests.auth._basic_auth_str("guest", PASSWORD)
    assert browser.may(one, Authorization=good).headers["Remote-User"] == "guest"
    refused = browser.may(one, Authorization=requests.auth._basic_auth_str("guest", "wrong"))
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == 'Basic realm="Authorization Required"'
    assert "Unsuccessful 1FA authentication attempt by user 'guest'" in authelia.log


def test_the_cookie_has_its_attributes_and_changes_with_each_step(authelia: Authelia) -> None:
    browser = authelia.browser()
    first = browser.sign_in()
    parts = dict(part.strip().partition("=")[::2] for part in first.headers["Set-Cookie"].split(";"))
    assert parts.keys() >= {"authelia_session", "expires", "HttpOnly", "secure"}
    assert (parts["domain"], parts["path"], parts["SameSite"]) == (DOMAIN, "/", "Lax")
    before = browser.cookie
    browser.second_factor(browser.register_totp())
    after = browser.cookie
    assert after != before
    browser.cookie = before
    assert browser.may(f"https://requests.{DOMAIN}/").status_code == 401
    browser.cookie = after
    assert browser.may(f"https://requests.{DOMAIN}/").status_code == 200


def test_remember_me_lasts_longer(authelia: Authelia) -> None:
    def life(keep: bool) -> float:
        answer = authelia.browser().sign_in(keepMeLoggedIn=keep)
        stamp = re.search(r"expires=([^;]+)", answer.headers["Set-Cookie"])
        assert stamp
        return time.mktime(time.strptime(stamp[1], "%a, %d %b %Y %H:%M:%S GMT")) - time.mktime(time.gmtime())

    assert life(False) == pytest.approx(8 * 3600, abs=5)
    assert life(True) == pytest.approx(30 * 86400, abs=5)


def test_an_idle_session_ends(tmp_path: Path) -> None:
    with Authelia(tmp_path, changed(minimal(tmp_path), "session.inactivity", "1s")) as authelia:
        browser = authelia.browser()
        browser.sign_in("guest")
        one, other = f"https://requests.{DOMAIN}/", authelia.browser()
        other.sign_in("guest", keepMeLoggedIn=True)
        assert browser.may(one).status_code == 200
        # Idle is what the session's own clock says: let it pass, without waiting for it.
        cookies = authelia.app.sessions.cookies[0]
        session = cookies.get(browser.cookie)
        session.last_activity -= 2
        cookies.put(browser.cookie, session)
        assert browser.may(one).status_code == 401
        assert other.may(one).status_code == 200


def test_wrong_codes_and_used_codes_are_refused(authelia: Authelia) -> None:
    browser = authelia.browser()
    browser.sign_in()
    totp = browser.register_totp()
    assert browser.ask("POST", "/api/secondfactor/totp", {"token": "12345"}).status_code == 400
    wrong = f"{(int(totp.code(int(time.time()) // 30)) + 1) % 1000000:06d}"
    assert browser.ask("POST", "/api/secondfactor/totp", {"token": wrong}).status_code == 403
    assert "Unsuccessful TOTP authentication attempt by user 'admin'" in authelia.log
    assert browser.second_factor(totp).status_code == 200
    again = authelia.browser("203.0.113.8")
    again.sign_in()
    assert again.second_factor(totp).status_code == 403
    assert "will not be permitted to reuse it" in authelia.log


def test_setting_up_a_second_factor_needs_the_code_that_came_by_message(authelia: Authelia) -> None:
    browser = authelia.browser()
    browser.sign_in()
    wanted = {"algorithm": "SHA1", "length": 6, "period": 30}
    refused = browser.ask("PUT", "/api/secondfactor/totp/register", wanted)
    assert refused.status_code == 403
    assert refused.json()["elevation"] is True
    browser.ask("POST", "/api/user/session/elevation")
    assert browser.ask("PUT", "/api/user/session/elevation", {"otc": "WRONGONE"}).status_code == 403
    browser.elevate()
    assert browser.ask("GET", "/api/user/session/elevation").json()["data"]["elevated"] is True
    assert browser.ask("PUT", "/api/secondfactor/totp/register", wanted).status_code == 200
    # From another address the elevation counts for nothing.
    browser.ip = "203.0.113.99"
    assert browser.ask("PUT", "/api/secondfactor/totp/register", wanted).status_code == 403


def test_where_to_go_is_checked(authelia: Authelia) -> None:
    browser = authelia.browser()
    browser.sign_in()
    for url, ok in ((SONARR, True), ("https://evil.net/", False), (f"http://sonarr.{DOMAIN}/", False)):
        assert browser.ask("POST", "/api/checks/safe-redirection", {"uri": url}).json()["data"] == {"ok": ok}, url
    totp = browser.register_totp()
    assert browser.second_factor(totp, targetURL="https://evil.net/").json() == {"status": "OK"}


def test_the_first_forwarded_address_is_believed(authelia: Authelia) -> None:
    browser = authelia.browser("198.51.100.1, 203.0.113.7")
    browser.sign_in(password="wrong")
    assert "remote_ip=198.51.100.1" in authelia.log


def test_the_portal_is_a_page_that_no_other_frames(authelia: Authelia) -> None:
    browser = authelia.browser()
    for path in ("/", "/2fa/one-time-password", "/logout", "/settings/two-factor-authentication"):
        page = browser.ask("GET", path)
        assert page.status_code == 200
        assert page.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        assert "stand-in" in page.text
    assert "javascript" in browser.ask("GET", "/static/portal.js").headers["Content-Type"]
    assert browser.ask("GET", "/nothing").status_code == 404
    assert browser.ask("GET", "/static/../portal.py").status_code == 404
    assert browser.ask("POST", "/api/state").status_code == 405
    assert browser.ask("GET", "/api/nothing").status_code == 404


def test_by_another_name_there_is_no_session(authelia: Authelia) -> None:
    browser = authelia.browser()
    assert browser.ask("GET", "/api/health", X_Forwarded_Host="127.0.0.1").status_code == 200
    assert browser.ask("GET", "/api/state", X_Forwarded_Host="127.0.0.1").status_code == 403
    body = {"username": "admin", "password": PASSWORD}
    assert browser.ask("POST", "/api/firstfactor", body, X_Forwarded_Host="127.0.0.1").status_code == 401


def test_security_keys_say_that_there_are_none(authelia: Authelia) -> None:
    browser = authelia.browser()
    browser.sign_in()
    answer = browser.ask("GET", "/api/secondfactor/webauthn")
    assert answer.status_code == 403
    assert "not configured" in answer.json()["message"]


def test_metrics_have_upstreams_names(authelia: Authelia) -> None:
    browser = authelia.browser()
    browser.sign_in()
    browser.sign_in(password="wrong")
    browser.may(SONARR)
    browser.sign_in()
    browser.second_factor(browser.register_totp())
    page = requests.get(f"http://127.0.0.1:{authelia.metrics_port}/metrics", timeout=5).text
    for line in (
        'authelia_authn{banned="false",success="false"} 1',
        'authelia_authn{banned="false",success="true"} 2',
        'authelia_authn_second_factor{banned="false",success="true",type="TOTP"} 1',
        'authelia_authz{code="401"} 1',
        'authelia_request{code="401",method="POST"} 1',
    ):
        assert line in page
    assert "authelia_request_duration_bucket" in page
    assert 'authelia_authn_duration_count{success="true"} 2' in page
    assert 'authelia_authn_duration_bucket{success="false",le="+Inf"} 1' in page
    assert requests.get(f"http://127.0.0.1:{authelia.metrics_port}/", timeout=5).status_code == 404

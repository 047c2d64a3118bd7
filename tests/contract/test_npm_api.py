# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of Nginx Proxy Manager's API, in its stand-in: who may, what is rewritten, what is refused."""

from __future__ import annotations

import json
import time
import urllib.error
from pathlib import Path
from typing import Any

import pytest

from tests.contract.npm_on_loopback import ADMIN, PASSWORD, Npm
from tests.images.npm.stand_in.openssl import self_signed

pytest_plugins = ["tests.contract.npm_fixtures"]

HOST = {"domain_names": ["a.test"], "forward_scheme": "http", "forward_host": "127.0.0.1", "forward_port": 1}
PATH = "/nginx/proxy-hosts"
LISTS = "/nginx/access-lists"
CERTIFICATES = "/nginx/certificates"
REQUEST = {"provider": "letsencrypt", "domain_names": ["b.test", "a.test"], "meta": {}}


def pair(folder: Path) -> dict[str, str]:
    self_signed(folder, ["own.test"])
    return {
        "certificate": (folder / "fullchain.pem").read_text(encoding="ascii"),
        "certificate_key": (folder / "privkey.pem").read_text(encoding="ascii"),
    }


# Who may


def test_a_new_server_belongs_to_who_comes_first(tmp_path: Path) -> None:
    with Npm(tmp_path, claimed=False) as npm:
        assert npm.get("/")["setup"] is False
        assert npm.sign_in("admin@example.com", "changeme").status == 400, "there is no default user"
        auth = {"type": "password", "secret": PASSWORD}
        # Whoever claims it becomes an administrator, whatever they write.
        claimed = npm.ask("POST", "/users", {**ADMIN, "roles": [], "is_disabled": True, "auth": auth})
        assert (claimed.status, claimed.body["roles"], claimed.body["is_disabled"]) == (201, ["admin"], False)
        assert npm.get("/")["setup"] is True
        late = npm.ask("POST", "/users", {**ADMIN, "email": "late@example.com", "auth": auth})
        assert (late.status, late.body) == (403, {"error": {"code": 403, "message": "Permission Denied"}})


def test_the_first_user_from_the_environment_is_logged_with_the_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"INITIAL_ADMIN_EMAIL": "first@example.com", "INITIAL_ADMIN_PASSWORD": "first-password"}
    with Npm(tmp_path, claimed=False, environ=environ) as npm:
        assert npm.sign_in("first@example.com", "first-password").status == 200
        assert "with password: first-password" in capsys.readouterr().out
        # While there is a user nobody looks at the variables again.
        npm.stop_backend()
        npm.environ = {**environ, "INITIAL_ADMIN_PASSWORD": "another-password"}
        npm.start_backend()
        assert npm.sign_in("first@example.com", "another-password").status == 400
        assert npm.sign_in("first@example.com", "first-password").status == 200


def test_tokens(npm: Npm) -> None:
    bad = npm.sign_in(ADMIN["email"], "wrong")
    assert bad.status == 400 and bad.body["error"]["message"] == "Invalid email or password"
    assert npm.sign_in(ADMIN["email"].upper(), PASSWORD).status == 200
    seconds = time.mktime(time.strptime(npm.get("/tokens")["expires"], "%Y-%m-%dT%H:%M:%S.000Z")) - time.timezone
    assert 86000 < seconds - time.time() <= 86401
    for method, path in (("GET", PATH), ("POST", PATH), ("GET", "/settings"), ("GET", "/users")):
        body = HOST if method == "POST" else None
        assert npm.ask(method, path, body, token="").status == 403
    forged = npm.ask("GET", PATH, token="a.b.c")
    assert (forged.status, forged.body) == (500, {"error": {"message": "Internal Error"}})
    old = npm.backend.tokens.sign(1, seconds=-1)["token"]
    expired = npm.ask("GET", PATH, token=old)
    assert (expired.status, expired.body["error"]["message"]) == (400, "Token has expired")
    npm.stop_backend()
    npm.start_backend()
    assert npm.ask("GET", PATH).status == 200, "a token outlives a restart"


def test_passwords(npm: Npm) -> None:
    new = {"type": "password", "secret": "new-password"}
    assert npm.ask("PUT", "/users/me/auth", new).body["error"]["message"] == "Current password was not supplied"
    assert npm.ask("PUT", "/users/me/auth", {**new, "current": "wrong"}).status == 400
    assert npm.ask("PUT", "/users/me/auth", {**new, "current": PASSWORD}).body is True
    assert npm.sign_in(ADMIN["email"], PASSWORD).status == 400
    assert npm.sign_in(ADMIN["email"], "new-password").status == 200


def test_what_other_users_may(npm: Npm) -> None:
    npm.make(PATH, HOST)
    guest = {"name": "Guest", "nickname": "", "email": "guest@example.com"}
    user = npm.make("/users", {**guest, "auth": {"type": "password", "secret": "a-password-of-a-guest"}})["id"]
    token = npm.sign_in("guest@example.com", "a-password-of-a-guest").body["token"]
    assert npm.ask("GET", "/users", token=token).status == 403
    assert npm.ask("GET", "/users/me", token=token).body["name"] == "Guest"
    assert npm.ask("GET", PATH, token=token).body == [], "only one's own"
    assert npm.ask("POST", PATH, {**HOST, "domain_names": ["g.test"]}, token=token).status == 201
    level = {"proxy_hosts": "view", "visibility": "all"}
    assert npm.ask("PUT", f"/users/{user}/permissions", level).status == 200
    assert len(npm.ask("GET", PATH, token=token).body) == 2
    assert npm.ask("PUT", f"{PATH}/1", {"forward_port": 2}, token=token).status == 403
    assert npm.ask("PUT", f"/users/{user}", {"is_disabled": True}).status == 200
    assert npm.ask("GET", PATH, token=token).status == 403
    assert npm.sign_in("guest@example.com", "a-password-of-a-guest").status == 400


def test_paths_that_lead_nowhere(npm: Npm) -> None:
    for path in ("/nothing", f"{PATH}/7", f"{PATH}/", "/settings/other", "/users/9"):
        answer = npm.ask("GET", path)
        assert (answer.status, answer.body["error"]["code"]) == (404, 404), path
    assert npm.ask("GET", f"{PATH}/first").status == 400
    assert npm.ask("GET", f"{PATH}?expand=nothing").status == 500


def test_bodies_that_are_none(npm: Npm) -> None:
    head = {"Content-Type": "application/json"}
    assert npm.send("POST", PATH, b"{", head).status == 400
    assert npm.send("POST", PATH, json.dumps({**HOST, "advanced_config": "#" * 102400}).encode(), head).status == 413
    told = npm.send("POST", PATH, json.dumps(HOST).encode(), {"Content-Type": "text/plain"}).body["error"]["message"]
    assert "data must have required property 'domain_names'" in told


# Hosts


def test_values_that_are_rewritten(npm: Npm, tmp_path: Path) -> None:
    switches = {"ssl_forced": True, "http2_support": True, "hsts_enabled": True, "hsts_subdomains": True}
    made = npm.make(PATH, {**HOST, **switches, "domain_names": ["b.test", "a.test"]})
    assert made["domain_names"] == ["a.test", "b.test"]
    assert not any(made[name] for name in switches)
    number = npm.make(CERTIFICATES, {"provider": "other", "nice_name": "own"})["id"]
    npm.upload(f"{CERTIFICATES}/{number}/upload", pair(tmp_path / "pair"))
    both = npm.ask("PUT", f"{PATH}/1", {**switches, "certificate_id": number, "ssl_forced": False}).body
    assert [both[name] for name in switches] == [False, True, False, False]
    # What is not said stays as it was, and is looked at again with the rest.
    assert npm.ask("PUT", f"{PATH}/1", {"ssl_forced": True, "hsts_enabled": True}).body["hsts_enabled"] is True
    gone = npm.ask("PUT", f"{PATH}/1", {"certificate_id": 0}).body
    assert not any(gone[name] for name in switches)


def test_a_name_belongs_to_one_host(npm: Npm) -> None:
    npm.make(PATH, {**HOST, "domain_names": ["a.test", "b.test"]})
    npm.make("/nginx/dead-hosts", {"domain_names": ["dead.test"]})
    for path, name in ((PATH, "B.test"), (PATH, "dead.test"), ("/nginx/dead-hosts", "a.test")):
        body = {**HOST, "domain_names": [name]} if path == PATH else {"domain_names": [name]}
        answer = npm.ask("POST", path, body)
        assert (answer.status, answer.body["error"]["message"]) == (400, f"{name} is already in use")
    assert npm.ask("PUT", f"{PATH}/1", {"domain_names": ["b.test"]}).status == 200
    assert npm.ask("DELETE", f"{PATH}/1").body is True
    assert npm.make(PATH, HOST)["id"] == 2, "numbers do not come back"


def test_enabling_and_disabling(npm: Npm) -> None:
    npm.make(PATH, HOST)
    file = npm.data / "nginx" / "proxy_host" / "1.conf"
    assert npm.ask("POST", f"{PATH}/1/enable").body["error"]["message"] == "Host is already enabled"
    assert npm.ask("POST", f"{PATH}/1/disable").body is True and not file.exists()
    assert npm.ask("POST", f"{PATH}/1/disable").body["error"]["message"] == "Host is already disabled"
    assert npm.ask("POST", f"{PATH}/1/enable").body is True and file.exists()


# Faults and records


def test_faults_that_are_asked_for(npm: Npm) -> None:
    npm.fault({"status": 503, "paths": ["/api/settings"], "times": 1}, {"drop": True, "paths": ["/api/users"]})
    assert npm.ask("GET", "/settings").status == 503
    assert npm.ask("GET", "/settings").status == 200
    assert npm.ask("GET", "/users").status == 502, "nginx tells of a backend that hangs up"
    npm.fault({"rubbish": True})
    assert "<html>" in npm.ask("GET", "/users").body
    (npm.data / "stand-in-faults.json").unlink()
    npm.stop_backend()
    assert npm.ask("GET", "/").status == 502
    npm.start_backend()
    assert npm.ask("GET", "/").status == 200


def test_requests_are_recorded_without_what_they_hold(npm: Npm) -> None:
    npm.make(PATH, HOST)
    npm.get(PATH)
    npm.ask("PUT", f"{PATH}/9", {"forward_port": 2})
    assert npm.writes() == ["POST /api/users 201", f"POST /api{PATH} 201", f"PUT /api{PATH}/9 404"]
    assert PASSWORD not in (npm.data / "stand-in-requests.log").read_text(encoding="utf-8")


def test_the_audit_log_tells_who_changed_what(npm: Npm) -> None:
    npm.make(PATH, HOST)
    last: dict[str, Any] = npm.get("/audit-log?expand=user")[0]
    assert (last["action"], last["object_type"], last["user"]["name"]) == ("created", "proxy-host", "Keeper")


def test_the_administrators_door_is_shut_with_nginx(npm: Npm) -> None:
    npm.stop()
    with pytest.raises(urllib.error.URLError):
        npm.ask("GET", "/")

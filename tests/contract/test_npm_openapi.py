# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stand-in for Nginx Proxy Manager answers, against upstream's schema."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.npm_bodies import DEAD, LIST, PERMISSIONS, PROXY, REDIRECTION, SITE, STREAM, USER
from tests.contract.npm_on_loopback import PASSWORD, Answer, Npm
from tests.contract.npm_schema import Undocumented, check_answer, operation
from tests.images.npm.stand_in.openssl import self_signed
from tests.images.npm.stand_in.two_factor import code_of


class Checked:
    """A manager whose every answer is checked."""

    def __init__(self, npm: Npm) -> None:
        self.npm = npm
        self.count = 0

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        return self._check(method, path, self.npm.ask(method, path, body))

    def upload(self, path: str, files: dict[str, str]) -> Answer:
        return self._check("POST", path, self.npm.upload(path, files))

    def _check(self, method: str, path: str, answer: Answer) -> Answer:
        assert answer.status < 300, f"{method} {path}: {answer.status} {answer.body}"
        check_answer(method, path.partition("?")[0], answer.status, answer.body)
        self.count += 1
        return answer


@pytest.fixture
def npm(tmp_path: Path) -> Iterator[Checked]:
    with Npm(tmp_path) as running:
        yield Checked(running)


def pair(folder: Path, name: str = "a.test") -> dict[str, str]:
    self_signed(folder, [name])
    return {
        "certificate": (folder / "fullchain.pem").read_text(encoding="ascii"),
        "certificate_key": (folder / "privkey.pem").read_text(encoding="ascii"),
    }


def test_the_answers_of_hosts_keep_the_schema(npm: Checked, tmp_path: Path) -> None:
    certificate = npm.ask("POST", "/nginx/certificates", {"provider": "other", "nice_name": "own"}).body["id"]
    npm.upload(f"/nginx/certificates/{certificate}/upload", pair(tmp_path / "pair"))
    access_list = npm.ask("POST", "/nginx/access-lists", LIST).body["id"]
    made = {
        "proxy-hosts": {**PROXY, "certificate_id": certificate, "access_list_id": access_list, "ssl_forced": True},
        "redirection-hosts": REDIRECTION,
        "dead-hosts": DEAD,
        "streams": STREAM,
    }
    for kind, body in made.items():
        path = f"/nginx/{kind}"
        one = f"{path}/{npm.ask('POST', path, body).body['id']}"
        relations = ("owner", "certificate") + (("access_list",) if kind == "proxy-hosts" else ())
        for query in ("", *(f"?expand={name}" for name in relations), f"?expand={','.join(relations)}"):
            assert len(npm.ask("GET", path + query).body) == 1
            npm.ask("GET", one + query)
        npm.ask("PUT", one, body)
        npm.ask("POST", f"{one}/disable")
        npm.ask("POST", f"{one}/enable")
    assert npm.ask("GET", "/reports/hosts").body == {"proxy": 1, "redirection": 1, "dead": 1, "stream": 1}
    for query in ("", "?expand=owner", "?expand=items", "?expand=clients", "?expand=proxy_hosts,owner,items,clients"):
        npm.ask("GET", f"/nginx/access-lists{query}")
        npm.ask("GET", f"/nginx/access-lists/{access_list}{query}")
    npm.ask("PUT", f"/nginx/access-lists/{access_list}", LIST)
    for query in ("", "?expand=owner"):
        npm.ask("GET", f"/nginx/certificates{query}")
        npm.ask("GET", f"/nginx/certificates/{certificate}{query}")
    for kind in made:
        npm.ask("DELETE", f"/nginx/{kind}/1")
    npm.ask("DELETE", f"/nginx/access-lists/{access_list}")
    npm.ask("DELETE", f"/nginx/certificates/{certificate}")
    assert npm.count > 60


def test_the_other_answers_keep_the_schema(npm: Checked, tmp_path: Path) -> None:
    for path in ("/", "/schema", "/version/check", "/settings", "/settings/default-site", "/tokens"):
        npm.ask("GET", path)
    assert npm.ask("PUT", "/settings/default-site", SITE).body["value"] == "444"
    npm.ask("GET", "/nginx/certificates/dns-providers")
    npm.ask("POST", "/nginx/certificates/test-http", {"domains": ["a.test"]})
    npm.upload("/nginx/certificates/validate", pair(tmp_path / "pair"))
    user = npm.ask("POST", "/users", USER).body["id"]
    for query in ("", "?expand=permissions"):
        npm.ask("GET", f"/users{query}")
        npm.ask("GET", f"/users/me{query}")
        npm.ask("GET", f"/users/{user}{query}")
    npm.ask("PUT", f"/users/{user}", {"nickname": "G"})
    npm.ask("PUT", f"/users/{user}/permissions", PERMISSIONS)
    npm.ask("PUT", f"/users/{user}/auth", {"type": "password", "secret": "another-password"})
    npm.ask("PUT", "/users/me/auth", {"type": "password", "current": PASSWORD, "secret": "another-password"})
    npm.ask("POST", f"/users/{user}/login")
    npm.ask("DELETE", f"/users/{user}")
    npm.ask("GET", "/audit-log")
    npm.ask("GET", "/audit-log/1")
    npm.ask("GET", "/audit-log/1?expand=user")


def test_the_answers_of_two_factors_keep_the_schema(npm: Checked) -> None:
    keeper = npm.npm.get("/users/me")
    path = f"/users/{keeper['id']}/2fa"
    npm.ask("GET", path)
    secret = npm.ask("POST", path).body["secret"]
    assert len(npm.ask("POST", f"{path}/enable", {"code": _now(secret)}).body["backup_codes"]) == 8
    codes = npm.ask("POST", f"{path}/backup-codes", {"code": _now(secret)}).body["backup_codes"]
    challenge = npm.ask("POST", "/tokens", {"identity": keeper["email"], "secret": PASSWORD}).body
    assert challenge["requires_2fa"] is True
    once = {"challenge_token": challenge["challenge_token"], "code": codes[0]}
    npm.ask("POST", "/tokens/2fa", once)
    assert npm.npm.ask("POST", "/tokens/2fa", once).status == 400, "a code of the reserve works once"
    npm.ask("DELETE", f"{path}?code={_now(secret)}")
    assert npm.ask("GET", path).body == {"enabled": False, "backup_codes_remaining": 0}


def _now(secret: str) -> str:
    return code_of(secret, time.time())


def test_control_a_wrong_answer_is_found() -> None:
    good = {"status": "OK", "setup": False, "version": {"major": 2, "minor": 15, "revision": 1}}
    check_answer("GET", "/", 200, good)
    with pytest.raises(AssertionError, match="does not keep the schema"):
        check_answer("GET", "/", 200, {**good, "version": "2.15.1"})
    with pytest.raises(AssertionError, match="knows no answer 201"):
        check_answer("GET", "/", 201, good)
    with pytest.raises(Undocumented):
        operation("PATCH", "/users")

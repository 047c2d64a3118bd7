# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every answer of the stand-in for Authelia against upstream's OpenAPI file."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests
import yaml

from tests.contract.authelia_on_loopback import DOMAIN, PASSWORD, Authelia, Browser
from tests.contract.openapi import CONTRACTS
from tests.images.authelia.stand_in.web import PARTS

ONE = f"https://requests.{DOMAIN}/"
# What the file says, and what is not played: another sign-in, another second factor, another role.
NOT_PLAYED = ("/api/oidc/", "/.well-known/", "/jwks.json", "/api/secondfactor/duo", "/api/firstfactor/passkey")
KEYS = "/api/secondfactor/webauthn/credential/{credentialID}"
LEFT_OUT = {("/api/secondfactor/password", "post"), (KEYS, "put"), (KEYS, "delete")}
# The program puts every answer into an envelope; for this one the file forgets it.
WITHOUT_ENVELOPE = ("/api/checks/safe-redirection",)


class Contract:
    """The file is a template for Go: rendered with everything switched on."""

    def __init__(self, text: str) -> None:
        whole = re.sub(r"^  \{\{- \$app := .*?(?=^  /api/firstfactor:)", "", text, flags=re.MULTILINE | re.DOTALL)
        plain = re.sub(r"^\s*\{\{-?.*\}\}\s*$\n", "", whole, flags=re.MULTILINE)
        self.document: dict[str, Any] = yaml.safe_load(re.sub(r"\{\{.*?\}\}", "x", plain))
        part = re.search(r'"AuthRequest"\)\}\}\n(.*?)\{\{- end \}\}', text.replace(") }}", ")}}"), re.DOTALL)
        assert part
        said = re.sub(r"^\s*\{\{.*\}\}\s*$\n", "", part[1], flags=re.MULTILINE)
        self.authz: dict[str, Any] = yaml.safe_load(re.sub(r"\{\{.*?\}\}", "x", said))["x"]

    @property
    def operations(self) -> set[tuple[str, str]]:
        return {(path, method) for path, methods in self.document["paths"].items() for method in methods}

    def check(self, method: str, path: str, answer: requests.Response) -> None:
        template = next(
            each for each in self.document["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", each), path)
        )
        responses = self.document["paths"][template][method.lower()]["responses"]
        # The file names few of the failures; what a failure looks like, it does.
        said = responses.get(str(answer.status_code), {})
        schema = said.get("content", {}).get("application/json", {}).get("schema")
        if answer.status_code == 200 and answer.json().get("status") == "KO":
            schema = {"$ref": "#/components/schemas/middlewares.Response.KO"}
        if schema:
            assert answer.headers["Content-Type"].startswith("application/json")
            bare = path in WITHOUT_ENVELOPE and answer.json()["status"] == "OK"
            self._validate(schema, answer.json()["data"] if bare else answer.json())
        elif answer.headers["Content-Type"].startswith("application/json"):
            self._validate({"$ref": "#/components/schemas/middlewares.ErrorResponse"}, answer.json())

    def _validate(self, schema: dict[str, Any], body: Any) -> None:
        jsonschema.validate(body, {**strict(schema), "components": strict(self.document["components"])})


def strict(part: Any) -> Any:
    """Forbid what the file does not name, where it names something: a schema of optional keys refuses nothing."""
    if isinstance(part, list):
        return [strict(each) for each in part]
    if not isinstance(part, dict):
        return part
    made = {name: strict(value) for name, value in part.items()}
    if made.get("type") == "object" and isinstance(part.get("properties"), dict):
        made.setdefault("additionalProperties", False)
    return made


@pytest.fixture(scope="module")
def contract() -> Contract:
    file = CONTRACTS / "authelia" / "openapi.yml"
    if not file.is_file():
        pytest.skip("the contracts beside the project are not here")
    return Contract(file.read_text(encoding="utf-8"))


@pytest.fixture
def authelia(tmp_path: Path) -> Iterator[Authelia]:
    with Authelia(tmp_path) as running:
        yield running


class Checked:
    """A browser whose every answer is held against the file."""

    def __init__(self, browser: Browser, contract: Contract) -> None:
        self.browser, self.contract = browser, contract
        self.seen: set[tuple[str, str]] = set()

    def __call__(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = self.browser.ask(method, path, body)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        self.contract.check(method, path, answer)
        self.seen.add((method, path))
        return answer.json() if answer.headers["Content-Type"].startswith("application/json") else None


def test_every_answer_of_the_portals_way_is_in_the_file(authelia: Authelia, contract: Contract) -> None:
    browser = authelia.browser()
    ask = Checked(browser, contract)
    totp = "/api/secondfactor/totp"
    elevation = "/api/user/session/elevation"
    # Nobody yet.
    ask("GET", "/api/health")
    assert ask("GET", "/api/state")["data"]["authentication_level"] == 0
    ask("GET", "/api/configuration/password-policy")
    ask("GET", "/api/configuration", status=403)
    ask("GET", "/api/user/info", status=403)
    ask("GET", totp, status=403)
    ask("POST", "/api/checks/safe-redirection", {"uri": ONE}, status=401)
    ask("POST", "/api/firstfactor", {"username": "admin"}, status=401)
    # One factor.
    assert ask("POST", "/api/firstfactor", {"username": "admin", "password": PASSWORD, "targetURL": ONE})["data"]
    assert ask("GET", "/api/state")["data"]["authentication_level"] == 1
    assert ask("GET", "/api/configuration")["data"]["available_methods"] == ["totp", "webauthn"]
    assert ask("POST", "/api/checks/safe-redirection", {"uri": ONE})["data"] == {"ok": True}
    assert ask("POST", "/api/user/info")["data"]["has_totp"] is False
    ask("GET", totp, status=404)
    ask("GET", "/api/secondfactor/webauthn", status=403)
    ask("POST", "/api/secondfactor/webauthn", {}, status=403)
    for method in ("PUT", "POST", "DELETE"):
        ask(method, "/api/secondfactor/webauthn/register", {}, status=403)
    # The second is set up.
    ask("GET", elevation)
    delete_id = ask("POST", elevation)["data"]["delete_id"]
    ask("DELETE", f"{elevation}/{delete_id}")
    ask("DELETE", f"{elevation}/nonsense")
    browser.elevate()
    ask("PUT", elevation, {"otc": "WRONGONE"}, status=403)
    ask("GET", f"{totp}/register")
    ask("PUT", f"{totp}/register", {"algorithm": "MD5", "length": 6, "period": 30}, status=400)
    wanted = {"algorithm": "SHA1", "length": 6, "period": 30}
    assert ask("PUT", f"{totp}/register", wanted)["data"]["otpauth_url"].startswith("otpauth://totp/")
    ask("DELETE", f"{totp}/register")
    ask("POST", f"{totp}/register", {"token": "000000"}, status=403)
    made = browser.register_totp()
    assert ask("GET", totp)["data"] == {"period": 30, "digits": 6}
    ask("POST", totp, {"token": "1"}, status=400)
    # Two factors.
    token = made.code(int(time.time()) // 30)
    assert ask("POST", totp, {"token": token, "targetURL": ONE})["data"] == {"redirect": ONE}
    assert ask("GET", "/api/user/info")["data"]["has_totp"] is True
    ask("POST", "/api/user/info/2fa_method", {"method": "webauthn"})
    ask("POST", "/api/user/info/2fa_method", {"method": "mobile_push"})
    new = {"username": "admin", "old_password": PASSWORD, "new_password": "another"}
    ask("POST", "/api/change-password", new)
    ask("DELETE", totp)
    ask("POST", "/api/logout", {"targetURL": ONE})
    # A forgotten password.
    ask("POST", "/api/reset-password/identity/start", {"username": "admin"})
    link = re.search(r"step2\?token=(\S+)", authelia.notification)
    assert link
    ask("POST", "/api/reset-password/identity/finish", {"token": link[1]})
    ask("POST", "/api/reset-password", {"password": "once more"})
    ask("DELETE", "/api/reset-password", {"token": link[1]})

    asked = set(ask.seen) | {("PUT", elevation), ("POST", f"{totp}/register")}
    assert {each for each in PARTS if "authz" not in each[1]} <= asked


def test_what_is_played_and_what_is_not_is_all_of_the_file(contract: Contract) -> None:
    played = {(path, method.lower()) for method, path in PARTS if "authz" not in path}
    left = {
        (path, method)
        for path, method in contract.operations - played
        if not path.startswith(NOT_PLAYED) and method != "head" and "{id}" not in path
    }
    assert left == LEFT_OUT
    assert played <= contract.operations


def test_the_proxys_question_has_the_headers_of_the_file(authelia: Authelia, contract: Contract) -> None:
    told = contract.authz["responses"]
    browser = authelia.browser()
    refused = browser.may(ONE)
    assert str(refused.status_code) in told
    assert {name.lower() for name in refused.headers} & told["401"]["headers"].keys() == {"location"}
    browser.sign_in()
    passed = browser.may(ONE)
    # A cookie comes only with a session that changed.
    assert {name.lower() for name in passed.headers} >= told["200"]["headers"].keys() - {"set-cookie"}
    assert str(browser.may("nonsense").status_code) in told


def test_the_control_that_a_wrong_answer_is_found(contract: Contract) -> None:
    def answer(text: str) -> requests.Response:
        made = requests.Response()
        made.status_code, made._content = 200, text.encode()
        made.headers["Content-Type"] = "application/json"
        return made

    contract.check("GET", "/api/state", answer('{"status": "OK", "data": {"username": "a"}}'))
    for wrong in (
        '{"status": "OK", "data": {"user": "a"}}',
        '{"status": "OK", "data": {"authentication_level": "1"}}',
        '{"state": "OK"}',
    ):
        with pytest.raises(jsonschema.ValidationError):
            contract.check("GET", "/api/state", answer(wrong))

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module's requests, and what the stand-in answers, against Organizr's own description of its API.

The description has no word for the wizard, the tabs and the launch: these are known from upstream's source.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import organizr_server
from ansible_collections.homelab.media.plugins.module_utils.organizr_declared import Target, Wanted
from ansible_collections.homelab.media.plugins.module_utils.servarr_ledger import Ledger

from tests.images.organizr.stand_in.config import DEFAULTS
from tests.programs.organizr_on_loopback import KEY, Loopback

CONTRACT = Path(__file__).resolve().parents[3] / "shared" / "contracts" / "organizr" / "api.json"
#: What the description leaves out.
UNDESCRIBED = ("/api/v2/wizard", "/api/v2/launch", "/api/v2/tabs")
#: Upstream's source answers so to a name that is taken, whatever the description says.
UNDESCRIBED_STATUS = (204, 409)


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    if not CONTRACT.is_file():
        pytest.skip("the contracts beside the project are not here: shared/contracts/organizr")
    found: dict[str, Any] = json.loads(CONTRACT.read_text(encoding="utf-8"))
    return found


@pytest.fixture
def organizr(tmp_path: Path) -> Iterator[Loopback]:
    found = Loopback(tmp_path / "organizr")
    yield found
    found.stop()


def operation(contract: dict[str, Any], method: str, path: str) -> dict[str, Any] | None:
    for known, methods in contract["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", known), path) and method.lower() in methods:
            found: dict[str, Any] = methods[method.lower()]
            return found
    return None


def converge(organizr: Loopback, folder: Path, wanted: Wanted) -> None:
    target = Target(
        url=organizr.url,
        username="anna",
        email="anna@example.org",
        api_key=KEY,
        hash_key="hash",
        registration_password="registration",
        password="password",
        config_file=str(organizr.config_file),
        seen=str(folder / "organizr.seen.json"),
        timeout=5,
    )
    organizr_server.ensure(target, wanted, Ledger(str(folder / "organizr.json"), b""), False)


def wanted(*names: str, **config: Any) -> Wanted:
    categories = [{"name": f"{name} pages", "image": "x"} for name in names]
    tabs = [
        {"name": name, "category": f"{name} pages", "url": f"https://{name}/", "image": "x", "type": 2, "group": 4}
        for name in names
    ]
    return Wanted(categories, tabs, config)


def test_every_request_of_the_module_is_described(contract: dict[str, Any], organizr: Loopback, tmp_path: Path) -> None:
    converge(organizr, tmp_path, wanted("sonarr", "radarr", title="Home"))
    converge(organizr, tmp_path, wanted("radarr", hideRegistration=True))
    asked = {(method, path.rstrip("/")) for method, path, _body in organizr.organizr.asked}
    assert {method for method, _path in asked} == {"GET", "POST", "PUT", "DELETE"}
    unknown = [pair for pair in asked if operation(contract, *pair) is None]
    assert [pair for pair in unknown if not pair[1].startswith(UNDESCRIBED)] == []
    # The control: the description has the others.
    assert {("GET", "/api/v2/status"), ("PUT", "/api/v2/config"), ("POST", "/api/v2/categories")} <= asked - {*unknown}


def test_the_key_is_in_the_header_that_is_described(contract: dict[str, Any], organizr: Loopback) -> None:
    scheme = contract["components"]["securitySchemes"]["api_key"]
    assert (scheme["in"], scheme["type"]) == ("header", "apiKey")
    organizr.set_up()
    assert organizr.ask("GET", "/config", token="", **{scheme["name"]: KEY})[0] == 200
    assert organizr.ask("GET", "/config", token="", Authorization=KEY)[0] == 401


@pytest.mark.parametrize(
    ("method", "path", "body", "token", "schema"),
    [
        ("GET", "/status", None, "", "status"),
        ("GET", "/ping", None, "", "ping"),
        ("GET", "/config", None, KEY, "success-message"),
        ("GET", "/config", None, "x" * 20, "unauthorized-message"),
        ("GET", "/config/title", None, KEY, "success-message"),
        ("PUT", "/config", {"title": "Home"}, KEY, "success-message"),
        ("GET", "/categories", None, KEY, "success-message"),
        ("POST", "/categories", {"category": "Library", "image": "x"}, KEY, "success-message"),
        ("POST", "/categories", {"category": "Unsorted", "image": "x"}, KEY, "error-message"),
        ("POST", "/categories", {"image": "x"}, KEY, "error-message"),
        ("POST", "/categories", {"category": "Library", "image": "x"}, "", "unauthorized-message"),
        ("PUT", "/categories/1", {"image": "y"}, KEY, "success-message"),
        ("DELETE", "/categories/9", None, KEY, "error-message"),
    ],
)
def test_an_answer_is_as_described(
    contract: dict[str, Any], organizr: Loopback, method: str, path: str, body: Any, token: str, schema: str
) -> None:
    organizr.set_up()
    status, said = organizr.ask(method, path, body, token)
    described = operation(contract, method, f"/api/v2{path}")
    assert described is not None
    assert str(status) in described["responses"] or status in UNDESCRIBED_STATUS
    response = contract["components"]["schemas"][schema]["properties"]["response"]["properties"]
    assert set(said) == set(response)
    assert said["result"] == response["result"]["example"]
    if schema == "status":
        assert set(said["data"]) == set(response["data"]["properties"])


def test_settings_have_the_types_that_are_described(contract: dict[str, Any]) -> None:
    described = contract["components"]["schemas"]["config-items-example"]["properties"]
    kinds = {"string": str, "boolean": bool}
    shared = set(described) & set(DEFAULTS)
    assert shared == {"branch", "hideRegistration"}
    assert all(isinstance(DEFAULTS[name], kinds[described[name]["type"]]) for name in shared)

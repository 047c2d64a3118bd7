# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for Organizr takes and refuses what upstream does, and never more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.images.organizr.stand_in import config, main
from tests.programs.organizr_on_loopback import KEY, WIZARD, Loopback

TAB: dict[str, Any] = {"name": "Sonarr", "url": "https://sonarr.media.test/", "image": "fontawesome::globe"}


@pytest.fixture
def organizr(tmp_path: Path) -> Iterator[Loopback]:
    found = Loopback(tmp_path / "organizr")
    yield found
    found.stop()


@pytest.fixture
def ready(organizr: Loopback) -> Loopback:
    organizr.set_up()
    return organizr


def refusal(organizr: Loopback, method: str, path: str, body: Any = None, token: str = KEY) -> tuple[int, str]:
    status, said = organizr.ask(method, path, body, token)
    assert said["result"] == "error"
    return status, said["message"]


# --- the wizard ----------------------------------------------------------------------------------------------------


def test_before_it_is_set_up_it_says_so_and_opens_nothing(organizr: Loopback) -> None:
    assert organizr.ask("GET", "/launch", token="")[1]["data"]["status"]["userConfigPathExists"] is False
    assert organizr.ask("GET", "/status", token="")[1]["data"]["organizr_version"] == "2.1.2460"
    assert refusal(organizr, "GET", "/tabs") == (401, "Not Authorized")
    assert "Setup wizard" in organizr.get("/")[1]


def test_the_wizard_sets_it_up_once(organizr: Loopback) -> None:
    organizr.set_up()
    assert organizr.ask("GET", "/launch", token="")[1]["data"]["status"]["userConfigPathExists"] is True
    assert list(organizr.tabs()) == ["Settings", "Homepage"]
    other = {**WIZARD, "api": "x" * 20}
    assert refusal(organizr, "POST", "/wizard", other, "") == (401, "Endpoint disabled as database already exists")
    assert organizr.ask("GET", "/tabs")[0] == 200
    assert organizr.config_file.read_text().startswith("<?php\nreturn [\n")


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"username": ""}, 422, "[username] cannot be empty"),
        ({"hashKey": None}, 422, "hashKey is a NoneType"),
        ({"api": "k" * 19}, 422, "[api] has to have 20 characters"),
        ({"api": "k" * 21}, 422, "[api] has to have 20 characters"),
        ({"license": "free"}, 422, "there is no license free"),
        ({"surprise": "x"}, 422, "the wizard has no field surprise"),
        ({"driver": "postgre"}, 409, "Database connection test not available for driver: postgre"),
        ({"dbPath": "/etc/organizr"}, 422, "[/etc/organizr/]  is not writable"),
    ],
)
def test_the_wizard_refuses(organizr: Loopback, change: dict[str, Any], status: int, message: str) -> None:
    found = refusal(organizr, "POST", "/wizard", {**WIZARD, **change}, "")
    assert found[0] == status
    assert message in found[1]
    assert not organizr.config_file.exists()


# --- who may ask ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "x" * 20, KEY[:-1], KEY + "k"])
def test_only_the_key_opens_it(ready: Loopback, token: str) -> None:
    assert refusal(ready, "GET", "/config", token=token) == (401, "Not Authorized")
    assert refusal(ready, "POST", "/tabs", TAB, token) == (401, "Not authorized for current Route: /api/v2/tabs")
    assert refusal(ready, "DELETE", "/tabs/1", token=token) == (401, "Not Authorized")


def test_another_endpoint_is_refused(ready: Loopback) -> None:
    assert refusal(ready, "GET", "/nothing") == (404, "Endpoint Not Found or Defined")


def test_while_it_fetches_itself_there_is_only_nginx(ready: Loopback) -> None:
    ready.fetched = False
    status, text = ready.get("/api/v2/status")
    assert (status, "nginx" in text) == (404, True)


# --- tabs and categories -------------------------------------------------------------------------------------------


def test_a_tab_gets_upstreams_defaults(ready: Loopback) -> None:
    assert ready.ask("POST", "/tabs", TAB) == (200, {"result": "success", "message": "Tab added", "data": None})
    row = ready.tabs()["Sonarr"]
    assert (row["order"], row["group_id"], row["enabled"], row["type"], row["ping"]) == (3, 4, 0, 1, None)


@pytest.mark.parametrize(
    ("change", "status", "message"),
    [
        ({"name": "settings"}, 409, "Tab name: settings is already taken"),
        ({"name": "Setting_"}, 409, "Tab name: Setting_ is already taken"),
        ({"name": "x" * 51}, 409, "String is over limit of: 50"),
        ({"name": "Ä" * 26}, 409, "String is over limit of: 50"),
        ({"name": "Tom & Jerry"}, 422, "name has characters"),
        ({"colour": "red"}, 422, "tabs has no field colour"),
        ({"order": "3"}, 422, "order is a str, not a int"),
        ({"enabled": True}, 422, "enabled is a bool, not a int"),
        ({"url": 3}, 422, "url is a int, not a str"),
        ({"type": 3}, 422, "type is 3"),
    ],
)
def test_a_tab_is_refused(ready: Loopback, change: dict[str, Any], status: int, message: str) -> None:
    found = refusal(ready, "POST", "/tabs", {**TAB, **change})
    assert found[0] == status
    assert message in found[1]
    assert list(ready.tabs()) == ["Settings", "Homepage"]


@pytest.mark.parametrize(
    ("left_out", "message"),
    [
        ("name", "Tab name was not supplied"),
        ("url", "Tab url or url_local was not supplied"),
        ("image", "Tab image was not supplied"),
    ],
)
def test_a_tab_without_what_it_needs_is_refused(ready: Loopback, left_out: str, message: str) -> None:
    body = {key: value for key, value in TAB.items() if key != left_out}
    assert refusal(ready, "POST", "/tabs", body) == (422, message)


def test_a_tab_is_changed_put_in_order_and_removed(ready: Loopback) -> None:
    ready.ask("POST", "/tabs", TAB)
    number = ready.tabs()["Sonarr"]["id"]
    assert ready.ask("PUT", f"/tabs/{number}", {"name": "Series"})[1]["message"] == "Tab info updated"
    assert ready.ask("PUT", "/tabs", [{"id": number, "order": 7}])[1]["message"] == "Tab Order updated"
    assert ready.tabs()["Series"]["order"] == 7
    assert refusal(ready, "PUT", f"/tabs/{number}", {"name": "homepage"})[0] == 409
    assert refusal(ready, "PUT", f"/tabs/{number}", {"group_id": 1, "group_id_max": 2})[0] == 409
    assert refusal(ready, "PUT", "/tabs/99", {"name": "x"}) == (404, "No tab info found")
    assert refusal(ready, "PUT", "/tabs", [{"id": number, "order": 0}]) == (422, "data is malformed")
    assert refusal(ready, "PUT", "/tabs", [{"id": number}]) == (422, "data is malformed")
    assert ready.ask("DELETE", f"/tabs/{number}") == (204, {})
    assert refusal(ready, "DELETE", f"/tabs/{number}") == (404, "id not found")


def test_a_category_has_a_number_of_its_own(ready: Loopback) -> None:
    assert ready.ask("POST", "/categories", {"category": "Library", "image": "x"})[1]["message"] == "Category added"
    rows = ready.ask("GET", "/categories")[1]["data"]["categories"]
    assert [(row["category"], row["category_id"]) for row in rows] == [("Unsorted", 0), ("Library", 1)]
    again = refusal(ready, "POST", "/categories", {"category": "library", "image": "x"})
    assert again == (409, "Category name: library is already taken")


# --- settings ------------------------------------------------------------------------------------------------------


def test_settings_are_kept_in_the_file(ready: Loopback) -> None:
    body = {"title": "Tom's \\ home", "authProxyEnabled": "true"}
    assert ready.ask("PUT", "/config", body)[1]["message"] == "Config items updated"
    found = config.Config(ready.config_file).values()
    assert (found["title"], found["authProxyEnabled"], found["organizrAPI"]) == ("Tom's \\ home", True, KEY)
    assert ready.ask("GET", "/config/title")[1]["data"] == "Tom's \\ home"
    assert ready.config_file.with_name("config.bak.php").is_file()


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({}, 409, "No data submitted"),
        ({"titel": "x"}, 422, "there is no setting titel"),
        ({"authProxyEnabled": "yes"}, 422, "authProxyEnabled is a str, not a bool"),
        ({"title": 3}, 422, "title is a int, not a str"),
    ],
)
def test_settings_are_refused(ready: Loopback, body: dict[str, Any], status: int, message: str) -> None:
    found = refusal(ready, "PUT", "/config", body)
    assert found[0] == status
    assert message in found[1]


# --- who looks -----------------------------------------------------------------------------------------------------


def believe(organizr: Loopback, whitelist: str) -> None:
    settings = {"authProxyEnabled": True, "authProxyHeaderName": "Remote-User", "authProxyWhitelist": whitelist}
    organizr.ask("PUT", "/config", settings)
    organizr.ask("POST", "/tabs", {**TAB, "enabled": 1, "group_id": 4})
    organizr.ask("POST", "/tabs", {**TAB, "name": "Grafana", "enabled": 1, "group_id": 1})


def test_a_name_is_believed_from_the_one_address(ready: Loopback) -> None:
    believe(ready, "127.0.0.1")
    for name, shown in (("ben", ["Sonarr"]), ("ANNA", ["Sonarr", "Grafana"])):
        text = ready.get("/", **{"Remote-User": name})[1]
        assert f"Signed in as {name.lower()}." in text
        assert [tab for tab in ("Sonarr", "Grafana") if f">{tab}</a>" in text] == shown
    assert "Login" in ready.get("/")[1]


@pytest.mark.parametrize("whitelist", ["127.0.0.2", "10.0.0.0/8", "", "::1"])
def test_a_name_from_elsewhere_is_not_believed(ready: Loopback, whitelist: str) -> None:
    believe(ready, whitelist)
    assert "Login" in ready.get("/", **{"Remote-User": "anna"})[1]


def test_an_unknown_branch_ends_the_start(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("branch", "v3")
    assert main.main() == 1
    assert "v3 is not a valid branch" in capsys.readouterr().err

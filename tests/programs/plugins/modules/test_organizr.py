# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module against the stand-in for Organizr."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import organizr_api
from ansible_collections.homelab.media.plugins.modules import organizr

from tests.programs.organizr_on_loopback import KEY, WIZARD, Loopback
from tests.unit.run_module import run_module

SECRETS = {
    "api_key_file": KEY,
    "hash_key_file": "hash-of-the-host",
    "registration_password_file": "registration-of-the-host",
    "password_file": "password-of-the-host",
}
CATEGORIES = [{"name": "Library"}, {"name": "House"}]
TABS: list[dict[str, Any]] = [
    {"name": "Radarr", "category": "Library", "url": "https://radarr.media.test/", "type": 1},
    {"name": "Sonarr", "category": "Library", "url": "https://sonarr.media.test/", "type": 1},
    {"name": "Grafana", "category": "House", "url": "https://grafana.media.test/", "group": 1},
]
CONFIG = {
    "authProxyEnabled": True,
    "authProxyHeaderName": "Remote-User",
    "authProxyWhitelist": "10.99.1.62",
    "hideRegistration": True,
}


class Bench:
    """An Organizr that nobody has set up, and the module's arguments for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = Loopback(folder / "organizr")
        for name, text in SECRETS.items():
            (folder / name).write_text(text)
        self.arguments: dict[str, Any] = {
            "url": self.server.url,
            "username": "anna",
            "email": "anna@example.org",
            **{name: str(folder / name) for name in SECRETS},
            "config_file": str(self.server.config_file),
            "ledger": str(folder / "organizr.json"),
            "categories": CATEGORIES,
            "tabs": TABS,
            "config": CONFIG,
            "timeout": 5,
        }

    def run(self, check: bool = False, **changes: Any) -> dict[str, Any]:
        answer = run_module(organizr.main, {**self.arguments, **changes}, check=check)
        assert not answer.get("failed"), answer["msg"]
        told = json.dumps(answer["diff"]) + json.dumps(answer["tabs"])
        assert not [text for text in SECRETS.values() if text in told]
        return answer

    def fail(self, check: bool = False, **changes: Any) -> str:
        answer = run_module(organizr.main, {**self.arguments, **changes}, check=check)
        assert answer.get("failed"), answer
        assert not [text for text in SECRETS.values() if text in answer["msg"]]
        return str(answer["msg"])

    @property
    def made(self) -> dict[str, dict[str, str]]:
        document = json.loads(Path(self.arguments["ledger"]).read_text())
        return document["applications"].get("organizr", {}).get("made", {})


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    found = Bench(tmp_path)
    yield found
    found.server.stop()


@pytest.fixture
def kept(bench: Bench) -> Bench:
    bench.run()
    bench.server.written()
    return bench


def subjects(answer: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {entry["after_header"]: (entry["before"].strip(), entry["after"].strip()) for entry in answer["diff"]}


def without(name: str) -> list[dict[str, Any]]:
    return [tab for tab in TABS if tab["name"] != name]


# --- the first run -------------------------------------------------------------------------------------------------


def test_it_is_set_up_without_a_wizard(bench: Bench) -> None:
    answer = bench.run()
    assert (answer["changed"], answer["reachable"], answer["version"]) == (True, True, "2.1.2460")
    told = subjects(answer)
    assert told["Organizr"] == ("not set up", "set up, with anna as its administrator")
    assert told["Organizr tab Grafana"] == ("", "https://grafana.media.test/")
    assert told["Organizr category House"][1] == "fontawesome::folder-open"
    assert told["Organizr setting authProxyEnabled"] == ("false", "true")
    assert answer["tabs"] == ["Settings", "Homepage", "Radarr", "Sonarr", "Grafana"]
    row = bench.server.tabs()["Grafana"]
    assert (row["enabled"], row["group_id"], row["type"], row["order"], row["ping"]) == (1, 1, 2, 5, 0)
    user = bench.server.organizr.store.user("anna")
    assert user is not None
    assert user["group_id"] == 0
    assert sorted(bench.made["/tabs"].values()) == ["Grafana", "Radarr", "Sonarr"]
    assert Path(bench.arguments["ledger"]).stat().st_mode & 0o777 == 0o600


def test_a_second_run_writes_nothing(kept: Bench) -> None:
    answer = kept.run()
    assert (answer["changed"], answer["diff"]) == (False, [])
    assert kept.server.written() == []


def test_check_mode_tells_the_first_run_and_writes_nothing(bench: Bench) -> None:
    foretold = subjects(bench.run(check=True))
    assert bench.server.written() == []
    assert not bench.server.config_file.exists()
    assert not Path(bench.arguments["ledger"]).exists()
    told = subjects(bench.run())
    assert foretold.keys() == told.keys()


def test_check_mode_tells_it_on_a_host_without_anything(bench: Bench) -> None:
    bench.server.stop()
    for name in SECRETS:
        (bench.folder / name).unlink()
    answer = bench.run(check=True)
    assert (answer["reachable"], answer["changed"]) == (False, True)
    assert {"Organizr", "Organizr tab Sonarr", "Organizr setting hideRegistration"} <= subjects(answer).keys()


def test_it_waits_while_organizr_fetches_itself(bench: Bench) -> None:
    bench.server.fetched = False
    asked = threading.Event()

    def fetch() -> None:
        asked.wait(5)
        bench.server.fetched = True

    real = organizr_api.Client._understood

    def understood(self: organizr_api.Client, what: str, status: int, answer: bytes) -> Any:
        asked.set()
        return real(self, what, status, answer)

    thread = threading.Thread(target=fetch)
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(organizr_api, "PAUSE", 0.02)
        patch.setattr(organizr_api.Client, "_understood", understood)
        assert bench.run()["changed"]
    thread.join()


# --- what somebody changed -----------------------------------------------------------------------------------------


def test_ten_changes_by_hand_are_named_and_put_right(kept: Bench) -> None:
    rows = kept.server.tabs()
    ask = kept.server.ask
    sonarr, radarr, grafana = (f"/tabs/{rows[name]['id']}" for name in ("Sonarr", "Radarr", "Grafana"))
    ask("PUT", sonarr, {"name": "My series", "url": "https://elsewhere.example/", "enabled": 0})
    ask("PUT", sonarr, {"url_local": "http://192.0.2.1:8989/", "ping": 1})
    ask("PUT", grafana, {"group_id": 999, "type": 1, "category_id": 0})
    ask("PUT", "/config", {"authProxyWhitelist": "0.0.0.0/0"})
    ask("DELETE", radarr)
    foretold, told = kept.run(check=True), kept.run()
    assert subjects(foretold) == subjects(told)
    assert subjects(told) == {
        "Organizr tab Radarr": ("", "https://radarr.media.test/"),
        "Organizr tab Sonarr: name": ("My series", "Sonarr"),
        "Organizr tab Sonarr: url": ("https://elsewhere.example/", "https://sonarr.media.test/"),
        "Organizr tab Sonarr: url_local": ("http://192.0.2.1:8989/", ""),
        "Organizr tab Sonarr: enabled": ("0", "1"),
        "Organizr tab Sonarr: ping": ("1", "0"),
        "Organizr tab Grafana: category": ("Unsorted", "House"),
        "Organizr tab Grafana: type": ("1", "2"),
        "Organizr tab Grafana: group_id": ("999", "1"),
        "Organizr setting authProxyWhitelist": ("0.0.0.0/0", "10.99.1.62"),
    }
    assert kept.run()["diff"] == []


def test_names_that_were_swapped_are_put_back(kept: Bench) -> None:
    rows = kept.server.tabs()
    for name, other in (("Sonarr", "x"), ("Radarr", "Sonarr"), ("Sonarr", "Radarr")):
        kept.server.ask("PUT", f"/tabs/{rows[name]['id']}", {"name": other})
    assert len(subjects(kept.run())) == 2
    assert kept.server.tabs()["Sonarr"]["id"] == rows["Sonarr"]["id"]
    assert kept.run()["diff"] == []


def test_an_order_is_written_at_once(kept: Bench) -> None:
    told = subjects(kept.run(tabs=[*TABS[1:], TABS[0]]))
    assert told["Organizr tab Radarr: order"] == ("3", "5")
    assert kept.server.written() == [("PUT", "/api/v2/tabs")]


def test_what_other_hands_have_made_stays(kept: Bench) -> None:
    body = {"name": "Router", "url": "http://192.0.2.1/", "image": "x"}
    kept.server.ask("POST", "/tabs", body)
    kept.server.ask("POST", "/categories", {"category": "Mine", "image": "x"})
    assert kept.run()["diff"] == []
    assert kept.run(tabs=[], categories=[], config={})["tabs"] == ["Settings", "Homepage", "Router"]
    names = [row["category"] for row in kept.server.ask("GET", "/categories")[1]["data"]["categories"]]
    assert names == ["Unsorted", "Mine"]


def test_one_by_hand_that_has_the_name_is_taken_over_and_stays_afterwards(bench: Bench) -> None:
    bench.run(tabs=without("Sonarr"))
    bench.server.ask("POST", "/tabs", {"name": "sonarr", "url": "http://192.0.2.1:8989/", "image": "x"})
    assert subjects(bench.run())["Organizr tab Sonarr: name"] == ("sonarr", "Sonarr")
    assert "Sonarr" in bench.run(tabs=without("Sonarr"))["tabs"]


# --- what goes with its service ------------------------------------------------------------------------------------


def test_a_tab_goes_with_its_page_and_the_category_with_its_last_tab(kept: Bench) -> None:
    answer = kept.run(tabs=TABS[:2], categories=CATEGORIES[:1])
    assert subjects(answer) == {
        "Organizr tab Grafana": ("https://grafana.media.test/", ""),
        "Organizr category House": ("fontawesome::folder-open", ""),
    }
    assert answer["tabs"] == ["Settings", "Homepage", "Radarr", "Sonarr"]
    assert "Grafana" not in kept.made["/tabs"].values()
    assert kept.run(tabs=TABS[:2], categories=CATEGORIES[:1])["diff"] == []


def test_a_category_with_a_tab_of_other_hands_stays_until_it_is_empty(kept: Bench) -> None:
    number = kept.server.tabs()["Grafana"]["category_id"]
    kept.server.ask("POST", "/tabs", {"name": "Mine", "url": "http://x/", "image": "x", "category_id": number})
    fewer: dict[str, Any] = {"tabs": TABS[:2], "categories": CATEGORIES[:1]}
    assert "Organizr category House" not in subjects(kept.run(**fewer))
    kept.server.ask("DELETE", f"/tabs/{kept.server.tabs()['Mine']['id']}")
    assert "Organizr category House" in subjects(kept.run(**fewer))


def test_a_run_that_is_refused_on_the_way_knows_what_it_has_made(bench: Bench) -> None:
    bad = {"name": "Tom & Jerry", "category": "House", "url": "https://tom.media.test/"}
    text = bench.fail(tabs=[*TABS, bad])
    assert "answered POST /api/v2/tabs with HTTP 422: stand-in: name has characters" in text
    assert sorted(bench.made["/tabs"].values()) == ["Grafana", "Radarr", "Sonarr"]
    assert bench.run(tabs=[], categories=[])["tabs"] == ["Settings", "Homepage"]


def test_another_database_is_not_the_one_of_the_ledger(kept: Bench) -> None:
    """The numbers of its tabs would be those of others."""
    kept.server.config_file.unlink()
    (kept.server.organizr.root / "data" / "db" / "organizr.db").unlink()
    foretold = subjects(kept.run(check=True))
    assert foretold["Organizr tab Sonarr"] == ("", "https://sonarr.media.test/")
    kept.run()
    assert sorted(kept.made["/tabs"].values()) == ["Grafana", "Radarr", "Sonarr"]


# --- when it does not run ------------------------------------------------------------------------------------------


def test_check_mode_compares_with_what_it_had_last(kept: Bench) -> None:
    kept.server.stop()
    assert kept.run(check=True)["diff"] == []
    answer = kept.run(check=True, tabs=without("Sonarr"), config={**CONFIG, "hideRegistration": False})
    assert answer["reachable"] is False
    assert {"Organizr tab Sonarr", "Organizr setting hideRegistration"} <= subjects(answer).keys()
    seen = Path(kept.arguments["ledger"]).with_suffix(".seen.json")
    assert seen.stat().st_mode & 0o777 == 0o600
    assert not [text for text in SECRETS.values() if text in seen.read_text()]
    seen.unlink()
    assert kept.run(check=True, tabs=[])["diff"] == []


def test_a_real_run_says_that_it_does_not_answer(kept: Bench) -> None:
    kept.server.stop()
    text = kept.fail(timeout=0)
    assert "does not answer GET /api/v2/status (Connection refused)" in text


def test_something_else_on_the_port_is_told(bench: Bench) -> None:
    bench.server.fetched = False
    assert "answered GET /api/v2/status with HTTP 404 and nothing of Organizr" in bench.fail(timeout=0)


# --- what is refused -----------------------------------------------------------------------------------------------


def test_one_that_somebody_else_has_set_up_is_left_alone(bench: Bench) -> None:
    bench.server.ask("POST", "/wizard", {**WIZARD, "api": "x" * 20}, token="")
    bench.server.written()
    text = bench.fail()
    assert "is set up, and refuses the key of this host: somebody else has set it up" in text
    assert bench.server.written() == []


def test_a_configuration_on_the_host_is_enough_not_to_set_it_up_again(bench: Bench) -> None:
    """Some versions would take the wizard a second time, and forget all they have."""
    elsewhere = bench.folder / "config.php"
    elsewhere.write_text("<?php")
    assert "refuses the key of this host" in bench.fail(config_file=str(elsewhere))
    assert bench.server.written() == []


def test_an_unknown_setting_is_refused_before_anything_is_written(kept: Bench) -> None:
    assert "knows no setting titel" in kept.fail(config={"titel": "Home"}, tabs=[])
    assert kept.server.written() == []


def test_a_setting_that_organizr_does_not_keep_is_told(kept: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept.server.organizr.config, "update", lambda body: None)
    text = kept.fail(config={**CONFIG, "title": "Home"})
    assert "did not keep as it was told: Organizr setting title" in text


def test_all_problems_are_told_at_once(bench: Bench) -> None:
    (bench.folder / "api_key_file").write_text("short")
    (bench.folder / "hash_key_file").write_text("")
    tabs = [
        {"name": "Sonarr", "category": "Nowhere", "url": "https://a/"},
        {"name": "sonarr", "category": "House", "url": "https://b/"},
        {"name": "Ä" * 26, "category": "House", "url": "https://c/"},
    ]
    text = bench.fail(tabs=tabs, config={"title": ["Home"]})
    for part in (
        "5 problems",
        "tabs[0].category: is 'Nowhere'. Expected: one of categories: Library, House",
        "tabs[1].name: is 'sonarr' once more",
        "tabs[2].name: is 'ÄÄ",
        "config.title: is a list",
        "hash_key_file: is empty",
    ):
        assert part in text
    (bench.folder / "hash_key_file").write_text("x")
    assert "api_key_file: holds a key of another length. Expected: exactly 20 characters" in bench.fail()


def test_organizrs_own_words_are_told_without_secrets(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.images.organizr.stand_in.answers import Refused

    def refuse(body: dict[str, str]) -> None:
        raise Refused(500, f"error creating admin with {body['password']}")

    monkeypatch.setattr(bench.server.organizr, "_set_up", refuse)
    assert "answered POST /api/v2/wizard with HTTP 500: error creating admin with (hidden)" in bench.fail()

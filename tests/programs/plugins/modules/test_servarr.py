# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module against the stand-in of the applications: what it writes, what it leaves alone, and what it tells."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import servarr_api, servarr_lists
from ansible_collections.homelab.media.plugins.modules import servarr, servarr_info

from tests.programs.servarr_stand_in import StandIn
from tests.unit.run_module import run_module

PASSWORD = "sign-in-secret"
CLIENT_PASSWORD = "client-secret"
NOTHING: list[str] = []


class Home:
    """A Sonarr and a Prowlarr, and what is declared for them. Change it as a person changes variables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.media = folder / "tv"
        self.media.mkdir()
        for name, text in (("password", PASSWORD), ("client", CLIENT_PASSWORD), ("digest_key", "k" * 32)):
            (folder / name).write_text(text)
        self.sonarr = StandIn(folder, "sonarr")
        self.prowlarr = StandIn(folder, "prowlarr")
        self.running = [self.sonarr, self.prowlarr]
        self.settings: dict[str, Any] = {
            "host": {"username": "Admin", "logLevel": "info"},
            "mediamanagement": {"copyUsingHardlinks": True, "minimumFreeSpaceWhenImporting": "200"},
            "naming": {"renameEpisodes": True},
        }
        self.client: dict[str, Any] = {
            "name": "NZBGet",
            "implementation": "Nzbget",
            "enable": False,  # so that no NZBGet is needed to save it
            "tags": ["4k"],
            "fields": {"host": "nzbget", "port": "6789", "username": "apps", "tvCategory": "tv"},
            "secret_fields": {"password": str(folder / "client")},
        }
        self.resources: dict[str, Any] = {
            "tag": ["4k"],
            "customformat": [
                {
                    "name": "Remaster",
                    "specifications": [
                        {
                            "name": "title",
                            "implementation": "ReleaseTitleSpecification",
                            "fields": {"value": "Remaster"},
                        }
                    ],
                }
            ],
            "qualityprofile": [
                {
                    "name": "HD",
                    "upgradeAllowed": True,
                    "cutoff": "WEB 1080p",
                    "qualities": ["Bluray-1080p", {"name": "WEB 1080p", "qualities": ["WEBDL-1080p", "WEBRip-1080p"]}],
                    "formats": {"Remaster": 25},
                }
            ],
            "rootfolder": [{"path": str(self.media)}],
            "downloadclient": [self.client],
            "delayprofile": [{"tags": ["4k"], "usenetDelay": 30}],
        }
        self.prune: dict[str, list[str]] = {}
        self.applications: list[dict[str, Any]] = [
            {
                "name": "sonarr",
                "implementation": "Sonarr",
                "syncLevel": "fullSync",
                "fields": {"prowlarrUrl": self.prowlarr.url, "baseUrl": self.sonarr.url},
                "secret_fields": {"apiKey": str(self.sonarr.key_file)},
            }
        ]

    def declared(self) -> list[dict[str, Any]]:
        more: dict[str, dict[str, Any]] = {
            "sonarr": {"settings": self.settings, "resources": self.resources, "prune": self.prune},
            "prowlarr": {
                "settings": {"host": {"username": "admin"}},
                "resources": {"applications": self.applications},
            },
        }
        return [
            {**self.connection(each), "password_file": str(self.folder / "password"), **more[each.name]}
            for each in self.running
        ]

    def connection(self, application: StandIn) -> dict[str, str]:
        return {
            "name": application.name,
            "kind": application.kind,
            "url": application.url,
            "api_key_file": str(application.key_file),
        }

    def run(self, *, check: bool = False, timeout: float = 10) -> dict[str, Any]:
        """Run the module, with a new record of what it asks."""
        for each in self.running:
            each.forget()
        arguments = {
            "applications": self.declared(),
            "ledger": str(self.folder / "wired.json"),
            "ledger_key_file": str(self.folder / "digest_key"),
            "timeout": timeout,
        }
        return run_module(servarr.main, arguments, check=check)

    def converge(self) -> dict[str, Any]:
        answer = self.run()
        assert not answer.get("failed"), answer["msg"]
        return answer

    def writes(self) -> list[str]:
        """Return what the module wrote. Indexers in Sonarr are Prowlarr's, which tests them when it likes."""
        found = [write for each in self.running for write in each.writes()]
        return [write for write in found if not write.startswith("POST /api/v3/indexer")]


def subjects(answer: dict[str, Any]) -> list[str]:
    return sorted(entry["before_header"] for entry in answer["diff"])


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (servarr_api, servarr_lists):
        monkeypatch.setattr(module, "PAUSE", 0.02)


@contextmanager
def started(home: Home) -> Iterator[Home]:
    try:
        for each in home.running:
            each.start()
        for each in home.running:
            each.wait()
        yield home
    finally:
        for each in home.running:
            each.stop()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with started(Home(tmp_path)) as home:
        yield home


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path)
    home.running = [home.sonarr]
    with started(home):
        yield home


def test_check_mode_tells_a_first_run_and_a_second_run_writes_nothing(home: Home) -> None:
    foreseen = home.run(check=True)
    assert home.writes() == NOTHING
    made = home.converge()
    assert made["diff"] == foreseen["diff"]
    assert made["changed"]
    assert subjects(made) == [
        "prowlarr: applications sonarr",
        "prowlarr: settings host: password",
        "prowlarr: settings host: username",
        "sonarr: customformat Remaster",
        "sonarr: delayprofile 4k",
        "sonarr: downloadclient NZBGet",
        "sonarr: qualityprofile HD",
        f"sonarr: rootfolder {home.media}",
        "sonarr: settings host: logLevel",
        "sonarr: settings host: password",
        "sonarr: settings host: username",
        "sonarr: settings mediamanagement: minimumFreeSpaceWhenImporting",
        "sonarr: settings naming: renameEpisodes",
        "sonarr: tag 4k",
    ]
    begun = time.monotonic()
    again = home.converge()
    assert time.monotonic() - begun < 2
    assert (again["changed"], again["diff"], home.writes()) == (False, [], NOTHING)
    assert not [line for each in home.running for line in each.requests() if "schema" in line["path"]]
    assert again["applications"] == {
        "sonarr": {"reachable": True, "version": "4.0.19.2979", "changed": False},
        "prowlarr": {"reachable": True, "version": "2.5.2.5491", "changed": False},
    }


def test_what_was_written_is_what_was_declared(alone: Home) -> None:
    alone.converge()
    client = alone.sonarr.named("downloadclient", "NZBGet")
    tag = alone.sonarr.named("tag", "4k")
    fields = {field["name"]: field.get("value") for field in client["fields"]}
    assert client["tags"] == [tag["id"]]
    assert (fields["host"], fields["port"], fields["password"]) == ("nzbget", 6789, "********")
    profile = alone.sonarr.named("qualityprofile", "HD")
    assert [entry["score"] for entry in profile["formatItems"] if entry["name"] == "Remaster"] == [25]
    assert [delay["usenetDelay"] for delay in alone.sonarr.ask("GET", "delayprofile") if delay["tags"]] == [30]
    assert alone.sonarr.ask("GET", "config/host")["username"] == "admin"


def test_no_secret_is_told_or_kept(home: Home) -> None:
    answers = [home.run(check=True), home.run()]
    (home.folder / "client").write_text("another-client-secret")
    (home.folder / "password").write_text("another-sign-in-secret")
    answers.append(home.run())
    told = str(answers) + (home.folder / "wired.json").read_text()
    for secret in (PASSWORD, CLIENT_PASSWORD, home.sonarr.key, home.prowlarr.key, "another-"):
        assert secret not in told
    assert (home.folder / "wired.json").stat().st_mode & 0o777 == 0o600


def test_ten_changes_behind_its_back_are_named_and_put_right(home: Home) -> None:
    home.converge()
    sonarr, prowlarr = home.sonarr, home.prowlarr
    sonarr.ask("DELETE", f"rootfolder/{sonarr.named('rootfolder', str(home.media))['id']}")
    sonarr.change("downloadclient", "NZBGet", {"host": "wrong"}, tags=[])
    sonarr.change("qualityprofile", "HD", upgradeAllowed=False)
    (title,) = sonarr.named("customformat", "Remaster")["specifications"]
    title["fields"][0]["value"] = "Other"
    sonarr.change("customformat", "Remaster", includeCustomFormatWhenRenaming=True, specifications=[title])
    for group, change in (
        ("mediamanagement", {"copyUsingHardlinks": False}),
        ("naming", {"renameEpisodes": False}),
        ("host", {"password": "taken-over", "passwordConfirmation": "taken-over"}),
    ):
        sonarr.ask("PUT", f"config/{group}/1", {**sonarr.ask("GET", f"config/{group}"), **change})
    prowlarr.ask("DELETE", f"applications/{prowlarr.named('applications', 'sonarr')['id']}")
    (home.folder / "client").write_text("a-new-client-secret")
    expected = [
        "prowlarr: applications sonarr",
        "sonarr: customformat Remaster: specifications.title.value",
        "sonarr: downloadclient NZBGet: host",
        "sonarr: downloadclient NZBGet: password",
        "sonarr: downloadclient NZBGet: tags",
        "sonarr: qualityprofile HD: upgradeAllowed",
        f"sonarr: rootfolder {home.media}",
        "sonarr: settings host: password",
        "sonarr: settings mediamanagement: copyUsingHardlinks",
        "sonarr: settings naming: renameEpisodes",
    ]
    foreseen = home.run(check=True)
    assert subjects(foreseen) == expected
    assert home.writes() == NOTHING
    assert subjects(home.converge()) == expected
    again = home.converge()
    assert (again["diff"], home.writes()) == ([], NOTHING)
    assert sonarr.named("customformat", "Remaster")["includeCustomFormatWhenRenaming"]  # nobody declared that


def test_what_was_made_and_renamed_since_gets_its_name_back(alone: Home) -> None:
    alone.converge()
    alone.sonarr.change("tag", "4k", label="uhd")
    alone.sonarr.change("downloadclient", "NZBGet", name="Usenet")
    assert subjects(alone.run(check=True)) == ["sonarr: downloadclient NZBGet: name", "sonarr: tag 4k: label"]
    alone.converge()
    assert len(alone.sonarr.ask("GET", "tag")) == len(alone.sonarr.ask("GET", "downloadclient")) == 1
    assert alone.converge()["diff"] == []


def test_in_an_application_that_begins_anew_nothing_is_taken_for_ones_own(alone: Home) -> None:
    alone.converge()
    alone.sonarr.stop()
    shutil.rmtree(alone.sonarr.folder / "config")
    alone.sonarr.start()
    alone.sonarr.wait()
    alone.sonarr.ask("POST", "tag", {"label": "theirs"})  # with the id that 4k had
    alone.converge()
    assert [tag["label"] for tag in alone.sonarr.ask("GET", "tag")] == ["theirs", "4k"]
    assert alone.converge()["diff"] == []


def test_a_difference_is_told_with_both_values_and_secrets_without(alone: Home) -> None:
    alone.converge()
    alone.sonarr.change("downloadclient", "NZBGet", {"host": "wrong"})
    (alone.folder / "client").write_text("another")
    told = {entry["before_header"]: (entry["before"], entry["after"]) for entry in alone.run(check=True)["diff"]}
    assert told == {
        "sonarr: downloadclient NZBGet: host": ("wrong\n", "nzbget\n"),
        "sonarr: downloadclient NZBGet: password": ("(secret)\n", "(secret) differs\n"),
    }


def test_what_was_made_and_is_declared_no_more_goes_and_what_a_person_made_stays(alone: Home) -> None:
    alone.sonarr.ask("POST", "tag", {"label": "theirs"})
    alone.converge()
    alone.sonarr.ask("POST", "tag", {"label": "later"})
    alone.resources = {"tag": []}
    foreseen = alone.run(check=True)
    assert alone.writes() == NOTHING
    gone = alone.converge()
    assert subjects(gone) == subjects(foreseen)
    assert subjects(gone) == [
        "sonarr: customformat Remaster",
        "sonarr: delayprofile 4k",
        "sonarr: downloadclient NZBGet",
        "sonarr: qualityprofile HD",
        f"sonarr: rootfolder {alone.media}",
        "sonarr: tag 4k",
    ]
    assert [tag["label"] for tag in alone.sonarr.ask("GET", "tag")] == ["theirs", "later"]
    assert alone.converge()["diff"] == []


def test_what_was_there_before_is_put_right_but_never_removed(alone: Home) -> None:
    alone.sonarr.ask("POST", "tag", {"label": "4k"})
    alone.converge()
    alone.resources = {}
    alone.converge()
    assert [tag["label"] for tag in alone.sonarr.ask("GET", "tag")] == ["4k"]


def test_what_a_person_has_renamed_since_is_theirs(alone: Home) -> None:
    alone.converge()
    alone.sonarr.change("tag", "4k", label="uhd")
    alone.resources = {}
    alone.converge()
    assert [tag["label"] for tag in alone.sonarr.ask("GET", "tag")] == ["uhd"]
    assert alone.converge()["diff"] == []


def test_pruning_leaves_what_is_declared_and_what_it_names(alone: Home) -> None:
    alone.converge()
    for name in ("Deluge", "Stray"):
        client = {**alone.sonarr.named("downloadclient", "NZBGet"), "name": name}
        del client["id"]
        alone.sonarr.ask("POST", "downloadclient", client)
    other = alone.folder / "Films"
    other.mkdir()
    alone.sonarr.ask("POST", "rootfolder", {"path": str(other)})
    alone.prune = {"downloadclient": ["deluge"], "rootfolder": [f"{other}/"], "delayprofile": []}
    assert subjects(alone.run(check=True)) == ["sonarr: downloadclient Stray"]
    assert subjects(alone.converge()) == ["sonarr: downloadclient Stray"]
    assert {item["name"] for item in alone.sonarr.ask("GET", "downloadclient")} == {"NZBGet", "Deluge"}


def test_an_item_that_is_to_be_absent_goes_whoever_made_it(alone: Home) -> None:
    alone.sonarr.ask("POST", "tag", {"label": "old"})
    alone.resources["tag"].append({"label": "OLD", "state": "absent"})
    assert "sonarr: tag old" in subjects(alone.converge())
    assert alone.converge()["diff"] == []


def test_a_wrong_key_in_prowlarr_is_found_by_its_complaint_and_nothing_is_tested_without(home: Home) -> None:
    home.converge()
    home.converge()
    assert [line for line in home.prowlarr.requests() if "/test" in line["path"]] == []
    home.prowlarr.change("applications", "sonarr", {"apiKey": "f" * 32})
    wait_for(home.prowlarr, "ApplicationStatusCheck")
    assert home.run(check=True)["diff"] == []
    assert home.writes() == NOTHING
    assert subjects(home.converge()) == ["prowlarr: applications sonarr: apiKey"]
    assert home.converge()["diff"] == []


def wait_for(application: StandIn, source: str) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if any(entry["source"] == source for entry in application.ask("GET", "health")):
            return
        time.sleep(0.05)
    raise AssertionError(f"no {source}")


def test_after_a_new_key_prowlarr_tells_the_applications(home: Home) -> None:
    home.converge()
    home.prowlarr.stop()
    home.prowlarr.key = "e" * 32
    home.prowlarr.key_file.write_text(home.prowlarr.key)
    home.prowlarr.start()
    assert subjects(home.converge()) == ["prowlarr: applications"]
    assert home.prowlarr.writes() == ["POST /api/v1/command"]
    assert home.converge()["diff"] == []


FAULTS = [
    ({"status": 401}, "sonarr: refuses the API key in /"),
    ({"rubbish": True}, "sonarr: answered GET /api/v3/system/status with '<html>"),
    ({"status": 500}, "sonarr: GET /api/v3/system/status was answered with 500: A fault that was asked for"),
    ({"status": 503}, "sonarr: is not ready"),
    ({"drop": True}, "sonarr: does not answer at http://127.0.0.1:"),
    ({"status": 409, "paths": ["/api/v3/tag"], "methods": ["POST"]}, "sonarr: tag 4k: POST /api/v3/tag was answered"),
    ({"status": 500, "paths": ["/api/v3/config/naming"]}, "sonarr: settings naming: GET /api/v3/config/naming was"),
]


def test_one_application_with_a_fault_does_not_keep_the_other(home: Home) -> None:
    home.resources = {"tag": ["4k"]}
    home.applications[0]["syncLevel"] = "disabled"  # so that Prowlarr does not ask Sonarr when it is saved
    for fault, told in FAULTS:
        home.sonarr.faults({"times": 1000, **fault})
        home.applications[0]["name"] = told[:20]
        answer = home.run(timeout=0.1)
        assert answer["failed"]
        assert told in answer["msg"]
        assert answer["msg"].startswith("1 problem found:")
        assert answer["applications"]["prowlarr"]["changed"]
        assert home.prowlarr.named("applications", told[:20])
    home.sonarr.faults()
    home.converge()
    assert home.converge()["diff"] == []


def test_an_application_that_is_down_is_waited_for_and_then_told(home: Home) -> None:
    home.sonarr.stop()
    home.applications[0]["syncLevel"] = "disabled"
    begun = time.monotonic()
    answer = home.run(timeout=0.1)
    assert time.monotonic() - begun < 5
    assert f"sonarr: does not answer at {home.sonarr.url} (Connection refused)" in answer["msg"]
    assert answer["applications"]["prowlarr"]["changed"]
    home.sonarr.start()  # it is not waited for here: that is the module's part
    home.converge()


def test_an_application_that_migrates_starts_and_fills_its_lists_is_waited_for(alone: Home) -> None:
    alone.sonarr.stop()
    alone.resources["qualityprofile"] = [{"name": "Any", "upgradeAllowed": True}]
    alone.sonarr.start(
        STAND_IN_MIGRATION_SECONDS="0.1", STAND_IN_STARTING_SECONDS="0.1", STAND_IN_PROFILES_SECONDS="0.1"
    )
    assert "sonarr: qualityprofile Any: upgradeAllowed" in subjects(alone.converge())


def test_a_restart_in_between_is_survived_and_nothing_is_made_twice(alone: Home) -> None:
    """The answer is lost before the write, after it, and while the application is away."""
    alone.sonarr.faults(
        {"drop": True, "times": 1, "paths": ["/api/v3/tag"], "methods": ["POST"]},
        {"status": 503, "times": 2, "paths": ["/api/v3/system/status"]},
        {"drop": True, "times": 1, "paths": ["/api/v3/config/host"], "methods": ["PUT"]},
        {"drop": True, "times": 1, "paths": ["/api/v3/downloadclient"], "methods": ["GET"]},
    )
    alone.converge()
    assert len(alone.sonarr.ask("GET", "tag")) == 1
    alone.sonarr.faults()
    again = alone.converge()
    assert (again["diff"], alone.writes()) == ([], NOTHING)


def test_a_container_that_is_restarted_while_it_is_written_to_is_waited_for(
    alone: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = servarr_api.Client.send
    restarts: list[str] = []

    def restarted(client: servarr_api.Client, method: str, path: str, body: Any = None) -> Any:
        if path == "rootfolder" and not restarts:
            restarts.append(path)
            alone.sonarr.stop()
            alone.sonarr.start(STAND_IN_MIGRATION_SECONDS="0.2")
        return send(client, method, path, body)

    monkeypatch.setattr(servarr_api.Client, "send", restarted)
    alone.converge()
    assert restarts
    assert alone.converge()["diff"] == []


def test_a_write_that_was_done_but_not_answered_is_not_repeated(alone: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    send = servarr_api.Client.send
    lost: list[str] = []

    def deaf(client: servarr_api.Client, method: str, path: str, body: Any = None) -> Any:
        answer = send(client, method, path, body)
        if method == "POST" and path not in lost:
            lost.append(path)
            raise servarr_api.Unreachable(client.name, "lost its answer", "one")
        return answer

    monkeypatch.setattr(servarr_api.Client, "send", deaf)
    alone.converge()
    for resource in ("tag", "rootfolder", "customformat"):
        assert alone.sonarr.writes().count(f"POST /api/v3/{resource}") == 1
    assert "tag" in lost
    alone.resources = {}
    assert "sonarr: tag 4k" in subjects(alone.converge())  # so it was known who had made it


def test_another_application_than_declared_is_told(home: Home) -> None:
    applications = [home.connection(each) for each in home.running]
    applications[0]["kind"], applications[1]["kind"] = "prowlarr", "radarr"
    arguments = {
        "applications": applications,
        "ledger": str(home.folder / "wired.json"),
        "ledger_key_file": str(home.folder / "digest_key"),
    }
    answer = run_module(servarr.main, arguments)
    assert "sonarr: GET /api/v1/system/status was answered with 404" in answer["msg"]
    assert "prowlarr: GET /api/v3/system/status was answered with 404" in answer["msg"]
    applications[0]["kind"], applications[1]["kind"] = "radarr", "lidarr"
    answer = run_module(servarr.main, arguments)
    assert f"sonarr: is Sonarr. Expected: Radarr at {home.sonarr.url}." in answer["msg"]
    assert f"prowlarr: is Prowlarr. Expected: Lidarr at {home.prowlarr.url}." in answer["msg"]


UNFIT: dict[str, tuple[dict[str, Any], str]] = {
    "A": ({"tags": ["8k"]}, "names the tag 8k. Expected: one of 4k."),
    "B": ({"fields": {"hsot": "x"}}, "has no field hsot. Expected: one of"),
    "C": ({"implementation": "Nope"}, "is of the implementation Nope"),
    "E": ({"enabel": True}, "was saved, but enabel stays '', not 'true'"),
    "F": ({"fields": {"host": "http://nzbget"}, "enable": True}, "POST /api/v3/downloadclient was answered with 400:"),
}


def test_what_does_not_fit_is_told_and_the_rest_is_done(alone: Home) -> None:
    alone.resources["downloadclient"] += [
        {**alone.client, "name": name, **change} for name, (change, _told) in UNFIT.items()
    ]
    answer = alone.run()
    assert answer["failed"]
    for name, (_change, told) in UNFIT.items():
        assert f"sonarr: downloadclient {name}: {told}" in answer["msg"]
    assert answer["msg"].startswith(f"{len(UNFIT)} problems found:")
    assert "sonarr: downloadclient NZBGet" in subjects(answer)


def test_what_the_application_cannot_change_is_told(alone: Home) -> None:
    alone.converge()
    alone.resources["rootfolder"][0]["name"] = "Shows"
    answer = alone.run()
    assert f"sonarr: rootfolder {alone.media}: has name Shows, which the application cannot change" in answer["msg"]
    assert alone.writes() == NOTHING


def test_a_secret_in_the_clear_is_refused_before_anything_is_asked(alone: Home) -> None:
    alone.client["fields"]["password"] = "in the clear"
    alone.client["secret_fields"] = {}
    answer = alone.run()
    assert "sonarr: downloadclient NZBGet: password: is a secret, or stands for one" in answer["msg"]
    assert "in the clear" not in answer["msg"]
    assert alone.sonarr.requests() == []


def test_a_setting_that_the_application_does_not_know_is_told(alone: Home) -> None:
    alone.settings["naming"]["renameEpisodez"] = True
    assert "sonarr: settings naming: was accepted, but renameEpisodez stays '', not 'true'" in alone.run()["msg"]


def test_check_mode_on_a_fresh_host_tells_all_that_is_declared(home: Home) -> None:
    for each in home.running:
        each.stop()
    begun = time.monotonic()
    answers = [home.run(check=True)]
    for file in ("password", "client", "digest_key", "sonarr/key", "prowlarr/key"):
        (home.folder / file).unlink()
    answers.append(home.run(check=True))
    assert time.monotonic() - begun < 2
    for answer in answers:
        assert answer["applications"]["sonarr"] == {"reachable": False, "version": "", "changed": True}
        assert "sonarr: downloadclient NZBGet" in subjects(answer)
        assert "sonarr: settings host: password" in subjects(answer)
        assert "prowlarr: applications sonarr" in subjects(answer)


def test_what_is_announced_of_a_fresh_application_is_what_is_done(home: Home) -> None:
    def told(answer: Any) -> list[tuple[str, bool]]:
        return sorted((entry["before_header"], bool(entry["before"])) for entry in answer["diff"])

    for each in home.running:
        each.stop()
    foreseen = home.run(check=True)
    for each in home.running:
        each.start()
        each.wait()
    assert told(home.converge()) == told(foreseen)


def test_check_mode_leaves_out_an_application_that_runs_with_another_key_still(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    home.converge()
    home.sonarr.key_file.write_text("e" * 32)
    answer = home.run(check=True)
    assert subjects(answer) == ["prowlarr: applications sonarr: apiKey"]
    assert answer["applications"]["sonarr"]["reachable"] is False
    # Beside code that runs on the controller, Ansible shows a module's warnings itself.
    warned = str(answer.get("warnings")) + capsys.readouterr().err
    assert f"sonarr: refuses the API key in {home.sonarr.key_file}" in warned


def test_one_that_is_down_comes_back_as_it_was_left_but_for_a_new_secret(alone: Home) -> None:
    alone.converge()
    alone.sonarr.stop()
    assert subjects(alone.run(check=True)) == []
    (alone.folder / "client").write_text("another")
    announced = alone.run(check=True)
    assert subjects(announced) == ["sonarr: downloadclient NZBGet: password"]
    alone.sonarr.start()
    alone.sonarr.wait()
    assert alone.run()["diff"] == announced["diff"]


def test_info_reads_without_secrets(alone: Home) -> None:
    alone.converge()
    arguments = {"applications": [alone.connection(each) for each in alone.running], "gather": ["tag", "config/host"]}
    answer = run_module(servarr_info.main, arguments)
    found = answer["applications"]["sonarr"]
    assert (answer["changed"], found["version"]) == (False, "4.0.19.2979")
    assert [tag["label"] for tag in found["gathered"]["tag"]] == ["4k"]
    host = found["gathered"]["config/host"]
    assert (host["username"], host["password"], host["apiKey"]) == ("admin", "********", "********")
    assert run_module(servarr_info.main, {**arguments, "gather": ["nope"]})["failed"]

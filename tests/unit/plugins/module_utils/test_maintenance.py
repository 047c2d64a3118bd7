# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From who is on the host to the configuration of Recyclarr and Unpackerr, and what is refused on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tomllib
import yaml
from ansible_collections.homelab.media.plugins.module_utils import (
    maintenance_checks,
    recyclarr,
    recyclarr_checks,
    unpackerr,
    watchtower,
)

from tests.images.watchtower.stand_in import cron, template
from tests.images.watchtower.stand_in import settings as stand_in_settings

ROLE = Path(__file__).parents[4] / "roles" / "maintenance"
DEFAULTS = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
APIS = {
    name: {"kind": kind, "key": f"{name}_api_key", "url": f"http://{name}:{port}", "local_url": "", "guide": guide}
    for name, kind, port, guide in (
        ("sonarr", "sonarr", 8989, None),
        ("sonarr-4k", "sonarr", 8989, {"quality_profiles": [{"trash_id": "x"}], "quality_definition": None}),
        ("radarr", "radarr", 7878, {}),
        ("lidarr", "lidarr", 8686, None),
        ("bookshelf", "readarr", 8787, None),
        ("prowlarr", "prowlarr", 9696, None),
        ("nzbget", "nzbget", 6789, None),
    )
}


SHARED = {
    "media_umask": "002", "media_root": "/opt/media", "media_timezone": "Etc/UTC", "media_domain": "media.test",
    "media_project": "media", "monitoring_receivers": [],
}  # fmt: skip


def settings(**changed: Any) -> dict[str, Any]:
    return {**SHARED, **DEFAULTS, "maintenance_receivers": [], **changed}


def told(**changed: Any) -> dict[str, str]:
    return {problem.variable: str(problem) for problem in maintenance_checks.problems(settings(**changed))}


def test_the_defaults_have_no_problem() -> None:
    assert told() == {}


def test_the_settings_of_the_role_hold_every_variable_that_is_read() -> None:
    variables = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())["__maintenance_settings"]
    limits = {name for name in DEFAULTS if name.endswith(("_image", "_memory", "_cpus", "_recyclarr_timeout"))}
    assert set(variables) == set(settings()) - {name for name in limits if "watchtower" not in name}


def test_an_instance_has_what_its_kind_has_and_its_own_above() -> None:
    found = recyclarr.instances(APIS, settings())
    assert set(found) == {"sonarr"}
    assert found["sonarr"]["sonarr"] == {
        "base_url": "http://sonarr:8989",
        "secret": "sonarr_api_key",
        "database": "state/sonarr/sonarr.db",
        "wanted": DEFAULTS["maintenance_recyclarr_sonarr"],
    }
    assert found["sonarr"]["sonarr-4k"]["wanted"] == {
        "quality_profiles": [{"trash_id": "x"}],
        "media_management": DEFAULTS["maintenance_recyclarr_sonarr"]["media_management"],
    }


def test_a_kind_that_is_off_has_only_what_its_instances_say() -> None:
    found = recyclarr.instances(APIS, settings(maintenance_recyclarr_sonarr={}))
    assert found == {
        "sonarr": {
            "sonarr-4k": {
                "base_url": "http://sonarr-4k:8989",
                "secret": "sonarr-4k_api_key",
                "database": "state/sonarr-4k/sonarr.db",
                "wanted": {"quality_profiles": [{"trash_id": "x"}]},
            }
        }
    }
    assert recyclarr.instances({}, settings()) == {}


def test_unpackerr_polls_every_application_that_it_can() -> None:
    table = tomllib.loads(unpackerr.render(APIS, settings()))
    assert [app["url"] for app in table["sonarr"]] == ["http://sonarr:8989", "http://sonarr-4k:8989"]
    assert [app["url"] for app in table["readarr"]] == ["http://bookshelf:8787"]
    assert {key for key in table if isinstance(table[key], list)} == {"sonarr", "radarr", "lidarr", "readarr"}
    assert table["sonarr"][1]["api_key"] == "@@secret:sonarr-4k_api_key@@"
    assert table["sonarr"][0]["protocols"] == "usenet,UsenetDownloadProtocol"
    assert (table["file_mode"], table["dir_mode"]) == ("0664", "0775")
    assert table["webserver"] == {"metrics": True, "listen_addr": "0.0.0.0:5656"}


def test_unpackerr_runs_with_nobody_to_ask() -> None:
    table = tomllib.loads(unpackerr.render({}, settings(maintenance_unpackerr_max_retries="7")))
    assert table["max_retries"] == 7
    assert "sonarr" not in table


def test_both_protocols_can_be_had() -> None:
    text = unpackerr.render(APIS, settings(maintenance_unpackerr_protocols=["torrent", "usenet"]))
    assert '"torrent,TorrentDownloadProtocol,usenet,UsenetDownloadProtocol"' in text


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("maintenance_recyclarr_schedule", "daily", "five fields"),
        ("maintenance_recyclarr_schedule", "* * * *", "five fields"),
        ("maintenance_recyclarr_schedule", "61 99 * * *", "five fields"),
        ("maintenance_recyclarr_schedule", "", "five fields"),
        ("maintenance_unpackerr_interval", "2", "with its unit"),
        ("maintenance_unpackerr_start_delay", 60, "with its unit"),
        ("maintenance_unpackerr_delete_delay", "1d", "with its unit"),
        ("maintenance_unpackerr_max_retries", -1, "from 0 to 100"),
        ("maintenance_unpackerr_parallel", True, "from 1 to 16"),
        ("maintenance_unpackerr_protocols", [], "usenet and torrent"),
        ("maintenance_unpackerr_protocols", ["nzb"], "usenet and torrent"),
    ],
)
def test_what_cannot_work_is_told_with_a_right_value(variable: str, value: Any, words: str) -> None:
    problems = told(**{variable: value})
    assert list(problems) == [variable]
    assert words in problems[variable]


@pytest.mark.parametrize("schedule", ["@hourly", "30 4 * * *", "*/15 0-6 1,15 * 1-5"])
def test_a_schedule_is_what_cron_takes(schedule: str) -> None:
    assert told(maintenance_recyclarr_schedule=schedule) == {}


@pytest.mark.parametrize(
    ("guide", "places"),
    [
        ({"quality_profile": []}, [".quality_profile"]),
        ({"base_url": "http://x"}, [".base_url"]),
        ({"quality_profiles": {"trash_id": "x"}}, [".quality_profiles"]),
        ({"quality_profiles": [{"trash_id": "x", "reset": 1}]}, [".quality_profiles[0].reset"]),
        ({"custom_formats": [{"trash_ids": ["x"], "quality_profiles": []}]}, [".custom_formats[0].quality_profiles"]),
        ({"include": [{"template": "web-1080p"}]}, [".include[0].template"]),
        ({"media_naming": {"movie": {"rename": True}}}, [".media_naming.movie"]),
        ({"replace_existing_custom_formats": True, "foo": 1}, [".foo", ".replace_existing_custom_formats"]),
        ({"delete_old_custom_formats": []}, [".delete_old_custom_formats"]),
        ([], [""]),
        (None, []),
        ({}, []),
        ({"quality_definition": None, "include": [{"config": "mine.yml"}]}, []),
    ],
)  # fmt: skip
def test_a_wrong_key_of_a_guide_is_told_with_its_place(guide: Any, places: list[str]) -> None:
    found = recyclarr_checks.guide_problems("guide", "sonarr", guide)
    assert sorted(problem.variable for problem in found) == [f"guide{place}" for place in places]


def test_only_sonarr_and_radarr_have_a_guide() -> None:
    assert recyclarr_checks.guide_problems("g", "lidarr", {}) == []
    assert recyclarr_checks.guide_problems("g", "lidarr", {"quality_definition": None}) != []
    assert told(maintenance_recyclarr_radarr={"media_naming": {"series": "x"}}).keys() == {
        "maintenance_recyclarr_radarr.media_naming.series"
    }


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("maintenance_updates", "always", "one of off, notify, update"),
        ("maintenance_updates", True, "one of off, notify, update"),
        ("maintenance_update_modes", ["sonarr"], "modes by service: {sonarr: update}"),
        ("maintenance_watchtower_schedule", "30 4 * * *", 'six fields such as "0 30 4 * * *"'),
        ("maintenance_watchtower_schedule", "60 30 4 * * *", "six fields"),
        ("maintenance_watchtower_schedule", "0 0 4 * * 7", "six fields"),
        ("maintenance_watchtower_cooldown", "3 days", "a delay with its unit"),
        ("maintenance_watchtower_cooldown", 3, "a delay with its unit"),
        ("maintenance_watchtower_stop_timeout", "60", "a duration with its unit"),
        ("maintenance_receivers", {"name": "x"}, "a list such as"),
    ],
)
def test_what_watchtower_could_not_work_with_is_told(variable: str, value: Any, expected: str) -> None:
    assert expected in told(**{variable: value})[variable]


def test_every_wrong_mode_is_told_with_its_service() -> None:
    found = told(maintenance_update_modes={"sonarr": "yes", "plex": "update", "radarr": False, "lidarr": True})
    assert set(found) == {"maintenance_update_modes.sonarr", "maintenance_update_modes.lidarr"}


@pytest.mark.parametrize("value", ["@daily", "0 */15 2-5 * * 1-5", "30 0 4 1 1,7 *"])
def test_schedules_that_watchtower_reads(value: str) -> None:
    assert told(maintenance_watchtower_schedule=value) == {}
    assert cron.parse(value)


@pytest.mark.parametrize("value", ["", "12h", "3d", "1w2d", "1M"])
def test_delays_that_watchtower_reads(value: str) -> None:
    assert told(maintenance_watchtower_cooldown=value) == {}


def test_watchtower_is_given_what_the_variables_say() -> None:
    found = watchtower.service(
        settings(
            maintenance_updates=False, maintenance_update_modes={"sonarr": "update", "plex": False},
            maintenance_watchtower_cooldown="3d", maintenance_watchtower_cleanup=True,
            maintenance_watchtower_rolling_restart=True,
        )
    )  # fmt: skip
    environment = found["environment"]
    assert environment["WATCHTOWER_COOLDOWN_DELAY"] == "3d"
    assert environment["WATCHTOWER_CLEANUP"] is environment["WATCHTOWER_ROLLING_RESTART"] is True
    assert environment["WATCHTOWER_TIMEOUT"] == DEFAULTS["maintenance_watchtower_stop_timeout"]
    # What YAML has made a boolean of is a word again: it is kept on the host as it is here.
    assert found["x-media"]["api"] == {
        "kind": "watchtower", "updates": "off", "modes": {"sonarr": "update", "plex": "off"},
    }  # fmt: skip


def test_by_default_nothing_is_lost_and_nobody_else_restarted() -> None:
    environment = watchtower.service(settings())["environment"]
    assert environment["WATCHTOWER_CLEANUP"] is environment["WATCHTOWER_ROLLING_RESTART"] is False
    assert environment["WATCHTOWER_USE_COMPOSE_DEPENDS_ON"] is False
    assert environment["WATCHTOWER_LABEL_ENABLE"] is True
    assert "WATCHTOWER_COOLDOWN_DELAY" not in environment


def test_watchtower_publishes_nothing_and_its_token_is_a_file() -> None:
    found = watchtower.service(settings())
    assert "ports" not in found
    assert "web" not in found["x-media"]
    assert found["x-media"]["metrics"]["bearer"] == found["secrets"][0]["source"] == watchtower.TOKEN
    assert watchtower.secrets(settings())[watchtower.TOKEN]["kind"] == "alnum"


def test_the_stand_in_reads_the_environment_that_the_role_gives(tmp_path: Path) -> None:
    hook = {"name": "hook", "type": "webhook", "url": "https://h.test/"}
    given = watchtower.service(settings(maintenance_receivers=[hook]))["environment"]
    (tmp_path / "token").write_text("a-token")
    (tmp_path / "addresses").write_text("generic://h.test/\n")
    given["WATCHTOWER_HTTP_API_TOKEN"] = str(tmp_path / "token")
    given["WATCHTOWER_NOTIFICATION_URL"] = str(tmp_path / "addresses")
    read = stand_in_settings.read({name: str(value) for name, value in given.items()})
    assert (read.token, read.urls, read.scope) == ("a-token", ("generic://h.test/",), "homelab.media")
    assert read.label_enable
    assert read.metrics
    assert not read.compose_depends_on
    empty = {"Updated": [], "Stale": [], "Failed": []}
    assert template.render(read.template, {"Report": empty}) == ""
    status = {"Name": "one", "ImageName": "i:1", "Error": "it broke"}
    assert (
        template.render(read.template, {"Report": {**empty, "Failed": [status]}}) == "one was not renewed: it broke\n"
    )


def test_whoever_has_nobody_to_tell_is_told_so() -> None:
    assert [item["service"] for item in watchtower.todo(settings())] == ["watchtower"]
    assert watchtower.todo(settings(maintenance_receivers=[{"name": "x", "type": "ntfy", "topic": "t"}])) == []

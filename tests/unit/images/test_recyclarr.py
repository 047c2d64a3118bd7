# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for Recyclarr refuses what upstream refuses, and finds its values where upstream does."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.images.recyclarr.stand_in import config, cron
from tests.images.recyclarr.stand_in.main import main
from tests.images.recyclarr.stand_in.problems import ConfigError, SyncError

FILE = """
sonarr:
  one:
    base_url: http://sonarr:8989
    api_key: !secret key
    quality_profiles: [{trash_id: 72dae194fc92bf828f32cde7744e51a1}]
"""


@pytest.fixture
def load(tmp_path: Path):
    def from_files(text: str = FILE, **files: str) -> list[config.Instance]:
        (tmp_path / "recyclarr.yml").write_text(text)
        (tmp_path / "secrets.yml").write_text("key: the-key\n")
        for name, content in files.items():
            path = tmp_path / name.replace("__", "/").replace("_yml", ".yml")
            path.parent.mkdir(exist_ok=True)
            path.write_text(content)
        return config.load(tmp_path)

    return from_files


def test_an_instance_is_read_with_its_secret(load) -> None:
    (instance,) = load()
    assert (instance.kind, instance.name, instance.base_url, instance.api_key) == (
        "sonarr",
        "one",
        "http://sonarr:8989",
        "the-key",
    )


def test_values_come_from_the_environment_and_from_files(load, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "url").write_text("http://sonarr:1234\n")
    monkeypatch.setenv("THE_KEY", "from-environment")
    text = FILE.replace("!secret key", "!env_var THE_KEY").replace("http://sonarr:8989", f"!file {tmp_path}/url")
    (instance,) = load(text)
    assert (instance.base_url, instance.api_key) == ("http://sonarr:1234", "from-environment")
    (instance,) = load(FILE.replace("!secret key", "!env_var NOT_SET a default"))
    assert instance.api_key == "a default"


def test_fragments_are_laid_below_the_instance(load) -> None:
    fragment = "quality_definition: {type: series}\nquality_profiles: [{name: below}]\n"
    (instance,) = load(FILE + "    include: [{config: mine.yml}]\n", includes__mine_yml=fragment)
    assert instance.wanted["quality_definition"] == {"type": "series"}
    assert [profile.get("name") for profile in instance.wanted["quality_profiles"]] == ["below", None]


def test_all_files_count(load) -> None:
    other = FILE.replace("one:", "two:").replace("sonarr:8989", "other:8989")
    assert [instance.name for instance in load(configs__b_yml=other)] == ["one", "two"]


LINE = "    quality_profiles: [{trash_id: 72dae194fc92bf828f32cde7744e51a1}]\n"
REFUSED: dict[str, str] = {
    "unknown key at the top": FILE + "lidarr: {}\n",
    "unknown key": FILE + "    quality_profil: []\n",
    "unknown inner key": FILE + "    quality_definition: {type: series, preferred: 1}\n",
    "a key of version 7": FILE + "    replace_existing_custom_formats: true\n",
    "another key of version 7": FILE + "    custom_formats: [{trash_ids: [x], quality_profiles: [{name: x}]}]\n",
    "a template": FILE + "    include: [{template: sonarr-v4-quality-profile-web-1080p}]\n",
    "a fragment that is not there": FILE + "    include: [{config: nothing.yml}]\n",
    "a secret that is not there": FILE.replace("!secret key", "!secret other"),
    "an unknown tag": FILE.replace("!secret key", "!vault key"),
    "no key": FILE.replace("    api_key: !secret key\n", ""),
    "no address": FILE.replace("    base_url: http://sonarr:8989\n", ""),
    "an address without a scheme": FILE.replace("http://sonarr", "sonarr"),
    "a wrong type": FILE + "    delete_old_custom_formats: 'yes'\n",
    "a map where a list is due": FILE.replace("[{trash_id", "{trash_id").replace("}]", "}"),
    "a ratio too large": FILE + "    quality_definition: {type: series, preferred_ratio: 2}\n",
    "a required key left out": FILE + "    quality_definition: {preferred_ratio: 1}\n",
    "a value that is none": FILE + "    media_management: {propers_and_repacks: never}\n",
    "a profile without a name": FILE.replace("trash_id: 72dae194fc92bf828f32cde7744e51a1", "min_format_score: 1"),
    "a group of one": FILE.replace(LINE, "    quality_profiles: [{name: x, qualities: [{name: a, qualities: [b]}]}]\n"),
    "both names of a profile": FILE
    + "    custom_formats: [{trash_ids: [x], assign_scores_to: [{name: x, trash_id: y}]}]\n",
    "Radarr's naming": FILE + "    media_naming: {movie: {rename: true}}\n",
    "one name twice in two kinds": FILE + FILE.replace("sonarr:", "radarr:", 1).replace("sonarr:8989", "radarr:7878"),
    "one address twice": FILE + FILE.replace("\nsonarr:", "").replace("one:", "two:"),
    "one key twice": FILE + LINE,
    "no YAML": "sonarr: [",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=list(REFUSED))
def test_what_upstream_refuses_is_refused(load, text: str) -> None:
    load()
    with pytest.raises(ConfigError):
        load(text)


def test_fragments_are_not_whole_files_and_whole_files_no_fragments(load) -> None:
    with pytest.raises(ConfigError):
        load(configs__mine_yml="quality_definition: {type: series}\n")
    with pytest.raises(ConfigError):
        load(FILE + "    include: [{config: mine.yml}]\n", includes__mine_yml=FILE)


def test_settings_are_read_too(load) -> None:
    load(settings_yml="log_janitor: {max_files: 5}\n")
    with pytest.raises(ConfigError, match="repositories"):
        load(settings_yml="repositories: {}\n")


def test_the_command_ends_with_1_when_it_did_nothing(
    load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RECYCLARR_CONFIG_DIR", str(tmp_path))
    assert main(["sync"]) == 1
    assert "No configuration YAML files found" in capsys.readouterr().out
    load("sonarr: {}\n")
    assert main(["sync"]) == 1
    load()
    assert main(["sync", "-i", "other"]) == 1
    monkeypatch.setenv("STAND_IN_GITHUB", "127.0.0.1:1")
    assert main(["sync"]) == 1
    assert "github.com cannot be reached" in capsys.readouterr().out
    for words in (["sonarr"], ["sync", "--app-data", "/config"]):
        with pytest.raises(SystemExit) as ended:
            main(words)
        assert ended.value.code != 0
    monkeypatch.setenv("RECYCLARR_APP_DATA", "/config")
    assert main(["sync"]) == 1


def test_what_the_small_guide_has_not_is_an_error() -> None:
    from tests.images.recyclarr.stand_in import formats

    instance = config.Instance("sonarr", "one", "http://x", "k", {"quality_profiles": [{"trash_id": "other"}]})
    with pytest.raises(SyncError, match="small part of the guide"):
        formats.wanted(instance)


def test_scores_come_from_the_guide_from_an_entry_or_from_a_profile() -> None:
    from tests.images.recyclarr.stand_in import formats

    profile, format_ = "72dae194fc92bf828f32cde7744e51a1", "9c11cd3f07101cdba90a2d81cf0e56b4"

    def score(entry: dict[str, Any]) -> int:
        wanted = {
            "quality_profiles": [{"trash_id": profile}],
            "custom_formats": [{"trash_ids": [format_], **entry}],
        }
        _formats, scores = formats.wanted(config.Instance("sonarr", "one", "http://x", "k", wanted))
        return scores["WEB-1080p"].get(format_, 0)

    assert score({}) == 0
    assert score({"assign_scores_to": [{"trash_id": profile}]}) == -10000
    assert score({"score": 7, "assign_scores_to": [{"name": "WEB-1080p"}]}) == 7
    assert score({"score": 7, "assign_scores_to": [{"name": "WEB-1080p", "score": 8}]}) == 8


AT = datetime.datetime(2026, 1, 31, 23, 30)


@pytest.mark.parametrize(
    ("schedule", "due"),
    [
        ("@daily", "2026-02-01 00:00"),
        ("@hourly", "2026-02-01 00:00"),
        ("45 23 * * *", "2026-01-31 23:45"),
        ("30 23 * * *", "2026-02-01 23:30"),
        ("*/20 4-6 * * *", "2026-02-01 04:00"),
        ("0 3 * * 1", "2026-02-02 03:00"),
        ("0 3 5 * 0", "2026-02-01 03:00"),
        ("0 0 29 2 *", "2028-02-29 00:00"),
    ],
)
def test_a_schedule_is_due_when_cron_would_have_it(schedule: str, due: str) -> None:
    assert cron.due(schedule, AT) == datetime.datetime.fromisoformat(due)


@pytest.mark.parametrize("schedule", ["", "daily", "* * * *", "60 * * * *", "5-1 * * * *", "*/0 * * * *", "x * * * *"])
def test_no_schedule_is_refused(schedule: str) -> None:
    with pytest.raises(ValueError, match="bad crontab line"):
        cron.parse(schedule)

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger, and the declared applications."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import servarr_declared
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError
from ansible_collections.homelab.media.plugins.module_utils.servarr_ledger import Ledger

KEY = b"k" * 32
PLACE = "downloadclient/3/password"


def test_a_ledger_is_private_and_holds_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "wired.json"
    ledger = Ledger(str(file), KEY)
    ledger.add("sonarr", "downloadclient", 3, "nzbget")
    ledger.remember("sonarr", PLACE, "hunter2")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "hunter2" not in file.read_text()
    again = Ledger(str(file), KEY)
    assert again.made("sonarr", "downloadclient") == {3: "nzbget"}
    assert again.lists("sonarr") == ["downloadclient"]
    assert again.knows("sonarr", PLACE, "hunter2")


def test_a_digest_is_bound_to_its_place_its_secret_and_the_key(tmp_path: Path) -> None:
    file = str(tmp_path / "wired.json")
    ledger = Ledger(file, KEY)
    for application, place in (("sonarr", PLACE), ("radarr", PLACE), ("sonarr", "downloadclient/4/password")):
        ledger.remember(application, place, "hunter2")
    kept = json.loads((tmp_path / "wired.json").read_text())["applications"]
    digests = [digest for entry in kept.values() for digest in entry["written"].values()]
    assert len(set(digests)) == 3
    assert not ledger.knows("sonarr", PLACE, "hunter3")
    assert not ledger.knows("sonarr", "downloadclient/5/password", "hunter2")
    assert not Ledger(file, b"another").knows("sonarr", PLACE, "hunter2")


def test_an_item_is_forgotten_with_all_that_was_written_to_it(tmp_path: Path) -> None:
    file = str(tmp_path / "wired.json")
    ledger = Ledger(file, KEY)
    ledger.add("sonarr", "downloadclient", 3, "nzbget")
    ledger.remember("sonarr", PLACE, "hunter2")
    ledger.remember("sonarr", "downloadclient/33/password", "hunter2")
    ledger.drop("sonarr", "downloadclient", 3)
    again = Ledger(file, KEY)
    assert again.lists("sonarr") == []
    assert not again.remembers("sonarr", PLACE)
    assert again.remembers("sonarr", "downloadclient/33/password")


def test_a_name_is_of_one_item(tmp_path: Path) -> None:
    ledger = Ledger(str(tmp_path / "wired.json"), KEY)
    ledger.add("sonarr", "tag", 3, "4k")
    ledger.add("sonarr", "tag", 1, "4k")
    assert ledger.made("sonarr", "tag") == {1: "4k"}


def test_a_ledger_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"gone/wired.json: cannot be written \(No such file or directory\)"):
        Ledger(str(tmp_path / "gone" / "wired.json"), KEY).add("sonarr", "tag", 1, "4k")
    with pytest.raises(MediaError, match="is not a regular file"):
        Ledger(str(tmp_path), KEY)


def test_a_ledger_in_check_mode_is_not_written(tmp_path: Path) -> None:
    Ledger(str(tmp_path / "wired.json"), b"", check=True).add("sonarr", "tag", 1, "4k")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["[]", "no json", '{"applications": 3}'])
def test_what_is_no_ledger_is_told_and_kept(tmp_path: Path, text: str) -> None:
    file = tmp_path / "wired.json"
    file.write_text(text)
    with pytest.raises(MediaError, match="is not a ledger"):
        Ledger(str(file), KEY)
    assert file.read_text() == text


def declared(folder: Path, **more: Any) -> dict[str, Any]:
    (folder / "key").write_text("0123456789abcdef\n")
    return {
        "name": "sonarr",
        "kind": "sonarr",
        "url": "http://127.0.0.1:8989",
        "api_key_file": str(folder / "key"),
        **more,
    }


def test_a_declared_application_is_read_with_its_secrets(tmp_path: Path) -> None:
    resources = {
        "tag": ["4k", {"label": "old", "state": "absent"}],
        "downloadclient": [
            {"name": "A", "fields": {"host": "x"}, "secret_fields": {"password": str(tmp_path / "key")}}
        ],
    }
    (found,) = servarr_declared.read_all([declared(tmp_path, resources=resources)], check=False)
    assert found.key == "0123456789abcdef"
    assert [(item.values, item.absent) for item in found.resources["tag"]] == [
        ({"label": "4k"}, False),
        ({"label": "old"}, True),
    ]
    assert found.resources["downloadclient"][0].secrets == {"password": "0123456789abcdef"}
    assert "0123456789abcdef" not in repr(found)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"url": "sonarr:8989"}, "sonarr: url: 'sonarr:8989' is no address"),
        ({"api_key_file": "/nowhere"}, "sonarr: api_key_file: cannot be read from /nowhere"),
        ({"password_file": "/etc/hostname"}, "sonarr: password_file: is given without a user"),
        ({"settings": {"host": ["a"]}}, "sonarr: settings.host: is list"),
        ({"settings": {"host": {"apiKey": "x"}}}, "sonarr: settings.host.apiKey: is a secret"),
        ({"resources": {"tag": "4k"}}, "sonarr: tag: is str"),
        ({"resources": {"indexer": ["x"]}}, "sonarr: indexer: has the entry 'x'"),
        ({"resources": {"indexer": [{"name": "x", "state": "gone"}]}}, "sonarr: indexer x: has the state 'gone'"),
        ({"resources": {"indexer": [{"name": "x", "fields": []}]}}, None),
        ({"resources": {"indexer": [{"name": "x", "fields": [1]}]}}, "sonarr: indexer x: fields: is list"),
        (
            {"resources": {"indexer": [{"name": "x", "fields": {"apiKey": "********"}}]}},
            "sonarr: indexer x: apiKey: is a secret, or stands for one",
        ),
        (
            {"resources": {"indexer": [{"name": "x", "fields": {"authToken": "t"}}]}},
            "sonarr: indexer x: authToken: is a",
        ),
        ({"resources": {"indexer": [{"name": "x", "fields": {"useApiKey": True, "apiKey": ""}}]}}, None),
        (
            {"resources": {"rootfolder": [{"path": "/x", "password": "t"}]}},
            "sonarr: rootfolder /x: password: is a secret",
        ),
        (
            {"resources": {"indexer": [{"name": "x", "fields": {"k": 1}, "secret_fields": {"k": "/etc/hostname"}}]}},
            "sonarr: indexer x: k: is in fields and in secret_fields",
        ),
        ({"prune": {"indexer": "x"}}, "sonarr: prune.indexer: is no list of names"),
    ],
)
def test_what_is_malformed_is_told(tmp_path: Path, more: dict[str, Any], told: str | None) -> None:
    try:
        servarr_declared.read_all([declared(tmp_path, **more)], check=False)
        assert told is None
    except MediaError as error:
        assert told
        assert told in str(error)


def test_two_applications_need_two_names(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="is the name of two applications"):
        servarr_declared.read_all([declared(tmp_path), declared(tmp_path)], check=False)


@pytest.mark.parametrize("text", ["", "\n", "********\n"])
def test_a_file_without_a_secret_is_told(tmp_path: Path, text: str) -> None:
    given = declared(tmp_path)
    (tmp_path / "key").write_text(text)
    for check in (False, True):
        with pytest.raises(MediaError, match="sonarr: api_key_file: is"):
            servarr_declared.read_all([given], check=check)


def test_check_mode_is_not_stopped_by_a_file_that_will_be_made(tmp_path: Path) -> None:
    given = declared(tmp_path, api_key_file=str(tmp_path / "later"))
    (found,) = servarr_declared.read_all([given], check=True)
    assert found.key is None

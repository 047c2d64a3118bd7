# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a new item is made of, and what its names stand for. The application is a table of answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import servarr_items, servarr_lists
from ansible_collections.homelab.media.plugins.module_utils.servarr_api import Client, Rejected
from ansible_collections.homelab.media.plugins.module_utils.servarr_declared import Declared, Item
from ansible_collections.homelab.media.plugins.module_utils.servarr_kinds import KINDS
from ansible_collections.homelab.media.plugins.module_utils.servarr_ledger import Ledger
from ansible_collections.homelab.media.plugins.module_utils.servarr_lists import Lists
from ansible_collections.homelab.media.plugins.module_utils.servarr_merge import Unfit
from ansible_collections.homelab.media.plugins.module_utils.servarr_plan import plan
from ansible_collections.homelab.media.plugins.module_utils.servarr_work import Plan, Work

ANSWERS: dict[str, Any] = {
    "tag": [{"id": 1, "label": "4k"}, {"id": 2, "label": "anime"}],
    "language": [{"id": 1, "name": "English"}],
    "indexer": [],
    "indexer/schema": [
        {"id": 0, "implementation": "Cardigann", "definitionName": "one", "fields": [{"name": "definitionFile"}]},
        {"id": 0, "implementation": "Cardigann", "definitionName": "two", "presets": [], "fields": []},
        {
            "id": 0,
            "implementation": "Newznab",
            "fields": [{"name": "apiPath", "value": "/api"}, {"name": "apiKey", "value": "********"}],
        },
    ],
    "delayprofile": [{"id": 1, "order": 2147483647, "tags": [], "enableUsenet": True, "usenetDelay": 0}],
    "qualityprofile/schema": {"id": 0, "items": [], "formatItems": [], "language": {"id": -1, "name": "Any"}},
}


class Table(Client):
    """Answers from a table, and takes down what is sent. warned: whether it warns once of what it is sent."""

    def __init__(self, warned: bool = False) -> None:
        super().__init__("radarr", "http://127.0.0.1:9", "/api/v3", "key", "/key", 0)
        self.warned = warned
        self.sent: list[str] = []

    def get(self, path: str) -> Any:
        return ANSWERS[path]

    def send(self, method: str, path: str, body: Any = None) -> Any:
        self.sent.append(f"{method} {path}")
        if self.warned and "?" not in path:
            raise Rejected(f"{method} {path}", 400, "category: is empty", only_warnings=True)
        return {**body, "id": 7}


@pytest.fixture
def work(tmp_path: Path) -> Work:
    client = Table()
    declared = Declared("radarr", "radarr", client.url, "/key", "key", {}, False, None, {}, {})
    ledger = Ledger(str(tmp_path / "ledger"), b"k" * 32)
    return Work(declared, client, Lists(client, check=False), ledger, check=False)


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("sonarr", "Sonarr", True),
        ("sonarr", "Radarr", False),
        ("sonarr", "Whisparr", False),
        ("readarr", "Bookshelf", True),
        ("bookshelf", "Bookdarr", True),
        ("bookshelf", "Lidarr", False),
        ("bookshelf", "", False),
    ],
)
def test_what_an_application_may_call_itself(kind: str, name: str, expected: bool) -> None:
    assert KINDS[kind].is_called(name) is expected


def test_a_definition_is_chosen_by_its_name(work: Work) -> None:
    values = {"name": "Two", "implementation": "cardigann", "definitionName": "two"}
    step = plan(work, "indexer", Item(values, {}), None)
    assert step.new
    assert step.body == {"implementation": "Cardigann", "definitionName": "two", "fields": [], "name": "Two"}
    with pytest.raises(Unfit, match="is of the implementation Cardigann with the definition three"):
        plan(work, "indexer", Item({"implementation": "Cardigann", "definitionName": "three"}, {}), None)


@pytest.mark.parametrize(("secrets", "sent"), [({}, {}), ({"apiKey": "real"}, {"apiKey": "real"})])
def test_what_stands_for_a_secret_is_never_sent_as_one(work: Work, secrets: Any, sent: dict[str, str]) -> None:
    step = plan(work, "indexer", Item({"name": "x", "implementation": "Newznab"}, {}, secrets), None)
    assert {entry["name"]: entry["value"] for entry in step.body["fields"]} == {"apiPath": "/api", **sent}


def test_an_item_that_is_not_there_needs_its_implementation(work: Work) -> None:
    with pytest.raises(Unfit, match="is not there, and cannot be made of this"):
        plan(work, "indexer", Item({"name": "x"}, {"apiPath": "/x"}), None)


def test_an_item_cannot_become_one_of_another_implementation(work: Work) -> None:
    current = {"id": 3, "name": "x", "implementation": "Torznab", "fields": []}
    with pytest.raises(Unfit, match="is there as Torznab, which cannot become Newznab"):
        plan(work, "indexer", Item({"name": "x", "implementation": "Newznab"}, {}), current)


def test_a_delay_profile_begins_as_the_one_for_everything(work: Work) -> None:
    step = plan(work, "delayprofile", Item({"tags": ["4K"], "usenetDelay": "30"}, {}), None)
    assert step.body == {"enableUsenet": True, "usenetDelay": 30, "tags": [1]}


def test_a_language_is_given_by_its_name(work: Work) -> None:
    step = plan(work, "qualityprofile", Item({"name": "HD", "language": "english"}, {}), None)
    assert step.body["language"] == {"id": 1, "name": "English"}


def test_names_are_told_in_place_of_ids(work: Work) -> None:
    current = {"id": 3, "name": "x", "tags": [2, 9]}
    (difference,) = plan(work, "indexer", Item({"name": "x", "tags": ["4k", 2]}, {}), current).differences
    assert (difference.before, difference.after) == ("9, anime", "4k, anime")
    with pytest.raises(Unfit) as caught:
        plan(work, "indexer", Item({"name": "x", "tags": ["8k"]}, {}), current)
    assert (caught.value.reason, caught.value.expected) == ("names the tag 8k", "one of 4k, anime")


@pytest.mark.parametrize(
    ("resource", "entry", "key"),
    [
        ("downloadclient", {"name": "NZBGet"}, "nzbget"),
        ("rootfolder", {"path": "/data/media/TV/", "name": "Shows"}, "/data/media/TV"),
        ("tag", {"label": "4K"}, "4k"),
        ("remotepathmapping", {"host": "nzbget", "remotePath": "/far/"}, "nzbget /far"),
        ("delayprofile", {"tags": [2, 1]}, "4k, anime"),
        ("delayprofile", {"tags": ["Anime", "4k"]}, "4k, anime"),
        ("delayprofile", {"tags": []}, "default"),
        ("releaseprofile", {"name": "No cams"}, "no cams"),
        ("releaseprofile", {"required": ["b", "a"], "ignored": "c"}, "a, b / c"),
    ],
)
def test_what_an_item_is_found_by(work: Work, resource: str, entry: dict[str, Any], key: str) -> None:
    assert servarr_lists.key_of(resource, entry, work.lists) == key


def test_what_only_warnings_keep_from_being_saved_is_saved(work: Work) -> None:
    client = Table(warned=True)
    work.client = client
    assert servarr_items.save(work, "downloadclient", Plan({"name": "x"}, [], new=True))["id"] == 7
    servarr_items.save(work, "downloadclient", Plan({"id": 3}, []))
    assert client.sent == [
        "POST downloadclient",
        "POST downloadclient?forceSave=true",
        "PUT downloadclient/3",
        "PUT downloadclient/3?forceSave=true",
    ]

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the plex role, each under its name, and what they say together."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import secret_tokens
from ansible_collections.homelab.media.plugins.module_utils.declaration import declaration_problems

from tests.images.plex.stand_in.settings import SETTINGS as KNOWN
from tests.images.tautulli.stand_in.config import KEYS

SETTINGS = {
    **yaml.safe_load((Path(__file__).parents[4] / "roles" / "plex" / "defaults" / "main.yml").read_text()),
    "media_root": "/opt/media",
    "media_data": "/data",
    "media_lan_subnets": [],
    "plex_friendly_name": "cellar",
}
TOKEN = "s3cr3t-account-token"
IDENTIFIER = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
NAMES = (
    *("plex_problems", "plex_services", "plex_secrets", "plex_preferences", "plex_preferences_file"),
    *("plex_policy", "plex_libraries", "plex_tautulli_secrets", "plex_todo"),
)


def call(name: str, settings: Any, *more: Any) -> Any:
    module = import_module(f"ansible_collections.homelab.media.plugins.filter.{name}")
    return module.FilterModule().filters()[name](settings, *more)


def plex(**more: Any) -> dict[str, Any]:
    found: dict[str, Any] = call("plex_services", {**SETTINGS, **more})["plex"]
    return found


@pytest.mark.parametrize("name", NAMES)
def test_something_else_than_the_variables_is_refused_by_name(name: str) -> None:
    kept = [[]] if name == "plex_libraries" else []
    with pytest.raises(AnsibleFilterError, match=f"{name} takes the variables of the plex role, not a str"):
        call(name, "text", *kept)


def test_the_defaults_are_a_whole_declaration() -> None:
    for token in ("", TOKEN):
        settings = {**SETTINGS, "plex_token": token}
        declaration = {"services": call("plex_services", settings), "todo": call("plex_todo", settings)}
        assert declaration_problems("plex", declaration) == []
        assert call("plex_problems", settings) == []


def test_the_library_is_read_only_unless_it_is_said() -> None:
    assert "/data/media:/data/media:ro" in plex()["volumes"]
    assert "/data/media:/data/media" in plex(plex_media_writable=True)["volumes"]
    assert call("plex_preferences", {**SETTINGS, "plex_media_writable": True})["allowMediaDeletion"] is True


def test_the_transcoder_has_its_place() -> None:
    assert "/opt/media/state/plex-transcode:/transcode" in plex()["volumes"]
    assert plex()["x-media"]["state"] == ["state/plex", "state/plex-transcode"]
    given = plex(plex_transcode="/fast/transcode")
    assert given["volumes"][-1]["source"] == "/fast/transcode"
    assert given["volumes"][-1]["bind"] == {"create_host_path": False}
    in_memory = plex(plex_transcode="tmpfs")
    assert in_memory["tmpfs"] == ["/transcode:size=2g,mode=1777"]
    for service in (given, in_memory):
        assert service["x-media"]["state"] == ["state/plex"]


def test_devices_are_the_hosts_none_or_those_named() -> None:
    assert (plex()["x-media"]["gpu"], "devices" in plex()) == (True, False)
    assert (plex(plex_devices="none")["x-media"]["gpu"], "devices" in plex(plex_devices="none")) == (False, False)
    named = plex(plex_devices=["/dev/dri/renderD128", "/dev/a:/dev/b"])
    assert (named["x-media"]["gpu"], named["devices"]) == (
        False,
        ["/dev/dri/renderD128:/dev/dri/renderD128", "/dev/a:/dev/b"],
    )


def test_without_a_token_others_are_told_of_none_and_the_person_is() -> None:
    assert plex()["x-media"]["api"] == {"kind": "plex", "token": ""}
    assert "plex_token" not in call("plex_secrets", SETTINGS)
    assert call("plex_todo", SETTINGS)[0]["service"] == "plex"
    owned = {**SETTINGS, "plex_token": TOKEN}
    assert plex(plex_token=TOKEN)["x-media"]["api"]["token"] == "plex_token"
    assert call("plex_secrets", owned)["plex_token"]["value"] == TOKEN
    assert call("plex_todo", owned) == []


def test_the_first_file_has_every_preference_and_the_id_that_follows() -> None:
    settings = {**SETTINGS, "plex_friendly_name": 'a "b" & <c>', "plex_preferences": {"onDeckWindow": 3}}
    text = secret_tokens.replace(
        call("plex_preferences_file", settings), {"plex_machine_identifier": IDENTIFIER}.__getitem__
    )
    attributes = ElementTree.fromstring(text.encode()).attrib
    assert attributes["FriendlyName"] == 'a "b" & <c>'
    assert (attributes["MachineIdentifier"], attributes["autoEmptyTrash"]) == (IDENTIFIER, "0")
    # printf "UUID- Plex Media Server" | sha1sum, as the image's own script does it.
    assert attributes["ProcessedMachineIdentifier"] == "0b50477832ef016d86f238a7b66d1c5f867b0fae"
    assert attributes["onDeckWindow"] == "3"


def test_every_preference_is_one_that_plex_knows() -> None:
    settings = {**SETTINGS, "media_lan_subnets": ["192.168.0.0/24"]}
    assert {*call("plex_preferences", settings), *call("plex_policy", settings)} <= set(KNOWN)


def test_a_persons_preference_wins_in_any_case() -> None:
    settings = {**SETTINGS, "plex_preferences": {"AutoEmptyTrash": True, "friendlyName": "x", "EnableIPv6": True}}
    wanted = call("plex_preferences", settings)
    assert (wanted["AutoEmptyTrash"], wanted["FriendlyName"], wanted["EnableIPv6"]) == (True, "x", True)
    assert "autoEmptyTrash" not in call("plex_policy", settings)
    assert "autoEmptyTrash" in call("plex_policy", SETTINGS)


def test_an_instance_with_a_folder_of_its_own_has_a_library() -> None:
    kept = [
        {"name": "tv", "type": "show", "title": "TV", "path": "/data/media/tv"},
        {"name": "tv-4k", "type": "show", "title": "TV in 4K", "path": "/data/media/tv-4k"},
        {"name": "books", "type": "book", "title": "Books", "path": "/data/media/books"},
    ]
    found = call("plex_libraries", SETTINGS, kept)
    assert [library["name"] for library in found] == ["Movies", "TV Shows", "Music", "TV in 4K"]
    assert found[3] == {"name": "TV in 4K", "type": "show", "locations": ["/data/media/tv-4k"], "language": "en-US"}


def test_a_library_may_have_words_of_its_own() -> None:
    entry = {"name": "Old", "type": "movie", "language": "de-DE", "agent": "", "state": "absent"}
    found = call("plex_libraries", {**SETTINGS, "plex_libraries": [entry]}, [])
    assert found == [{"name": "Old", "type": "movie", "locations": [], "language": "de-DE", "state": "absent"}]


def test_tautulli_is_told_everything_by_names_that_it_knows() -> None:
    service = call("plex_services", SETTINGS)["tautulli"]
    secret = json.loads(call("plex_tautulli_secrets", {**SETTINGS, "plex_token": TOKEN}))
    names = [name.removeprefix("TAUTULLI_").lower() for name in service["environment"]] + [
        name.lower() for name in secret
    ]
    assert set(names) <= set(KEYS)
    assert len(names) == len(set(names))
    assert "PMS_TOKEN" not in json.loads(call("plex_tautulli_secrets", SETTINGS))


def test_no_secret_is_in_services_or_files() -> None:
    settings = {
        **SETTINGS,
        "plex_token": TOKEN,
        "plex_tautulli_password": "s3cr3t",
        "plex_tautulli_api_key": "s3cr3t" * 6,
    }
    for name in ("plex_services", "plex_preferences_file", "plex_tautulli_secrets", "plex_problems", "plex_todo"):
        assert "s3cr3t" not in json.dumps(call(name, settings))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"plex_token": "claim-abcdefgh"}, "plex_token: is a claim code, which is dead after four minutes"),
        ({"plex_token": "two words"}, "plex_token: is no token"),
        ({"plex_token": "changeme"}, "plex_token: still holds a placeholder"),
        ({"plex_machine_identifier": "abc"}, "plex_machine_identifier: is 'abc'"),
        ({"plex_friendly_name": " "}, "plex_friendly_name: is ' '"),
        ({"plex_libraries": {}}, "plex_libraries: is a dict"),
        ({"plex_libraries": ["tv"]}, "plex_libraries[0]: is a str"),
        ({"plex_libraries": [{"name": "A", "type": "film", "folders": ["a"]}]}, "plex_libraries[0].type: is 'film'"),
        ({"plex_libraries": [{"name": "A", "type": "movie"}]}, "plex_libraries[0].folders: is empty"),
        (
            {"plex_libraries": [{"name": "A", "type": "movie", "folders": ["/a"]}]},
            "plex_libraries[0].folders: has '/a'",
        ),
        ({"plex_libraries": [{"name": "A", "type": "movie", "folders": ["a/../b"]}]}, "folders: has 'a/../b'"),
        ({"plex_libraries": [{"name": "A", "type": "movie", "folders": "a"}]}, "plex_libraries[0].folders: is a str"),
        (
            {"plex_libraries": [{"name": name, "type": "movie", "folders": ["a"]} for name in ("A", "a")]},
            "plex_libraries[1].name: is 'a' once more",
        ),
        (
            {"plex_libraries": [{"name": "A", "type": "movie", "path": "a", "folders": ["a"]}]},
            "libraries[0].path: is not known",
        ),
        ({"plex_libraries": [{"name": "A", "type": "movie", "state": "gone", "folders": ["a"]}]}, ".state: is 'gone'"),
        ({"plex_preferences": {"FriendlyName": "x"}}, "plex_preferences.FriendlyName: has a variable of its own"),
        ({"plex_preferences": {"PlexOnlineMail": ["x"]}}, "plex_preferences.PlexOnlineMail: is a list"),
        ({"plex_preferences": {"CertificatePassword": "x"}}, "plex_preferences.CertificatePassword: holds a secret"),
        ({"plex_preferences": {"a b": "x"}}, "plex_preferences.a b: is no name of a preference"),
        ({"plex_transcode": "fast"}, "plex_transcode: is 'fast'"),
        ({"plex_transcode": "tmpfs", "plex_transcode_size": "much"}, "plex_transcode_size: is 'much'"),
        (
            {"plex_transcode": "tmpfs", "plex_transcode_size": "4096m"},
            "plex_transcode_size: is 4096m. Expected: less than",
        ),
        ({"plex_devices": "/dev/dri"}, "plex_devices: is '/dev/dri'"),
        ({"plex_devices": ["renderD128"]}, "plex_devices: is ['renderD128']"),
        ({"plex_tautulli_port": 0}, "plex_tautulli_port: is 0"),
        ({"plex_tautulli_username": ""}, "plex_tautulli_username: is ''"),
        ({"plex_tautulli_api_key": "0123"}, "plex_tautulli_api_key: is no key that Tautulli takes"),
        ({"plex_tautulli_password": "changeme"}, "plex_tautulli_password: is no text, or still holds a placeholder"),
    ],
)
def test_what_cannot_work_is_told(more: dict[str, Any], told: str) -> None:
    (found,) = call("plex_problems", {**SETTINGS, **more})
    assert told in "{variable}: {reason}. Expected: {expected}".format(**found)

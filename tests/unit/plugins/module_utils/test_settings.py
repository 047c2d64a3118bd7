# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import settings

RIGHT: dict[str, Any] = {
    "media_root": "/opt/media",
    "media_data": "/data",
    "media_mounts": ["/data"],
    "media_user": "media",
    "media_group": "media",
    "media_puid": 1000,
    "media_pgid": "1000",
    "media_umask": "002",
    "media_timezone": "Europe/Berlin",
    "media_categories": ["movies", "tv", "music", "books", "kids_4k"],
    "media_domain": "media.example.org",
    "media_lan_subnets": ["192.168.1.0/24", "fd00:1::/64"],
    "media_ipv4_prefix": "10.213.0.0/16",
    "media_ipv6": False,
    "media_project": "media",
}
ZONES = {"Europe/Berlin", "Etc/UTC"}


def place(device: int = 7, mount_id: int = 30, mount_point: str = "/data") -> dict[str, Any]:
    return {"device": device, "mount_id": mount_id, "mount_point": mount_point, "fs_type": "ext4", "source": "/dev/sdb"}


def host(**more: Any) -> dict[str, Any]:
    return {
        "time_zone": True,
        "accounts": {
            "uids": {"1000": "media"},
            "gids": {"1000": None},
            "users": {"media": 1000},
            "groups": {"media": None},
        },
        "paths": {"/data/usenet": place(), "/data/media": place()},
        "mounts": {"/data": True},
        **more,
    }


def told(host_facts: dict[str, Any] | None = None, **changes: Any) -> list[str]:
    found = settings.problems({**RIGHT, **changes}, host_facts, ZONES)
    assert all(problem.expected for problem in found)
    return [f"{problem.variable}: {problem.reason}" for problem in found]


def test_right_settings_are_right() -> None:
    assert told() == []
    assert told(host()) == []


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("media_root", "opt/media", "no absolute path"),
        ("media_root", None, "no absolute path"),
        ("media_root", "/", "is the root"),
        ("media_root", "/opt/media/", "ends with /"),
        ("media_root", "/opt/my media", "characters"),
        ("media_root", "/opt/a:b", "characters"),
        ("media_root", "/opt/../etc", "over . or .."),
        ("media_data", "data", "no absolute path"),
        ("media_data", "/data\n", "characters"),
        ("media_mounts", "/data", "no list"),
        ("media_mounts", ["data"], "no absolute path"),
        ("media_user", "root", "cannot be used"),
        ("media_user", "Media", "cannot be used"),
        ("media_group", "", "cannot be used"),
        ("media_puid", 0, "0 is root"),
        ("media_pgid", "0", "0 is root"),
        ("media_puid", "media", "no whole number"),
        ("media_puid", True, "no whole number"),
        ("media_puid", 10.5, "no whole number"),
        ("media_puid", -1, "no number of an account"),
        ("media_puid", 65534, "nobody's"),
        ("media_puid", 2**32, "no number of an account"),
        ("media_umask", 18, "not in quotes"),
        ("media_umask", "008", "no octal mask"),
        ("media_umask", "22", "no octal mask"),
        ("media_umask", "700", "shuts out the owner"),
        ("media_timezone", "Berlin", "no time zone"),
        ("media_timezone", None, "no time zone"),
        ("media_categories", [], "names no category"),
        ("media_categories", "movies", "names no category"),
        ("media_categories", ["Movies"], "'Movies' is no name"),
        ("media_categories", ["tv/hd"], "'tv/hd' is no name"),
        ("media_categories", ["tv", 4], "4 is no name"),
        ("media_categories", ["tv", "tv"], "'tv' is in it more than once"),
        ("media_domain", "media", "no domain"),
        ("media_domain", "https://media.example.org", "no domain"),
        ("media_domain", "media.example.org:443", "no domain"),
        ("media_domain", "Media.Example.org", "no domain"),
        ("media_domain", "-a.example.org", "no domain"),
        ("media_domain", "10.0.0.1", "is an address"),
        ("media_lan_subnets", "192.168.1.0/24", "no list"),
        ("media_lan_subnets", ["192.168.1.1/24"], "has host bits set"),
        ("media_lan_subnets", ["192.168.1.0"], "no prefix length"),
        ("media_lan_subnets", ["home"], "no prefix length"),
        ("media_lan_subnets", [42], "no prefix length"),
        ("media_lan_subnets", ["0.0.0.0/0"], "most of the internet"),
        ("media_lan_subnets", ["::/0"], "most of the internet"),
        ("media_ipv6", "yes", "no switch"),
        ("media_project", "My Media", "no name of a Compose project"),
    ],
)
def test_a_wrong_setting_is_told_with_its_reason(variable: str, value: Any, reason: str) -> None:
    found = told(**{variable: value})
    assert len(found) == 1
    assert found[0].startswith(f"{variable}: ")
    assert reason in found[0]


@pytest.mark.parametrize(
    ("variable", "value"),
    [("media_domain", ""), ("media_lan_subnets", []), ("media_umask", "0022"), ("media_puid", 70000)],
)
def test_rarer_settings_are_right_too(variable: str, value: Any) -> None:
    assert told(**{variable: value}) == []


def test_all_that_is_wrong_is_told_at_once() -> None:
    found = told(media_puid=0, media_root="opt", media_umask=18, media_timezone="X")
    assert [line.partition(":")[0] for line in found] == ["media_root", "media_puid", "media_umask", "media_timezone"]


def test_what_is_not_given_is_not_checked() -> None:
    assert settings.problems({}, host(), ZONES) == []


@pytest.mark.parametrize(
    ("known", "on_host", "right"),
    [
        ({"Europe/Rome"}, None, True),
        ({"Etc/UTC"}, True, True),
        ({"Etc/UTC"}, False, False),
        ({"Etc/UTC"}, None, False),
        (set(), True, True),
        (set(), False, False),
        (set(), None, True),
    ],
)
def test_a_time_zone_is_right_where_anybody_knows_it(known: set[str], on_host: bool | None, right: bool) -> None:
    found = settings.zone_problems("media_timezone", "Europe/Rome", host(time_zone=on_host), known)
    assert (found == []) is right


def test_the_controller_s_own_list_is_asked() -> None:
    assert settings.problems({"media_timezone": "Europe/Berlin"}) == []


@pytest.mark.parametrize(
    ("accounts", "variable", "reason"),
    [
        ({"uids": {"1000": "alice"}}, "media_puid", "1000 belongs to 'alice'"),
        ({"gids": {"1000": "alice"}}, "media_pgid", "1000 belongs to 'alice'"),
        ({"users": {"media": 1001}}, "media_user", "'media' has the number 1001"),
        ({"groups": {"media": 1001}}, "media_group", "'media' has the number 1001"),
    ],
)
def test_a_clash_with_an_account_names_it(accounts: dict[str, Any], variable: str, reason: str) -> None:
    facts = host()
    facts["accounts"].update(accounts)
    found = told(facts)
    assert len(found) == 1
    assert found[0].startswith(f"{variable}: ")
    assert reason in found[0]


@pytest.mark.parametrize("other", [place(device=8), place(mount_id=31, mount_point="/data/media")])
def test_downloads_and_library_on_two_file_systems_are_told_with_both(other: dict[str, Any]) -> None:
    found = told(host(paths={"/data/usenet": place(), "/data/media": other}))
    assert len(found) == 1
    assert "/data/usenet (in /data, ext4 on /dev/sdb)" in found[0]
    assert f"/data/media (in {other['mount_point']}, ext4 on /dev/sdb)" in found[0]


def test_an_expected_mount_that_is_not_there_is_told() -> None:
    assert told(host(mounts={"/data": False})) == ["media_mounts: nothing is mounted at /data"]


@pytest.mark.parametrize(
    ("value", "token"),
    [
        ("CHANGE_ME", "CHANGE_ME"),
        ("changeme123", "CHANGE_ME"),
        ("please-change-me", "CHANGE_ME"),
        ("<your key>", "<...>"),
        ("user@example.invalid", "example.invalid"),
        ("https://news.example.invalid:563/", "example.invalid"),
    ],
)
def test_placeholders_are_found_in_any_depth_and_not_repeated(value: str, token: str) -> None:
    secret = f"{value}"
    found = settings.placeholders({"nzbget_news_servers": [{"host": "news.example.org", "password": secret}]})
    assert [(problem.variable, problem.reason) for problem in found] == [
        ("nzbget_news_servers[0].password", f"still holds the placeholder {token}")
    ]
    assert value == token or value not in str(found)


@pytest.mark.parametrize(
    "value", ["Exchange_message", "a <b> c", "myexample.invalidate", "", 5, None, True, b"CHANGE_ME"]
)
def test_what_only_resembles_a_placeholder_is_let_pass(value: Any) -> None:
    assert settings.placeholders({"x": {"y": [value]}}) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"media_ipv4_prefix": "10.213.0.0/24"}, "is '10.213.0.0/24'"),
        ({"media_ipv4_prefix": "8.8.0.0/16"}, "is '8.8.0.0/16'"),
        ({"media_ipv4_prefix": "10.213.0.1/16"}, "is '10.213.0.1/16'"),
        ({"media_lan_subnets": ["10.213.4.0/24"]}, "10.213.0.0/16 overlaps 10.213.4.0/24 of media_lan_subnets"),
    ],
)
def test_the_range_of_the_networks_is_private_and_free(changes: dict[str, Any], said: str) -> None:
    assert [f"media_ipv4_prefix: {said}"] == told(**changes)

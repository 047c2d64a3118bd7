# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who offers an API, who uses it, and where each is reached."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import relations


def service(**media: Any) -> dict[str, Any]:
    return {"image": "i", "x-media": media}


def sonarr(name: str = "tv", **more: Any) -> dict[str, Any]:
    api = {"kind": "sonarr", "key": "k"}
    return service(api=api, web={"port": 8989, "path": "/"}, egress="direct", library={"name": name}, **more)


SERVICES = {
    "sonarr": sonarr(),
    "sonarr-4k": sonarr("tv-4k"),
    "prowlarr": service(api={"kind": "prowlarr"}, uses=["sonarr"], talks_to=["other"], egress="direct"),
    "plex": {**service(api={"kind": "plex"}, web={"port": 32400}), "network_mode": "host"},
    "tautulli": service(uses=["plex"], egress="direct"),
    "shut-in": service(uses=["plex", "sonarr"], egress="vpn"),
}


def test_one_talks_to_all_who_offer_what_it_uses() -> None:
    resolved = relations.resolve(SERVICES)
    assert resolved["prowlarr"]["x-media"]["talks_to"] == ["other", "sonarr", "sonarr-4k"]
    assert "talks_to" not in resolved["sonarr"]["x-media"]


def test_nobody_talks_to_itself() -> None:
    resolved = relations.resolve({"a": sonarr(uses=["sonarr"]), "b": sonarr("tv-4k")})
    assert resolved["a"]["x-media"]["talks_to"] == ["b"]


def test_what_is_in_the_hosts_network_has_a_name_and_no_network() -> None:
    resolved = relations.resolve(SERVICES)
    assert resolved["tautulli"]["extra_hosts"] == ["host.docker.internal:host-gateway"]
    assert "talks_to" not in resolved["tautulli"]["x-media"]
    assert relations.resolve(resolved)["tautulli"] == resolved["tautulli"]


def test_nobody_behind_the_vpn_is_led_to_the_host() -> None:
    resolved = relations.resolve(SERVICES)["shut-in"]
    assert "extra_hosts" not in resolved
    assert resolved["x-media"]["talks_to"] == ["sonarr", "sonarr-4k"]


def test_what_was_declared_is_left_as_it_was() -> None:
    relations.resolve(SERVICES)
    assert SERVICES["prowlarr"]["x-media"]["talks_to"] == ["other"]


@pytest.mark.parametrize(
    ("given", "url", "local"),
    [
        (sonarr(), "http://x:8989", "http://127.0.0.1:8989"),
        (sonarr() | service(api={"kind": "a"}, web={"port": "80", "loopback": "81", "path": "/a/"}, egress="vpn"),
         "http://x:80/a", "http://127.0.0.1:81/a"),
        (SERVICES["plex"], "http://host.docker.internal:32400", "http://127.0.0.1:32400"),
        (service(api={"kind": "a"}, web={"port": 1}, egress="none"), "http://x:1", ""),
        (service(api={"kind": "a"}), "", ""),
    ],
)  # fmt: skip
def test_where_an_api_is(given: dict[str, Any], url: str, local: str) -> None:
    found = relations.apis({"x": given})["x"]
    assert (found["url"], found["local_url"]) == (url, local)


def test_an_api_keeps_what_was_declared_of_it() -> None:
    found = relations.apis(SERVICES)
    assert set(found) == {"sonarr", "sonarr-4k", "prowlarr", "plex"}
    assert (found["sonarr"]["kind"], found["sonarr"]["key"]) == ("sonarr", "k")


def test_libraries_are_folders_and_categories() -> None:
    found = relations.libraries(SERVICES, "/srv")
    assert [(item["service"], item["path"], item["folder"]) for item in found] == [
        ("sonarr", "/data/media/tv", "/srv/media/tv"),
        ("sonarr-4k", "/data/media/tv-4k", "/srv/media/tv-4k"),
    ]
    assert relations.categories(["movies", "tv"], SERVICES) == ["movies", "tv", "tv-4k"]


def test_who_reads_the_logs_of_sign_ins_gets_their_folders() -> None:
    services = {
        "a": service(auth_log={"path": "state/a/logs/a.txt", "filter": "servarr"}),
        "b": service(auth_log={"path": "state/b/*.log", "filter": "nzbget"}),
        "watcher": service(reads_auth_logs=True),
    }
    assert relations.auth_logs(services)["b"] == {"path": "state/b/*.log", "filter": "nzbget"}
    mounted = relations.mount_auth_logs(services, "/opt/media")
    folders = ["/opt/media/state/a/logs", "/opt/media/state/b"]
    assert mounted["watcher"]["volumes"] == [f"{folder}:{folder}:ro" for folder in folders]
    assert "volumes" not in mounted["a"]

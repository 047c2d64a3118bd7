# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arr role: its services and secrets, what is wrong with its variables, and what each application is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import arr, arr_checks, arr_kinds, arr_wiring, relations

ROLE = Path(__file__).parents[4] / "roles" / "arr"
DEFAULTS = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
KEY = "0123456789abcdef0123456789abcdef"


def settings(*instances: dict[str, Any], **more: Any) -> dict[str, Any]:
    listed = {"arr_instances": list(instances)} if instances else {}
    return {**DEFAULTS, "media_root": "/opt/media", "media_data": "/srv/data", **listed, **more}


def plan(given: dict[str, Any], **others: dict[str, Any]) -> dict[str, Any]:
    services = {**arr.services(given), **others}
    return {
        "apis": relations.apis(services),
        "libraries": relations.libraries(services, given["media_data"]),
        "scope": list(services),
    }


def offering(kind: str, port: int, **more: Any) -> dict[str, Any]:
    return {"x-media": {"api": {"kind": kind, **more}, "web": {"port": port}, "egress": "vpn"}}


NZBGET = offering("nzbget", 6789, username="apps", password="nzbget_restricted_password")
PLEX = {**offering("plex", 32400, token="plex_token"), "network_mode": "host"}


def wired(given: dict[str, Any], **others: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["name"]: item for item in arr_wiring.applications(given, plan(given, **others))}


def test_the_defaults_are_well() -> None:
    assert arr_checks.problems(settings()) == []


@pytest.mark.parametrize(
    ("instance", "library"),
    [
        ({"name": "sonarr"}, {"name": "tv", "type": "show", "title": "TV Shows"}),
        ({"name": "sonarr-4k"}, {"name": "tv-4k", "type": "show", "title": "TV Shows 4K"}),
        ({"name": "anime", "kind": "sonarr"}, {"name": "anime", "type": "show", "title": "Anime"}),
        ({"name": "radarr", "library": "films"}, {"name": "films", "type": "movie", "title": "Movies"}),
        ({"name": "bookshelf"}, {"name": "books", "type": "book", "title": "Books"}),
        ({"name": "prowlarr"}, None),
    ],
)
def test_the_library_of_an_instance(instance: dict[str, Any], library: dict[str, str] | None) -> None:
    assert arr_kinds.library_of(instance) == library


def test_second_instances_get_the_next_free_port_of_the_host() -> None:
    given = settings({"name": "sonarr"}, {"name": "sonarr-4k"}, {"name": "sonarr-hd", "port": 8990})
    assert arr.loopback_ports(given) == {"sonarr": 8989, "sonarr-4k": 8991, "sonarr-hd": 8990}
    web = arr.services(given)["sonarr-4k"]["x-media"]["web"]
    assert (web["port"], web["loopback"]) == (8989, 8991)


def test_an_application_knows_its_sign_in_before_its_first_start() -> None:
    service = arr.services(settings({"name": "sonarr-4k"}))["sonarr-4k"]
    assert service["environment"]["FILE__SONARR__AUTH__APIKEY"] == "/run/secrets/sonarr_4k_api_key"
    assert service["environment"]["SONARR__AUTH__METHOD"] == "Forms"
    assert service["environment"]["SONARR__AUTH__REQUIRED"] == "Enabled"
    assert service["secrets"] == ["sonarr_4k_api_key"]
    assert arr.secrets(settings({"name": "sonarr-4k"}))["sonarr_4k_api_key"]["kind"] == "hex"


def test_books_speak_readarr() -> None:
    service = arr.services(settings({"name": "bookshelf"}))["bookshelf"]
    assert "READARR__AUTH__METHOD" in service["environment"]
    assert service["image"] == DEFAULTS["arr_bookshelf_image"]
    assert service["x-media"]["api"]["kind"] == "readarr"


def test_downloads_and_library_are_one_mount() -> None:
    services = arr.services(settings())
    assert "/srv/data:/data" in services["sonarr"]["volumes"]
    assert services["prowlarr"]["volumes"] == ["/opt/media/state/prowlarr:/config"]


@pytest.mark.parametrize(
    ("instances", "more", "variable"),
    [
        ([{"name": "Sonarr"}], {}, "arr_instances[0].name"),
        ([{"name": "films"}], {}, "arr_instances[0].kind"),
        ([{"name": "sonarr", "kind": "sonar"}], {}, "arr_instances[0].kind"),
        ([{"name": "sonarr", "ports": 1}], {}, "arr_instances[0].ports"),
        ([{"name": "sonarr", "port": 70000}], {}, "arr_instances[0].port"),
        ([{"name": "sonarr", "egress": "none"}], {}, "arr_instances[0].egress"),
        ([{"name": "sonarr", "library": "../tv"}], {}, "arr_instances[0].library"),
        ([{"name": "prowlarr", "library": "tv"}], {}, "arr_instances[0].library"),
        ([{"name": "sonarr", "log_level": "warn"}], {}, "arr_instances[0].log_level"),
        ([{"name": "sonarr", "settings": []}], {}, "arr_instances[0].settings"),
        ([{"name": "sonarr", "settings": {"host": "x"}}], {}, "arr_instances[0].settings.host"),
        (
            [{"name": "sonarr", "settings": {"host": {"password": "s3cr3t"}}}],
            {},
            "arr_instances[0].settings.host.password",
        ),
        ([{"name": "sonarr", "settings": {"host": {"urlBase": "/x"}}}], {}, "arr_instances[0].settings.host.urlBase"),
        ([{"name": "sonarr", "resources": {"tag": 5}}], {}, "arr_instances[0].resources.tag"),
        (
            [{"name": "prowlarr", "resources": {"indexer": [{"name": "i", "fields": {"apiKey": "s3cr3t"}}]}}],
            {},
            "arr_instances[0].resources.indexer[0].fields.apiKey",
        ),
        ([{"name": "sonarr", "prune": {"tag": "a"}}], {}, "arr_instances[0].prune.tag"),
        ([{"name": "sonarr", "egress": "vpn"}, {"name": "sonarr-4k", "egress": "vpn"}], {}, "arr_instances"),
        ([{"name": "sonarr"}], {"arr_username": ""}, "arr_username"),
        (
            [{"name": "sonarr"}],
            {"arr_indexers": [{"name": "i", "url": "http://i", "priority": 99}]},
            "arr_indexers[0].priority",
        ),
        (
            [{"name": "sonarr"}],
            {"arr_indexers": [{"name": n, "url": "http://i"} for n in ("a b", "A-b")]},
            "arr_indexers",
        ),
        ([{"name": "sonarr", "guide": {"profiles": []}}], {}, "arr_instances[0].guide.profiles"),
        ([{"name": "lidarr", "guide": {"quality_definition": {}}}], {}, "arr_instances[0].guide"),
        ([{"name": "sonarr"}, {"name": "sonarr"}], {}, "arr_instances"),
        ([{"name": "sonarr"}, {"name": "shows", "kind": "sonarr", "library": "tv"}], {}, "arr_instances"),
        ([{"name": "sonarr"}], {"arr_api_keys": {"sonarr": KEY.upper()}}, "arr_api_keys.sonarr"),
        ([{"name": "sonarr"}], {"arr_api_keys": {"radarr": KEY}}, "arr_api_keys.radarr"),
        ([{"name": "sonarr"}], {"arr_authentication": "Forms"}, "arr_authentication"),
        ([{"name": "sonarr"}], {"arr_sync_level": "full"}, "arr_sync_level"),
        ([{"name": "prowlarr"}], {"arr_indexers": [{"name": "i", "url": "i.net"}]}, "arr_indexers[0].url"),
        ([{"name": "prowlarr"}], {"arr_indexers": [{"url": "http://i"}]}, "arr_indexers[0].name"),
        (
            [{"name": "prowlarr"}],
            {"arr_indexers": [{"name": "i", "url": "http://i", "sync_profile": "x"}]},
            "arr_indexers[0].sync_profile",
        ),
    ],
)
def test_a_problem_names_its_variable(instances: list[dict[str, Any]], more: dict[str, Any], variable: str) -> None:
    assert variable in [problem.variable for problem in arr_checks.problems(settings(*instances, **more))]


def test_a_given_key_is_never_repeated() -> None:
    own = {"settings": {"host": {"password": "s3cr3t"}}, "resources": {"indexer": [{"fields": {"apiKey": "s3cr3t"}}]}}
    found = arr_checks.problems(settings({"name": "sonarr", **own}, arr_api_keys={"sonarr": "short-s3cr3t"}))
    assert len(found) == 3
    assert "s3cr3t" not in str(found)


def test_a_downloader_is_a_client_with_the_library_as_category() -> None:
    client = wired(settings(), nzbget=NZBGET)["sonarr"]["resources"]["downloadclient"][0]
    assert client["fields"] == {
        "host": "nzbget", "port": 6789, "useSsl": False, "username": "apps", "tvCategory": "tv",
    }  # fmt: skip
    assert client["secret_fields"] == {"password": "/opt/media/secrets/nzbget_restricted_password"}


def test_without_a_downloader_there_is_no_client() -> None:
    assert wired(settings())["sonarr"]["resources"].get("downloadclient") is None


def test_plex_is_told_when_it_listens() -> None:
    notifications = {name: item["resources"].get("notification") for name, item in wired(settings(), plex=PLEX).items()}
    assert notifications["sonarr"][0]["fields"]["host"] == "host.docker.internal"
    assert notifications["sonarr"][0]["onDownload"] is True
    assert notifications["bookshelf"] is None
    silent = {**offering("plex", 32400, token=""), "network_mode": "host"}
    assert wired(settings(), plex=silent)["sonarr"]["resources"].get("notification") is None


def test_nobody_behind_the_vpn_tells_plex() -> None:
    given = settings({"name": "sonarr", "egress": "vpn"})
    assert wired(given, plex=PLEX)["sonarr"]["resources"].get("notification") is None


def test_prowlarr_serves_whoever_is_there() -> None:
    given = settings({"name": "sonarr"}, {"name": "sonarr-4k"}, {"name": "bookshelf"}, {"name": "prowlarr"})
    served = {item["name"]: item for item in wired(given, nzbget=NZBGET)["prowlarr"]["resources"]["applications"]}
    assert set(served) == {"sonarr", "sonarr-4k", "bookshelf"}
    assert served["bookshelf"]["implementation"] == "Readarr"
    assert served["sonarr-4k"]["fields"] == {"prowlarrUrl": "http://prowlarr:9696", "baseUrl": "http://sonarr-4k:8989"}


def test_indexers_go_to_prowlarr_with_their_key_in_a_file() -> None:
    given = settings(arr_indexers=[{"name": "Some Indexer", "url": "https://i.net/", "api_key": "s3cr3t"}])
    indexer = wired(given)["prowlarr"]["resources"]["indexer"][0]
    assert indexer["fields"] == {"baseUrl": "https://i.net", "apiPath": "/api"}
    assert indexer["secret_fields"] == {"apiKey": "/opt/media/secrets/arr_indexer_some_indexer_api_key"}
    assert "s3cr3t" not in str(wired(given))
    assert arr.secrets(given)["arr_indexer_some_indexer_api_key"]["variable"] == "arr_indexers[0].api_key"


def test_what_a_person_says_wins() -> None:
    own = {
        "settings": {"naming": {"renameEpisodes": False}, "ui": {"theme": "dark"}},
        "resources": {"downloadclient": [{"name": "nzbget", "enable": False}], "tag": ["4k"]},
    }
    found = wired(settings({"name": "sonarr", **own}), nzbget=NZBGET)["sonarr"]
    assert found["settings"]["naming"] == {"renameEpisodes": False}
    assert found["settings"]["ui"] == {"theme": "dark"}
    assert found["settings"]["mediamanagement"]["copyUsingHardlinks"] is True
    assert found["resources"]["downloadclient"] == [{"name": "nzbget", "enable": False}]
    assert found["resources"]["tag"] == ["4k"]


def test_only_those_that_this_run_is_about() -> None:
    given = settings()
    assert [item["name"] for item in arr_wiring.applications(given, {**plan(given), "scope": ["radarr"]})] == ["radarr"]

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of services of one's own, from the very file: they are right, and get all that built-in ones get."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import (
    alert_rules,
    collector,
    exposure,
    metrics,
    monitoring_scrapes,
    network_guard,
    own_services,
    portal_cards,
    removal,
    secret_tokens,
    updates,
    wiring_picture_facts,
)
from ansible_collections.homelab.media.plugins.module_utils.front_door import Rules
from jinja2 import Environment, StrictUndefined

from tests.bed import manifest
from tests.unit import alert_house, sample_house
from tests.unit.sample_house import DOMAIN

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "docs" / "examples" / "extra_services.yml"
SHARED = {
    "media_root": "/opt/media",
    "media_data": "/data",
    "media_domain": DOMAIN,
    "media_ipv4_prefix": "10.213.0.0/16",
    "media_ipv6_prefix": "fd6d:6564:6961::/48",
}
PAGES = ("navidrome", "qbittorrent", "miniflux")
NAMES = (*PAGES, "miniflux-database")
#: Who asks for the pages; the house that is the sample here has it without its numbers.
BLACKBOX = {"container": "blackbox", "service": "blackbox", "job": "blackbox", "target": "blackbox:9115"}
BLACKBOX |= {"path": "/metrics", "bearer": ""}
#: What the roles that watch are told, as far as it matters here.
WATCHING = {
    **alert_house.settings(),
    "monitoring_scrape_interval": "30s",
    "monitoring_extra_scrape_configs": [],
    "media_backups": {},
    "media_root": "/opt/media",
    "media_data": "/data",
    "media_project": "media",
    "portal_links": [],
    "portal_sections": [],
    "portal_hidden": [],
}


def worked_out(value: Any) -> Any:
    """Return a value with its templates worked out, as a host that knows the shared variables does."""
    if isinstance(value, dict):
        return {key: worked_out(item) for key, item in value.items()}
    if isinstance(value, list):
        return [worked_out(item) for item in value]
    return Environment(undefined=StrictUndefined).from_string(value).render(SHARED) if isinstance(value, str) else value


EXAMPLES: dict[str, Any] = worked_out(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def declared(**more: Any) -> dict[str, Any]:
    """Return the examples as a role's declaration."""
    return {
        "services": copy.deepcopy(EXAMPLES["media_extra_services"]),
        "secrets": copy.deepcopy(EXAMPLES["media_extra_secrets"]),
        "files": copy.deepcopy(EXAMPLES["media_extra_files"]),
        "networks": {name: {"internal": True} for name in EXAMPLES["media_extra_networks"]},
        **more,
    }


def of_a_person() -> dict[str, Any]:
    """Return what makes the examples a person's own: they are the stack's."""
    own = declared()
    own["networks"] |= {"media": {"internal": True}}
    return {"stack": own}


def built_in() -> dict[str, Any]:
    """Return what makes the same services a role's."""
    return {"stack": {"networks": {"media": {"internal": True}}}, "house": declared()}


def plan(more: dict[str, Any], without: tuple[str, ...] = ()) -> dict[str, Any]:
    found = sample_house.plan(Rules(DOMAIN), without=without, more=more)
    return {**found, "metrics": [*metrics.targets(found["services"], found["networks"]), BLACKBOX]}


def derived(more: dict[str, Any]) -> dict[str, Any]:
    """Return everything that is derived from the declarations, in words that do not tell whose they are."""
    found = plan(more)
    for service in found["services"].values():
        service["labels"] = {key: value for key, value in service["labels"].items() if key != "homelab.media.role"}
    built = sample_house.build(more=more)
    return {
        "services": found["services"],
        "networks": found["networks"],
        "secrets": built.secrets,
        "pages": found["pages"],
        "portal": [asdict(section) for section in portal_cards.sections(found, WATCHING)],
        "picture": asdict(wiring_picture_facts.house(found)),
        "scrapes": monitoring_scrapes.configuration(WATCHING, found),
        "collector": collector.config(found, WATCHING),
        "alerts": alert_rules.text(found, WATCHING),
        "rules": network_guard.rules(found["networks"]),
        "reach": exposure.expected(found["services"], found["networks"]),
        "updates": updates.modes(found["services"]),
        "purge": sorted(removal.purged_paths(purging("navidrome"), built_declarations(more))),
    }


def purging(name: str) -> removal.Removal:
    return removal.Removal("/opt/media", "media", (name,), (name,))


def built_declarations(more: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**role, "services": role.get("services", {})} for role in more.values()]


@pytest.fixture(scope="module")
def house() -> dict[str, Any]:
    return plan(of_a_person())


def test_nothing_is_wrong_with_them() -> None:
    """All problems would be in the list; sample_house.plan asserts that there is none."""
    plan(of_a_person())
    given = {name: EXAMPLES[name] for name in ("media_extra_secrets", "media_extra_networks")}
    assert own_services.problems(given) == []


def test_they_get_all_that_the_same_services_get_as_a_roles_own() -> None:
    own, of_a_role = derived(of_a_person()), derived(built_in())
    assert {part for part in own if own[part] != of_a_role[part]} == set()
    assert all(own.values()), "something is derived of nothing"


def test_the_control_what_is_declared_otherwise_is_derived_otherwise() -> None:
    other = of_a_person()
    other["stack"]["services"]["navidrome"]["x-media"]["web"]["port"] = 4534
    one, two = derived(of_a_person()), derived(other)
    different = {part for part in one if one[part] != two[part]}
    assert {"services", "pages"} <= different


@pytest.mark.parametrize("name", NAMES)
def test_each_container_follows_the_policy(house: dict[str, Any], name: str) -> None:
    service = house["services"][name]
    assert service["restart"] == "unless-stopped"
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "3"}
    declared_limits = EXAMPLES["media_extra_services"][name]["x-media"]["limits"]
    assert (service["mem_limit"], service["cpus"]) == (declared_limits["memory"], declared_limits["cpus"])
    assert service["pids_limit"] == 1024
    assert service["healthcheck"]["start_interval"] == "1s"
    assert service["environment"]["TZ"] == "Etc/UTC"


def test_each_runs_as_the_media_user(house: dict[str, Any]) -> None:
    for name in ("navidrome", "miniflux", "miniflux-database"):
        assert house["services"][name]["user"] == "1000:1000"
    environment = house["services"]["qbittorrent"]["environment"]
    assert {key: environment[key] for key in ("PUID", "PGID", "UMASK")} == {
        "PUID": "1000",
        "PGID": "1000",
        "UMASK": "002",
    }


@pytest.mark.parametrize("name", PAGES)
def test_each_page_wants_two_factors_and_has_a_card_and_a_probe(house: dict[str, Any], name: str) -> None:
    (page,) = [page for page in house["pages"] if page["service"] == name]
    assert (page["names"], page["access"], page["exempt"]) == ([f"{name}.{DOMAIN}"], "two_factor", [])
    cards = [card for section in portal_cards.sections(house, WATCHING) for card in section.cards]
    (card,) = [card for card in cards if card.service == name]
    assert card.url == f"https://{name}.{DOMAIN}/"
    jobs = {job["job_name"]: job for job in monitoring_scrapes.configuration(WATCHING, house)["scrape_configs"]}
    probed = [target for target in jobs["pages"]["static_configs"] if target["labels"]["service"] == name]
    assert [target["targets"] for target in probed] == [[f"https://{name}.{DOMAIN}/"]]


def test_those_that_tell_numbers_are_asked_for_them(house: dict[str, Any]) -> None:
    asked = {item["service"]: item["target"] for item in house["metrics"]}
    assert {name: asked.get(name) for name in NAMES} == {
        "navidrome": "navidrome:4533",
        "miniflux": "miniflux:8080",
        "qbittorrent": None,
        "miniflux-database": None,
    }


def test_all_are_watched_by_the_host(house: dict[str, Any]) -> None:
    told = json.dumps(collector.config(house, WATCHING))
    assert [name for name in NAMES if f'"{name}"' not in told] == []
    assert "ServiceDown" in alert_rules.names(house, WATCHING)


def test_nobody_meets_them_but_whom_they_need(house: dict[str, Any]) -> None:
    neighbours = exposure.expected(house["services"], house["networks"])["neighbours"]
    assert neighbours["miniflux-database"] == ["miniflux"]
    assert neighbours["miniflux"] == ["miniflux-database", "prometheus", "proxy"]
    assert neighbours["navidrome"] == ["prometheus", "proxy"]
    assert house["networks"]["miniflux"]["internal"] is True


def test_the_way_out_is_what_each_declares(house: dict[str, Any]) -> None:
    open_to = {
        name: [network for network in house["services"][name].get("networks", {}) if not _closed(house, network)]
        for name in NAMES
    }
    assert open_to == {
        "navidrome": [],
        "qbittorrent": [],
        "miniflux": ["uplink-miniflux"],
        "miniflux-database": [],
    }


def _closed(house: dict[str, Any], network: str) -> bool:
    return bool(house["networks"][network].get("internal"))


def test_behind_the_vpn_is_a_tenant_of_the_pod(house: dict[str, Any]) -> None:
    tenant, pod = house["services"]["qbittorrent"], house["services"]["vpn-pod"]
    assert tenant["network_mode"] == "service:vpn-pod"
    assert not {"networks", "ports", "dns", "extra_hosts"} & set(tenant)
    assert tenant["depends_on"] == {"vpn-pod": {"condition": "service_healthy"}}
    assert not {"NET_ADMIN", "NET_RAW"} & set(tenant["cap_add"])
    assert "127.0.0.1:8080:8080" in pod["ports"]
    assert "qbittorrent" in pod["networks"]["proxy-qbittorrent"]["aliases"]
    assert updates.modes(house["services"])["qbittorrent"] == "off"


def test_without_the_vpn_it_is_refused_and_not_let_out() -> None:
    built = sample_house.build(Rules(DOMAIN), without=("vpn", "nzbget"), more=of_a_person())
    assert [problem.variable for problem in built.problems] == ["qbittorrent.x-media.egress"]


def test_the_application_waits_for_its_database(house: dict[str, Any]) -> None:
    assert house["services"]["miniflux"]["depends_on"] == {"miniflux-database": {"condition": "service_healthy"}}


def test_the_front_door_tells_who_somebody_is_and_nobody_else_does(house: dict[str, Any]) -> None:
    for name, key in (("navidrome", "ND_EXTAUTH_TRUSTEDSOURCES"), ("miniflux", "TRUSTED_REVERSE_PROXY_NETWORKS")):
        trusted = house["services"][name]["environment"][key]
        assert re.fullmatch(r"10\.213\.\d+\.\d+/32", trusted)
        assert trusted.partition("/")[0] == house["services"]["proxy"]["networks"][f"proxy-{name}"]["ipv4_address"]


def test_with_no_sign_on_before_them_they_believe_nobody() -> None:
    services = plan(of_a_person(), without=("proxy", "authelia", "fail2ban"))["services"]
    assert "ND_EXTAUTH_TRUSTEDSOURCES" not in services["navidrome"]["environment"]
    assert "AUTH_PROXY_HEADER" not in services["miniflux"]["environment"]


def test_no_secret_is_in_a_declaration_and_each_is_made_and_used() -> None:
    text = json.dumps(EXAMPLES["media_extra_files"])
    assert secret_tokens.malformed(text) == []
    assert secret_tokens.names(text) == set(EXAMPLES["media_extra_secrets"])
    assert not secret_tokens.has_token(json.dumps(EXAMPLES["media_extra_services"]))
    for file in EXAMPLES["media_extra_files"]:
        assert (file["secret"], file["owner"], file["mode"]) == (True, "media", "0600")
        folder = f"/opt/media/{file['path'].rpartition('/')[0]}"
        mounts = EXAMPLES["media_extra_services"][file["service"]]["volumes"]
        assert any(mount.startswith(f"{folder}:") and mount.endswith(":ro") for mount in mounts)


def test_the_database_comes_and_goes_with_the_application() -> None:
    services = plan(of_a_person(), without=("miniflux",))["services"]
    assert not {"miniflux", "miniflux-database"} & set(services)
    assert {"navidrome", "qbittorrent"} <= set(services)


@pytest.mark.parametrize("name", NAMES)
def test_the_state_is_below_its_own_folder_and_is_mounted(name: str) -> None:
    service = EXAMPLES["media_extra_services"][name]
    state = service["x-media"].get("state", [])
    assert state in ([f"state/{name}"], []) and (state or name == "miniflux")
    assert all(any(mount.startswith(f"/opt/media/{folder}:") for mount in service["volumes"]) for folder in state)


def test_each_image_is_pinned_and_the_update_bot_finds_it() -> None:
    bot = json.loads((ROOT / "renovate.json").read_text(encoding="utf-8"))
    path = FILE.relative_to(ROOT).as_posix()
    (manager,) = [
        one for one in bot["customManagers"] if any(re.search(p.strip("/"), path) for p in one["managerFilePatterns"])
    ]
    (pattern,) = manager["matchStrings"]
    found = list(re.finditer(pattern.replace("(?<", "(?P<"), FILE.read_text(encoding="utf-8")))
    images = [service["image"] for service in EXAMPLES["media_extra_services"].values()]
    assert [f"{one['depName']}:{one['currentValue']}" for one in found] == images
    assert all(re.match(r"\d+\.\d+", image.rpartition(":")[2]) for image in images)
    rules = [rule for rule in bot["packageRules"] if "lscr.io/linuxserver/qbittorrent" in rule["matchPackageNames"]]
    versions = rules[-1]["versioning"].removeprefix("regex:").replace("(?<", "(?P<")
    assert re.fullmatch(versions, EXAMPLES["media_extra_services"]["qbittorrent"]["image"].rpartition(":")[2])


def test_the_bed_has_every_image_under_its_own_name() -> None:
    there = {image.upstream for image in manifest.load().values()}
    assert {service["image"] for service in EXAMPLES["media_extra_services"].values()} <= there


def test_the_page_of_the_handbook_speaks_of_the_file_and_of_every_key() -> None:
    text = (ROOT / "docs" / "adding-a-service.md").read_text(encoding="utf-8")
    assert "examples/extra_services.yml" in text
    assert all(f"`{name}`" in text for name in EXAMPLES)

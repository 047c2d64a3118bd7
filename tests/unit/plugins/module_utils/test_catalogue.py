from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import catalogue
from ansible_collections.homelab.media.plugins.module_utils.catalogue import Catalogue, Settings
from ansible_collections.homelab.media.plugins.module_utils.identity import Identity
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.policy import Policy

POLICY = Policy(
    Identity("media", "media", 1000, 1000, "002", "Etc/UTC"),
    restart="unless-stopped", log_max_size="10m", log_max_file=3, memory="1g", cpus=2.0, pids=1024,
    stop_grace_period="30s",
)  # fmt: skip
STACK = {"networks": {"media": {"internal": True}}, "path": "/roles/stack"}
SONARR: dict[str, Any] = {
    "services": {
        "sonarr": {
            "image": "lscr.io/linuxserver/sonarr:4",
            "environment": {"MODE": True, "ABSENT": None},
            "secrets": [{"source": "sonarr_key", "target": "key"}, "never_declared"],
            "x-media": {
                "family": "linuxserver",
                "egress": "direct",
                "web": {"port": 8989},
                "health": {"http": "/ping"},
                "talks_to": ["redis"],
                "needs": ["redis"],
            },
        },
    },
    "secrets": {"sonarr_key": {"kind": "hex"}},
    "files": [{"path": "config/sonarr/a", "content": "x", "service": "sonarr"}],
    "path": "/roles/arr",
}
REDIS: dict[str, Any] = {
    "services": {"redis": {"image": "redis:8", "x-media": {"egress": "none"}}},
    "problems": [Problem("redis_x", "is wrong", "right")],
}


def build(services: Any = "all", disabled: tuple[str, ...] = (), ipv6: bool = False, **roles: Any) -> Catalogue:
    declared = {"stack": STACK, "arr": SONARR, "redis": {**REDIS, "problems": []}, **roles}
    settings = Settings("/opt/media", services, disabled, "10.213.0.0/16", ipv6, "fd6d:6564:6961::/48", POLICY)
    return catalogue.build(copy.deepcopy(declared), settings)


def test_the_policy_is_under_every_service() -> None:
    service = build().services["sonarr"]
    assert service["restart"] == "unless-stopped"
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "3"}
    assert (service["mem_limit"], service["cpus"], service["pids_limit"]) == ("1g", 2.0, 1024)
    assert service["labels"]["homelab.media.digest"] == "@@digest:sonarr@@"
    assert "SETUID" in service["cap_add"]
    assert "NET_ADMIN" not in service["cap_add"]


def test_identity_and_plain_values_make_the_environment() -> None:
    assert build().services["sonarr"]["environment"] == {
        "PUID": "1000", "PGID": "1000", "UMASK": "002", "TZ": "Etc/UTC", "MODE": "true",
    }  # fmt: skip


def test_health_is_asked_with_what_the_image_has() -> None:
    test = build().services["sonarr"]["healthcheck"]["test"]
    assert test[:2] == ["CMD", "curl"]
    assert test[-1] == "http://127.0.0.1:8989/ping"


def test_what_a_service_says_itself_wins() -> None:
    own = copy.deepcopy(SONARR)
    own["services"]["sonarr"].update(restart="no", healthcheck={"test": ["CMD", "true"]}, mem_limit="2g")
    service = build(arr=own).services["sonarr"]
    assert (service["restart"], service["mem_limit"]) == ("no", "2g")
    assert service["healthcheck"] == {"test": ["CMD", "true"]}


def test_needs_become_the_start_order() -> None:
    assert build().services["sonarr"]["depends_on"] == {"redis": {"condition": "service_started"}}


def test_a_secret_that_is_not_called_for_is_not_mounted() -> None:
    built = build()
    assert built.services["sonarr"]["secrets"] == [{"source": "sonarr_key", "target": "key"}]
    assert built.fragments("/opt/media")["arr"]["secrets"] == {"sonarr_key": {"file": "/opt/media/secrets/sonarr_key"}}


def test_each_role_has_a_fragment_with_what_its_services_use() -> None:
    fragments = build().fragments("/opt/media")
    assert set(fragments) == {"arr", "redis"}
    assert set(fragments["arr"]["networks"]) == {"uplink-sonarr", "proxy-sonarr", "media"}
    # In one fragment alone, although redis is on it too.
    assert "networks" not in fragments["redis"]
    assert fragments["redis"]["services"]["redis"]["networks"] == {"media": {}}


def test_a_fragment_does_not_follow_the_order_of_the_roles() -> None:
    roles = {"stack": STACK, "arr": SONARR, "redis": {**REDIS, "problems": []}}
    settings = Settings("/opt/media", "all", (), "10.213.0.0/16", False, "fd6d:6564:6961::/48", POLICY)
    one, other = (
        catalogue.build(copy.deepcopy({name: roles[name] for name in order}), settings).fragments("/opt/media")
        for order in (["stack", "arr", "redis"], ["redis", "stack", "arr"])
    )
    assert one == other


def test_a_service_that_is_off_takes_its_files_and_problems_along() -> None:
    wrong = build(redis=REDIS)
    assert [problem.variable for problem in wrong.problems] == ["redis_x"]
    without = build(services=["redis"], arr=SONARR)
    assert set(without.services) == {"redis"}
    off = copy.deepcopy(SONARR)
    del off["services"]["sonarr"]["x-media"]["needs"], off["services"]["sonarr"]["x-media"]["talks_to"]
    assert build(disabled=("redis",), arr=off, redis=REDIS).problems == []


def test_ipv6_gives_every_network_a_prefix_that_does_not_wander() -> None:
    first, second = build(ipv6=True), build(ipv6=True)
    subnets = [network["ipam"]["config"][1]["subnet"] for network in first.networks.values()]
    assert subnets == [network["ipam"]["config"][1]["subnet"] for network in second.networks.values()]
    assert len(set(subnets)) == 3
    assert all(subnet.startswith("fd6d:6564:6961:") and subnet.endswith("/64") for subnet in subnets)
    assert len(build().networks["proxy-sonarr"]["ipam"]["config"]) == 1


def test_services_that_wait_for_each_other_are_told() -> None:
    around = copy.deepcopy(REDIS)
    around["services"]["redis"]["depends_on"] = ["sonarr"]
    around["problems"] = []
    (problem,) = build(redis=around).problems
    assert (problem.variable, problem.reason) == (
        "redis.x-media.needs",
        "goes round in a circle: redis -> sonarr -> redis",
    )


def test_a_restart_policy_is_one_that_the_engine_knows() -> None:
    # What YAML makes of a bare no.
    wrong = copy.deepcopy(REDIS)
    wrong["services"]["redis"]["restart"] = False
    assert "redis.restart" in [problem.variable for problem in build(redis=wrong).problems]
    wrong["services"]["redis"]["restart"] = "on-failure:3"
    assert "redis.restart" not in [problem.variable for problem in build(redis=wrong).problems]


def test_the_fingerprint_follows_the_declaration_and_its_networks() -> None:
    base = build().fingerprint("sonarr")
    assert build().fingerprint("sonarr") == base
    other = copy.deepcopy(SONARR)
    other["services"]["sonarr"]["image"] = "lscr.io/linuxserver/sonarr:5"
    assert build(arr=other).fingerprint("sonarr") != base
    assert build(ipv6=True).fingerprint("sonarr") != base


def test_problems_of_all_kinds_are_listed_together() -> None:
    bad = {
        "services": {
            "Bad_Name": {"image": "x"},
            "one": {"x-media": {"egres": "vpn"}},
            "two": {"image": "x", "x-media": {"egress": "vnp", "web": {"port": 0}}},
        },
        "surplus": 1,
    }
    assert sorted(problem.variable for problem in build(mine=bad).problems) == [
        "Bad_Name", "mine.surplus", "one.image", "one.x-media.egres", "two.x-media.egress", "two.x-media.web.port",
    ]  # fmt: skip


def test_one_name_is_one_service() -> None:
    found = build(other=REDIS | {"problems": []}).problems
    assert [problem.reason for problem in found] == ["is declared by redis and by other"]


def test_an_unknown_network_is_a_problem() -> None:
    mine = {"services": {"mine": {"image": "x", "networks": ["nowhere"]}}}
    assert [problem.variable for problem in build(mine=mine).problems] == ["mine.networks"]


def test_a_service_without_any_relation_has_no_network() -> None:
    alone = {"services": {"alone": {"image": "x", "x-media": {"egress": "none"}}}}
    service = build(mine=alone).services["alone"]
    assert service["network_mode"] == "none"
    assert "networks" not in service


def test_the_forms_that_compose_knows_are_brought_to_one() -> None:
    mine = {
        "services": {
            "mine": {
                "image": "x",
                "environment": ["A=1", "B="],
                "labels": ["com.example=yes"],
                "depends_on": ["redis"],
                "networks": ["media"],
                "hostname": None,
                "x-media": {"egress": "none", "web": None},
            }
        }
    }
    service = build(mine=mine).services["mine"]
    assert service["environment"] == {"TZ": "Etc/UTC", "A": "1", "B": ""}
    assert service["labels"]["com.example"] == "yes"
    assert service["depends_on"] == {"redis": {"condition": "service_started"}}
    assert service["networks"] == {"media": {}}
    assert "hostname" not in service


@pytest.mark.parametrize(
    ("service", "variable"),
    [
        ({"imgae": "x"}, "mine.imgae"),
        ({"image": ["x"]}, "mine.image"),
        ({"ports": 80}, "mine.ports"),
        ({"ports": [None]}, "mine.ports"),
        ({"environment": "A=1"}, "mine.environment"),
        ({"x-media": {"family": "linuxservr"}}, "mine.x-media.family"),
        ({"x-media": {"health": {"http": "/"}, "web": {"port": 80}}}, "mine.x-media.health"),
        ({"x-media": {"family": "hotio", "health": {"http": "/"}}}, "mine.x-media.health"),
        ({"x-media": {"limits": {"memory": "much"}}}, "mine.x-media.limits.memory"),
        ({"x-media": {"limits": {"cpus": "abc"}}}, "mine.x-media.limits.cpus"),
        ({"x-media": {"needs": ["mine"]}}, "mine.x-media.needs"),
        ({"x-media": {"state": [5]}}, "mine.x-media.state"),
    ],
)
def test_what_is_no_service_is_told_by_its_key(service: dict[str, Any], variable: str) -> None:
    found = build(mine={"services": {"mine": {"image": "x", **service}}}).problems
    assert variable in [problem.variable for problem in found]


@pytest.mark.parametrize(
    "item",
    [
        "text",
        {"content": "x"},
        {"path": "a"},
        {"path": "a", "content": "x", "template": "y"},
        {"path": "a", "content": "x", "mode": 420},
        {"path": "a", "content": "x", "owner": "nobody"},
        {"path": "a", "content": "x", "service": "nowhere"},
        {"path": "a", "content": "x", "contents": "y"},
    ],
)
def test_what_is_no_file_is_told(item: Any) -> None:
    assert len(build(mine={"files": [item]}).problems) == 1


def test_services_are_chosen_by_name() -> None:
    assert [problem.variable for problem in build(services=[{"name": "redis"}]).problems] == ["media_services"]


def test_what_was_declared_is_not_changed_by_compiling_it() -> None:
    declared = {"stack": copy.deepcopy(STACK), "redis": {"services": copy.deepcopy(REDIS["services"])}}
    before = copy.deepcopy(declared)
    catalogue.build(declared, Settings("/opt/media", "all", (), "10.213.0.0/16", True, "fd6d:6564:6961::/48", POLICY))
    assert declared == before

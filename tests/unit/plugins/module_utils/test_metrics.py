# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who tells numbers, by which network, and who tells those of services that tell none."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import addressing, catalogue, metrics
from ansible_collections.homelab.media.plugins.module_utils.catalogue import Catalogue, Settings
from ansible_collections.homelab.media.plugins.module_utils.front_door import Rules
from ansible_collections.homelab.media.plugins.module_utils.identity import Identity
from ansible_collections.homelab.media.plugins.module_utils.policy import Policy

POLICY = Policy(
    Identity("media", "media", 1000, 1000, "002", "Etc/UTC"),
    restart="unless-stopped", log_max_size="10m", log_max_file=3, memory="1g", cpus=2.0, pids=1024,
    stop_grace_period="30s",
)  # fmt: skip
EXPORTARR = {
    "image": "exportarr:2",
    "command": ["{kind}"],
    "environment": {"URL": "http://{service}:{port}{path}", "KEY": "/run/secrets/{api.key}", "OTHER": "{unknown} {}"},
    "secrets": ["{api.key}"],
    "networks": {"monitoring": {}},
    "x-media": {"egress": "none", "metrics": {"port": 9707}},
}
SONARR = {
    "image": "sonarr:4",
    "x-media": {
        "egress": "none",
        "web": {"port": 8989, "path": "/tv"},
        "api": {"kind": "sonarr", "key": "sonarr_api_key"},
        "metrics": {"exporter": "exportarr"},
    },
}
PROMETHEUS = {
    "image": "prometheus:3",
    "networks": {"monitoring": {}},
    "x-media": {"egress": "none", "api": {"kind": "prometheus"}, "metrics": {"port": 9090}},
}
ROLES: dict[str, Any] = {
    "stack": {"networks": {"media": {"internal": True}}, "path": "/roles/stack"},
    "arr": {
        "services": {"sonarr": SONARR},
        "secrets": {"sonarr_api_key": {"kind": "hex"}},
        "path": "/roles/arr",
    },
    "monitoring": {
        "exporters": {"exportarr": EXPORTARR},
        "networks": {"monitoring": {"internal": True}},
        "services": {
            "prometheus": PROMETHEUS,
            "node-exporter": {
                "image": "node:1",
                "network_mode": "host",
                "command": ["--web.listen-address=@@gateway:metrics-node-exporter@@:9100"],
                "x-media": {"part_of": "prometheus", "metrics": {"port": 9100, "job": "node"}},
            },
        },
        "path": "/roles/monitoring",
    },
    "own": {
        "services": {
            "tells": {"image": "own:1", "x-media": {"egress": "none", "metrics": {"port": 80, "path": "/m"}}},
        },
        "path": "/roles/own",
    },
}


def build(roles: dict[str, Any] | None = None, disabled: tuple[str, ...] = (), ipv6: bool = False) -> Catalogue:
    prefixes = ("10.213.0.0/16", ipv6, "fd6d:6564:6961::/48")
    settings = Settings("/opt/media", "all", disabled, *prefixes, POLICY, Rules(domain="media.test"))
    built = catalogue.build(copy.deepcopy(roles or ROLES), settings)
    assert built.problems == []
    return built


def test_an_exporter_is_made_for_each_service_that_asks_for_one() -> None:
    built = build()
    exporter = built.services["exportarr-sonarr"]
    assert built.roles["exportarr-sonarr"] == "monitoring"
    assert exporter["command"] == ["sonarr"]
    assert exporter["environment"]["URL"] == "http://sonarr:8989/tv"
    assert exporter["environment"]["KEY"] == "/run/secrets/sonarr_api_key"
    assert exporter["environment"]["OTHER"] == "{unknown} {}"
    assert exporter["secrets"] == ["sonarr_api_key"]
    assert set(exporter["networks"]) == {"metrics-sonarr", "monitoring"}
    assert "metrics-sonarr" in built.services["sonarr"]["networks"]
    assert exporter["labels"]["homelab.media.service"] == "sonarr", "it is switched off with it"
    assert "exportarr-sonarr" in built.fragments("/opt/media")["monitoring"]["services"]


@pytest.mark.parametrize("off", ["sonarr", "prometheus"])
def test_no_exporter_without_its_service_or_without_somebody_who_asks(off: str) -> None:
    built = build(disabled=(off,))
    assert "exportarr-sonarr" not in built.services
    assert not any("metrics-sonarr" in (service.get("networks") or {}) for service in built.services.values())


def test_where_the_numbers_are() -> None:
    built = build()
    found = {item["container"]: item for item in metrics.targets(built.services, built.networks)}
    assert found["exportarr-sonarr"]["target"] == "exportarr-sonarr:9707"
    assert (found["exportarr-sonarr"]["job"], found["exportarr-sonarr"]["service"]) == ("exportarr", "sonarr")
    assert found["prometheus"]["target"] == "localhost:9090"
    assert (found["tells"]["target"], found["tells"]["path"], found["tells"]["job"]) == ("tells:80", "/m", "tells")
    assert found["node-exporter"]["job"] == "node"
    host, _colon, port = found["node-exporter"]["target"].rpartition(":")
    assert built.services["node-exporter"]["command"] == [f"--web.listen-address={host}:{port}"]
    assert host == addressing.gateway(built.networks["metrics-node-exporter"])
    assert metrics.targets(build(disabled=("prometheus",)).services, {}) == []


def test_each_is_asked_on_a_network_of_its_own() -> None:
    built = build()
    assert set(built.services["prometheus"]["networks"]) == {"monitoring", "metrics-tells", "metrics-node-exporter"}
    assert set(built.services["tells"]["networks"]) == {"metrics-tells"}
    assert all(built.networks[name]["internal"] for name in built.services["prometheus"]["networks"])
    assert "networks" not in built.services["node-exporter"]


def test_an_exporter_of_no_known_kind_is_refused() -> None:
    roles = copy.deepcopy(ROLES)
    roles["arr"]["services"]["sonarr"]["x-media"]["metrics"] = {"exporter": "exportar"}
    settings = Settings("/opt/media", "all", (), "10.213.0.0/16", False, "fd6d:6564:6961::/48", POLICY)
    problems = catalogue.build(roles, settings).problems
    assert [problem.variable for problem in problems] == ["sonarr.x-media.metrics.exporter"]
    assert "exportarr" in problems[0].expected


def test_a_token_of_no_network_is_refused() -> None:
    roles = copy.deepcopy(ROLES)
    roles["own"]["services"]["tells"]["environment"] = {"TRUST": "@@door:proxy-nowhere@@"}
    settings = Settings("/opt/media", "all", (), "10.213.0.0/16", False, "fd6d:6564:6961::/48", POLICY)
    problems = catalogue.build(roles, settings).problems
    assert [(problem.variable, "proxy-nowhere" in problem.reason) for problem in problems] == [("tells", True)]


@pytest.mark.parametrize(
    "wrong", [{}, {"port": 1, "exporter": "redis"}, {"port": "none"}, {"exporter": 5}, {"ports": 1}]
)
def test_numbers_come_from_the_service_or_from_an_exporter(wrong: dict[str, Any]) -> None:
    roles = copy.deepcopy(ROLES)
    roles["own"]["services"]["tells"]["x-media"]["metrics"] = wrong
    settings = Settings("/opt/media", "all", (), "10.213.0.0/16", False, "fd6d:6564:6961::/48", POLICY)
    problems = catalogue.build(roles, settings).problems
    assert problems
    assert all(problem.variable.startswith("tells.x-media.metrics") for problem in problems)

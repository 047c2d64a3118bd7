# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus, what tells it of the host, and the exporters: as they are declared, and as the catalogue makes them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import (
    addressing,
    monitoring,
    monitoring_checks,
    monitoring_exporters,
    monitoring_pages,
    monitoring_scrapes,
    preflight,
)
from ansible_collections.homelab.media.plugins.module_utils.declaration import declaration_problems
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError

from tests.contract.monitoring_house import SETTINGS, page, plan, target
from tests.unit import sample_house

NETWORK = {"monitoring": {"internal": True}}


def declaration(**more: Any) -> dict[str, Any]:
    settings = {**SETTINGS, **more}
    return {
        "services": monitoring.services(settings),
        "exporters": monitoring_exporters.exporters(settings),
        "files": monitoring.files(settings),
    }


def built(without: tuple[str, ...] = (), **more: Any) -> Any:
    """Return the catalogue of a house with this role in it."""
    redis = sample_house.roles()["authelia"]
    redis["services"]["authelia-redis"]["x-media"]["api"] = {"kind": "redis", "password": "authelia_redis_password"}
    redis["secrets"] = {"authelia_redis_password": {"kind": "alnum"}}
    roles = {"monitoring": {**declaration(**more), "networks": NETWORK}, "authelia": redis}
    made = sample_house.build(without=without, more=roles)
    assert made.problems == []
    return made


def test_what_is_declared_is_well_formed() -> None:
    assert declaration_problems("monitoring", declaration()) == []
    assert monitoring_checks.problems(SETTINGS) == []


def test_everybody_is_bounded_in_memory_and_those_in_go_know_it() -> None:
    made = built()
    for name, service in made.services.items():
        if made.roles[name] == "monitoring":
            bound = monitoring._SIZE.fullmatch(service["mem_limit"])
            assert bound, name
            limit = float(bound[1]) * 1024**2
            assert 0.8 * limit < int(service["environment"]["GOMEMLIMIT"].removesuffix("B")) < 0.95 * limit, name
    command = made.services["prometheus"]["command"]
    assert {"--storage.tsdb.retention.time=30d", "--storage.tsdb.retention.size=5GB"} <= set(command)


@pytest.mark.parametrize(
    ("size", "bytes_"), [("512m", 483183820), ("1g", 966367641), ("1.5G", 1449551462), ("x", None)]
)
def test_the_bound_that_a_program_knows_is_below_its_containers(size: str, bytes_: int | None) -> None:
    assert monitoring.go(size) == ({"GOMEMLIMIT": f"{bytes_}B"} if bytes_ else {})


def test_the_host_tells_its_numbers_on_one_address_to_prometheus_alone() -> None:
    made = built()
    node, network = made.services["node-exporter"], made.networks["metrics-node-exporter"]
    address = addressing.gateway(network)
    assert f"--web.listen-address={address}:9100" in node["command"]
    assert node["healthcheck"]["test"][-1] == f"http://{address}:9100/"
    assert (node["network_mode"], node["pid"]) == ("host", "host")
    on_it = [name for name, service in made.services.items() if "metrics-node-exporter" in service.get("networks", {})]
    assert (on_it, network["internal"]) == (["prometheus"], True)


def test_only_prometheus_has_a_way_out_and_a_port_on_the_host() -> None:
    made = built()
    own = {name: service for name, service in made.services.items() if made.roles[name] == "monitoring"}
    assert [name for name, service in own.items() if service.get("ports")] == ["prometheus"]
    open_to = {
        name: [n for n in service.get("networks", {}) if not made.networks[n].get("internal")]
        for name, service in own.items()
    }
    assert {name: found for name, found in open_to.items() if found} == {"prometheus": ["uplink-prometheus"]}
    assert own["prometheus"]["ports"] == ["127.0.0.1:9090:9090"]
    assert built(monitoring_prometheus_port=9191).services["prometheus"]["ports"] == ["127.0.0.1:9191:9090"]


def test_nobody_has_rights_but_cadvisor_which_has_one_for_the_kernels_log() -> None:
    made = built()
    own = {name: service for name, service in made.services.items() if made.roles[name] == "monitoring"}
    assert not any(service.get("cap_add") for service in own.values())
    preflight.fit(own["cadvisor"], {"cpus": 4, "devices": {"dri": False, "kmsg": True}})
    assert (own["cadvisor"]["cap_add"], own["cadvisor"]["devices"]) == (["SYSLOG"], ["/dev/kmsg:/dev/kmsg:r"])
    assert all(service["cap_drop"] == ["ALL"] and service["read_only"] for service in own.values())
    assert not any("privileged" in service for service in own.values())
    assert [
        name for name, service in own.items() if service.get("user") != "1000:1000" and "exportarr" not in name
    ] == ["cadvisor"]
    for said, kmsg in ((False, True), (True, False)):
        quiet = built(monitoring_cadvisor_kernel_log=said).services["cadvisor"]
        preflight.fit(quiet, {"cpus": 4, "devices": {"dri": False, "kmsg": kmsg}})
        assert "cap_add" not in quiet and "devices" not in quiet


def test_there_is_an_exporter_for_each_application_and_redis_and_it_opens_them_by_a_file() -> None:
    made = built()
    sonarr, redis = made.services["exportarr-sonarr-4k"], made.services["redis-authelia-redis"]
    assert (sonarr["command"], sonarr["environment"]["URL"]) == (["sonarr"], "http://sonarr-4k:8989")
    # The secret itself is nowhere that others may read: not in an environment, not among arguments.
    assert redis["environment"]["REDIS_PASSWORD_FILE"] == "/etc/redis-exporter/passwords.json"
    assert redis["environment"]["REDIS_ADDR"] == "redis://authelia-redis:6379"
    assert redis["volumes"] == ["/opt/media/config/redis-exporter:/etc/redis-exporter:ro"]
    assert redis["secrets"] == ["authelia_redis_password"]


def test_what_an_exporter_of_redis_is_given_is_a_token_by_address() -> None:
    passwords = monitoring_exporters.redis_passwords(built().services)
    assert passwords == {"redis://authelia-redis:6379": "@@secret:authelia_redis_password:json@@"}
    without = {"cache": {"x-media": {"metrics": {"exporter": "redis"}}}, "other": {}}
    assert monitoring_exporters.redis_passwords(without) == {"redis://cache:6379": ""}


def test_without_prometheus_nothing_of_it_is_there() -> None:
    assert [name for name, role in built(("prometheus",)).roles.items() if role == "monitoring"] == []


@pytest.mark.parametrize(
    ("more", "address"),
    [
        ({}, ["--web.external-url=https://prometheus.media.test/"]),
        ({"media_names": {"prometheus": "numbers"}}, ["--web.external-url=https://numbers.media.test/"]),
        ({"media_names": {"prometheus": ["a.example.org", "b"]}}, ["--web.external-url=https://a.example.org/"]),
        ({"media_domain": ""}, []),
    ],
)
def test_prometheus_knows_the_address_of_its_page(more: dict[str, Any], address: list[str]) -> None:
    command = monitoring.services({**SETTINGS, **more})["prometheus"]["command"]
    assert [word for word in command if word.startswith("--web.external-url")] == address


def test_the_probes_see_the_authoritys_folder_only_where_there_is_one() -> None:
    def mounts(kind: str) -> list[str]:
        found: list[str] = monitoring.services({**SETTINGS, "proxy_certificate": kind})["blackbox"]["volumes"]
        return found

    assert "/opt/media/config/proxy:/etc/authority:ro" in mounts("self_signed")
    assert not [mount for mount in mounts("letsencrypt") if "proxy" in mount]
    text = str(monitoring_pages.configuration({**SETTINGS, "proxy_certificate": "letsencrypt"}, plan()))
    assert "ca_file" not in text


@pytest.mark.parametrize(
    ("access", "probe"),
    [
        ("two_factor", "protected"),
        ("one_factor", "protected"),
        ("bypass", "open"),
        ("portal", "portal"),
        ("deny", "closed"),
        # What nobody thought of is asked as what is shut.
        ("another", "protected"),
    ],
)
def test_each_access_has_its_probe(access: str, probe: str) -> None:
    assert monitoring_pages.probe_of(page("x", access)) == probe
    assert probe in monitoring_pages.configuration(SETTINGS, plan())["modules"]


def test_without_a_sign_on_a_redirect_is_no_refusal() -> None:
    probes = monitoring_pages.configuration(SETTINGS, plan(sign_on={}))["modules"]
    assert probes["protected"]["http"]["valid_status_codes"] == [401, 403]


def jobs(**more: Any) -> dict[str, Any]:
    found = monitoring_scrapes.configuration(SETTINGS, plan(**more))["scrape_configs"]
    return {job["job_name"]: job for job in found}


def test_there_is_one_job_of_each_kind_and_a_label_for_whom_it_is_about() -> None:
    found = jobs()
    assert [(entry["targets"], entry["labels"]) for entry in found["exportarr"]["static_configs"]] == [
        (["exportarr-sonarr:9707"], {"service": "sonarr"}),
        (["exportarr-sonarr-4k:9707"], {"service": "sonarr-4k"}),
    ]
    assert found["watcher"]["static_configs"][0]["labels"]["__metrics_path__"] == "/v1/metrics"
    assert [name for name, job in found.items() if job.get("honor_labels")] == ["node-exporter"]
    assert all("sample_limit" in job and "body_size_limit" in job for job in found.values())


def test_every_published_name_is_asked_for_and_only_where_somebody_asks() -> None:
    many = page("plex", "bypass", "plex.media.test", "tv.media.test", path="/web/")
    (plex, nas) = jobs(pages=[many, page("", "deny", "nas.media.test")])["pages"]["static_configs"][::2]
    assert plex["targets"] == ["https://plex.media.test/web/"]
    assert plex["labels"] == {"service": "plex", "access": "bypass", "__param_module": "open"}
    assert nas["labels"]["service"] == "nas.media.test"
    assert "pages" not in jobs(pages=[])
    assert "pages" not in jobs(metrics=[target("prometheus", "localhost:9090")])


def test_alerts_are_told_only_where_there_is_an_alertmanager() -> None:
    found = monitoring_scrapes.configuration(SETTINGS, plan())
    assert found["alerting"]["alertmanagers"][0]["static_configs"] == [{"targets": ["alertmanager:9093"]}]
    alone = monitoring_scrapes.configuration(SETTINGS, plan(metrics=[target("prometheus", "localhost:9090")]))
    assert "alerting" not in alone


def test_a_job_of_ones_own_comes_last_and_may_not_take_a_name() -> None:
    extra = [{"job_name": "nas", "static_configs": [{"targets": ["192.168.1.5:9100"]}]}]
    settings = {**SETTINGS, "monitoring_extra_scrape_configs": extra}
    assert monitoring_scrapes.configuration(settings, plan())["scrape_configs"][-1] == extra[0]
    extra[0]["job_name"] = "pages"
    with pytest.raises(MediaError, match=r"monitoring_extra_scrape_configs\[0\]\.job_name: is 'pages'"):
        monitoring_scrapes.configuration(settings, plan())


def test_what_is_expected_is_what_is_asked_but_for_other_machines() -> None:
    found = monitoring_scrapes.expected(SETTINGS, plan())
    asked = {entry["targets"][0] for job in jobs().values() for entry in job["static_configs"]}
    named = {entry["target"] for entry in found["targets"]} | {entry["address"] for entry in found["pages"]}
    assert asked - named == {"https://nas.media.test/"}
    assert named <= asked
    assert (found["alertmanager"], found["grafana"]) == (True, {})
    seen = monitoring_scrapes.expected(SETTINGS, plan(services={"grafana": {}}))["grafana"]
    assert seen["password_file"] == "/opt/media/secrets/grafana_admin_password"
    assert monitoring_scrapes.expected(SETTINGS, plan(metrics=[]))["pages"] == []


@pytest.mark.parametrize(
    ("more", "variables"),
    [
        ({"monitoring_retention_time": 30}, ["monitoring_retention_time"]),
        ({"monitoring_retention_time": "30 days"}, ["monitoring_retention_time"]),
        ({"monitoring_retention_time": "0d"}, ["monitoring_retention_time"]),
        ({"monitoring_retention_size": "5 GB"}, ["monitoring_retention_size"]),
        # Prometheus takes it for "without a bound".
        ({"monitoring_retention_size": "0GB"}, ["monitoring_retention_size"]),
        ({"monitoring_scrape_interval": "5s"}, ["monitoring_scrape_interval"]),
        ({"monitoring_scrape_interval": "3m"}, ["monitoring_scrape_interval"]),
        ({"monitoring_scrape_interval": 30}, ["monitoring_scrape_interval"]),
        ({"monitoring_prometheus_port": 99999}, ["monitoring_prometheus_port"]),
        ({"monitoring_extra_scrape_configs": {}}, ["monitoring_extra_scrape_configs"]),
        (
            {
                "monitoring_extra_scrape_configs": [
                    "nas",
                    {"static_configs": []},
                    {"job_name": "a"},
                    {"job_name": "a", "http_sd_configs": []},
                ]
            },
            [
                "monitoring_extra_scrape_configs[0]",
                "monitoring_extra_scrape_configs[1]",
                "monitoring_extra_scrape_configs[2]",
                "monitoring_extra_scrape_configs[3].job_name",
            ],
        ),
    ],
)
def test_what_cannot_work_is_told_by_its_variable(more: dict[str, Any], variables: list[str]) -> None:
    problems = monitoring_checks.problems({**SETTINGS, **more})
    assert [problem.variable for problem in problems] == variables
    assert all(problem.expected for problem in problems)


@pytest.mark.parametrize(
    "more",
    [
        {"monitoring_retention_time": "1y"},
        {"monitoring_retention_time": "1w2d"},
        {"monitoring_retention_size": "500MB"},
        {"monitoring_scrape_interval": "1m30s"},
    ],
)
def test_what_prometheus_takes_is_taken(more: dict[str, Any]) -> None:
    assert monitoring_checks.problems({**SETTINGS, **more}) == []


def test_no_problem_repeats_what_may_be_a_secret() -> None:
    job = {"basic_auth": {"password": "s3cr3t"}}
    problems = monitoring_checks.problems({**SETTINGS, "monitoring_extra_scrape_configs": [job]})
    assert problems and not re.search("s3cr3t", str(problems))

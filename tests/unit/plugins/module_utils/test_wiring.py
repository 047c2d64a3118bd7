from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import wiring

NETWORKS = {"proxy-nzbget": {"internal": True}, "media": {"internal": True}, "open": {}, "vpn": {}}


def pod() -> dict[str, Any]:
    return {
        "vpn-pod": {"image": "gluetun", "networks": {"vpn": {}}, "x-media": {"part_of": "vpn", "egress": "pod"}},
        "vpn": {"image": "gluetun", "network_mode": "service:vpn-pod", "x-media": {"listens": [8000, 9999]}},
    }


def nzbget(**more: Any) -> dict[str, Any]:
    return {"image": "nzbget", "x-media": {"egress": "vpn", "web": {"port": 6789}}, **more}


def joined(services: dict[str, Any]) -> dict[str, Any]:
    done, problems = wiring.join_pod(wiring.publish(wiring.attach(services)), NETWORKS)
    assert problems == []
    return done


def problems(services: dict[str, Any]) -> list[str]:
    done, found = wiring.join_pod(wiring.publish(wiring.attach(services)), NETWORKS)
    found = [*wiring.intruders(services), *found]
    return [f"{problem.variable}: {problem.reason}" for problem in [*found, *wiring.host_port_problems(done)]]


def test_a_tenant_gives_the_pod_all_that_a_namespace_owns() -> None:
    services = joined({**pod(), "nzbget": nzbget(hostname="nzbget", dns=["1.1.1.1"], ports=["6791:6791"])})
    tenant, holder = services["nzbget"], services["vpn-pod"]
    assert tenant["network_mode"] == "service:vpn-pod"
    assert not {"ports", "networks", "hostname", "dns"} & set(tenant)
    assert holder["ports"] == ["6791:6791", "127.0.0.1:6789:6789"]
    assert holder["networks"] == {"vpn": {}, "proxy-nzbget": {"aliases": ["nzbget"]}}


def test_a_tenant_waits_for_the_kill_switch_and_not_for_the_tunnel() -> None:
    tenant = joined({**pod(), "nzbget": nzbget()})["nzbget"]
    assert tenant["depends_on"] == {"vpn-pod": {"condition": "service_healthy"}}


def test_the_pod_never_gets_a_tenants_way_out() -> None:
    holder = joined({**pod(), "nzbget": nzbget()})["vpn-pod"]
    assert not [network for network in holder["networks"] if network.startswith("uplink-")]


def test_what_was_declared_is_not_changed() -> None:
    services = {**pod(), "nzbget": nzbget(ports=["6791:6791"])}
    before = copy.deepcopy(services)
    joined(services)
    assert services == before


def test_networks_follow_the_declared_relations() -> None:
    services = wiring.attach(
        {
            "sonarr": {"x-media": {"web": {"port": 8989}, "egress": "direct", "talks_to": ["redis"]}},
            "redis": {"x-media": {"egress": "none"}},
            "alone": {"x-media": {"egress": "none"}},
            "plex": {"network_mode": "host", "x-media": {"web": {"port": 32400}}},
        }
    )
    assert set(services["sonarr"]["networks"]) == {"proxy-sonarr", "media", "uplink-sonarr"}
    assert set(services["redis"]["networks"]) == {"media"}
    assert services["alone"]["networks"] == {}
    assert "networks" not in services["plex"]


def test_a_tenant_without_a_vpn_is_a_problem() -> None:
    assert problems({"nzbget": nzbget()}) == ["nzbget.x-media.egress: is vpn, but no VPN is on"]


@pytest.mark.parametrize(
    ("more", "variable"),
    [
        ({"cap_add": ["NET_ADMIN"]}, "nzbget.cap_add"),
        ({"cap_add": ["cap_net_raw"]}, "nzbget.cap_add"),
        ({"privileged": True}, "nzbget.privileged"),
        ({"network_mode": "host"}, "nzbget.network_mode"),
        ({"cap_drop": ["MKNOD"]}, "nzbget.cap_drop"),
        ({"security_opt": ["seccomp=unconfined"]}, "nzbget.security_opt"),
        ({"devices": ["/dev/net/tun"]}, "nzbget.devices"),
        ({"pid": "host"}, "nzbget.pid"),
        ({"networks": {"open": {}}}, "nzbget.networks"),
        ({"x-media": {"egress": "vpn", "family": "gluetun"}}, "nzbget.cap_add"),
    ],
)
def test_a_tenant_may_not_have_what_would_let_it_out(more: dict[str, Any], variable: str) -> None:
    assert [problem.split(":")[0] for problem in problems({**pod(), "nzbget": nzbget(**more)})] == [variable]


@pytest.mark.parametrize(
    "entry",
    [{"network_mode": "service:vpn-pod"}, {"network_mode": "container:media-vpn-pod-1"}, {"pid": "service:vpn"}],
)
def test_nobody_enters_the_pod_past_the_checks(entry: dict[str, Any]) -> None:
    assert len(problems({**pod(), "mine": {"image": "x", **entry, "x-media": {"egress": "none"}}})) == 1


def test_two_tenants_may_not_listen_on_one_port() -> None:
    found = problems({**pod(), "nzbget": nzbget(), "other": nzbget()})
    assert found[:1] == ["other.x-media.web.port: listens on 6789 in the VPN pod, which nzbget listens on already"]


def test_a_tenant_may_not_take_the_clients_port() -> None:
    service = {"image": "x", "x-media": {"egress": "vpn", "web": {"port": 8000}}}
    assert problems({**pod(), "mine": service}) == [
        "mine.x-media.web.port: listens on 8000 in the VPN pod, which vpn listens on already"
    ]


def test_two_services_may_not_publish_one_port() -> None:
    one = {"image": "x", "x-media": {"egress": "direct", "web": {"port": 8989}}}
    assert problems({"sonarr": one, "sonarr-4k": copy.deepcopy(one)}) == [
        "sonarr-4k.ports: publishes 127.0.0.1:8989/tcp, which sonarr publishes already"
    ]
    apart = {**one, "x-media": {**one["x-media"], "web": {"port": 8989, "loopback": 8990}}}
    assert problems({"sonarr": one, "sonarr-4k": apart}) == []


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("8080:80", [("0.0.0.0", 8080, "tcp")]),
        ("127.0.0.1:8080:80", [("127.0.0.1", 8080, "tcp")]),
        ("53:53/udp", [("0.0.0.0", 53, "udp")]),
        ("80", []),
        ({"target": 80, "published": 8080, "protocol": "tcp"}, [("0.0.0.0", 8080, "tcp")]),
    ],
)
def test_every_form_of_a_published_port_is_read(entry: Any, expected: list[Any]) -> None:
    assert wiring.host_ports({"ports": [entry]}) == expected

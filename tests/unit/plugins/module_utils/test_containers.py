from __future__ import annotations

from dataclasses import replace

from ansible_collections.homelab.media.plugins.module_utils import containers
from ansible_collections.homelab.media.plugins.module_utils.containers import Container, Step, Wanted

POD = Container(
    service="vpn-pod", id="pod", image="gluetun:1", image_id="sha256:g", digest="d1", state="running", health="healthy",
    started_at="2026-01-01T00:00:01Z", network_mode="media_vpn", restarts=0, exit_code=0, last_check="",
    addresses=(), published=(),
)  # fmt: skip
TENANT = replace(
    POD, service="nzbget", id="nzb", image="nzbget:1", image_id="sha256:n", digest="d2",
    started_at="2026-01-01T00:00:02Z", network_mode="container:pod",
)  # fmt: skip
WANTED = {"vpn-pod": Wanted("d1", "gluetun:1"), "nzbget": Wanted("d2", "nzbget:1")}
IMAGES = {"gluetun:1": "sha256:g", "nzbget:1": "sha256:n"}


def steps(
    *seen: Container,
    wanted: dict[str, Wanted] | None = None,
    images: dict[str, str] | None = None,
    whole: bool = True,
) -> list[tuple[str, str]]:
    by_name = {container.service: container for container in seen}
    plan = containers.plan(WANTED if wanted is None else wanted, by_name, IMAGES if images is None else images, whole)
    return [(step.service, step.action) for step in plan]


def test_what_is_as_wanted_is_left_alone() -> None:
    assert steps(POD, TENANT) == []


def test_what_is_not_there_is_created() -> None:
    assert steps() == [("nzbget", "create"), ("vpn-pod", "create")]


def test_another_digest_recreates() -> None:
    assert steps(POD, replace(TENANT, digest="old")) == [("nzbget", "recreate")]


def test_a_moved_tag_recreates() -> None:
    assert steps(POD, TENANT, images={**IMAGES, "nzbget:1": "sha256:new"}) == [("nzbget", "recreate")]


def test_an_image_that_is_gone_from_the_host_is_no_reason() -> None:
    assert steps(POD, TENANT, images={}) == []


def test_a_renewed_namespace_takes_its_tenants_along() -> None:
    assert steps(replace(POD, digest="old"), TENANT) == [("vpn-pod", "recreate"), ("nzbget", "recreate")]
    assert steps(replace(POD, id="another"), TENANT) == [("nzbget", "recreate")]


def test_a_tenant_that_was_left_behind_rejoins() -> None:
    assert steps(replace(POD, started_at="2026-01-01T00:00:03Z"), TENANT) == [("nzbget", "rejoin")]


def test_what_stopped_is_started() -> None:
    assert steps(POD, replace(TENANT, state="exited")) == [("nzbget", "start")]


def test_only_a_whole_run_removes_what_is_not_declared() -> None:
    assert steps(POD, TENANT, wanted={"vpn-pod": WANTED["vpn-pod"]}) == [("nzbget", "remove")]
    assert steps(POD, TENANT, wanted={"vpn-pod": WANTED["vpn-pod"]}, whole=False) == []


def test_the_reason_is_told() -> None:
    plan = containers.plan(WANTED, {"vpn-pod": POD}, IMAGES, True)
    assert plan == [Step("nzbget", "create", "there is no container")]


def test_touched_names_what_is_another_container_or_started_anew() -> None:
    before = {"vpn-pod": POD, "nzbget": TENANT}
    assert containers.touched(before, before) == []
    assert containers.touched(before, {"vpn-pod": POD, "nzbget": replace(TENANT, id="new")}) == ["nzbget"]
    assert containers.touched(before, {"vpn-pod": replace(POD, started_at="2026-02-01"), "nzbget": TENANT}) == [
        "vpn-pod"
    ]
    assert containers.touched(before, {"vpn-pod": POD}) == ["nzbget"]


def test_image_names_are_compared_as_the_engine_lists_them() -> None:
    assert containers.familiar("docker.io/library/redis:8-alpine") == "redis:8-alpine"
    assert containers.familiar("docker.io/qmcgaw/gluetun:v3") == "qmcgaw/gluetun:v3"
    assert containers.familiar("lscr.io/linuxserver/sonarr") == "lscr.io/linuxserver/sonarr:latest"
    assert containers.familiar("localhost:5000/thing") == "localhost:5000/thing:latest"


def test_the_engines_answer_is_read() -> None:
    inspected = {
        "Id": "abc", "Image": "sha256:1", "RestartCount": 2,
        "Config": {"Image": "redis:8", "Labels": {"homelab.media.digest": "d", "com.docker.compose.service": "redis"}},
        "State": {
            "Status": "running", "StartedAt": "2026-01-01T00:00:01Z", "ExitCode": 0,
            "Health": {"Status": "unhealthy", "Log": [{"Output": "first"}, {"Output": "refused\n"}]},
        },
        "HostConfig": {"NetworkMode": "media_auth"},
        "NetworkSettings": {
            "Networks": {"media_auth": {"IPAddress": "172.18.0.2"}, "none": {"IPAddress": ""}},
            "Ports": {"6379/tcp": [{"HostIp": "127.0.0.1", "HostPort": "6380"}], "80/tcp": None},
        },
    }  # fmt: skip
    container = containers.parse(inspected)
    assert (container.service, container.digest, container.health, container.restarts) == ("redis", "d", "unhealthy", 2)
    assert container.last_check == "refused"
    assert container.addresses == ("172.18.0.2",)
    assert container.published == ("127.0.0.1:6380",)
    assert not container.well

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import engine

DEBIAN_12 = {"id": "debian", "version_id": "12", "codename": "bookworm", "name": "Debian 12", "architecture": "amd64"}
DEBIAN_13 = {"id": "debian", "version_id": "13", "codename": "trixie", "name": "Debian 13", "architecture": "arm64"}
JAMMY = {"id": "ubuntu", "version_id": "22.04", "codename": "jammy", "name": "Ubuntu 22.04", "architecture": "amd64"}
NOBLE = {"id": "ubuntu", "version_id": "24.04", "codename": "noble", "name": "Ubuntu 24.04", "architecture": "amd64"}
RELEASES = [DEBIAN_12, DEBIAN_13, JAMMY, NOBLE]

NOTHING: dict[str, Any] = {
    "running": False,
    "engine": None,
    "kind": None,
    "binary": None,
    "daemon_binary": None,
    "rootless_sockets": [],
    "compose": None,
    "compose_path": None,
}
COMPOSE = {"compose": "2.26.1", "compose_path": "/usr/libexec/docker/cli-plugins/docker-compose"}
RIGHT: dict[str, Any] = {
    **NOTHING,
    **COMPOSE,
    "running": True,
    "engine": "26.1.5",
    "kind": "docker",
    "binary": "/usr/bin/docker",
    "daemon_binary": "/usr/sbin/dockerd",
}
OURS = {"docker.io": "26.1.5+dfsg1-9", "docker-cli": "26.1.5+dfsg1-9", "docker-compose": "2.26.1-4", "iptables": "1.8"}
THEIRS = dict.fromkeys(engine.DOCKER_PACKAGES, "5:28.3.0-1~debian.12~bookworm")


def decide(
    system: dict[str, str], source: str = "auto", packages: dict[str, str] | None = None, **docker: Any
) -> engine.EnginePlan:
    return engine.plan({"os": system, "docker": {**NOTHING, **docker}, "packages": packages or {}}, source)


def refused(plan: engine.EnginePlan) -> str:
    """Return what a refusal says; a plan with a problem has nothing else in it."""
    assert plan == engine.EnginePlan(problems=plan.problems)
    assert plan.problems
    return "\n".join(f"{problem.variable}: {problem.reason} -> {problem.expected}" for problem in plan.problems)


@pytest.mark.parametrize(
    ("system", "source", "chosen", "packages"),
    [
        (DEBIAN_12, "auto", "docker", [*engine.DOCKER_PACKAGES]),
        (DEBIAN_12, "docker", "docker", [*engine.DOCKER_PACKAGES]),
        (DEBIAN_13, "auto", "distribution", ["docker.io", "docker-cli", "docker-compose"]),
        (DEBIAN_13, "docker", "docker", [*engine.DOCKER_PACKAGES]),
        (JAMMY, "auto", "distribution", ["docker.io", "docker-compose-v2"]),
        (NOBLE, "distribution", "distribution", ["docker.io", "docker-compose-v2"]),
    ],
)
def test_a_fresh_host_gets_an_engine(system: dict[str, str], source: str, chosen: str, packages: list[str]) -> None:
    plan = decide(system, source)
    assert (plan.source, plan.packages) == (chosen, [*packages, *engine.SUPPORT_PACKAGES])
    assert (plan.repository is not None) is (chosen == "docker")
    assert (plan.start, plan.problems) == (False, [])


def test_the_repository_is_that_of_the_system() -> None:
    repository = decide(NOBLE, "docker").repository
    assert repository is not None
    assert repository["uri"] == "https://download.docker.com/linux/ubuntu"
    assert (repository["suite"], repository["architecture"]) == ("noble", "amd64")
    assert repository["key_checksum"].startswith("sha256:")


def test_what_is_installed_already_is_not_asked_for_again() -> None:
    assert decide(DEBIAN_13, packages={"iptables": "1.8", "docker-cli": "26"}).packages == [
        "docker.io",
        "docker-compose",
        "ca-certificates",
    ]


@pytest.mark.parametrize(
    ("source", "packages"), [("auto", OURS), ("distribution", OURS), ("present", OURS), ("present", {})]
)
def test_a_right_engine_is_left_alone(source: str, packages: dict[str, str]) -> None:
    plan = decide(DEBIAN_13, source, packages, **RIGHT)
    assert (plan.packages, plan.repository, plan.start, plan.problems) == ([], None, False, [])


@pytest.mark.parametrize("system", RELEASES)
def test_docker_s_own_engine_is_right_on_every_system(system: dict[str, str]) -> None:
    plan = decide(system, "docker", THEIRS, **{**RIGHT, "engine": "28.3.0"})
    assert (plan.source, plan.packages, plan.problems) == ("docker", [], [])


def test_an_engine_that_does_not_run_is_started() -> None:
    plan = decide(DEBIAN_13, "auto", OURS, **{**RIGHT, "running": False, "engine": None, "kind": None})
    assert (plan.start, plan.packages, plan.problems) == (True, [], [])


@pytest.mark.parametrize(
    ("packages", "missing"),
    [(OURS, ["docker-cli", "docker-compose"]), (THEIRS, ["docker-ce-cli", "docker-compose-plugin"])],
)
def test_what_a_run_cut_short_has_not_installed_is_added_from_the_engine_s_own_source(
    packages: dict[str, str], missing: list[str]
) -> None:
    plan = decide(DEBIAN_13, "auto", packages, **{**RIGHT, "binary": None, "compose_path": None, "compose": None})
    assert (plan.packages, plan.problems) == (missing, [])


def test_an_old_engine_is_told_and_not_replaced() -> None:
    old = {**RIGHT, "engine": "20.10.24+dfsg1"}
    said = refused(decide(DEBIAN_12, "auto", {"docker.io": "20.10.24+dfsg1-1"}, **old))
    assert "host_docker_source: Docker Engine 20.10.24+dfsg1 was found, which is too old" in said
    assert "Docker Engine 25.0 or newer" in said


@pytest.mark.parametrize(("version", "right"), [("24.0.9", False), ("25.0.0", True), ("25.0", True), ("28.5.1", True)])
def test_the_engine_s_minimum_is_exact(version: str, right: bool) -> None:
    assert (decide(DEBIAN_13, packages=OURS, **{**RIGHT, "engine": version}).problems == []) is right


@pytest.mark.parametrize(("version", "right"), [("2.23.3", False), ("2.24.0", True), ("5.0.1", True), (None, False)])
def test_the_minimum_of_compose_is_exact(version: str | None, right: bool) -> None:
    plan = decide(DEBIAN_13, packages=OURS, **{**RIGHT, "compose": version})
    assert (plan.problems == []) is right
    if not right:
        assert "/usr/libexec/docker/cli-plugins/docker-compose" in refused(plan)


def test_an_old_engine_that_does_not_run_is_known_by_its_package() -> None:
    said = refused(decide(DEBIAN_12, "auto", {"docker.io": "20.10.24+dfsg1-1"}, daemon_binary="/usr/sbin/dockerd"))
    assert "20.10.24" in said


@pytest.mark.parametrize(("source", "packages"), [("docker", OURS), ("distribution", THEIRS), ("distribution", {})])
def test_an_engine_of_another_source_than_asked_for_is_told(source: str, packages: dict[str, str]) -> None:
    assert f"'{source}' was asked for" in refused(decide(DEBIAN_13, source, packages, **RIGHT))


def test_an_engine_of_no_package_without_compose_is_told() -> None:
    assert "without the Compose plugin" in refused(
        decide(DEBIAN_13, **{**RIGHT, "compose_path": None, "compose": None})
    )


def test_present_installs_nothing() -> None:
    assert "no Docker Engine was found" in refused(decide(DEBIAN_13, "present"))
    assert "without the Compose plugin" in refused(
        decide(DEBIAN_13, "present", OURS, **{**RIGHT, "compose_path": None})
    )


def test_the_packages_of_debian_12_are_refused() -> None:
    assert "Debian 12 has no Docker Engine 25.0" in refused(decide(DEBIAN_12, "distribution"))


@pytest.mark.parametrize(
    ("source", "packages"),
    [("docker", {"containerd": "1.7", "docker-compose": "2.26"}), ("distribution", {"containerd.io": "1.7"})],
)
def test_packages_in_the_way_are_named_and_not_removed(source: str, packages: dict[str, str]) -> None:
    said = refused(decide(DEBIAN_13, source, packages))
    assert f"apt-get remove {' '.join(sorted(packages))}" in said


@pytest.mark.parametrize(
    ("docker", "packages", "word"),
    [
        ({**RIGHT, "kind": "podman", "engine": "5.4.2"}, {}, "Podman"),
        ({}, {"podman-docker": "5.4.2"}, "Podman"),
        ({**RIGHT, "kind": "snap"}, {}, "snap"),
        ({"binary": "/usr/bin/snap"}, {}, "snap"),
        ({**RIGHT, "kind": "rootless"}, {}, "without root"),
        ({"rootless_sockets": ["/run/user/1000/docker.sock"]}, {}, "/run/user/1000/docker.sock"),
    ],
)
@pytest.mark.parametrize("source", engine.SOURCES)
def test_what_only_looks_like_docker_is_refused(
    docker: dict[str, Any], packages: dict[str, str], word: str, source: str
) -> None:
    assert word in refused(decide(DEBIAN_13, source, packages, **docker))


def test_a_rootless_engine_beside_a_right_one_is_nobody_s_business() -> None:
    assert (
        decide(DEBIAN_13, packages=OURS, **{**RIGHT, "rootless_sockets": ["/run/user/1000/docker.sock"]}).problems == []
    )


def test_system_architecture_and_source_are_told_together() -> None:
    system = {"id": "fedora", "version_id": "42", "codename": "", "name": "Fedora 42", "architecture": "armhf"}
    said = refused(decide(system, "snap"))
    assert "'snap' is not a source of the engine" in said
    assert "Fedora 42" in said
    assert "armhf" in said


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("26.1.5+dfsg1-9", (26, 1, 5)),
        ("5:28.3.0-1~debian.12~bookworm", (28, 3, 0)),
        ("v2.40.3", (2, 40, 3)),
        ("25.0", (25, 0, 0)),
        ("unknown", (0, 0, 0)),
    ],
)
def test_versions_of_upstream_and_packages_are_read(text: str, version: tuple[int, int, int]) -> None:
    assert engine.parse_version(text) == version


@pytest.mark.parametrize(
    ("system", "docker", "ipv6", "told"),
    [
        (DEBIAN_13, RIGHT, True, True),
        (DEBIAN_13, RIGHT, False, False),
        (DEBIAN_13, {**RIGHT, "engine": "28.3.0"}, True, False),
        # Fresh hosts: Debian's own engine is old, Ubuntu's and Docker's own are not.
        (DEBIAN_13, NOTHING, True, True),
        (NOBLE, NOTHING, True, False),
        (DEBIAN_12, NOTHING, True, False),
    ],
)
def test_an_engine_that_knows_no_rules_for_ipv6_is_told(
    system: dict[str, str], docker: dict[str, Any], ipv6: bool, told: bool
) -> None:
    host = {"os": system, "docker": docker, "packages": {}}
    found = engine.settings(host, engine.plan(host, "auto"), ipv6=ipv6)
    assert found == ({"ip6tables": True, "experimental": True} if told else {})

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which Docker Engine a host should have: a decision from the host's facts, that changes nothing itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

VARIABLE = "host_docker_source"
SOURCES = ("auto", "distribution", "docker", "present")

# Engine 25 is the first that honours start_interval in health checks; Compose 2.24 is of the same month.
MINIMUM_ENGINE = (25, 0)
MINIMUM_COMPOSE = (2, 24)

# Engine 27 is the first that keeps containers' networks apart by IPv6 without being told to.
IPV6_ENGINE = 27
IPV6_SETTINGS = {"ip6tables": True, "experimental": True}

ARCHITECTURES = ("amd64", "arm64")


@dataclass(frozen=True)
class Release:
    """A release of a distribution that the collection is made for.

    distribution: its own packages of the engine and of Compose v2; none where they are older than what is needed.
    """

    name: str
    distribution: tuple[str, ...] = ()


# Debian 12 has docker.io 20.10 and no Compose v2. Debian 13 has docker.io 26.1 and docker-compose 2.26.
# Ubuntu gives the current engine and Compose to both long-term releases, in "universe", through their updates.
RELEASES = {
    ("debian", "12"): Release("Debian 12"),
    ("debian", "13"): Release("Debian 13", ("docker.io", "docker-cli", "docker-compose")),
    ("ubuntu", "22.04"): Release("Ubuntu 22.04", ("docker.io", "docker-compose-v2")),
    ("ubuntu", "24.04"): Release("Ubuntu 24.04", ("docker.io", "docker-compose-v2")),
}

DOCKER_PACKAGES = ("docker-ce", "docker-ce-cli", "containerd.io", "docker-buildx-plugin", "docker-compose-plugin")

# Of the key with fingerprint 9DC8 5822 9FC7 DD38 854A E2D8 8D81 803C 0EBF CD88, the same one for every system.
DOCKER_KEY_CHECKSUM = "sha256:1500c1f56fa9e26b9b8f42452a553675796ade0807cdce11975eb98170b3a570"

# What an engine needs on a host that was installed without recommended packages.
SUPPORT_PACKAGES = ("ca-certificates", "iptables")

# Packages of one source that own files of the other's: installing over them would break, or silently remove them.
FOREIGN = {
    "distribution": DOCKER_PACKAGES,
    "docker": (
        "containerd",
        "docker-buildx",
        "docker-cli",
        "docker-compose",
        "docker-compose-v2",
        "docker.io",
        "podman-docker",
        "runc",
    ),
}

# All packages whose state the decision needs; media_host_info is asked for these.
PACKAGES = tuple(sorted({*FOREIGN["distribution"], *FOREIGN["docker"], *SUPPORT_PACKAGES}))

_NUMBERS = re.compile(r"^(?:\d+:)?v?(\d+)\.(\d+)(?:\.(\d+))?")


@dataclass
class EnginePlan:
    """What is to be done about the engine, or what is wrong.

    source: where the engine comes from, or is to come from: distribution, docker, present, or nothing when refused.
    packages: packages to install; those that are there already are left out.
    repository: Docker's own repository, for the distribution's release, when it is needed; or nothing.
    start: whether the engine is there, but does not run.
    """

    source: str = ""
    packages: list[str] = field(default_factory=list)
    repository: dict[str, str] | None = None
    start: bool = False
    problems: list[Problem] = field(default_factory=list)


def plan(host: Mapping[str, Any], source: str) -> EnginePlan:
    """Decide about the engine, from the answer of media_host_info and the person's choice of a source."""
    problems = (
        choice_problems(source) + system_problems(host["os"]) + lookalike_problems(host["docker"], host["packages"])
    )
    if problems:
        return EnginePlan(problems=problems)
    if found_version(host):
        return _keep(host, source)
    return _install(host, source)


def settings(host: Mapping[str, Any], decided: EnginePlan, *, ipv6: bool) -> dict[str, Any]:
    """Return what the daemon has to be told for containers with IPv6: rules for it, and clients' own addresses."""
    found = found_version(host)
    # Of the releases whose own packages we take, Debian's are the older ones.
    old = parse_version(found)[0] < IPV6_ENGINE if found else decided.source == "distribution" and _is_debian(host)
    return dict(IPV6_SETTINGS) if ipv6 and old else {}


def _is_debian(host: Mapping[str, Any]) -> bool:
    return bool(host["os"]["id"] == "debian")


def parse_version(text: str) -> tuple[int, int, int]:
    """Return the numbers of an upstream or package version: "5:28.3.0-1~debian.12" is (28, 3, 0)."""
    match = _NUMBERS.match(text)
    return (int(match.group(1)), int(match.group(2)), int(match.group(3) or 0)) if match else (0, 0, 0)


def origin(packages: Mapping[str, str]) -> str:
    """Return the source that the engine's package came from, or nothing when no package owns it."""
    return "docker" if "docker-ce" in packages else "distribution" if "docker.io" in packages else ""


def found_version(host: Mapping[str, Any]) -> str:
    """Return the version of the engine that runs, or else of the one that is installed, or nothing."""
    packages = host["packages"]
    version = host["docker"]["engine"] or packages.get("docker-ce") or packages.get("docker.io")
    return version or ("unknown" if host["docker"]["daemon_binary"] else "")


def choice_problems(source: str) -> list[Problem]:
    if source in SOURCES:
        return []
    return [Problem(VARIABLE, f"{source!r} is not a source of the engine", f"one of {', '.join(SOURCES)}")]


def system_problems(system: Mapping[str, str]) -> list[Problem]:
    """Say what is wrong with the machine itself."""
    problems = []
    if (system["id"], system["version_id"]) not in RELEASES:
        names = ", ".join(release.name for release in RELEASES.values())
        problems.append(Problem("host", f"its system is {system['name']}, which the collection does not know", names))
    if system["architecture"] not in ARCHITECTURES:
        reason = f"its architecture is {system['architecture']}, for which the services have no images"
        problems.append(Problem("host", reason, " or ".join(ARCHITECTURES)))
    return problems


def lookalike_problems(docker: Mapping[str, Any], packages: Mapping[str, str]) -> list[Problem]:
    """Refuse what answers to Docker's name, but is not an engine that runs as root with the host's network."""
    found = ""
    if docker["kind"] == "podman" or "podman-docker" in packages:
        found = "Podman answers in Docker's place (package podman-docker)"
    elif docker["kind"] == "snap" or docker["binary"] == "/usr/bin/snap":
        found = "Docker is installed as a snap, which sees only a part of the file system"
    elif docker["kind"] == "rootless":
        found = "the engine runs without root, and so cannot load a kill switch or keep the files' owners"
    elif docker["rootless_sockets"] and not docker["running"]:
        found = f"the only engine runs without root ({docker['rootless_sockets'][0]})"
    if not found:
        return []
    return [Problem(VARIABLE, f"{found}; it is never replaced unasked", _remove_it())]


def _keep(host: Mapping[str, Any], source: str) -> EnginePlan:
    """An engine is there: right or refused, never replaced."""
    docker, packages = host["docker"], host["packages"]
    came_from = origin(packages)
    problems = []
    version = found_version(host)
    if parse_version(version) < MINIMUM_ENGINE:
        reason = f"Docker Engine {version} was found, which is too old; it is never replaced unasked"
        problems.append(Problem(VARIABLE, reason, f"Docker Engine {_dotted(MINIMUM_ENGINE)} or newer: {_remove_it()}"))
    if source in ("distribution", "docker") and came_from != source:
        reason = f"{source!r} was asked for, but {_named(came_from)} was found; it is never replaced unasked"
        problems.append(Problem(VARIABLE, reason, f"'auto' or 'present' to keep it, or {_remove_it()}"))
    missing = _missing_parts(host, source)
    if docker["compose_path"] and parse_version(docker["compose"] or "") < MINIMUM_COMPOSE:
        known = docker["compose"] or "of no known version"
        reason = f"the Compose plugin {docker['compose_path']} ({known}) is too old"
        problems.append(Problem(VARIABLE, reason, f"Compose {_dotted(MINIMUM_COMPOSE)} or newer, or no plugin there"))
    elif not docker["compose_path"] and not any(name.startswith("docker-compose") for name in missing):
        reason = f"Docker Engine {version} was found without the Compose plugin, and none is known that fits it"
        expected = f"Compose {_dotted(MINIMUM_COMPOSE)} or newer in one of Docker's plug-in folders"
        problems.append(Problem(VARIABLE, reason, expected))
    if problems:
        return EnginePlan(problems=problems)
    return EnginePlan(source=came_from or "present", packages=missing, start=not docker["running"])


def _missing_parts(host: Mapping[str, Any], source: str) -> list[str]:
    """Return what an engine's own source adds to it: its command and Compose, such as a run cut short leaves out."""
    docker, came_from = host["docker"], origin(host["packages"])
    if source == "present" or not came_from:
        return []
    offered = DOCKER_PACKAGES if came_from == "docker" else _release(host).distribution
    missing = [] if docker["binary"] else [name for name in offered if name in ("docker-cli", "docker-ce-cli")]
    if not docker["compose_path"]:
        missing += [name for name in offered if name.startswith("docker-compose")]
    return missing


def _install(host: Mapping[str, Any], source: str) -> EnginePlan:
    """No engine is there: say which packages bring one."""
    release, packages = _release(host), host["packages"]
    if source == "present":
        return _refuse(
            "no Docker Engine was found on the host", f"'auto', or an engine {_dotted(MINIMUM_ENGINE)} or newer"
        )
    if source == "distribution" and not release.distribution:
        return _refuse(f"{release.name} has no Docker Engine {_dotted(MINIMUM_ENGINE)} or newer", "'docker' or 'auto'")
    chosen = source if source != "auto" else "distribution" if release.distribution else "docker"
    wanted = release.distribution if chosen == "distribution" else DOCKER_PACKAGES
    foreign = sorted(name for name in FOREIGN[chosen] if name in packages)
    if foreign:
        reason = f"{', '.join(foreign)} would be in the way of {_named(chosen)}; packages are never removed unasked"
        return _refuse(reason, f"none of them: apt-get remove {' '.join(foreign)}")
    return EnginePlan(
        source=chosen,
        packages=[name for name in (*wanted, *SUPPORT_PACKAGES) if name not in packages],
        repository=repository(host["os"]) if chosen == "docker" else None,
    )


def repository(system: Mapping[str, str]) -> dict[str, str]:
    """Return Docker's own repository for a system."""
    address = f"https://download.docker.com/linux/{system['id']}"
    return {
        "uri": address,
        "suite": system["codename"],
        "architecture": system["architecture"],
        "key": f"{address}/gpg",
        "key_checksum": DOCKER_KEY_CHECKSUM,
    }


def _release(host: Mapping[str, Any]) -> Release:
    return RELEASES[(host["os"]["id"], host["os"]["version_id"])]


def _refuse(reason: str, expected: str) -> EnginePlan:
    return EnginePlan(problems=[Problem(VARIABLE, reason, expected)])


def _named(source: str) -> str:
    names = {"docker": "Docker's own package docker-ce", "distribution": "the distribution's package docker.io"}
    return names.get(source, "an engine of no known package")


def _remove_it() -> str:
    return "remove it yourself and run again, and the right one is installed"


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in version)

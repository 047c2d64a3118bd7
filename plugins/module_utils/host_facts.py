# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the preflight must know of a host, learnt in one go and without changing anything."""

from __future__ import annotations

import grp
import json
import os
import platform
import pwd
import re
import shlex
import stat
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import (
    daemon_settings,
    docker_socket,
    host_mounts,
    host_packages,
    host_ports,
)
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError

#: Seconds that the engine gets to finish with a container, and between two looks.
UNDER_WAY = 10.0
LOOK_AGAIN = 0.5

ZONEINFO = "/usr/share/zoneinfo"

# In the order in which the docker command looks for its plug-ins.
PLUGIN_FOLDERS = (
    "~/.docker/cli-plugins",
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
)
COMMAND_FOLDERS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/snap/bin")

# Debian's names for what the kernel calls otherwise.
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "armhf", "i686": "i386"}

_ZONE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*")


@dataclass(frozen=True)
class Request:
    """What is asked of a host."""

    paths: list[str] = field(default_factory=list)
    mounts: list[str] = field(default_factory=list)
    uids: list[int] = field(default_factory=list)
    gids: list[int] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    ports: list[str] = field(default_factory=list)
    packages: list[str] = field(default_factory=list)
    time_zone: str | None = None
    catalogue: str | None = None
    daemon_settings: dict[str, Any] = field(default_factory=dict)


def gather(request: Request) -> dict[str, Any]:
    """Return everything that was asked for."""
    plugin = _plugin("docker-compose")
    compose = _start([plugin, "version", "--short"]) if plugin else None  # runs while the rest is looked up
    status = host_packages.read_status()
    engine, containers = engine_facts()
    catalogue, catalogue_error = read_json(request.catalogue)
    return {
        "os": os_facts(read_text("/etc/os-release"), status),
        "docker": {
            **engine,
            "settings_in_force": settings_in_force(request.daemon_settings),
            "binary": _command("docker"),
            "daemon_binary": _command("dockerd"),
            "rootless_sockets": rootless_sockets(),
            "compose_path": plugin,
            "compose": _collect(compose),
        },
        "cpus": os.cpu_count() or 1,
        "packages": host_packages.parse_status(status, request.packages),
        "paths": host_mounts.locate_all(request.paths),
        "mounts": host_mounts.mounted(request.mounts),
        "accounts": accounts(request.uids, request.gids, request.users, request.groups),
        "ports": port_holders(request.ports, containers),
        "devices": {
            "tun": _is_device("/dev/net/tun"),
            "dri": Path("/dev/dri").is_dir(),
            "kmsg": _is_device("/dev/kmsg"),
        },
        "kernel": {"release": os.uname().release, "wireguard": has_kernel_module("wireguard")},
        "time_zone": time_zone_exists(request.time_zone),
        "catalogue": catalogue,
        "catalogue_error": catalogue_error,
    }


def os_facts(os_release: str, status: str) -> dict[str, str]:
    """Return which system this is, by the names that package repositories use."""
    values = parse_os_release(os_release)
    architecture = host_packages.field(host_packages.stanza(status, "dpkg"), "Architecture")
    machine = platform.machine()
    return {
        "id": values.get("ID", "unknown"),
        "version_id": values.get("VERSION_ID", "unknown"),
        "codename": values.get("VERSION_CODENAME", "unknown"),
        "name": values.get("PRETTY_NAME", "unknown"),
        "architecture": architecture or ARCHITECTURES.get(machine, machine),
    }


def parse_os_release(text: str) -> dict[str, str]:
    """Return the settings of an os-release file; the values are quoted as a shell does, see os-release(5)."""
    values = {}
    for line in text.splitlines():
        name, separator, value = line.strip().partition("=")
        if separator and not name.startswith("#"):
            try:
                values[name] = "".join(shlex.split(value))
            except ValueError:
                values[name] = value
    return values


def port_holders(ports: list[str], containers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return who holds each port.

    While the engine makes or removes a container, as after a run that was killed, its ports are held already or still,
    and it is not listed with them: nobody knows whose they are until it is done.
    """
    deadline = time.monotonic() + UNDER_WAY
    while True:
        found = host_ports.holders(ports, containers)
        unknown = [holder for holder in found if holder["process"] == "docker-proxy" and not holder["container"]]
        if not unknown or time.monotonic() > deadline:
            return found
        time.sleep(LOOK_AGAIN)
        containers = engine_facts()[1]


def settings_in_force(settings: dict[str, Any]) -> bool:
    """Tell whether the daemon was started with these; a file that cannot be read is for who writes it to tell."""
    try:
        outcome = daemon_settings.ensure(settings, check=True)
    except MediaError:
        return False
    return not outcome.changed and not outcome.facts["restart_needed"]


def engine_facts(unix_socket: str = docker_socket.SOCKET) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what the engine says of itself, and its running containers."""
    facts: dict[str, Any] = {"running": False, "engine": None, "api": None, "kind": None, "error": None}
    containers: list[dict[str, Any]] = []
    try:
        version = docker_socket.get("/version", unix_socket)
        facts.update(running=True, engine=version["Version"], api=version["ApiVersion"], kind=engine_kind(version))
        if facts["kind"] == "docker":
            facts.update(engine_details(docker_socket.get("/info", unix_socket)))
        containers = docker_socket.get("/containers/json", unix_socket)
    except (docker_socket.EngineUnreachable, KeyError, TypeError) as error:
        if Path(unix_socket).exists():
            facts["error"] = str(error)
    return facts, containers


def engine_kind(version: dict[str, Any]) -> str:
    """Tell Docker from what answers in its place, by the components that it names."""
    names = " ".join(component.get("Name", "") for component in version.get("Components") or []).lower()
    return "podman" if "podman" in names else "docker"


def engine_details(info: dict[str, Any]) -> dict[str, Any]:
    """Return what matters to us of the engine's /info."""
    options = " ".join(info.get("SecurityOptions") or [])
    root = info.get("DockerRootDir", "")
    kind = "rootless" if "name=rootless" in options else "snap" if root.startswith("/var/snap/") else "docker"
    return {
        "kind": kind,
        "root": root,
        "storage": info.get("Driver", ""),
        "cgroup_version": info.get("CgroupVersion", ""),
        "live_restore": bool(info.get("LiveRestoreEnabled")),
    }


def rootless_sockets(folder: str = "/run/user") -> list[str]:
    """Return the sockets of engines that people run for themselves."""
    try:
        return sorted(str(path) for path in Path(folder).glob("*/docker.sock"))
    except OSError:
        return []


def accounts(uids: Iterable[int], gids: Iterable[int], users: Iterable[str], groups: Iterable[str]) -> dict[str, Any]:
    """Return who has the numbers, and which numbers the names have; nobody and nothing are null."""
    return {
        "uids": {str(uid): _look_up(pwd.getpwuid, uid, "pw_name") for uid in uids},
        "gids": {str(gid): _look_up(grp.getgrgid, gid, "gr_name") for gid in gids},
        "users": {name: _look_up(pwd.getpwnam, name, "pw_uid") for name in users},
        "groups": {name: _look_up(grp.getgrnam, name, "gr_gid") for name in groups},
    }


def time_zone_exists(name: str | None, folder: str = ZONEINFO) -> bool | None:
    """Tell whether the host knows a time zone; null when nothing is asked, or the host has no list."""
    if name is None or not Path(folder).is_dir():
        return None
    return bool(_ZONE.fullmatch(name)) and Path(folder, name).is_file()


def has_kernel_module(name: str, folder: str = "/lib/modules", loaded: str = "/sys/module") -> bool:
    """Tell whether the running kernel has a module: in use, built in, or to be loaded."""
    if Path(loaded, name).is_dir():
        return True
    lists = (Path(folder, os.uname().release, text) for text in ("modules.builtin", "modules.dep"))
    return any(f"/{name}.ko" in read_text(path) for path in lists)


def read_json(path: str | None) -> tuple[Any, str | None]:
    """Return a JSON file's content and what is wrong with it; a file that is not there is no error."""
    if not path or not Path(path).exists():
        return None, None
    try:
        return json.loads(Path(path).read_text(encoding="utf-8")), None
    except (OSError, ValueError) as error:
        return None, f"{path}: {error}"


def read_text(path: str | Path) -> str:
    """Return a file's text, or nothing when it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _command(name: str) -> str | None:
    """Return where a command is, its links followed; the module's own PATH may lack the folders of root."""
    path = _executable(name, COMMAND_FOLDERS)
    return os.path.realpath(path) if path else None


def _plugin(name: str) -> str | None:
    path = _executable(name, PLUGIN_FOLDERS)
    return str(path) if path else None


def _executable(name: str, folders: Iterable[str]) -> Path | None:
    for path in (Path(folder).expanduser() / name for folder in folders):
        if path.is_file() and os.access(path, os.X_OK):
            return path
    return None


def _start(arguments: list[str]) -> subprocess.Popen[str] | None:
    try:
        return subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
    except OSError:
        return None


def _collect(process: subprocess.Popen[str] | None) -> str | None:
    if process is None:
        return None
    try:
        output, _errors = process.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return None
    return output.strip().lstrip("v") or None if process.returncode == 0 else None


def _is_device(path: str) -> bool:
    try:
        return stat.S_ISCHR(Path(path).stat().st_mode)
    except OSError:
        return False


def _look_up(database: Callable[[Any], Any], key: Any, attribute: str) -> Any:
    try:
        return getattr(database(key), attribute)
    except (KeyError, OverflowError):  # the latter for a number that is too large for a group
        return None

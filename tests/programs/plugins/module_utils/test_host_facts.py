# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import http.server
import json
import os
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import (
    daemon_settings,
    docker_socket,
    host_facts,
    host_packages,
)
from ansible_collections.homelab.media.plugins.module_utils.host_facts import Request

BOOKWORM = """\
# a comment
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
VERSION_ID="12"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL='https://www.debian.org/'
"""
STATUS = """\
Package: dpkg
Status: install ok installed
Architecture: arm64
Version: 1.21.22

Package: docker.io-doc
Status: install ok installed
Version: 9

Package: docker.io
Status: install ok installed
Architecture: arm64
Version: 26.1.5+dfsg1-9

Package: docker-compose
Status: deinstall ok config-files
Version: 2.26.1-4

Package: docker-cli
Status: install ok half-configured
Version: 26.1.5+dfsg1-9
"""
VERSION = {"Version": "26.1.5", "ApiVersion": "1.45", "Components": [{"Name": "Engine"}]}
INFO = {
    "DockerRootDir": "/var/lib/docker",
    "Driver": "overlay2",
    "CgroupVersion": "2",
    "LiveRestoreEnabled": False,
    "SecurityOptions": ["name=apparmor", "name=seccomp,profile=builtin"],
}


class Engine(socketserver.ThreadingUnixStreamServer):
    """Answers on a Unix socket as a Docker Engine does."""

    daemon_threads = True

    def __init__(self, path: str, answers: dict[str, Any]) -> None:
        self.answers = answers
        super().__init__(path, _Handler)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Engine

    def do_GET(self) -> None:
        answer = self.server.answers.get(self.path)
        body = json.dumps(answer).encode()
        self.send_response(200 if answer is not None else 500)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *_words: Any) -> None:
        pass


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    path = str(tmp_path / "docker.sock")
    answers: dict[str, Any] = {"/version": dict(VERSION), "/info": dict(INFO), "/containers/json": [{"Id": "1"}]}
    with Engine(path, answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield path, answers
        server.shutdown()
        thread.join()


def test_os_release_is_read_as_a_shell_would() -> None:
    facts = host_facts.os_facts(BOOKWORM, STATUS)
    assert facts == {
        "id": "debian",
        "version_id": "12",
        "codename": "bookworm",
        "name": "Debian GNU/Linux 12 (bookworm)",
        "architecture": "arm64",
    }


def test_the_architecture_of_a_host_without_dpkg_is_the_machines() -> None:
    machine = os.uname().machine
    assert host_facts.os_facts(BOOKWORM, "")["architecture"] == host_facts.ARCHITECTURES.get(machine, machine)


def test_only_packages_that_are_fully_installed_count() -> None:
    names = ["docker.io", "docker-compose", "docker-cli", "docker", "docker-ce"]
    assert host_packages.parse_status(STATUS, names) == {"docker.io": "26.1.5+dfsg1-9"}


def test_the_first_package_of_the_file_is_found_too() -> None:
    assert host_packages.parse_status(STATUS, ["dpkg"]) == {"dpkg": "1.21.22"}


def test_this_machines_packages_are_what_dpkg_says() -> None:
    status = host_packages.read_status()
    told = os.popen("dpkg-query --show --showformat '${Version}' bash").read()
    assert host_packages.parse_status(status, ["bash", "no-such-package"]) == {"bash": told}


def test_an_engine_tells_of_itself(engine: tuple[str, dict[str, Any]]) -> None:
    facts, containers = host_facts.engine_facts(engine[0])
    assert facts == {
        "running": True,
        "engine": "26.1.5",
        "api": "1.45",
        "kind": "docker",
        "error": None,
        "root": "/var/lib/docker",
        "storage": "overlay2",
        "cgroup_version": "2",
        "live_restore": False,
    }
    assert containers == [{"Id": "1"}]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"/version": {**VERSION, "Components": [{"Name": "Podman Engine"}]}}, "podman"),
        ({"/info": {**INFO, "SecurityOptions": ["name=seccomp", "name=rootless"]}}, "rootless"),
        ({"/info": {**INFO, "DockerRootDir": "/var/snap/docker/common/var-lib-docker"}}, "snap"),
    ],
)
def test_what_is_no_ordinary_engine_is_known(
    engine: tuple[str, dict[str, Any]], change: dict[str, Any], kind: str
) -> None:
    path, answers = engine
    answers.update(change)
    assert host_facts.engine_facts(path)[0]["kind"] == kind


def test_an_engine_that_fails_is_an_error_and_not_an_absent_one(engine: tuple[str, dict[str, Any]]) -> None:
    path, answers = engine
    del answers["/version"]
    facts, _containers = host_facts.engine_facts(path)
    assert facts["running"] is False
    assert facts["error"] == f"{path}: GET /version answered 500"


def test_a_socket_that_nobody_serves_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    with Engine(str(path), {}):
        pass
    assert "refused" in host_facts.engine_facts(str(path))[0]["error"]


def test_no_socket_is_no_engine_and_no_error(tmp_path: Path) -> None:
    facts, containers = host_facts.engine_facts(str(tmp_path / "docker.sock"))
    assert (facts["running"], facts["engine"], facts["error"], containers) == (False, None, None, [])


def test_an_answer_that_is_no_json_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(docker_socket.EngineUnreachable, match="No such file"):
        docker_socket.get("/version", str(tmp_path / "absent"))


def test_rootless_engines_are_found_by_their_sockets(tmp_path: Path) -> None:
    assert host_facts.rootless_sockets(str(tmp_path / "absent")) == []
    (tmp_path / "1000").mkdir()
    (tmp_path / "1001").mkdir()
    (tmp_path / "1001" / "docker.sock").touch()
    assert host_facts.rootless_sockets(str(tmp_path)) == [str(tmp_path / "1001" / "docker.sock")]


def test_accounts_are_looked_up_both_ways() -> None:
    assert host_facts.accounts([0, 2**40, -5], [0, 2**40, -5], ["root", "no-such"], ["root", "no-such"]) == {
        "uids": {"0": "root", str(2**40): None, "-5": None},
        "gids": {"0": "root", str(2**40): None, "-5": None},
        "users": {"root": 0, "no-such": None},
        "groups": {"root": 0, "no-such": None},
    }


@pytest.mark.parametrize(
    ("name", "known"),
    [("Europe/Berlin", True), ("Europe/Belin", False), ("Europe", False), ("../passwd", False), ("", False)],
)
def test_a_time_zone_is_a_file_of_the_hosts_list(tmp_path: Path, name: str, known: bool) -> None:
    (tmp_path / "zones" / "Europe").mkdir(parents=True)
    (tmp_path / "zones" / "Europe" / "Berlin").touch()
    (tmp_path / "passwd").touch()
    assert host_facts.time_zone_exists(name, str(tmp_path / "zones")) is known


def test_a_host_without_a_list_of_time_zones_does_not_answer(tmp_path: Path) -> None:
    assert host_facts.time_zone_exists("Europe/Berlin", str(tmp_path / "absent")) is None
    assert host_facts.time_zone_exists(None, str(tmp_path)) is None


def test_a_kernel_module_is_loaded_built_in_or_to_be_loaded(tmp_path: Path) -> None:
    lists = tmp_path / "modules" / os.uname().release
    lists.mkdir(parents=True)
    (tmp_path / "sys" / "tun").mkdir(parents=True)
    (lists / "modules.builtin").write_text("kernel/fs/ext4/ext4.ko\n")
    (lists / "modules.dep").write_text("kernel/drivers/net/wireguard/wireguard.ko.xz: kernel/lib/x.ko.xz\n")
    found = {
        name: host_facts.has_kernel_module(name, str(tmp_path / "modules"), str(tmp_path / "sys"))
        for name in ("tun", "ext4", "wireguard", "guard")
    }
    assert found == {"tun": True, "ext4": True, "wireguard": True, "guard": False}


def test_a_json_file_is_returned_or_its_fault(tmp_path: Path) -> None:
    (tmp_path / "right").write_text('{"services": {"nzbget": {}}}')
    (tmp_path / "wrong").write_text('{"services"')
    assert host_facts.read_json(str(tmp_path / "right")) == ({"services": {"nzbget": {}}}, None)
    assert host_facts.read_json(str(tmp_path / "absent")) == (None, None)
    assert host_facts.read_json(None) == (None, None)
    content, error = host_facts.read_json(str(tmp_path / "wrong"))
    assert content is None
    assert error is not None and str(tmp_path / "wrong") in error


def test_this_machine_is_told_truly() -> None:
    facts = host_facts.gather(
        Request(paths=["/proc"], mounts=["/proc"], users=["root"], packages=["bash"], time_zone="Etc/UTC")
    )
    release = Path("/etc/os-release").read_text()
    assert f"ID={facts['os']['id']}\n" in release
    assert facts["paths"]["/proc"]["fs_type"] == "proc"
    assert facts["mounts"] == {"/proc": True}
    assert facts["devices"]["tun"] is Path("/dev/net/tun").is_char_device()
    assert facts["kernel"]["release"] == os.uname().release
    assert facts["packages"].keys() == {"bash"}


def test_a_port_of_a_container_that_is_on_its_way_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {"process": "docker-proxy", "container": "", "port": 8686}
    named = {**held, "container": "media-lidarr-1"}
    looks = [[held], [held], [named]]
    listed: list[str] = []
    monkeypatch.setattr(host_facts, "LOOK_AGAIN", 0.0)
    monkeypatch.setattr(host_facts, "engine_facts", lambda: ({}, listed.append("again") or []))
    monkeypatch.setattr(host_facts.host_ports, "holders", lambda _ports, _containers: looks.pop(0))
    assert host_facts.port_holders(["8686/tcp"], []) == [named]
    assert listed == ["again", "again"]


def test_a_port_that_stays_unknown_is_told_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {"process": "docker-proxy", "container": "", "port": 8686}
    monkeypatch.setattr(host_facts, "LOOK_AGAIN", 0.0)
    monkeypatch.setattr(host_facts, "UNDER_WAY", 0.01)
    monkeypatch.setattr(host_facts, "engine_facts", lambda: ({}, []))
    monkeypatch.setattr(host_facts.host_ports, "holders", lambda _ports, _containers: [held])
    assert host_facts.port_holders(["8686/tcp"], []) == [held]


def test_settings_are_in_force_when_the_daemon_was_started_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, pid = tmp_path / "daemon.json", tmp_path / "docker.pid"
    places = {**daemon_settings.ensure.__kwdefaults__, "path": str(file), "pid_file": str(pid)}
    monkeypatch.setattr(daemon_settings.ensure, "__kwdefaults__", places)
    wanted = {"ip6tables": True}
    assert not host_facts.settings_in_force(wanted)
    file.write_text('{"ip6tables": true, "debug": false}')
    pid.touch()
    os.utime(file, (1, 1))
    assert host_facts.settings_in_force(wanted)
    assert host_facts.settings_in_force({})
    os.utime(pid, (0, 0))
    assert not host_facts.settings_in_force(wanted)
    file.write_text("{")
    assert not host_facts.settings_in_force(wanted)

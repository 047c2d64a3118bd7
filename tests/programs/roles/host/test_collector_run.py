# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The whole program, as systemd starts it: its two files, its bound, and what it does when parts of the house fail."""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.programs.roles.host.test_collector_applications import SECRET, STATUS, Nzbget, Tautulli
from tests.programs.roles.host.test_collector_exposition import promtool
from tests.programs.roles.host.test_collector_files import LAST
from tests.programs.roles.host.test_collector_vpn import KEY, RUNNING, looked, pod
from tests.unit.roles.host.collector_nursery import (
    PROJECT,
    Engine,
    application,
    in_a_namespace,
    inspected,
    running,
    silent,
)

COLLECTOR = Path(__file__).resolve().parents[4] / "roles" / "host" / "files" / "collector"
#: What a run may take, whatever hangs.
BOUND = 20.0
#: A control server that takes connections and says nothing.
DEAF = "import socket, time; s = socket.create_server(('127.0.0.1', 8000)); print('up', flush=True); time.sleep(60)"

PARTS = {
    *("disks", "converge", "services", "images", "vpn", "address", "certificates", "backups"),
    *("fail2ban", "nzbget", "recyclarr", "tautulli"),
}


class House:
    """A fake root, with everything in it that the collector asks for."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.engine = Engine(str(root / "docker.sock"))
        self.config: dict[str, Any] = {
            "root": str(root),
            "project": PROJECT,
            "engine": self.engine.path,
            "services": {"vpn-pod": "vpn", "vpn": "vpn", "nzbget": "nzbget", "fail2ban": "fail2ban"},
            "disks": [str(root)],
            "backups": {"nightly": {"path": f"{root}/backup/*", "max_age": 3600}},
        }
        for name, content in {"vpn_control_key": KEY, "key": SECRET}.items():
            (root / "secrets").mkdir(exist_ok=True)
            (root / "secrets" / name).write_text(content)
        (root / "bin").mkdir()
        (root / "converge.json").write_text(json.dumps(LAST))

    def program(self, name: str, script: str) -> None:
        (self.root / "bin" / name).write_text(f"#!/bin/sh\n{script}\n")
        (self.root / "bin" / name).chmod(0o755)

    def inhabit(self, inside: int, **urls: str) -> None:
        """Switch everything on. inside: a process in the network of the VPN pod."""
        self.engine.containers = [
            inspected("vpn-pod", health="healthy", Pid=inside, log=looked()),
            inspected("vpn", health="healthy", Pid=inside),
            inspected("nzbget", health="healthy", Pid=inside),
            inspected("fail2ban", health="healthy"),
        ]
        image = self.engine.containers[0]
        self.engine.digests[image["Image"]] = ["redis@sha256:a"]
        self.engine.registry[image["Config"]["Image"]] = "sha256:a"
        self.engine.printed = b'{"sshd": {"banned": 1, "total": 2}}'
        pages = self.root / "data" / "nginx" / "proxy_host"
        pages.mkdir(parents=True)
        (pages / "1.conf").write_text("ssl_certificate /data/tls.crt;\n")
        (self.root / "data" / "tls.crt").write_text("no certificate at all")
        self.config.update(
            vpn={
                **{"pod": "vpn-pod", "client": "vpn", "tenants": ["nzbget"], "control": "127.0.0.1:8000"},
                **{"key": "vpn_control_key", "address_url": urls["address"]},
            },
            certificates={
                **{"nginx": f"{self.root}/data/nginx/*/*.conf", "folders": {"/data": f"{self.root}/data"}},
                "authority": f"{self.root}/ca.crt",
            },
            nzbget={"url": urls["nzbget"], "username": "apps", "password": "key"},
            tautulli={"url": urls["tautulli"], "key": "key"},
            fail2ban="fail2ban",
            recyclarr=True,
        )

    def start(self, python: str = sys.executable) -> subprocess.Popen[str]:
        (self.root / "collector.json").write_text(json.dumps(self.config))
        words = [python, "-I", "-S", "-X", f"pycache_prefix={self.root}/cache", str(COLLECTOR)]
        environment = {**os.environ, "PATH": f"{self.root}/bin:{os.environ['PATH']}"}
        return subprocess.Popen(
            [*words, str(self.root / "collector.json")], stderr=subprocess.PIPE, text=True, env=environment
        )

    def run(self, python: str = sys.executable) -> str:
        """Run it once and return what it tells the journal."""
        with self.start(python) as process:
            _none, said = process.communicate(timeout=BOUND)
        assert process.returncode == 0, said
        return said

    @property
    def metrics(self) -> str:
        return (self.root / "state/collector/metrics/media.prom").read_text(encoding="utf-8")

    @property
    def health(self) -> dict[str, Any]:
        return dict(json.loads((self.root / "state/collector/public/health.json").read_text(encoding="utf-8")))

    def errors(self) -> dict[str, str]:
        lines = [line.split('"') for line in self.metrics.splitlines() if line.startswith("media_collector_errors")]
        return {words[1]: words[2].strip(" }") for words in lines}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    found = House(tmp_path)
    with running(found.engine):
        yield found


def test_a_bare_host(house: House) -> None:
    house.config |= {"services": {}, "backups": {}}
    assert house.run() == ""
    assert house.errors() == {"converge": "0", "disks": "0"}
    assert (house.health["services"], house.health["vpn"]) == ({}, None)
    assert house.engine.asked == []


def test_a_whole_house(house: House) -> None:
    answering = (lambda *_asked: (200, "198.51.100.1"), Nzbget(STATUS), Tautulli())
    guard = json.dumps({"nftables": []})
    house.program("nft", f"echo '{guard}'")
    with pod(RUNNING) as inside, ExitStack() as stack:
        address, nzbget, tautulli = (stack.enter_context(application(one)) for one in answering)
        house.inhabit(inside, address=address, nzbget=nzbget, tautulli=tautulli)
        said = house.run()
        first = house.metrics
        again = house.run()
    # The certificate is none; and it is told once.
    assert said == f"certificates: {house.root}/data/tls.crt cannot be read (it is no certificate)\n"
    assert again == ""
    assert house.errors() == {part: str(int(part == "certificates")) for part in PARTS}
    assert promtool(first).returncode in (0, 3)
    assert "media_vpn_exit_is_home 0" in house.metrics
    assert "media_nzbget_queue_items 0" in first
    assert "media_collector_duration_seconds" in first
    assert_sealed(house)


def assert_sealed(house: House) -> None:
    """Neither file holds a secret; the one that everybody may read holds no address either."""
    files = [path for path in (house.root / "state").rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o644, 0o600}
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert not any(secret in text for secret in (KEY, SECRET))
    public = (house.root / "state/collector/public/health.json").read_text(encoding="utf-8")
    assert not any(address in public for address in ("203.0.113.20", "198.51.100.1"))


def test_the_form_of_what_everybody_may_read(house: House) -> None:
    house.program("nft", "exit 1")
    with pod(RUNNING) as inside, application(Nzbget(STATUS)) as nzbget, application(Tautulli()) as tautulli:
        house.inhabit(inside, address="", nzbget=nzbget, tautulli=tautulli)
        house.run()
    told = house.health
    assert set(told) == {"time", "services", "vpn", "disks"}
    assert abs(told["time"] - time.time()) < 60
    assert told["services"]["vpn-pod"] == {"state": "up", "since": 1795399880}
    assert set(told["services"]) == set(house.config["services"])
    assert told["vpn"] == {"up": True, "country": "Norway"}
    assert [set(disk) for disk in told["disks"]] == [{"path", "free", "size"}]


def test_what_is_off_is_not_there(house: House) -> None:
    house.run()
    assert not any(word in house.metrics for word in ("vpn_", "nzbget_", "tautulli_", "fail2ban_", "certificate_"))
    assert house.health["vpn"] is None


def test_everything_that_can_hang_hangs(tmp_path: Path) -> None:
    """Two houses at once: in one the engine is silent, in the other it answers, and all the others hang."""
    houses = []
    for name in ("silent", "answering"):
        (tmp_path / name).mkdir()
        houses.append(House(tmp_path / name))
    shut, half = houses
    for house in houses:
        for program in ("nft", "openssl"):
            house.program(program, "exec sleep 60")
    with ExitStack() as stack:
        stack.enter_context(silent(socket.AF_UNIX, Path(shut.engine.path)))
        # Nobody ever writes to it, and no time is set for reading.
        (shut.root / "converge.json").unlink()
        os.mkfifo(shut.root / "converge.json")
        half.engine.hangs = ("/distribution", "/exec")
        stack.enter_context(running(half.engine))
        inside = stack.enter_context(in_a_namespace(DEAF))
        for house in houses:
            urls = {name: stack.enter_context(silent()) for name in ("address", "nzbget", "tautulli")}
            house.inhabit(inside, **urls)
        begun = time.monotonic()
        took = []
        for process in [house.start() for house in houses]:
            _none, said = process.communicate(timeout=2 * BOUND)
            took.append(time.monotonic() - begun)
            assert process.returncode == 0, said
    assert max(took) < BOUND
    dead = PARTS - {"disks", "backups", "recyclarr"}
    assert shut.errors() == {part: str(int(part in dead)) for part in PARTS}
    assert half.errors() == {part: str(int(part in dead - {"services", "converge"})) for part in PARTS}
    # What does not hang is told, and what is not known to be up is not said to be.
    assert "media_backup_timestamp_seconds" in shut.metrics
    assert 'media_service_up{container="nzbget",service="nzbget"} 1' in half.metrics
    assert (shut.health["services"], shut.health["vpn"]) == ({}, {"up": False, "country": ""})
    assert 'media_vpn_tenant_up{service="nzbget"} 1' in half.metrics
    assert "media_vpn_up 0" in half.metrics


@pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"root": "/nowhere"}'])
def test_without_its_configuration_it_fails(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "collector.json"
    if content is not None:
        file.write_text(content)
    done = subprocess.run(
        [sys.executable, "-I", str(COLLECTOR), str(file)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert f"{file} cannot be used" in done.stderr


def test_a_run_costs_little(house: House) -> None:
    """Some 0.1 s of processor on the machine that it was written on, most of it Python's own start."""
    house.run()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    house.run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1


def test_the_oldest_python_that_a_host_may_have(house: House) -> None:
    python = oldest()
    if python is None:
        pytest.skip("Python 3.9 is not here")
    house.run(python)
    assert house.errors()["services"] == "0"


def oldest() -> str | None:
    found = [shutil.which("python3.9"), *map(str, Path.home().glob(".pyenv/versions/3.9.*/bin/python3.9"))]
    for name in filter(None, found):
        script = "import sys; sys.exit(sys.version_info[:2] != (3, 9))"
        # A name on the path may be a shim that leads nowhere.
        if subprocess.run([name, "-c", script], capture_output=True, check=False).returncode == 0:
            return name
    return None

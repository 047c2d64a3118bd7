# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module against a "docker" behind which the container's program would be."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.modules import fail2ban_bans

from tests.unit.run_module import run_module

DOCKER = """#!/usr/bin/python3
import json, pathlib, sys
place = pathlib.Path(__file__).parents[1]
words = sys.argv[1:]
state = json.loads((place / "state.json").read_text())
if words[0] == "ps":
    label = "--filter=label=com.docker.compose."
    assert words[1:] == ["--quiet", f"{label}project=house", f"{label}service=fail2ban"], words
    print("" if "stopped" in state else "4711")
    sys.exit()
assert words[:4] == ["exec", "4711", "python3", "/config/server.py"], words
if "broken" in state:
    sys.exit(state["broken"])
if words[4] == "lift":
    address, jail = words[5:]
    with (place / "lifted").open("a") as lifted:
        lifted.write(f"{jail} {address}\\n")
    state["bans"] = [ban for ban in state["bans"] if (ban["address"], ban["jail"]) != (address, jail)]
    (place / "state.json").write_text(json.dumps(state))
    print(json.dumps({"lifted": 1}))
else:
    print(json.dumps(state))
"""
TIMES = {"since": "2026-11-23 00:03:58", "until": "2026-11-23 01:03:58"}
BANS = [
    {"jail": "sonarr", "address": "203.0.113.7", **TIMES},
    {"jail": "recidive", "address": "203.0.113.7", "since": TIMES["since"], "until": ""},
    {"jail": "sonarr", "address": "2001:db8::7", **TIMES},
]

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "bin").mkdir()
    docker = tmp_path / "bin" / "docker"
    docker.write_text(DOCKER)
    docker.chmod(0o755)
    keep(tmp_path, {"jails": ["recidive", "sonarr"], "bans": BANS})
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    return tmp_path


def keep(place: Path, state: dict[str, Any]) -> None:
    (place / "state.json").write_text(json.dumps(state))


def lifted(place: Path) -> list[str]:
    file = place / "lifted"
    return file.read_text().splitlines() if file.exists() else []


def run(place: Path, *, check: bool = False, **more: Any) -> dict[str, Any]:
    return run_module(fail2ban_bans.main, {"project": "house", **more}, check=check)


def changes(result: dict[str, Any]) -> list[str]:
    return [f"{item['after_header']}: {item['before'].strip()} -> {item['after'].strip()}" for item in result["diff"]]


def test_bans_are_told(place: Path) -> None:
    found = run(place)
    assert found["bans"] == BANS
    assert not found["changed"]
    assert found["table"].splitlines() == [
        "JAIL      ADDRESS      SINCE                UNTIL",
        "recidive  203.0.113.7  2026-11-23 00:03:58  -",
        "sonarr    2001:db8::7  2026-11-23 00:03:58  2026-11-23 01:03:58",
        "sonarr    203.0.113.7  2026-11-23 00:03:58  2026-11-23 01:03:58",
    ]


def test_an_address_is_let_in_everywhere_once(place: Path) -> None:
    announced = run(place, address="203.0.113.7", check=True)
    assert lifted(place) == []
    done = run(place, address="203.0.113.7")
    assert lifted(place) == ["sonarr 203.0.113.7", "recidive 203.0.113.7"]
    assert changes(announced) == changes(done) == [
        "sonarr 203.0.113.7: banned until 2026-11-23 01:03:58 -> let in",
        "recidive 203.0.113.7: banned until somebody lifts it -> let in",
    ]  # fmt: skip
    assert announced["bans"] == done["bans"] == BANS[2:]
    assert run(place, address="203.0.113.7")["changed"] is False


def test_in_one_jail_it_is_let_in_there_alone(place: Path) -> None:
    assert run(place, address="203.0.113.7", jail="recidive")["changed"]
    assert lifted(place) == ["recidive 203.0.113.7"]


def test_an_address_is_one_in_whatever_way_it_is_written(place: Path) -> None:
    assert run(place, address="2001:0DB8:0::0007")["changed"]
    assert lifted(place) == ["sonarr 2001:db8::7"]


def test_whoever_is_not_banned_needs_nothing(place: Path) -> None:
    assert run(place, address="198.51.100.1")["changed"] is False
    assert run(place, address="2001:db8::7", jail="recidive")["changed"] is False


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"address": "office.example.org"}, "address: is 'office.example.org'"),
        ({"address": "203.0.113.7", "jail": "lidarr"}, "jail: is 'lidarr', which does not run"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(place: Path, words: dict[str, str], told: str) -> None:
    assert told in run(place, **words)["msg"]
    assert lifted(place) == []


def test_a_fail2ban_that_does_not_answer_is_named(place: Path) -> None:
    keep(place, {"broken": 'service "fail2ban" is not running'})
    assert 'fail2ban: cannot be asked (service "fail2ban" is not running)' in run(place)["msg"]


def test_a_container_that_does_not_run_is_told(place: Path) -> None:
    keep(place, {"stopped": True})
    assert "fail2ban: cannot be asked (it does not run)" in run(place)["msg"]


def test_a_jail_whose_log_is_there_has_to_run(place: Path) -> None:
    logs = place / "logs"
    logs.mkdir()
    (logs / "proxy-host-1_access.log").touch()
    jails = {
        "DEFAULT": {"bantime": "1h"},
        "sonarr": {"enabled": "true", "logpath": f"{logs}/sonarr.txt"},
        "lidarr": {"enabled": "true", "logpath": f"{logs}/lidarr.txt"},
        "proxy": {"enabled": "true", "logpath": f"{logs}/proxy-host-*_access.log"},
        "sshd": {"enabled": "true", "backend": "systemd"},
        "nzbget": {"enabled": "false", "logpath": f"{logs}/nzbget.log"},
    }
    found = run(place, jails=jails)
    assert found["running"] == ["recidive", "sonarr"]
    assert found["waiting"] == ["lidarr"]
    assert found["missing"] == ["proxy", "sshd"]


def test_a_jail_whose_log_has_just_come_may_take_a_moment(place: Path) -> None:
    jails = {"sshd": {"enabled": "true", "backend": "systemd"}}
    assert run(place, jails=jails, wait=0)["missing"] == ["sshd"]
    later = {"jails": ["sshd"], "bans": []}
    command = f"sleep 0.5; echo '{json.dumps(later)}' > {place}/state.new; mv {place}/state.new {place}/state.json"
    with subprocess.Popen(["sh", "-c", command]):
        assert run(place, jails=jails, wait=30)["missing"] == []

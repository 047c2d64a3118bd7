# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the engine is asked, and what follows for services, images and Fail2Ban."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from roles.host.files.collector import containers, fail2ban, images
from roles.host.files.collector.containers import Containers, moment, state
from roles.host.files.collector.engine import Engine as Asking
from roles.host.files.collector.findings import Findings, Trouble
from roles.host.files.collector.memory import Memory
from tests.unit.roles.host.collector_nursery import NEVER, PROJECT, Engine, inspected, running, series

NAMED = 'container="{0}",service="{0}"'


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with running(Engine(str(tmp_path / "docker.sock"))) as found:
        yield found


def look(engine: Engine, *services: str) -> Findings:
    found = Findings()
    containers.collect(found, Containers(Asking(engine.path, 1), PROJECT), {name: name for name in services})
    return found


def test_a_service_that_runs(engine: Engine) -> None:
    engine.containers = [inspected("sonarr", health="healthy", restarts=2)]
    found = look(engine, "sonarr")
    assert series(found) == {
        f"media_service_up{{{NAMED.format('sonarr')}}}": 1,
        f"media_service_restarts_total{{{NAMED.format('sonarr')}}}": 2,
        f"media_service_started_timestamp_seconds{{{NAMED.format('sonarr')}}}": 1795399880,
    }
    assert found.facts["services"] == {"sonarr": {"state": "up", "since": 1795399880}}


@pytest.mark.parametrize(
    ("given", "how", "since"),
    [
        ({}, "up", 1795399880),
        ({"health": "none"}, "up", 1795399880),
        ({"health": "starting"}, "starting", 1795399880),
        ({"health": "unhealthy"}, "down", None),
        ({"Status": "exited", "FinishedAt": "2026-11-23T02:12:00Z"}, "down", 1795399920),
        ({"Status": "restarting", "FinishedAt": "2026-11-23T02:12:00Z"}, "down", 1795399920),
        ({"Status": "created", "StartedAt": NEVER}, "down", None),
        ({"Status": "paused", "health": "healthy"}, "down", None),
    ],
)
def test_how_a_container_is(engine: Engine, given: dict[str, Any], how: str, since: float | None) -> None:
    engine.containers = [inspected("sonarr", **given)]
    found = look(engine, "sonarr")
    assert found.facts["services"]["sonarr"] == {"state": how, "since": since}
    assert series(found)[f"media_service_up{{{NAMED.format('sonarr')}}}"] == (how == "up")


def test_a_service_without_a_container_is_told_and_one_that_nobody_declared_is_not(engine: Engine) -> None:
    engine.containers = [inspected("somebodys")]
    found = look(engine, "sonarr")
    assert series(found) == {f"media_service_up{{{NAMED.format('sonarr')}}}": 0}
    assert found.facts["services"] == {"sonarr": {"state": "absent", "since": None}}


def test_other_projects_and_one_off_containers_are_nobodys_service(engine: Engine) -> None:
    other, once = inspected("sonarr"), inspected("radarr")
    other["Config"]["Labels"]["com.docker.compose.project"] = "another"
    once["Config"]["Labels"]["com.docker.compose.oneoff"] = "True"
    engine.containers = [other, once]
    assert {name: one["state"] for name, one in look(engine, "sonarr", "radarr").facts["services"].items()} == {
        "sonarr": "absent",
        "radarr": "absent",
    }


def test_of_two_containers_the_later_one_counts(engine: Engine) -> None:
    old = {**inspected("sonarr", Status="exited", StartedAt="2026-11-22T00:00:00Z"), "Id": "f" * 64}
    engine.containers = [inspected("sonarr"), old]
    assert look(engine, "sonarr").facts["services"]["sonarr"]["state"] == "up"


def test_a_part_is_of_its_whole(engine: Engine) -> None:
    engine.containers = [inspected("vpn-pod")]
    found = Findings()
    containers.collect(found, Containers(Asking(engine.path, 1), PROJECT), {"vpn-pod": "vpn"})
    assert series(found)['media_service_up{container="vpn-pod",service="vpn"}'] == 1


@pytest.mark.parametrize(
    ("versions", "used"), [(("1.24", "1.45"), "v1.44"), (("1.12", "1.41"), "v1.41"), (("1.50", "1.60"), "v1.50")]
)
def test_the_version_is_one_that_both_know(engine: Engine, versions: tuple[str, str], used: str) -> None:
    engine.versions = versions
    look(engine, "sonarr")
    assert engine.asked == ["GET /version", f"GET /{used}/containers/json"]


def test_all_parts_share_one_look(engine: Engine) -> None:
    engine.containers = [inspected("sonarr")]
    shared = Containers(Asking(engine.path, 1), PROJECT)
    assert shared.all() is shared.all()
    assert len(engine.asked) == 3


def test_an_engine_that_is_not_there(tmp_path: Path) -> None:
    nobody = Containers(Asking(str(tmp_path / "none.sock"), 1), PROJECT)
    for _time in range(2):
        with pytest.raises(Trouble, match="the engine does not answer"):
            nobody.all()


def test_an_engine_that_hangs(engine: Engine) -> None:
    engine.hangs = ("/containers",)
    begun = time.monotonic()
    with pytest.raises(Trouble, match="the engine does not answer"):
        Containers(Asking(engine.path, 0.2), PROJECT).all()
    assert time.monotonic() - begun < 2


def test_times_of_the_engine() -> None:
    assert moment("2026-11-23T02:12:00.123456789Z") == moment("2026-11-23T02:12:00Z") == 1795399920
    assert moment("2026-11-23T03:12:00.1+01:00") == 1795399920
    assert [moment(text) for text in (NEVER, "", "soon")] == [None, None, None]
    assert state(None) == "absent"


# --- images

SONARR, REDIS = "lscr.io/linuxserver/sonarr:4.0.19", "docker.io/library/redis:8.2.2-alpine"


def ask_for_images(engine: Engine, memory: Memory, seconds: float = 1) -> Findings:
    found = Findings()
    asking = Asking(engine.path, seconds)
    names = [one["Config"]["Labels"]["com.docker.compose.service"] for one in engine.containers]
    images.collect(found, Containers(asking, PROJECT), asking, memory, {name: name for name in names})
    return found


def behind(found: Findings) -> dict[str, float]:
    return {name.partition('image="')[2].partition('"')[0]: value for name, value in series(found).items()}


@pytest.fixture
def pulled(engine: Engine) -> Engine:
    engine.containers = [inspected("sonarr", image=SONARR), inspected("redis", image=REDIS)]
    for one in engine.containers:
        engine.digests[one["Image"]] = [f"{one['Config']['Image'].rpartition(':')[0]}@sha256:old"]
        engine.registry[one["Config"]["Image"]] = "sha256:old"
    return engine


def test_an_image_is_behind_when_the_registry_has_another(pulled: Engine, tmp_path: Path) -> None:
    pulled.registry[SONARR] = "sha256:new"
    assert behind(ask_for_images(pulled, Memory(tmp_path / "m"))) == {SONARR: 1, REDIS: 0}


def test_a_registry_is_asked_twice_a_day(pulled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory(tmp_path / "m")
    now = time.time()

    def questions(after: float) -> int:
        monkeypatch.setattr(time, "time", lambda: now + after)
        pulled.asked.clear()
        ask_for_images(pulled, memory)
        return sum("/distribution/" in one for one in pulled.asked)

    assert [questions(after) for after in (0, 60, 11 * 3600, 12 * 3600 + 1, 12 * 3600 + 60)] == [2, 0, 0, 2, 0]


def test_a_few_at_a_time_and_all_in_the_end(engine: Engine, tmp_path: Path) -> None:
    names = [f"example.org/image:{number}" for number in range(10)]
    engine.containers = [inspected(f"s{number}", image=name) for number, name in enumerate(names)]
    for one in engine.containers:
        engine.digests[one["Image"]] = ["example.org/image@sha256:a"]
        engine.registry[one["Config"]["Image"]] = "sha256:a"
    memory = Memory(tmp_path / "m")
    assert [len(series(ask_for_images(engine, memory))) for _run in range(4)] == [4, 8, 10, 10]


def test_a_registry_that_fails_keeps_what_it_said(
    pulled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Memory(tmp_path / "m")
    ask_for_images(pulled, memory)
    del pulled.registry[SONARR]
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 13 * 3600)
    found = Findings()
    asking = Asking(pulled.path, 1)
    seen = Containers(asking, PROJECT)
    for _run in range(2):  # it is not asked again at once, and still told
        with pytest.raises(Trouble, match=rf"^{SONARR}: the engine answers 404$"):
            images.collect(found, seen, asking, memory, {"sonarr": "sonarr", "redis": "redis"})
    assert behind(found) == {SONARR: 0, REDIS: 0}
    assert sum("/distribution/" + SONARR in one for one in pulled.asked) == 2


def test_a_registry_that_hangs_is_not_asked_first_again(pulled: Engine, tmp_path: Path) -> None:
    pulled.hangs = (f"/distribution/{SONARR}",)
    memory = Memory(tmp_path / "m")
    begun = time.monotonic()
    with pytest.raises(Trouble):
        ask_for_images(pulled, memory)
    assert time.monotonic() - begun < images.EACH + 1
    assert memory.get("images")[REDIS]["behind"] is False
    pulled.asked.clear()
    with pytest.raises(Trouble):
        ask_for_images(pulled, memory)
    assert not any("/distribution/" in one for one in pulled.asked)


def test_another_image_under_the_name_is_asked_for_at_once(pulled: Engine, tmp_path: Path) -> None:
    memory = Memory(tmp_path / "m")
    pulled.registry[SONARR] = "sha256:new"
    assert behind(ask_for_images(pulled, memory))[SONARR] == 1
    pulled.containers[0]["Image"] = "sha256:" + "9" * 64
    pulled.digests["sha256:" + "9" * 64] = ["lscr.io/linuxserver/sonarr@sha256:new"]
    assert behind(ask_for_images(pulled, memory))[SONARR] == 0


def test_what_was_made_here_or_pinned_is_not_behind(engine: Engine, tmp_path: Path) -> None:
    pinned = f"{REDIS}@sha256:{'a' * 64}"
    engine.containers = [inspected("mine", image="mine:latest"), inspected("redis", image=pinned)]
    engine.digests[engine.containers[0]["Image"]] = []
    assert behind(ask_for_images(engine, Memory(tmp_path / "m"))) == {}
    assert not any("/distribution/" in one for one in engine.asked)


# --- Fail2Ban


def ask_fail2ban(engine: Engine) -> Findings:
    found = Findings()
    asking = Asking(engine.path, 1)
    fail2ban.collect(found, Containers(asking, PROJECT), asking, "fail2ban")
    return found


def test_bans_are_counted_by_the_program_in_the_container(engine: Engine) -> None:
    engine.containers = [inspected("fail2ban", health="healthy")]
    engine.printed = json.dumps({"sshd": {"banned": 1, "total": 7}, "proxy": {"banned": 0, "total": 0}}).encode()
    assert series(ask_fail2ban(engine)) == {
        'media_fail2ban_banned{jail="proxy"}': 0,
        'media_fail2ban_banned{jail="sshd"}': 1,
        'media_fail2ban_bans_total{jail="proxy"}': 0,
        'media_fail2ban_bans_total{jail="sshd"}': 7,
    }


def test_a_fail2ban_that_is_down_has_no_numbers_and_is_no_trouble(engine: Engine) -> None:
    engine.containers = [inspected("fail2ban", Status="exited")]
    assert series(ask_fail2ban(engine)) == {}
    assert not any("exec" in one for one in engine.asked)


@pytest.mark.parametrize(
    ("printed", "code", "said"),
    [
        (b"", 1, "python3 in the container ends with 1"),
        (b"Traceback", 0, "something else"),
        (b'{"jails": [], "bans": []}', 0, "something else"),
        (b'{"sshd": {"banned": 1}}', 0, "something else"),
    ],
)
def test_a_fail2ban_that_cannot_be_asked(engine: Engine, printed: bytes, code: int, said: str) -> None:
    engine.containers = [inspected("fail2ban")]
    engine.printed, engine.exit_code = printed, code
    with pytest.raises(Trouble, match=said):
        ask_fail2ban(engine)

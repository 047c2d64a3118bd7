# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The VPN as the collector sees it, with real network namespaces and the real rules in them. Needs root and nft."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import kill_switch

from roles.host.files.collector import guard, home, namespace, vpn
from roles.host.files.collector.containers import Containers
from roles.host.files.collector.engine import Engine as Asking
from roles.host.files.collector.findings import Findings, Trouble
from roles.host.files.collector.guard import Guard
from roles.host.files.collector.memory import Memory
from tests.unit.real_host import need_root
from tests.unit.roles.host.collector_nursery import (
    PROJECT,
    Engine,
    application,
    closed,
    in_a_namespace,
    inspected,
    running,
    series,
)

KEY = "0123456789abcdef"
IN_FORCE = "IPv4: in force, 12 packets stopped\nIPv6: in force, 0 packets stopped\n"

#: A control server of the client's kind on the namespace's own loopback, and nowhere else.
CONTROL = """
import http.server, json, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        answers = json.loads(sys.argv[1])
        open_to = self.headers.get("X-API-Key") == "0123456789abcdef" and self.path in answers
        self.send_response(200 if open_to else 401); self.end_headers()
        self.wfile.write(json.dumps(answers[self.path]).encode() if open_to else b"Unauthorized")
    def log_message(self, *args): pass
server = http.server.HTTPServer(("127.0.0.1", 8000), Handler)
print("up", flush=True)
server.serve_forever()
"""
RUNNING = {
    "/v1/vpn/status": {"status": "running"},
    "/v1/publicip/ip": {"public_ip": "203.0.113.20", "region": "Example", "country": "Norway", "city": "Oslo"},
}


def pod(answers: dict[str, Any]) -> AbstractContextManager[int]:
    """Return a client in a network of its own."""
    return in_a_namespace(CONTROL, json.dumps(answers))


def another() -> AbstractContextManager[int]:
    """Return something in another network."""
    return in_a_namespace("import time; print('up', flush=True); time.sleep(60)")


def looked(text: str = IN_FORCE, ago: float = 5) -> list[dict[str, Any]]:
    when = time.strftime("%Y-%m-%dT%H:%M:%S.123456789Z", time.gmtime(time.time() - ago))
    return [{"Start": when, "End": when, "ExitCode": 0, "Output": text}]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "vpn_control_key").write_text(KEY)
    with running(Engine(str(tmp_path / "docker.sock"))) as found:
        yield found


@pytest.fixture(autouse=True)
def around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "look", lambda _seconds: Guard(True, {"leaving": 0, "to_host": 1}))


def ask(engine: Engine, tmp_path: Path, memory: Memory | None = None) -> tuple[Findings, str]:
    """Return what is found, and the trouble that there was."""
    found = Findings()
    config = {"pod": "vpn-pod", "client": "vpn", "tenants": ["nzbget"], "control": "127.0.0.1:8000"}
    config["key"] = "vpn_control_key"
    seen = Containers(Asking(engine.path, 1), PROJECT)
    try:
        vpn.collect(found, seen, memory or Memory(tmp_path / "m"), config, str(tmp_path))
    except Trouble as trouble:
        return found, str(trouble)
    return found, ""


def house(inside: int, client: int = 0, tenant: int = 0, log: Any = None, **client_state: Any) -> list[dict[str, Any]]:
    return [
        inspected("vpn-pod", health="healthy", Pid=inside, log=looked() if log is None else log),
        inspected("vpn", **{"health": "healthy", "Pid": client or inside, **client_state}),
        inspected("nzbget", health="healthy", Pid=tenant or inside),
    ]


def test_all_is_well(engine: Engine, tmp_path: Path) -> None:
    with pod(RUNNING) as inside:
        engine.containers = house(inside)
        found, trouble = ask(engine, tmp_path)
    told = series(found)
    checked = told.pop("media_vpn_checked_timestamp_seconds")
    assert trouble == ""
    assert told == {
        "media_vpn_up": 1,
        'media_vpn_exit_info{address="203.0.113.20",country="Norway"}': 1,
        "media_vpn_pod_up": 1,
        'media_vpn_tenant_up{service="nzbget"}': 1,
        'media_vpn_stopped_packets_total{family="ipv4"}': 12,
        'media_vpn_stopped_packets_total{family="ipv6"}': 0,
        'media_vpn_guard_packets_total{chain="leaving"}': 0,
        'media_vpn_guard_packets_total{chain="to_host"}': 1,
        "media_vpn_rules_loaded": 1,
    }
    assert 4 <= time.time() - checked < 30
    assert found.facts["vpn"] == {"up": True, "country": "Norway"}


def test_a_tenant_outside_of_the_pod_is_told(engine: Engine, tmp_path: Path) -> None:
    with pod(RUNNING) as inside, another() as outside:
        engine.containers = house(inside, tenant=outside)
        found, _trouble = ask(engine, tmp_path)
        assert series(found)['media_vpn_tenant_up{service="nzbget"}'] == 0
        engine.containers[2] = inspected("nzbget", health="unhealthy", Pid=inside)
        assert series(ask(engine, tmp_path)[0])['media_vpn_tenant_up{service="nzbget"}'] == 0


@pytest.mark.parametrize(
    ("answers", "trouble"),
    [
        ({"/v1/vpn/status": {"status": "stopped"}}, ""),
        ({"/v1/vpn/status": {"status": "crashed"}}, ""),
        ({"/v1/vpn/status": "?"}, "the VPN client answers with something else than it should"),
        ({}, "the VPN client answers 401"),
    ],
)
def test_a_client_without_a_tunnel(engine: Engine, tmp_path: Path, answers: dict[str, Any], trouble: str) -> None:
    with pod(answers) as inside:
        engine.containers = house(inside)
        found, said = ask(engine, tmp_path)
    told = series(found)
    assert (told["media_vpn_up"], said) == (0, trouble)
    assert not any("exit" in name for name in told)
    assert found.facts["vpn"] == {"up": False, "country": ""}
    assert KEY not in said


def test_an_address_that_is_not_known_yet(engine: Engine, tmp_path: Path) -> None:
    with pod({**RUNNING, "/v1/publicip/ip": {"public_ip": "", "country": ""}}) as inside:
        engine.containers = house(inside)
        found, trouble = ask(engine, tmp_path)
    assert (series(found)["media_vpn_up"], trouble) == (1, "")
    assert not any("exit" in name for name in series(found))


def test_nobody_answers_in_the_pod(engine: Engine, tmp_path: Path) -> None:
    with another() as inside:
        engine.containers = house(inside)
        found, trouble = ask(engine, tmp_path)
    assert series(found)["media_vpn_up"] == 0
    assert "nobody answers at 127.0.0.1:8000 in the container" in trouble
    assert series(found)["media_vpn_rules_loaded"] == 1


@pytest.mark.parametrize("client_state", [{"Status": "exited"}, {"health": "unhealthy"}, {"health": "starting"}])
def test_a_client_that_is_not_well_is_not_asked(engine: Engine, tmp_path: Path, client_state: dict[str, str]) -> None:
    with pod(RUNNING) as inside:
        engine.containers = house(inside, **client_state)
        found, trouble = ask(engine, tmp_path)
    assert (series(found)["media_vpn_up"], trouble) == (0, "")


def test_no_pod_at_all(engine: Engine, tmp_path: Path) -> None:
    found, trouble = ask(engine, tmp_path)
    told = series(found)
    assert trouble == ""
    names = ("media_vpn_up", "media_vpn_pod_up", 'media_vpn_tenant_up{service="nzbget"}', "media_vpn_rules_loaded")
    assert [told[name] for name in names] == [0] * 4


@pytest.mark.parametrize(
    "log",
    [
        looked("IPv4: in force, 1 packets stopped\nIPv6: NOT in force\n"),
        looked("OCI runtime exec failed"),
        looked(ago=vpn.OLD + 1),
        [],
    ],
)
def test_rules_of_the_pod_that_are_not_known_to_be_in_force(
    engine: Engine, tmp_path: Path, log: list[dict[str, Any]]
) -> None:
    with pod(RUNNING) as inside:
        engine.containers = house(inside, log=log)
        assert series(ask(engine, tmp_path)[0])["media_vpn_rules_loaded"] == 0


def test_rules_of_the_host_that_are_gone(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "look", lambda _seconds: Guard(False, {}))
    with pod(RUNNING) as inside:
        engine.containers = house(inside)
        told = series(ask(engine, tmp_path)[0])
    assert (told["media_vpn_rules_loaded"], told["media_vpn_up"]) == (0, 1)
    assert not any("guard_packets" in name for name in told)


def test_rules_of_the_host_that_cannot_be_asked_for(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(_seconds: float) -> Guard:
        raise Trouble("nft does not answer within 2 s")

    monkeypatch.setattr(guard, "look", hang)
    with pod(RUNNING) as inside:
        engine.containers = house(inside)
        found, trouble = ask(engine, tmp_path)
    assert "media_vpn_rules_loaded" not in series(found)
    assert (series(found)["media_vpn_up"], trouble) == (1, "nft does not answer within 2 s")


# --- the rules, in the kernel


def listed(script: str) -> Guard:
    """Return what is seen of the host's rules in a fresh namespace, after a script in it."""
    need_root()
    done = subprocess.run(
        ["unshare", "--net", "sh", "-ec", f"{script}\nnft --json list table inet {guard.TABLE}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return guard.parse(done.stdout)


def loaded(after: str = ":") -> str:
    rules = kill_switch.guard(kill_switch.Endpoint("udp", "203.0.113.7", 51820), ["192.168.7.0/24"])
    return f"nft -f - <<'RULES'\n{rules}RULES\n{after}"


def test_the_rules_as_the_role_writes_them_are_in_force() -> None:
    assert listed(loaded()) == Guard(True, {"leaving": 0, "to_host": 0})


@pytest.mark.parametrize(
    "harm",
    [
        "nft flush chain inet media_guard leaving",
        "nft flush chain inet media_guard input",
        "nft delete chain inet media_guard forward",
        # What is left stops nothing but names.
        "nft delete rule inet media_guard leaving handle "
        """$(nft -a list chain inet media_guard leaving | awk '$1 == "counter" {print $NF}')""",
    ],
)
def test_rules_that_somebody_broke_are_not_in_force(harm: str) -> None:
    assert not listed(loaded(harm)).in_force


def test_packets_of_all_rules_that_stop_some_are_added() -> None:
    counted = loaded().replace("counter drop", "counter packets 3 bytes 180 drop")
    assert listed(counted) == Guard(True, {"leaving": 6, "to_host": 3})


def test_no_table_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    program(tmp_path, monkeypatch, "nft", "echo 'Error: No such file or directory' >&2; exit 1")
    assert guard.look(2) == Guard(False, {})


@pytest.mark.parametrize(
    ("script", "said"), [("exit 1", "nft ends with 1"), ("exec sleep 30", "nft does not answer within 0.2 s")]
)
def test_an_nft_that_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, said: str) -> None:
    monkeypatch.undo()
    program(tmp_path, monkeypatch, "nft", script)
    with pytest.raises(Trouble, match=said):
        guard.look(0.2)


def test_no_nft(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Trouble, match="nft cannot be run"):
        guard.look(1)


def program(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, script: str) -> None:
    """Put a program of that name before all others."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


# --- namespaces


def test_this_process_stays_where_it_is() -> None:
    before = namespace.inode(os.getpid())
    with pod(RUNNING) as inside:
        assert namespace.inode(inside) not in (0, before)
        namespace.connect(inside, ("127.0.0.1", 8000), 2).close()
    assert namespace.inode(os.getpid()) == before
    assert (namespace.inode(0), namespace.inode(2**22 + 1)) == (0, 0)


def test_a_process_that_has_gone() -> None:
    with pytest.raises(Trouble, match="cannot be entered"):
        namespace.connect(2**22 + 1, ("127.0.0.1", 8000), 2)


# --- the host's own address


def told_home(tmp_path: Path, page: str, code: int = 200) -> Memory:
    memory = Memory(tmp_path / "m")
    with application(lambda _path, _headers, _body: (code, page)) as url:
        home.collect(Findings(), memory, url)
    return memory


def test_a_tunnel_that_comes_out_at_home_is_told(engine: Engine, tmp_path: Path) -> None:
    for address, at_home in (("203.0.113.20\n", 1), ("198.51.100.1", 0)):
        with pod(RUNNING) as inside:
            engine.containers = house(inside)
            found, _trouble = ask(engine, tmp_path, told_home(tmp_path, address))
        assert series(found)["media_vpn_exit_is_home"] == at_home


def test_where_home_is_not_known_nothing_is_told(engine: Engine, tmp_path: Path) -> None:
    with pod(RUNNING) as inside:
        engine.containers = house(inside)
        for memory in (None, told_home(tmp_path, "2001:db8::1")):
            assert "media_vpn_exit_is_home" not in series(ask(engine, tmp_path, memory)[0])


def test_it_is_asked_four_times_an_hour_and_forgotten_after_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = told_home(tmp_path, "198.51.100.1")
    now = time.time()
    for after, asked, known in ((800, False, False), (901, True, False), (3599, True, False), (3601, True, None)):
        monkeypatch.setattr(time, "time", lambda after=after: now + after)
        memory.put(home.SECTION, {**memory.get(home.SECTION), "asked": now, "failed": ""})
        if asked:
            with pytest.raises(Trouble, match="the page that tells the host's address does not answer"):
                home.collect(Findings(), memory, closed())
        else:
            home.collect(Findings(), memory, closed())
        assert home.is_home(memory, "203.0.113.20") is known


def test_a_page_that_failed_is_not_asked_again_at_once_and_still_told(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "m")
    asked = []

    def answer(_path: str, _headers: object, _body: bytes) -> tuple[int, str]:
        asked.append(1)
        return 200, "<html>"

    with application(answer) as url:
        for _run in range(2):
            with pytest.raises(Trouble, match="the page that should tell the host's address does not"):
                home.collect(Findings(), memory, url)
    assert len(asked) == 1

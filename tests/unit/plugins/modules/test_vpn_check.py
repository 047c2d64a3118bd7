# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module as Ansible runs it. What it sees of a real pod is tried in the molecule scenario of the role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import docker_socket, vpn_probe
from ansible_collections.homelab.media.plugins.module_utils.vpn_verdict import Observation, Seen
from ansible_collections.homelab.media.plugins.modules import vpn_check

from tests.unit.run_module import run_module


@pytest.fixture
def arguments(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "key").write_text("sesame-sesame-sesame\n")
    return {"control_key_file": str(tmp_path / "key"), "guard_file": str(tmp_path / "guard.nft")}


def see(monkeypatch: pytest.MonkeyPatch, seen: Observation | Exception) -> list[vpn_probe.Target]:
    """Let the module see this; return what it looked at."""
    targets: list[vpn_probe.Target] = []

    def observe(target: vpn_probe.Target) -> Observation:
        targets.append(target)
        if isinstance(seen, Exception):
            raise seen
        return seen

    monkeypatch.setattr(vpn_probe, "observe", observe)
    return targets


def test_it_fails_with_every_problem(monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any]) -> None:
    see(monkeypatch, Observation(pod=Seen("running", "healthy", True), rules_error="gone"))
    answer = run_module(vpn_check.main, arguments)
    assert answer["failed"]
    assert answer["msg"].startswith("The VPN has 4 problems:\n")
    assert "kill switch: is not in force (gone)" in answer["msg"]
    variables = [problem["variable"] for problem in answer["problems"]]
    assert variables == ["kill switch", "table inet media_guard", "resolv.conf", "vpn"]


def test_it_only_reports_where_that_is_asked_for(monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any]) -> None:
    see(monkeypatch, Observation())
    answer = run_module(vpn_check.main, {**arguments, "report_only": True})
    assert not answer.get("failed")
    assert not answer["changed"]
    assert [problem["variable"] for problem in answer["problems"]] == ["vpn-pod"]


@pytest.mark.parametrize(
    ("error", "variable"),
    [(docker_socket.EngineUnreachable("no socket"), "docker"), (PermissionError("not permitted"), "vpn-pod")],
)
def test_what_keeps_it_from_looking_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any], error: Exception, variable: str
) -> None:
    see(monkeypatch, error)
    answer = run_module(vpn_check.main, arguments)
    assert answer["failed"]
    assert [problem["variable"] for problem in answer["problems"]] == [variable]
    assert not answer["kill_switch"]["in_force"]
    reported = run_module(vpn_check.main, {**arguments, "report_only": True}, check=True)
    assert not reported.get("failed")


def test_it_looks_where_it_is_told_and_never_prints_the_key(
    monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any]
) -> None:
    targets = see(monkeypatch, Observation())
    answer = run_module(vpn_check.main, {**arguments, "tenants": ["nzbget"], "ipv6": True, "timeout": 3})
    (target,) = targets
    assert (target.project, target.pod, target.client, target.tenants) == ("media", "vpn-pod", "vpn", ["nzbget"])
    assert (target.versions, target.timeout, target.control_key) == ((4, 6), 3.0, "sesame-sesame-sesame")
    assert "sesame" not in str(answer)
    assert "sesame" not in str(target)


def test_a_key_that_is_not_there_yet_is_no_crash(monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any]) -> None:
    targets = see(monkeypatch, Observation())
    run_module(vpn_check.main, {**arguments, "control_key_file": "/nowhere/at/all"})
    assert targets[0].control_key == ""

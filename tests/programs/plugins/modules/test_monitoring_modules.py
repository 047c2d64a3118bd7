# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module monitoring does beside reading files again, which tests/contract/test_prometheus_live.py tries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.modules import monitoring, monitoring_info

from tests.programs.small_front import Request, certificate, front, page
from tests.unit.run_module import run_module

KNOWN = "Basic YWRtaW46cHc="  # admin:pw


def grafana(request: Request) -> bytes:
    known = request.headers.get("authorization") == KNOWN
    return page(200, '{"login": "admin"}') if known else page(401, '{"message": "no"}')


@pytest.fixture
def administrator(tmp_path: Path) -> Iterator[dict[str, str]]:
    password = tmp_path / "password"
    password.write_text("pw\n")
    with front(grafana, *certificate(tmp_path, "localhost")) as door:
        url = f"http://127.0.0.1:{door.http_port}"
        yield {"url": url, "username": "admin", "password_file": str(password), "container": "no-such-container"}


def wire(administrator: dict[str, str], *, check: bool = False, **more: Any) -> dict[str, Any]:
    return run_module(monitoring.main, {"programs": [], "administrator": administrator, **more}, check=check)


def test_an_administrator_that_grafana_knows_is_left_alone(administrator: dict[str, str]) -> None:
    assert wire(administrator)["diff"] == []
    assert wire(administrator, check=True)["diff"] == []


def test_another_password_is_announced_where_a_run_would_set_it(administrator: dict[str, str]) -> None:
    found = wire(administrator, check=True, planned_files=[administrator["password_file"]])
    assert [change["after_header"] for change in found["diff"]] == ["grafana's administrator"]
    Path(administrator["password_file"]).write_text("another")
    assert wire(administrator, check=True)["changed"]
    # Nobody is there to set it, and the password is in nothing that is said.
    failed = wire(administrator)
    assert failed["failed"] and "another" not in failed["msg"].replace("another one", "")


def test_check_mode_needs_neither_grafana_nor_a_password(administrator: dict[str, str]) -> None:
    nobody = {**administrator, "url": "http://127.0.0.1:9"}
    assert wire(nobody, check=True)["diff"] == []
    assert wire(nobody)["failed"]
    absent = {**administrator, "password_file": "/no/such/file"}
    assert wire(absent, check=True)["diff"] == []
    assert "password_file" in wire(absent)["msg"]


def test_half_of_what_grafana_is_asked_with_is_refused() -> None:
    found = run_module(monitoring_info.main, {"expected": {"grafana": {"url": "http://127.0.0.1:9"}}, "timeout": 0})
    assert "grafana: has no username, password_file, source" in found["msg"]


def test_a_prometheus_that_does_not_answer_is_told_and_can_be_reported_alone() -> None:
    arguments = {"expected": {"url": "http://127.0.0.1:9"}, "timeout": 0}
    assert "does not answer" in run_module(monitoring_info.main, arguments)["msg"]
    reported = run_module(monitoring_info.main, {**arguments, "report_only": True})
    assert not reported.get("failed") and reported["problems"]

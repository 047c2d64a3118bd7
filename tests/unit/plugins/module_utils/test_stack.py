# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import containers, stack
from ansible_collections.homelab.media.plugins.module_utils.containers import Wanted
from ansible_collections.homelab.media.plugins.module_utils.docker_socket import EngineUnreachable
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError

WANTED = {"plex": Wanted("d1", "plex:1"), "redis": Wanted("d2", "redis:8")}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> stack.Project:
    """A project whose engine does not run."""

    def unreachable(*_arguments: Any) -> Any:
        raise EngineUnreachable("no such file")

    monkeypatch.setattr(containers, "observe", unreachable)
    return stack.Project(str(tmp_path), "media", 1.0, whole=True)


def left(project: stack.Project, labels: dict[str, str]) -> None:
    Path(project.folder, "catalogue.json").write_text(json.dumps({"labels": labels}))


def foreseen(project: stack.Project) -> list[tuple[str, str]]:
    return [(step["service"], step["action"]) for step in stack.ensure(project, WANTED, check=True).facts["steps"]]


def test_without_an_engine_nothing_is_done(project: stack.Project) -> None:
    with pytest.raises(MediaError, match="docker: does not answer"):
        stack.ensure(project, WANTED, check=False)


def test_on_a_fresh_host_all_containers_are_foreseen(project: stack.Project) -> None:
    assert foreseen(project) == [("plex", "create"), ("redis", "create")]


def test_a_stopped_engine_brings_its_containers_back_by_itself(project: stack.Project) -> None:
    left(project, {"plex": "d1", "redis": "d2"})
    assert foreseen(project) == []


def test_what_has_changed_since_is_foreseen_all_the_same(project: stack.Project) -> None:
    left(project, {"plex": "old", "redis": "d2", "gone": "d3"})
    assert foreseen(project) == [("plex", "recreate"), ("gone", "remove")]

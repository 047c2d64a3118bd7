# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.homelab.media.plugins.modules import media_daemon_settings, media_host_info


def run(
    module: Any, capsys: pytest.CaptureFixture[str], arguments: dict[str, Any], check: bool = False
) -> dict[str, Any]:
    """Run a module's main() and return what it answers."""
    with patch_module_args({**arguments, "_ansible_check_mode": check}), pytest.raises(SystemExit):
        module.main()
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


@pytest.mark.parametrize("check", [False, True])
def test_the_host_is_told_whole(capsys: pytest.CaptureFixture[str], tmp_path: Path, check: bool) -> None:
    (tmp_path / "catalogue.json").write_text('{"a": 1}')
    arguments = {"paths": [str(tmp_path)], "packages": ["bash"], "catalogue": str(tmp_path / "catalogue.json")}
    answer = run(media_host_info, capsys, arguments, check)
    host = answer["host"]
    assert answer["changed"] is False
    assert host["paths"][str(tmp_path)]["exists"] is True
    assert host["catalogue"] == {"a": 1}
    assert "bash" in host["packages"]
    assert {"os", "docker", "mounts", "accounts", "ports", "devices", "kernel", "time_zone"} <= set(host)


@pytest.mark.parametrize("port", ["80", "80/sctp", "http/tcp", "80-90/tcp"])
def test_what_is_no_port_is_told(capsys: pytest.CaptureFixture[str], port: str) -> None:
    answer = run(media_host_info, capsys, {"ports": [port]})
    assert answer["failed"] is True
    assert port in answer["msg"]


def test_daemon_settings_are_written_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "docker" / "daemon.json"
    arguments = {"settings": {"live-restore": True}, "path": str(path)}
    assert run(media_daemon_settings, capsys, arguments, check=True)["changed"] is True
    assert not path.exists()
    assert run(media_daemon_settings, capsys, arguments)["changed"] is True
    assert json.loads(path.read_text()) == {"live-restore": True}
    assert run(media_daemon_settings, capsys, arguments)["changed"] is False


def test_a_broken_file_fails_the_module(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "daemon.json").write_text("{")
    arguments = {"settings": {"live-restore": True}, "path": str(tmp_path / "daemon.json")}
    answer = run(media_daemon_settings, capsys, arguments)
    assert answer["failed"] is True
    assert "host_docker_daemon_settings" in answer["msg"]

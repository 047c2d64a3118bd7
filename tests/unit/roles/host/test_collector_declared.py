# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role puts on a host of the collector: all of it, and the units as systemd reads them."""

from __future__ import annotations

import configparser
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

ROLE = Path(__file__).resolve().parents[4] / "roles" / "host"
VALUES = {"media_project": "media", "media_root": "/opt/media", "host_collector_interval": "90s"}


def declared() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())["__host_declaration"]
    return found


def test_every_file_of_the_program_is_put_on_the_host() -> None:
    sources = {item["source"]: item["path"] for item in declared()["files"] if "source" in item}
    there = {path.name for path in (ROLE / "files" / "collector").glob("*.py")}
    assert sources == {f"files/collector/{name}": f"lib/collector/{name}" for name in there}


def test_the_folders_that_others_mount_are_made_first() -> None:
    seeds = {item["path"]: item["content"] for item in declared()["files"] if item.get("seed")}
    assert yaml.safe_load(seeds["state/collector/public/health.json"]) == {
        "disks": [],
        "services": {},
        "time": 0,
        "vpn": None,
    }
    assert seeds["state/collector/metrics/media.prom"].startswith("#")


def unit(name: str) -> configparser.ConfigParser:
    text = (ROLE / "templates" / f"{name}.j2").read_text()
    parsed = configparser.ConfigParser(interpolation=None, strict=True)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string(jinja2.Template(text, undefined=jinja2.StrictUndefined).render(VALUES))
    return parsed


def test_the_timer_starts_it_at_once_and_again_and_again() -> None:
    timer = unit("media-collector.timer")
    assert (timer["Timer"]["OnActiveSec"], timer["Timer"]["OnUnitActiveSec"]) == ("1s", "90s")
    assert timer["Install"]["WantedBy"] == "timers.target"
    assert "Install" not in unit("media-collector.service")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Type", "oneshot"),
        ("ProtectSystem", "strict"),
        ("ReadWritePaths", "/opt/media/state/collector"),
        ("NoNewPrivileges", "true"),
        ("CapabilityBoundingSet", "CAP_DAC_READ_SEARCH CAP_NET_ADMIN CAP_SYS_ADMIN CAP_SYS_PTRACE"),
    ],
)
def test_what_it_may(key: str, value: str) -> None:
    assert unit("media-collector.service")["Service"][key] == value


def test_what_it_is_called_with_is_what_is_there() -> None:
    words = unit("media-collector.service")["Service"]["ExecStart"].split()
    assert words[-2:] == ["/opt/media/lib/collector", "/opt/media/config/collector/collector.json"]
    assert "config/collector/collector.json" in {item["path"] for item in declared()["files"]}

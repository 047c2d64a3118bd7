# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every query of the dashboards is one that Prometheus reads."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import yaml
from ansible_collections.homelab.media.plugins.module_utils import grafana_dashboards

from tests.unit.dashboard_plan import SETTINGS, plan


def check(file: Path, rules: list[dict[str, str]]) -> subprocess.CompletedProcess[str]:
    file.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": rules}]}), encoding="utf-8")
    return subprocess.run(["promtool", "check", "rules", str(file)], capture_output=True, text=True, check=False)


def test_every_query_is_one_that_prometheus_reads(tmp_path: Path) -> None:
    panels = [
        panel
        for dashboard in grafana_dashboards.dashboards(plan(), SETTINGS).values()
        for panel in json.loads(dashboard.text())["panels"]
    ]
    found = [target["expr"] for panel in panels for target in panel.get("targets") or ()]
    rules = [{"record": f"panel:q{number}", "expr": expr} for number, expr in enumerate(found)]
    done = check(tmp_path / "queries.yml", rules)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(found) > 120


def test_promtool_would_say_no(tmp_path: Path) -> None:
    assert check(tmp_path / "queries.yml", [{"record": "panel:q", "expr": "sum(rate(up[5m])"}]).returncode != 0

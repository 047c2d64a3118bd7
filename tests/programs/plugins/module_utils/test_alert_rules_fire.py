# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every alert fires when it should and not otherwise, by Prometheus's own promtool; and what it tells a person."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import alert_rules

from tests.unit.alert_cases import CASES, Case
from tests.unit.alert_house import PLAN, settings

ADJUSTED = {"ConvergeTooOld": {"enabled": True, "threshold": 1}}
TEXT = alert_rules.text(PLAN, settings(monitoring_alerts=ADJUSTED))
RENDERED = {rule["alert"]: rule for group in yaml.safe_load(TEXT)["groups"] for rule in group["rules"]}


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "media.yml"
    file.write_text(TEXT, encoding="utf-8")
    return file


def promtool(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True, check=False)


def told(text: str, case: Case) -> str:
    """Return a text of an alert with its labels and numbers in it. A label that it has not is a mistake in the rule."""

    def filled(found: re.Match[str]) -> str:
        label = re.fullmatch(r"\$labels\.(\w+)", found[1])
        return case.labels[label[1]] if label else case.words[found[1]]

    return re.sub(r"\{\{ (.+?) \}\}", filled, text)


def expected(name: str) -> dict[str, Any]:
    case, rule = CASES[name], RENDERED[name]
    return {
        "exp_labels": {"severity": rule["labels"]["severity"], **case.labels},
        "exp_annotations": {key: told(text, case) for key, text in rule["annotations"].items()},
    }


def tries(folder: Path, name: str, *, right: bool) -> tuple[int, str]:
    """Let promtool try an alert at all its numbers; return how many tries that were, and what it says.

    right: expect what is right, or the opposite. The alert is by itself in its file: trying all of them takes long.
    """
    alone = folder / "rules.yml"
    alone.write_text(json.dumps({"groups": [{"name": "alone", "rules": [RENDERED[name]]}]}), encoding="utf-8")
    case = CASES[name]
    tests = [
        {
            "interval": "1m",
            "input_series": [{"series": series, "values": values} for series, values in given.items()],
            "alert_rule_test": [
                {"eval_time": f"{at}m", "alertname": name, "exp_alerts": [expected(name)] if fires is right else []}
            ],
        }
        for fires, numbers in ((True, case.fires), (False, case.quiet))
        for at, given in numbers
    ]
    file = folder / "tests.yml"
    file.write_text(json.dumps({"rule_files": [str(alone)], "evaluation_interval": "1m", "tests": tests}))
    done = promtool("test", "rules", file)
    said = done.stdout + done.stderr
    assert (done.returncode == 0) is ("FAILED" not in said), said
    return len(tests), said


def test_the_rules_are_well_formed(rules: Path) -> None:
    done = promtool("check", "rules", rules)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(alert_rules.RULES)} rules found" in done.stdout


def test_promtool_refuses_a_rule_that_is_none(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text(TEXT.replace("min(media_vpn_up) == 0", "min(media_vpn_up == 0"), encoding="utf-8")
    assert promtool("check", "rules", broken).returncode != 0


def test_every_alert_that_can_be_there_is_tried_both_ways() -> None:
    assert set(CASES) == set(RENDERED) == set(alert_rules.RULES)
    assert all(case.fires for case in CASES.values())
    assert [name for name, case in CASES.items() if not case.quiet] == ["Watchdog"]


@pytest.mark.parametrize("name", CASES)
def test_it_fires_at_its_numbers_and_not_at_others(tmp_path: Path, name: str) -> None:
    _tried, said = tries(tmp_path, name, right=True)
    assert "FAILED" not in said, said


@pytest.mark.parametrize("name", CASES)
def test_promtool_would_have_told_the_difference(tmp_path: Path, name: str) -> None:
    tried, said = tries(tmp_path, name, right=False)
    assert said.count("alertname:") == tried, said

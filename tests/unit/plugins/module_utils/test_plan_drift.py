# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What check mode has announced, for an exit status, from what the roles have registered."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import plan_drift

from tests.unit.plan_recorded import plan, recorded, told

ROLES = Path(__file__).resolve().parents[4] / "roles"
#: Tasks that only look, decide or say; what a check says by its results is not a change.
LOOK = {"assert", "debug", "fail", "include_tasks", "import_tasks", "include_role", "import_role", "set_fact", "meta"}
#: They run where Ansible runs, by playbooks of their own.
NO_HOST = {"awx", "semaphore"}
#: Tasks that do not run in check mode, or of playbooks that do not tell drift.
NOT_IN_CHECK_MODE = {
    "host/engine_install": (
        "Install the certificates that Docker's repository is fetched with",
        "Trust the key of Docker's repository",
        "Add Docker's repository",
        "Install the packages",
    ),
    "stack/proof": ("Every service is as declared, and nobody reaches what is not for them",),
    "stack/remove": ("Take off what was named",),
    "fail2ban/bans": ("Let in who was named",),
}
OWN_LOOK = {"media_declare", "media_check", "media_converged", "media_drift"}


def registered() -> dict[str, object]:
    return {f"__{each.role}_{number}": each.result for number, each in enumerate(told("drift"))}


def test_it_is_what_the_report_of_the_same_run_has() -> None:
    drift, report = plan_drift.of(plan("drift"), registered()), recorded("drift")
    assert drift["changes"] == report["totals"]["changes"] > 50
    assert drift["services"] == {
        name: [change["what"] for change in item["changes"]]
        for name, item in report["services"].items()
        if item["changes"]
    }
    assert drift["machine"] == [change["what"] for change in report["machine"]["changes"]]


def test_what_did_not_change_and_what_is_no_result_is_no_drift() -> None:
    variables = {
        "__arr_wired": {"changed": False, "diff": [{"after_header": "sonarr: x"}]},
        "__proxy_wired": {"skipped": True},
        "__proxy_settings": {"proxy_image": "x"},
        "other": {"changed": True},
    }
    assert plan_drift.of({}, variables) == {"services": {}, "machine": [], "changes": 0}


def test_it_is_described_in_a_line() -> None:
    drift = plan_drift.of(plan("drift"), registered())
    described = plan_drift.described(drift, "media-demo")
    begins = f"media-demo differs from its declaration, {drift['changes']} changes: alertmanager (3), authelia (6), "
    assert described.startswith(begins)
    assert "media-demo itself (" in described
    assert "media_fail_on_drift" in described


def tasks(found: list[dict[str, object]]) -> list[dict[str, object]]:
    flat = []
    for task in found:
        inner = [task[key] for key in ("block", "rescue", "always") if key in task]
        flat += [each for part in inner for each in tasks(part)] if inner else [task]  # type: ignore[arg-type]
    return flat


FILES = [path for path in sorted(ROLES.glob("*/tasks/*.yml")) if path.parts[-3] not in NO_HOST]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_every_task_that_check_mode_announces_with_registers_its_result(path: Path) -> None:
    """One that does not would be drift that nobody counts."""
    role = path.parts[-3]
    allowed = NOT_IN_CHECK_MODE.get(f"{role}/{path.stem}", ())
    changing = [task for task in tasks(yaml.safe_load(path.read_text(encoding="utf-8")) or []) if may_change(task)]
    unnamed = [task["name"] for task in changing if not str(task.get("register", "")).startswith(f"__{role}_")]
    assert [name for name in unnamed if name not in allowed] == []


def may_change(task: dict[str, object]) -> bool:
    [action] = [key for key in task if "." in key]
    name = action.rpartition(".")[2]
    if name in OWN_LOOK or name.endswith(("_info", "_check")) or task.get("changed_when") is False:
        return False
    return name not in LOOK or bool(task.get("changed_when"))

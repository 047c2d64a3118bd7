# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several modules in one execution, each as it would be alone."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins import modules
from ansible_collections.homelab.media.plugins.module_utils import part, together
from ansible_collections.homelab.media.plugins.modules import media_together

from tests.bed.shell import ROOT
from tests.unit.run_module import run_module

SPEC = {"argument_spec": {"name": {"type": "str", "required": True}, "key": {"type": "str", "no_log": True}}}
ENTRIES = [
    pytest.param(entry, id=f"{path.parts[-3]}-{phase}-{entry['module']}")
    for path in sorted(ROOT.glob("roles/*/vars/main.yml"))
    for phase in ("wire", "verify")
    for entry in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get(f"__{path.parts[-3]}_{phase}", ())
]


def carried_out(run: Any, **arguments: Any) -> tuple[dict[str, Any], list[str]]:
    return part.carry_out(SPEC, run, arguments, check=False)


def test_a_part_ends_with_the_result_that_its_module_would_have() -> None:
    def run(module: part.Caller) -> None:
        module.warn(f"{module.params['name']} is slow")
        module.exit_json(changed=True, diff=[], found=module.params["name"])

    result, warnings = carried_out(run, name="plex")
    assert result == {"changed": True, "diff": [], "found": "plex"}
    assert warnings == ["plex is slow"]


def test_what_is_secret_for_a_part_is_so_in_all_that_it_says() -> None:
    def run(module: part.Caller) -> None:
        module.warn(f"refused {module.params['key']}")
        module.fail_json(msg=f"wrong: {module.params['key']}", tried=[module.params["key"]])

    result, warnings = carried_out(run, name="plex", key="Hunter2Hunter2")
    assert result["failed"]
    assert "Hunter2Hunter2" not in f"{result} {warnings}"


def test_wrong_arguments_and_faults_are_failures_of_the_part_alone() -> None:
    def broken(_module: part.Caller) -> None:
        raise ZeroDivisionError("of the part")

    assert carried_out(broken)[0]["msg"] == "missing required arguments: name"
    assert "of the part" in carried_out(broken, name="x")[0]["msg"]


def test_one_that_fails_does_not_keep_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(module: part.Caller) -> None:
        if module.params["name"] == "bad":
            module.fail_json(msg="bad: is broken")
        module.exit_json(changed=not module.check_mode, diff=[{"after_header": module.params["name"]}])

    anything = SimpleNamespace(SPEC=SPEC, run=run)
    monkeypatch.setattr(together, "PARTS", dict.fromkeys(together.PARTS, anything))
    parts = [
        {"name": "First", "module": "servarr", "arguments": {"name": "bad"}, "role": "arr"},
        {"name": "Second", "module": "organizr", "arguments": {"name": "good"}, "role": "portal"},
        {"name": "Third", "module": "plex_server", "arguments": {"name": "asked"}, "check": True},
    ]
    answer = run_module(media_together.main, {"parts": parts})
    assert answer["failed"]
    assert answer["msg"] == "bad: is broken"
    assert [(each["name"], each["role"], each["changed"]) for each in answer["results"]] == [
        ("First", "arr", False),
        ("Second", "portal", True),
        ("Third", "", False),
    ]
    assert [entry["after_header"] for entry in answer["diff"]] == ["good", "asked"]
    assert answer["invocation"]["module_args"] == {"parts": ["servarr", "organizr", "plex_server"]}


def test_every_part_is_the_work_of_the_module_of_its_name() -> None:
    folder = Path(part.__file__).parent / "parts"
    assert set(together.PARTS) == {path.stem for path in folder.glob("[a-z]*.py")}
    for name in together.PARTS:
        assert f"{name}.run(AnsibleModule(**{name}.SPEC" in (Path(modules.__path__[0]) / f"{name}.py").read_text()


@pytest.mark.parametrize("entry", ENTRIES)
def test_what_a_role_needs_is_well_formed(entry: dict[str, Any]) -> None:
    assert {"name", "module", "arguments"} <= set(entry) <= {"name", "module", "arguments", "when", "well", "unwell"}
    assert entry["module"] in together.PARTS
    assert ("well" in entry) == ("unwell" in entry)
    if isinstance(entry["arguments"], dict):
        assert set(entry["arguments"]) <= set(together.PARTS[entry["module"]].SPEC["argument_spec"])


def test_no_two_entries_are_of_one_module() -> None:
    """What came of an entry is known by its module."""
    modules_of_all = [entry.values[0]["module"] for entry in ENTRIES]
    assert sorted(modules_of_all) == sorted(set(modules_of_all))


def test_options_are_not_written_to_the_log_of_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    logged: list[str] = []
    monkeypatch.setattr(AnsibleModule, "log", lambda _self, text, **_more: logged.append(text))
    run_module(media_together.main, {"parts": []})
    assert logged == []

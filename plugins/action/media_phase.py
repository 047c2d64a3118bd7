# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carry out what the roles need in a phase, all in one execution on the host.

A role says what it needs in its vars: ``__nzbget_wire`` for the wire phase, ``__nzbget_verify`` for the verify phase.
An entry has

- ``name`` and ``module``: what it is told as, and what does it;
- ``arguments`` of the module, and ``when`` they are needed;
- ``well``: conditions on its result ``found`` that hold after the run; ``unwell``: what is told when one does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

WIRE, VERIFY = "wire", "verify"
OPTIONS = {
    "phase": {"type": "str", "required": True, "choices": [WIRE, VERIFY]},
    "order": {"type": "list", "elements": "str", "default": []},
    "wired": {"type": "str", "default": ""},
}
Entry = Mapping[str, Any]
Result = dict[str, Any]


class ActionModule(ActionBase):
    """Works out what each role needs once the plan is known."""

    _VALID_ARGS = frozenset(OPTIONS)

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> Result:
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        _validation, args = self.validate_argument_spec(OPTIONS)
        facts = variables["ansible_facts"]
        # A role that runs by itself does not speak for one that comes later in the play, or was there before.
        declared = {*facts["media_plan"]["reached"], "stack"} & set(facts["media_declarations"])
        place = {role: number for number, role in enumerate(args["order"])}
        roles = sorted(declared, key=lambda role: (place.get(role, len(place)), role))
        if args["phase"] == WIRE:
            return {**result, **self._wire(roles, variables)}
        wired = variables.get(args["wired"], {}).get("parts", {})
        return {**result, **self._verify(roles, wired, variables)}

    def _wire(self, roles: list[str], variables: dict[str, Any]) -> Result:
        answer = self._execute([self._part(*each) for each in self._needed(roles, WIRE, variables)], variables)
        found = answer.get("results", ())
        told = [each for each in found if each["changed"] or each.get("failed")]
        return {**answer, "results": told, "parts": {each["module"]: each for each in found}}

    def _verify(self, roles: list[str], wired: Mapping[str, Result], variables: dict[str, Any]) -> Result:
        """Look at what was wired, and at what the verify phase looks at besides."""
        # A wire phase that had nothing to write has asked already.
        known = {module: found for module, found in wired.items() if not found.get("changed")}
        wire = [each for each in self._needed(roles, WIRE, variables) if "well" in each[1]]
        verify = list(self._needed(roles, VERIFY, {**variables, "wired": wired}))
        asked = [{**self._part(*each), "check": True} for each in wire if each[1]["module"] not in known]
        answer = self._execute([*asked, *(self._part(*each) for each in verify)], variables)
        if "results" not in answer:  # nothing was carried out at all
            return answer
        found = {**known, **{each["module"]: each for each in answer["results"]}}
        judged = [self._judged(role, entry, found[entry["module"]], variables) for role, entry in [*wire, *verify]]
        failures = [each for each in judged if each.get("failed")]
        told = {"changed": False, "warnings": answer.get("warnings", [])}
        if failures:
            return {**told, "failed": True, "msg": "\n".join(each["msg"] for each in failures), "results": failures}
        return told

    def _needed(self, roles: list[str], phase: str, variables: dict[str, Any]) -> Iterator[tuple[str, Entry]]:
        templar = self._templar.copy_with_new_env(available_variables=variables)
        for role in roles:
            for entry in variables.get(f"__{role}_{phase}", ()):
                if _holds(templar, entry.get("when", True)):
                    yield role, entry

    def _part(self, role: str, entry: Entry) -> dict[str, Any]:
        """Return an entry with its arguments; one that cannot be worked out keeps no other back."""
        part = {"name": entry["name"], "module": entry["module"], "role": role}
        try:
            return {**part, "arguments": self._templar.template(entry["arguments"])}
        except AnsibleError as error:
            message = f"{entry['name']}: cannot be worked out ({error})"
            return {**part, "changed": False, "failed": True, "msg": message}

    def _judged(self, role: str, entry: Entry, found: Result, variables: dict[str, Any]) -> Result:
        """Return the result of an entry, failed where it is not well."""
        templar = self._templar.copy_with_new_env(available_variables={**variables, "found": found})
        if found.get("failed") or _holds(templar, entry.get("well", True)):
            return {**found, "changed": False}  # it was asked, whatever it would have changed
        told = {"role": role, "module": entry["module"], "name": entry["name"], "changed": False, "failed": True}
        return {**told, "msg": templar.template(entry["unwell"])}

    def _execute(self, parts: list[Any], variables: dict[str, Any]) -> Result:
        """Return the answer of the host, with the parts that could not be worked out among its results."""
        ready = [part for part in parts if "arguments" in part]
        broken = [part for part in parts if "arguments" not in part]
        answer: Result = {"changed": False, "diff": [], "results": []}
        if ready:
            answer = self._execute_module(
                module_name="homelab.media.media_together", module_args={"parts": ready}, task_vars=variables
            )
        if broken and "results" in answer:
            messages = [answer["msg"]] if answer.get("failed") else []
            answer["results"] = [*answer["results"], *broken]
            answer.update(failed=True, msg="\n".join([*messages, *(part["msg"] for part in broken)]))
        return answer


def _holds(templar: Any, conditions: Any) -> bool:
    """Tell whether a condition holds, or all of a list."""
    listed = conditions if isinstance(conditions, list) else [conditions]
    return all(templar.evaluate_conditional(condition) for condition in listed)

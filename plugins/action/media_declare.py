# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Take a role's declaration into the host's catalogue. Runs on the controller alone."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.homelab.media.plugins.module_utils.declaration import DECLARATION_KEYS
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.plugin_utils import ahead

# This is the first task of every run, so from here on no worker has to.
ahead.load()

#: What a problem is told as when the declaration itself cannot be read.
READABLE = "a value of the type that the role's README gives"


class ActionModule(ActionBase):
    """Evaluates each part of the declaration by itself, so that one wrong value does not hide the next."""

    _requires_connection = False
    _VALID_ARGS = frozenset(("declaration",))

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        _validation, args = self.validate_argument_spec({"declaration": {"type": "str", "required": True}})
        role = self._task._role
        if role is None:
            return {**result, "failed": True, "msg": "media_declare is a role's task: it declares for that role"}
        name = role.get_name(include_role_fqcn=False)
        raw = variables.get(args["declaration"])
        if not isinstance(raw, dict):
            reason = f"is a {type(raw).__name__}, and not this role's declaration"
            problem = Problem(args["declaration"], reason, "a dictionary in the role's vars")
            declaration = {"problems": [vars(problem)]}
        else:
            declaration = self._evaluate(name, raw, self._with_settings(args["declaration"], variables))
        declaration["path"] = role._role_path
        declared = dict(variables.get("ansible_facts", {}).get("media_declarations", {}))
        declared[name] = declaration
        return {**result, "changed": False, "ansible_facts": {"media_declarations": declared}}

    def _with_settings(self, declaration: str, variables: dict[str, Any]) -> Any:
        """Return a templar that knows the settings of the role, worked out once: every filter of it takes them."""
        name = declaration.replace("_declaration", "_settings")
        if name == declaration or name not in variables:
            return self._templar
        try:
            settings = self._templar.template(variables[name])
        except AnsibleError:
            return self._templar  # each key that needs what is missing then tells of it
        return self._templar.copy_with_new_env(available_variables={**variables, name: settings})

    def _evaluate(self, role: str, raw: dict[str, Any], templar: Any) -> dict[str, Any]:
        """Template each key of the declaration; one that cannot be is a problem, unless a check named the cause."""
        declaration: dict[str, Any] = {}
        unreadable = []
        for key in (*DECLARATION_KEYS, *sorted(set(raw) - set(DECLARATION_KEYS))):
            if key not in raw:
                continue
            try:
                declaration[key] = templar.template(raw[key])
            except AnsibleError as error:
                unreadable.append(Problem(f"{role}.{key}", f"cannot be worked out ({_last_line(error)})", READABLE))
        told = [_as_problem(item) for item in declaration.get("problems") or ()]
        declaration["problems"] = [vars(problem) for problem in told or unreadable]
        # A given secret's value stays in its variable: facts are shown at -v, and kept in fact caches.
        declaration["secrets"] = {
            name: {key: value for key, value in secret.items() if key != "value"}
            for name, secret in (declaration.get("secrets") or {}).items()
        }
        return declaration


def _as_problem(item: Any) -> Problem:
    return item if isinstance(item, Problem) else Problem(**item)


def _last_line(error: AnsibleError) -> str:
    return str(error).strip().splitlines()[-1].strip()

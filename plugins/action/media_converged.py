# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Count what the run has changed, and have the host remember it."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.homelab.media.plugins.module_utils.run_record import changes_of
from ansible_collections.homelab.media.plugins.plugin_utils import this_run

#: Every task that can change something registers its result under a name that begins so.
REGISTERED = "__"


class ActionModule(ActionBase):
    """The tasks of all roles have left their results in variables; nobody has to list them."""

    _VALID_ARGS = frozenset(("root", "failed"))

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        _validation, args = self.validate_argument_spec(
            {"root": {"type": "str"}, "failed": {"type": "bool", "default": False}}
        )
        lock = this_run.lock(self._task.get_play(), variables)
        results = {name: value for name, value in variables.items() if name.startswith(REGISTERED)}
        arguments = {**args, "changed": changes_of(results), "lock": lock}
        answer = self._execute_module(
            module_name="homelab.media.media_converged", module_args=arguments, task_vars=variables
        )
        return {**result, **answer}

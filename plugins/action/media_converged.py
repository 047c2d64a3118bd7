# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Have the host remember what the run has changed, and let it go."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.homelab.media.plugins.plugin_utils import this_run

#: Every task that can change something registers its result under a name that begins so.


class ActionModule(ActionBase):
    """Tells the module of the run, which knows nothing of it."""

    _VALID_ARGS = frozenset(("root", "failed"))

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        _validation, args = self.validate_argument_spec(
            {"root": {"type": "str"}, "failed": {"type": "bool", "default": False}}
        )
        arguments = {**args, **this_run.ending(self._task.get_play(), variables)}
        answer = self._execute_module(
            module_name="homelab.media.media_converged", module_args=arguments, task_vars=variables
        )
        return {**result, **answer}

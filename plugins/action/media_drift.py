# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell what check mode has announced, and fail for it where that is wanted. Runs on the controller alone."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.homelab.media.plugins.module_utils import plan_drift


class ActionModule(ActionBase):
    """A task that fails is what every scheduler understands; a callback cannot change how a run ends."""

    _requires_connection = False
    _VALID_ARGS = frozenset(("fail",))

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        _validation, args = self.validate_argument_spec({"fail": {"type": "bool", "default": False}})
        if not self._task.check_mode:
            return {**result, "changed": False, "skipped": True, "msg": "only check mode announces anything"}
        drift = plan_drift.of(variables.get("ansible_facts", {}).get("media_plan") or {}, variables)
        host = str(variables.get("inventory_hostname", ""))
        told = {**result, "changed": False, "changes": drift["changes"]}
        if args["fail"]:
            failed = bool(drift["changes"])
            return {**told, "failed": failed, "msg": plan_drift.described(drift, host) if failed else ""}
        # What AWX keeps of a job as its artifacts. Ansible takes it from a task that does not fail.
        kept = {"data": {"media_drift": {host: drift}}, "per_host": False, "aggregate": True}
        return {**told, "drift": drift, "ansible_stats": kept}

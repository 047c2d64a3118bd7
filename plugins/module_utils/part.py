# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module asks of its surroundings: Ansible gives it that alone, and media_together where several share a run."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values


class Caller(Protocol):
    """The part of AnsibleModule that the parts use."""

    params: dict[str, Any]
    check_mode: bool

    def warn(self, warning: str) -> None: ...

    def exit_json(self, **result: Any) -> NoReturn: ...

    def fail_json(self, msg: str, **result: Any) -> NoReturn: ...


class Ended(Exception):
    """A part has come to its end, with this result."""

    def __init__(self, result: dict[str, Any]) -> None:
        super().__init__()
        self.result = result


@dataclass
class Call:
    """One part of several: it ends with an exception where a module would end its process."""

    params: dict[str, Any]
    check_mode: bool
    warnings: list[str] = field(default_factory=list)

    def warn(self, warning: str) -> None:
        self.warnings.append(warning)

    def exit_json(self, **result: Any) -> NoReturn:
        raise Ended(result)

    def fail_json(self, msg: str, **result: Any) -> NoReturn:
        raise Ended({"failed": True, "msg": msg, **result})


def carry_out(
    spec: dict[str, Any], run: Callable[[Caller], None], arguments: dict[str, Any], *, check: bool
) -> tuple[dict[str, Any], list[str]]:
    """Return the result of a part, as its module would return it, and its warnings.

    spec: what its module is made with: argument_spec, and the rules between arguments.
    """
    validated = ArgumentSpecValidator(**spec).validate(arguments)
    hidden = validated._no_log_values
    if validated.error_messages:
        said = "; ".join(validated.error_messages)
        return {"failed": True, "changed": False, "msg": remove_values(said, hidden)}, []
    call = Call(dict(validated.validated_parameters), check)
    try:
        result = remove_values({"changed": False, **_result(run, call)}, hidden)
    except Exception:  # what is wrong with one says nothing of the others
        said = f"a fault of this part:\n{traceback.format_exc()}"
        result = {"failed": True, "changed": False, "msg": remove_values(said, hidden)}
    return result, [remove_values(warning, hidden) for warning in call.warnings]


def _result(run: Callable[[Caller], None], call: Call) -> dict[str, Any]:
    try:
        run(call)
    except Ended as ended:
        return ended.result
    raise RuntimeError("it came to no result")

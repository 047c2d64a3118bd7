# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: awx_problems
short_description: List what is wrong with the variables of the role awx
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Returns every value that cannot work, with a right value.
  - The absence of the collection C(awx.awx) is one of them.
positional: templates, schedules
options:
  _input:
    description: The variables of the role awx, under their own names.
    type: dict
    required: true
  templates:
    description: The job templates that awx_templates is laid over.
    type: dict
    required: true
  schedules:
    description: The schedules that awx_schedules is laid over.
    type: dict
    required: true
"""

problemsS = r"""
problems: "{{ __awx_settings | homelab.media.awx_problems(__awx_templates, __awx_schedules) }}"
"""

RETURN = r"""
_value:
  description: The problems, each with its variable, reason and expected value.
  type: list
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import awx_checks


def awx_problems(
    settings: Mapping[str, Any], templates: Mapping[str, Any], schedules: Mapping[str, Any]
) -> list[dict[str, str]]:
    """List what is wrong with the variables of the role awx."""
    if not isinstance(settings, Mapping):
        raise AnsibleFilterError(f"awx_problems takes the variables of the role awx, not a {type(settings).__name__}")
    found = [
        *awx_checks.collection_problem(is_here=_is_here("awx.awx")),
        *awx_checks.problems(settings, templates, schedules),
    ]
    return [vars(problem) for problem in found]


def _is_here(collection: str) -> bool:
    try:
        import_module(f"ansible_collections.{collection}")
    except ImportError:
        return False
    return True


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"awx_problems": awx_problems}

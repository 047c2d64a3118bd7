# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a module as Ansible does: arguments in, JSON out."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args


def run_module(main: Callable[[], None], arguments: dict[str, Any], *, check: bool = False) -> dict[str, Any]:
    """Return the module's answer, with "failed" in it if it failed."""
    settings = {"_ansible_check_mode": check, "_ansible_diff": True}
    output = io.StringIO()
    with patch_module_args({**arguments, **settings}), contextlib.redirect_stdout(output), pytest.raises(SystemExit):
        main()
    answer: dict[str, Any] = json.loads(output.getvalue())
    return answer

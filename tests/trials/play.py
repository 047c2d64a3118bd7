# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of a playbook as a person starts them, and what they said at the end."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.bed.shell import ROOT

RECAP = re.compile(r"^(?P<host>\S+)\s+: (?P<counts>.*\bchanged=\d+.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """What a run ended with."""

    code: int
    output: str

    @property
    def changed(self) -> int:
        """The sum of changed= over all hosts; -1 without a recap, which is never right."""
        counts = [int(re.search(r"\bchanged=(\d+)", found["counts"])[1]) for found in RECAP.finditer(self.output)]  # type: ignore[index]
        return sum(counts) if counts else -1


def play(
    playbook: str, *words: str, variables: Mapping[str, Any] | None = None, inventory: str = "inventories/demo"
) -> Run:
    """Run a playbook with the project's own ansible-playbook; JSON keeps the types of the variables."""
    command = [str(ROOT / ".venv/bin/ansible-playbook"), "-i", inventory, playbook, *words]
    if variables:
        command += ["--extra-vars", json.dumps(dict(variables))]
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", "ANSIBLE_FORCE_COLOR": "0"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return Run(done.returncode, done.stdout + done.stderr)

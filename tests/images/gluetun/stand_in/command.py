# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the stand-in's own tools, which lie outside the PATH that a pod's scripts see."""

from __future__ import annotations

import json
import subprocess
from typing import Any

TOOLS = "/opt/stand-in/bin"


class CommandError(Exception):
    """A tool failed; the text is what it said."""


def tool(name: str) -> str:
    return f"{TOOLS}/{name}"


def run(name: str, *args: str, stdin: str | None = None) -> str:
    done = subprocess.run([tool(name), *args], input=stdin, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CommandError((done.stderr or done.stdout).strip())
    return done.stdout


def ip(*args: str) -> str:
    return run("ip", *args)


def ip_json(*args: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(ip("-json", *args) or "[]")
    return found

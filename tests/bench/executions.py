# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a playbook does on the host, seen from outside Ansible: the engine that the host runs on tells every command.

Ansible reaches the host by `docker exec`, once for each command. A module is a command that starts Python and is done
with "&& sleep 0", whether the module comes by standard input (pipelining) or as a file.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import threading
import uuid
from collections.abc import Iterable, Iterator

from tests.bed.shell import docker, wait_for

PREFIX = "exec_create: "
MODULE = re.compile(r"\bpython[0-9.]*(?: \S*AnsiballZ_\S+)? && sleep 0\b")


def module_executions(commands: Iterable[str]) -> int:
    """Count the commands that ran a module."""
    return sum(bool(MODULE.search(command)) for command in commands)


@contextlib.contextmanager
def commands_on(container: str) -> Iterator[list[str]]:
    """Return a list that holds, once the block has ended, every command that was run in the container meanwhile."""
    ours = uuid.uuid4().hex
    commands: list[str] = []
    watch = ["docker", "events", "--filter", f"container={container}", "--filter", "event=exec_create"]
    with subprocess.Popen([*watch, "--format", "{{json .}}"], stdout=subprocess.PIPE, text=True) as events:
        reader = threading.Thread(target=_read, args=(events, commands), daemon=True)
        reader.start()

        def marked() -> bool:
            docker("exec", container, "true", ours)
            return any(ours in command for command in commands)

        try:
            # The watch begins at some moment after its start, and tells late: it has told all when it tells our own.
            wait_for("the engine tells its events", marked, seconds=30)
            commands.clear()
            yield commands
            docker("exec", container, "true", f"end-{ours}")
            wait_for("the engine has told all events", lambda: f"true end-{ours}" in commands, seconds=30)
        finally:
            events.terminate()
            reader.join()
    commands[:] = [command for command in commands if ours not in command]


def _read(events: subprocess.Popen[str], commands: list[str]) -> None:
    assert events.stdout is not None
    for line in events.stdout:
        commands.append(str(json.loads(line)["Action"]).removeprefix(PREFIX))

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running a stage: what it prints is seen at once and kept in a log, and it does not outlive this program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bed.shell import ROOT

# How long a runner that was interrupted may take to clean up after itself.
PATIENCE = 180

_running: set[subprocess.Popen[str]] = set()
_beginning = threading.Lock()


def run(command: Sequence[str], variables: Mapping[str, str], log: Path, prefix: str = "") -> tuple[int, str]:
    """Run a command from the project's root; return its exit code and all that it printed.

    prefix: is shown before each line, where several run at the same time.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    printed: list[str] = []
    with log.open("w", encoding="utf-8") as kept, _begun(command, variables) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                printed.append(line)
                kept.write(line)
                sys.stdout.write(prefix + line)
                sys.stdout.flush()
            process.wait()
        except BaseException:
            _end(process, process.communicate)
            raise
    return process.returncode, "".join(printed)


@contextmanager
def _begun(command: Sequence[str], variables: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    # In one step: whoever ends all finds what has begun.
    with _beginning:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # A group of its own, so that an interruption can be passed on to all of it.
            start_new_session=True,
        )
        _running.add(process)
    try:
        with process:
            yield process
    finally:
        _running.discard(process)


def end_all() -> None:
    """End what other threads run; they go on reading what it says until then."""
    with _beginning:
        found = list(_running)
    for process in found:
        _end(process, process.wait)


def _end(process: subprocess.Popen[str], wait: Callable[..., object]) -> None:
    # As if a person had pressed control-C: pytest and Molecule then clean up.
    os.killpg(process.pid, signal.SIGINT)
    try:
        wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running programs, telling what was done and how long it took, and failing in plain words."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "bed"


class BedError(Exception):
    """What went wrong, in words for a person."""


def run(
    command: Sequence[str],
    *,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
    log: Path | None = None,
    timeout: float | None = None,
) -> str:
    """Run a program and return what it printed; keep it in a log file too if one is given."""
    try:
        done = subprocess.run(
            command,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            env={**os.environ, **(env or {})},
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError:
        raise BedError(f"{command[0]}: this program is not installed") from None
    except subprocess.TimeoutExpired:
        raise BedError(f"{' '.join(command)}: no end after {timeout:.0f} s") from None
    out, err = (part.decode(errors="replace") for part in (done.stdout, done.stderr))
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(out + err)
    if done.returncode != 0:
        said = (err.strip() or out.strip()).splitlines()[-25:]
        kept = f"\n  (all of it: {log})" if log is not None else ""
        raise BedError(f"{' '.join(command)}: failed with {done.returncode}\n  " + "\n  ".join(said) + kept)
    return out


def succeeds(command: Sequence[str]) -> bool:
    """Tell whether a program ends well, whatever it prints."""
    try:
        run(command)
    except BedError:
        return False
    return True


def docker(*args: str, timeout: float | None = None) -> str:
    """Run the Docker CLI and return what it printed, without the last line end."""
    return run(["docker", *args], timeout=timeout).rstrip("\n")


def wait_for(what: str, probe: Callable[[], T], *, seconds: float, every: float = 0.1) -> T:
    """Ask until the answer is true (or not empty), and return it."""
    end = time.monotonic() + seconds
    while not (answer := probe()):
        if time.monotonic() > end:
            raise BedError(f"{what}: not so after {seconds:.0f} s")
        time.sleep(every)
    return answer


def wait_for_none(what: str, probe: Callable[[], Collection[object]], *, seconds: float) -> None:
    """Ask until nothing is left, and tell what is if there is no end of it."""
    left: list[Collection[object]] = []

    def gone() -> bool:
        left[:] = [probe()]
        return not left[0]

    try:
        wait_for(what, gone, seconds=seconds)
    except BedError as error:
        raise BedError(f"{error}; left are {left[0]}") from None


class Step:
    """One line of the report; `note` may be set while the step runs."""

    def __init__(self) -> None:
        self.note = ""


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Print one line when the block ends: the seconds it took, its name, and its note."""
    begin = time.monotonic()
    line = Step()
    outcome = "FAILED"
    try:
        yield line
        outcome = line.note
    finally:
        print(f"{time.monotonic() - begin:7.2f} s  {name:<28} {outcome}".rstrip(), flush=True)

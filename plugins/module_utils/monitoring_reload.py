# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Having Prometheus and Alertmanager read their configuration again, where theirs is older than what is rendered.

A container made anew would do it too, and would be a hole in every graph. State decides: each of them tells when it
last read its files, and whether it took them; the kernel tells when anything in their folder was last changed. A
change in another way than by a run is found as well, and so is a run that ended between the two.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.homelab.media.plugins.module_utils.hiding import without
from ansible_collections.homelab.media.plugins.module_utils.monitoring_api import (
    ApiError,
    Client,
    Refused,
    Unreachable,
)
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome

_BEGINNING = 7
#: Seconds that it may take to read its files: the rules are compiled, every target is looked at.
RELOAD = 60
#: What it may run with instead of its files as they are.
_OLDER, _REFUSED = "files as they were", "files that it has refused"


@dataclass(frozen=True)
class Program:
    """One of them. name: as it begins the names of its own numbers. folder: on the host, where its files are."""

    name: str
    url: str
    folder: str


@dataclass(frozen=True)
class Planned:
    """What check mode knows of a run that has not been: the files that it writes, the containers that it makes anew."""

    files: Sequence[str] = ()
    restarted: Sequence[str] = ()


def ensure(programs: Sequence[Program], secrets: Sequence[str], planned: Planned, *, check: bool) -> Outcome:
    """Have each of them read its files again, if it has to; tell of all that refuse.

    secrets: what is to be in no message.
    """
    outcome, problems = Outcome(), []
    for program in programs:
        try:
            due = announced(program, planned) if check else reason(program)
            if not due:
                continue
            outcome.add(program.name, due, "its files as they are")
            if not check:
                reload(program, secrets)
        except MediaError as error:
            problems += error.problems
    if problems:
        raise MediaError(problems)
    return outcome


def announced(program: Program, planned: Planned) -> str:
    """Return why a real run would have it read its files again."""
    if program.name in planned.restarted:
        return ""  # it reads them when it starts
    try:
        due = reason(program)
    except Unreachable:
        return ""  # it does not run yet
    below = program.folder.rstrip("/") + "/"
    return due or (_OLDER if any(file.startswith(below) for file in planned.files) else "")


def reason(program: Program) -> str:
    """Return why it has to read its files again; nothing if it has read them as they are."""
    client = Client(program.name, program.url)
    taken = client.number(f"{program.name}_config_last_reload_successful")
    read = client.number(f"{program.name}_config_last_reload_success_timestamp_seconds")
    if taken is None or read is None:
        raise ApiError(client.where, "does not tell when it has read its files", f"{program.name} on that port")
    if not taken:
        return _REFUSED
    # In the future it was with a clock that was wrong, of which nothing follows.
    return "" if last_change(program.folder) < read <= time.time() + 1 else _OLDER


def last_change(folder: str) -> float:
    """Return when anything in a folder was last changed, made or removed, by the kernel's own clock.

    The time that files carry can be set by anybody, as a restored backup does.
    """
    return max(path.lstat().st_ctime for path in [Path(folder), *Path(folder).rglob("*")])


def reload(program: Program, secrets: Iterable[str]) -> None:
    """Have it read its files; what it says of them is told in its words."""
    client = Client(program.name, program.url)
    try:
        client.text("/-/reload", post=True, timeout=RELOAD)
    except Refused as error:
        # Of a long value that it cannot use it shows no more than the beginning.
        shown = [part for secret in secrets for part in (secret, f"{secret[:_BEGINNING]}...")]
        words = without(shown, error.words)
        raise ApiError(
            client.where, f"refuses its files: {words}", "files that it takes; it keeps the last ones"
        ) from None

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeping a running NZBGet's configuration true, and leaving alone what nobody asked for."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, TypeVar

from ansible_collections.homelab.media.plugins.module_utils import nzbget_merge, nzbget_names
from ansible_collections.homelab.media.plugins.module_utils.nzbget_api import Client, NzbgetError, Refused, Unreachable
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome, Problem

Wanted = Mapping[str, "str | None"]
Result = TypeVar("Result")

#: What NZBGet takes for its user and password when its file names none. Public, so never left in force.
BUILT_IN_LOGIN = ("nzbget", "tegbzn6789")
#: Seconds between two questions while NZBGet starts.
PAUSE = 0.1
#: NZBGet tells times in whole seconds; younger than this, its start cannot be told from a reload's.
SETTLED = 2
#: Wrong passwords that are tried while it cannot be known whether the old or the new one holds.
MOST_REFUSALS = 3
#: How NZBGet logs an option that it cannot read. It then pauses every download.
CONFIG_ERROR = re.compile(r"^\S+\(\d+\): ")


@dataclass(frozen=True)
class Target:
    """The NZBGet to configure. config_file: its nzbget.conf as this host sees it, where it does."""

    url: str
    username: str
    password: str
    config_file: str = ""
    timeout: float = 60


def ensure(target: Target, wanted: Wanted, check: bool) -> Outcome:
    """Bring NZBGet's options to the wanted ones. Nothing is written, and nothing reloaded, if they are."""
    _refuse_lines(wanted)
    client = Client(target.url, target.username, target.password)
    deadline = time.monotonic() + target.timeout
    try:
        current = _reach(client, target, None if check else deadline)
    except Unreachable:
        if not check:
            raise
        return _foresee(target, wanted)
    merged = nzbget_merge.merge(current, wanted)
    outcome = _outcome(current, merged)
    differs = outcome.changed
    started = _started(client)
    unread = nzbget_merge.not_in_force(wanted, client.options("config"))
    if unread and not differs and _newer_than(target, started):
        outcome.add("NZBGet", "runs with an older state of its configuration", "reloaded")
    if outcome.changed and not check:
        _apply(client, target, merged if differs else {})
        _prove(client, wanted)
        unread = nzbget_merge.not_in_force(wanted, client.options("config"))
    outcome.facts = {
        "reachable": True,
        "version": client.call("version"),
        "not_in_force": [] if outcome.changed and check else sorted(unread),
        "config_errors": _config_errors(client),
    }
    return outcome


def _refuse_lines(wanted: Wanted) -> None:
    broken = [name for name, value in wanted.items() if value is not None and re.search(r"[\r\n]", value)]
    if broken:
        raise MediaError(Problem(name, "has more than one line", "a value on one line") for name in broken)


def _foresee(target: Target, wanted: Wanted) -> Outcome:
    """Say what would change in an NZBGet that does not run, from its file. No file yet: nothing, its seed is whole."""
    path = Path(target.config_file) if target.config_file else None
    outcome = Outcome()
    if path and path.exists():
        current = nzbget_merge.parse(_read(path))
        outcome = _outcome(current, nzbget_merge.merge(current, wanted))
    outcome.facts = {"reachable": False, "version": "", "not_in_force": [], "config_errors": []}
    return outcome


def _outcome(current: list[tuple[str, str]], merged: Mapping[str, str]) -> Outcome:
    outcome = Outcome()
    for name, before, after in nzbget_merge.differences(current, merged):
        if nzbget_names.is_secret(name):
            before = None if before is None else "(secret)"
            after = None if after is None else "(secret) differs"
        outcome.add(f"NZBGet option {name}", _shown(name, before), _shown(name, after))
    return outcome


def _shown(name: str, value: str | None) -> str:
    return "" if value is None else f"{name}={value}"


def _reach(client: Client, target: Target, deadline: float | None) -> list[tuple[str, str]]:
    """Return the options in NZBGet's file; with a deadline, wait for NZBGet to answer.

    A password that was changed on the settings page is in the file: log in with that one, to put ours back.
    """

    def load() -> list[tuple[str, str]]:
        return client.options("loadconfig")

    try:
        return _until(deadline, load)
    except Refused:
        if not target.config_file or not Path(target.config_file).exists():
            raise
        values = {name.lower(): value for name, value in nzbget_merge.parse(_read(Path(target.config_file)))}
        login = (
            values.get("controlusername", BUILT_IN_LOGIN[0]),
            values.get("controlpassword", BUILT_IN_LOGIN[1]),
        )
        client.login(*login)
        return load()


def _until(deadline: float | None, ask: Callable[[], Result]) -> Result:
    """Ask until something answers, or the deadline is over."""
    while True:
        try:
            return ask()
        except Unreachable:
            if deadline is None or time.monotonic() > deadline:
                raise
            time.sleep(PAUSE)


def _apply(client: Client, target: Target, merged: Mapping[str, str]) -> None:
    """Save every option, for NZBGet drops from its file what is not sent; reload, and wait for the new state."""
    asked = _settled(client)
    # NZBGet reads these by their place: the name comes first.
    options = [{"Name": name, "Value": value} for name, value in merged.items()]
    if options and client.call("saveconfig", options) is not True:
        raise NzbgetError(target.url, "could not write its configuration file", "a file that its user may write")
    with contextlib.suppress(Unreachable):  # it may be gone before it has answered
        client.call("reload")
    _await_reload(client, target, asked)


def _await_reload(client: Client, target: Target, asked: int) -> None:
    """Wait for the NZBGet that started after the given time, and log in to it with the wanted password.

    The old one is used until the old state is gone, and few wrong guesses are made: each is logged, and may get this
    host banned.
    """
    deadline = time.monotonic() + target.timeout
    old, new = client.credentials, (target.username, target.password)
    refusals = 0
    while True:
        try:
            if _started(client) >= asked:
                return
        except Refused:
            refusals += 1
            if refusals > MOST_REFUSALS:
                raise
            client.login(*(old if client.credentials == new else new))
        except NzbgetError:
            client.login(*new)
        if time.monotonic() > deadline:
            reason = f"was not back {target.timeout:g} s after it was told to reload its configuration"
            raise NzbgetError(target.url, reason, "an NZBGet that starts with it: nzbget.log says why it does not")
        time.sleep(PAUSE)


def _settled(client: Client) -> int:
    """Return NZBGet's time once it has run long enough for a reload to be told from its start."""
    while True:
        status = client.call("status")
        if client.number(status, "UpTimeSec") >= SETTLED:
            return client.number(status, "ServerTime")
        time.sleep(PAUSE)


def _started(client: Client) -> int:
    status = client.call("status")
    return client.number(status, "ServerTime") - client.number(status, "UpTimeSec")


def _newer_than(target: Target, started: int) -> bool:
    """Tell whether the file was written after NZBGet read it: a run that ended between the two leaves that behind."""
    path = Path(target.config_file) if target.config_file else None
    return bool(path and path.exists() and int(path.stat().st_mtime) > started)


def _prove(client: Client, wanted: Wanted) -> None:
    """Read again what was written. NZBGet converts some old values as it reads them, and would differ for ever."""
    current = client.options("loadconfig")
    left = [change.subject for change in _outcome(current, nzbget_merge.merge(current, wanted)).changes]
    if left:
        raise NzbgetError(client.url, f"saved another value for {', '.join(left)}", "a value that it keeps as it is")


def _config_errors(client: Client) -> list[str]:
    entries = client.call("log", 0, 1000)
    texts = [str(entry.get("Text", "")) for entry in entries or () if entry.get("Kind") == "ERROR"]
    return [text for text in texts if CONFIG_ERROR.match(text)]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="surrogateescape")

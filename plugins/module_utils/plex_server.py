# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeping a running Plex true: its preferences, its libraries, and the account that it belongs to."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from ansible_collections.homelab.media.plugins.module_utils import plex_claim, plex_libraries, plex_preferences
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome, Problem
from ansible_collections.homelab.media.plugins.module_utils.plex_api import PAUSE, Client, NotReady, PlexError, until
from ansible_collections.homelab.media.plugins.module_utils.plex_libraries import Library, Section, Step

#: The server's own token, in its Preferences.xml.
OWN_TOKEN = "PlexOnlineToken"


@dataclass(frozen=True)
class Target:
    """The Plex to keep. config_file: its Preferences.xml as this host sees it.

    token: of its owner's account. owned: there is such an account, also where its token is still to be stored.
    """

    url: str
    token: str = field(default="", repr=False)
    owned: bool = False
    config_file: str = ""
    plex_tv: str = plex_claim.PLEX_TV
    timeout: float = 60


@dataclass(frozen=True)
class Wanted:
    """What Plex shall have. if_known: preferences for a Plex that has such ones."""

    preferences: Mapping[str, Any] = field(default_factory=dict)
    if_known: Mapping[str, Any] = field(default_factory=dict)
    libraries: Sequence[Library] = ()


def ensure(target: Target, wanted: Wanted, check: bool) -> Outcome:
    """Bring Plex to what is wanted. Nothing is written if it is so.

    The claim comes last: it alone needs the internet, and what can be done without is done then.
    """
    _refuse_bad(wanted.libraries)
    client = Client(target.url)
    end = time.monotonic() + target.timeout
    try:
        identity = until(None if check else end, client.identity)
    except NotReady:
        if not check:
            raise
        return _foresee(target, wanted)
    _refuse_another(target, client, identity)
    claimed = plex_claim.is_claimed(identity)
    if claimed:
        client.token = _token(target, client)
    outcome = Outcome()
    # It may be restarted at any moment.
    changes, steps, present = until(None if check else end, lambda: _compare(client, wanted))
    _tell(outcome, changes, steps)
    if not check:
        _apply(client, changes, steps, end)
        if changes or steps:
            present = until(end, lambda: _prove(client, wanted))
    if target.owned and not claimed:
        _tell_claim(outcome)
        if not check:
            plex_claim.claim(client, target.plex_tv, target.token, str(identity["machineIdentifier"]), end)
    outcome.facts = _facts(identity, claimed or (target.owned and not check), present)
    return outcome


def look(target: Target) -> dict[str, Any]:
    """Return what a running Plex says of itself, and write nothing."""
    client = Client(target.url)
    try:
        identity = until(time.monotonic() + target.timeout, client.identity)
    except NotReady:
        return {**_facts({}, False, []), "preferences": {}}
    claimed = plex_claim.is_claimed(identity)
    if claimed:
        client.token = _token(target, client)
    settings = client.items("/:/prefs", "Setting")
    present = plex_libraries.sections(client.items("/library/sections", "Directory"))
    values = {str(setting.get("id")): setting.get("value") for setting in settings}
    values = {
        name: "(secret)" if value and plex_preferences.SECRET.search(name) else value for name, value in values.items()
    }
    return {**_facts(identity, claimed, present), "preferences": values}


def _refuse_bad(libraries: Sequence[Library]) -> None:
    problems = []
    for index, library in enumerate(libraries):
        place = f"libraries[{index}]"
        if library.type not in plex_libraries.KINDS:
            known = ", ".join(plex_libraries.KINDS)
            problems.append(Problem(f"{place}.type", f"is {library.type!r}", f"one of {known}"))
        if not library.absent and not library.locations:
            problems.append(Problem(f"{place}.locations", "is empty", "the folders as Plex sees them"))
        if any((library.type, library.name.lower()) == (each.type, each.name.lower()) for each in libraries[:index]):
            problems.append(Problem(f"{place}.name", f"is {library.name!r} once more", "one name for one library"))
    if problems:
        raise MediaError(problems)


def _refuse_another(target: Target, client: Client, identity: Mapping[str, Any]) -> None:
    """Refuse a Plex that holds the port, and is not the one that the configuration file belongs to."""
    own, found = _file(target).get("ProcessedMachineIdentifier", ""), str(identity.get("machineIdentifier", ""))
    if own and found and own != found:
        raise PlexError(client.where, "is another Plex than the one of this host's state", "that one off this port")


def _token(target: Target, client: Client) -> str:
    token = target.token or _file(target).get(OWN_TOKEN, "")
    if not token:
        reason = "is claimed, and there is no token to ask it with"
        raise PlexError(client.where, reason, "plex_token of the account that it is claimed by")
    return token


def _compare(client: Client, wanted: Wanted) -> tuple[list[plex_preferences.Change], list[Step], list[Section]]:
    changes = []
    if wanted.preferences or wanted.if_known:
        settings = client.items("/:/prefs", "Setting")
        names = {str(setting.get("id", "")).lower() for setting in settings} - {
            name.lower() for name in wanted.preferences
        }
        usable = {name: value for name, value in wanted.if_known.items() if name.lower() in names}
        changes = plex_preferences.differences(settings, {**usable, **wanted.preferences})
    present = plex_libraries.sections(client.items("/library/sections", "Directory"))
    return changes, plex_libraries.plan(present, wanted.libraries), present


def _tell(outcome: Outcome, changes: Sequence[plex_preferences.Change], steps: Sequence[Step]) -> None:
    for change in changes:
        outcome.add(f"Plex preference {change.name}", change.before, change.value)
    for step in steps:
        for name, before, after in step.changes:
            outcome.add(f"Plex library {step.name}" + (f": {name}" if name else ""), before, after)


def _tell_claim(outcome: Outcome) -> None:
    outcome.add("Plex", "unclaimed", "claimed by the account of plex_token")


def _apply(client: Client, changes: Sequence[plex_preferences.Change], steps: Sequence[Step], end: float) -> None:
    if changes:
        query = [(change.name, change.value) for change in changes]
        until(end, lambda: client.send("PUT", "/:/prefs", query))
    for step in steps:
        _take(client, step, end)


def _take(client: Client, step: Step, end: float) -> None:
    """Make the request; again while the server says that it is starting up.

    A creation whose answer got lost may have been done: it is looked for before it is asked for again.
    """
    while True:
        try:
            client.send(step.method, step.path, step.query)
            return
        except NotReady:
            if time.monotonic() > end:
                raise
            time.sleep(PAUSE)
            if step.method == "POST" and _made(client, step, end):
                return


def _made(client: Client, step: Step, end: float) -> bool:
    present = plex_libraries.sections(until(end, lambda: client.items("/library/sections", "Directory")))
    asked = dict(step.query)
    folders = {value for name, value in step.query if name == "location"}
    return any(section.type == asked["type"] and set(section.locations) == folders for section in present)


def _prove(client: Client, wanted: Wanted) -> list[Section]:
    """Read again what was written; what Plex keeps otherwise would differ for ever."""
    changes, steps, present = _compare(client, wanted)
    left = [f"preference {change.name}" for change in changes] + [f"library {step.name}" for step in steps]
    if left:
        raise PlexError(client.where, f"did not keep {', '.join(left)} as it was told", "a value that it keeps")
    return present


def _facts(identity: Mapping[str, Any], claimed: bool, present: Sequence[Section]) -> dict[str, Any]:
    return {
        "reachable": bool(identity),
        "claimed": claimed,
        "version": str(identity.get("version", "")),
        "identifier": str(identity.get("machineIdentifier", "")),
        "libraries": [
            {"key": each.key, "name": each.name, "type": each.type, "locations": list(each.locations)}
            for each in present
        ],
        "doubles": plex_libraries.doubles(present),
    }


def _foresee(target: Target, wanted: Wanted) -> Outcome:
    """Say what would change in a Plex that does not run. Its file knows preferences and owner, and no library.

    No file yet: its seed has the preferences, and everything else is to be made.
    """
    kept = _file(target)
    outcome = Outcome()
    if kept:
        given = {name.lower(): (name, value) for name, value in kept.items()}
        for name, value in {**wanted.if_known, **wanted.preferences}.items():
            spelled, before = given.get(name.lower(), (name, None))
            after = plex_preferences.in_file(value)
            # One that the file does not name has Plex's own default, which is not known here.
            if before is not None and before != after:
                outcome.add(f"Plex preference {spelled}", before, after)
    else:
        _tell(outcome, [], plex_libraries.plan([], wanted.libraries))
    claimed = OWN_TOKEN in kept
    if target.owned and not claimed:
        _tell_claim(outcome)
    outcome.facts = _facts({}, claimed, [])
    return outcome


def _file(target: Target) -> dict[str, str]:
    """Return the attributes of Preferences.xml, nothing where there is none that can be read."""
    if not target.config_file or not Path(target.config_file).exists():
        return {}
    try:
        return dict(ElementTree.parse(target.config_file).getroot().attrib)
    except (OSError, ElementTree.ParseError):
        return {}

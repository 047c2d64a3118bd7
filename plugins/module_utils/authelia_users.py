# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The users in Authelia's own file, each brought to what is declared of it. Authelia watches the file.

Authelia rewrites the file when a person changes a password, and may forget on the way who is disabled. So the file is
never laid down whole: a declared user's name, address, groups and state are put right, a password only when another
one was declared since, and all else is left as it was found, attributes and users of other hands.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.atomic import NotAFileError, read_file, write_file
from ansible_collections.homelab.media.plugins.module_utils.authelia_ledger import Ledger
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome, Problem
from ansible_collections.homelab.media.plugins.module_utils.ownership import Ownership
from ansible_collections.homelab.media.plugins.module_utils.paths import LinkRefusedError, opened, reach

try:
    import yaml
except ImportError:
    yaml = None

#: The password of the one user in the file that a run seeds, because Authelia starts with no empty one: a hash that
#: was made of no password. Whoever has it counts as not there.
NO_PASSWORD = "$argon2id$v=19$m=65536,t=3,p=4$bm9ib2R5IGtub3dzIGl0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@dataclass(frozen=True)
class User:
    """What is declared of a user. password: its hash."""

    name: str
    displayname: str
    email: str
    groups: tuple[str, ...]
    disabled: bool
    password: str = field(repr=False)


def ensure(path: str, users: Sequence[User], ledger: Ledger, *, check: bool) -> Outcome:
    """Bring the file to the declared users. In check mode one that is not there yet counts as empty."""
    found, ownership = _read(path, check)
    known = found.get("users") or {}
    kept = {name: entry for name, entry in known.items() if entry.get("password") != NO_PASSWORD}
    outcome = Outcome(facts={"users": sorted({*(user.name for user in users), *kept})})
    wanted = dict(kept)
    for user in users:
        before = kept.get(user.name)
        reset = not (before or {}).get("password") or not ledger.knows(user.name, user.password)
        wanted[user.name] = _entry(before or {}, user, reset)
        _tell(outcome, user.name, before, wanted[user.name])
        ledger.remember(user.name, user.password)
    declared = {user.name for user in users}
    for name in [name for name in ledger.names() if name not in declared]:
        if name in wanted:
            _tell(outcome, name, wanted.pop(name), None)
        ledger.forget(name)
    outcome.facts["users"] = sorted(wanted)
    if check:
        return outcome
    if not wanted:
        reason = "would have no user left, and Authelia would not start"
        raise MediaError([Problem(path, reason, "at least one declared user")])
    if wanted != known:
        _write(path, {**found, "users": wanted}, ownership)
    ledger.save()
    return outcome


def _entry(before: Mapping[str, Any], user: User, reset: bool) -> dict[str, Any]:
    return {
        **before,
        "displayname": user.displayname,
        "email": user.email,
        "groups": list(user.groups),
        "disabled": user.disabled,
        "password": user.password if reset else before["password"],
    }


def _tell(outcome: Outcome, name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
    """Add what differs. A hash is never told, nor that the same password was declared as the user has."""
    told = {key: (_told(key, before), _told(key, after)) for key in ("displayname", "email", "groups", "disabled")}
    if before and after:
        told = {key: texts for key, texts in told.items() if texts[0] != texts[1]}
        if before.get("password") != after["password"]:
            told["password"] = ("another one", "the declared one")
    if told:
        first = "" if before is None else _lines((key, texts[0]) for key, texts in told.items())
        second = "" if after is None else _lines((key, texts[1]) for key, texts in told.items())
        outcome.add(f"user {name}", first, second)


def _told(key: str, entry: Mapping[str, Any] | None) -> str:
    value = (entry or {}).get(key)
    if key == "groups":
        return ", ".join(str(item) for item in value or ()) or "none"
    if key == "disabled":
        return "yes" if value else "no"
    return str(value or "")


def _lines(items: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{key}: {text}" for key, text in items)


def _read(path: str, check: bool) -> tuple[dict[str, Any], Ownership]:
    folder = str(PurePosixPath(path).parent)
    expected = "Authelia's file of users, which the render phase makes"
    try:
        with reach(folder, str(PurePosixPath(folder).parent)) as (here, missing):
            file = None if missing else read_file(here, PurePosixPath(path).name)
    except (NotAFileError, LinkRefusedError) as error:
        raise MediaError([Problem(path, str(error), expected)]) from None
    if file is None:
        if check:
            return {}, Ownership(0, 0, 0o600)
        raise MediaError([Problem(path, "does not exist", expected)])
    try:
        document = yaml.safe_load(file[0])
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        reason = f"is no YAML (line {where.line + 1})" if where else "is no YAML"
        # The message of the parser would show a piece of the file.
        raise MediaError([Problem(path, reason, expected)]) from None
    users = document.get("users") if isinstance(document, dict) else None
    if not isinstance(users, dict) or not all(isinstance(entry, dict) for entry in users.values()):
        raise MediaError([Problem(path, "has no users", expected)])
    return document, file[1]


def _write(path: str, document: Mapping[str, Any], ownership: Ownership) -> None:
    text = yaml.safe_dump(document, sort_keys=True, allow_unicode=True, width=1000)
    folder = str(PurePosixPath(path).parent)
    try:
        with reach(folder, str(PurePosixPath(folder).parent)) as (here, missing):
            if missing:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            with opened(here) as directory:
                write_file(directory, PurePosixPath(path).name, text.encode(), ownership)
    except OSError as error:
        reason = f"cannot be written ({error.strerror})"
        raise MediaError([Problem(path, reason, "a folder there, with room for it")]) from None

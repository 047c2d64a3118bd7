# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The store: one directory that only root can enter, one file a secret, without a line end.

A secret is generated once and then kept, whatever its declared length becomes later. A given value always wins.
An empty file is a problem, not a gap to fill: files are put here whole, by rename, so somebody else made it empty,
and an application may be using that.
Nothing of a secret is in a change, a fact or an error: neither its text, nor its length, nor a digest of it.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import string
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Callable

from ansible_collections.homelab.media.plugins.module_utils.atomic import (
    NotAFileError,
    read_file,
    set_ownership,
    write_file,
)
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome, Problem
from ansible_collections.homelab.media.plugins.module_utils.ownership import (
    Ownership,
    ownership_problems,
    parse_mode,
)
from ansible_collections.homelab.media.plugins.module_utils.paths import (
    PARENT,
    make_directory,
    make_parents,
    opened,
    path_problems,
    reach,
    reach_problems,
)

STORE = Ownership(0, 0, 0o700)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_ALNUM = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Kind:
    """How a kind of secret is made. length: its default; least: the shortest that is worth having."""

    generate: Callable[[int], str]
    length: int
    least: int


KINDS: dict[str, Kind | None] = {
    "hex": Kind(lambda length: secrets.token_hex((length + 1) // 2)[:length], 32, 32),
    "alnum": Kind(lambda length: "".join(secrets.choice(_ALNUM) for _each in range(length)), 32, 20),
    "base64": Kind(lambda length: base64.b64encode(secrets.token_bytes(length)).decode(), 32, 16),
    "uuid": Kind(lambda _length: str(uuid.UUID(bytes=secrets.token_bytes(16), version=4)), 36, 36),
    "given": None,
}
_MOST = 4096


@dataclass(frozen=True)
class Secret:
    """One secret. length: characters (hex, alnum) or random bytes (base64). value: given by a person, wins."""

    kind: str
    length: int | None = None
    value: str | None = field(default=None, repr=False)
    owner: int = 0
    group: int = 0
    mode: str = "0600"

    @property
    def ownership(self) -> Ownership:
        return Ownership(self.owner, self.group, parse_mode(self.mode))

    def wanted(self) -> bytes | None:
        """Return the given value, without the line end that a YAML block leaves."""
        return None if self.value is None else self.value.rstrip("\n").encode()


def ensure(store: str, wanted: Mapping[str, Secret], *, check: bool) -> Outcome:
    """Make the secrets exist. Those in the store that are not wanted any more stay."""
    problems = path_problems("path", store) or reach_problems(store, store)
    for name, secret in wanted.items():
        problems.extend(_secret_problems(name, secret))
    if not problems:
        problems = _store_problems(store, wanted)
    if problems:
        raise MediaError(problems)

    outcome = Outcome(facts={"secrets": {name: f"{store}/{name}" for name in sorted(wanted)}})
    _ensure_store(store, outcome, check)
    with reach(store, store) as (here, missing):
        if missing:  # check mode on a fresh host
            for name in sorted(wanted):
                outcome.add(f"{store}/{name}", "", _made(wanted[name]))
            return outcome
        with opened(here) as directory:
            for name in sorted(wanted):
                _ensure_secret(f"{store}/{name}", directory, name, wanted[name], outcome, check)
    return outcome


def read(store: str, name: str) -> str:
    """Return a secret of the store; MediaError when it is not there."""
    found = lookup(store)(name)
    if found is None:
        raise MediaError([Problem(f"{store}/{name}", "does not exist", "the secret declared, so that it is generated")])
    return found


def lookup(store: str, wanted: Mapping[str, Secret] | None = None) -> Callable[[str], str | None]:
    """Return a function that gives a secret of the store by its name, None while there is none.

    wanted: a value given there counts as stored, so that check mode sees what a real run would have put there.
    """
    given = {name: secret.wanted() for name, secret in (wanted or {}).items()}

    def find(name: str) -> str | None:
        if not _NAME.fullmatch(name):
            return None
        content = given.get(name)
        if content is None:
            with reach(store, store) as (here, missing):
                file = None if missing else read_file(here, name)
            content = None if file is None else file[0]
        return None if content is None else content.decode()

    return find


def _secret_problems(name: str, secret: Secret) -> list[Problem]:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return [Problem(f"secret {name!r}", "is no name for a file", "letters, digits, - _ and ., 64 at most")]
    label = f"secret {name}"
    found = ownership_problems(label, secret.owner, secret.group, secret.mode)
    if not found and secret.ownership.mode & ~0o640:
        found.append(Problem(label, f"mode {secret.mode} lets others in", '"0600", or "0640" for one group'))
    if secret.kind not in KINDS:
        return [*found, Problem(label, f"kind {secret.kind!r} is not known", "one of " + ", ".join(KINDS))]
    if secret.value is not None and (not secret.wanted() or "\0" in secret.value):
        found.append(Problem(label, "is given, but empty or not text", "the secret, or no value at all"))
    kind = KINDS[secret.kind]
    if kind is not None and secret.length is not None and not kind.least <= secret.length <= _MOST:
        found.append(Problem(label, f"length {secret.length} does not suit {secret.kind}", f"{kind.least} to {_MOST}"))
    return found


def _store_problems(store: str, wanted: Mapping[str, Secret]) -> list[Problem]:
    found = []
    with reach(store, store) as (here, missing):
        for name, secret in wanted.items():
            path = f"{store}/{name}"
            try:
                file = None if missing else read_file(here, name)
            except NotAFileError as error:
                found.append(Problem(path, str(error), "a plain file with the secret in it, or nothing"))
                continue
            if secret.value is not None:
                continue
            if file is None and KINDS[secret.kind] is None:
                found.append(Problem(f"secret {name}", "has no value", f"the value given, or put into {path}"))
            if file is not None and not _is_text(file[0]):
                found.append(Problem(path, "is empty or not text", "the secret in it, or no file at all"))
    return found


def _is_text(content: bytes) -> bool:
    try:
        return bool(content.decode())
    except UnicodeDecodeError:
        return False


def _ensure_store(store: str, outcome: Outcome, check: bool) -> None:
    for parent in make_parents(store, store, check=check):
        outcome.add(parent, "", f"directory, {PARENT}")
    with reach(store, store) as (here, missing):
        if missing:
            outcome.add(store, "", f"directory, {STORE}")
            if not check:
                make_directory(here, PurePosixPath(store).name, STORE)
            return
        found = Ownership.of(os.fstat(here))
        if found != STORE:
            outcome.add(store, f"directory, {found}", f"directory, {STORE}")
            if not check:
                with opened(here) as directory:
                    STORE.apply(directory)


def _ensure_secret(path: str, directory: int, name: str, secret: Secret, outcome: Outcome, check: bool) -> None:
    file = read_file(directory, name)
    value = secret.wanted()
    if file is None:
        outcome.add(path, "", _made(secret))
        if not check:
            content = _generated(secret) if value is None else value
            # If another run was faster, its generated secret is in use already: it stays.
            write_file(directory, name, content, secret.ownership, replace=value is not None)
        return
    content, ownership = file
    if value is not None and content != value:
        outcome.add(path, f"another secret, {ownership}", f"secret replaced by the given one, {secret.ownership}")
        if not check:
            write_file(directory, name, value, secret.ownership)
    elif ownership != secret.ownership:
        outcome.add(path, f"secret, {ownership}", f"secret, {secret.ownership}")
        if not check:
            set_ownership(directory, name, secret.ownership)


def _made(secret: Secret) -> str:
    return f"secret {'generated' if secret.value is None else 'as given'}, {secret.ownership}"


def _generated(secret: Secret) -> bytes:
    kind = KINDS[secret.kind]
    if kind is None:
        raise ValueError(f"a {secret.kind} secret cannot be generated")
    return kind.generate(secret.length or kind.length).encode()

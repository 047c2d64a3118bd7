# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole set of files in one call, each compared as a whole and written as a whole.

A file is replaced by another one of the same name, never written in place: who reads it sees the old or the new. A
container that has such a file mounted by itself keeps the old one for ever, so the folder is what has to be mounted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ansible_collections.homelab.media.plugins.module_utils import secret_tokens
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
    is_below,
    make_parents,
    opened,
    path_problems,
    reach,
    reach_problems,
)
from ansible_collections.homelab.media.plugins.module_utils.secret_tokens import Lookup

_HIDDEN = "(the content is secret)"


@dataclass(frozen=True)
class File:
    """One file. path: below the root, or absolute in one of the folders that were allowed beside it.

    secret: the content is in no diff. A content with a secret's token is secret without being told.
    seed: made when absent; from then on it is the application's own, content, owner and mode.
    """

    path: str
    content: str = field(repr=False)
    mode: str = "0644"
    owner: int = 0
    group: int = 0
    secret: bool = False
    seed: bool = False

    @property
    def ownership(self) -> Ownership:
        return Ownership(self.owner, self.group, parse_mode(self.mode))

    @property
    def hidden(self) -> bool:
        return self.secret or secret_tokens.has_token(self.content)


def ensure(
    root: str,
    files: Sequence[File],
    *,
    check: bool,
    lookup: Lookup = lambda _name: None,
    planned: Sequence[str] = (),
    also: Sequence[str] = (),
) -> Outcome:
    """Make the files so. Those that are right are not touched.

    lookup: gives a secret by its name.
    planned: in check mode, secrets that a real run would have generated before.
    also: folders outside the root that a file may be put into, such as /etc/systemd/system.
    """
    problems = [*path_problems("root", root)]
    for folder in also:
        problems.extend(path_problems("also", folder))
    if not problems:
        placed = {_place(root, file.path): file for file in files}
        problems = _spelling_problems(root, files, also)
        problems = problems or _host_problems(root, placed, also, lookup, planned if check else ())
    if problems:
        raise MediaError(problems)

    outcome = Outcome()
    announced: set[str] = set()
    for path, file in sorted(placed.items()):
        top = _top(root, path, also)
        for parent in make_parents(path, top, check=check):
            if parent not in announced:  # in check mode a missing parent is found again below each of its children
                announced.add(parent)
                outcome.add(parent, "", f"directory, {PARENT}")
        _ensure_file(path, top, file, lookup, outcome, check)
    return outcome


def _place(root: str, path: str) -> str:
    return path if path.startswith("/") else f"{root}/{path}"


def _top(root: str, path: str, also: Sequence[str]) -> str:
    """Return the folder that the file has to stay in."""
    return root if is_below(path, root) else next(folder for folder in also if is_below(path, folder))


def _spelling_problems(root: str, files: Sequence[File], also: Sequence[str]) -> list[Problem]:
    found = []
    within = (root, *also)
    placed = [_place(root, file.path) for file in files]
    folders = {str(parent) for path in placed for parent in PurePosixPath(path).parents}
    for file, path in zip(files, placed):
        spelling = path_problems("file", path)
        found.extend(spelling)
        if not spelling and not any(path != top and is_below(path, top) for top in within):
            found.append(Problem(file.path, "lies outside", "a path below " + " or ".join(within)))
        if placed.count(path) > 1:
            found.append(Problem(file.path, "is there more than once", "each file once"))
        if path in folders:
            found.append(Problem(file.path, "is a file here and the folder of another file", "one or the other"))
        rights = ownership_problems(file.path, file.owner, file.group, file.mode)
        found.extend(rights)
        if not rights and file.hidden and file.ownership.mode & 0o007:
            found.append(Problem(file.path, f"holds a secret, and mode {file.mode} lets everybody read it", '"0640"'))
        for token in secret_tokens.malformed(file.content):
            found.append(Problem(file.path, f"{token!r} is no token", "@@secret:NAME@@ or @@secret:NAME:json@@"))
    return found


def _host_problems(
    root: str, placed: dict[str, File], also: Sequence[str], lookup: Lookup, planned: Sequence[str]
) -> list[Problem]:
    found = []
    for path, file in placed.items():
        top, name = _top(root, path, also), PurePosixPath(path).name
        parent = str(PurePosixPath(path).parent)
        in_the_way = reach_problems(parent, top)
        found.extend(in_the_way)
        if in_the_way:
            continue
        with reach(parent, top) as (here, missing):
            try:
                present = not missing and read_file(here, name) is not None
            except NotAFileError as error:
                found.append(Problem(path, str(error), "a plain file, or nothing"))
                continue
        if file.seed and present:
            continue
        for secret in sorted(secret_tokens.names(file.content) - set(planned)):
            if lookup(secret) is None:
                found.append(Problem(file.path, f"asks for secret {secret!r}, which does not exist", "it declared"))
    return found


def _ensure_file(path: str, top: str, file: File, lookup: Lookup, outcome: Outcome, check: bool) -> None:
    name = PurePosixPath(path).name
    with reach(str(PurePosixPath(path).parent), top) as (here, missing):
        present = None if missing else read_file(here, name)
        if present is not None and file.seed:
            return
        wanted = _content(file, lookup)
        if present is not None and present[0] == wanted:
            _ensure_ownership(path, here, present[1], file, outcome, check)
            return
        outcome.add(path, _before(file, present), _after(file, present))
        if not check and wanted is not None:
            with opened(here) as directory:
                write_file(directory, name, wanted, file.ownership, replace=not file.seed)


def _ensure_ownership(path: str, here: int, found: Ownership, file: File, outcome: Outcome, check: bool) -> None:
    if found == file.ownership:
        return
    outcome.add(path, str(found), str(file.ownership))
    if not check:
        set_ownership(here, PurePosixPath(path).name, file.ownership)


def _content(file: File, lookup: Lookup) -> bytes | None:
    """Return the file's content; None in check mode while one of its secrets is only planned."""
    try:
        return secret_tokens.replace(file.content, lookup).encode()
    except KeyError:
        return None


def _before(file: File, present: tuple[bytes, Ownership] | None) -> str:
    if present is None:
        return ""
    if file.hidden:
        return _HIDDEN
    try:
        return present[0].decode()
    except UnicodeDecodeError:
        return "(the content is not text)"


def _after(file: File, present: tuple[bytes, Ownership] | None) -> str:
    if not file.hidden:
        return file.content
    return f"{_HIDDEN}, and differs" if present is not None else f"{_HIDDEN}, {file.ownership}"

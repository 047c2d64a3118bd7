# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole tree of directories in one call: owner, group, set-gid and mode of each, and what it is mounted on.

Symbolic links: the topmost directories of the tree, and what lies above them, may be links that root owns. Below
them none is followed, not even one that stays inside the tree: containers see the tree at another place, and whoever
may write there could turn the link round. Such a link is a problem that is told, never replaced.
Nothing is ever deleted.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import PurePosixPath

from ansible_collections.homelab.media.plugins.module_utils.link_proof import LinkProof, prove_link
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome, Problem
from ansible_collections.homelab.media.plugins.module_utils.ownership import (
    Ownership,
    ownership_problems,
    parse_mode,
)
from ansible_collections.homelab.media.plugins.module_utils.paths import (
    PARENT,
    is_below,
    make_directory,
    make_parents,
    opened,
    path_problems,
    reach,
    reach_problems,
)
from ansible_collections.homelab.media.plugins.module_utils.places import mount_problems, same_filesystem
from ansible_collections.homelab.media.plugins.module_utils.repair import repair


@dataclass(frozen=True)
class Entry:
    """One directory. file_mode: what repair gives to the files in it; None where repair leaves the contents alone."""

    path: str
    owner: int
    group: int
    mode: str
    file_mode: str | None = None

    @property
    def ownership(self) -> Ownership:
        return Ownership(self.owner, self.group, parse_mode(self.mode))


@dataclass(frozen=True)
class Tree:
    """What a host's directories should be.

    mounts: where something has to be mounted, or nothing is done.
    repair: also set right what the directories with a file_mode contain.
    proof: the two directories that have to share files by hard links.
    """

    entries: tuple[Entry, ...]
    mounts: tuple[str, ...] = ()
    repair: bool = False
    proof: LinkProof | None = None

    def top(self, path: str) -> str:
        """Return the topmost directory of the tree that the path lies in."""
        above = [entry.path for entry in self.entries if is_below(path, entry.path)]
        return min(above, key=len, default=path)


def ensure(tree: Tree, *, check: bool) -> Outcome:
    """Make the tree so. In check mode the proof is a forecast from what is mounted, as nothing may be written."""
    problems = _spelling_problems(tree) or _host_problems(tree)
    if problems:
        raise MediaError(problems)
    outcome = Outcome()
    announced: set[str] = set()
    for entry in sorted(tree.entries, key=lambda entry: PurePosixPath(entry.path).parts):
        _ensure_parents(tree, entry, outcome, announced, check)
        _ensure_entry(tree, entry, outcome, check)
        announced.add(entry.path)
    if tree.repair:
        for entry in tree.entries:
            _repair_contents(tree, entry, outcome, check)
    if tree.proof and not check:
        prove_link(tree.proof)
    return outcome


def _spelling_problems(tree: Tree) -> list[Problem]:
    found = []
    paths = [entry.path for entry in tree.entries]
    for entry in tree.entries:
        found.extend(path_problems("path", entry.path))
        found.extend(ownership_problems(entry.path, entry.owner, entry.group, entry.mode))
        if entry.file_mode is not None:
            found.extend(ownership_problems(entry.path, entry.owner, entry.group, entry.file_mode))
        if paths.count(entry.path) > 1:
            found.append(Problem(entry.path, "is there more than once", "each path once"))
    for path in tree.mounts:
        found.extend(path_problems("mounts", path))
    for path in (tree.proof.downloads, tree.proof.library) if tree.proof else ():
        found.extend(path_problems("link_proof", path))
    return found


def _host_problems(tree: Tree) -> list[Problem]:
    found = [problem for path in tree.mounts for problem in mount_problems(path)]
    for entry in tree.entries:
        found.extend(reach_problems(entry.path, tree.top(entry.path)))
    if tree.proof and not found:
        # Each category as well: one of them may be a mount of its own.
        ends = (tree.proof.downloads, tree.proof.library)
        below = [e.path for e in tree.entries if e.path not in ends and any(is_below(e.path, end) for end in ends)]
        found.extend(same_filesystem([*ends, *below]))
    return found


def _ensure_parents(tree: Tree, entry: Entry, outcome: Outcome, announced: set[str], check: bool) -> None:
    for path in make_parents(entry.path, tree.top(entry.path), check=check):
        if path not in announced:  # in check mode a missing parent is found again below each of its children
            announced.add(path)
            outcome.add(path, "", f"directory, {PARENT}")


def _ensure_entry(tree: Tree, entry: Entry, outcome: Outcome, check: bool) -> None:
    path = PurePosixPath(entry.path)
    with reach(entry.path, tree.top(entry.path)) as (here, missing):
        if missing:
            outcome.add(entry.path, "", f"directory, {entry.ownership}")
            if not check:
                make_directory(here, path.name, entry.ownership)
            return
        found = Ownership.of(os.fstat(here))
        if found == entry.ownership:
            return
        outcome.add(entry.path, f"directory, {found}", f"directory, {entry.ownership}")
        if not check:
            with opened(here) as directory:
                entry.ownership.apply(directory)


def _repair_contents(tree: Tree, entry: Entry, outcome: Outcome, check: bool) -> None:
    if entry.file_mode is None:
        return
    with reach(entry.path, tree.top(entry.path)) as (here, missing):
        if missing:
            return
        with opened(here) as directory:
            repair(
                directory,
                outcome,
                path=entry.path,
                directories=entry.ownership,
                files=Ownership(entry.owner, entry.group, parse_mode(entry.file_mode)),
                apart={other.path for other in tree.entries},
                check=check,
            )

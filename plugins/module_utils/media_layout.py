# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folders of downloads and library, from the names of the categories."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem
from ansible_collections.homelab.media.plugins.module_utils.ownership import umask_modes
from ansible_collections.homelab.media.plugins.module_utils.paths import path_problems
from ansible_collections.homelab.media.plugins.module_utils.tree import Entry

#: A category is a folder here, a name in the downloader and a root folder in the library's manager.
_CATEGORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def media_layout(
    data_root: str,
    categories: Sequence[str],
    extra: Sequence[str] = (),
    *,
    uid: int = 1000,
    gid: int = 1000,
    umask: str = "002",
) -> list[Entry]:
    """Return the whole tree below data_root.

    extra: further folders, relative to data_root ("photos", "usenet/watch"); folders above them are added.
    """
    problems = path_problems("data_root", data_root)
    for category in categories:
        if not isinstance(category, str) or not _CATEGORY.fullmatch(category):
            problems.append(Problem("categories", f"{category!r} is no category", "letters, digits, - and _"))
    for path in extra:
        problems.extend(path_problems("extra", f"/{path}"))
    problems.extend(_repeated("categories", categories))
    if problems:
        raise MediaError(problems)

    modes = umask_modes(umask)
    folders = ["usenet/incomplete", "usenet/complete", "media"]
    folders += [f"{parent}/{category}" for parent in ("usenet/complete", "media") for category in categories]
    owned = {*folders, *extra}
    return [
        Entry(path, uid, gid, modes.directory, file_mode=modes.file if relative in owned else None)
        for relative in sorted({"", *_with_parents(owned)})
        for path in [f"{data_root}/{relative}".rstrip("/")]
    ]


def _with_parents(folders: Iterable[str]) -> set[str]:
    return {"/".join(names[: count + 1]) for names in (f.split("/") for f in folders) for count in range(len(names))}


def _repeated(variable: str, names: Sequence[str]) -> list[Problem]:
    # Compared without case: the downloader and the applications do not tell "TV" from "tv".
    folded = [str(name).lower() for name in names]
    return [
        Problem(variable, f"{name!r} is there more than once", "each category once")
        for name in sorted({name for name in folded if folded.count(name) > 1})
    ]

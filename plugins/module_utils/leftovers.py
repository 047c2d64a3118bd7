# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Configuration that an earlier run rendered and that nobody declares any more.

Only what a run has written itself, and only below config/: state, secrets and whatever a person has put there stay.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path

from ansible_collections.homelab.media.plugins.module_utils.outcome import Outcome

#: Everything below it is rendered, and rendered again when its service or its role is back.
FOLDER = "config/"


def known(
    last: Mapping[str, str], rendered: Mapping[str, str], reached: Container[str], active: Container[str]
) -> dict[str, str]:
    """Return the rendered files of a host by their roles, after a run.

    last: as the run before left them. rendered: by this run. reached: the roles that this run is about, whose files are
    all among the rendered ones. active: the roles that are on; those that are on and not reached keep theirs.
    """
    kept = {path: role for path, role in last.items() if role in active and role not in reached}
    return {path: role for path, role in {**kept, **rendered}.items() if path.startswith(FOLDER)}


def remove(root: str, last: Mapping[str, str], now: Mapping[str, str], outcome: Outcome, *, check: bool) -> None:
    """Remove the files that are known no more, and the folders that are empty without them."""
    for name in sorted(set(last) - set(now)):
        path = Path(root, name)
        if path.is_symlink() or not path.is_file():
            continue
        outcome.add(str(path), "a rendered file", "")
        if not check:
            path.unlink()
            _remove_empty(path.parent, Path(root, FOLDER))


def _remove_empty(folder: Path, top: Path) -> None:
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent

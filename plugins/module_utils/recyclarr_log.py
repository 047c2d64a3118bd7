# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether Recyclarr's last sync failed, whoever asked for it: each run has a log of its own, in which errors stand out.

The container's output would tell as well, and is gone with the container.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from ansible_collections.homelab.media.plugins.module_utils.atomic import NotAFileError, read_file
from ansible_collections.homelab.media.plugins.module_utils.paths import LinkRefusedError, opened, reach

#: Below Recyclarr's folder.
LOGS = "logs/cli"
#: Beside the log, a file for what is only of use to Recyclarr's developers.
_ASIDE = ".verbose.log"
#: The level is in the first brackets of a line.
_ERROR = re.compile(rb"^[^\]\n]*\b(ERR|FTL)\]", re.MULTILINE)


def last_failure(state: str) -> float:
    """Return when the last sync failed, in seconds of the clock; 0 where it did not, or there was none."""
    folder = f"{state}/{LOGS}"
    try:
        with reach(folder, str(Path(state).parent)) as (place, missing):
            if missing:
                return 0.0
            with opened(place) as directory:
                with os.scandir(directory) as entries:
                    logs = [log for entry in entries for log in _log(entry)]
                written, name = max(logs, default=(0.0, ""))
                found = read_file(directory, name) if name else None
    except (OSError, NotAFileError, LinkRefusedError):
        return 0.0
    return written if found and _ERROR.search(found[0]) else 0.0


def _log(entry: os.DirEntry[str]) -> list[tuple[float, str]]:
    """Return a log's time and name; nothing for what is none. They are the application's own, and it may put links."""
    if not entry.name.endswith(".log") or entry.name.endswith(_ASIDE) or not entry.is_file(follow_symlinks=False):
        return []
    return [(entry.stat(follow_symlinks=False).st_mtime, entry.name)]

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report of a run as a file on the controller."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: What stands for the host's name in the path of the file.
HOST = "{host}"


def path_of(given: str, host: str, *, several: bool) -> Path:
    """Return where the report of a host goes. several: the run has more than one host."""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", host)
    if HOST in given or not several:
        return Path(given.replace(HOST, name))
    path = Path(given)
    return path.with_name(f"{path.stem}.{name}{path.suffix}")


def write(given: str, report: Mapping[str, Any], *, several: bool) -> Path:
    """Write it in one piece, for its owner alone; returns where."""
    path = path_of(given, report["host"], several=several)
    if several and HOST not in given:
        # It would be of an earlier run, and be taken for all hosts of this one.
        Path(given).unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    number, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1, sort_keys=True)
            file.write("\n")
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path

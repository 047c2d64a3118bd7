# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the last run of the collection went, as it has written itself."""

from __future__ import annotations

import json
from pathlib import Path

from .findings import Findings, Trouble


def collect(found: Findings, file: str) -> None:
    """Tell of the last run; nothing while there was none."""
    try:
        told = json.loads(Path(file).read_text(encoding="utf-8"))
        found.add("media_converge_started_timestamp_seconds", float(told["started"]))
        found.add("media_converge_changed", int(told["changed"]))
        found.add("media_converge_changing_runs", int(told["changing_runs"]))
        found.add("media_converge_failed", bool(told["failed"]))
        if told["finished"] is not None:  # it is under way, or was cut short
            found.add("media_converge_finished_timestamp_seconds", float(told["finished"]))
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Trouble(f"{file} cannot be read ({type(error).__name__})") from None

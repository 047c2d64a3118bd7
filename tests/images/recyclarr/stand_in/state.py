# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of an application's own numbers belongs to which identifier of the guide; kept, so that a rename is no loss."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from .config import Instance

Numbers = dict[str, dict[str, int]]


def path_of(folder: Path, instance: Instance) -> Path:
    digest = hashlib.sha256(instance.base_url.encode()).hexdigest()[:16]
    return folder / "state" / instance.kind / digest / "mappings.json"


def load(path: Path) -> Numbers:
    """Return the numbers of formats and of profiles."""
    empty: Numbers = {"formats": {}, "profiles": {}}
    return {**empty, **json.loads(path.read_text(encoding="utf-8"))} if path.exists() else empty


def save(path: Path, numbers: Numbers) -> None:
    text = json.dumps(numbers, indent=1, sort_keys=True) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

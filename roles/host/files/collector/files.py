# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writing a file as a whole, and reading a secret."""

from __future__ import annotations

import os
from pathlib import Path

from .findings import Trouble


def write(path: Path, text: str, mode: int) -> None:
    """Put the text in place in one step: who reads it sees the old or the new."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    # The name begins with a dot and has no known ending, so that nobody takes it for the file.
    passing = path.with_name(f".{path.name}.new")
    descriptor = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        os.fchmod(descriptor, mode)
        stream.write(text)
    passing.replace(path)


def secret(root: str, name: str) -> str:
    """Return a secret of this host."""
    try:
        return Path(root, "secrets", name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Trouble(f"the secret {name} cannot be read ({error.strerror})") from None

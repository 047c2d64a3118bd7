# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets as a module is given them: in files on the host, which only check mode may find missing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem

#: Stands for a secret that a real run would make first; check mode meets it on a host without secrets.
NOT_MADE_YET = "(not made yet)"


def read_secrets(files: Mapping[str, str], check: bool) -> dict[str, str]:
    """Return the secret in each file, under the name that asks for it; every unusable file is told at once."""
    found: dict[str, str] = {}
    problems = []
    for name, file in files.items():
        path = Path(file)
        if check and not path.exists():
            found[name] = NOT_MADE_YET
            continue
        try:
            found[name] = path.read_text(encoding="utf-8", errors="surrogateescape").rstrip("\r\n")
        except OSError as error:
            problems.append(Problem(name, f"cannot be read from {file} ({error.strerror})", "a file with the secret"))
            continue
        if not found[name]:
            problems.append(Problem(name, f"is empty in {file}", "a file with the secret"))
    if problems:
        raise MediaError(problems)
    return found

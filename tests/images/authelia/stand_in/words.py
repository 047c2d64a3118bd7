# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists in messages, in upstream's manner."""

from __future__ import annotations

from collections.abc import Iterable


def words(names: Iterable[str], joined: str = "and") -> str:
    """Return 'a', 'b', and 'c'."""
    quoted = [f"'{name}'" for name in names]
    if len(quoted) < 3:
        return f" {joined} ".join(quoted)
    return f"{', '.join(quoted[:-1])}, {joined} {quoted[-1]}"


def one_of(names: Iterable[str]) -> str:
    return words(names, "or")

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a server said, told without the secrets that it may have repeated."""

from __future__ import annotations

from collections.abc import Iterable

HIDDEN = "(hidden)"


def without(secrets: Iterable[str], text: str, word: str = HIDDEN) -> str:
    """Return the text with a word in the place of each secret."""
    # One may be the beginning of another, whose end would be left.
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, word)
    return text

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens in rendered text that stand for a secret until the host puts it in: @@secret:NAME@@ and @@secret:NAME:FORM@@.

Forms: "json" is for text between double quotes, in JSON and in YAML, where the characters that mean something are
escaped. "plex" is the id that Plex derives from the UUID that the secret is, and that clients know the server by.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Callable

#: Gives a secret by its name, None while there is none.
Lookup = Callable[[str], "str | None"]

_START = "@@secret:"

_FORMS: dict[str | None, Callable[[str], str]] = {
    None: str,
    "json": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "plex": lambda secret: hashlib.sha1(f"{secret}- Plex Media Server".encode(), usedforsecurity=False).hexdigest(),
}
_TOKEN = re.compile(r"@@secret:([A-Za-z0-9][A-Za-z0-9_.-]*)(?::(json|plex))?@@")


def has_token(text: str) -> bool:
    """Tell whether the text holds a secret's token, well-formed or not."""
    return _START in text


def malformed(text: str) -> list[str]:
    """Return the beginnings of tokens that are none, which would end up in the file as they are."""
    rest = _TOKEN.sub("", text)
    return [rest[found.start() : found.start() + 40].split("\n")[0] for found in re.finditer(re.escape(_START), rest)]


def names(text: str) -> set[str]:
    """Return the names of the secrets that the text asks for."""
    return {found[1] for found in _TOKEN.finditer(text)}


def replace(text: str, lookup: Lookup) -> str:
    """Return the text with the secrets in it. KeyError names one that does not exist."""

    def value(found: re.Match[str]) -> str:
        secret = lookup(found[1])
        if secret is None:
            raise KeyError(found[1])
        return _FORMS[found[2]](secret)

    return _TOKEN.sub(value, text)

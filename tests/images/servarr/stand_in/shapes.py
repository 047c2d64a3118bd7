# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shape of a JSON body: what is left out becomes its type's default, what does not fit is refused.

A shape is written as words: `name=s enable=b priority=i tags=[i] protocol=unknown|usenet|torrent quality=@quality`.
s text or null, b true/false, i integer, n number, t date, o object, * anything; `?` behind it: null is kept;
[x] a list; a|b|c one of these words, the first is the default; @name another shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import ApiError

NAMED: dict[str, dict[str, str]] = {}
_CLASSES = {"b": "System.Boolean", "i": "System.Int32", "n": "System.Double", "s": "System.String"}


def shape(text: str) -> dict[str, str]:
    """Read a shape from its words."""
    return dict(word.split("=", 1) for word in text.split())


def named(name: str, text: str) -> dict[str, str]:
    NAMED[name] = shape(text)
    return NAMED[name]


def bind(given: Any, wanted: Mapping[str, str], path: str = "$") -> dict[str, Any]:
    """Return the body in the given shape: every property is there, an unknown one is dropped."""
    if not isinstance(given, dict):
        raise _mismatch(path, "the resource")
    by_name = {name.lower(): value for name, value in given.items()}
    return {
        name: _value(by_name[name.lower()], kind, f"{path}.{name}") if name.lower() in by_name else default(kind)
        for name, kind in wanted.items()
    }


def default(kind: str) -> Any:
    """Return what a property that is left out becomes."""
    if kind.endswith("?") or kind in ("s", "o", "*") or kind.startswith("@"):
        return None
    if kind.startswith("["):
        return []
    if kind == "t":
        return "0001-01-01T00:00:00Z"
    return {"b": False, "i": 0, "n": 0}.get(kind, kind.split("|")[0])


def without_nulls(value: Any) -> Any:
    """Nothing that is null is written into an answer."""
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def _value(given: Any, kind: str, path: str) -> Any:
    if kind.endswith("?"):
        return None if given is None else _value(given, kind[:-1], path)
    if kind.startswith("["):
        if given is None:
            return []
        if not isinstance(given, list):
            raise _mismatch(path, "a list")
        return [_value(item, kind[1:-1], f"{path}[{index}]") for index, item in enumerate(given)]
    if kind.startswith("@"):
        return None if given is None else bind(given, NAMED[kind[1:]], path)
    return _plain(given, kind, path)


def _plain(given: Any, kind: str, path: str) -> Any:
    number = not isinstance(given, bool) and isinstance(given, (int, float))
    fits = {
        "*": True,
        "b": isinstance(given, bool),
        "i": number and isinstance(given, int),
        "n": number,
        "s": given is None or isinstance(given, str),
        "t": isinstance(given, str),
        "o": given is None or isinstance(given, dict),
    }
    if kind in fits:
        if not fits[kind]:
            raise _mismatch(path, _CLASSES.get(kind, kind))
        return given
    words = kind.split("|")
    if number and isinstance(given, int) and 0 <= given < len(words):
        return words[given]
    for word in words:
        if isinstance(given, str) and given.lower() == word.lower():
            return word
    raise _mismatch(path, "an enumeration")


def _mismatch(path: str, wanted: str) -> ApiError:
    text = f"The JSON value could not be converted to {wanted}. Path: {path}"
    return ApiError(
        400,
        {
            "type": "https://tools.ietf.org/html/rfc7231#section-6.5.1",
            "title": "One or more validation errors occurred.",
            "status": 400,
            "errors": {path: [text]},
        },
    )

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of a role or a plugin as tables: one for each level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.handbook.markup import LONG, block, code, sentence, table, value

REFERENCE = "{{ "


def tables(options: Mapping[str, Mapping[str, Any]], title: str, heading: str) -> str:
    """Return the table of some options, long defaults below it, and a table for the keys of each that has some.

    An option may state its default as a template that names another variable.
    """
    parts = [table((title, "type", "default", "meaning"), (_row(name, option) for name, option in options.items()))]
    for name, option in options.items():
        if _is_long(option):
            parts.append(f"The default of {code(name)}:\n\n{block(name, option['default'])}")
    for path, option in _nested(options, ""):
        rows = (_row(name, key) for name, key in _keys(option).items())
        parts.append(f"{heading} Keys of {code(path)}\n\n" + table(("key", "type", "default", "meaning"), rows))
    return "\n".join(parts)


def _keys(option: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Return the keys of an option: roles and modules have another name for them."""
    return option.get("options") or option.get("suboptions") or {}


def _nested(options: Mapping[str, Mapping[str, Any]], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, option in options.items():
        if _keys(option):
            yield f"{path}{name}", option
            yield from _nested(_keys(option), f"{path}{name}.")


def _row(name: str, option: Mapping[str, Any]) -> tuple[str, str, str, str]:
    meaning = [sentence(option.get("description"))]
    if option.get("choices"):
        meaning.append("One of " + ", ".join(code(value(choice)) for choice in option["choices"]) + ".")
    if option.get("aliases"):
        meaning.append("Also called " + ", ".join(map(code, option["aliases"])) + ".")
    for variable in option.get("env", ()):
        meaning.append(f"In the environment {code(variable['name'])}.")
    for setting in option.get("ini", ()):
        meaning.append(f"In `ansible.cfg` {code(setting['key'])}, section {code('[' + setting['section'] + ']')}.")
    return code(name), _type(option), _default(option), " ".join(meaning)


def _type(option: Mapping[str, Any]) -> str:
    kind = str(option.get("type", "str"))
    if kind == "list" and option.get("elements"):
        kind = f"list of {option['elements']}"
    return f"{kind}, **secret**" if option.get("no_log") else kind


def _default(option: Mapping[str, Any]) -> str:
    if option.get("required"):
        return "**required**"
    given = option.get("default")
    if given is None:
        return ""
    if isinstance(given, str) and given.startswith(REFERENCE):
        return f"that of {code(given.strip('{} '))}"
    return "below" if _is_long(option) else code(value(given))


def _is_long(option: Mapping[str, Any]) -> bool:
    given = option.get("default")
    return isinstance(given, (dict, list)) and len(value(given)) > LONG

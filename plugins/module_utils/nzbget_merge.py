# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of an nzbget.conf, and what a wanted set of options makes of them. No network, no files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.homelab.media.plugins.module_utils import nzbget_names

Pairs = Iterable["tuple[str, str]"]
Wanted = Mapping[str, "str | None"]

#: Values that NZBGet uses for an option that its file does not name, where we want just that.
BUILT_IN = {"certverification": "strict"}

_TRUE = ("true", "1", "on", "enable", "enabled")
_FALSE = ("false", "0", "off", "disable", "disabled")


def parse(conf: str) -> list[tuple[str, str]]:
    """Return the options in the text of an nzbget.conf as NZBGet reads them: one a line, blanks at its end cut off."""
    lines = (line.rstrip() for line in conf.splitlines())
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith(("#", "=")))
    return [(name, value) for name, _equals, value in pairs]


def merge(current: Pairs, wanted: Wanted) -> dict[str, str]:
    """Lay the wanted options over the current ones.

    Options not told of are kept. Numbered entries (Server1.*, Category1.*) are a list: if any of a kind is wanted,
    all of that kind are, so surplus ones go. What an entry holds besides follows its name to its new number.
    """
    present = {name.lower(): (name, value) for name, value in current}
    owned = {numbered[0] for numbered in map(nzbget_names.entry, wanted) if numbered}
    carried = _carried(present, wanted)
    merged = {name: value for name, value in present.values() if (nzbget_names.entry(name) or ("",))[0] not in owned}
    spelling = {name.lower(): name for name in merged}
    merged.update(carried)
    for name, value in wanted.items():
        spelled = spelling.get(name.lower(), name)
        if value is not None:
            merged[spelled] = value.rstrip()
        elif merged.get(spelled, "").lower() != BUILT_IN.get(name.rpartition(".")[2].lower()):
            merged.pop(spelled, None)
    return merged


def _carried(present: Mapping[str, tuple[str, str]], wanted: Wanted) -> dict[str, str]:
    """Return what the wanted entries hold besides what is wanted of them, under their new numbers."""
    before = _entries(dict(present.values()))
    carried: dict[str, str] = {}
    for (prefix, number), options in _entries(wanted).items():
        same = before.get((prefix, number), {})
        name = options.get("name", (None, None))[1]
        if name is not None:
            others = (held for (kind, _number), held in before.items() if kind == prefix)
            same = next((held for held in others if _named(held) == name.lower()), {})
        for option, (spelled, value) in same.items():
            if option not in options or options[option][1] is None:
                carried[f"{prefix}{number}.{spelled}"] = value or ""
    return carried


def _entries(options: Wanted) -> dict[tuple[str, int], dict[str, tuple[str, str | None]]]:
    """Group the numbered options: ("Server", 1) to its options in lower case, each with its spelling and value."""
    found: dict[tuple[str, int], dict[str, tuple[str, str | None]]] = {}
    for name, value in options.items():
        numbered = nzbget_names.entry(name)
        if numbered:
            prefix, number, option = numbered
            found.setdefault((prefix, number), {})[option.lower()] = (option, value)
    return found


def _named(held: Mapping[str, tuple[str, str | None]]) -> str:
    return (held.get("name", ("", ""))[1] or "").lower()


def differences(current: Pairs, merged: Mapping[str, str]) -> list[tuple[str, str | None, str | None]]:
    """Return each option that differs, with its value before and after; None where it is absent."""
    before = {name.lower(): (name, value) for name, value in current}
    after = {name.lower(): (name, value) for name, value in merged.items()}
    absent = ("", None)
    return [
        ((after.get(key) or before[key])[0], before.get(key, absent)[1], after.get(key, absent)[1])
        for key in [*after, *(key for key in before if key not in after)]
        if before.get(key, absent)[1] != after.get(key, absent)[1]
    ]


def not_in_force(wanted: Wanted, running: Pairs) -> list[str]:
    """Return the wanted options that a running NZBGet has another value for."""
    values = {name.lower(): value for name, value in running}
    return [
        name
        for name, value in wanted.items()
        if value is not None
        and name.lower() in values
        and not _same(name, _expand(value, values), values[name.lower()])
    ]


def _same(name: str, wanted: str, running: str) -> bool:
    if nzbget_names.is_secret(name):
        return wanted.rstrip() == running
    return _canonical(wanted) == _canonical(running)


def _canonical(value: str) -> str:
    """Undo what NZBGet does to a value as it reads it: spelling of booleans, case, a slash at a folder's end."""
    lower = value.strip().lower()
    if lower in _TRUE:
        return "yes"
    return "no" if lower in _FALSE else lower.rstrip("/")


def _expand(value: str, running: Mapping[str, str]) -> str:
    """Put in the options that a value refers to, such as ${AppDir}."""
    start = value.find("${")
    end = value.find("}", start)
    reference = running.get(value[start + 2 : end].lower()) if 0 <= start < end else None
    return value if reference is None else _expand(value[:start] + reference + value[end + 1 :], running)

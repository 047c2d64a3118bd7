# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Laying what is declared over what an application has. What is not declared stays as it is."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.homelab.media.plugins.module_utils.secret_seal import Sealed
from ansible_collections.homelab.media.plugins.module_utils.servarr_values import HIDDEN, MASK, cast, same, shown

#: What a field of an application says of itself when its value is a secret.
PRIVATE = ("password", "apiKey")
Show = Callable[[str, Any], str]


@dataclass(frozen=True)
class Difference:
    """One value that differs, as text. Never a secret."""

    name: str
    before: str
    after: str


class Unfit(Exception):
    """What is declared does not fit the application. Told with what a right value looks like."""

    def __init__(self, reason: str, expected: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.expected = expected


def plain(_name: str, value: Any) -> str:
    return shown(value)


def lay_values(base: Mapping[str, Any], wanted: Mapping[str, Any], show: Show = plain) -> tuple[Any, list[Difference]]:
    """Return the whole object with the wanted values in it, and what differs."""
    body = copy.deepcopy(dict(base))
    found: list[Difference] = []
    for name, value in wanted.items():
        before = body.get(name)
        if isinstance(before, dict) and isinstance(value, Mapping):
            body[name], deeper = lay_values(before, value)
            found.extend(Difference(f"{name}.{each.name}", each.before, each.after) for each in deeper)
            continue
        after = cast(value, before)
        if not same(name, before, after):
            body[name] = after
            found.append(Difference(name, show(name, before), show(name, after)))
    return body, found


def lay_fields(
    entries: Iterable[Mapping[str, Any]],
    wanted: Mapping[str, Any],
    secrets: Mapping[str, str | None],
    written: Callable[[str, str], bool],
) -> tuple[list[dict[str, Any]], list[Difference]]:
    """Return all fields with the wanted values in them, and what differs.

    written: tells whether a secret is the one that was last written to a field, for those that come back masked.
    """
    body = [dict(entry) for entry in entries]
    by_name = {str(entry.get("name")): entry for entry in body}
    unknown = sorted({*wanted, *secrets} - set(by_name))
    if unknown:
        raise Unfit(f"has no field {', '.join(unknown)}", f"one of {', '.join(sorted(by_name))}")
    found = []
    for name, value in wanted.items():
        entry = by_name[name]
        private = entry.get("privacy") in PRIVATE
        if private and value not in (None, ""):
            raise Unfit(f"has a secret in its field {name}", "the path of a file that holds it, in secret_fields")
        after = cast(value, entry.get("value"), str(entry.get("type", "")))
        if not same(name, entry.get("value"), after):
            found.append(Difference(name, HIDDEN if private else shown(entry.get("value")), shown(after)))
            entry["value"] = after
    for name, secret in secrets.items():
        entry = by_name[name]
        before = entry.get("value")
        unseen = before == MASK or isinstance(secret, Sealed)
        kept = secret is not None and (written(name, secret) if unseen else before == secret)
        if not kept:
            found.append(Difference(name, HIDDEN if before else "", f"{HIDDEN} differs" if before else HIDDEN))
            entry["value"] = secret
    return body, found


def told(values: Mapping[str, Any], fields: Mapping[str, Any], secrets: Iterable[str], show: Show = plain) -> str:
    """Return a declared item as text, one line a value."""
    lines = [f"{name}: {show(name, value)}" for name, value in {**values, **fields}.items()]
    return "\n".join([*lines, *(f"{name}: {HIDDEN}" for name in secrets)])

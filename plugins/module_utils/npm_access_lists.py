# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bringing the access lists of Nginx Proxy Manager to what is wanted. It shows no password: the ledger knows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.npm_api import Client
from ansible_collections.homelab.media.plugins.module_utils.npm_hosts import APPLICATION
from ansible_collections.homelab.media.plugins.module_utils.outcome import Outcome
from ansible_collections.homelab.media.plugins.module_utils.servarr_ledger import Ledger

RESOURCE = "access-lists"
PATH = f"/nginx/{RESOURCE}"


@dataclass(frozen=True)
class AccessList:
    """One list. clients: pairs of address and directive, in nginx's order."""

    name: str
    users: Mapping[str, str] = field(default_factory=dict, repr=False)
    clients: tuple[tuple[str, str], ...] = ()
    satisfy_any: bool = False
    pass_auth: bool = False


@dataclass
class Step:
    """One list to write. number: below zero while it is not there."""

    wanted: AccessList
    number: int
    changes: list[tuple[str, str, str]]


def plan(rows: Sequence[Mapping[str, Any]], wanted: Sequence[AccessList], ledger: Ledger) -> list[Step]:
    """Return a step for each wanted list."""
    by_name = {str(row.get("name")): row for row in reversed(rows)}
    steps = []
    for index, entry in enumerate(wanted):
        row = by_name.get(entry.name)
        number = -1 - index if row is None else int(row["id"])
        steps.append(Step(entry, number, _changes(entry, row, ledger)))
    return steps


def _changes(wanted: AccessList, row: Mapping[str, Any] | None, ledger: Ledger) -> list[tuple[str, str, str]]:
    if row is None:
        return [("", "", _summary(wanted.users, wanted.clients))]
    users = sorted(str(item.get("username")) for item in row.get("items") or ())
    clients = [(str(item.get("address")), str(item.get("directive"))) for item in row.get("clients") or ()]
    pairs = [
        ("users", ", ".join(users), ", ".join(sorted(wanted.users))),
        ("clients", _clients(clients), _clients(wanted.clients)),
        ("satisfy_any", _word(row.get("satisfy_any")), _word(wanted.satisfy_any)),
        ("pass_auth", _word(row.get("pass_auth")), _word(wanted.pass_auth)),
    ]
    found = [pair for pair in pairs if pair[1] != pair[2]]
    for user in sorted(set(users) & set(wanted.users)):
        if not ledger.knows(APPLICATION, _place(row["id"], user), wanted.users[user]):
            found.append((f"password of {user}", "another one", "as declared"))
    return found


def _place(number: Any, user: str) -> str:
    return f"{RESOURCE}/{number}/{user}"


def _summary(users: Mapping[str, str], clients: Sequence[tuple[str, str]]) -> str:
    return "; ".join(part for part in (", ".join(sorted(users)), _clients(clients)) if part)


def _clients(clients: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{directive} {address}" for address, directive in clients)


def _word(value: Any) -> str:
    return "yes" if value else "no"


def tell(outcome: Outcome, steps: Sequence[Step]) -> None:
    for step in steps:
        label = f"access list {step.wanted.name}"
        for name, before, after in step.changes:
            outcome.add(f"{label}: {name}" if name else label, before, after)


def apply(client: Client, steps: Sequence[Step], ledger: Ledger) -> None:
    """Write each list that differs, whole: what is left out of it the server takes as removed, or answers 500."""
    for step in [step for step in steps if step.changes]:
        wanted = step.wanted
        for password in wanted.users.values():
            client.hide(password)
        body = {
            "name": wanted.name,
            "satisfy_any": wanted.satisfy_any,
            "pass_auth": wanted.pass_auth,
            "items": [{"username": user, "password": password} for user, password in wanted.users.items()],
            "clients": [{"address": address, "directive": directive} for address, directive in wanted.clients],
        }
        if step.number < 0:
            step.number = int(client.item("POST", PATH, body)["id"])
        else:
            client.ask("PUT", f"{PATH}/{step.number}", body)
        ledger.add(APPLICATION, RESOURCE, step.number, wanted.name)
        for user, password in wanted.users.items():
            ledger.remember(APPLICATION, _place(step.number, user), password)


def stale(rows: Sequence[Mapping[str, Any]], steps: Sequence[Step], ledger: Ledger) -> list[Mapping[str, Any]]:
    """Return the lists that a run has made, and that nobody wants any more."""
    ours, kept = ledger.made(APPLICATION, RESOURCE), {step.number for step in steps}
    return [row for row in rows if int(row["id"]) in ours and int(row["id"]) not in kept]


def drop(client: Client, rows: Sequence[Mapping[str, Any]], ledger: Ledger) -> None:
    for row in rows:
        client.ask("DELETE", f"{PATH}/{row['id']}")
        ledger.drop(APPLICATION, RESOURCE, int(row["id"]))

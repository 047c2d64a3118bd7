# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bringing the hosts of Nginx Proxy Manager to what is wanted: read, compare, write the difference, look at nginx.

The server answers 200 for a configuration that nginx does not take, and takes the host off line. So every host that was
written is read again, and gets its earlier configuration back where nginx refuses the new one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.npm_api import Client, Rejected
from ansible_collections.homelab.media.plugins.module_utils.npm_hosts_values import (
    Kind,
    declared,
    differences,
    fault,
    kept,
    target,
)
from ansible_collections.homelab.media.plugins.module_utils.outcome import Outcome, Problem
from ansible_collections.homelab.media.plugins.module_utils.proxy_nginx import ACCESS_LIST_ID
from ansible_collections.homelab.media.plugins.module_utils.servarr_ledger import Ledger

#: How the server is called in the ledger.
APPLICATION = "proxy"
_LIST_FILE = re.compile(r"(?<=/data/access/)-?[0-9]+")


@dataclass(frozen=True)
class Ids:
    """The ids of certificates and access lists by their names; below zero for what check mode only foresees."""

    certificates: Mapping[str, int] = field(default_factory=dict)
    access_lists: Mapping[str, int] = field(default_factory=dict)

    def name(self, field_name: str, value: str) -> str:
        """Return the name of what a field points to: an id differs from what check mode can know."""
        known = {"certificate_id": self.certificates, "access_list_id": self.access_lists}[field_name]
        names = {str(number): name for name, number in known.items()}
        return names.get(value, "none" if value == "0" else f"number {value}")


@dataclass
class Step:
    """One host to write or to remove. row: as the server has it, None where it is to be made."""

    kind: Kind
    wanted: dict[str, Any] | None
    row: dict[str, Any] | None
    changes: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def label(self) -> str:
        names = (self.wanted or self.row or {})["domain_names"]
        return f"{self.kind.noun} {', '.join(names)}"


def plan(
    kind: Kind,
    rows: Sequence[Mapping[str, Any]],
    entries: Iterable[Mapping[str, Any]],
    ids: Ids,
    ledger: Ledger,
) -> list[Step]:
    """Return what is to be done: removals first, so that their names are free, then changes, then new hosts.

    A host made by hand that has one of our names becomes ours;
    one that a run has made, and that nobody wants any more, is removed. All others stay.
    """
    wanted = [_wanted(kind, entry, ids) for entry in entries]
    free = {int(row["id"]): dict(row) for row in rows}
    pairs: list[tuple[dict[str, Any], dict[str, Any] | None]] = []
    for exact in (True, False):
        for host in [host for host in wanted if not any(host is each for each, _row in pairs)]:
            match = _match(host, free.values(), exact)
            if match:
                pairs.append((host, free.pop(int(match["id"]))))
    pairs += [(host, None) for host in wanted if not any(host is each for each, _row in pairs)]
    ours = ledger.made(APPLICATION, kind.path)
    gone = [Step(kind, None, row) for number, row in free.items() if number in ours]
    steps = [Step(kind, host, row, _changes(kind, host, row, ids)) for host, row in pairs]
    return [*gone, *(step for step in steps if step.row), *(step for step in steps if not step.row)]


def _wanted(kind: Kind, entry: Mapping[str, Any], ids: Ids) -> dict[str, Any]:
    certificate = ids.certificates.get(str(entry.get("certificate") or ""), 0)
    access_list = ids.access_lists.get(str(entry.get("access_list") or ""), 0)
    host = declared(kind, entry, certificate, access_list)
    host["advanced_config"] = host["advanced_config"].replace(ACCESS_LIST_ID, str(access_list))
    return host


def _match(host: Mapping[str, Any], rows: Iterable[dict[str, Any]], exact: bool) -> dict[str, Any] | None:
    names = set(host["domain_names"])
    for row in rows:
        found = {str(name).lower() for name in row.get("domain_names") or ()}
        if found == names if exact else found & names:
            return row
    return None


def _changes(
    kind: Kind, host: Mapping[str, Any], row: Mapping[str, Any] | None, ids: Ids
) -> list[tuple[str, str, str]]:
    if row is None:
        return [("", "", target(kind, host))]
    found = [
        (name, _shown(name, before, ids), _shown(name, after, ids))
        for name, before, after in differences(host, kept(kind, row))
    ]
    if not kind.enables and row.get("enabled") in (False, 0):
        found.append(("enabled", "no", "yes"))
    broken = fault(row)
    if broken and not found:
        found.append(("nginx", " ".join(broken.split()), "on line"))
    return found


def _shown(name: str, value: str, ids: Ids) -> str:
    if name in ("certificate_id", "access_list_id"):
        return ids.name(name, value)
    return _LIST_FILE.sub("ID", value) if name == "advanced_config" else value


def tell(outcome: Outcome, steps: Iterable[Step]) -> None:
    """Add what the steps change to what the run tells."""
    for step in steps:
        if step.wanted is None:
            outcome.add(step.label, target(step.kind, {**step.kind.fields, **(step.row or {})}), "")
        for name, before, after in step.changes:
            outcome.add(f"{step.label}: {name}" if name else step.label, before, after)


def apply(client: Client, steps: Iterable[Step], ledger: Ledger) -> list[Problem]:
    """Do it, host after host, and return what nginx or the server refuses. The others are done all the same."""
    problems = []
    for step in steps:
        try:
            problems += _take(client, step, ledger)
        except Rejected as error:
            problems.append(Problem(step.label, f"was refused by the proxy: {error.message}", "one that it takes"))
    return problems


def _take(client: Client, step: Step, ledger: Ledger) -> list[Problem]:
    path = f"/nginx/{step.kind.path}"
    if step.wanted is None:
        number = int((step.row or {})["id"])
        client.ask("DELETE", f"{path}/{number}")
        ledger.drop(APPLICATION, step.kind.path, number)
        return []
    if step.row is None:
        number = int(client.item("POST", path, step.wanted)["id"])
    else:
        number = int(step.row["id"])
        if step.changes:
            client.item("PUT", f"{path}/{number}", step.wanted)
            if ("enabled", "no", "yes") in step.changes and not step.kind.enables:
                client.ask("POST", f"{path}/{number}/enable")
    ledger.add(APPLICATION, step.kind.path, number, ", ".join(step.wanted["domain_names"]))
    return _prove(client, step, number, ledger) if step.changes else []


def _prove(client: Client, step: Step, number: int, ledger: Ledger) -> list[Problem]:
    """Read again what was written: whether nginx serves it, and whether the server kept it as it was told."""
    path = f"/nginx/{step.kind.path}/{number}"
    row = client.item("GET", path)
    told = client.clean(fault(row))
    if not told:
        left = [name for name, _before, _after in differences(step.wanted or {}, kept(step.kind, row))]
        if not left:
            return []
        return [Problem(step.label, f"was not kept as told ({', '.join(left)})", "values that the proxy keeps")]
    if step.row is None:
        client.ask("DELETE", path)
        ledger.drop(APPLICATION, step.kind.path, number)
        return [Problem(step.label, f"is not taken by nginx, and was removed again: {told}", "what nginx -t takes")]
    client.item("PUT", path, kept(step.kind, step.row))
    return [
        Problem(step.label, f"is not taken by nginx, and has its earlier text again: {told}", "what nginx -t takes")
    ]


def clashes(
    rows: Mapping[str, Sequence[Mapping[str, Any]]], wanted: Mapping[str, Sequence[Mapping[str, Any]]], ledger: Ledger
) -> list[Problem]:
    """Return each name that a host of another kind holds which nobody but a person can judge: it was made by hand."""
    found = []
    for kind, entries in wanted.items():
        names = {str(name).lower() for entry in entries for name in entry["domain_names"]}
        for other, others in rows.items():
            ours = ledger.made(APPLICATION, other)
            for row in [row for row in others if other != kind and int(row["id"]) not in ours]:
                taken = sorted(names.intersection(str(name).lower() for name in row.get("domain_names") or ()))
                found += [
                    Problem(name, f"is held by {other}/{row['id']}, made by hand", "a free name") for name in taken
                ]
    return found

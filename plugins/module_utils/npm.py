# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeping Nginx Proxy Manager true: its administrator, certificates, access lists, hosts and default site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import (
    npm_access_lists,
    npm_admin,
    npm_certificates,
    npm_hosts,
    npm_seen,
)
from ansible_collections.homelab.media.plugins.module_utils.npm_api import Client, NotReady
from ansible_collections.homelab.media.plugins.module_utils.npm_hosts_values import KINDS, PROXY, kept
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome, Problem
from ansible_collections.homelab.media.plugins.module_utils.servarr_ledger import Ledger

DEFAULT_SITE = "/settings/default-site"
Rows = dict[str, "list[dict[str, Any]]"]


@dataclass(frozen=True)
class Target:
    """The server to keep.

    data: its /data as this host sees it. seen: the file that holds what it had last. patience: for Let's Encrypt, which
    takes minutes.
    """

    url: str
    admin: npm_admin.Admin
    data: str
    seen: str
    timeout: float = 60
    patience: float = 900


@dataclass(frozen=True)
class Wanted:
    """What it shall have. hosts: by their kind's path."""

    certificates: Sequence[npm_certificates.Certificate] = ()
    access_lists: Sequence[npm_access_lists.AccessList] = ()
    hosts: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    default_site: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class _Work:
    """One comparison: what the server has, and what there is to do."""

    rows: Rows
    certificates: list[npm_certificates.Step]
    lists: list[npm_access_lists.Step]
    ids: npm_hosts.Ids
    hosts: list[npm_hosts.Step]
    site: dict[str, Any]


def ensure(target: Target, wanted: Wanted, ledger: Ledger, check: bool) -> Outcome:
    """Bring the server to what is wanted. Nothing is written if it is so.

    In check mode a server that does not run is taken to have what it had last. One that has no database yet, or that
    nobody has claimed, is to be given everything.
    """
    client = Client(target.url, target.timeout)
    outcome = Outcome(facts={"reachable": True, "version": "", "unguarded": []})
    try:
        status = client.status(wait=not check)
    except NotReady:
        if not check:
            raise
        outcome.facts["reachable"] = False
        last = npm_seen.recall(target.seen, target.data)
        if last is not None:
            _converge(client, target, wanted, ledger, outcome, write=False, rows=last)
            return outcome
        status = {"setup": False}
    outcome.facts["version"] = _version(status)
    if status.get("setup") is False:
        # Another database than the one that a ledger tells of: its ids would be those of other things.
        ledger.forget(npm_hosts.APPLICATION)
    signed_in = npm_admin.sign_in(client, target.admin, status, outcome, check)
    rows = _read(client) if signed_in else _nothing()
    _converge(client, target, wanted, ledger, outcome, write=not check, rows=rows)
    if not check:
        npm_seen.remember(target.seen, _read(client) if outcome.changed else rows)
    return outcome


def _version(status: Mapping[str, Any]) -> str:
    numbers = status.get("version") or {}
    return ".".join(str(numbers[name]) for name in ("major", "minor", "revision") if name in numbers)


def _converge(
    client: Client, target: Target, wanted: Wanted, ledger: Ledger, outcome: Outcome, *, write: bool, rows: Rows
) -> None:
    work = _compare(rows, target, wanted, ledger)
    outcome.facts["unguarded"] = _unguarded(rows, wanted)
    npm_certificates.tell(outcome, work.certificates)
    npm_access_lists.tell(outcome, work.lists)
    npm_hosts.tell(outcome, work.hosts)
    if work.site:
        outcome.add("default site", str(work.site["before"]), str(work.site["after"]))
    old_lists = npm_access_lists.stale(work.rows[npm_access_lists.RESOURCE], work.lists, ledger)
    old_certificates = npm_certificates.stale(work.rows[npm_certificates.RESOURCE], work.certificates, ledger)
    for row in old_lists:
        outcome.add(f"access list {row.get('name')}", "there", "")
    for row in old_certificates:
        outcome.add(f"certificate {row.get('nice_name')}", "there", "")
    if not write:
        return
    renewed = {step.number for step in work.certificates if step.needed and step.number > 0}
    npm_certificates.apply(client, work.certificates, target.data, ledger, target.patience)
    npm_access_lists.apply(client, work.lists, ledger)
    work.ids = _ids(work.rows, work.certificates, work.lists)
    # Ids are known now that had to be foreseen for the comparison.
    work.hosts = _hosts(work.rows, wanted, work.ids, ledger)
    if work.site:
        client.ask("PUT", DEFAULT_SITE, {"value": work.site["after"], "meta": work.site["meta"]})
    problems = npm_hosts.apply(client, work.hosts, ledger)
    if problems:
        raise MediaError(problems)
    _load(client, work, renewed)
    npm_access_lists.drop(client, old_lists, ledger)
    npm_certificates.drop(client, old_certificates, ledger)


def _read(client: Client) -> Rows:
    rows = {kind.path: client.items(f"/nginx/{kind.path}") for kind in KINDS}
    rows[npm_certificates.RESOURCE] = client.items(npm_certificates.PATH)
    rows[npm_access_lists.RESOURCE] = client.items(f"{npm_access_lists.PATH}?expand=items,clients")
    rows["site"] = [client.item("GET", DEFAULT_SITE)]
    return rows


def _nothing() -> Rows:
    names = [*(kind.path for kind in KINDS), npm_certificates.RESOURCE, npm_access_lists.RESOURCE]
    return {**{name: [] for name in names}, "site": [{"value": "congratulations"}]}


def _compare(rows: Rows, target: Target, wanted: Wanted, ledger: Ledger) -> _Work:
    clashes = npm_hosts.clashes({kind.path: rows[kind.path] for kind in KINDS}, wanted.hosts, ledger)
    if clashes:
        raise MediaError(clashes)
    certificates = npm_certificates.plan(rows[npm_certificates.RESOURCE], wanted.certificates, target.data, ledger)
    lists = npm_access_lists.plan(rows[npm_access_lists.RESOURCE], wanted.access_lists, ledger)
    ids = _ids(rows, certificates, lists)
    _refuse_unknown(wanted, ids)
    site = _site(rows["site"][0], wanted.default_site)
    return _Work(rows, certificates, lists, ids, _hosts(rows, wanted, ids, ledger), site)


def _unguarded(rows: Rows, wanted: Wanted) -> list[str]:
    """Return the names of hosts that somebody made by hand, and that ask nobody who comes."""
    declared = {name for entry in wanted.hosts.get(PROXY.path, ()) for name in entry["domain_names"]}
    return sorted(
        name
        for row in rows[PROXY.path]
        if row.get("enabled") and "auth_request " not in (row.get("advanced_config") or "")
        for name in row["domain_names"]
        if name not in declared
    )


def _ids(
    rows: Rows, certificates: Sequence[npm_certificates.Step], lists: Sequence[npm_access_lists.Step]
) -> npm_hosts.Ids:
    return npm_hosts.Ids(
        {
            **{str(row.get("nice_name")): int(row["id"]) for row in rows[npm_certificates.RESOURCE]},
            **{step.certificate.name: step.number for step in certificates},
        },
        {
            **{str(row.get("name")): int(row["id"]) for row in rows[npm_access_lists.RESOURCE]},
            **{step.wanted.name: step.number for step in lists},
        },
    )


def _refuse_unknown(wanted: Wanted, ids: npm_hosts.Ids) -> None:
    """A host whose list is not there would be open, and one without its certificate readable on the way."""
    problems = []
    for entries in wanted.hosts.values():
        for entry in entries:
            label = ", ".join(entry["domain_names"])
            for key, known in (("certificate", ids.certificates), ("access_list", ids.access_lists)):
                name = entry.get(key) or ""
                if name and name not in known:
                    expected = ", ".join(known) or "one that is declared"
                    problems.append(Problem(f"{label}: {key}", f"is {name!r}, which is nowhere", expected))
    if problems:
        raise MediaError(problems)


def _hosts(rows: Rows, wanted: Wanted, ids: npm_hosts.Ids, ledger: Ledger) -> list[npm_hosts.Step]:
    steps = [
        step
        for kind in KINDS
        for step in npm_hosts.plan(kind, rows[kind.path], wanted.hosts.get(kind.path) or (), ids, ledger)
    ]
    # A name may go from one kind to another: it has to be free first.
    return sorted(steps, key=lambda step: step.wanted is not None)


def _site(row: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    if not wanted:
        return {}
    meta = {key: wanted[key] for key in ("redirect", "html") if wanted.get(key)}
    found = row.get("meta") or {}
    if row.get("value") == wanted["value"] and all(found.get(key) == value for key, value in meta.items()):
        return {}
    return {"before": row.get("value"), "after": wanted["value"], "meta": meta}


def _load(client: Client, work: _Work, renewed: set[int]) -> None:
    """Let nginx read a certificate whose file is another one: the server reloads it only with a host."""
    if not renewed or any(step.changes or step.wanted is None for step in work.hosts):
        return
    for step in work.hosts:
        if step.row and step.wanted and step.wanted["certificate_id"] in renewed:
            client.item("PUT", f"/nginx/{step.kind.path}/{step.row['id']}", kept(step.kind, step.row))
            return

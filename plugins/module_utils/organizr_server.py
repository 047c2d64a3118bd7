# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeping Organizr true: set up while nobody has, then its categories, its tabs and its settings."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import npm_seen
from ansible_collections.homelab.media.plugins.module_utils.organizr import APPLICATION
from ansible_collections.homelab.media.plugins.module_utils.organizr_api import Client, NotReady, OrganizrError
from ansible_collections.homelab.media.plugins.module_utils.organizr_declared import Target, Wanted
from ansible_collections.homelab.media.plugins.module_utils.organizr_found import NAME, Found, Work, compare, read
from ansible_collections.homelab.media.plugins.module_utils.organizr_rows import TABS, Plan
from ansible_collections.homelab.media.plugins.module_utils.outcome import Outcome
from ansible_collections.homelab.media.plugins.module_utils.servarr_ledger import Ledger


def ensure(target: Target, wanted: Wanted, ledger: Ledger, check: bool) -> Outcome:
    """Bring the server to what is wanted. Nothing is written if it is so.

    In check mode a server that does not run is taken to have what it had last. One that nobody has set up is to be
    given everything.
    """
    client = Client(target.url, target.api_key, target.timeout)
    for secret in (target.api_key, target.hash_key, target.registration_password, target.password):
        client.hide(secret)
    outcome = Outcome(facts={"reachable": True, "version": "", "tabs": []})
    try:
        outcome.facts["version"] = str(client.status(wait=not check).get("organizr_version") or "")
        # Both are asked: to set it up a second time would be to lose it.
        set_up = Path(target.config_file).exists() or client.is_set_up()
    except NotReady:
        if not check:
            raise
        return _foresee(target, wanted, ledger, outcome)
    if not set_up:
        _tell_set_up(target, wanted, ledger, outcome, check)
        if check:
            return outcome
        _set_up(client, target)
    found = read(client, wanted)
    _refuse_unknown(client, found, wanted)
    work = compare(found, wanted, ledger)
    work.tell(outcome)
    if not check:
        if work:
            found = _apply(client, wanted, ledger, work)
            _prove(client, compare(found, wanted, ledger))
        npm_seen.remember(target.seen, {**vars(found), "config": [found.config]})
    outcome.facts["tabs"] = [str(row["name"]) for row in found.tabs]
    return outcome


def _tell_set_up(target: Target, wanted: Wanted, ledger: Ledger, outcome: Outcome, check: bool) -> None:
    # Another database than the one that a ledger tells of: its ids would be those of other things.
    ledger.forget(NAME)
    outcome.add("Organizr", "not set up", f"set up, with {target.username} as its administrator")
    if check:
        compare(Found(), wanted, ledger).tell(outcome)


def _set_up(client: Client, target: Target) -> None:
    """Answer the wizard."""
    body = {
        "driver": "sqlite3",
        "dbName": NAME,
        "dbPath": f"{APPLICATION}/data/db/",
        "license": "personal",
        "hashKey": target.hash_key,
        "api": target.api_key,
        "registrationPassword": target.registration_password,
        "username": target.username,
        "password": target.password,
        "email": target.email,
    }
    client.ask("POST", "/wizard", body)


def _refuse_unknown(client: Client, found: Found, wanted: Wanted) -> None:
    """Organizr would keep any name; one that it does not know is a mistake."""
    unknown = sorted(set(wanted.config) - set(found.config))
    if unknown:
        reason = f"knows no setting {', '.join(unknown)}"
        raise OrganizrError(client.where, reason, "names of its own, as they are in its api/config/default.php")


def _apply(client: Client, wanted: Wanted, ledger: Ledger, work: Work) -> Found:
    """Write what differs: categories before the tabs that are in them, and those that go after them."""
    try:
        _write(client, work.categories, {})
        numbers = {str(row["category"]): row["category_id"] for row in read(client, wanted).categories}
        _remove(client, ledger, work.tabs)
        _write(client, work.tabs, numbers)
    except OrganizrError:
        with contextlib.suppress(OrganizrError):
            _take_down(read(client, wanted), ledger, work)
        raise
    _take_down(read(client, wanted), ledger, work)
    _remove(client, ledger, work.categories)
    if work.config:
        client.ask("PUT", "/config", work.config)
    return read(client, wanted)


def _write(client: Client, plan: Plan, categories: Mapping[str, Any]) -> None:
    for row in plan.clashing():
        client.ask("PUT", f"{plan.kind.path}/{row['id']}", {plan.kind.name: f"{plan.kind.noun} {row['id']}"})
    for row, new in plan.edits:
        client.ask("PUT", f"{plan.kind.path}/{row['id']}", _numbered(plan, new, categories))
    for values in plan.make:
        client.ask("POST", plan.kind.path, _numbered(plan, values, categories))
    if plan.orders:
        client.ask("PUT", plan.kind.path, plan.orders)


def _numbered(plan: Plan, values: Mapping[str, Any], categories: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with the number of a tab's category in the place of its name."""
    if plan.kind is not TABS or "category" not in values:
        return dict(values)
    rest = {key: value for key, value in values.items() if key != "category"}
    return {**rest, "category_id": categories[str(values["category"])]}


def _remove(client: Client, ledger: Ledger, plan: Plan) -> None:
    for row in plan.remove:
        client.ask("DELETE", f"{plan.kind.path}/{row['id']}")
        ledger.drop(NAME, plan.kind.path, int(row["id"]))


def _take_down(found: Found, ledger: Ledger, work: Work) -> None:
    """Note what was made; Organizr does not tell its number when it makes it."""
    for plan, rows in ((work.categories, found.categories), (work.tabs, found.tabs)):
        made = {str(values[plan.kind.name]) for values in plan.make}
        for row in rows:
            if str(row[plan.kind.name]) in made:
                ledger.add(NAME, plan.kind.path, int(row["id"]), str(row[plan.kind.name]))


def _prove(client: Client, work: Work) -> None:
    """What Organizr keeps otherwise than it was told would differ for ever."""
    if work:
        reason = f"did not keep as it was told: {', '.join(work.names())}"
        raise OrganizrError(client.where, reason, "values that it keeps")


def _foresee(target: Target, wanted: Wanted, ledger: Ledger, outcome: Outcome) -> Outcome:
    """Say what would change in one that does not run. Without its configuration it is not set up."""
    outcome.facts["reachable"] = False
    if not Path(target.config_file).exists():
        _tell_set_up(target, wanted, ledger, outcome, check=True)
        return outcome
    try:
        document = json.loads(Path(target.seen).read_text(encoding="utf-8"))
        found = Found(document["tabs"], document["categories"], document["config"][0])
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return outcome
    compare(found, wanted, ledger).tell(outcome)
    outcome.facts["tabs"] = [str(row["name"]) for row in found.tabs]
    return outcome

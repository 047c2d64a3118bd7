# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The items of an application's lists: made, put right, and removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.servarr_api import Rejected
from ansible_collections.homelab.media.plugins.module_utils.servarr_declared import Item
from ansible_collections.homelab.media.plugins.module_utils.servarr_kinds import FIXED, ordered
from ansible_collections.homelab.media.plugins.module_utils.servarr_lists import key_of, label
from ansible_collections.homelab.media.plugins.module_utils.servarr_merge import Unfit, told
from ansible_collections.homelab.media.plugins.module_utils.servarr_plan import plan
from ansible_collections.homelab.media.plugins.module_utils.servarr_work import Plan, Work


def converge(work: Work) -> None:
    """Bring every declared list to what is declared, and take away what is not to be there any more."""
    declared = work.declared.resources
    for resource in ordered(list(declared)):
        with work.told(resource):
            _items(work, resource, declared[resource])
    leftovers = {*work.ledger.lists(work.name), *work.declared.prune}
    for resource in reversed(ordered(sorted(leftovers))):
        with work.told(resource):
            _tidy(work, resource)


def subject(resource: str, values: Mapping[str, Any], key: str = "") -> str:
    """Return what messages call an item; what has no name goes by its key or its tags."""
    name = label(values) or key or ", ".join(map(str, values.get("tags") or []))
    if resource == "rootfolder":
        name = str(values.get("path"))
    elif resource == "remotepathmapping":
        name = f"{values.get('host')} {values.get('remotePath')}"
    return f"{resource} {name}".rstrip()


def find(work: Work, resource: str, item: Item) -> dict[str, Any] | None:
    """Return the item that is meant: the one of its name, or the one that was made and has been renamed since.

    Ids begin anew where somebody has put an application's state away: only in the known state do they say whose one is.
    """
    wanted = key_of(resource, item.values, work.lists)
    entries = work.lists.get(resource)
    keys = {key_of(resource, entry, work.lists): entry for entry in entries}
    if wanted in keys or item.absent or not work.recognised:
        return keys.get(wanted)
    made = [number for number, name in work.ledger.made(work.name, resource).items() if name == wanted]
    declared = _declared_keys(work, resource)
    for key, entry in keys.items():
        if entry.get("id") in made and key not in declared and _alike(item.values, entry):
            return entry
    return None


def _alike(values: Mapping[str, Any], entry: Mapping[str, Any]) -> bool:
    """Tell whether an entry can be a declared item under another name. Folders are never renamed."""
    return "path" not in values and values.get("implementation") == entry.get("implementation")


def _declared_keys(work: Work, resource: str) -> set[str]:
    items = work.declared.resources.get(resource, [])
    return {key_of(resource, item.values, work.lists) for item in items if not item.absent}


def _items(work: Work, resource: str, items: list[Item]) -> None:
    seen: set[str] = set()
    for item in items:
        name = subject(resource, item.values)
        with work.told(name):
            key = key_of(resource, item.values, work.lists)
            if not key or key in seen:
                raise Unfit("is declared twice" if key else "has no name", "a name of its own for each item")
            seen.add(key)
            if item.absent:
                current = find(work, resource, item)
                if current is not None:
                    remove(work, resource, current)
            else:
                _item(work, resource, item, name, key)


def _item(work: Work, resource: str, item: Item, name: str, key: str) -> None:
    saved: list[dict[str, Any]] = []

    def look() -> Plan:
        return plan(work, resource, item, find(work, resource, item))

    def write(step: Plan) -> None:
        try:
            saved.append(save(work, resource, step))
        finally:
            work.lists.forget(resource)
        work.lists.put(resource, saved[-1])

    if resource in FIXED.get(work.declared.kind, ()):
        _refuse_change(look())
    done = work.carry_out(look, write)
    if not done.needed:
        return
    if done.new:
        work.change(name, "", told(item.values, item.fields, item.secrets))
    else:
        work.changes(name, done.differences)
    if work.check:
        foresee = work.lists.foresee if done.new else work.lists.put
        foresee(resource, done.body)
        return
    _remember(work, resource, item, done.new, key, bool(saved))
    _prove(work, resource, item)


def save(work: Work, resource: str, step: Plan) -> dict[str, Any]:
    """Send an item, once more if only warnings keep it from being saved; return it as it was saved."""
    method, path = ("POST", resource) if step.new else ("PUT", f"{resource}/{step.body['id']}")
    try:
        answer = work.client.send(method, path, step.body)
    except Rejected as rejected:
        if not rejected.only_warnings:
            raise
        answer = work.client.send(method, f"{path}?forceSave=true", step.body)
    if not isinstance(answer, dict) or not isinstance(answer.get("id"), int):
        raise Unfit(f"was answered by {method} without an id", "the item as it was saved")
    return answer


def remove(work: Work, resource: str, entry: Mapping[str, Any]) -> None:
    """Delete an item; one that is gone already is as good."""
    number = int(entry["id"])

    def look() -> Plan:
        there = any(each.get("id") == number for each in work.lists.get(resource))
        return Plan({"id": number}, [], new=there)

    def write(_step: Plan) -> None:
        work.lists.forget(resource)
        try:
            work.client.send("DELETE", f"{resource}/{number}")
        except Rejected as rejected:
            if rejected.status != 404:
                raise

    work.carry_out(look, write)
    name = subject(resource, entry, key_of(resource, entry, work.lists))
    implementation = entry.get("implementation")
    work.change(name, f"{name}{f' ({implementation})' if implementation else ''}", "")
    work.lists.drop(resource, number)
    if not work.check:
        work.ledger.drop(work.name, resource, number)


def _refuse_change(step: Plan) -> None:
    if step.differences and not step.new:
        each = step.differences[0]
        expected = f"{each.before or 'nothing'}, or the item removed first"
        raise Unfit(f"has {each.name} {each.after}, which the application cannot change", expected)


def _remember(work: Work, resource: str, item: Item, new: bool, key: str, answered: bool) -> None:
    current = find(work, resource, item)
    if current is None:
        raise Unfit("was saved, but is not there", "an application that keeps what it accepts")
    number = int(current["id"])
    work.saved.add((resource, number))
    if new or number in work.ledger.made(work.name, resource):
        work.ledger.add(work.name, resource, number, key)
    if answered:  # of a write whose answer was lost, it is not known whether it had the secrets in it
        for field, secret in item.secrets.items():
            work.ledger.remember(work.name, f"{resource}/{number}/{field}", secret or "")


def _prove(work: Work, resource: str, item: Item) -> None:
    """Compare once more with what was saved. What an application does not know, it leaves out without a word."""
    plain = Item(item.values, item.fields)
    left = plan(work, resource, plain, find(work, resource, plain)).differences
    if left:
        kept = "; ".join(f"{each.name} stays {each.before!r}, not {each.after!r}" for each in left)
        raise Unfit(f"was saved, but {kept}", "names and values that the application has for such an item")


def _tidy(work: Work, resource: str) -> None:
    """Remove what was made in an earlier run and is not declared any more, and what pruning asks for."""
    made = work.ledger.made(work.name, resource)
    declared = _declared_keys(work, resource)
    allowed = {name.lower().rstrip("/") for name in work.declared.prune.get(resource, [])}
    pruned = resource in work.declared.prune
    if not pruned and set(made.values()) <= declared:
        return
    entries = {int(entry["id"]): entry for entry in work.lists.get(resource)}
    for number in set(made) - set(entries):
        work.ledger.drop(work.name, resource, number)
    for number, entry in sorted(entries.items()):
        key = key_of(resource, entry, work.lists)
        if key in declared or (resource == "delayprofile" and not entry.get("tags")):
            continue
        if number in made and made[number] not in {key, *declared}:
            work.ledger.drop(work.name, resource, number)  # somebody has renamed it, and made it theirs
        if made.get(number) == key or (pruned and not allowed & {label(entry).lower(), key.lower()}):
            with work.told(subject(resource, entry, key)):
                remove(work, resource, entry)

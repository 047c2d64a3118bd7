# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of an application that there is one of each, and its sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.servarr_api import ServarrError
from ansible_collections.homelab.media.plugins.module_utils.servarr_merge import Difference, Unfit, lay_values
from ansible_collections.homelab.media.plugins.module_utils.servarr_values import HIDDEN
from ansible_collections.homelab.media.plugins.module_utils.servarr_work import Plan, Work

#: Where the ledger has the sign-in password, and the digest of it that the application made.
PASSWORD, DIGEST = "config/host/password", "config/host/digest"


def converge(work: Work) -> None:
    """Bring every declared group of settings to what is declared."""
    for group, values in work.declared.settings.items():
        subject = f"settings {group}"
        with work.told(subject):
            _group(work, subject, group, values)


def _group(work: Work, subject: str, group: str, values: Mapping[str, Any]) -> None:
    signed = group == "host" and work.declared.sign_in

    def look() -> Plan:
        current = _current(work, group)
        body, differences = lay_values(current, values)
        if signed and not _has_password(work, current):
            there = bool(current.get("password"))
            differences.append(
                Difference("password", HIDDEN if there else "", f"{HIDDEN} differs" if there else HIDDEN)
            )
            body["password"] = body["passwordConfirmation"] = work.declared.password
        return Plan(body, differences)

    def write(plan: Plan) -> None:
        work.client.send("PUT", f"config/{group}/{plan.body.get('id', 1)}", plan.body)

    done = work.carry_out(look, write)
    work.changes(subject, done.differences)
    if not done.needed or work.check:
        return
    current = _current(work, group)
    if signed and work.declared.password and done.body.get("passwordConfirmation"):
        work.ledger.remember(work.name, PASSWORD, work.declared.password)
        work.ledger.remember(work.name, DIGEST, str(current.get("password")))
    left = lay_values(current, values)[1]
    if left:
        kept = "; ".join(f"{each.name} stays {each.before!r}, not {each.after!r}" for each in left)
        raise Unfit(f"was accepted, but {kept}", "names and values of the application; its environment wins over this")


def _has_password(work: Work, current: Mapping[str, Any]) -> bool:
    """Tell whether the application has the declared password: nobody has set one since this was written."""
    password, digest = work.declared.password, str(current.get("password") or "")
    if not digest and work.ledger.remembers(work.name, DIGEST):
        # Its database began anew: what has the number of something that was made is something else.
        work.ledger.forget(work.name)
    work.recognised = bool(digest) and work.ledger.knows(work.name, DIGEST, digest)
    return work.recognised and password is not None and work.ledger.knows(work.name, PASSWORD, password)


def _current(work: Work, group: str) -> dict[str, Any]:
    current = work.client.get(f"config/{group}")
    if not isinstance(current, dict):
        raise ServarrError(work.name, f"answered GET config/{group} with something else than settings", "its settings")
    return current

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a step at one application needs: the application itself, what is known of it, and where it is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible_collections.homelab.media.plugins.module_utils.outcome import Outcome, Problem
from ansible_collections.homelab.media.plugins.module_utils.servarr_api import Client, Rejected, Unreachable
from ansible_collections.homelab.media.plugins.module_utils.servarr_declared import Declared
from ansible_collections.homelab.media.plugins.module_utils.servarr_ledger import Ledger
from ansible_collections.homelab.media.plugins.module_utils.servarr_lists import Lists
from ansible_collections.homelab.media.plugins.module_utils.servarr_merge import Difference, Unfit

#: A request that writes is tried so often when its answer is lost: an application restarts once, not time and again.
ATTEMPTS = 3


@dataclass
class Plan:
    """What a step would send, and why. new: whether it makes something."""

    body: dict[str, Any]
    differences: list[Difference]
    new: bool = False

    @property
    def needed(self) -> bool:
        return self.new or bool(self.differences)


@dataclass
class Work:
    """One application in one run."""

    declared: Declared
    client: Client
    lists: Lists
    ledger: Ledger
    check: bool
    outcome: Outcome = field(default_factory=Outcome)
    problems: list[Problem] = field(default_factory=list)
    #: What was saved in this run: it was tested by the application a moment ago.
    saved: set[tuple[str, int]] = field(default_factory=set)
    #: Whether the application has the sign-in that the ledger knows, and so the state that the ledger's ids are of.
    recognised: bool = False

    @property
    def name(self) -> str:
        return self.declared.name

    def change(self, subject: str, before: str, after: str) -> None:
        self.outcome.add(f"{self.name}: {subject}", before, after)

    def changes(self, subject: str, differences: Iterable[Difference]) -> None:
        for each in differences:
            self.change(f"{subject}: {each.name}", each.before, each.after)

    @contextmanager
    def told(self, subject: str) -> Iterator[None]:
        """Turn what is wrong with one item into a problem, so that the others are still done."""
        try:
            yield
        except Unfit as unfit:
            self.problems.append(Problem(f"{self.name}: {subject}", self.client.scrub(unfit.reason), unfit.expected))
        except Rejected as rejected:
            expected = "what the application accepts" if rejected.status < 500 else "an application without a fault"
            self.problems.append(Problem(f"{self.name}: {subject}", str(rejected), expected))

    def carry_out(self, look: Callable[[], Plan], write: Callable[[Plan], None]) -> Plan:
        """Compare, and write where something differs; return what the first look found.

        A write whose answer is lost is not repeated blindly: what is there afterwards decides.
        """
        first = look()
        plan = first
        for _attempt in range(ATTEMPTS):
            if not plan.needed or self.check:
                return first
            try:
                write(plan)
            except Unreachable:
                self.client.get("system/status")
                plan = look()
                continue
            return first
        raise Unfit(
            f"could not be written in {ATTEMPTS} attempts, for each answer was lost", "an application that runs"
        )

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All applications of a run: each on its own, at the same time, and those that call the others after these."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import (
    servarr_items,
    servarr_settings,
    servarr_stored,
)
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome, Problem
from ansible_collections.homelab.media.plugins.module_utils.servarr_api import (
    SLOWEST,
    Client,
    Refused,
    Rejected,
    ServarrError,
    Unreachable,
)
from ansible_collections.homelab.media.plugins.module_utils.servarr_declared import Declared
from ansible_collections.homelab.media.plugins.module_utils.servarr_kinds import DEFAULTS, KINDS, LAST, api
from ansible_collections.homelab.media.plugins.module_utils.servarr_ledger import Ledger
from ansible_collections.homelab.media.plugins.module_utils.servarr_lists import Lists, label
from ansible_collections.homelab.media.plugins.module_utils.servarr_merge import lay_values, told
from ansible_collections.homelab.media.plugins.module_utils.servarr_values import HIDDEN
from ansible_collections.homelab.media.plugins.module_utils.servarr_work import Work

#: Seconds that an application gets for an answer at least. In check mode it is not asked again.
GLANCE = 5.0
#: Stands for a built-in value that is not known here.
BUILT_IN = "(built in)"


@dataclass
class Report:
    """What became of one application. warning: what check mode could not look at, and why."""

    name: str
    outcome: Outcome = field(default_factory=Outcome)
    problems: list[Problem] = field(default_factory=list)
    reachable: bool = False
    version: str = ""
    warning: str = ""

    def facts(self) -> dict[str, Any]:
        return {"reachable": self.reachable, "version": self.version, "changed": self.outcome.changed}


def converge(applications: Sequence[Declared], ledger: Ledger, timeout: float, check: bool) -> list[Report]:
    """Bring every application to what is declared; what fails in one does not keep the others."""
    reports = {application.name: Report(application.name) for application in applications}
    for late in (False, True):
        together = [each for each in applications if (each.kind in LAST) is late]
        _at_once(together, reports, ledger, timeout, check)
    return list(reports.values())


def connect(application: Declared, timeout: float, check: bool) -> Client:
    client = Client(
        application.name,
        application.url,
        api(application.kind),
        application.key or "",
        application.key_file,
        0 if check else timeout,
        min(max(timeout, GLANCE), SLOWEST),
    )
    for secret in [application.password, *_secrets(application)]:
        client.hide(secret or "")
    return client


def identify(client: Client, application: Declared) -> str:
    """Return the application's version, once it answers and is what it is declared to be."""
    kind = KINDS[application.kind]
    expected = f"{' or '.join(kind.names)} at {client.url}"
    try:
        status = client.get("system/status")
    except Rejected as rejected:
        raise ServarrError(application.name, str(rejected), expected) from None
    found = str(status.get("appName") or "") if isinstance(status, dict) else ""
    if not kind.is_called(found):
        raise ServarrError(application.name, f"is {found}" if found else "does not say what it is", expected)
    return str(status.get("version", ""))


def _at_once(
    applications: Iterable[Declared], reports: dict[str, Report], ledger: Ledger, timeout: float, check: bool
) -> None:
    threads = [
        threading.Thread(target=_one, args=(each, reports[each.name], ledger, timeout, check), name=each.name)
        for each in applications
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _one(application: Declared, report: Report, ledger: Ledger, timeout: float, check: bool) -> None:
    if application.key is None:  # check mode on a host where nothing was made yet
        _foresee(application, report.outcome, ledger)
        return
    client = connect(application, timeout, check)
    try:
        _steps(application, report, client, ledger, check)
    except Refused as error:
        if check:  # a real run makes the container anew when its key has changed, and then goes through
            report.warning = f"{error.problems[0].variable}: {error.problems[0].reason}"
        else:
            report.problems.extend(error.problems)
    except Unreachable as error:
        if check and not report.reachable:
            _foresee(application, report.outcome, ledger)
            report.warning = (
                f"{error.problems[0].variable}: {error.problems[0].reason}; nothing is known of its settings"
            )
        else:
            report.problems.extend(error.problems)
    except MediaError as error:
        report.problems.extend(error.problems)
    except Exception as error:  # of a thread nobody would hear of it otherwise
        text = client.scrub(f"{type(error).__name__}: {error}")
        report.problems.append(Problem(application.name, f"led to a fault of this module ({text})", "a report of it"))
    finally:
        client.close()


def _steps(application: Declared, report: Report, client: Client, ledger: Ledger, check: bool) -> None:
    report.version = identify(client, application)
    report.reachable = True
    work = Work(application, client, Lists(client, check), ledger, check, report.outcome, report.problems)
    servarr_settings.converge(work)
    servarr_items.converge(work)
    servarr_stored.stored(work)
    servarr_stored.applications_after_a_new_key(work)


def _secrets(application: Declared) -> list[str | None]:
    items = (item for items in application.resources.values() for item in items)
    return [secret for item in items for secret in item.secrets.values()]


def _foresee(application: Declared, outcome: Outcome, ledger: Ledger) -> None:
    """Say what is declared, all of which an application that is not there yet will need.

    One that an earlier run has wired will come back as it was left: only a secret that is another one by now differs.
    """
    if ledger.has(application.name):
        _foresee_secrets(application, outcome, ledger)
        return
    for group, values in application.settings.items():
        built_in = {**dict.fromkeys(values, BUILT_IN), **DEFAULTS.get(group, {})}
        for each in lay_values(built_in, values)[1]:
            outcome.add(f"{application.name}: settings {group}: {each.name}", each.before, each.after)
        if group == "host" and application.sign_in:
            outcome.add(f"{application.name}: settings {group}: password", "", HIDDEN)
    for resource, items in application.resources.items():
        for item in items:
            if not item.absent:
                subject = f"{application.name}: {servarr_items.subject(resource, item.values)}"
                outcome.add(subject, "", told(item.values, item.fields, item.secrets))


def _foresee_secrets(application: Declared, outcome: Outcome, ledger: Ledger) -> None:
    for resource, items in application.resources.items():
        numbers = {name: number for number, name in ledger.made(application.name, resource).items()}
        for item in items:
            number = numbers.get(label(item.values).lower())
            for field_name, secret in item.secrets.items() if number is not None else ():
                place = f"{resource}/{number}/{field_name}"
                if secret is None or not ledger.knows(application.name, place, secret):
                    subject = servarr_items.subject(resource, item.values)
                    outcome.add(f"{application.name}: {subject}: {field_name}", HIDDEN, f"{HIDDEN} differs")

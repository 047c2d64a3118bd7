# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is told by Watchtower and Unpackerr: the receivers of the alerts, or others in the same form.

Where an address holds a secret, as most do, the whole of it is one in the store, made here of what a person gave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import (
    alert_receiver_checks,
    shoutrrr,
    unpackerr_hooks,
)
from ansible_collections.homelab.media.plugins.module_utils.alert_receivers import Receiver, severities
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

Settings = Mapping[str, Any]

VARIABLE, ALERTS = "maintenance_receivers", "monitoring_receivers"
#: How urgent all of it is. Who wants to hear of nothing but disasters is spared.
SEVERITY = "warning"
#: The variable of the role that holds the addresses, by the names of the secrets.
ADDRESSES = "__maintenance_addresses"


def problems(settings: Settings) -> list[Problem]:
    """Return what is wrong with the receivers, under the variable in which a person gave them."""
    receivers = settings[VARIABLE]
    found = alert_receiver_checks.problems(receivers)
    if receivers == settings[ALERTS]:
        return found
    return [
        Problem(VARIABLE + problem.variable.removeprefix(ALERTS), problem.reason, problem.expected) for problem in found
    ]


def told(settings: Settings) -> list[Receiver]:
    """Return who is told: not who waits for a sign of life, and not who wants to hear of certain alerts alone."""
    receivers: Sequence[Receiver] = settings[VARIABLE]
    return [
        receiver
        for receiver in receivers
        if not receiver.get("watchdog") and not receiver.get("alerts") and SEVERITY in severities(receiver)
    ]


def told_by_unpackerr(settings: Settings) -> list[Receiver]:
    """Return who is told by Unpackerr, which does not speak with all of them."""
    if not settings["maintenance_unpackerr_notifications"]:
        return []
    return [receiver for receiver in told(settings) if unpackerr_hooks.can(receiver)]


def secret_name(program: str, receiver: Receiver) -> str:
    """Return the name of the secret that is the address of a receiver for a program."""
    return f"maintenance_{program}_{str(receiver['name']).replace('-', '_')}"


def addresses(settings: Settings) -> dict[str, str]:
    """Return the addresses by the names of their secrets."""
    return {
        **{secret_name("watchtower", one): shoutrrr.url(one) for one in told(settings)},
        **{secret_name("unpackerr", one): unpackerr_hooks.url(one) for one in told_by_unpackerr(settings)},
    }


def secrets(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the declaration of these secrets."""
    return {name: {"kind": "given", "variable": f"{ADDRESSES}['{name}']"} for name in addresses(settings)}


def watchtower_lines(settings: Settings) -> str:
    """Return the file from which Watchtower reads whom it tells: an address on each line."""
    return "".join(f"@@secret:{secret_name('watchtower', one)}@@\n" for one in told(settings))

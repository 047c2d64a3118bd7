# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Alertmanager's configuration: who is told of what, how often, and what goes without saying."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import alert_receivers, alert_rules, alert_yaml
from ansible_collections.homelab.media.plugins.module_utils.alert_house import House, look
from ansible_collections.homelab.media.plugins.module_utils.alert_receivers import HEARTBEAT, NOBODY, Receiver

Settings = Mapping[str, Any]

TEMPLATES = "/etc/alertmanager/templates/*.tmpl"
WATCHDOG = "Watchdog"


@dataclass(frozen=True)
class Silence:
    """While one of the first alerts is on, nobody is told of the second ones: they follow from it.

    same: labels that have to be the same in both. about: the services that the first ones have to be about.
    """

    causes: tuple[str, ...]
    consequences: tuple[str, ...]
    same: tuple[str, ...] = ()
    about: tuple[str, ...] = ()


def silences(house: House) -> list[Silence]:
    """Return what follows from what."""
    found = [
        Silence(
            ("ServiceDown",),
            (
                *("ProbeFailed", "TargetDown", "ServiceRestarting", "RedisDown", "TenantOutside", "QueueStuck"),
                *("ImportFailed", "ApplicationHealth", "ApplicationSilent", "IndexerDown"),
            ),
            same=("service",),
        ),
        Silence(("TargetDown",), ("ApplicationSilent",), same=("service",)),
        Silence(("VpnPodDown",), ("TunnelDown", "TunnelCheckStale", "TenantOutside", "KillSwitchMissing")),
        # Whoever searches or downloads through the tunnel complains of it, each in its own way.
        Silence(("VpnPodDown", "TunnelDown"), ("QueueStuck", "ImportFailed", "ApplicationHealth", "IndexerDown")),
        Silence(("TargetDown",), ("CollectorStale", "TunnelCheckStale"), about=("node-exporter",)),
        Silence(("CollectorStale",), ("TunnelCheckStale",)),
        Silence(("DiskFullInADay",), ("DiskLow",), same=("device", "mountpoint")),
        Silence(("DiskLow", "DiskFullInADay", "DiskReadOnly"), ("QueueStuck", "ImportFailed")),
        Silence(("OutOfMemory",), ("MemoryNearLimit",), same=("service", "name")),
        Silence(("CertificateEnding",), ("PageCertificateEnding",)),
        Silence(("ConvergeFailed",), ("ConvergeDrifted",)),
    ]
    gates = tuple(name for name in (house.door, house.sign_on) if name)
    if gates:
        # Without them there is no page, whoever is behind it.
        found.append(Silence(("ServiceDown",), ("ProbeFailed",), about=gates))
    return found


def text(plan: Mapping[str, Any], settings: Settings) -> str:
    """Return alertmanager.yml, with tokens in the places of secrets."""
    house, known = look(plan, settings), alert_rules.names(plan, settings)
    receivers: list[Receiver] = settings["monitoring_receivers"]
    built = [item for receiver in receivers for item in alert_receivers.built(receiver)]
    routes = [route for receiver in receivers for route in _routes(receiver, settings)]
    inhibitions = [rule for silence in silences(house) for rule in _inhibition(silence, known)]
    return alert_yaml.text(
        {
            "global": {"resolve_timeout": "5m"},
            "templates": [TEMPLATES],
            "route": {
                "receiver": NOBODY,
                # What went wrong in the same way is one message.
                "group_by": ["alertname"],
                "group_wait": settings["monitoring_alert_wait"],
                "group_interval": settings["monitoring_alert_interval"],
                "repeat_interval": settings["monitoring_alert_repeat"],
                **({"routes": routes} if routes else {}),
            },
            "receivers": [{"name": NOBODY}, *built],
            **({"inhibit_rules": inhibitions} if inhibitions else {}),
        }
    )


def _routes(receiver: Receiver, settings: Settings) -> Iterable[dict[str, Any]]:
    """Every receiver is asked, whoever was told before it."""
    if receiver.get("watchdog"):
        beat = receiver.get("repeat", HEARTBEAT)
        yield {
            "receiver": receiver["name"],
            "matchers": [f'alertname="{WATCHDOG}"'],
            "continue": True,
            "group_wait": "0s",
            "group_interval": beat,
            "repeat_interval": beat,
        }
        return
    only = receiver.get("alerts") or []
    matchers = [f'alertname=~"{"|".join(only)}"'] if only else [f'alertname!="{WATCHDOG}"']
    repeat = receiver.get("repeat", settings["monitoring_alert_repeat"])
    for severity in alert_receivers.severities(receiver):
        yield {
            "receiver": alert_receivers.route_name(receiver, severity),
            # One severity in a message: it says how urgent the whole of it is.
            "matchers": [f'severity="{severity}"', *matchers],
            "continue": True,
            "repeat_interval": repeat,
        }


def _inhibition(silence: Silence, known: set[str]) -> Iterable[dict[str, Any]]:
    causes = [name for name in silence.causes if name in known]
    consequences = [name for name in silence.consequences if name in known]
    if causes and consequences:
        about = [f'service=~"{"|".join(silence.about)}"'] if silence.about else []
        yield {
            "source_matchers": [f'alertname=~"{"|".join(causes)}"', *about],
            "target_matchers": [f'alertname=~"{"|".join(consequences)}"'],
            **({"equal": list(silence.same)} if silence.same else {}),
        }

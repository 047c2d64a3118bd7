# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tunnel: is it up, where does it come out, who is behind it, and did a packet get past it."""

from __future__ import annotations

from ansible_collections.homelab.media.plugins.module_utils.dashboard import Dashboard, Section
from ansible_collections.homelab.media.plugins.module_utils.dashboard_house import WINDOW, House, or_none
from ansible_collections.homelab.media.plugins.module_utils.dashboard_looks import (
    GREEN,
    NONE_IS_GOOD,
    RED,
    UP_OR_DOWN,
    YELLOW,
)
from ansible_collections.homelab.media.plugins.module_utils.dashboard_panels import (
    Panel,
    Query,
    stat,
    states,
    timeseries,
)
from ansible_collections.homelab.media.plugins.module_utils.dashboard_table import Column, table

LOADED = {0: ("not loaded", RED), 1: ("loaded", GREEN)}
EXIT = {0: ("not home", GREEN), 1: ("HOME", RED)}
_CHECKED = ((None, GREEN), (180, YELLOW), (900, RED))


def dashboard(house: House) -> Dashboard | None:
    """Return the dashboard, where there is a pod behind the VPN."""
    if not (house.collected and house.pod):
        return None
    return Dashboard(
        "media-tunnel",
        "Tunnel",
        "Is it up, where does it come out, who is behind it, and did a packet get past it?",
        [
            Section("", _now()),
            Section("Who is behind it", _behind(house)),
            Section("What was stopped", _stopped()),
            Section("What went through", _through(house)),
        ],
    )


def _now() -> list[Panel]:
    leaks = or_none("sum(increase(media_vpn_guard_packets_total[24h]))")
    checked = "time() - media_vpn_checked_timestamp_seconds"
    return [
        stat("Tunnel", "Whether the provider answers through it.", Query("media_vpn_up"), words=UP_OR_DOWN),
        stat("Leaks", "Packets that only the host's own rules stopped, in a day.", Query(leaks), steps=NONE_IS_GOOD),
        stat("Kill switch", "The rules in the pod.", Query("media_vpn_rules_loaded"), words=LOADED),
        stat("Comes out", "Whether its address is the home's.", Query("media_vpn_exit_is_home"), words=EXIT),
        stat("Pod", "The container that holds the namespace.", Query("media_vpn_pod_up"), words=UP_OR_DOWN),
        stat("Looked at", "How long ago.", Query(checked), unit="s", steps=_CHECKED),
    ]


def _behind(house: House) -> list[Panel]:
    where = [Column("address", "Address"), Column("country", "Country")]
    found = [table("Exit", "Where the tunnel comes out.", where, Query("media_vpn_exit_info"), width=8)]
    lines = [Query("media_vpn_up", "tunnel"), Query("media_vpn_pod_up", "pod")]
    if house.tenants:
        lines.append(Query("min by (service) (media_vpn_tenant_up)", "{{service}}"))
    about = "The tunnel, the pod, and who shares its namespace. A tenant in another one is down here."
    return [*found, states("Tunnel and tenants", about, *lines, width=16)]


def _stopped() -> list[Panel]:
    return [
        timeseries(
            "Past the pod",
            "Packets a second that only the host's own rules stopped. Anything but nothing is a leak that was caught.",
            Query(or_none(f"sum by (chain) (rate(media_vpn_guard_packets_total[{WINDOW}]))"), "{{chain}}"),
            unit="pps",
            steps=((None, GREEN), (0.001, RED)),
        ),
        timeseries(
            "In the pod",
            "Packets a second that the kill switch stopped: what tried to leave beside the tunnel.",
            Query(or_none(f"sum by (family) (rate(media_vpn_stopped_packets_total[{WINDOW}]))"), "{{family}}"),
            unit="pps",
        ),
    ]


def _through(house: House) -> list[Panel]:
    if not house.containers:
        return []
    of_pod = f'container_label_homelab_media_service="{house.pod}"'
    received, sent = (
        or_none(f"sum(rate(container_network_{way}_bytes_total{{{of_pod}}}[{WINDOW}]))")
        for way in ("receive", "transmit")
    )
    return [
        timeseries(
            "Traffic of the pod",
            "All its networks together.",
            Query(received, "received"),
            Query(sent, "sent"),
            unit="Bps",
            width=24,
        )
    ]

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The first page: is everything up, is the tunnel tight, does the disk fill, is anything stuck."""

from __future__ import annotations

from ansible_collections.homelab.media.plugins.module_utils.dashboard import Dashboard, Section
from ansible_collections.homelab.media.plugins.module_utils.dashboard_host import DISKS, USED
from ansible_collections.homelab.media.plugins.module_utils.dashboard_house import House, of_each, or_none
from ansible_collections.homelab.media.plugins.module_utils.dashboard_looks import (
    BLUE,
    FILLING,
    GREEN,
    NONE_IS_GOOD,
    ORANGE,
    RED,
    UP_OR_DOWN,
    YELLOW,
)
from ansible_collections.homelab.media.plugins.module_utils.dashboard_panels import Panel, Query, stat, states

#: Days that a certificate has left.
DAYS = ((None, RED), (14, ORANGE), (21, GREEN))
#: Hours since the last run.
STALE = ((None, GREEN), (8 * 86400, YELLOW))


def dashboard(house: House) -> Dashboard:
    """Return the dashboard, which is always there."""
    return Dashboard(
        "media-overview",
        "Overview",
        "Is everything up, is the tunnel tight, does the disk fill, is anything stuck?",
        [Section("", _now(house)), Section("Services", _services(house))],
    )


def _now(house: House) -> list[Panel]:
    alerts = or_none('count(ALERTS{alertstate="firing",alertname!="Watchdog"})')
    found = [
        stat("Alerts", "Alerts that are firing now.", Query(alerts), steps=NONE_IS_GOOD),
        stat("Silent", "Targets that answer no question for numbers.", Query("count(up == 0) or on() vector(0)"))
        if not house.collected
        else stat(
            "Down",
            "Services that are declared and not up.",
            Query(or_none("count(media_service_up == 0)")),
            steps=NONE_IS_GOOD,
        ),
    ]
    if house.collected and house.pod:
        leaks = or_none("sum(increase(media_vpn_guard_packets_total[24h]))")
        found += [
            stat("Tunnel", "Whether the tunnel is up.", Query("media_vpn_up"), words=UP_OR_DOWN),
            stat("Leaks", "Packets that the host's own rules had to stop, in a day.", Query(leaks), steps=NONE_IS_GOOD),
        ]
    if house.collected:
        found.append(
            stat("Disk", "The fullest of the disks.", Query(f"max({USED})"), unit="percentunit", steps=FILLING)
        )
    if house.libraries:
        stuck = of_each(
            house.libraries, "queue_total", ',download_state=~"importBlocked|importFailed|importPending|failedPending"'
        )
        found.append(
            stat("Stuck", "Downloads that wait for somebody.", Query(or_none(f"sum({stuck})")), steps=NONE_IS_GOOD)
        )
    if house.collected and house.downloader:
        found.append(
            stat(
                "Downloading",
                "What comes in now.",
                Query("sum(media_nzbget_download_bytes_per_second)"),
                unit="Bps",
                curve=True,
            )
        )
    if house.collected and house.playback:
        found.append(stat("Watching", "Streams that play now.", Query("media_tautulli_streams"), curve=True))
    if house.collected and house.pages:
        left = "(min(media_certificate_expiry_timestamp_seconds) - time()) / 86400"
        found.append(
            stat("Certificate", "Days that the next one to end has left.", Query(left), steps=DAYS, decimals=0)
        )
    if house.collected:
        age = "time() - max(media_converge_finished_timestamp_seconds)"
        found.append(stat("Last run", "How long ago the host was converged.", Query(age), unit="s", steps=STALE))
    return found


def _services(house: House) -> list[Panel]:
    if not house.collected:
        return [states("Targets", "Who answers questions for numbers.", Query("up", "{{job}} {{instance}}"))]
    query = Query("min by (service) (media_service_up)", "{{service}}")
    free = Query(f"sum({DISKS.format('avail')})", "free")
    return [
        states(
            "Services", "Each service, up or down. A service is down while one of its containers is.", query, height=14
        ),
        stat("Free", "Room on all disks together.", free, unit="bytes", steps=((None, BLUE),), curve=True, width=24),
    ]

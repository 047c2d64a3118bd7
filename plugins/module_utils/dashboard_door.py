# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The front door: does each page answer, how long do certificates last, who signs in, and who is shut out."""

from __future__ import annotations

from ansible_collections.homelab.media.plugins.module_utils.dashboard import Dashboard, Section
from ansible_collections.homelab.media.plugins.module_utils.dashboard_house import WINDOW, House, or_none
from ansible_collections.homelab.media.plugins.module_utils.dashboard_looks import (
    GREEN,
    NONE_IS_GOOD,
    ORANGE,
    RED,
    UP_OR_DOWN,
    YELLOW,
)
from ansible_collections.homelab.media.plugins.module_utils.dashboard_panels import (
    Panel,
    Query,
    bars,
    stat,
    states,
    timeseries,
)

#: Days that a certificate has left.
DAYS = ((None, RED), (7, ORANGE), (14, YELLOW), (21, GREEN))
_LEFT = "(media_certificate_expiry_timestamp_seconds - time()) / 86400"
_SOME = ((None, GREEN), (1, YELLOW))


def dashboard(house: House) -> Dashboard | None:
    """Return the dashboard, where there is a front door."""
    if not house.pages:
        return None
    sections = [
        Section("", _now(house)),
        Section("Pages", _pages(house)),
        Section("Sign-on", _sign_on(house)),
        Section("Sessions", _sessions(house)),
        Section("Shut out", _bans(house)),
        Section("Certificates", _certificates(house)),
    ]
    if not any(section.panels for section in sections):
        return None
    return Dashboard(
        "media-door",
        "Front door",
        "Does each page answer, how long do certificates last, who signs in, and who is shut out?",
        sections,
        since="24h",
    )


def _now(house: House) -> list[Panel]:
    found = []
    if house.probes:
        found += [
            stat("Pages", "That are visited.", Query("count(probe_success)")),
            stat(
                "Dead",
                "That did not answer as they should.",
                Query(or_none("count(probe_success == 0)")),
                steps=NONE_IS_GOOD,
            ),
        ]
    if house.sign_on:
        found += [
            stat("Signed in", "In an hour, with the first factor.", Query(_hourly("authelia_authn", "true"))),
            stat("Refused", "Failed sign-ins in an hour.", Query(_hourly("authelia_authn", "false")), steps=_SOME),
        ]
    if house.collected and house.bans:
        banned = or_none("sum(media_fail2ban_banned)")
        found.append(stat("Shut out", "Addresses, now.", Query(banned), steps=_SOME))
    if house.collected:
        days = f"min({_LEFT})"
        found.append(stat("Certificate", "Days that the next to end has left.", Query(days), steps=DAYS, decimals=0))
    return found


def _hourly(counter: str, success: str) -> str:
    return or_none(f'sum(increase({counter}{{success="{success}"}}[1h]))')


def _pages(house: House) -> list[Panel]:
    if not house.probes:
        return []
    return [
        states(
            "Pages",
            "Each published name, as it answers at the front door.",
            Query("min by (service) (probe_success)", "{{service}}"),
            height=12,
        ),
        timeseries(
            "How long they take",
            "From the question to the whole answer.",
            Query("max by (service) (probe_duration_seconds)", "{{service}}"),
            unit="s",
            width=24,
        ),
    ]


def _sign_on(house: House) -> list[Panel]:
    if not house.sign_on:
        return []
    rate = "sum by ({}) (rate({}[" + WINDOW + "]))"
    slow = f"histogram_quantile(0.95, sum by (le) (rate(authelia_request_duration_bucket[{WINDOW}])))"
    factors = [("authelia_authn", "first factor"), ("authelia_authn_second_factor", "second factor")]
    return [
        timeseries(
            "May they?",
            "Questions of the front door a second, by the answer.",
            Query(or_none(rate.format("code", "authelia_authz")), "{{code}}"),
            unit="reqps",
            stacked=True,
        ),
        timeseries(
            "Sign-ins",
            "In an hour.",
            *(Query(_hourly(counter, "true"), f"{name}, right") for counter, name in factors),
            *(Query(_hourly(counter, "false"), f"{name}, wrong") for counter, name in factors),
            bars=True,
        ),
        timeseries(
            "How long the sign-on takes",
            "Nineteen of twenty answers are faster.",
            Query(or_none(f"{slow} >= 0"), "95 %"),
            unit="s",
            width=24,
            height=6,
        ),
    ]


def _sessions(house: House) -> list[Panel]:
    if not house.redis:
        return []
    commands = f"sum(rate(redis_commands_processed_total[{WINDOW}]))"
    return [
        stat("Redis", "Where sessions are kept.", Query("min(redis_up)"), words=UP_OR_DOWN, height=6),
        stat("Sessions", "And what else is in it.", Query(or_none("sum(redis_db_keys)")), curve=True, height=6),
        stat("Memory", "", Query("sum(redis_memory_used_bytes)"), unit="bytes", curve=True, height=6),
        timeseries("Commands", "A second.", Query(commands, "commands"), unit="ops", height=6),
    ]


def _bans(house: House) -> list[Panel]:
    if not (house.collected and house.bans):
        return []
    return [
        timeseries(
            "Shut out",
            "Addresses, by the jail that they are in.",
            Query(or_none("sum by (jail) (media_fail2ban_banned)"), "{{jail}}"),
            stacked=True,
        ),
        timeseries(
            "New bans",
            "Within an hour.",
            Query(or_none("sum by (jail) (increase(media_fail2ban_bans_total[1h]))"), "{{jail}}"),
            bars=True,
            stacked=True,
        ),
    ]


def _certificates(house: House) -> list[Panel]:
    found = []
    if house.collected:
        query = Query(f"min by (certificate) ({_LEFT})", "{{certificate}}")
        found.append(
            bars("Certificates", "Days that each has left.", query, unit="d", steps=DAYS, maximum=90, height=6)
        )
    if house.probes:
        shown = or_none("min by (service) ((probe_ssl_earliest_cert_expiry - time()) / 86400)")
        about = "Days that what the front door shows has left, by page."
        found.append(timeseries("As shown", about, Query(shown, "{{service}}"), unit="d", height=6))
    return found

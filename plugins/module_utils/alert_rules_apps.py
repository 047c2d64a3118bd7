# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Alerts about the way of a request: queues, imports, indexers, and what the applications complain of themselves.

Exportarr 2 tells of a queue in one series: how much is in it, with the labels of its last item. Exportarr 3 has one for
each kind of item. So an alert about items counts on their labels, and the one about the whole queue on nothing having
happened as well: the first alone would be blind, with Exportarr 2, to what is stuck in the middle.
"""

from __future__ import annotations

from ansible_collections.homelab.media.plugins.module_utils.alert_house import House
from ansible_collections.homelab.media.plugins.module_utils.alert_rule import Rule


def _queue(*matchers: str) -> str:
    """Return what is in a queue and meets one of these; an item that meets several counts once."""
    return " or ".join(f'{{__name__=~"(@queues@)_queue_total",{matcher}}}' for matcher in matchers)


def _queues(house: House) -> bool:
    return bool(house.queues)


def _kinds(house: House) -> bool:
    return bool(house.kinds)


_STUCK = _queue(
    'download_state=~"importBlocked|importFailed|importPending|importing|failedPending"',
    'download_status=~"warning|error"',
    'status=~"warning|downloadClientUnavailable"',
)
#: Something is in the queue, and nothing was added to the history: nothing grabbed, imported or given up.
_IDLE = (
    'sum by (service) ({__name__=~"(@queues@)_queue_total"}) > 0'
    ' and sum by (service) (changes({__name__=~"(@queues@)_history_total"}[6h])) == 0'
)
_FAILED = _queue('download_state=~"importBlocked|importFailed"', 'status="completed",download_status=~"warning|error"')

RULES = (
    Rule(
        "QueueStuck",
        _queues,
        f"sum by (service) ({_STUCK}) > @threshold@ or ({_IDLE})",
        "2h",
        "warning",
        "The queue of {{ $labels.service }} is stuck",
        "For hours downloads have been in it that do not get on.",
        "Open Activity > Queue there: each tells why. Is the downloader paused, or the disk full?",
        threshold=0,
    ),
    Rule(
        "ImportFailed",
        _queues,
        f"sum by (service) ({_FAILED}) > @threshold@",
        "15m",
        "warning",
        "{{ $labels.service }} cannot import what was downloaded",
        "It is on the disk, and {{ $labels.service }} does not know what it is, or may not put it away.",
        "Open Activity > Queue there, and import by hand or remove it.",
        threshold=0,
    ),
    Rule(
        "ApplicationHealth",
        _kinds,
        'max by (service, source, message) ({__name__=~"(@kinds@)_system_health_issues",type="error"}) > 0',
        "15m",
        "warning",
        "{{ $labels.service }} is not well",
        "{{ $labels.service }} says: {{ $labels.message }} ({{ $labels.source }}).",
        "Open System > Status there: each line has a link to its explanation.",
    ),
    Rule(
        "ApplicationSilent",
        _kinds,
        'max by (service) ({__name__=~"(@kinds@)_system_status"} == 0'
        ' or {__name__=~"(@kinds@)(_[a-z]+)?_collector_error"} > 0)',
        "10m",
        "warning",
        "{{ $labels.service }} does not tell its numbers",
        "Its exporter runs, and {{ $labels.service }} does not answer it, or not all of it.",
        "Open the page of {{ $labels.service }}. If that works, its key may have changed: run site.yml.",
    ),
    Rule(
        "IndexerDown",
        lambda house: "prowlarr" in house.kinds,
        "max by (service, indexer) (prowlarr_indexer_unavailable) == 1",
        "6h",
        "warning",
        "The indexer {{ $labels.indexer }} does not answer",
        "{{ $labels.service }} has not got an answer from {{ $labels.indexer }} for hours, and asks it no more.",
        "Open Indexers there and test it. Has the account run out, or a daily limit been reached?",
    ),
)

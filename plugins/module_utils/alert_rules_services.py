# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Alerts about services and their containers."""

from __future__ import annotations

from ansible_collections.homelab.media.plugins.module_utils.alert_house import House
from ansible_collections.homelab.media.plugins.module_utils.alert_rule import Rule

#: The service that a container belongs to, as its label says.
_OWN = 'container_label_homelab_media_service!=""'
_SERVICE = '"service", "$1", "container_label_homelab_media_service", "(.+)"'


def _host(house: House) -> bool:
    return house.host


def _containers(house: House) -> bool:
    return house.containers


RULES = (
    Rule(
        "ServiceDown",
        _host,
        # Without its exporter a service is well: that its numbers are missing is another alert.
        'min by (service, container) (media_service_up{container!~"@exporters@"}) == 0',
        "2m",
        "critical",
        "{{ $labels.container }} is down",
        "The container {{ $labels.container }} of {{ $labels.service }} is not there, does not run, or is not well.",
        "Run playbooks/status.yml, and docker logs of the container; site.yml brings it back.",
    ),
    Rule(
        "ServiceRestarting",
        _host,
        "(max by (service, container) (increase(media_service_restarts_total[15m])) > @threshold@"
        " or max by (service, container) (changes(media_service_started_timestamp_seconds[15m])) > @threshold@)"
        # Who was switched off since has no start to tell of.
        " and on (service, container) media_service_up",
        "0s",
        "warning",
        "{{ $labels.container }} starts again and again",
        "{{ $labels.container }} of {{ $labels.service }} started more than @threshold@ times within 15 minutes.",
        "docker logs of the container tell what ends it. Since a change of yours? Take it back.",
        threshold=2,
    ),
    Rule(
        "OutOfMemory",
        _containers,
        f"sum by (service, name) (label_replace(increase(container_oom_events_total{{{_OWN}}}[15m]), {_SERVICE}))"
        " > @threshold@",
        "0s",
        "warning",
        "{{ $labels.name }} ran out of memory",
        "The kernel ended a program in {{ $labels.name }}, because it wanted more memory than its limit.",
        "Give {{ $labels.service }} a higher limit (its variable ends in _memory), then run site.yml.",
        threshold=0,
    ),
    Rule(
        "MemoryNearLimit",
        _containers,
        f"max by (service, name) (label_replace(100 * container_memory_working_set_bytes{{{_OWN}}}"
        f" / (container_spec_memory_limit_bytes{{{_OWN}}} > 0), {_SERVICE})) > @threshold@",
        "15m",
        "warning",
        '{{ $labels.name }} uses {{ $value | printf "%.0f" }}% of its memory limit',
        "{{ $labels.name }} has been above @threshold@% of its limit for a while. At its limit it is ended.",
        "Give {{ $labels.service }} a higher limit (its variable ends in _memory), then run site.yml.",
        threshold=90,
    ),
    Rule(
        "ImageBehind",
        _host,
        "max by (service, container, image) (media_image_behind) == 1",
        "1h",
        "info",
        "There is a newer build of {{ $labels.image }}",
        "The registry has another image under the tag that {{ $labels.container }} runs.",
        "Update when it suits you. Nothing is broken.",
    ),
    Rule(
        "TargetDown",
        lambda house: house.prometheus,
        # The probe of a page is the answer of one program, which is a target itself.
        'min by (job, service, instance) (up{job!="pages"}) == 0',
        "5m",
        "warning",
        "No numbers from {{ $labels.job }} ({{ $labels.instance }})",
        "Prometheus gets no answer there. What depends on these numbers is blind, {{ $labels.service }} itself may be"
        " well.",
        "Is the container up? Its log, and Prometheus's page of targets, say why.",
    ),
    Rule(
        "RedisDown",
        lambda house: house.redis,
        "min by (service) (redis_up) == 0",
        "2m",
        "critical",
        "{{ $labels.service }} does not answer",
        "This Redis does not answer its exporter. Without it nobody can sign in, and every page that asks for it is"
        " closed.",
        "docker logs of {{ $labels.service }}. Is its disk full?",
    ),
)

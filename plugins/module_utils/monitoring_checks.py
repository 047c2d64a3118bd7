# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the monitoring role's variables for Prometheus and its exporters, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.declaration import is_port
from ansible_collections.homelab.media.plugins.module_utils.monitoring import Settings
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
#: As Prometheus reads it: each unit once, the longest first.
_DURATION = re.compile(r"(?=\d)(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_SIZE = re.compile(r"0*[1-9]\d*([KMGT]B)")
#: Two questions have to fit into the time for which Prometheus takes an answer for the present one.
_SHORTEST, _LONGEST = 10, 120
#: What a person adds is a job of its own; how its targets are found is theirs to say.
_TARGETS = re.compile(r"static_configs|\w+_sd_configs")


def problems(settings: Settings) -> list[Problem]:
    """Return everything in these variables that cannot work."""
    return [
        *_retention(settings),
        *_interval(settings["monitoring_scrape_interval"]),
        *_port(settings["monitoring_prometheus_port"]),
        *_extra(settings["monitoring_extra_scrape_configs"]),
    ]


def seconds(value: Any) -> int | None:
    """Return how long a duration in Prometheus's words is; None where it is none."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return None
    return sum(int(number or 0) * _SECONDS[unit] for number, unit in zip(found.groups(), "ywdhms"))


def _retention(settings: Settings) -> Iterable[Problem]:
    time, size = settings["monitoring_retention_time"], settings["monitoring_retention_size"]
    if not seconds(time):
        yield Problem("monitoring_retention_time", f"is {time!r}", "a time with its unit, such as 30d or 1y")
    if not isinstance(size, str) or not _SIZE.fullmatch(size):
        # Without a bound the disk would be full one day, of numbers.
        yield Problem("monitoring_retention_size", f"is {size!r}", "a size with its unit, such as 5GB or 500MB")


def _interval(value: Any) -> Iterable[Problem]:
    length = seconds(value)
    if length is None or not _SHORTEST <= length <= _LONGEST:
        yield Problem("monitoring_scrape_interval", f"is {value!r}", "a time from 10s to 2m")


def _port(value: Any) -> Iterable[Problem]:
    if not is_port(value):
        yield Problem("monitoring_prometheus_port", f"is {value!r}", "a port from 1 to 65535")


def _extra(value: Any) -> Iterable[Problem]:
    """What else is wrong with a job, Prometheus tells in its own words. Never repeats one: there may be a key in it."""
    variable = "monitoring_extra_scrape_configs"
    if not isinstance(value, list):
        yield Problem(variable, f"is a {type(value).__name__}", "a list of jobs, each with job_name and its targets")
        return
    taken: set[str] = set()
    for index, job in enumerate(value):
        place = f"{variable}[{index}]"
        name = job.get("job_name") if isinstance(job, Mapping) else None
        if not isinstance(job, Mapping) or not isinstance(name, str) or not name:
            yield Problem(place, "has no job_name", "a name that no other job has")
            continue
        if name in taken:
            yield Problem(f"{place}.job_name", f"is {name!r}, as that of another", "a name that no other job has")
        taken.add(name)
        if not any(_TARGETS.fullmatch(str(key)) for key in job):
            yield Problem(place, "names nobody to ask", 'static_configs: [{targets: ["192.168.1.5:9100"]}]')

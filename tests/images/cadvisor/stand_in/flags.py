# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line, read as Go's flag package reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DURATION = r"[+-]?(0|(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+"
_KINDS = {"bool": r"1|0|t|f|T|F|true|false|TRUE|FALSE|True|False", "int": r"[+-]?\d+", "duration": _DURATION}
# What upstream has beside these is refused too: whoever needs it has to add it here.
FLAGS = {
    **dict.fromkeys(("docker_only", "store_container_labels", "disable_root_cgroup_stats"), "bool"),
    **dict.fromkeys(("allow_dynamic_housekeeping", "logtostderr", "alsologtostderr", "profiling"), "bool"),
    **dict.fromkeys(("log_cadvisor_usage", "version"), "bool"),
    **dict.fromkeys(("port", "v", "max_procs"), "int"),
    **dict.fromkeys(("housekeeping_interval", "global_housekeeping_interval", "storage_duration"), "duration"),
    "max_housekeeping_interval": "duration",
    **dict.fromkeys(("whitelisted_container_labels", "disable_metrics", "enable_metrics", "listen_ip"), "text"),
    **dict.fromkeys(("prometheus_endpoint", "docker", "env_metadata_whitelist"), "text"),
}
METRICS = (
    *("advtcp", "app", "cpu", "cpuLoad", "cpu_topology", "cpuset", "disk", "diskIO", "hugetlb", "memory"),
    *("memory_numa", "network", "oom_event", "percpu", "perf_event", "pressure", "process", "referenced_memory"),
    *("resctrl", "sched", "tcp", "udp"),
)
_TRUE = ("1", "t", "T", "true", "TRUE", "True")


class FlagError(Exception):
    """Upstream prints this with its usage and ends with 2."""


@dataclass(frozen=True)
class Flags:
    port: int = 8080
    listen: str = ""
    socket: str = "/var/run/docker.sock"
    endpoint: str = "/metrics"
    all_labels: bool = True
    labels: tuple[str, ...] = ()
    root: bool = True
    metrics: frozenset[str] = frozenset(METRICS)
    version: bool = False


def read(arguments: list[str]) -> Flags:
    given = _split(arguments)
    metrics, shown = _metrics(given), given.get("version") in _TRUE
    if given.get("docker_only") not in _TRUE and not shown:
        raise FlagError("the stand-in has no numbers of other cgroups: it wants --docker_only")
    return Flags(
        port=int(given.get("port", 8080)),
        listen=given.get("listen_ip", ""),
        socket=given.get("docker", "unix:///var/run/docker.sock").removeprefix("unix://"),
        endpoint=given.get("prometheus_endpoint", "/metrics"),
        all_labels=given.get("store_container_labels", "true") in _TRUE,
        labels=tuple(part for part in given.get("whitelisted_container_labels", "").split(",") if part),
        root=given.get("disable_root_cgroup_stats", "false") not in _TRUE,
        metrics=metrics,
        version=shown,
    )


def _split(arguments: list[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        found = re.fullmatch(r"--?([^-=][^=]*)(?:=(.*))?", word, re.DOTALL)
        if not found:
            # Upstream stops reading here without a word, and what follows has no effect.
            raise FlagError(f"{word!r} is no flag: nothing behind it would be read")
        name, value = found[1], found[2]
        if name not in FLAGS:
            raise FlagError(f"flag provided but not defined: -{name}")
        kind = FLAGS[name]
        if value is None and kind == "bool":
            value = "true"
        if value is None:
            if not rest:
                raise FlagError(f"flag needs an argument: -{name}")
            value = rest.pop(0)
        if kind != "text" and not re.fullmatch(_KINDS[kind], value):
            raise FlagError(f'invalid value "{value}" for flag -{name}: parse error')
        given[name] = value
    return given


def _metrics(given: dict[str, str]) -> frozenset[str]:
    """Return what is on: all that is not disabled, or only what is enabled."""
    off, on = (_listed(given, name) for name in ("disable_metrics", "enable_metrics"))
    return frozenset(on or set(METRICS) - off)


def _listed(given: dict[str, str], name: str) -> set[str]:
    names = {part for part in given.get(name, "").split(",") if given.get(name)}
    for part in sorted(names - set(METRICS)):
        raise FlagError(f'invalid value "{given[name]}" for flag -{name}: unsupported metric "{part}" specified')
    return names

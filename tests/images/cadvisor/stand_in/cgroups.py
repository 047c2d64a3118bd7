# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the kernel counts for a control group, under either hierarchy, and for a network namespace."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# Where Docker's two drivers put a container.
_PLACES = ("docker/{id}", "system.slice/docker-{id}.scope")
_IGNORED = ("lo", "veth", "docker", "nerdctl")
_UNLIMITED = 1 << 62


@dataclass
class Numbers:
    """What was found. None and an empty list: the kernel does not tell."""

    usage: int | None = None
    cache: int = 0
    rss: int = 0
    swap: int = 0
    working_set: int = 0
    limit: int = 0
    reservation: int = 0
    cpu: float | None = None
    cpus: list[float] = field(default_factory=list)
    user: float = 0
    system: float = 0
    quota: int = 0
    period: int = 100000
    shares: int = 0
    ooms: int | None = None
    # device: bytes read, bytes written, reads, writes
    disks: dict[str, list[int]] = field(default_factory=dict)


class Cgroups:
    def __init__(self, system: Path) -> None:
        self.system = system
        self.top = system / "fs" / "cgroup"
        self.unified = (self.top / "cgroup.controllers").is_file()

    def place_of(self, container: str) -> str:
        """Return the container's group below the hierarchy's top; nothing where it cannot be seen."""
        tree = self.top if self.unified else self.top / "memory"
        places = (place.format(id=container) for place in _PLACES)
        return next((place for place in places if (tree / place).is_dir()), "")

    def numbers(self, place: str) -> Numbers:
        return self._unified(self.top / place) if self.unified else self._separate(place)

    def _separate(self, place: str) -> Numbers:
        memory, cpu, account, disk = (self.top / name / place for name in ("memory", "cpu", "cpuacct", "blkio"))
        told, stat = Numbers(), _pairs(memory / "memory.stat")
        told.usage = _number(memory / "memory.usage_in_bytes")
        told.cache, told.rss, told.swap = (stat.get(f"total_{name}", 0) for name in ("cache", "rss", "swap"))
        told.working_set = max((told.usage or 0) - stat.get("total_inactive_file", 0), 0)
        told.limit = _limit(memory / "memory.limit_in_bytes")
        told.reservation = _limit(memory / "memory.soft_limit_in_bytes")
        told.ooms = _pairs(memory / "memory.oom_control").get("oom_kill")
        nanoseconds = _words(account / "cpuacct.usage_percpu")
        told.cpus = [int(text) / 1e9 for text in nanoseconds]
        total = _number(account / "cpuacct.usage")
        told.cpu = None if total is None else total / 1e9
        ticks, times = os.sysconf("SC_CLK_TCK"), _pairs(account / "cpuacct.stat")
        told.user, told.system = times.get("user", 0) / ticks, times.get("system", 0) / ticks
        told.quota = max(_number(cpu / "cpu.cfs_quota_us") or 0, 0)
        told.period = _number(cpu / "cpu.cfs_period_us") or 0
        told.shares = _number(cpu / "cpu.shares") or 0
        for offset, name in ((0, "io_service_bytes"), (2, "io_serviced")):
            for line in _lines(disk / f"blkio.throttle.{name}"):
                parts = line.split()
                if len(parts) == 3 and parts[1] in ("Read", "Write"):
                    counts = told.disks.setdefault(self.device(parts[0]), [0, 0, 0, 0])
                    counts[offset + (parts[1] == "Write")] += int(parts[2])
        return told

    def _unified(self, group: Path) -> Numbers:
        told, stat, time = Numbers(), _pairs(group / "memory.stat"), _pairs(group / "cpu.stat")
        told.usage = _number(group / "memory.current")
        told.cache, told.rss = stat.get("file", 0), stat.get("anon", 0)
        told.swap = _number(group / "memory.swap.current") or 0
        told.working_set = max((told.usage or 0) - stat.get("inactive_file", 0), 0)
        told.limit, told.reservation = _limit(group / "memory.max"), _limit(group / "memory.low")
        told.ooms = _pairs(group / "memory.events").get("oom_kill")
        if "usage_usec" in time:
            told.cpu, told.user, told.system = (time[f"{name}_usec"] / 1e6 for name in ("usage", "user", "system"))
        quota = _words(group / "cpu.max")
        if len(quota) == 2 and quota[0] != "max":
            told.quota, told.period = int(quota[0]), int(quota[1])
        # Weights are told as the shares that they stand for.
        told.shares = 2 + ((_number(group / "cpu.weight") or 1) - 1) * 262142 // 9999
        for line in _lines(group / "io.stat"):
            device, *counts = line.split()
            given = dict(part.split("=", 1) for part in counts if "=" in part)
            found = [int(given.get(name, 0)) for name in ("rbytes", "wbytes", "rios", "wios")]
            told.disks[self.device(device)] = found
        return told

    def device(self, number: str) -> str:
        """Return the name of a device by its numbers."""
        event = dict(
            line.split("=", 1) for line in _lines(self.system / "dev/block" / number / "uevent") if "=" in line
        )
        return f"/dev/{event['DEVNAME']}" if "DEVNAME" in event else ""


def interfaces(process: Path) -> Iterator[tuple[str, list[int]]]:
    """Yield each interface of a process' network with its sixteen counters."""
    for line in _lines(process / "net" / "dev"):
        name, colon, counters = line.partition(":")
        if colon and not name.strip().startswith(_IGNORED):
            yield name.strip(), [int(text) for text in counters.split()]


def memory_of_machine(proc: Path) -> int:
    return next((int(line.split()[1]) * 1024 for line in _lines(proc / "meminfo") if line.startswith("MemTotal")), 0)


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def _words(file: Path) -> list[str]:
    return " ".join(_lines(file)).split()


def _number(file: Path) -> int | None:
    words = _words(file)
    return int(words[0]) if words and words[0].lstrip("-").isdigit() else None


def _limit(file: Path) -> int:
    """Return a limit; 0 where there is none."""
    found = _number(file) or 0
    return 0 if found > _UNLIMITED else found


def _pairs(file: Path) -> dict[str, int]:
    pairs = (line.split() for line in _lines(file))
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The series of containers and machine, under upstream's names."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from .cgroups import Cgroups, Numbers, interfaces, memory_of_machine
from .engine import Engine, EngineError, Running
from .flags import Flags

VERSION = "v0.60.5"
_NETWORK = {
    "receive_bytes": (0, "Cumulative count of bytes received"),
    "receive_packets": (1, "Cumulative count of packets received"),
    "receive_errors": (2, "Cumulative count of errors encountered while receiving"),
    "receive_packets_dropped": (3, "Cumulative count of packets dropped while receiving"),
    "transmit_bytes": (8, "Cumulative count of bytes transmitted"),
    "transmit_packets": (9, "Cumulative count of packets transmitted"),
    "transmit_errors": (10, "Cumulative count of errors encountered while transmitting"),
    "transmit_packets_dropped": (11, "Cumulative count of packets dropped while transmitting"),
}
_DISK = {
    "container_fs_reads_bytes_total": "Cumulative count of bytes read",
    "container_fs_writes_bytes_total": "Cumulative count of bytes written",
    "container_fs_reads_total": "Cumulative count of reads completed",
    "container_fs_writes_total": "Cumulative count of writes completed",
}


class Families:
    def __init__(self) -> None:
        self.lines: dict[str, list[str]] = {}
        self.milliseconds = round(time.time() * 1000)

    def add(self, name: str, about: str, value: float, labels: dict[str, str], stamped: bool = True) -> None:
        kind = "counter" if name.endswith("_total") else "gauge"
        lines = self.lines.setdefault(name, [f"# HELP {name} {about}", f"# TYPE {name} {kind}"])
        inner = ",".join(f'{key}="{_escaped(text)}"' for key, text in sorted(labels.items()))
        number = str(int(value)) if value == int(value) else repr(value)
        # With a time of its own a series stays for five minutes after its container has gone.
        lines.append(f"{name}{{{inner}}} {number}" + (f" {self.milliseconds}" if stamped else ""))

    def text(self) -> str:
        return "\n".join(line for name in sorted(self.lines) for line in self.lines[name]) + "\n"


class Advisor:
    """root: / of the host, as it is mounted; system: its /sys."""

    def __init__(self, flags: Flags, root: Path = Path("/rootfs"), system: Path = Path("/sys")) -> None:
        self.flags = flags
        # As upstream: without the mount it takes its own, and finds nobody's processes there.
        self.root = root if (root / "proc").is_dir() else Path("/")
        self.cgroups = Cgroups(system)
        self.engine = Engine(flags.socket)
        self.trouble = ""
        # Without this no out-of-memory event is ever seen.
        self.hears_kernel = os.access("/dev/kmsg", os.R_OK)
        try:
            self.docker = self.engine.version()["Version"]
        except EngineError as error:
            # As upstream: asked once, at the start. Without an answer there are no containers, for good.
            self.docker, self.trouble = "", f"Registration of the docker container factory failed: {error}"

    def text(self) -> str:
        families, failed = Families(), 0
        self._machine(families)
        if self.flags.root:
            self._tell(families, {"id": "/"}, self._whole_machine(), self.root / "proc/1", self._booted())
        try:
            containers = self.engine.running() if self.docker else []
        except EngineError:
            containers, failed = [], 1
        for container in containers:
            place = self.cgroups.place_of(container.id)
            if place:
                process = self.root / "proc" / str(container.pid) if container.own_network else None
                labels = {"id": f"/{place}", "name": container.name, "image": container.image, **self.labels(container)}
                self._tell(families, labels, self.cgroups.numbers(place), process, container.created)
        about = "1 if there was an error while getting container metrics, 0 otherwise"
        families.add("container_scrape_error", about, failed, {}, stamped=False)
        return families.text()

    def labels(self, container: Running) -> dict[str, str]:
        wanted = container.labels if self.flags.all_labels else self.flags.labels
        return {
            "container_label_" + re.sub(r"[^a-zA-Z0-9_]", "_", name): container.labels[name]
            for name in wanted
            if name in container.labels
        }

    def _whole_machine(self) -> Numbers:
        told = self.cgroups.numbers("")
        told.limit = memory_of_machine(self.root / "proc")
        return told

    def _booted(self) -> float:
        stat = (self.root / "proc" / "stat").read_text(encoding="utf-8")
        found = re.search(r"^btime (\d+)$", stat, re.MULTILINE)
        return float(found[1]) if found else 0

    def _machine(self, families: Families) -> None:
        ids = {
            "boot_id": _first(Path("/proc/sys/kernel/random/boot_id")),
            "machine_id": _first(Path("/etc/machine-id")),
            "system_uuid": _first(self.cgroups.system / "class/dmi/id/product_uuid"),
        }
        families.add("machine_cpu_cores", "Number of logical CPU cores.", os.cpu_count() or 1, ids)
        memory = memory_of_machine(self.root / "proc")
        families.add("machine_memory_bytes", "Amount of memory installed on the machine.", memory, ids)
        about = "1 if there was an error while getting machine metrics, 0 otherwise."
        families.add("machine_scrape_error", about, 0, {}, stamped=False)
        about = "A metric with a constant '1' value labeled by kernel version, OS version, docker version, "
        about += "cadvisor version & cadvisor revision."
        names = {"kernelVersion": os.uname().release, "osVersion": "stand-in", "dockerVersion": self.docker}
        names.update(cadvisorVersion=VERSION, cadvisorRevision="stand-in")
        families.add("cadvisor_version_info", about, 1, names, stamped=False)

    def _tell(
        self, families: Families, labels: dict[str, str], told: Numbers, process: Path | None, created: float
    ) -> None:
        def add(name: str, about: str, value: float, **more: str) -> None:
            stamped = not name.startswith(("spec_", "start_"))
            families.add(f"container_{name}", about, value, {**labels, **more}, stamped)

        wanted = self.flags.metrics
        add("last_seen", "Last time a container was seen by the exporter", families.milliseconds // 1000)
        # Of its creation, in spite of its name: a restart does not change it.
        add("start_time_seconds", "Start time of the container since unix epoch in seconds.", created)
        if "cpu" in wanted and told.cpu is not None:
            add("cpu_user_seconds_total", "Cumulative user cpu time consumed in seconds.", told.user)
            add("cpu_system_seconds_total", "Cumulative system cpu time consumed in seconds.", told.system)
            about = "Cumulative cpu time consumed in seconds."
            for number, used in enumerate(told.cpus if "percpu" in wanted else []):
                if used:
                    add("cpu_usage_seconds_total", about, used, cpu=f"cpu{number:02}")
            if "percpu" not in wanted or not told.cpus:
                add("cpu_usage_seconds_total", about, told.cpu, cpu="total")
        add("spec_cpu_period", "CPU period of the container.", told.period)
        add("spec_cpu_shares", "CPU share of the container.", told.shares)
        if told.quota:
            add("spec_cpu_quota", "CPU quota of the container.", told.quota)
        self._memory(add, told)
        if "oom_event" in wanted:
            about = "Count of out of memory events observed for the container"
            add("oom_events_total", about, (told.ooms or 0) if self.hears_kernel else 0)
        for device, counts in told.disks.items() if "diskIO" in wanted else ():
            for (name, about), count in zip(_DISK.items(), counts):
                families.add(name, about, count, {**labels, "device": device})
        for interface, counts in interfaces(process) if process and "network" in wanted else ():
            for name, (place, about) in _NETWORK.items():
                add(f"network_{name}_total", about, counts[place], interface=interface)

    def _memory(self, add: Callable[..., None], told: Numbers) -> None:
        add("spec_memory_limit_bytes", "Memory limit for the container.", told.limit)
        about = "Memory reservation limit for the container."
        add("spec_memory_reservation_limit_bytes", about, told.reservation)
        if "memory" in self.flags.metrics and told.usage is not None:
            about = "Current memory usage in bytes, including all memory regardless of when it was accessed"
            add("memory_usage_bytes", about, told.usage)
            add("memory_working_set_bytes", "Current working set in bytes.", told.working_set)
            add("memory_cache", "Number of bytes of page cache memory.", told.cache)
            add("memory_rss", "Size of RSS in bytes.", told.rss)
            add("memory_swap", "Container swap usage in bytes.", told.swap)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _first(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        return ""

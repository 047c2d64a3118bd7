# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for cAdvisor: its flags, and what it makes of an engine's and a kernel's answers."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from tests.images.cadvisor.stand_in import flags
from tests.images.cadvisor.stand_in.flags import FlagError
from tests.images.cadvisor.stand_in.series import Advisor

ONE, TWO = "a" * 64, "b" * 64
LABELS = {"homelab.media.service": "sonarr", "maintainer": 'some"body'}
NETWORK = """Inter-| Receive
 face |bytes
    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0
  eth0: 11 12 13 14 0 0 0 0 21 22 23 24 0 0 0 0
"""
# The names of upstream's documentation (docs/storage/prometheus.md) that are played.
DOCUMENTED = {
    *("container_cpu_system_seconds_total", "container_cpu_usage_seconds_total", "container_cpu_user_seconds_total"),
    *("container_fs_reads_bytes_total", "container_fs_reads_total", "container_fs_writes_bytes_total"),
    *("container_fs_writes_total", "container_last_seen", "container_memory_cache", "container_memory_rss"),
    *("container_memory_swap", "container_memory_usage_bytes", "container_memory_working_set_bytes"),
    *(f"container_network_receive_{what}_total" for what in ("bytes", "packets", "packets_dropped", "errors")),
    *(f"container_network_transmit_{what}_total" for what in ("bytes", "packets", "packets_dropped", "errors")),
    *("container_oom_events_total", "container_spec_cpu_period", "container_spec_cpu_quota"),
    *("container_spec_cpu_shares", "container_spec_memory_limit_bytes", "container_start_time_seconds"),
    *("container_spec_memory_reservation_limit_bytes", "machine_cpu_cores", "machine_memory_bytes"),
    # Told by every version, and not in that table.
    *("container_scrape_error", "machine_scrape_error", "cadvisor_version_info"),
}


def inspected(number: str, name: str, mode: str = "bridge", running: bool = True) -> dict[str, Any]:
    return {
        "Id": number,
        "Name": f"/{name}",
        "Created": "2026-01-02T03:04:05.123456789Z",
        "State": {"Running": running, "Pid": 42},
        "Config": {"Image": "lscr.io/linuxserver/sonarr:4", "Labels": LABELS},
        "HostConfig": {"NetworkMode": mode},
    }


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """A socket that answers as Docker's; what it says can be changed."""
    said: dict[str, Any] = {
        "/version": {"Version": "28.0"},
        "/containers/json": [{"Id": ONE}, {"Id": TWO}],
        f"/containers/{ONE}/json": inspected(ONE, "sonarr"),
        f"/containers/{TWO}/json": inspected(TWO, "nzbget", f"container:{ONE}"),
    }

    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(said.get(self.path)).encode()
            self.send_response(200 if self.path in said else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def address_string(self) -> str:
            return "socket"

        def log_message(self, format: str, *args: object) -> None:
            """Silence."""

    place = str(tmp_path / "docker.sock")
    server = socketserver.ThreadingUnixStreamServer(place, Api)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield place, said
    server.shutdown()
    server.server_close()


def put(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text + "\n")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "rootfs"
    put(folder / "proc", stat="cpu 1\nbtime 1700000000", meminfo="MemTotal: 1000 kB")
    put(folder / "proc/42/net", dev=NETWORK)
    return folder


@pytest.fixture(params=["separate", "unified"])
def system(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "sys"
    put(folder / "dev/block/8:0", uevent="MAJOR=8\nDEVNAME=sda")
    top = folder / "fs/cgroup"
    for number in (ONE, TWO):
        if request.param == "separate":
            group = f"docker/{number}"
            stat = "cache 1\ntotal_cache 300\ntotal_rss 400\ntotal_swap 0\ntotal_inactive_file 250"
            memory = {"memory__usage_in_bytes": "1000", "memory__stat": stat, "memory__limit_in_bytes": "5000"}
            memory["memory__soft_limit_in_bytes"] = "9223372036854771712"
            put(top / "memory" / group, **memory, memory__oom_control="oom_kill_disable 0\noom_kill 2")
            put(top / "cpuacct" / group, cpuacct__usage="3000000000", cpuacct__usage_percpu="1000000000 2000000000")
            put(top / "cpuacct" / group, cpuacct__stat="user 200\nsystem 100")
            put(top / "cpu" / group, cpu__cfs_quota_us="50000", cpu__cfs_period_us="100000", cpu__shares="1024")
            put(top / "blkio" / group, blkio__throttle__io_service_bytes="8:0 Read 10\n8:0 Write 20\n8:0 Total 30")
            put(top / "blkio" / group, blkio__throttle__io_serviced="8:0 Read 1\n8:0 Write 2\nTotal 3")
        else:
            put(top, cgroup__controllers="memory")
            group = f"system.slice/docker-{number}.scope"
            put(top / group, memory__current="1000", memory__stat="anon 400\nfile 300\ninactive_file 250")
            put(top / group, memory__max="5000", memory__low="0", memory__events="oom 3\noom_kill 2")
            put(top / group, cpu__stat="usage_usec 3000000\nuser_usec 2000000\nsystem_usec 1000000")
            put(top / group, cpu__max="50000 100000", cpu__weight="39")
            put(top / group, io__stat="8:0 rbytes=10 wbytes=20 rios=1 wios=2")
    return folder


def told(engine: str, root: Path, system: Path, *more: str) -> list[str]:
    arguments = ["-logtostderr", "--docker_only", f"--docker=unix://{engine}", *more]
    advisor = Advisor(flags.read(arguments), root, system)
    advisor.hears_kernel = True
    return advisor.text().splitlines()


def of(lines: list[str], name: str, *labels: str) -> list[str]:
    """Return the values of a series, without time stamps."""
    found = [line for line in lines if line.startswith(name + "{") and all(label in line for label in labels)]
    return [line.rpartition("} ")[2].split()[0] for line in found]


def test_numbers_of_both_hierarchies(engine: tuple[str, dict[str, Any]], root: Path, system: Path) -> None:
    unified = (system / "fs/cgroup/cgroup.controllers").exists()
    lines = told(engine[0], root, system)
    wanted = {
        "container_memory_usage_bytes": "1000",
        "container_memory_working_set_bytes": "750",
        "container_memory_rss": "400",
        "container_spec_memory_limit_bytes": "5000",
        "container_spec_memory_reservation_limit_bytes": "0",
        "container_spec_cpu_quota": "50000",
        "container_oom_events_total": "2",
        "container_cpu_user_seconds_total": "2",
        "container_network_receive_bytes_total": "11",
        "container_network_transmit_errors_total": "23",
        "container_start_time_seconds": "1767323045",
    }
    assert {name: of(lines, name, 'name="sonarr"') for name in wanted} == {
        name: [text] for name, text in wanted.items()
    }
    assert of(lines, "container_fs_writes_bytes_total", 'name="sonarr"', 'device="/dev/sda"') == ["20"]
    cpus = of(lines, "container_cpu_usage_seconds_total", 'name="sonarr"')
    assert cpus == (["3"] if unified else ["1", "2"])
    assert of(lines, "machine_memory_bytes") == ["1024000"]


def test_names_are_upstreams(engine: tuple[str, dict[str, Any]], root: Path, system: Path) -> None:
    lines = told(engine[0], root, system)
    names = {line.split()[2] for line in lines if line.startswith("# TYPE")}
    assert names == DOCUMENTED
    counters = {line.split()[2] for line in lines if line.endswith(" counter")}
    assert counters == {name for name in DOCUMENTED if name.endswith("_total")}


def test_what_stays_and_what_does_not(engine: tuple[str, dict[str, Any]], root: Path, system: Path) -> None:
    """A series with a time of its own is kept by Prometheus for five minutes; those of the settings have none."""
    lines = told(engine[0], root, system)
    stamped = {line.partition("{")[0] for line in lines if len(line.rpartition("} ")[2].split()) == 2}
    assert "container_memory_usage_bytes" in stamped
    assert not {name for name in stamped if name.startswith(("container_spec_", "container_start_"))}


def test_a_neighbour_in_the_same_network_has_none_of_its_own(
    engine: tuple[str, dict[str, Any]], root: Path, system: Path
) -> None:
    lines = told(engine[0], root, system)
    assert of(lines, "container_memory_usage_bytes", 'name="nzbget"') == ["1000"]
    assert of(lines, "container_network_receive_bytes_total", 'name="nzbget"') == []


def test_labels_are_those_that_were_asked_for(engine: tuple[str, dict[str, Any]], root: Path, system: Path) -> None:
    everything = told(engine[0], root, system)
    assert 'container_label_maintainer="some\\"body"' in "\n".join(everything)
    none = told(engine[0], root, system, "--store_container_labels=false")
    assert "container_label" not in "\n".join(none)
    listed = ["--store_container_labels=false", "--whitelisted_container_labels=homelab.media.service,other"]
    one = told(engine[0], root, system, *listed)
    assert of(one, "container_last_seen", 'container_label_homelab_media_service="sonarr"', 'name="sonarr"')
    assert "maintainer" not in "\n".join(one)
    ignored = told(engine[0], root, system, "--whitelisted_container_labels=other")
    assert "container_label_maintainer" in "\n".join(ignored)


def test_what_is_switched_off_is_not_told(engine: tuple[str, dict[str, Any]], root: Path, system: Path) -> None:
    text = "\n".join(told(engine[0], root, system, "--disable_metrics=network,diskIO,percpu"))
    assert "container_network" not in text
    assert "container_fs" not in text
    assert 'cpu="total"' in text
    text = "\n".join(told(engine[0], root, system, "--enable_metrics=network"))
    assert "container_network" in text
    assert "container_memory_usage_bytes" not in text
    assert 'id="/"' not in "\n".join(told(engine[0], root, system, "--disable_root_cgroup_stats"))


def test_only_who_runs_is_told_of(engine: tuple[str, dict[str, Any]], root: Path, system: Path) -> None:
    place, said = engine
    said[f"/containers/{ONE}/json"] = inspected(ONE, "sonarr", running=False)
    del said[f"/containers/{TWO}/json"]  # gone between the two questions
    assert 'name="' not in "\n".join(told(place, root, system))


def test_without_its_mounts_it_sees_less(
    engine: tuple[str, dict[str, Any]], root: Path, system: Path, tmp_path: Path
) -> None:
    assert 'name="' not in "\n".join(told(engine[0], root, tmp_path / "no-sys"))
    without = told(engine[0], tmp_path / "no-rootfs", system)
    assert of(without, "container_memory_usage_bytes", 'name="sonarr"') == ["1000"]
    deaf = Advisor(flags.read(["--docker_only", f"--docker=unix://{engine[0]}"]), root, system)
    deaf.hears_kernel = False
    assert of(deaf.text().splitlines(), "container_oom_events_total", 'name="sonarr"') == ["0"]
    alone = Advisor(flags.read(["--docker_only", "--docker=unix:///nowhere"]), root, system)
    assert "docker container factory failed" in alone.trouble
    assert 'name="' not in alone.text()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--nonsense"], "flag provided but not defined: -nonsense"),
        (["--housekeeping_interval=30"], 'invalid value "30" for flag -housekeeping_interval'),
        (["--docker_only=yes"], 'invalid value "yes" for flag -docker_only'),
        (["--port=http"], "invalid value"),
        (["--disable_metrics=percpu,nothing"], 'unsupported metric "nothing"'),
        (["--port"], "flag needs an argument"),
        (["docker_only"], "is no flag"),
        (["--store_container_labels=false"], "it wants --docker_only"),
    ],
)
def test_what_upstream_refuses_is_refused(arguments: list[str], text: str) -> None:
    with pytest.raises(FlagError, match=text):
        flags.read(arguments)


def test_both_spellings_of_a_flag() -> None:
    words = ["-docker_only", "-port", "9000", "--housekeeping_interval=1m30s", "--store_container_labels=false"]
    read = flags.read(words)
    assert (read.port, read.all_labels) == (9000, False)

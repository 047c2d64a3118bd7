# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for cAdvisor before this machine's own engine and kernel, with one small container."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bed import images
from tests.contract.exportarr_on_loopback import Series, series_of
from tests.images.cadvisor.stand_in import flags
from tests.images.cadvisor.stand_in.series import Advisor

IMAGE = "media-bed/base-trixie"
NAME = f"trial-cadvisor-{os.getpid()}"
LABEL = "homelab.media.service"


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def container() -> Iterator[str]:
    images.ensure(["base-trixie"])
    told = ("--label", f"{LABEL}=small", "--memory", "64m", "--network", "none", "--user", "1000:1000")
    number = docker("run", "--detach", "--name", NAME, *told, IMAGE, "sleep", "300")
    yield number
    docker("rm", "--force", number)


def text() -> str:
    told = ["--docker_only", "--store_container_labels=false", f"--whitelisted_container_labels={LABEL}"]
    return Advisor(flags.read(told), Path("/")).text()


def own(series: Series) -> dict[str, float]:
    return {name: value for (name, labels), value in series.items() if ("name", NAME) in labels}


def test_a_small_container_is_told_of(container: str) -> None:
    found = own(series_of(text()))
    assert found["container_spec_memory_limit_bytes"] == 64 * 1024 * 1024
    assert 0 < found["container_memory_working_set_bytes"] < 64 * 1024 * 1024
    assert 0 < found["container_cpu_usage_seconds_total"] < 60
    assert found["container_last_seen"] - found["container_start_time_seconds"] < 300


def test_its_labels(container: str) -> None:
    labels = next(dict(labels) for (_name, labels) in series_of(text()) if ("name", NAME) in labels)
    assert labels["image"] == IMAGE
    assert labels[f"container_label_{LABEL.replace('.', '_')}"] == "small"
    assert container in labels["id"]


def test_a_restart_does_not_change_the_start_time(container: str) -> None:
    """As upstream: it is the time of the creation. Restarts have to be counted otherwise."""
    before = own(series_of(text()))["container_start_time_seconds"]
    docker("restart", "--time", "0", container)
    assert own(series_of(text()))["container_start_time_seconds"] == before


def test_a_stopped_container_is_told_of_no_more(container: str) -> None:
    docker("stop", "--time", "0", container)
    assert not own(series_of(text()))
    docker("start", container)
    assert own(series_of(text()))


def test_prometheus_can_read_it(container: str) -> None:
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text(), capture_output=True, text=True, check=False
    )
    # Upstream's own labels of its version are not in the style that promtool likes; that is all it may say.
    assert not [line for line in checked.stderr.splitlines() if "cadvisor_version_info" not in line]

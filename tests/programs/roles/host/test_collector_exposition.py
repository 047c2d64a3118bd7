# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text format: what Prometheus takes, and what it would refuse a whole file for."""

from __future__ import annotations

import subprocess

import pytest

from roles.host.files.collector.exposition import METRICS, Sample, text
from roles.host.files.collector.findings import Findings

#: The one name of these that promtool has another taste in: what Tautulli tells is in kilobits.
TASTE = 'media_tautulli_bandwidth_kilobits use base unit "bytes" instead of "kilobits"'


def test_a_metric_has_its_help_and_type_once() -> None:
    written = text([Sample("media_service_up", True, (("service", name),)) for name in ("radarr", "nzbget")])
    assert written.splitlines() == [
        "# HELP media_service_up Whether the container of a declared service runs, and is healthy if it has a check.",
        "# TYPE media_service_up gauge",
        'media_service_up{service="nzbget"} 1',
        'media_service_up{service="radarr"} 1',
    ]


def test_nothing_found_is_an_empty_file() -> None:
    assert text([]) == ""


def test_what_is_said_twice_counts_once() -> None:
    written = text([Sample("media_vpn_up", False), Sample("media_vpn_up", True)])
    assert written.splitlines()[2:] == ["media_vpn_up 1"]


@pytest.mark.parametrize(
    ("value", "written"), [(True, "1"), (0, "0"), (5, "5"), (1.5, "1.5"), (1795401644.25, "1795401644.25")]
)
def test_numbers(value: float, written: str) -> None:
    assert text([Sample("media_vpn_up", value)]).splitlines()[2] == f"media_vpn_up {written}"


def test_a_metric_that_nobody_knows_is_refused() -> None:
    with pytest.raises(KeyError):
        Findings().add("media_service_upp", 1)


def everything() -> str:
    awkward = ' a "quote", a \\ and\na line, Ærø, \udc80 {}'
    return text([Sample(name, 1, (("library", awkward), ("type", "x"))) for name in METRICS])


def promtool(written: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["promtool", "check", "metrics"], input=written, capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_promtool_takes_every_metric_with_the_most_awkward_labels() -> None:
    done = promtool(everything())
    assert done.stderr.strip() + done.stdout.strip() in ("", TASTE)


def test_promtool_would_tell() -> None:
    assert promtool(everything().replace('\\"', '"')).returncode == 1
    assert promtool(everything().replace("_restarts_total", "_restarts")).returncode == 3

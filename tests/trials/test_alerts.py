# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes wrong on the demo host is told to a receiver outside of it, and told again when it is over."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.bed import hook
from tests.bed.shell import BedError, wait_for
from tests.trials.demo import Demo
from tests.trials.play import play
from tests.trials.watch import firing, value

BACKUP, SMALL, SPACE = "/srv/backup/media.tar", "/srv/small", "/srv/space"
#: A disk of 32 MB. An overlay is as large as what it writes to, and is none of the kinds that are in memory alone.
MOUNT = f"""
mkdir -p {SPACE} {SMALL} && mount -t tmpfs -o size=32m space {SPACE} && cd {SPACE} && mkdir lower upper work &&
mount -t overlay small -o lowerdir=lower,upperdir=upper,workdir=work {SMALL}
"""

#: Nobody waits for minutes here: each is told as soon as it is seen.
QUICK: dict[str, Any] = {
    "monitoring_scrape_interval": "10s",
    "host_collector_interval": "15s",
    "monitoring_alert_wait": "1s",
    "monitoring_alert_interval": "5s",
    "monitoring_alerts": {
        name: {"for": "0s"} for name in ("ServiceDown", "TunnelDown", "DiskLow", "BackupTooOld", "ConvergeUnfinished")
    },
    "media_backups": {"nightly": {"path": BACKUP, "max_age": "36h"}},
}


@pytest.fixture(scope="module")
def quick(demo: Demo) -> Iterator[Demo]:
    """The demo with a backup, a small disk, and rules that do not wait."""
    demo.host.exec("sh", "-c", f"mkdir -p /srv/backup {SMALL} && date > {BACKUP}")
    demo.host.exec("sh", "-c", MOUNT)
    run = play("site.yml", variables=QUICK)
    assert run.code == 0, run.output[-4000:]
    yield demo
    demo.host.exec("sh", "-c", f"umount {SMALL} {SPACE}; rm -rf /srv/backup")
    run = play("site.yml")
    assert run.code == 0, run.output[-4000:]


def told(name: str, status: str, after: int, labels: dict[str, str]) -> bool:
    return (name, status) in hook.alerts(after, **labels)


def trial(
    demo: Demo, figures: list[str], name: str, breaks: Callable[[], Any], mends: Callable[[], Any], **labels: str
) -> None:
    """Break something, wait until its alert has reached the receiver, mend it, and wait until that is told."""
    assert not firing(demo, name, **labels), "it fires before anything is wrong"
    before = len(hook.messages())
    begun = time.monotonic()
    try:
        breaks()
        wait_for(f"{name} reaches the receiver", lambda: told(name, "firing", before, labels), seconds=180, every=0.5)
        reached = time.monotonic() - begun
        assert firing(demo, name, **labels)
    finally:
        mends()
    begun = time.monotonic()
    wait_for(f"{name} is told to be over", lambda: told(name, "resolved", before, labels), seconds=240, every=0.5)
    figures.append(f"{name}: told after {reached:.0f} s, over {time.monotonic() - begun:.0f} s after it was mended")


def test_a_service_that_stops(quick: Demo, figures: list[str]) -> None:
    container = quick.name("lidarr")
    trial(
        quick, figures, "ServiceDown", lambda: quick.inner("stop", container),
        lambda: quick.inner("start", container), service="lidarr",
    )  # fmt: skip


def test_a_tunnel_that_dies(quick: Demo, figures: list[str]) -> None:
    container = quick.name("vpn")
    trial(
        quick, figures, "TunnelDown", lambda: quick.inner("stop", container), lambda: quick.inner("start", container)
    )  # fmt: skip
    quick.wait_for_way_out(60)


def test_a_disk_that_fills(quick: Demo, figures: list[str]) -> None:
    # What is mounted after node-exporter has started is seen by it as well.
    wait_for("the small disk is seen", lambda: value(quick, _size()) is not None, seconds=60)
    fill = f"dd if=/dev/zero of={SMALL}/full bs=1M 2>/dev/null || true"
    trial(
        quick, figures, "DiskLow", lambda: quick.host.exec("sh", "-c", fill),
        lambda: quick.host.exec("rm", f"{SMALL}/full"), mountpoint=SMALL,
    )  # fmt: skip


def test_a_backup_that_gets_old(quick: Demo, figures: list[str]) -> None:
    trial(
        quick, figures, "BackupTooOld", lambda: quick.host.exec("touch", "-d", "-3 days", BACKUP),
        lambda: quick.host.exec("touch", BACKUP), backup="nightly",
    )  # fmt: skip


def test_control_what_is_well_is_not_told(quick: Demo) -> None:
    """A receiver that hears everything would have heard of these as well, which are mended by now."""
    before = len(hook.messages())

    def tried() -> set[str]:
        return {name for name, _status in hook.alerts(before)} & set(QUICK["monitoring_alerts"])

    with contextlib.suppress(BedError):
        wait_for("something is told", tried, seconds=30, every=1)
    assert tried() == set()


def _size() -> str:
    return f'node_filesystem_size_bytes{{mountpoint="{SMALL}"}}'

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person sees who tries the demo: it stands, stays as it is, downloads for real, and survives a reboot."""

from __future__ import annotations

import json
import time

from tests.bed.capture import Capture
from tests.bed.host import reboot
from tests.bed.news import post
from tests.bed.shell import wait_for
from tests.trials.demo import Demo
from tests.trials.play import play

COMPLETE = "/data/usenet/complete"


def test_every_service_is_healthy(demo: Demo) -> None:
    assert {name: demo.container(name).health for name in ("vpn-pod", "vpn", "nzbget")} == {
        "vpn-pod": "healthy",
        "vpn": "healthy",
        "nzbget": "healthy",
    }


def test_a_second_run_changes_nothing(demo: Demo, figures: list[str]) -> None:
    begun = time.monotonic()
    run = play("site.yml")
    figures.append(f"second run: changed={run.changed}, {time.monotonic() - begun:.1f} s")
    assert (run.code, run.changed) == (0, 0), run.output


def test_check_mode_has_nothing_to_announce(demo: Demo) -> None:
    run = play("site.yml", "--check", "--diff")
    assert (run.code, run.changed) == (0, 0), run.output


def test_verify_and_status_tell_the_truth(demo: Demo) -> None:
    assert play("playbooks/verify.yml").code == 0
    told = play("playbooks/status.yml").output
    assert all(name in told for name in ("nzbget", "vpn-pod", "healthy", "127.0.0.1:6789"))
    demo.inner("stop", demo.name("nzbget"))
    try:
        stopped = play("playbooks/verify.yml")
        assert stopped.code != 0
        assert "exited" in stopped.output
    finally:
        assert play("site.yml").code == 0


def test_a_release_is_fetched_through_the_tunnel_repaired_and_unpacked(demo: Demo, figures: list[str]) -> None:
    release = post("a-real-release", megabytes=20, drop=1)
    begun = time.monotonic()
    with Capture() as seen:
        number = demo.fetch(release.name, release.nzb, "tv")
        item = wait_for(
            "NZBGet is done with the release",
            lambda: [item for item in demo.nzbget("history", False) if item["NZBID"] == number],
            seconds=120,
            every=0.5,
        )[0]
    assert item["Status"].startswith("SUCCESS"), item["Status"]
    assert item["ParStatus"] == "SUCCESS", "one article was never posted: without a repair the release is not whole"
    folder = f"{COMPLETE}/tv/{release.name}"
    sums = demo.host.exec("sh", "-c", f"cd {folder} && find . -type f -exec sha256sum {{}} +").splitlines()
    found = {
        name.removeprefix("./").rpartition("/")[2]: digest
        for digest, _blanks, name in (line.partition("  ") for line in sums)
    }
    assert {name: found.get(name) for name in release.files} == release.files
    rights = demo.host.exec("find", folder, "-printf", "%y %U %G %m\\n").splitlines()
    assert set(rights) == {"d 1000 1000 2775", "f 1000 1000 664"}
    sent = seen.sent_by(demo.host)
    assert demo.leaks(sent) == []
    assert len(sent) > 300, "the download did not come by this uplink"
    figures.append(
        f"release of 20 MB, {release.articles} articles, {len(release.dropped)} missing: fetched over TLS through the "
        f"tunnel, repaired and unpacked in {time.monotonic() - begun:.0f} s; files 664, folders 2775, owner 1000:1000"
    )


def test_a_reboot_brings_everything_back_in_order(demo: Demo, figures: list[str]) -> None:
    begun = time.monotonic()
    reboot(demo.host)
    demo.wait_until_well(150)
    demo.wait_for_way_out(60)
    figures.append(f"reboot: everything healthy with no hand after {time.monotonic() - begun:.0f} s")
    started = {name: demo.container(name).started_at for name in ("vpn-pod", "vpn", "nzbget")}
    assert started["vpn-pod"] <= min(started["vpn"], started["nzbget"]), started
    run = play("site.yml")
    assert (run.code, run.changed) == (0, 0), run.output


def test_no_secret_is_shown(demo: Demo) -> None:
    """Not by a run at its most talkative, not by what the engine tells, not in a file that others may read."""
    names = demo.host.exec("ls", "/opt/media/secrets").split()
    secrets = [demo.host.exec("cat", f"/opt/media/secrets/{name}") for name in names]
    assert len(secrets) >= 5
    run = play("site.yml", "-vvv", "--diff")
    inspected = json.dumps(
        [json.loads(demo.inner("inspect", demo.name(name))) for name in ("vpn-pod", "vpn", "nzbget")]
    )
    listed = demo.host.exec("ps", "-eo", "args")
    readable = demo.host.exec(
        "sh", "-c", "find /opt/media /etc/systemd/system -type f -perm /004 -exec cat {} + 2>/dev/null"
    )
    for place, text in {"run": run.output, "inspect": inspected, "ps": listed, "files": readable}.items():
        shown = [name for name, secret in zip(names, secrets) if secret in text]
        assert shown == [], f"{place} shows {shown}"

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing behind the VPN leaves the host but through the tunnel: fault by fault, seen from the home's uplink.

During each fault NZBGet downloads, and a root shell in its container sends to the internet by IPv4, IPv6 and DNS.
Counted is every packet that the host puts on the uplink and that is not the tunnel's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bed import addresses as at
from tests.bed.capture import Capture, Packet
from tests.bed.news import Release, post
from tests.bed.shell import docker, wait_for
from tests.trials.demo import Demo
from tests.trials.play import play

SHOUT = Path(__file__).with_name("shout.sh").read_text()

#: Seconds that a fault lasts before it is mended, so that there is time to leak.
FAULT = 3.0

#: The whole run, but for the verify phase, which asks for the host's own address by itself.
CONVERGE = ("site.yml", "--skip-tags", "verify")

#: What lives in the pod, and nobody else: others may send to the uplink.
POD = ["vpn", "nzbget"]
QUIET = "/etc/systemd/system/media-collector.service.d"
COMPLETE = "/data/usenet/complete"


@pytest.fixture(scope="module", autouse=True)
def pod_alone(demo: Demo) -> Iterator[None]:
    """Switch everything else off, and on again. The collector, too: it asks the registry for newer images by itself."""
    condition = r"[Unit]\nConditionPathExists=/nowhere\n"
    demo.host.exec(
        "sh", "-c", f"mkdir -p {QUIET} && printf '{condition}' >{QUIET}/quiet.conf && systemctl daemon-reload"
    )
    converged(demo)
    yield
    demo.host.exec("sh", "-c", f"rm -r {QUIET} && systemctl daemon-reload")
    run = play("site.yml")
    assert run.code == 0, run.output[-4000:]


@pytest.fixture(scope="module")
def release() -> Release:
    return post("leak-trials", megabytes=60)


@contextmanager
def shouting(demo: Demo) -> Iterator[None]:
    """A root shell in NZBGet's container that sends all the time."""
    container = demo.name("nzbget")
    demo.inner("exec", "--detach", "--user", "root", container, "bash", "-c", f"echo $$ >/tmp/shout; {SHOUT}")
    wait_for(
        "the root shell sends", lambda: demo.inner("exec", container, "sh", "-c", "ls /tmp/shout || true"), seconds=10
    )
    try:
        yield
    finally:
        demo.inner("exec", container, "sh", "-c", "kill $(cat /tmp/shout); rm -f /tmp/shout")


@contextmanager
def downloading(demo: Demo, release: Release) -> Iterator[None]:
    """A download that lasts as long as the trial."""
    demo.nzbget("rate", 1500)
    number = demo.fetch(release.name, release.nzb, "movies")
    wait_for("the download has begun", lambda: demo.nzbget("status")["DownloadRate"] > 0, seconds=30)
    try:
        yield
    finally:
        demo.nzbget("editqueue", "GroupFinalDelete", "", [number])
        demo.nzbget("rate", 0)


# Each fault strikes, and returns what mends it, or nothing where the host has to mend it by itself.
Fault = Callable[[Demo], Callable[[], object] | None]


def tunnel_device_deleted(demo: Demo) -> None:
    demo.in_pod("ip", "link", "delete", "tun0")


def server_gone(demo: Demo) -> Callable[[], object]:
    """Gone for this host: what it sends there is lost behind the capture. Others of the lab may need the server."""
    lost = ["FORWARD", "--source", demo.host.ip, "--destination", at.INTERNET, "--protocol", "udp", "--jump", "DROP"]
    docker("exec", at.ROUTER_NAME, "iptables", "--insert", *lost)
    return lambda: docker("exec", at.ROUTER_NAME, "iptables", "--delete", *lost)


def client_process_killed(demo: Demo) -> None:
    demo.host.exec("kill", "-KILL", demo.pid("vpn"))


def container_killed(demo: Demo) -> Callable[[], object]:
    demo.inner("kill", demo.name("vpn"))
    # Killed by hand it stays down, whatever its restart policy; the next run starts it.
    return lambda: converged(demo)


def container_stopped(demo: Demo) -> Callable[[], object]:
    demo.inner("stop", demo.name("vpn"))
    return lambda: converged(demo)


def container_restarted(demo: Demo) -> None:
    demo.inner("restart", demo.name("vpn"))


def client_recreated(demo: Demo) -> Callable[[], object]:
    before = demo.container("vpn").id
    converged(demo, vpn_log_level="debug")
    assert demo.container("vpn").id != before
    return lambda: converged(demo)


def rules_flushed(demo: Demo) -> Callable[[], object]:
    """The careless hand: everything in the pod's namespace flushed, and the tunnel gone with it."""
    demo.in_pod("nft", "flush", "ruleset")
    demo.in_pod("ip", "link", "delete", "tun0")
    return lambda: wait_for("the rules are back", lambda: kill_switch_in_force(demo), seconds=10)


def guard_removed(demo: Demo) -> Callable[[], object]:
    """The host's own rules are gone, and so is the client: the pod's rules hold alone."""
    demo.host.exec("systemctl", "stop", "media-guard.service")
    demo.host.exec("nft", "delete", "table", "inet", "media_guard")
    demo.inner("kill", demo.name("vpn"))
    return lambda: converged(demo)


FAULTS = [
    tunnel_device_deleted,
    server_gone,
    client_process_killed,
    container_killed,
    container_stopped,
    container_restarted,
    client_recreated,
    rules_flushed,
    guard_removed,
]


def converged(demo: Demo, **variables: object) -> None:
    # The collector, too, asks for the host's own address now and then.
    run = play(*CONVERGE, variables={"media_services": POD, "vpn_address_url": "", **variables})
    assert run.code == 0, run.output[-4000:]


def kill_switch_in_force(demo: Demo) -> bool:
    return "NOT" not in demo.inner("exec", demo.name("vpn-pod"), "sh", "-c", "sh /pod/check.sh || true")


def kinds(packets: list[Packet]) -> dict[str, int]:
    """Count packets by what they are."""
    names = ["dns" if packet.dst_port == 53 else f"ipv{packet.version}" for packet in packets]
    return {name: names.count(name) for name in sorted(set(names))}


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


@pytest.mark.parametrize("strike", FAULTS, ids=lambda fault: fault.__name__.replace("_", "-"))
def test_no_packet_leaves_beside_the_tunnel(demo: Demo, release: Release, figures: list[str], strike: Fault) -> None:
    demo.wait_for_way_out()
    before = demo.container("nzbget")
    with shouting(demo), downloading(demo, release), Capture() as seen:
        begun = time.monotonic()
        mend = strike(demo)
        if mend is not None:
            time.sleep(FAULT)
            begun = time.monotonic()
            mend()
        demo.wait_for_way_out(seconds=150)
        recovery = time.monotonic() - begun
        time.sleep(1)
    sent = seen.sent_by(demo.host)
    leaked = demo.leaks(sent)
    name = strike.__name__.replace("_", " ")
    figures.append(
        f"{name:24} {len(leaked)} of {len(sent)} packets outside the tunnel; "
        f"way out {recovery:.1f} s after {'it was mended' if mend else 'the fault'}"
    )
    assert leaked == []
    assert len(sent) > 100, "the tunnel was hardly used: the trial proves nothing"
    assert demo.container("nzbget") == before, "the downloader was touched"
    assert kill_switch_in_force(demo)


def test_control_the_same_without_any_rules_leaks(demo: Demo, figures: list[str]) -> None:
    """Were this to pass nothing, the trials above would prove nothing."""
    demo.wait_for_way_out()
    pod, vpn = demo.name("vpn-pod"), demo.name("vpn")
    demo.host.exec("systemctl", "stop", "media-guard.service")
    demo.host.exec("nft", "delete", "table", "inet", "media_guard")
    # Paused, or it would put its rules back.
    demo.inner("pause", pod)
    try:
        demo.inner("kill", vpn)
        demo.host.exec("nsenter", "--target", demo.pid("nzbget"), "--net", "nft", "flush", "ruleset")
        with shouting(demo), Capture() as seen:
            time.sleep(FAULT)
    finally:
        demo.inner("unpause", pod)
        converged(demo)
        demo.wait_for_way_out(seconds=150)
    leaked = kinds(demo.leaks(seen.sent_by(demo.host)))
    figures.append(f"control, without rules    {leaked} outside the tunnel")
    assert {"dns", "ipv4", "ipv6"} <= set(leaked)


def test_the_window_before_the_tunnel_is_up(demo: Demo, figures: list[str]) -> None:
    """A tenant that sends from its first moment, over every way in which the pod can start."""
    shouter = {
        "image": "lscr.io/linuxserver/nzbget:v26.2-ls254",
        "entrypoint": ["bash", "-c", SHOUT],
        "stop_grace_period": "1s",
        "x-media": {"egress": "vpn", "identity": False},
    }
    with_shouter = {"media_services": [*POD, "shouter"], "media_extra_services": {"shouter": shouter}}
    converged(demo, **with_shouter)

    def down_and_up() -> None:
        demo.host.exec("sh", "-c", "cd /opt/media && docker compose down")
        converged(demo, **with_shouter)

    starts: dict[str, Callable[[], object]] = {
        "the engine restarted": lambda: demo.host.exec("systemctl", "restart", "docker.service"),
        "the project taken down and up": down_and_up,
        "the host restarted": lambda: docker("restart", "--time", "30", demo.host.name),
    }
    try:
        for name, start in starts.items():
            with Capture() as seen:
                start()
                demo.wait_until_well(150)
                demo.wait_for_way_out(60)
            sent = seen.sent_by(demo.host)
            leaked = demo.leaks(sent)
            figures.append(f"{name:30} {len(leaked)} of {len(sent)} packets outside the tunnel")
            assert leaked == [], name
            assert len(sent) > 50, name
            assert demo.inner("inspect", "--format", "{{.State.Running}}", demo.name("shouter")) == "true"
    finally:
        converged(demo)

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person sees who tries the demo: it stands, stays as it is, downloads for real, and survives a reboot."""

from __future__ import annotations

import json
import time

from tests.bed.host import reboot
from tests.trials.demo import Demo
from tests.trials.door import plan
from tests.trials.play import play

EVERY = (
    *("authelia", "authelia-redis", "fail2ban", "proxy"),
    *("bookshelf", "lidarr", "nzbget", "plex", "prowlarr", "radarr", "recyclarr", "sonarr", "sonarr-4k", "tautulli"),
    *("unpackerr", "vpn", "vpn-pod", "watchtower"),
    *("alertmanager", "blackbox", "cadvisor", "grafana", "node-exporter", "prometheus"),
    *(f"exportarr-{name}" for name in ("bookshelf", "lidarr", "prowlarr", "radarr", "sonarr", "sonarr-4k")),
    "redis-authelia-redis",
)
#: In their images is nothing that could ask them for their health.
SILENT = ("recyclarr", "exportarr-", "redis-authelia-redis")


def test_every_service_is_healthy(demo: Demo) -> None:
    found = {name: demo.container(name).health for name in demo.services()}
    assert found == {name: "running" if name.startswith(SILENT) else "healthy" for name in EVERY}


def test_a_second_run_changes_nothing(demo: Demo, figures: list[str]) -> None:
    begun = time.monotonic()
    run = play("site.yml")
    figures.append(f"second run: changed={run.changed}, {time.monotonic() - begun:.1f} s")
    assert (run.code, run.changed) == (0, 0), run.output


def test_check_mode_has_nothing_to_announce(demo: Demo) -> None:
    run = play("site.yml", "--check", "--diff")
    assert (run.code, run.changed) == (0, 0), run.output


def test_verify_and_status_tell_the_truth(demo: Demo) -> None:
    for words in (["playbooks/verify.yml"], ["site.yml", "--tags", "verify"]):
        run = play(*words)
        assert run.code == 0, run.output
    told = play("playbooks/status.yml").output
    assert all(name in told for name in ("nzbget", "vpn-pod", "healthy", "127.0.0.1:6789"))
    demo.inner("stop", demo.name("nzbget"))
    try:
        stopped = play("playbooks/verify.yml")
        assert stopped.code != 0
        assert "exited" in stopped.output
    finally:
        assert play("site.yml").code == 0


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


def test_no_secret_is_shown(demo: Demo, figures: list[str]) -> None:
    """Not by a run at its most talkative, not by what the engine tells, not in a log or a file that others may read."""
    names = demo.host.exec("ls", "/opt/media/secrets").split()
    secrets = {name: demo.host.exec("cat", f"/opt/media/secrets/{name}") for name in names}
    # What people choose is never on the host, but it comes by on its way there.
    secrets |= {f"password of {name}": user["password"] for name, user in plan()["users"].items()}
    assert len(secrets) >= 15
    run = play("site.yml", "-vvv", "--diff")
    containers = [demo.name(name) for name in demo.services()]
    # What somebody with no rights at all can open, whatever the modes of single files say.
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    look = "find /opt/media /etc/systemd/system /var/log -type f -readable -exec cat {} + 2>/dev/null || true"
    own_logs = r"find /opt/media/state -type f \( -name '*.log*' -o -path '*/logs/*' \) -exec cat {} +"
    places = {
        "run": run.output,
        "inspect": json.dumps([json.loads(demo.inner("inspect", name)) for name in containers]),
        "ps": demo.host.exec("ps", "-eo", "args"),
        "logs of the containers": demo.host.exec(
            "sh", "-c", f"for n in {' '.join(containers)}; do docker logs $n 2>&1; done"
        ),
        "logs of the applications": demo.host.exec("sh", "-c", own_logs),
        "journal": demo.host.exec("journalctl", "--no-pager", "--output=cat"),
        "files": demo.host.exec(*nobody, "sh", "-c", look),
    }
    assert "kill-switch" in places["files"] or "iptables" in places["files"], "nothing was looked at"
    assert all(len(text) > 1000 for text in places.values()), {place: len(text) for place, text in places.items()}
    for place, text in places.items():
        shown = [name for name, secret in secrets.items() if secret in text]
        assert shown == [], f"{place} shows {shown}"
    figures.append(f"{len(secrets)} secrets: none in {', '.join(places)}")

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The examples of docs/examples on the demo host, and one service whose owner has not thought about access at all."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils.front_verdict import well

from tests.bed import addresses as at
from tests.bed import images, manifest, registry
from tests.bed.clients import Client, client
from tests.bed.shell import ROOT, BedError, wait_for
from tests.trials.demo import Demo
from tests.trials.door import answered, look, person, plan
from tests.trials.play import play
from tests.trials.watch import query, targets

pytestmark = pytest.mark.long

PAGES = ("navidrome", "qbittorrent", "miniflux")
NAMES = (*PAGES, "miniflux-database", "notes")
#: It would show its files to anybody.
NOTES = {
    "image": "docker.io/tautulli/tautulli:v2.17.2",
    "entrypoint": ["python3", "-m", "http.server", "--directory", "/etc", "8000"],
    # The image's own health check asks for another program.
    "healthcheck": {"test": ["CMD", "curl", "--fail", "--silent", "http://127.0.0.1:8000/"], "interval": "2s"},
    "stop_grace_period": "1s",
    "x-media": {"web": {"port": 8000}, "identity": False},
}


def examples() -> dict[str, Any]:
    """Return the variables of the example file, beside the files that the demo itself has."""
    own = yaml.safe_load((ROOT / "docs/examples/extra_services.yml").read_text(encoding="utf-8"))
    demo = yaml.safe_load((ROOT / "inventories/demo/group_vars/media/demo.yml").read_text(encoding="utf-8"))
    own["media_extra_files"] += demo["media_extra_files"]
    own["media_extra_services"]["notes"] = NOTES
    return dict(own)


@pytest.fixture(scope="module")
def variables(demo: Demo) -> Iterator[dict[str, Any]]:
    """Have the services on the host; they are gone for the files that come after."""
    images.ensure([*PAGES, "postgres"])
    registry.ensure(manifest.load().values())
    own = examples()
    try:
        run = play("site.yml", variables=own)
        assert run.code == 0, run.output[-4000:]
        yield own
    finally:
        if set(NAMES) & set(demo.services()):
            play("site.yml")


@pytest.fixture(scope="module")
def published(variables: dict[str, Any]) -> dict[str, Any]:
    return plan(variables)


@pytest.fixture(scope="module")
def stranger(demo: Demo) -> Iterator[Client]:
    with client("stranger", demo.host) as found:
        yield found


def test_all_are_well_and_a_second_run_changes_nothing(demo: Demo, variables: dict[str, Any]) -> None:
    assert {name: demo.container(name).health for name in NAMES} == dict.fromkeys(NAMES, "healthy")
    again = play("site.yml", variables=variables)
    assert (again.code, again.changed) == (0, 0), again.output[-4000:]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("navidrome", "navidrome.db"),
        ("qbittorrent", "qBittorrent/qBittorrent.conf"),
        ("miniflux-database", "pgdata/PG_VERSION"),
    ],
)
def test_each_writes_as_the_media_user(demo: Demo, variables: dict[str, Any], name: str, file: str) -> None:
    assert demo.host.exec("stat", "--format", "%u:%g", f"/opt/media/state/{name}/{file}") == "1000:1000"


def test_no_stranger_sees_anything(demo: Demo, stranger: Client, published: dict[str, Any], figures: list[str]) -> None:
    # It does show its files to whoever is let in.
    assert "passwd" in demo.inner("exec", demo.name("notes"), "curl", "--silent", "http://127.0.0.1:8000/")
    verdicts = look(demo, stranger, published)
    assert [verdict for verdict in verdicts if not well(verdict, False)] == []
    found = {verdict.service: verdict.verdict for verdict in verdicts if verdict.service in NAMES}
    assert found == dict.fromkeys((*PAGES, "notes"), "protected")
    assert stranger.get("https://notes.media.test/passwd").location.startswith("https://auth.media.test/")
    figures.append(f"{len(found)} services of one's own: all protected, with no word about it")


def test_who_is_signed_in_is_known_inside(demo: Demo, published: dict[str, Any]) -> None:
    with client("reader", demo.host) as device:
        reader = person(demo, device, "guest", published)
        reader.sign_in("https://navidrome.media.test/")
        for page in ("https://navidrome.media.test/app/", "https://miniflux.media.test/"):
            assert "signed in: guest" in reader.get(page, {"Remote-User": "admin"}).text


def exit_address(demo: Demo) -> str:
    ask = ["curl", "--silent", "--ipv4", "--max-time", "2", f"http://{at.INTERNET}/ip"]
    try:
        return demo.inner("exec", demo.name("qbittorrent"), *ask).strip()
    except BedError:
        return ""


def test_behind_the_vpn_there_is_the_tunnel_or_nothing(
    demo: Demo, variables: dict[str, Any], figures: list[str]
) -> None:
    expected = demo.customer()["exit_ip"]
    wait_for("it has its way out", lambda: exit_address(demo) == expected, seconds=60)
    demo.inner("stop", demo.name("vpn"))
    try:
        assert exit_address(demo) == ""
        assert demo.container("qbittorrent").health == "healthy"
    finally:
        demo.inner("start", demo.name("vpn"))
    wait_for("it has its way out again", lambda: exit_address(demo) == expected, seconds=60)
    figures.append(f"a service of one's own behind the VPN: {expected} by the tunnel, no way out without it")


#: Run on the host: what Miniflux's API is asked, as its administrator. The question comes by standard input.
ASK = """
import base64, json, sys, urllib.request
title = json.load(sys.stdin)
password = open("/opt/media/secrets/miniflux_admin_password").read()
body = json.dumps({"title": title}).encode() if title else None
request = urllib.request.Request("http://127.0.0.1:8480/v1/categories", data=body)
request.add_header("Authorization", "Basic " + base64.b64encode(f"admin:{password}".encode()).decode())
sys.stdout.write(urllib.request.urlopen(request, timeout=20).read().decode())
"""


def categories(demo: Demo, new: str = "") -> Any:
    """Return the categories that Miniflux has, or the one that is new."""
    command = ["docker", "exec", "--interactive", demo.host.name, "python3", "-c", ASK]
    done = subprocess.run(command, input=json.dumps(new).encode(), capture_output=True, check=True)
    return json.loads(done.stdout)


def test_what_is_in_the_database_outlives_a_restart_of_both(demo: Demo, variables: dict[str, Any]) -> None:
    made = categories(demo, "kept")
    demo.inner("restart", demo.name("miniflux-database"), demo.name("miniflux"))
    wait_for("both are well", lambda: {demo.container(n).health for n in NAMES} == {"healthy"}, seconds=60)
    assert made in categories(demo)


def test_all_are_watched_and_shown(demo: Demo, published: dict[str, Any]) -> None:
    def up() -> set[tuple[str, str]]:
        return {(one["labels"]["job"], one["labels"]["service"]) for one in targets(demo) if one["health"] == "up"}

    expected = {("navidrome", "navidrome"), ("miniflux", "miniflux"), *(("pages", name) for name in PAGES)}
    wait_for("every target is up", lambda: expected <= up(), seconds=150)
    names = "|".join(PAGES)
    wait_for(
        "every page answers as it should",
        lambda: len(query(demo, f'probe_success{{service=~"{names}"}} == 1')) == len(PAGES),
        seconds=120,
    )
    page = demo.host.exec("cat", "/opt/media/config/portal/index.html")
    assert [title for title in ("Navidrome", "qBittorrent", "Miniflux", "Notes") if title not in page] == []
    assert published["portal"]["miniflux"]["section"] == "Other"


def test_when_nobody_declares_them_only_their_state_is_left(
    demo: Demo, variables: dict[str, Any], stranger: Client, figures: list[str]
) -> None:
    answered(stranger.get, "https://navidrome.media.test/", 302)
    gone = play("site.yml")
    assert gone.code == 0, gone.output[-4000:]
    assert set(NAMES) & set(demo.services()) == set()
    assert [name for name in (*PAGES, "notes") if stranger.get(f"https://{name}.media.test/").status] == []
    networks = demo.inner("network", "ls", "--format", "{{.Name}}").split()
    assert [network for network in networks if any(name in network for name in NAMES)] == []
    look_for = "grep -rlE 'navidrome|qbittorrent|miniflux' /opt/media/config /opt/media/compose || true"
    assert demo.host.exec("sh", "-c", look_for) == ""
    assert {"navidrome", "qbittorrent", "miniflux-database"} <= set(demo.host.exec("ls", "/opt/media/state").split())
    again = play("site.yml")
    assert (again.code, again.changed) == (0, 0), again.output[-4000:]
    purged = play("playbooks/remove.yml", variables={"media_purge": list(PAGES)})
    assert purged.code == 0, purged.output[-4000:]
    state = set(demo.host.exec("ls", "/opt/media/state").split())
    assert state & {"navidrome", "qbittorrent", "miniflux-database"} == set()
    figures.append("five services of one's own undeclared: nothing is left but their state, until it is purged by name")

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Six services of different kinds, switched off by one run and on again by another; one of them is purged between."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.bed.clients import Client, client
from tests.bed.shell import wait_for, wait_for_none
from tests.trials.applications import Application, all_servarr
from tests.trials.demo import Demo
from tests.trials.door import answered
from tests.trials.play import Run, play
from tests.trials.watch import prometheus, rules, targets

pytestmark = pytest.mark.long

#: An instance of an application, what plays are counted by, dashboards, a tenant of the VPN pod with the downloads, and
#: one with no page whose configuration is made of others.
KEPT = ("sonarr-4k", "tautulli", "grafana", "nzbget", "unpackerr")
PURGED = "lidarr"
OFF = (*KEPT, PURGED)
PAGES = ("sonarr-4k", "tautulli", "grafana", "nzbget", "lidarr")
WITH_STATE = ("sonarr-4k", "tautulli", "grafana", "nzbget")
MARKER = "kept-by-a-person"
DISABLED = {"media_services_disabled": list(OFF)}
#: What Recyclarr is told of the applications.
RECYCLARR = "/opt/media/state/recyclarr/recyclarr.yml /opt/media/state/recyclarr/secrets.yml"
#: Of articles that nobody has.
NZB = b"""<?xml version="1.0" encoding="UTF-8"?>
<nzb xmlns="http://www.newzbin.com/DTD/2003/nzb">
<file poster="a@media.test" date="1700000000" subject="&quot;kept.mkv&quot; (1/1)">
<groups><group>alt.binaries.test</group></groups>
<segments><segment bytes="1000" number="1">kept@media.test</segment></segments>
</file></nzb>"""

#: Folders below config/ that are made of who is on.
LISTS = ("prometheus", "alertmanager", "grafana", "portal", "collector", "blackbox", "fail2ban", "unpackerr", "proxy")


@pytest.fixture(scope="module")
def applications(demo: Demo) -> dict[str, Application]:
    return all_servarr(demo)


@pytest.fixture(scope="module")
def stranger(demo: Demo) -> Iterator[Client]:
    with client("stranger", demo.host) as found:
        yield found


def state(demo: Demo, name: str) -> str:
    """Return the names and the digests of all files of a service's state."""
    folder = f"/opt/media/state/{name}"
    return demo.host.exec("sh", "-c", f"find {folder} -type f -print0 | sort -z | xargs -0 sha256sum")


def jails(demo: Demo) -> set[str]:
    said = demo.inner("exec", demo.name("fail2ban"), "fail2ban-client", "status")
    return set(re.split(r"[,\s]+", said.partition("Jail list:")[2].strip()))


def links(demo: Demo, applications: dict[str, Application]) -> dict[str, set[str]]:
    """Return who knows whom: Prowlarr its applications, an application its download clients."""
    return {
        "prowlarr": {item["name"] for item in applications["prowlarr"].get("applications")},
        "sonarr": {item["name"] for item in applications["sonarr"].get("downloadclient")},
        "radarr": {item["name"] for item in applications["radarr"].get("downloadclient")},
    }


def traces(demo: Demo, name: str) -> dict[str, bool]:
    """Tell for each place whether anything of a service is there."""
    word = f"(^|[^a-z0-9-]){name}($|[^a-z0-9-])"
    listed = f"grep -rlE '{word}' /opt/media/config/%s 2>/dev/null || true"
    networks = demo.inner("network", "ls", "--format", "{{.Name}}").split()
    sites = f"grep -rl 'server_name.*{name}\\.media\\.test' /opt/media/state/proxy/data/nginx || true"
    entries = f"grep -rlE '^  {name}:' /opt/media/compose || true"
    return {
        "container": any(one == name or one.endswith(f"-{name}") for one in demo.services()),
        "network": any(
            network.endswith((f"_proxy-{name}", f"_metrics-{name}", f"_uplink-{name}")) for network in networks
        ),
        "compose": bool(demo.host.exec("sh", "-c", entries).strip()),
        "site": bool(demo.host.exec("sh", "-c", sites).strip()),
        "jail": name in jails(demo),
        "target": any(one["labels"].get("service") == name for one in targets(demo)),
        # What is told by a rule is another matter: the numbers of the minute before are still there.
        "rule": any(re.search(word, json.dumps({**rule, "alerts": []})) for rule in rules(demo)),
        "recyclarr": bool(demo.host.exec("sh", "-c", f"grep -rlE '{word}' {RECYCLARR} || true").strip()),
        **{place: bool(demo.host.exec("sh", "-c", listed % place).strip()) for place in LISTS},
        "own configuration": name in demo.host.exec("ls", "/opt/media/config").split(),
    }


def alerted(demo: Demo) -> list[dict[str, str]]:
    """Return the labels of the alerts about these services, be they only pending."""
    return [one["labels"] for one in prometheus(demo, "alerts")["alerts"] if one["labels"].get("service") in OFF]


@pytest.fixture(scope="module")
def before(demo: Demo, applications: dict[str, Application]) -> dict[str, Any]:
    """Leave something of a person's own in each, and return what it is."""
    for name in WITH_STATE:
        demo.host.exec("sh", "-c", f"echo mine > /opt/media/state/{name}/{MARKER}")
    applications["sonarr-4k"].ask("POST", "tag", {"label": "kept"})
    # Paused, so that it is in the queue as long as nobody takes it out.
    assert (
        demo.nzbget(
            "append", "Kept.While.Off.nzb", base64.b64encode(NZB).decode(), "", 0, False, True, "", 0, "FORCE", []
        )
        > 0
    )
    return {
        "traces": {name: traces(demo, name) for name in OFF},
        "links": links(demo, applications),
        "jails": jails(demo),
        "services": demo.services(),
    }


@pytest.fixture(scope="module")
def off(demo: Demo, before: dict[str, Any]) -> Iterator[Run]:
    yield play("site.yml", variables=DISABLED)
    if "grafana" not in demo.services():  # a trial between has failed
        play("site.yml")


def test_one_run_leaves_nothing_of_them_running_or_linked(
    demo: Demo, applications: dict[str, Application], before: dict[str, Any], off: Run, stranger: Client
) -> None:
    assert off.code == 0, off.output[-4000:]
    # The control: before, each was in most of these places.
    assert [name for name in OFF if sum(before["traces"][name].values()) < 3] == []
    for kind in ("container", "compose", "site", "jail", "target", "network", "portal", "recyclarr", "unpackerr"):
        assert any(found[kind] for found in before["traces"].values()), f"nobody was ever in {kind}"
    wait_for("Prometheus has read its files", lambda: not any(traces(demo, n)["target"] for n in OFF), seconds=60)
    left = {name: [place for place, there in traces(demo, name).items() if there] for name in OFF}
    assert left == {name: [] for name in OFF}
    now = links(demo, applications)
    assert before["links"]["prowlarr"] - now["prowlarr"] == {"sonarr-4k", "lidarr"}
    assert (before["links"]["sonarr"], now["sonarr"], now["radarr"]) == ({"NZBGet"}, set(), set())
    assert [name for name in PAGES if stranger.get(f"https://{name}.media.test/").status] == []
    assert stranger.get("https://sonarr.media.test/").status == 302


def test_their_state_stays_and_a_second_run_has_nothing_to_do(demo: Demo, off: Run, figures: list[str]) -> None:
    kept = {name: state(demo, name) for name in WITH_STATE}
    assert all(MARKER in text for text in kept.values())
    again = play("site.yml", variables=DISABLED)
    assert (again.code, again.changed) == (0, 0), again.output[-4000:]
    assert {name: state(demo, name) for name in WITH_STATE} == kept
    wait_for_none("no alert is about them", lambda: alerted(demo), seconds=150)
    figures.append(f"{len(OFF)} services off by one run: nothing runs, nothing is linked; the next: changed=0")


def test_a_purge_by_name_takes_the_state_of_that_one_alone(demo: Demo, off: Run) -> None:
    kept = {name: state(demo, name) for name in WITH_STATE}
    folder = f"/opt/media/state/{PURGED}"
    assert demo.host.exec("ls", folder)
    refused = play("playbooks/remove.yml", variables={"media_purge": "lidar"})
    assert refused.code != 0
    assert "did you mean lidarr" in refused.output
    planned = play("playbooks/remove.yml", "--check", "--diff", variables={"media_purge": PURGED})
    assert planned.changed == 1
    assert folder in planned.output
    assert demo.host.exec("ls", folder)
    purged = play("playbooks/remove.yml", "--diff", variables={"media_purge": PURGED})
    assert (purged.code, purged.changed) == (0, 1), purged.output
    assert folder in purged.output
    assert PURGED not in demo.host.exec("ls", "/opt/media/state").split()
    assert {name: state(demo, name) for name in WITH_STATE} == kept


def test_all_return_with_what_they_had(
    demo: Demo,
    applications: dict[str, Application],
    before: dict[str, Any],
    off: Run,
    stranger: Client,
    figures: list[str],
) -> None:
    run = play("site.yml")
    assert run.code == 0, run.output[-4000:]
    assert demo.services() == before["services"]
    for name in WITH_STATE:
        assert demo.host.exec("cat", f"/opt/media/state/{name}/{MARKER}") == "mine"
    (tag,) = [item for item in applications["sonarr-4k"].get("tag") if item["label"] == "kept"]
    (waiting,) = [item for item in demo.nzbget("listgroups", 0) if item["NZBName"] == "Kept.While.Off"]
    assert links(demo, applications) == before["links"]
    assert jails(demo) == before["jails"]
    assert demo.host.exec("ls", f"/opt/media/state/{PURGED}")
    for name in PAGES:
        answered(stranger.get, f"https://{name}.media.test/", 302)
    back = {name: {place for place, there in traces(demo, name).items() if there} for name in OFF}
    assert back == {
        name: {place for place, there in found.items() if there} for name, found in before["traces"].items()
    }
    again = play("site.yml")
    assert (again.code, again.changed) == (0, 0), again.output[-4000:]
    figures.append(f"the same on again by one run, with their state; {PURGED} as new; the next: changed=0")
    applications["sonarr-4k"].ask("DELETE", f"tag/{tag['id']}")
    assert demo.nzbget("editqueue", "GroupFinalDelete", "", [waiting["NZBID"]])
    demo.host.exec("sh", "-c", f"rm /opt/media/state/*/{MARKER}")

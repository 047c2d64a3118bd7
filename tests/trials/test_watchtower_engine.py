# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watchtower's stand-in and the collection's labels on this machine's own engine, with images that really move.

What is to be seen: a new image behind the same tag is taken for who is to be updated, announced for who is to be told,
and never for who is kept out; and what the collection makes of that in its next run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import containers, watchtower
from ansible_collections.homelab.media.plugins.module_utils.containers import Wanted

from tests.bed import images
from tests.images.watchtower.stand_in import main, settings, shoutrrr
from tests.images.watchtower.stand_in.engine import Engine
from tests.images.watchtower.stand_in.session import Report
from tests.trials.updates_house import DIGESTS, MODES, PROJECT, House, docker, house

TOLD = {
    "media_root": "/opt/media", "media_timezone": "Etc/UTC", "media_domain": "media.test", "media_project": "media",
    "maintenance_watchtower_image": "w:1", "maintenance_watchtower_schedule": "0 30 4 * * *",
    "maintenance_watchtower_cooldown": "", "maintenance_watchtower_stop_timeout": "1s",
    "maintenance_watchtower_cleanup": False, "maintenance_watchtower_rolling_restart": False,
    "maintenance_watchtower_memory": "128m", "maintenance_watchtower_cpus": 0.5, "maintenance_updates": "notify",
    "maintenance_update_modes": {}, "monitoring_receivers": [], "maintenance_unpackerr_notifications": False,
    "maintenance_receivers": [{"name": "hook", "type": "webhook", "url": "http://127.0.0.1:1/"}],
}  # fmt: skip


@dataclass
class Seen:
    """What was there before a look, and after it."""

    house: House
    old: dict[str, str]
    new: dict[str, str]
    before: dict[str, dict[str, Any]]
    after: dict[str, dict[str, Any]]
    report: Report


def look(home: House, **changed: str) -> Report:
    """Look once, with the environment that the role gives to Watchtower."""
    declared = watchtower.service(TOLD)["environment"]
    environment = {
        **{name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in declared.items()},
        "WATCHTOWER_NOTIFICATION_URL": home.hook,
        "WATCHTOWER_HTTP_API_TOKEN": "a-token",
        **changed,
    }
    told = settings.read(environment)
    return main.look(Engine(), told, [shoutrrr.read(url) for url in told.urls])


def everybody(home: House) -> dict[str, dict[str, Any]]:
    return {name: home.container(name) for name in MODES}


@pytest.fixture(scope="module")
def seen() -> Iterator[Seen]:
    images.ensure(["base-trixie", "registry"])
    with house() as home:
        old = home.publish("one")
        home.start()
        before = everybody(home)
        assert {name: one["Image"] for name, one in before.items()} == old
        # Nothing is new yet: nothing happens, and nobody is told.
        quiet = look(home)
        assert ([one.name for one in quiet.updated], home.messages) == ([], [])
        assert [one.name for one in quiet.skipped] == []
        assert {one.name for one in quiet.fresh} == {f"{PROJECT}-plain", f"{PROJECT}-told"}
        assert everybody(home) == before
        new = home.publish("two")
        home.back_to(old)
        report = look(home)
        yield Seen(home, old, new, before, everybody(home), report)


def test_what_is_to_be_updated_runs_the_new_image(seen: Seen) -> None:
    assert seen.new["plain"] != seen.old["plain"]
    assert seen.after["plain"]["Image"] == seen.new["plain"]
    assert seen.after["plain"]["Id"] != seen.before["plain"]["Id"]
    assert seen.after["plain"]["State"]["Status"] == "running"
    # What it has from the image is that of the new one, and nothing of its own was lost.
    own = seen.after["plain"]["Config"]
    assert "FROM_IMAGE=two" in own["Env"]
    assert "MINE=1" in own["Env"]
    assert own["Labels"]["version"] == "two"


def test_all_that_made_it_is_as_it_was(seen: Seen) -> None:
    before, after = seen.before["plain"], seen.after["plain"]
    mine = {key: value for key, value in before["Config"]["Labels"].items() if key != "version"}
    assert {key: value for key, value in after["Config"]["Labels"].items() if key != "version"} == mine
    for key in ("Memory", "CapDrop", "RestartPolicy", "NetworkMode", "LogConfig", "SecurityOpt"):
        assert after["HostConfig"][key] == before["HostConfig"][key]
    assert "plain" in after["NetworkSettings"]["Networks"][PROJECT]["Aliases"]
    assert after["Config"]["Cmd"] == before["Config"]["Cmd"]


def test_what_is_to_be_told_of_is_told_of_and_left_alone(seen: Seen) -> None:
    assert seen.after["told"]["Id"] == seen.before["told"]["Id"]
    # It waits for the one that was renewed, and is not restarted for that either.
    assert seen.after["told"]["State"]["StartedAt"] == seen.before["told"]["State"]["StartedAt"]
    (message,) = seen.house.messages
    assert message["title"] == "Watchtower updates on media.test"
    lines = message["message"].splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"{PROJECT}-plain runs the new image of {seen.house.image('plain')} now (")
    assert lines[1] == f"There is a new image of {seen.house.image('told')} for {PROJECT}-told."


@pytest.mark.parametrize("name", ["quiet", "pod", "tenant", "gate"])
def test_what_is_kept_out_is_not_even_looked_at(seen: Seen, name: str) -> None:
    assert seen.after[name] == seen.before[name]
    assert f"{PROJECT}-{name}" not in {one.name for one in [*seen.report.scanned, *seen.report.skipped]}
    # The new image was not fetched.
    assert docker("image", "inspect", "--format", "{{.Id}}", seen.house.image(name)) == seen.old[name]


def test_the_control_without_labels_everybody_would_be_renewed(seen: Seen) -> None:
    """It is the labels that keep them out: a Watchtower that does not go by them sees all of them."""
    engine = Engine()
    told = settings.read({})
    bare = [{**one, "Config": {**one["Config"], "Labels": {}}} for one in engine.containers()]
    names = {str(one["Name"]).lstrip("/") for one in bare if main.session.labels.watched(one, told)}
    assert {f"{PROJECT}-{name}" for name in MODES} <= names
    # And with them, one that is not asked to go by "enable" leaves them alone all the same.
    real = {str(one["Name"]).lstrip("/") for one in engine.containers() if main.session.labels.watched(one, told)}
    assert {name for name in MODES if f"{PROJECT}-{name}" in real} == {"plain", "told"}


def steps(home: House) -> list[tuple[str, str]]:
    """Return what the next run would do."""
    wanted = {name: Wanted(DIGESTS[name], home.image(name)) for name in MODES}
    found = containers.observe(PROJECT)
    images = containers.image_ids([service.image for service in wanted.values()])
    return [(step.service, step.action) for step in containers.plan(wanted, found, images, whole=True)]


def test_the_next_run_finds_what_was_updated_as_declared(seen: Seen) -> None:
    """Its digest is a label, which Watchtower keeps; and its image is the one that the name stands for by now."""
    assert "plain" not in {service for service, _action in steps(seen.house)}
    assert seen.after["plain"]["Config"]["Labels"][containers.LABEL_DIGEST] == DIGESTS["plain"]


def test_and_the_tenants_still_in_their_pod(seen: Seen) -> None:
    assert not {"pod", "tenant", "gate", "quiet"} & {service for service, _action in steps(seen.house)}


def test_an_announced_image_is_on_the_host_by_its_name(seen: Seen) -> None:
    """Watchtower fetches what it compares, also where it only tells: the name stands for the new one from then on."""
    assert docker("image", "inspect", "--format", "{{.Id}}", seen.house.image("told")) == seen.new["told"]


def test_there_is_a_way_back(seen: Seen) -> None:
    """Without clean-up the old image is still there: with its name back, the next run goes back to it."""
    assert docker("image", "inspect", "--format", "{{.Id}}", seen.old["plain"]) == seen.old["plain"]
    docker("tag", seen.old["plain"], seen.house.image("plain"))
    try:
        assert ("plain", "recreate") in steps(seen.house)
    finally:
        docker("tag", seen.new["plain"], seen.house.image("plain"))


def test_a_digest_is_left_alone(seen: Seen) -> None:
    """What is named by its digest never moves."""
    known = docker("image", "inspect", "--format", '{{join .RepoDigests "\\n"}}', seen.new["plain"]).split()
    repository = seen.house.image("plain").rpartition(":")[0]
    (pinned,) = [name for name in known if name.startswith(f"{repository}@")]
    labels = seen.after["plain"]["Config"]["Labels"]
    words = [word for key, value in labels.items() for word in ("--label", f"{key}={value}")]
    name = f"{PROJECT}-pinned"
    docker("run", "--detach", "--name", name, "--network", PROJECT, *words, pinned, "sleep", "infinity")
    try:
        report = look(seen.house)
        assert name in {one.name for one in report.fresh}
        assert name not in {one.name for one in [*report.updated, *report.stale]}
    finally:
        docker("rm", "--force", name)

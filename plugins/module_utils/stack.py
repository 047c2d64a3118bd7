# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring the Compose project to its declaration, and wait until every service is well."""

from __future__ import annotations

import datetime
import json
import subprocess
import time
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.homelab.media.plugins.module_utils import containers, docker_socket, host_facts
from ansible_collections.homelab.media.plugins.module_utils.containers import Container, Step, Wanted
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome, Problem

#: Seconds that a service may be unhealthy without a break: one slow answer is no reason to fail a run.
UNHEALTHY_PATIENCE = 45.0

#: Restarts during one wait after which a container is called a restart loop.
RESTART_LOOP = 3

#: Seconds that a container without a health check has to run before it counts as well.
SETTLED = 5.0

POLL = 0.25
LOG_LINES = 12


@dataclass(frozen=True)
class Project:
    """The Compose project on this host."""

    folder: str
    name: str
    timeout: float
    whole: bool  # the wanted services are all that there shall be: others of ours are removed


def ensure(project: Project, wanted: Mapping[str, Wanted], check: bool) -> Outcome:
    """Do what the plan says; in check mode only tell it."""
    outcome = Outcome()
    try:
        seen = containers.observe(project.name)
        images = containers.image_ids([service.image for service in wanted.values()])
    except docker_socket.EngineUnreachable as error:
        if not check:
            raise MediaError([Problem("docker", f"does not answer ({error})", "a running Docker Engine")]) from error
        seen, images = _as_left(project), {}
    steps = containers.plan(wanted, seen, images, project.whole)
    for step in steps:
        outcome.add(step.service, _now(seen.get(step.service)), f"{step.action}: {step.reason}")
    if not check:
        if steps:
            _let_recover(project, [name for name in seen if name not in {step.service for step in steps}])
            _up(project, wanted, seen, steps)
        after = _wait(project, wanted)
        told = {step.service for step in steps}
        for name in containers.touched(seen, after):
            if name not in told:
                outcome.add(name, _now(seen.get(name)), f"{_now(after.get(name))}: Compose renewed it")
        seen = after
    outcome.facts = {
        "steps": [vars(step) for step in steps],
        "services": {
            name: {"state": item.state, "health": item.health, "image": item.image, "addresses": list(item.addresses)}
            for name, item in sorted(seen.items())
        },
    }
    return outcome


def is_up(project: Project, wanted: Mapping[str, Wanted]) -> bool:
    """Tell whether every service is as wanted, and well: nothing would be done."""
    try:
        seen = containers.observe(project.name)
        images = containers.image_ids([service.image for service in wanted.values()])
    except docker_socket.EngineUnreachable:
        return False
    todo = containers.plan(wanted, seen, images, project.whole)
    return not todo and all(_settled(seen[name]) for name in wanted)


def _as_left(project: Project) -> dict[str, Container]:
    """Return the containers that an engine which does not run will bring back: those that the last run has left."""
    kept, _error = host_facts.read_json(f"{project.folder}/catalogue.json")
    labels: Mapping[str, str] = (kept or {}).get("labels") or {}
    return {
        name: Container(
            service=name, id="", image="", image_id="", digest=label, state="running", health="", started_at="",
            network_mode="", restarts=0, exit_code=0, last_check="", addresses=(), published=(),
        )
        for name, label in labels.items()
    }  # fmt: skip


def _now(container: Container | None) -> str:
    if container is None:
        return "absent"
    return " ".join(part for part in (container.image, container.state, container.health) if part)


def _compose(project: Project, *words: str) -> None:
    command = ["docker", "compose", "--ansi", "never", "--progress", "plain", *words]
    done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()][-LOG_LINES:]
        said = "\n      ".join(["ended with an error:", *lines])
        raise MediaError([Problem(f"docker compose {words[0]}", said, "a clean end")])


def _let_recover(project: Project, names: Sequence[str]) -> None:
    """Give services that this run leaves alone time for a better answer: Compose starts nothing behind an ill one."""
    deadline = time.monotonic() + UNHEALTHY_PATIENCE
    while time.monotonic() < deadline:
        seen = containers.observe(project.name)
        if not any(name in seen and seen[name].health == "unhealthy" for name in names):
            return
        time.sleep(POLL)


def _up(project: Project, wanted: Mapping[str, Wanted], seen: Mapping[str, Container], steps: Sequence[Step]) -> None:
    """Do the steps, and nothing else: some versions of Compose also renew whatever depends on what they renew.

    So the containers that have to go are removed first, once the model is known to be right and the images are here,
    and Compose then makes those that are missing, in order.
    """
    made = [step.service for step in steps if step.action in ("create", "recreate", "rejoin")]
    renewed = [name for name in made if name in seen]
    if made:
        _compose(project, "config", "--quiet")
        _compose(project, "pull", "--quiet", "--policy", "missing", *made)
    if renewed:
        _compose(project, "rm", "--stop", "--force", *renewed)
    gone = [seen[step.service].id for step in steps if step.action == "remove"]
    if gone:
        # At the same time: each may take as long to end as it is allowed to.
        _docker("stop", *gone)
        _docker("rm", *gone)
    if renewed or gone:
        # All of them are gone before any is made: the range of one may be another's by now.
        _drop_empty_networks(project)
    if not wanted:
        return
    named = [] if project.whole else sorted(wanted)
    try:
        _compose(project, "up", "--detach", "--no-build", "--quiet-pull", "--no-recreate", *named)
    except MediaError as error:
        raise MediaError(_failures(project, wanted) or error.problems) from error


def _drop_empty_networks(project: Project) -> None:
    """Remove the project's networks that nobody is on: Compose makes them anew, as they are declared now."""
    filters = urllib.parse.quote(json.dumps({"label": [f"{containers.LABEL_COMPOSE_PROJECT}={project.name}"]}))
    for network in docker_socket.get(f"/networks?filters={filters}"):
        if not docker_socket.get(f"/networks/{network['Id']}").get("Containers"):
            _docker("network", "rm", network["Id"])


def _docker(*words: str) -> None:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise MediaError([Problem(f"docker {words[0]}", done.stderr.strip(), "a clean end")])


def _settled(container: Container) -> bool:
    """Tell whether a container is well; one without a health check has to have run for a while."""
    if not container.well or container.health:
        return container.well
    now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=SETTLED)
    return container.started_at < now.strftime("%Y-%m-%dT%H:%M:%S")


def _wait(project: Project, wanted: Mapping[str, Wanted]) -> dict[str, Container]:
    """Poll until every wanted service is well; raise when one has clearly failed, or the time is up."""
    begun = time.monotonic()
    first_restarts: dict[str, int] = {}
    unhealthy_since: dict[str, float] = {}
    while True:
        seen = containers.observe(project.name)
        now = time.monotonic()
        ill = [name for name in wanted if name not in seen or not _settled(seen[name])]
        if not ill:
            return seen
        failed = []
        for name in ill:
            container = seen.get(name)
            if container is None:
                failed.append(name)
                continue
            restarts = container.restarts - first_restarts.setdefault(name, container.restarts)
            if container.health != "unhealthy":
                unhealthy_since.pop(name, None)
            since = unhealthy_since.setdefault(name, now) if container.health == "unhealthy" else now
            if container.state in ("exited", "dead") or restarts >= RESTART_LOOP or now - since > UNHEALTHY_PATIENCE:
                failed.append(name)
        if failed or now - begun > project.timeout:
            raise MediaError([_failure(name, seen.get(name)) for name in (failed or ill)])
        time.sleep(POLL)


def _failures(project: Project, wanted: Mapping[str, Wanted]) -> list[Problem]:
    """Return a problem for each service that is there and has failed; those that only wait for it are not named."""
    seen = containers.observe(project.name)
    bad = [
        name
        for name, item in seen.items()
        if name in wanted and (item.health == "unhealthy" or item.state in ("exited", "dead", "restarting"))
    ]
    return [_failure(name, seen[name]) for name in bad]


def _failure(name: str, container: Container | None) -> Problem:
    if container is None:
        return Problem(name, "has no container", "a running container")
    parts = [f"is {container.state}" + (f" and {container.health}" if container.health else "")]
    if container.state in ("exited", "dead", "restarting"):
        parts.append(f"exit code {container.exit_code}")
    if container.last_check:
        parts.append(f"its health check says: {container.last_check.splitlines()[-1]}")
    done = subprocess.run(
        ["docker", "logs", "--tail", str(LOG_LINES), container.id],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
    )  # fmt: skip
    log = "".join(f"\n      | {line}" for line in done.stdout.splitlines())
    return Problem(name, "; ".join(parts) + "; the end of its log:" + log + "\n     ", "running and healthy")

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One look at all containers: who has a new image, who gets it, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from . import labels, recreate
from .engine import Engine, EngineError
from .labels import Inspected
from .settings import Settings

Say = Callable[[str, str], None]


@dataclass
class Status:
    """What became of one container, under the names that a template asks for."""

    name: str
    image: str
    current: str
    latest: str
    error: str = ""


@dataclass
class Report:
    """What a look has found. stale: those with a new image that they were not given."""

    scanned: list[Status] = field(default_factory=list)
    updated: list[Status] = field(default_factory=list)
    failed: list[Status] = field(default_factory=list)
    stale: list[Status] = field(default_factory=list)
    fresh: list[Status] = field(default_factory=list)
    skipped: list[Status] = field(default_factory=list)
    restarted: list[Status] = field(default_factory=list)


@dataclass
class _Due:
    container: Inspected
    image: dict[str, Any]  # that it runs
    status: Status
    stale: bool


class SkipError(Exception):
    """Why a container was passed over."""


def run(engine: Engine, told: Settings, say: Say) -> Report:
    """Look once."""
    report = Report()
    found = [one for one in engine.containers() if _counts(one, told) and labels.watched(one, told)]
    looked = []
    for container in found:
        status = Status(labels.name(container), name_of_image(container), container["Image"], container["Image"])
        try:
            one = _look(engine, container, told, status)
        except (SkipError, EngineError) as error:
            status.error = str(error)
            report.skipped.append(status)
            say("debug", f"Skipping {status.name}: {error}")
            continue
        report.scanned.append(status)
        if one.stale:
            say("info", f"Found new image container={status.name} image={status.image}")
        elif status.latest == status.current:
            report.fresh.append(status)
        looked.append(one)
    renewed = [one for one in looked if one.stale and _may(one.container, told)]
    report.stale += [one.status for one in looked if one.stale and one not in renewed]
    _renew(engine, [*renewed, *_linked(looked, renewed, told)], renewed, told, report, say)
    say(
        "info",
        f"Update session completed scanned={len(report.scanned)} updated={len(report.updated)} "
        f"failed={len(report.failed)}",
    )
    return report


def _counts(container: Inspected, told: Settings) -> bool:
    state = container["State"]["Status"]
    stopped = told.include_stopped and state in ("created", "exited")
    return state in ("running", "paused") or stopped or (told.include_restarting and state == "restarting")


def name_of_image(container: Inspected) -> str:
    """Return the name that the container was made with, with its tag."""
    name = str(container["Config"]["Image"])
    return name if ":" in name.rsplit("/", 1)[-1] else f"{name}:latest"


def _look(engine: Engine, container: Inspected, told: Settings, status: Status) -> _Due:
    """Find out whether the name of a container's image stands for another one; that is pulled, whatever follows."""
    image = engine.image(container["Image"])
    if "@sha256:" in status.image or status.image.startswith("sha256:"):
        return _Due(container, image, status, stale=False)
    if labels.is_watchtower(container):
        raise SkipError("Watchtower does not renew itself here")
    if not labels.no_pull(container, told):
        _pull(engine, status.image, image)
    status.latest = str(engine.image(status.image)["Id"])
    return _Due(container, image, status, stale=status.latest != status.current)


def _pull(engine: Engine, name: str, image: dict[str, Any]) -> None:
    """Pull if the registry has another digest under the name than those that the image is known by."""
    known = [entry.rpartition("@")[2] for entry in image.get("RepoDigests") or ()]
    try:
        if engine.digest(name) in known:
            return
    except EngineError as error:
        if not known:
            # Made here, and no registry has it.
            return
        if error.status == 404:
            return
    engine.pull(name)


def _may(container: Inspected, told: Settings) -> bool:
    return not labels.monitor_only(container, told)


def _linked(looked: Iterable[_Due], renewed: Iterable[_Due], told: Settings) -> list[_Due]:
    """Return who is restarted because somebody is that they depend on, in its own image."""
    down = {key for one in renewed for key in _keys(one.container)}
    found: list[_Due] = []
    more = True
    while more:
        more = False
        for one in looked:
            known = one in found or one in renewed or not _may(one.container, told)
            if not known and set(labels.links(one.container, told)) & down:
                found.append(one)
                down |= _keys(one.container)
                more = True
    return found


def _keys(container: Inspected) -> set[str]:
    service = labels.of(container).get("com.docker.compose.service")
    return {labels.name(container), container["Id"], *([service] if service else [])}


def _renew(engine: Engine, due: list[_Due], stale: list[_Due], told: Settings, report: Report, say: Say) -> None:
    """Stop all, then make all anew; or one after the other. What fails is told, and stays as it is then."""
    for group in [[one] for one in due] if told.rolling_restart else [due]:
        stopped = [one for one in reversed(group) if _attempt(one, report, say, lambda one: _stop(engine, one, told))]
        for one in reversed(stopped):
            if not _attempt(one, report, say, lambda one: _start(engine, one, told)):
                continue
            (report.updated if one in stale else report.restarted).append(one.status)
            say("info", f"Started new container container={one.status.name}")
            if told.cleanup and one in stale:
                _attempt(one, report, say, lambda one: engine.remove_image(one.status.current))


def _attempt(one: _Due, report: Report, say: Say, act: Callable[[_Due], None]) -> bool:
    try:
        act(one)
    except EngineError as error:
        one.status.error = str(error)
        report.failed.append(one.status)
        say("error", f"{one.status.name}: {error}")
        return False
    return True


def _stop(engine: Engine, one: _Due, told: Settings) -> None:
    if one.container["State"]["Running"]:
        engine.stop(one.container["Id"], told.timeout)
    engine.remove(one.container["Id"])


def _start(engine: Engine, one: _Due, told: Settings) -> None:
    running = one.container["State"]["Running"] and not told.no_restart
    recreate.renew(engine, one.container, one.image, start=running)

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Poll the queues, unpack what is finished and still packed, clean up once it was imported."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import extract, hooks, queue, settings
from .metrics import Metrics, serve
from .settings import App, Settings, SettingsError


def say(level: str, text: str) -> None:
    print(f"{time.strftime('%Y/%m/%d %H:%M:%S')} [{level}] {text}", flush=True)


@dataclass
class Work:
    """What became of one finished download."""

    app: App
    path: Path
    seen: float
    status: str = "waiting"
    made: list[Path] = field(default_factory=list)
    since: float = 0.0
    retries: int = 0


class Unpackerr:
    """All downloads that are known, by the application's address and their path."""

    def __init__(self, told: Settings) -> None:
        self.told, self.metrics = told, Metrics()
        self.known: dict[tuple[str, str], Work] = {}

    def poll(self, now: float) -> None:
        """Look at every queue once, and do what is due."""
        for app in self.told.apps:
            labels = (app.kind.title(), app.url)
            self.metrics.queue_sizes.setdefault(labels, 0)
            try:
                found = queue.fetch(app)
            except queue.QueueError as error:
                self.metrics.fetch_errors[labels] += 1
                say("ERROR", f"{app.kind.title()} ({app.url}): {error}")
                continue
            self.metrics.queue_sizes[labels] = found.total
            say("INFO", f"[{app.kind.title()}] Updated ({app.url}): {found.total} Items Queued")
            self._take(app, found, now)
        for work in list(self.known.values()):
            self._go_on(work, now)
        for name in ("waiting", "extracted", "failed", "imported"):
            self.metrics.gauges[name] = sum(work.status == name for work in self.known.values())

    def _take(self, app: App, found: queue.Queue, now: float) -> None:
        ready = {(app.url, item.path) for item in found.ready}
        for item in found.ready:
            path = _existing(item.path, app.paths)
            if (app.url, item.path) not in self.known and path and extract.archives(path):
                self.known[app.url, item.path] = Work(app, path, now)
        for place, work in list(self.known.items()):
            if place[0] == app.url and place not in ready:
                if work.status == "extracted":
                    work.status, work.since = "imported", now
                elif work.status != "imported":
                    del self.known[place]

    def _go_on(self, work: Work, now: float) -> None:
        if work.status == "waiting" and now - work.seen >= self.told.start_delay:
            self._extract(work, now)
        elif work.status == "failed" and now - work.since >= self.told.retry_delay:
            if work.retries < self.told.max_retries:
                work.retries += 1
                self.metrics.counters["retries"] += 1
                work.status, work.seen = "waiting", now
        elif work.status == "imported" and now - work.since >= work.app.delete_delay:
            for path in work.made:
                path.unlink(missing_ok=True)
            self.metrics.gauges["deleted"] += len(work.made)
            self.metrics.counters["finished"] += 1
            self.known = {place: other for place, other in self.known.items() if other is not work}

    def _extract(self, work: Work, now: float) -> None:
        try:
            work.made = extract.extract(work.path, self.told.file_mode, self.told.dir_mode)
        except extract.ExtractError as error:
            say("ERROR", f"Extraction Error: {error}")
            work.status, work.since = "failed", now
            self._tell("extractfailed", work, str(error))
            return
        self.metrics.bytes_written += sum(path.stat().st_size for path in work.made)
        say("INFO", f"[{work.app.kind.title()}] Extraction Finished: {work.path} ({len(work.made)} files)")
        work.status, work.since = "extracted", now
        self._tell("extracted", work, "")

    def _tell(self, event: str, work: Work, error: str) -> None:
        for hook in self.told.hooks:
            if hook.wants(event):
                failure = hooks.post(hook, event, work.app.kind.title(), str(work.path), error)
                self.metrics.counters["hook_fail" if failure else "hook_ok"] += 1
                if failure:
                    say("ERROR", failure)


def _existing(path: str, fallbacks: tuple[str, ...]) -> Path | None:
    """Return the path as the application tells it, or the same name below one of the paths that were given."""
    places = [Path(path), *(Path(folder) / Path(path).name for folder in fallbacks)]
    return next((place for place in places if place.exists()), None)


def main() -> int:
    told_to_end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: told_to_end.set())
    say("INFO", "Unpackerr v0.15.2, played by the stand-in of homelab.media's test bed")
    try:
        told = settings.read(os.environ)
    except SettingsError as error:
        say("ERROR", str(error))
        return 1
    for line in told.skipped:
        say("ERROR", line)
    for app in told.apps:
        say("INFO", f" => {app.kind.title()}: {app.url}, protocols: {','.join(app.protocols)}")
    for hook in told.hooks:
        say("INFO", f" => Webhook: {hook.name}, template: {hook.template}, events: {list(hook.events)}")
    program = Unpackerr(told)
    if told.metrics:
        serve(program.metrics, told.listen)
    while not told_to_end.is_set():
        program.poll(time.monotonic())
        told_to_end.wait(told.interval)
    return 0


if __name__ == "__main__":
    sys.exit(main())

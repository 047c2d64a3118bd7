# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look when the schedule says so, and tell of what was found."""

from __future__ import annotations

import datetime
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

from . import cron, session, settings, shoutrrr, template, web
from .engine import Engine, EngineError
from .session import Report, Status
from .settings import Settings, SettingsError
from .shoutrrr import Address, AddressError
from .template import TemplateError

VERSION = "v1.21.0"


def say(level: str, text: str) -> None:
    print(f'time="{time.strftime("%Y-%m-%dT%H:%M:%S%z")}" level={level} msg="{text}"', file=sys.stderr, flush=True)


def look(engine: Engine, told: Settings, addresses: list[Address]) -> Report:
    """Look once, and tell of it."""
    report = session.run(engine, told, say)
    message = template.render(told.template or template.DEFAULT, data(report)) if told.report else _lines(report)
    # Upstream sends what is empty to nobody.
    if message:
        tell(addresses, told.title, message)
    return report


def tell(addresses: list[Address], title: str, message: str) -> None:
    for address in addresses:
        error = shoutrrr.send(address, title, message)
        if error:
            say("error", error)


def data(report: Report) -> dict[str, Any]:
    """Return a report under the names that a template has for it."""
    groups = ("scanned", "updated", "failed", "stale", "fresh", "skipped")
    return {"Report": {name.title(): [_status(one) for one in getattr(report, name)] for name in groups}}


def _status(one: Status) -> dict[str, Any]:
    short = {"ShortID": one.current.removeprefix("sha256:")[:12]}, {"ShortID": one.latest.removeprefix("sha256:")[:12]}
    return {
        "Name": one.name, "ImageName": one.image, "CurrentImageID": short[0], "LatestImageID": short[1],
        "Error": one.error,
    }  # fmt: skip


def _lines(report: Report) -> str:
    """Return what upstream tells without a report: its own log lines."""
    lines = [f"Found new image: {one.image} ({one.latest[7:19]})" for one in [*report.stale, *report.updated]]
    lines += [f"Updated container: {one.name} ({one.image})" for one in report.updated]
    return "\n".join([*lines, *(f"{one.name}: {one.error}" for one in report.failed)])


def main(words: list[str]) -> int:
    if words == ["--health-check"]:
        return _healthy()
    if words:
        say("fatal", f"unknown flag: {words[0]}")
        return 1
    told_to_end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: told_to_end.set())
    say("info", f"Watchtower {VERSION}, played by the stand-in of homelab.media's test bed")
    try:
        told = settings.read(os.environ, socket.gethostname())
        addresses = [shoutrrr.read(url) for url in told.urls]
        template.render(told.template or template.DEFAULT, data(Report()))
    except (SettingsError, AddressError, TemplateError) as error:
        say("fatal", str(error))
        return 1
    say("info", f"Using notifications: {', '.join(one.service for one in addresses) or 'none'}")
    numbers = web.Numbers()
    if told.metrics:
        web.serve(numbers, told.api_port, told.token)
    if told.startup_message:
        tell(addresses, told.title, f"Watchtower {VERSION}")
    now = told.run_once or told.update_on_start
    while not told_to_end.is_set():
        at = datetime.datetime.now().astimezone()
        if not now and told_to_end.wait((cron.due(told.schedule, at) - at).total_seconds()):
            break
        now = False
        try:
            numbers.take(look(Engine(), told, addresses))
        except EngineError as error:
            say("error", f"Update execution failed: {error}")
        if told.run_once:
            break
    return 0


def _healthy() -> int:
    """Upstream asks no more than whether a process of its name runs beside the one that asks."""
    running = 0
    for words in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            running += b"/watchtower" in words.read_bytes().split(b"\0")[:3]
        except OSError:
            continue
    return 0 if running > 1 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

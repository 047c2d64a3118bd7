# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands: queued, run one after another, and asked for by number."""

from __future__ import annotations

import queue
import threading
import traceback
from collections.abc import Callable
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Optional

from .errors import not_found, refused
from .web import Request, Response, answer, created

if TYPE_CHECKING:
    from .program import Program

Work = Callable[[dict[str, Any]], Optional[str]]
CLOCK_SECONDS = 3


def now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class Commands:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.works: dict[str, Work] = {}
        self.every: list[str] = []  # what the clock runs by itself
        self._items: dict[int, dict[str, Any]] = {}
        self._queue: queue.Queue[int] = queue.Queue()
        self._lock = threading.Lock()

    def set_up(self) -> None:
        path, routes = f"{self.program.app.root}/command", self.program.routes
        routes.add("GET", path, lambda request: answer([_shown(item) for item in self._items.values()]))
        routes.add("GET", path + "/{id}", self._get)
        routes.add("POST", path, self._post)
        routes.add("DELETE", path + "/{id}", lambda request, number: answer({}))
        threading.Thread(target=self._work, daemon=True).start()

    def start_clock(self) -> None:
        threading.Thread(target=self._tick, daemon=True).start()

    def _tick(self) -> None:
        seconds = self.program.switch("STAND_IN_CLOCK_SECONDS", CLOCK_SECONDS)
        while not self.program.ended.wait(seconds):
            for name in self.every:
                self._run_quietly(name, {})

    def _get(self, request: Request, number: int) -> Response:
        if number not in self._items:
            raise not_found()
        return answer(_shown(self._items[number]))

    def _post(self, request: Request) -> Response:
        body = request.json()
        name = str(body.get("name") or "") if isinstance(body, dict) else ""
        known = {work.lower(): work for work in self.works}
        if name.lower() not in known:
            raise refused(400, f"Unknown command '{name}'")
        return created(self.push(known[name.lower()], body))

    def push(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """Queue a command; the same one that is queued already is not queued twice."""
        with self._lock:
            for item in self._items.values():
                if item["name"] == name and item["status"] == "queued" and item["_asked"] == body:
                    return _shown(item)
            number = len(self._items) + 1
            item = {
                "id": number,
                "name": name,
                "commandName": name,
                "_asked": body,
                "body": {"name": name, "sendUpdatesToClient": True, "trigger": "manual"},
                "priority": "normal",
                "status": "queued",
                "queued": now(),
                "trigger": "manual",
                "stateChangeTime": now(),
                "sendUpdatesToClient": True,
                "updateScheduledTask": True,
                **({} if self.program.app.is_prowlarr else {"result": "unknown"}),
            }
            self._items[number] = item
        self._queue.put(number)
        return _shown(item)

    def _work(self) -> None:
        while True:
            item = self._items[self._queue.get()]
            item.update(status="started", started=now())
            result, message = self._run_quietly(item["name"], item["_asked"])
            item.update(status="completed" if result else "failed", ended=now(), message=message)
            if "result" in item:
                item["result"] = "successful" if result else "unsuccessful"
            if not result:
                item["exception"] = message

    def _run_quietly(self, name: str, body: dict[str, Any]) -> tuple[bool, str]:
        try:
            return True, self.works[name](body) or "Completed"
        except Exception as error:
            self.program.log.error(name, traceback.format_exc())
            return False, str(error)

    def sync_after(self, kind: str, definition: dict[str, Any], deleted: bool) -> None:
        """Prowlarr: a change of an indexer or application goes to the applications at once."""
        work = self.works.get("ApplicationIndexerSync")
        if work and kind in ("indexer", "applications", "appprofile"):
            self.push("ApplicationIndexerSync", {"changed": kind, "id": definition["id"], "deleted": deleted})


def _shown(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name != "_asked"}

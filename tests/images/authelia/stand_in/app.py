# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that requests share, brought up in upstream's order, each part checked before a port opens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from . import VERSION, notifier
from .access import Rules
from .config import Config
from .database import DatabaseError
from .log import Log
from .metrics import Metrics
from .notifier import NotifierError
from .redis import RedisError
from .regulation import Regulation
from .sessions import Sessions
from .storage import SCHEMA, Storage, StorageError
from .users import Users, UsersError

_LOOK_EVERY = 0.2  # seconds; upstream is told by the kernel


class StartError(Exception):
    """The program cannot start; the log says why."""


class App:
    def __init__(self, config: Config, log: Log) -> None:
        self.config = config
        self.log = log
        self.metrics = Metrics()
        self.rules = Rules(config)
        self.sessions = Sessions(config)
        self.users = Users(config)
        self.notifier = notifier.make(config)
        self._ended = threading.Event()
        log("info", f"Authelia {VERSION} is starting, played by the stand-in of homelab.media's test bed")
        log("info", f"Log severity set to {config.get('log.level')}")
        failures = [name for name, check in self._checks() if not self._passes(name, check)]
        if failures:
            log("fatal", f"The following providers had fatal failures during startup: {', '.join(failures)}")
            raise StartError
        self.regulation = Regulation(config, self.storage)
        if self.users.watched:
            threading.Thread(target=self._watch, daemon=True).start()

    def _checks(self) -> Iterator[tuple[str, Callable[[], None]]]:
        yield "storage", self._open_storage
        yield "user", self.users.load
        if not self.config.flag("notifier.disable_startup_check"):
            yield "notification", self.notifier.check
        if self.sessions.redis:
            yield "session", self.sessions.redis.ping

    def _passes(self, name: str, check: Callable[[], None]) -> bool:
        try:
            check()
        except (StorageError, DatabaseError, UsersError, NotifierError, RedisError, OSError) as error:
            self.log("error", "Error occurred running a startup check", error=error, provider=name)
            return False
        return True

    def _open_storage(self) -> None:
        self.storage = Storage(self.config)
        self.log("info", "Storage schema is being checked for updates")
        before = self.storage.migrate()
        if before == SCHEMA:
            self.log("info", "Storage schema is already up to date")
        else:
            self.log("info", f"Storage schema migration from {before} to {SCHEMA} is complete")
        self.storage.check_key()

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_EVERY):
            if self.users.changed():
                about = {"file": self.users.file, "service": "watcher", "watcher": "users"}
                try:
                    self.users.load()
                except UsersError as error:
                    self.log("error", "Error occurred during reload", error=error, **about)
                else:
                    self.log("info", "Reloaded successfully", **about)

    def close(self) -> None:
        self._ended.set()
        self.storage.close()
        if self.sessions.redis:
            self.sessions.redis.close()

    @property
    def methods(self) -> list[str]:
        """The second factors that users may have; none while no rule asks for one."""
        if not self.rules.second_factor:
            return []
        return [name for name in ("totp", "webauthn") if not self.config.flag(f"{name}.disable")]

    def attempted(self, good: bool, banned: bool, kind: str) -> None:
        if kind == "1FA":
            self.metrics.count("authelia_authn", success=good, banned=banned)
        else:
            self.metrics.count("authelia_authn_second_factor", success=good, banned=banned, type=kind)

    def tell(self, name: str, subject: str, body: str) -> None:
        """Send a notice. That it does not go out undoes nothing."""
        user = self.users.find(name)
        if user:
            try:
                self.notifier.send(user.display, user.email, subject, f"Hi {user.display},\n\n{body}\n")
            except NotifierError as error:
                self.log("error", "Failed to send notification to user", error=error, username=name)

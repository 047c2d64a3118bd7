# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who failed too often is banned for a while: users, addresses, or both."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from .config import Config
from .storage import Storage

REASON = "Exceeding Maximum Retries"


@dataclass(frozen=True)
class Banned:
    """What is banned and until when."""

    value: str
    expires: float | None

    @property
    def until(self) -> str:
        if self.expires is None:
            return "never expires"
        when = datetime.fromtimestamp(self.expires).astimezone()
        zone = f"{when:%z}"
        return f"{when:%-I:%M:%S%p on %B %-d %Y} ({zone[:3]}:{zone[3:]})"


class Regulation:
    def __init__(self, config: Config, storage: Storage) -> None:
        self._modes = config.texts("regulation.modes")
        self._retries = config.number("regulation.max_retries")
        self._find = config.seconds("regulation.find_time")
        self._ban = config.seconds("regulation.ban_time")
        self._storage = storage

    def banned(self, name: str, ip: str) -> Banned | None:
        """Say whether an address or a user is banned, whatever made the ban: regulation, or a person."""
        now = time.time()
        for kind, value in (("ip", ip), ("user", name)):
            if value and (found := self._storage.bans(kind, now, value)):
                return Banned(value, found[0].expires)
        return None

    def note(self, good: bool, banned: bool, name: str, kind: str, ip: str, uri: str, method: str) -> None:
        """Keep an attempt, and ban who has failed too often."""
        now = time.time()
        self._storage.attempt(now, good, banned, name, kind, ip, uri[:512], method[:8])
        if good or banned or self._retries <= 0:
            return
        for mode, column, value in (("ip", "remote_ip", ip), ("user", "username", name)):
            if mode in self._modes and value and self._too_often(column, value, now):
                self._storage.ban(mode, value, now + self._ban, "regulation", REASON)

    def _too_often(self, column: str, value: str, now: float) -> bool:
        failures = 0
        for _when, good in self._storage.attempts(column, value, now - self._find, self._retries):
            if good:
                break
            failures += 1
        return failures >= self._retries

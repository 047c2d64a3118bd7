# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings: a TOML file, the environment over it, and values that are the path of a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomllib

from .hooks import EVENTS, TEMPLATES, Hook, guessed

KINDS = ("sonarr", "radarr", "lidarr", "readarr", "whisparr")
KEY_LENGTH = 32
DEFAULT_FILE = "/config/unpackerr.conf"
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")


class SettingsError(Exception):
    """A setting that ends the start."""


@dataclass(frozen=True)
class App:
    """One application whose queue is polled."""

    kind: str
    url: str
    api_key: str
    protocols: tuple[str, ...]
    paths: tuple[str, ...]
    timeout: float
    delete_delay: float
    delete_orig: bool


@dataclass(frozen=True)
class Settings:
    """Everything that is told. skipped: applications that lack an address or a key, as a line for the log."""

    apps: tuple[App, ...]
    skipped: tuple[str, ...]
    interval: float
    start_delay: float
    retry_delay: float
    max_retries: int
    file_mode: int
    dir_mode: int
    metrics: bool
    listen: str
    hooks: tuple[Hook, ...] = ()


def read(environment: Mapping[str, str]) -> Settings:
    """Return the settings of this start."""
    path = Path(environment.get("UN_CONFIG_FILE") or DEFAULT_FILE)
    table: dict[str, Any] = {}
    if path.exists():
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, OSError) as error:
            raise SettingsError(f"{path}: {error}") from None
    elif environment.get("UN_CONFIG_FILE"):
        raise SettingsError(f"{path}: no such file")
    reader = _Reader(environment)
    apps: list[App] = []
    skipped: list[str] = []
    for kind in KINDS:
        _take_apps(kind, table.get(kind, []), reader, apps, skipped)
    web = table.get("webserver", {})
    return Settings(
        apps=tuple(apps),
        skipped=tuple(skipped),
        interval=reader.duration(table, "interval", "2m"),
        start_delay=reader.duration(table, "start_delay", "1m"),
        retry_delay=reader.duration(table, "retry_delay", "5m"),
        max_retries=reader.number(table, "max_retries", 3),
        file_mode=reader.mode(table, "file_mode", "0644"),
        dir_mode=reader.mode(table, "dir_mode", "0755"),
        metrics=reader.switch(web, "metrics", False, "WEBSERVER_"),
        listen=reader.text(web, "listen_addr", "0.0.0.0:5656", "WEBSERVER_"),
        hooks=tuple(_hooks(table.get("webhook", []), reader)),
    )


def _hooks(tables: Any, reader: _Reader) -> list[Hook]:
    if not isinstance(tables, list):
        raise SettingsError("webhook has to be an array of tables: [[webhook]]")
    found = []
    for index, table in enumerate(tables):
        prefix = f"WEBHOOK_{index}_"
        url = reader.text(table, "url", "", prefix)
        if not url:
            raise SettingsError("webhook without a URL configured; fix it")
        events = table.get("events") or [0]
        if not isinstance(events, list) or any(type(one) is not int or not 0 <= one < len(EVENTS) for one in events):
            raise SettingsError(f"webhook: events: {events!r} are no event ids")
        template = reader.text(table, "template", "", prefix).lower()
        if template not in ("", *TEMPLATES):
            raise SettingsError(f"webhook: the template {template} is not played by this stand-in")
        found.append(
            Hook(
                # Without a name, upstream logs the address.
                name=reader.text(table, "name", url, prefix),
                url=url,
                template=template or guessed(url),
                nickname=reader.text(table, "nickname", "Unpackerr", prefix),
                events=tuple(events),
                timeout=reader.duration(table, "timeout", "10s", prefix),
            )
        )
    return found


def _take_apps(kind: str, tables: Any, reader: _Reader, apps: list[App], skipped: list[str]) -> None:
    if not isinstance(tables, list):
        raise SettingsError(f"{kind} has to be an array of tables: [[{kind}]]")
    for index in range(max(len(tables), reader.count(kind))):
        table = tables[index] if index < len(tables) else {}
        prefix = f"{kind.upper()}_{index}_"
        url, key = reader.text(table, "url", "", prefix), reader.text(table, "api_key", "", prefix)
        if not url or not key:
            skipped.append(f"Missing {kind.title()} URL or API key in one of your configurations, skipped and ignored.")
            continue
        if len(key) != KEY_LENGTH:
            raise SettingsError(f"{kind.title()} ({url}) API key must be {KEY_LENGTH} characters, not {len(key)}")
        apps.append(
            App(
                kind=kind,
                url=url.rstrip("/"),
                api_key=key,
                protocols=_words(reader.text(table, "protocols", "torrent,TorrentDownloadProtocol", prefix)),
                paths=tuple(table.get("paths") or reader.listed(prefix + "PATHS")),
                timeout=reader.duration(table, "timeout", "10s", prefix),
                delete_delay=reader.duration(table, "delete_delay", "5m", prefix),
                delete_orig=reader.switch(table, "delete_orig", False, prefix),
            )
        )


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


class _Reader:
    """Looks a setting up in the environment first."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment

    def count(self, kind: str) -> int:
        """Return how many applications of a kind the environment tells of."""
        found = [re.match(rf"UN_{kind.upper()}_(\d+)_", name) for name in self.environment]
        return max((int(match[1]) + 1 for match in found if match), default=0)

    def listed(self, name: str) -> list[str]:
        names = (f"UN_{name}_{index}" for index in range(100))
        return [self.environment[name] for name in names if self.environment.get(name)]

    def _raw(self, table: Mapping[str, Any], key: str, default: Any, prefix: str) -> Any:
        value = self.environment.get(f"UN_{prefix}{key.upper()}") or table.get(key, default)
        if isinstance(value, str) and value.startswith("filepath:"):
            try:
                return Path(value.removeprefix("filepath:")).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise SettingsError(f"{prefix}{key.upper()}: {error}") from None
        return value

    def text(self, table: Mapping[str, Any], key: str, default: str, prefix: str = "") -> str:
        value = self._raw(table, key, default, prefix)
        if not isinstance(value, str):
            raise SettingsError(f"{key}: incompatible types: a {type(value).__name__} where a text is due")
        return value

    def number(self, table: Mapping[str, Any], key: str, default: int, prefix: str = "") -> int:
        value = self._raw(table, key, default, prefix)
        try:
            # In the file it has to be a number; in the environment everything is text.
            return int(value) if f"UN_{prefix}{key.upper()}" in self.environment else _exactly(value, int)
        except (TypeError, ValueError):
            raise SettingsError(f"{key}: {value!r} is no number") from None

    def switch(self, table: Mapping[str, Any], key: str, default: bool, prefix: str = "") -> bool:
        value = self._raw(table, key, default, prefix)
        if isinstance(value, bool):
            return value
        if f"UN_{prefix}{key.upper()}" in self.environment and str(value).lower() in ("1", "t", "true", "yes"):
            return True
        if f"UN_{prefix}{key.upper()}" in self.environment and str(value).lower() in ("0", "f", "false", "no"):
            return False
        raise SettingsError(f"{key}: {value!r} is no boolean")

    def duration(self, table: Mapping[str, Any], key: str, default: str, prefix: str = "") -> float:
        """Return a Go duration in seconds."""
        text = self.text(table, key, default, prefix)
        if text != "0" and ("".join(number + unit for number, unit in _DURATION.findall(text)) != text or not text):
            raise SettingsError(f'{key}: time: invalid duration "{text}"')
        return float(sum(float(number) * _UNITS[unit] for number, unit in _DURATION.findall(text)))

    def mode(self, table: Mapping[str, Any], key: str, default: str) -> int:
        text = self.text(table, key, default)
        if not re.fullmatch(r"0?[0-7]{3}", text):
            raise SettingsError(f"{key}: {text!r} is no file mode")
        return int(text, 8)


def _exactly(value: Any, wanted: type) -> Any:
    if type(value) is not wanted:
        raise TypeError
    return value

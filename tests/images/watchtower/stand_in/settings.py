# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings: the environment as upstream reads it, and values that are the path of a file.

Upstream passes over a variable that it does not know. Here it ends the start: in a test, it is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import cron

#: Every variable of upstream's that begins so, and is played here or has no effect on what is.
_PLAYED = """
CLEANUP DISABLE_CONTAINERS HTTP_API_ENDPOINTS HTTP_API_HOST HTTP_API_METRICS HTTP_API_PORT HTTP_API_TOKEN
INCLUDE_RESTARTING INCLUDE_STOPPED LABEL_ENABLE LABEL_TAKE_PRECEDENCE LOG_FORMAT LOG_LEVEL MONITOR_ONLY
NOTIFICATIONS_HOSTNAME NOTIFICATIONS_LEVEL NOTIFICATION_REPORT NOTIFICATION_SKIP_TITLE NOTIFICATION_TEMPLATE
NOTIFICATION_TITLE_TAG NOTIFICATION_URL NO_PULL NO_RESTART NO_STARTUP_MESSAGE POLL_INTERVAL ROLLING_RESTART RUN_ONCE
SCHEDULE SCOPE TIMEOUT UPDATE_ON_START USE_COMPOSE_DEPENDS_ON
"""
KNOWN = frozenset(f"WATCHTOWER_{name}" for name in _PLAYED.split())

LEVELS = ("panic", "fatal", "error", "warn", "info", "debug", "trace")
EVERY_DAY = 86400
_TRUE, _FALSE = ("1", "t", "T", "TRUE", "true", "True"), ("", "0", "f", "F", "FALSE", "false", "False")
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")


class SettingsError(Exception):
    """A setting that ends the start."""


@dataclass(frozen=True)
class Settings:
    """Everything that is told."""

    schedule: str
    run_once: bool
    update_on_start: bool
    label_enable: bool
    label_precedence: bool
    monitor_only: bool
    no_pull: bool
    no_restart: bool
    cleanup: bool
    rolling_restart: bool
    include_stopped: bool
    include_restarting: bool
    compose_depends_on: bool
    timeout: float
    scope: str
    disabled: tuple[str, ...]
    metrics: bool
    api_port: int
    token: str
    urls: tuple[str, ...]
    report: bool
    template: str
    title: str
    startup_message: bool


def read(environment: Mapping[str, str], hostname: str = "") -> Settings:
    """Return the settings of this start."""
    unknown = [name for name in environment if name.startswith("WATCHTOWER_") and name not in KNOWN]
    if unknown:
        raise SettingsError(f"{', '.join(sorted(unknown))}: not known, or not played by this stand-in")
    reader = _Reader(environment)
    schedule, interval = reader.text("SCHEDULE"), reader.number("POLL_INTERVAL", EVERY_DAY)
    if schedule and interval != EVERY_DAY:
        raise SettingsError("Cannot define both interval and schedule")
    try:
        cron.parse(schedule or f"@every {interval}s")
    except ValueError as error:
        raise SettingsError(f"Failed to schedule updates: {error}") from None
    for name, known in (("NOTIFICATIONS_LEVEL", LEVELS), ("LOG_LEVEL", LEVELS)):
        if reader.text(name, "info") not in known:
            raise SettingsError(f"WATCHTOWER_{name}: not a valid level: {reader.text(name)!r}")
    endpoints = set(reader.words("HTTP_API_ENDPOINTS"))
    if endpoints - {"metrics"}:
        raise SettingsError("WATCHTOWER_HTTP_API_ENDPOINTS: only metrics is played by this stand-in")
    metrics, token = reader.switch("HTTP_API_METRICS") or bool(endpoints), reader.secret("HTTP_API_TOKEN")
    if metrics and not token:
        raise SettingsError("api token is empty or has not been set. exiting")
    title = " ".join(
        word
        for word in (
            f"[{reader.text('NOTIFICATION_TITLE_TAG')}]" if reader.text("NOTIFICATION_TITLE_TAG") else "",
            f"Watchtower updates on {reader.text('NOTIFICATIONS_HOSTNAME') or hostname}",
        )
        if word
    )
    return Settings(
        schedule=schedule or f"@every {interval}s",
        run_once=reader.switch("RUN_ONCE"),
        update_on_start=reader.switch("UPDATE_ON_START"),
        label_enable=reader.switch("LABEL_ENABLE"),
        label_precedence=reader.switch("LABEL_TAKE_PRECEDENCE"),
        monitor_only=reader.switch("MONITOR_ONLY"),
        no_pull=reader.switch("NO_PULL"),
        no_restart=reader.switch("NO_RESTART"),
        cleanup=reader.switch("CLEANUP"),
        rolling_restart=reader.switch("ROLLING_RESTART"),
        include_stopped=reader.switch("INCLUDE_STOPPED"),
        include_restarting=reader.switch("INCLUDE_RESTARTING"),
        compose_depends_on=reader.switch("USE_COMPOSE_DEPENDS_ON", True),
        timeout=reader.duration("TIMEOUT", 30),
        scope=reader.text("SCOPE"),
        disabled=tuple(reader.words("DISABLE_CONTAINERS")),
        metrics=metrics,
        api_port=reader.number("HTTP_API_PORT", 8080),
        token=token,
        urls=tuple(reader.urls("NOTIFICATION_URL")),
        report=reader.switch("NOTIFICATION_REPORT"),
        template=reader.text("NOTIFICATION_TEMPLATE"),
        title="" if reader.switch("NOTIFICATION_SKIP_TITLE") else title,
        startup_message=not reader.switch("NO_STARTUP_MESSAGE"),
    )


class _Reader:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment

    def text(self, name: str, default: str = "") -> str:
        return self.environment.get(f"WATCHTOWER_{name}", "") or default

    def words(self, name: str) -> list[str]:
        return [word for word in re.split("[, ]+", self.text(name)) if word]

    def _parsed(self, name: str, parse: Callable[[str], Any], default: Any) -> Any:
        text = self.text(name)
        try:
            return parse(text) if text else default
        except (ValueError, KeyError):
            raise SettingsError(f"WATCHTOWER_{name}: {text!r} cannot be read") from None

    def number(self, name: str, default: int) -> int:
        return int(self._parsed(name, int, default))

    def switch(self, name: str, default: bool = False) -> bool:
        text = self.text(name)
        if text in _TRUE or text in _FALSE:
            return text in _TRUE if text else default
        raise SettingsError(f"WATCHTOWER_{name}: {text!r} is no boolean")

    def duration(self, name: str, default: float) -> float:
        def parse(text: str) -> float:
            if re.fullmatch(r"\d+(\.\d+)?", text):
                return float(text)
            found = _DURATION.findall(text)
            if "".join(number + unit for number, unit in found) != text:
                raise ValueError
            return float(sum(float(number) * _UNITS[unit] for number, unit in found))

        return float(self._parsed(name, parse, default))

    def secret(self, name: str) -> str:
        """Return a value, or what is in the file that it names."""
        value = self.text(name)
        return _file(name, value).strip() if _is_file(value) else value

    def urls(self, name: str) -> list[str]:
        """Return addresses: those given, or one from each line of a file."""
        found: list[str] = []
        for value in split_urls(self.text(name)):
            lines = _file(name, value).splitlines() if _is_file(value) else [value]
            found += [line.strip() for line in lines if line.strip()]
        return found


def split_urls(value: str) -> list[str]:
    """Split as upstream does: at spaces, and at a comma if an address follows; else it belongs to the one before."""
    found: list[str] = []
    for comma, text in re.findall(r"([, ]*)([^, ]+)", value):
        if comma.endswith(",") and found and "://" not in text:
            found[-1] += f",{text}"
        else:
            found.append(text)
    return found


def _is_file(value: str) -> bool:
    return bool(value) and ":" not in value and Path(value).exists()


def _file(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"WATCHTOWER_{name}: failed to open secret file: {error.strerror}") from None

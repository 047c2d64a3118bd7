# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Exportarr is told: one command, options, and variables; an option wins over its variable."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

KINDS = {"sonarr": "v3", "radarr": "v3", "lidarr": "v1", "readarr": "v1", "prowlarr": "v1"}
_ALIASES = {"s": "sonarr", "r": "radarr", "b": "readarr", "p": "prowlarr"}
_LEVELS = ("debug", "info", "warn", "error", "dpanic", "panic", "fatal")
_TEXTS = (
    *("log-level", "log-format", "url", "api-key", "api-key-file", "interface", "port"),
    *("auth-username", "auth-password", "config"),
)
_SWITCHES = ("disable-ssl-verify", "form-auth", "enable-unknown-queue-items", "enable-additional-metrics")
_SHORT = {"l": "log-level", "u": "url", "a": "api-key", "i": "interface", "p": "port", "c": "config"}
# Names that older versions had.
_OLD = {
    "apikey": "api-key",
    "apikey-file": "api-key-file",
    "basic-auth-username": "auth-username",
    "basic-auth-password": "auth-password",
}
_TRUE, _FALSE = ("1", "t", "T", "TRUE", "true", "True"), ("0", "f", "F", "FALSE", "false", "False")


class SettingsError(Exception):
    """Upstream would not start with this."""


@dataclass(frozen=True)
class Settings:
    kind: str
    url: str
    api_key: str
    interface: str
    port: int
    verify_tls: bool
    unknown_queue_items: bool
    additional_metrics: bool
    user: str
    password: str
    backfill: bool

    @property
    def api(self) -> str:
        return f"{self.url.rstrip('/')}/api/{KINDS[self.kind]}"


def read(arguments: list[str], environment: Mapping[str, str]) -> Settings:
    kind, options = _command_line(arguments)
    given = {"log-level": "info", "log-format": "console", "port": "8081", "interface": "0.0.0.0"}
    for name, value in environment.items():
        name = name.lower().replace("__", ".").replace("_", "-")
        given[_OLD.get(name, name)] = value
    given.update(options)
    if given.get("api-key-file"):
        given["api-key"] = _key(given["api-key-file"])
    for name in ("config", "prowlarr.backfill-since-date"):
        if given.get(name):
            raise SettingsError(f"{name}: the stand-in does not play this")
    _check(given)
    return Settings(
        kind=kind,
        url=given["url"],
        api_key=given["api-key"],
        interface=given["interface"],
        port=int(given["port"]),
        verify_tls=not _switch(given, "disable-ssl-verify"),
        unknown_queue_items=_switch(given, "enable-unknown-queue-items"),
        additional_metrics=_switch(given, "enable-additional-metrics"),
        user=given.get("auth-username", ""),
        password=given.get("auth-password", ""),
        backfill=_switch(given, "prowlarr.backfill"),
    )


def _command_line(arguments: list[str]) -> tuple[str, dict[str, str]]:
    kind, options, rest = "", {}, list(arguments)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.lstrip("-").partition("=")
        if not word.startswith("-"):
            if kind:
                raise SettingsError(f'unknown command "{word}" for "exportarr {kind}"')
            kind = _ALIASES.get(word, word)
            continue
        if not word.startswith("--"):
            name = _SHORT.get(name, "")
        name = {"backfill": "prowlarr.backfill"}.get(name, _OLD.get(name, name))
        if name in (*_SWITCHES, "prowlarr.backfill"):
            options[name] = value if equals else "true"
        elif name not in _TEXTS:
            raise SettingsError(f"unknown flag: {word}")
        elif not equals and not rest:
            raise SettingsError(f"flag needs an argument: {word}")
        else:
            options[name] = value if equals else rest.pop(0)
    if kind not in KINDS:
        raise SettingsError(f'unknown command "{kind}" for "exportarr"; the stand-in knows {", ".join(KINDS)}')
    return kind, options


def _key(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"couldn't Read API Key file open {file}: {error.strerror}") from None


def _check(given: Mapping[str, str]) -> None:
    """Say everything that is wrong. No value is repeated: it may be the key, where it does not belong."""
    wrong = []
    if given["log-level"] not in _LEVELS:
        wrong.append(f"log-level must be one of: {', '.join(_LEVELS)}")
    if given["log-format"] not in ("console", "json"):
        wrong.append("log-format must be in the list [console json]")
    if not re.fullmatch(r"\d+", given["port"]) or not 0 < int(given["port"]) < 65536:
        wrong.append("port is required, and is a number")
    try:
        ipaddress.ip_address(given["interface"])
    except ValueError:
        wrong.append("interface must be an IP address")
    place = urlsplit(given.get("url", ""))
    if place.scheme not in ("http", "https") or not place.hostname:
        wrong.append("url is required, and is a full URL")
    if not re.fullmatch(r"[a-zA-Z0-9]{20,32}", given.get("api-key", "")):
        wrong.append("api-key must be a 20-32 character alphanumeric string")
    user, password = given.get("auth-username"), given.get("auth-password")
    if password and not user:
        wrong.append("auth-username is required when auth-password is set")
    if user and not password:
        wrong.append("auth-password is required when auth-username is set")
    if _switch(given, "form-auth"):
        wrong.append("form-auth: the stand-in does not play this")
    if wrong:
        raise SettingsError("\n".join(wrong))


def _switch(given: Mapping[str, str], name: str) -> bool:
    value = given.get(name) or "false"
    if value not in (*_TRUE, *_FALSE):
        raise SettingsError(f"'{name}' cannot parse value as 'bool': invalid syntax")
    return value in _TRUE

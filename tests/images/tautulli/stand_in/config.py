# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""config.ini, and the environment that wins over it and is never written to it."""

from __future__ import annotations

import secrets
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import passwords

VERSION = 22  # of the file's form
SECTIONS = ("General", "PMS", "Monitoring", "Newsletter", "Advanced", "Cloudinary")


@dataclass(frozen=True)
class Key:
    name: str
    section: str
    default: Any


_ALL = (
    Key("api_enabled", "General", 1),
    Key("api_key", "General", ""),
    Key("check_github", "General", 1),
    Key("config_version", "General", 0),
    Key("first_run_complete", "General", 0),
    Key("http_base_url", "General", ""),
    Key("http_hashed_password", "General", 0),
    Key("http_host", "General", "0.0.0.0"),
    Key("http_password", "General", ""),
    Key("http_port", "General", 8181),
    Key("http_proxy", "General", 0),
    Key("http_rate_limit_attempts", "General", 10),
    Key("http_rate_limit_attempts_interval", "General", 300),
    Key("http_rate_limit_lockout_time", "General", 300),
    Key("http_root", "General", ""),
    Key("http_username", "General", ""),
    Key("launch_browser", "General", 1),
    Key("log_blacklist", "General", 1),
    Key("pms_identifier", "PMS", ""),
    Key("pms_ip", "PMS", "127.0.0.1"),
    Key("pms_is_remote", "PMS", 0),
    Key("pms_name", "PMS", ""),
    Key("pms_port", "PMS", 32400),
    Key("pms_ssl", "PMS", 0),
    Key("pms_token", "PMS", ""),
    Key("pms_url", "PMS", ""),
    Key("pms_url_manual", "PMS", 0),
    Key("pms_uuid", "PMS", ""),
    Key("refresh_libraries_interval", "Monitoring", 12),
    Key("refresh_users_interval", "Monitoring", 12),
    Key("jwt_secret", "Advanced", ""),
)
KEYS = {key.name: key for key in _ALL}


def parse(text: str) -> dict[str, dict[str, str]]:
    """Return the sections of a file, with values out of their quotes."""
    found: dict[str, dict[str, str]] = {}
    section = found.setdefault("", {})
    for line in (line.strip() for line in text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = found.setdefault(line[1:-1].strip(), {})
        elif "=" in line and not line.startswith("#"):
            name, _equals, value = line.partition("=")
            value = value.strip()
            if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
                value = value[1:-1]
            section[name.strip()] = value
    return found


class Config:
    def __init__(self, file: Path, environment: Mapping[str, str]) -> None:
        self.file = file
        self._lock = threading.Lock()
        self._sections = parse(file.read_text(encoding="utf-8")) if file.exists() else {}
        self._environment = {
            name: value
            for name in KEYS
            if (value := environment.get(f"TAUTULLI_{name.upper()}", "")) != ""  # empty is as good as not there
        }
        self._begin()

    def __getitem__(self, name: str) -> Any:
        """Return the value in force."""
        if name in self._environment:
            return _typed(KEYS[name], self._environment[name])
        return self.stored(name)

    def stored(self, name: str) -> Any:
        key = KEYS[name]
        text = self._sections.get(key.section, {}).get(name)
        return key.default if text is None else _typed(key, text)

    def store(self, **values: Any) -> None:
        with self._lock:
            for name, value in values.items():
                self._sections.setdefault(KEYS[name].section, {})[name] = str(value)
            self._write()

    @property
    def pms_url(self) -> str:
        scheme = "https" if self["pms_ssl"] else "http"
        return f"{scheme}://{self['pms_ip']}:{self['pms_port']}"

    def _begin(self) -> None:
        """Do what every start does: fill in what is missing, hash a password that is not, and write the file."""
        values: dict[str, Any] = {name: self.stored(name) for name in KEYS}
        if not values["config_version"] and values["http_password"] and not values["http_hashed_password"]:
            values["http_password"] = passwords.hashed(str(values["http_password"]))
            values["http_hashed_password"] = 1
        values["config_version"] = VERSION
        values["jwt_secret"] = values["jwt_secret"] or secrets.token_hex(16)
        values["pms_uuid"] = values["pms_uuid"] or uuid.uuid4().hex
        values["api_key"] = values["api_key"] or secrets.token_hex(16)
        values["pms_url"] = self.pms_url
        self.store(**values)

    def _write(self) -> None:
        lines = []
        for section in [*SECTIONS, *(name for name in self._sections if name not in ("", *SECTIONS))]:
            lines.append(f"[{section}]")
            lines += [f"{name} = {_quoted(value)}" for name, value in sorted(self._sections.get(section, {}).items())]
        beside = self.file.with_suffix(".ini.new")
        beside.write_text("\n".join(lines) + "\n", encoding="utf-8")
        beside.rename(self.file)


def _typed(key: Key, text: str) -> Any:
    if not isinstance(key.default, int):
        return text
    try:
        return int(text)
    except ValueError:
        return key.default


def _quoted(value: str) -> str:
    return f'"{value}"' if value == "" or set(value) & set(" ,#'\t") else value

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Organizr's configuration: a file in PHP's words over upstream's defaults, of which this knows a part."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from .answers import Refused

#: Of upstream's api/config/default.php.
DEFAULTS: dict[str, Any] = {
    "branch": "v2-master",
    "authType": "internal",
    "authProxyEnabled": False,
    "authProxyHeaderName": "",
    "authProxyHeaderNameEmail": "",
    "authProxyWhitelist": "",
    "authProxyOverrideLogout": False,
    "authProxyLogoutURL": "",
    "hideRegistration": False,
    "title": "Organizr V2",
    "theme": "Organizr",
    "style": "dark",
    "unsortedTabs": "top",
    "rememberMe": True,
    "rememberMeDays": "7",
    "minimalLoginScreen": False,
    "pingAuth": "1",
    "registrationPassword": "",
    "organizrHash": "",
    "organizrAPI": "",
    "uuid": "",
    "dbLocation": "",
    "dbName": "",
    "driver": "sqlite3",
    "license": "",
}
_LINE = re.compile(r"^\t'([^']+)' => (true|false|'((?:[^'\\]|\\.)*)'|-?\d+),?$")


class Config:
    def __init__(self, file: Path) -> None:
        self.file = file

    @property
    def is_there(self) -> bool:
        return self.file.is_file()

    def values(self) -> dict[str, Any]:
        return {**DEFAULTS, **_read(self.file)}

    def write(self, values: dict[str, Any]) -> None:
        """Write the file anew, as upstream does each time: what was there becomes config.bak.php."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"\t'{name}' => {_php(value)}" for name, value in sorted(values.items())]
        if self.is_there:
            self.file.replace(self.file.with_name("config.bak.php"))
        self.file.write_text("<?php\nreturn [\n" + ",\n".join(lines) + "\n];", encoding="utf-8")

    def update(self, body: Any) -> None:
        """Take settings. Upstream keeps any name and any type; here both have to be as in the defaults."""
        if not isinstance(body, dict) or not body:
            raise Refused(409, "No data submitted")
        found = self.values()
        for name, value in body.items():
            if name not in DEFAULTS:
                raise Refused(422, f"stand-in: there is no setting {name}")
            value = {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
            if type(value) is not type(DEFAULTS[name]):
                wanted = type(DEFAULTS[name]).__name__
                raise Refused(422, f"stand-in: {name} is a {type(value).__name__}, not a {wanted}")
            found[name] = value
        self.write(found)


def _read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        match = _LINE.match(line)
        if match:
            found[match[1]] = _value(match[2], match[3])
    return found


def _value(text: str, inner: str | None) -> Any:
    if inner is not None:
        return re.sub(r"\\(['\\])", r"\1", inner)
    return text == "true" if text in ("true", "false") else int(text)


def _php(value: Any) -> str:
    if isinstance(value, (bool, int)):
        return str(value).lower()
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"

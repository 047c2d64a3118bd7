# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""config.xml: written when absent, completed, and cleaned of what the application does not know."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as xml

from .apps import App

# Elements with a default that are written at once; the others appear when they are set.
WRITTEN = (
    "BindAddress",
    "Port",
    "SslPort",
    "EnableSsl",
    "LaunchBrowser",
    "ApiKey",
    "AuthenticationMethod",
    "AuthenticationRequired",
    "Branch",
    "LogLevel",
    "SslCertPath",
    "SslCertPassword",
    "UrlBase",
    "InstanceName",
    "UpdateMechanism",
)
KNOWN = {
    *WRITTEN,
    *("AnalyticsEnabled", "ConsoleLogLevel", "ConsoleLogFormat", "LogDbEnabled", "LogSql", "LogRotate", "LogSizeLimit"),
    *("FilterSentryEvents", "SyslogServer", "SyslogPort", "SyslogLevel", "Theme", "UpdateAutomatically"),
    *("UpdateScriptPath", "TrustCgnatIpAddresses", "PostgresHost", "PostgresPort", "PostgresUser", "PostgresPassword"),
    *("PostgresMainDb", "PostgresLogDb"),
}


class BrokenConfig(Exception):
    """The file is there but cannot be read."""


class ConfigFile:
    def __init__(self, file: Path, app: App, overridden: Mapping[str, str]) -> None:
        self.file, self.app, self.overridden = file, app, overridden
        self._lock = threading.RLock()

    def defaults(self) -> dict[str, str]:
        app = self.app
        return {
            "BindAddress": "*",
            "Port": str(app.port),
            "SslPort": str(app.ssl_port),
            "EnableSsl": "False",
            "LaunchBrowser": "True",
            "AuthenticationMethod": "None",
            "AuthenticationRequired": "Enabled",
            "Branch": app.branch,
            "LogLevel": app.log_level,
            "SslCertPath": "",
            "SslCertPassword": "",
            "UrlBase": "",
            "InstanceName": app.name,
            "UpdateMechanism": "Docker",
        }

    def read(self) -> dict[str, str]:
        if not self.file.exists():
            return {}
        try:
            root = xml.fromstring(self.file.read_text(encoding="utf-8"))
        except (xml.ParseError, UnicodeDecodeError) as error:
            raise BrokenConfig(f"{self.file} is corrupt or invalid config file: {error}") from error
        if root.tag != "Config":
            raise BrokenConfig(f"{self.file} is an invalid config file: its root is not Config")
        return {element.tag: element.text or "" for element in root}

    def write(self, values: Mapping[str, str]) -> None:
        root = xml.Element("Config")
        for name, value in values.items():
            xml.SubElement(root, name).text = value
        xml.indent(root)
        text = xml.tostring(root, encoding="unicode", short_empty_elements=False) + "\n"
        self.file.write_text(text, encoding="utf-8")

    def complete(self) -> None:
        """Add what is missing, but nothing that the environment says."""
        with self._lock:
            values = self.read()
            wanted = {name: value for name, value in self.defaults().items() if name not in self.overridden}
            if "ApiKey" not in self.overridden:
                wanted["ApiKey"] = secrets.token_hex(16)
            self.write({**values, **{name: value for name, value in wanted.items() if name not in values}})

    def clean(self) -> None:
        """Delete every element that the application does not know."""
        with self._lock:
            values = self.read()
            self.write({name: value for name, value in values.items() if name in KNOWN})

    def set(self, changes: Mapping[str, str]) -> None:
        with self._lock:
            values = self.read()
            if any(values.get(name) != value for name, value in changes.items()):
                self.write({**values, **changes})

    def get(self, name: str) -> str:
        """Return what is in force: the environment, then the file, then the default."""
        if name in self.overridden:
            return self.overridden[name]
        with self._lock:
            return self.read().get(name, self.defaults().get(name, ""))

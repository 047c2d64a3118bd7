# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One running application: its parts, and what happens when it starts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from . import defaults, host, misc, pipeline, prowlarr, resources, settings, users
from .apps import App
from .auth import Auth
from .commands import Commands
from .config_file import ConfigFile
from .database import Database
from .environment import listening, overrides
from .faults import Faults, Recorder
from .health import Health
from .log import Log
from .providers import Providers
from .web import Routes


class Program:
    def __init__(self, app: App, folder: Path, environment: Mapping[str, str]) -> None:
        self.app, self.folder, self.environment = app, folder, environment
        folder.mkdir(parents=True, exist_ok=True)
        self.config = ConfigFile(folder / "config.xml", app, overrides(environment, app))
        self.config.complete()
        if not app.basic and self.config.read().get("AuthenticationMethod", "").lower() == "basic":
            self.config.set({"AuthenticationMethod": "Forms"})
        level, console = self.config.get("LogLevel"), self.config.get("ConsoleLogLevel")
        self.log = Log(folder / "logs", app.log_name, level, console)
        self.log.info("Bootstrap", f"Starting {app.name} - a stand-in of the test bed - Version {app.version}")
        self.database = Database(folder / f"{app.kind}.db")
        self._first_user()
        self.auth = Auth(app, self.config, self.database, self.log)
        base = self.config.get("UrlBase").strip("/ ")
        self.url_base = f"/{base}" if base else ""
        self.faults, self.recorder = Faults(folder), Recorder(environment.get("STAND_IN_RECORD", ""))
        self.started = datetime.now(timezone.utc)
        self.starting = True
        self.exit_code = 0
        self.ended = threading.Event()
        self.commands = Commands(self)
        self.health = Health(self)
        self.providers: dict[str, Providers] = {}
        self.capabilities: Callable[[dict[str, Any]], dict[str, Any]] = lambda definition: {}
        self.routes = Routes()
        self._set_up_routes()

    def _first_user(self) -> None:
        values = self.config.read()
        name, password = values.get("Username", ""), values.get("Password", "")
        if self.app.seeds_user and name and password and not self.database.user():
            users.upsert(self.database, name, password)

    def _set_up_routes(self) -> None:
        host.set_up(self)
        settings.set_up(self)
        resources.set_up(self)
        misc.set_up(self)
        if self.app.is_prowlarr:
            prowlarr.set_up(self)
        else:
            pipeline.set_up(self)

    def switch(self, name: str, otherwise: float) -> float:
        """Return a stand-in's own number from the environment."""
        return float(self.environment.get(name) or otherwise)

    @property
    def address(self) -> tuple[str, int]:
        told = listening(self.environment)
        bind = told.get("BindAddress") or self.config.get("BindAddress")
        return ("" if bind == "*" else bind, int(told.get("Port") or self.config.get("Port")))

    def begin(self, told_to_end: threading.Event) -> None:
        """The port is open; the rest of the start goes on behind it."""
        self.ended = told_to_end
        threading.Thread(target=self._begin, daemon=True).start()

    def _begin(self) -> None:
        self.ended.wait(self.switch("STAND_IN_STARTING_SECONDS", 0.2))
        self.config.clean()
        self.starting = False
        self.log.info("Lifecycle", "Now listening")
        self.ended.wait(self.switch("STAND_IN_PROFILES_SECONDS", 0.2))
        defaults.create(self)
        self.health.refresh_soon()
        self.commands.start_clock()

    def is_proxied(self, path: str) -> bool:
        """Whether a path beside /api is one of Prowlarr's indexers."""
        return self.app.is_prowlarr and path.strip("/").split("/")[-1] in ("api", "download") and path.count("/") == 2

    def initialize(self) -> dict[str, Any]:
        return {
            "apiRoot": self.app.root,
            "apiKey": self.auth.key,
            "release": f"{self.app.version}-{self.app.branch}",
            "version": self.app.version,
            "instanceName": self.config.get("InstanceName"),
            "theme": self.config.get("Theme") or "auto",
            "branch": self.config.get("Branch"),
            "analytics": self.config.get("AnalyticsEnabled").lower() == "true",
            "urlBase": self.url_base,
            "isProduction": True,
        }

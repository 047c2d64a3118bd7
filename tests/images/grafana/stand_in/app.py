# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a running stand-in consists of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import provisioning
from .auth import Auth
from .dashboards import DashboardError, Dashboards, check
from .log import Log
from .settings import Settings
from .store import Store

#: What opens where no dashboard was chosen for that.
_WELCOME = {"title": "Home", "panels": []}


class App:
    """Settings, log, users, data sources and dashboards."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.log = Log(settings)
        self.store = Store(Path(settings["PATHS_DATA"]))
        self.auth = Auth(settings, self.store)
        folder = Path(settings["PATHS_PROVISIONING"])
        self.sources = provisioning.sources(folder)
        providers = provisioning.providers(folder)
        self.folders = {item.folder_uid: item.folder for item in providers if item.folder}
        self.dashboards = Dashboards(providers, self.sources, self.log)
        self.home()

    def start(self) -> None:
        """Make the database at the first start, and say what would have been asked of the network."""
        values = self.settings
        password = values["SECURITY_ADMIN_PASSWORD"]
        if self.store.start(values["SECURITY_ADMIN_USER"], values["SECURITY_ADMIN_EMAIL"], password):
            self.log.write("info", "Created default admin", "sqlstore", user=values["SECURITY_ADMIN_USER"])
        for name in values.chatty:
            self.log.write("warn", "This setting would ask the network", "stand-in", setting=f"GF_{name}")

    def home(self) -> Mapping[str, Any]:
        """Return the dashboard that Grafana opens with, read anew."""
        path = self.settings["DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
        if not path:
            return _WELCOME
        try:
            document: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise DashboardError(f"Failed to load home dashboard: {error}") from None
        check(document, self.sources, path)
        return document

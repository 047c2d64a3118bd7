# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Grafana's stand-in on loopback and in this process, over what the role renders for it; and the numbers of a house."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

import requests
from ansible_collections.homelab.media.plugins.module_utils import grafana, grafana_dashboards

from tests.images.grafana.stand_in.app import App
from tests.images.grafana.stand_in.settings import read
from tests.images.grafana.stand_in.web import Server
from tests.unit.dashboard_plan import SETTINGS, plan

PASSWORD = "correct-horse-battery"


def render(folder: Path, source: str = "http://127.0.0.1:9", without: Sequence[str] = (), **settings: Any) -> None:
    """Write what a run renders for Grafana; source: where Prometheus is."""
    settings = {**SETTINGS, **settings}
    found = plan(without)
    for item in grafana.files(settings):
        file = folder / item["path"].removeprefix("config/grafana/")
        name = Path(item["path"]).stem
        text = grafana_dashboards.text(found, settings, name) if "template" in item else item["content"]
        text = text.replace("@@secret:grafana_admin_password@@", PASSWORD).replace("http://prometheus:9090", source)
        file.unlink(missing_ok=True)
        if text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text.replace("/rendered", str(folder)), encoding="utf-8")


def environment(folder: Path, *, signed_on: bool = False, **more: str) -> dict[str, str]:
    """Return the environment as the service declares it, with the folders of this machine."""
    service = grafana.services(SETTINGS)["grafana"]
    declared = dict(service["environment"])
    if signed_on:
        declared.update(service["x-media"]["behind_sign_on"]["environment"])
    state = folder / "state"
    state.mkdir(exist_ok=True)
    found = {
        name: value.replace("/rendered", str(folder)).replace("/var/lib/grafana", str(state))
        for name, value in declared.items()
    }
    here = {"GF_PATHS_DATA": str(state), "GF_PATHS_PROVISIONING": str(folder / "provisioning")}
    return {**found, **here, "GF_SERVER_HTTP_ADDR": "127.0.0.1", "GF_SERVER_HTTP_PORT": "0", **more}


class Grafana:
    """One that runs."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.app = App(read(environment))
        self.url = ""

    def __enter__(self) -> Grafana:
        self.app.start()
        self._server = Server(self.app)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def ask(
        self, method: str, path: str, body: Any = None, user: str = "grafana-admin", **headers: str
    ) -> requests.Response:
        login = (user, PASSWORD) if user else None
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return requests.request(
            method, self.url + path, json=body, auth=login, headers=given, timeout=60, allow_redirects=False
        )

    def ask_all(self, questions: Sequence[tuple[str, str, Any]]) -> list[tuple[int, Any]]:
        """Ask as the walk through all dashboards does."""
        answers = [self.ask(method, path, body) for method, path, body in questions]
        return [(answer.status_code, answer.json()) for answer in answers]


class Numbers:
    """A page with numbers, such as exporters have; what it says can be another one at any time."""

    def __init__(self, text: str) -> None:
        self.text = text
        numbers = self

        class Page(BaseHTTPRequestHandler):
            """Knows one page."""

            def do_GET(self) -> None:
                body = numbers.text.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Nobody wants to read of each scrape."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.target = f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Numbers:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

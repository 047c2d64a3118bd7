# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The applications of the demo host as a person with their API keys sees them."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from typing import Any

from tests.trials.demo import Demo

#: Run on the host: one request with a key of the secret store. What to ask comes by standard input.
ASK = """
import json, sys, urllib.error, urllib.request
asked = json.load(sys.stdin)
key = open("/opt/media/secrets/" + asked["secret"]).read()
body = None if asked["body"] is None else json.dumps(asked["body"]).encode()
request = urllib.request.Request(asked["url"], data=body, method=asked["method"])
request.add_header(asked["header"], key)
request.add_header("Content-Type", "application/json")
request.add_header("Accept", "application/json")
try:
    with urllib.request.urlopen(request, timeout=30) as answer:
        status, text = answer.status, answer.read().decode()
except urllib.error.HTTPError as error:
    status, text = error.code, error.read().decode()
json.dump({"status": status, "text": text}, sys.stdout)
"""

#: A request that is not only a question, in an application's debug log.
WRITE = re.compile(r"\[(POST|PUT|DELETE)\] (/api/\S+)")


@dataclass(frozen=True)
class Application:
    """One application. api: where its API is; secret: which secret opens it; header: how the key is sent."""

    demo: Demo
    name: str
    api: str
    secret: str
    header: str = "X-Api-Key"

    def ask(self, method: str, path: str, body: Any = None, expected: tuple[int, ...] = (200, 201, 202)) -> Any:
        """Send one request and return the answer."""
        url = f"{self.api}/{path}"
        asked = {"url": url, "secret": self.secret, "header": self.header, "method": method, "body": body}
        command = ["docker", "exec", "--interactive", self.demo.host.name, "python3", "-c", ASK]
        done = subprocess.run(command, input=json.dumps(asked).encode(), capture_output=True, check=True)
        answer = json.loads(done.stdout)
        assert answer["status"] in expected, f"{self.name}: {method} {path}: {answer['status']} {answer['text'][:600]}"
        return json.loads(answer["text"]) if answer["text"].strip() else None

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def named(self, resource: str, name: str) -> Any:
        """Return the entry of this name."""
        return next(item for item in self.get(resource) if item["name"] == name)

    def change(self, path: str, **values: Any) -> None:
        """Set values of a page or an entry, as somebody does on the application's own pages."""
        whole = self.get(path)
        self.ask("PUT", f"{path}?forceSave=true", {**whole, **values})

    def set_field(self, resource: str, name: str, **values: Any) -> None:
        """Set fields of an entry."""
        item = self.named(resource, name)
        fields = [{**field, "value": values.get(field["name"], field.get("value"))} for field in item["fields"]]
        self.ask("PUT", f"{resource}/{item['id']}?forceSave=true", {**item, "fields": fields})

    def delete(self, resource: str, name: str) -> None:
        self.ask("DELETE", f"{resource}/{self.named(resource, name)['id']}")

    def writes(self) -> list[str]:
        """Return every request that its log knows, but for mere questions."""
        logs = f"/opt/media/state/{self.name}/logs"
        text = self.demo.host.exec("sh", "-c", f"cat {logs}/*.debug*.txt")
        return [" ".join(found) for found in WRITE.findall(text)]


def servarr(demo: Demo, name: str, port: int, version: str = "v3") -> Application:
    """Return one of the applications of the arr role."""
    return Application(demo, name, f"http://127.0.0.1:{port}/api/{version}", f"{name.replace('-', '_')}_api_key")


def all_servarr(demo: Demo) -> dict[str, Application]:
    """Return those of the demo's inventory."""
    ports = {
        "sonarr": (8989, "v3"),
        "sonarr-4k": (8990, "v3"),
        "radarr": (7878, "v3"),
        "lidarr": (8686, "v1"),
        "bookshelf": (8787, "v1"),
        "prowlarr": (9696, "v1"),
    }
    return {name: servarr(demo, name, port, version) for name, (port, version) in ports.items()}


def plex(demo: Demo) -> Application:
    """Return Plex, which takes the account's token."""
    return Application(demo, "plex", "http://127.0.0.1:32400", "plex_token", "X-Plex-Token")

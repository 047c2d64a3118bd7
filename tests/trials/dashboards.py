# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every query of every panel of every dashboard, asked through Grafana: which of them finds nothing?

How Grafana is asked is given: on loopback by a test, on the demo host by a program that runs there. Many questions go
in one, because each way there costs more than the answers.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.trials.demo import Demo

#: Method, path and body of a question; its answer is the status and what was said.
Question = tuple[str, str, Any]
Ask = Callable[[Sequence[Question]], Sequence[tuple[int, Any]]]

#: Run on the host: questions with the login of the secret store. They come by standard input.
ASK = """
import base64, json, sys, urllib.error, urllib.request
asked = json.load(sys.stdin)
password = open("/opt/media/secrets/grafana_admin_password").read()
login = "Basic " + base64.b64encode((asked["user"] + ":" + password).encode()).decode()
answers = []
for method, path, body in asked["questions"]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(asked["url"] + path, data=data, method=method)
    request.add_header("Authorization", login)
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            answers.append((answer.status, json.load(answer)))
    except urllib.error.HTTPError as error:
        answers.append((error.code, json.loads(error.read() or b"null")))
json.dump(answers, sys.stdout)
"""


@dataclass(frozen=True)
class Asked:
    """One query of a panel; reason: why it has nothing to show, empty where it has."""

    dashboard: str
    panel: str
    reference: str
    expr: str
    reason: str

    def __str__(self) -> str:
        return f"{self.dashboard} / {self.panel} / {self.reference}: {self.reason}: {self.expr}"


def on_demo(demo: Demo, user: str = "grafana-admin", url: str = "http://127.0.0.1:3000") -> Ask:
    """Return how Grafana is asked on a demo host, as its own administrator."""

    def ask(questions: Sequence[Question]) -> Sequence[tuple[int, Any]]:
        given = json.dumps({"user": user, "url": url, "questions": list(questions)})
        command = ["docker", "exec", "--interactive", demo.host.name, "python3", "-c", ASK]
        done = subprocess.run(command, input=given.encode(), capture_output=True, check=True)
        answers: Sequence[tuple[int, Any]] = json.loads(done.stdout)
        return answers

    return ask


def walk(ask: Ask) -> list[Asked]:
    """Ask every query, over the range that its dashboard opens with, as a browser would."""
    [(status, listed)] = ask([("GET", "/api/search?type=dash-db", None)])
    assert status == 200, (status, listed)
    found = ask([("GET", f"/api/dashboards/uid/{item['uid']}", None) for item in listed])
    assert all(status == 200 for status, _said in found), found
    queries = [
        (document, panel, target)
        for document in (said["dashboard"] for _status, said in found)
        for panel in document["panels"]
        for target in panel.get("targets") or ()
    ]
    answers = ask([("POST", "/api/ds/query", _body(document, target)) for document, _panel, target in queries])
    return [
        Asked(
            document["title"], panel["title"], target["refId"], target["expr"], _reason(status, said, target["refId"])
        )
        for (document, panel, target), (status, said) in zip(queries, answers)
    ]


def silent(ask: Ask) -> list[Asked]:
    """Return the queries that find nothing, or that cannot be asked."""
    return [asked for asked in walk(ask) if asked.reason]


def _body(document: Mapping[str, Any], target: Mapping[str, Any]) -> dict[str, Any]:
    query = {**target, "intervalMs": 30000, "maxDataPoints": 500}
    return {"queries": [query], "from": document["time"]["from"], "to": document["time"]["to"]}


def _reason(status: int, said: Any, reference: str) -> str:
    result = said.get("results", {}).get(reference, {}) if isinstance(said, dict) else {}
    if status != 200 or result.get("error"):
        return f"HTTP {status}: {result.get('error') or said}"
    values = [column for frame in result.get("frames", ()) for column in frame["data"]["values"][1:]]
    return "" if any(value is not None for column in values for value in column) else "no data"

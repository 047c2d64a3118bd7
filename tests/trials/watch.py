# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What watches the demo host, asked as the host itself asks it: Prometheus and its neighbours."""

from __future__ import annotations

import json
import subprocess
import urllib.parse
from typing import Any

from tests.trials.demo import Demo

PROMETHEUS, ALERTMANAGER, GRAFANA = 9090, 9093, 3000

#: Run on the host: one request to its loopback, with the headers that are given.
_ASK = """
import json, sys, urllib.error, urllib.request
asked = json.load(sys.stdin)
request = urllib.request.Request(asked["url"], headers=asked["headers"])
try:
    with urllib.request.urlopen(request, timeout=20) as answer:
        status, text = answer.status, answer.read().decode()
except urllib.error.HTTPError as error:
    status, text = error.code, error.read().decode()
json.dump({"status": status, "text": text}, sys.stdout)
"""


def ask(demo: Demo, port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """Ask something on the host's loopback; return the status and the text."""
    asked = {"url": f"http://127.0.0.1:{port}{path}", "headers": headers or {}}
    command = ["docker", "exec", "--interactive", demo.host.name, "python3", "-c", _ASK]
    done = subprocess.run(command, input=json.dumps(asked).encode(), capture_output=True, check=True, timeout=60)
    answer = json.loads(done.stdout)
    return int(answer["status"]), str(answer["text"])


def prometheus(demo: Demo, path: str) -> Any:
    """Return the data of an answer of Prometheus's API."""
    status, text = ask(demo, PROMETHEUS, f"/api/v1/{path}")
    assert status == 200, text[:600]
    return json.loads(text)["data"]


def query(demo: Demo, expression: str) -> list[dict[str, Any]]:
    """Return the series that an expression gives now."""
    found: list[dict[str, Any]] = prometheus(demo, f"query?{urllib.parse.urlencode({'query': expression})}")["result"]
    return found


def value(demo: Demo, expression: str) -> float | None:
    """Return the one value that an expression gives now, or nothing."""
    found = query(demo, expression)
    return float(found[0]["value"][1]) if found else None


def targets(demo: Demo) -> list[dict[str, Any]]:
    """Return every target that Prometheus asks."""
    found: list[dict[str, Any]] = prometheus(demo, "targets?state=active")["activeTargets"]
    return found


def rules(demo: Demo) -> list[dict[str, Any]]:
    """Return every rule that Prometheus has."""
    return [rule for group in prometheus(demo, "rules")["groups"] for rule in group["rules"]]


def firing(demo: Demo, name: str, **labels: str) -> bool:
    """Tell whether an alert fires in Prometheus, with these labels among its own."""
    return any(
        alert["state"] == "firing" and {"alertname": name, **labels}.items() <= alert["labels"].items()
        for alert in prometheus(demo, "alerts")["alerts"]
    )


def memory(demo: Demo, role: str) -> dict[str, tuple[int, int]]:
    """Return the bytes that each container of a role uses without its file cache, and those that it may use at most."""
    listed = demo.inner("ps", "--format", "{{.Names}}", "--filter", f"label=homelab.media.role={role}").split()
    found = {}
    for container in listed:
        path = f"http://docker/containers/{container}/stats?stream=false&one-shot=true"
        told = json.loads(demo.host.exec("curl", "-s", "--unix-socket", "/run/docker.sock", path))
        used, stats = told["memory_stats"]["usage"], told["memory_stats"]["stats"]
        # The name that it has depends on the version of the control groups.
        cache = stats.get("total_inactive_file", stats.get("inactive_file", 0))
        found[container] = (int(used - cache), int(told["memory_stats"]["limit"]))
    return found

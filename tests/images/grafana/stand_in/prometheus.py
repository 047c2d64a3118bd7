# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prometheus behind a data source: questions passed on as they are, and those of panels with frames for an answer."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

from .provisioning import Source

_RELATIVE = re.compile(r"now(?:-(\d+)([smhdw]))?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_MOST_POINTS = 11000
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class QueryError(Exception):
    """A question that cannot be asked, or that Prometheus does not answer."""


def passed_on(source: Source, method: str, path: str, body: bytes | None, kind: str) -> tuple[int, str, bytes]:
    """Ask the data source itself; return status, content type and body."""
    headers = {"Content-Type": kind} if body is not None and kind else {}
    request = urllib.request.Request(f"{source.url}/{path}", data=body, method=method, headers=headers)
    try:
        with _OPENER.open(request, timeout=30) as answer:
            return answer.status, answer.headers.get("Content-Type", ""), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get("Content-Type", ""), error.read()
    except (urllib.error.URLError, OSError) as error:
        raise QueryError(f"{source.url}: {getattr(error, 'reason', None) or error}") from None


def moment(value: object, now: float) -> float:
    """Return a time as dashboards say it, now-6h or milliseconds since 1970, in seconds."""
    text = str(value)
    found = _RELATIVE.fullmatch(text)
    if found:
        return now - (int(found[1]) * _SECONDS[found[2]] if found[1] else 0)
    if not text.isdigit():
        raise QueryError(f"{text!r} is no time")
    return int(text) / 1000


def ask(source: Source, query: Mapping[str, Any], start: object, end: object) -> list[dict[str, Any]]:
    """Return the answer to one query of a panel, as frames."""
    expr = str(query.get("expr") or "").strip()
    if not expr:
        raise QueryError("query is empty")
    now = time.time()
    first, last = moment(start, now), moment(end, now)
    if last <= first:
        raise QueryError("the range is empty")
    frames = []
    if query.get("instant") or not query.get("range", True):
        found = _api(source, "query", {"query": expr, "time": f"{last:.3f}"})
        if query.get("format") == "table":
            return [_table(query, found)]
        frames += [_frame(query, item.get("metric", {}), [item["value"]]) for item in _vector(found)]
    else:
        step = max(_seconds(str(source.settings.get("timeInterval", "15s"))), (last - first) / 1000)
        step = max(step, (last - first) / _MOST_POINTS)
        options = {"query": expr, "start": f"{first:.3f}", "end": f"{last:.3f}", "step": f"{step:.3f}"}
        found = _api(source, "query_range", options)
        frames += [_frame(query, item["metric"], item["values"]) for item in found["result"]]
    return frames or [{"schema": {"refId": query["refId"], "fields": []}, "data": {"values": []}}]


def _api(source: Source, name: str, options: Mapping[str, str]) -> dict[str, Any]:
    body = urllib.parse.urlencode(options).encode()
    status, _kind, text = passed_on(source, "POST", f"api/v1/{name}", body, "application/x-www-form-urlencoded")
    try:
        answer = json.loads(text)
    except ValueError:
        raise QueryError(f"HTTP {status} and no JSON") from None
    if answer.get("status") != "success":
        raise QueryError(f"{answer.get('errorType')}: {answer.get('error')}")
    data: dict[str, Any] = answer["data"]
    return data


def _vector(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"metric": {}, "value": found["result"]}] if found["resultType"] == "scalar" else found["result"]


def _frame(query: Mapping[str, Any], labels: Mapping[str, str], values: Sequence[Sequence[Any]]) -> dict[str, Any]:
    shown = _named(str(query.get("legendFormat") or "__auto"), labels)
    return {
        "schema": {
            "refId": query["refId"],
            "name": shown,
            "fields": [
                {"name": "Time", "type": "time"},
                {"name": "Value", "type": "number", "labels": dict(labels), "config": {"displayNameFromDS": shown}},
            ],
        },
        "data": {
            "values": [[int(float(at) * 1000) for at, _value in values], [_number(value) for _at, value in values]]
        },
    }


def _table(query: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Return one frame with a column for each label, as the format table has it."""
    items = _vector(found)
    labels = sorted({name for item in items for name in item["metric"]})
    fields = [{"name": "Time", "type": "time"}, *({"name": name, "type": "string"} for name in labels)]
    columns = [
        [int(float(item["value"][0]) * 1000) for item in items],
        *([item["metric"].get(name, "") for item in items] for name in labels),
        [_number(item["value"][1]) for item in items],
    ]
    schema = {"refId": query["refId"], "fields": [*fields, {"name": "Value", "type": "number"}]}
    return {"schema": schema, "data": {"values": columns}}


def _named(legend: str, labels: Mapping[str, str]) -> str:
    if legend == "__auto":
        rest = ", ".join(f'{name}="{value}"' for name, value in labels.items() if name != "__name__")
        return labels.get("__name__", "") + (f"{{{rest}}}" if rest else "")
    return re.sub(r"\{\{\s*([\w.]+)\s*\}\}", lambda found: labels.get(found[1], ""), legend)


def _number(text: str) -> float | None:
    value = float(text)
    return value if value - value == 0 else None


def _seconds(text: str) -> float:
    found = re.fullmatch(r"(\d+)(ms|s|m|h)", text)
    return int(found[1]) * {"ms": 0.001, "s": 1, "m": 60, "h": 3600}[found[2]] if found else 15

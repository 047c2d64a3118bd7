# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API answers, as far as it is played: everything that reads, and a refusal for what would write."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from .app import App
from .dashboards import Dashboard
from .prometheus import QueryError, ask, passed_on
from .provisioning import Source
from .store import User

Answer = tuple[int, Any]


@dataclass(frozen=True)
class Asked:
    """A question, and who asks it."""

    app: App
    user: User
    method: str
    query: str
    body: Any


VERSION = "13.0.10"
HEALTH = {"database": "ok", "version": VERSION, "commit": "stand-in"}


def message(text: str, **more: Any) -> dict[str, Any]:
    return {"message": text, **more}


def ask_api(app: App, user: User, method: str, path: str, query: str, body: Any) -> Answer:
    """Answer a question of somebody who is signed in."""
    for wanted, pattern, answer in _ROUTES:
        found = re.fullmatch(pattern, path) if wanted == method else None
        if found:
            return answer(Asked(app, user, method, query, body), *found.groups())
    return 404, message("Not found")


def passed(app: App, method: str, path: str, query: str, body: bytes | None, kind: str) -> tuple[int, str, bytes]:
    """Pass a question on to a data source: what is after /api/datasources/proxy/uid/."""
    uid, _slash, rest = path.partition("/")
    if uid not in app.sources:
        return 404, "application/json", b'{"message":"Unable to find datasource"}'
    try:
        return passed_on(app.sources[uid], method, rest + (f"?{query}" if query else ""), body, kind)
    except QueryError as error:
        app.log.write("error", "Data proxy error", "data-proxy-log", error=error)
        return 502, "text/plain", b""


def _user(asked: Asked) -> Answer:
    user = asked.user
    names = {"id": user.id, "email": user.email, "name": user.name, "login": user.login}
    return 200, {**names, "isGrafanaAdmin": user.is_admin, "orgId": 1, "isDisabled": False}


def _organisations(asked: Asked) -> Answer:
    return 200, [{"orgId": 1, "name": "Main Org.", "role": asked.user.role}]


def _organisation(asked: Asked) -> Answer:
    return 200, {"id": 1, "name": "Main Org."}


def _folders(asked: Asked) -> Answer:
    return 200, [{"id": 1, "uid": uid, "title": title} for uid, title in asked.app.folders.items()]


def _home(asked: Asked) -> Answer:
    return 200, {"dashboard": asked.app.home(), "meta": {"isHome": True, "canSave": False, "canEdit": False}}


def _dashboard(asked: Asked, uid: str) -> Answer:
    dashboard = asked.app.dashboards.get(uid)
    if dashboard is None:
        return 404, message("Dashboard not found", messageId="dashboards.notFound")
    return 200, {"dashboard": {**dashboard.document, "id": dashboard.number, "version": 1}, "meta": _meta(dashboard)}


def _forbidden() -> Answer:
    return 403, message("You'll need additional permissions to perform this action.", title="Access denied")


def _search(asked: Asked) -> Answer:
    app, wanted = asked.app, parse_qs(asked.query)
    text, tags = wanted.get("query", [""])[0].lower(), set(wanted.get("tag", []))
    found: list[dict[str, Any]] = []
    if wanted.get("type", [""])[0] in ("", "dash-folder"):
        found += [
            {"id": 1, "uid": uid, "title": title, "type": "dash-folder", "url": f"/dashboards/f/{uid}"}
            for uid, title in app.folders.items()
            if text in title.lower() and not tags
        ]
    if wanted.get("type", [""])[0] in ("", "dash-db"):
        found += [
            {
                **{"id": item.number, "uid": item.uid, "title": item.title, "url": item.url, "type": "dash-db"},
                **{"tags": list(item.document.get("tags") or ()), "isStarred": False},
                **{"folderUid": item.provider.folder_uid, "folderTitle": item.provider.folder},
            }
            for item in app.dashboards.all()
            if text in item.title.lower() and tags <= set(item.document.get("tags") or ())
        ]
    return 200, found


def _meta(dashboard: Dashboard) -> dict[str, Any]:
    return {
        "type": "db",
        "slug": dashboard.url.rpartition("/")[2],
        "url": dashboard.url,
        "version": 1,
        "folderUid": dashboard.provider.folder_uid,
        "folderTitle": dashboard.provider.folder,
        "provisioned": not dashboard.provider.open,
        "provisionedExternalId": str(dashboard.file.relative_to(dashboard.provider.path)),
        "canSave": dashboard.provider.open,
    }


def _save(asked: Asked) -> Answer:
    sent = asked.body.get("dashboard") if isinstance(asked.body, dict) else None
    return _write(asked, str((sent or {}).get("uid") or ""), "save")


def _delete(asked: Asked, uid: str) -> Answer:
    return _write(asked, uid, "delete")


def _write(asked: Asked, uid: str, verb: str) -> Answer:
    if asked.user.role not in ("Admin", "Editor"):
        return _forbidden()
    if asked.app.dashboards.get(uid) is None:
        return 501, message("Dashboards of people's own are not played here")
    return 400, message(f"Cannot {verb} provisioned dashboard")


def _sources(asked: Asked) -> Answer:
    if asked.user.role != "Admin":
        return _forbidden()
    return 200, [_source(item) for item in asked.app.sources.values()]


def _source(source: Source) -> dict[str, Any]:
    return {
        **{"id": 1, "uid": source.uid, "orgId": 1, "name": source.name, "type": source.type, "url": source.url},
        **{"access": "proxy", "isDefault": source.is_default, "readOnly": not source.editable},
        "jsonData": dict(source.settings),
    }


def _one_source(asked: Asked, uid: str) -> Answer:
    source = asked.app.sources.get(uid)
    if source is None:
        return 404, message("Data source not found")
    return (200, _source(source)) if asked.user.role == "Admin" else _forbidden()


def _health(asked: Asked, uid: str) -> Answer:
    source = asked.app.sources.get(uid)
    if source is None:
        return 404, message("Data source not found")
    try:
        ask(source, {"refId": "A", "expr": "1+1", "instant": True}, "now-1m", "now")
    except QueryError as error:
        return 400, {"status": "ERROR", "message": str(error)}
    return 200, {"status": "OK", "message": "Successfully queried the Prometheus API."}


def _panels(asked: Asked) -> Answer:
    body = asked.body if isinstance(asked.body, dict) else {}
    queries = body.get("queries")
    if not queries or not all(isinstance(query, dict) and query.get("refId") for query in queries):
        return 400, message("bad request data", messageId="query.noQueries")
    results: dict[str, Any] = {}
    for query in queries:
        source = asked.app.sources.get(str((query.get("datasource") or {}).get("uid")))
        if source is None:
            return 404, message("data source not found")
        try:
            frames = ask(source, query, body.get("from", "now-1h"), body.get("to", "now"))
            results[query["refId"]] = {"status": 200, "frames": frames}
        except QueryError as error:
            results[query["refId"]] = {"status": 400, "error": str(error), "frames": []}
    return (400 if any(item["status"] != 200 for item in results.values()) else 200), {"results": results}


_ROUTES: list[tuple[str, str, Callable[..., Answer]]] = [
    ("GET", "user", _user),
    ("GET", "user/orgs", _organisations),
    ("GET", "org", _organisation),
    ("GET", "search", _search),
    ("GET", "folders", _folders),
    ("GET", "dashboards/home", _home),
    ("GET", "dashboards/uid/([^/]+)", _dashboard),
    ("POST", "dashboards/db", _save),
    ("DELETE", "dashboards/uid/([^/]+)", _delete),
    ("GET", "datasources", _sources),
    ("GET", "datasources/uid/([^/]+)", _one_source),
    ("GET", "datasources/uid/([^/]+)/health", _health),
    ("POST", "ds/query", _panels),
]

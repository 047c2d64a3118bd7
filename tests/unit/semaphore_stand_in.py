# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for Semaphore on loopback: its API for one user, as 2.10 or 2.16 has it, and a record of all requests.

What is told of secrets is kept where only a test sees it. Names are not unique. What belongs to others is not deleted
while they need it.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from tests.unit.semaphore_rules import KINDS, REFERENCES, Refused, bound, check, shown

TOKEN, USER, PASSWORD = "kwofd61g93-yuqvex8efmhjkgnbxlo8mp1tin6spyhu=", "admin", "a long enough password"
WRITES = ("POST", "PUT", "DELETE")
#: Where 2.10 answers what was made with nothing.
_SILENT = ("projects", "keys", "repositories", "environment")
#: How words of errors and paths call the number of a kind.
_CALLED = {"environment": "Environment", "inventory": "Inventory", "repositories": "Repository", "keys": "Key"}


@dataclass(frozen=True)
class Exchange:
    """One request and its answer. path: with its query, below /api."""

    method: str
    path: str
    request: Any
    status: int
    answer: Any


@dataclass
class Semaphore:
    """version: "2.10" or "2.16". drops_secrets: as a version that knows none. null_lists: nothing in a list is null."""

    version: str = "2.16"
    drops_secrets: bool = False
    null_lists: bool = False
    refuse: dict[str, tuple[int, str]] = field(default_factory=dict)
    record: list[Exchange] = field(default_factory=list)
    projects: dict[int, dict[str, Any]] = field(default_factory=dict)
    things: dict[int, dict[str, dict[int, dict[str, Any]]]] = field(default_factory=dict)
    sessions: set[str] = field(default_factory=set)
    number: int = 0

    def __enter__(self) -> Semaphore:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def old(self) -> bool:
        return self.version == "2.10"

    def writes(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.record if one.method in WRITES and "/auth/" not in one.path]

    def forget(self) -> None:
        """Begin a new record."""
        self.record.clear()

    def find(self, kind: str, name: str, project: str = "media") -> dict[str, Any]:
        """Return a thing as the server keeps it, with its secrets."""
        number = next(number for number, row in self.projects.items() if row["name"] == project)
        found = [row for row in self.things[number][kind].values() if row["name"] == name]
        assert len(found) == 1, [row["name"] for row in self.things[number][kind].values()]
        return found[0]

    def add(self, kind: str, row: dict[str, Any], project: int = 1) -> int:
        """Make a thing as a person does in the pages."""
        return int(self._make(project, kind, {**row, "project_id": project})["id"])

    def answer(self, method: str, path: str, body: Any, authorized: bool) -> tuple[int, Any, str]:
        """Return status, body and the cookie that is set."""
        plain = path.partition("?")[0].rstrip("/")
        for pattern, (status, error) in self.refuse.items():
            if re.fullmatch(pattern, f"{method} {plain}"):
                raise Refused(status, error)
        if plain == "/auth/login" and method == "POST":
            return self._sign_in(body)
        if not authorized:
            raise Refused(401)
        if plain == "/auth/logout" and method == "POST":
            self.sessions.clear()
            return 204, None, ""
        if plain == "/projects":
            return (*self._projects(method, body), "")
        found = re.fullmatch(r"/project/(\d+)(?:/(\w+)(?:/(\d+))?)?", plain)
        if not found:
            raise Refused(404)
        project, kind, number = int(found[1]), found[2], int(found[3] or 0)
        if project not in self.projects or (kind and kind not in KINDS):
            raise Refused(404)
        if not kind:
            return (*self._project(method, project, body), "")
        return (*self._thing(method, project, kind, number, body), "")

    def _sign_in(self, body: Any) -> tuple[int, Any, str]:
        if not isinstance(body, dict) or (body.get("auth"), body.get("password")) != (USER, PASSWORD):
            raise Refused(401)
        session = secrets.token_hex(16)
        self.sessions.add(session)
        return 204, None, f"semaphore={session}; Path=/; HttpOnly"

    def _projects(self, method: str, body: Any) -> tuple[int, Any]:
        if method == "GET":
            return 200, self._listed(
                [shown("projects", row, old=self.old, alone=True) for row in self.projects.values()]
            )
        if method != "POST":
            raise Refused(405)
        row = bound("projects", body, old=self.old)
        check("projects", row, new=True)
        row["id"] = number = len(self.projects) + 1
        row["created"] = "2026-01-01T00:00:00Z"
        del row["project_id"]
        self.projects[number] = row
        self.things[number] = {kind: {} for kind in KINDS}
        self._make(number, "keys", {"name": "None", "type": "none", "project_id": number})
        self._make(number, "environment", {"name": "Empty", "json": "{}", "project_id": number})
        return 201, None if self.old else shown("projects", row, old=self.old, alone=True)

    def _project(self, method: str, project: int, body: Any) -> tuple[int, Any]:
        if method == "GET":
            return 200, shown("projects", self.projects[project], old=self.old, alone=True)
        if method != "PUT":
            raise Refused(405)
        row = bound("projects", body, old=self.old)
        if row["id"] != project:
            raise Refused(400, "Project ID in body and URL must be the same")
        check("projects", row, new=False)
        self.projects[project] |= {name: value for name, value in row.items() if name != "project_id"}
        return 204, None

    def _thing(self, method: str, project: int, kind: str, number: int, body: Any) -> tuple[int, Any]:
        rows = self.things[project][kind]
        if number and number not in rows:
            raise Refused(404)
        if method == "GET" and not number:
            return 200, self._listed([self._shown(project, kind, row, alone=False) for row in rows.values()])
        if method == "GET":
            return 200, self._shown(project, kind, rows[number], alone=True)
        if method == "POST" and not number:
            row = self._make(project, kind, body)
            told = self._shown(project, kind, row, alone=True)
            told = {**told, "secrets": []} if kind == "environment" else told
            return (204, None) if self.old and kind in _SILENT else (201, told)
        if method == "PUT" and number:
            self._change(project, kind, rows[number], body)
            return 204, None
        if method == "DELETE" and number:
            self._drop(project, kind, number)
            return 204, None
        raise Refused(405)

    def _shown(self, project: int, kind: str, row: dict[str, Any], *, alone: bool) -> dict[str, Any]:
        found = shown(kind, row, old=self.old, alone=alone)
        if kind == "schedules" and not alone:
            found["tpl_name"] = self.things[project]["templates"][row["template_id"]]["name"]
        return found

    def _listed(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
        return rows or (None if self.null_lists else rows)

    def _make(self, project: int, kind: str, body: Any) -> dict[str, Any]:
        row = bound(kind, body, old=self.old)
        if kind not in ("templates", "schedules") and row["project_id"] != project:
            raise Refused(400, "Project ID in body and URL must be the same")
        row["project_id"] = project
        check(kind, row, new=True)
        self._settle(project, kind, row, {})
        self.number += 1
        row["id"] = self.number
        self.things[project][kind][self.number] = row
        return row

    def _change(self, project: int, kind: str, before: dict[str, Any], body: Any) -> None:
        row = bound(kind, body, old=self.old)
        if row["id"] != before["id"]:
            # Of a key only the number in the body counts, and another one is not there.
            status = 404 if kind == "keys" else 400
            raise Refused(status, f"{_CALLED.get(kind, kind)} ID in body and URL must be the same")
        if row["project_id"] != project:
            raise Refused(400, "Project ID in body and URL must be the same")
        check(kind, row, new=False)
        self._settle(project, kind, row, before)
        before |= row

    def _settle(self, project: int, kind: str, row: dict[str, Any], before: dict[str, Any]) -> None:
        """Follow the numbers, and take the secrets out of what can be asked for."""
        things = self.things[project]
        for name, other in REFERENCES.get(kind, {}).items():
            if row.get(name) is not None and row[name] not in things[other]:
                raise Refused(500)
        if kind == "keys":
            secret = {"ssh": row["ssh"], "login_password": row["login_password"], "none": None}[row["type"]]
            override = row.pop("override_secret") or not before
            row["_secret"] = secret if override else before["_secret"]
            row["type"] = row["type"] if override else before["type"]
            del row["ssh"], row["login_password"]
        if kind == "environment":
            row["_secrets"] = self._environment_secrets(row.pop("secrets") or [], before.get("_secrets", []))
        if kind == "templates":
            self._settle_template(row, before, things)

    def _settle_template(self, row: dict[str, Any], before: dict[str, Any], things: dict[str, Any]) -> None:
        if not self.old:
            # A client that knows only the one group says which; nothing said keeps what there is.
            groups = row["environment_ids"]
            if groups is None:
                groups = [row["environment_id"]] if row["environment_id"] else before.get("environment_ids", [])
            if any(group not in things["environment"] for group in groups):
                raise Refused(500)
            row["environment_ids"], row["environment_id"] = groups, groups[0] if groups else None
        for vault in row["vaults"] or []:
            if vault.get("vault_key_id") not in things["keys"]:
                raise Refused(500)
            if "id" not in vault:
                self.number += 1
                vault["id"] = self.number
        row["vaults"] = [{"name": None, "script": None, **vault} for vault in row["vaults"] or []]

    def _environment_secrets(self, asked: list[Any], before: list[dict[str, Any]]) -> list[dict[str, Any]]:
        found = {secret["id"]: dict(secret) for secret in before}
        for entry in [] if self.drops_secrets else asked:
            if entry.get("operation") == "create":
                self.number += 1
                found[self.number] = {key: entry[key] for key in ("name", "type", "secret")} | {"id": self.number}
            elif entry.get("operation") in ("update", "delete") and entry.get("id") not in found:
                raise Refused(404)
            elif entry.get("operation") == "update":
                found[entry["id"]]["name"] = entry["name"]
                found[entry["id"]]["secret"] = entry.get("secret") or found[entry["id"]]["secret"]
            elif entry.get("operation") == "delete":
                del found[entry["id"]]
        return list(found.values())

    def _drop(self, project: int, kind: str, number: int) -> None:
        things = self.things[project]
        users = [
            row
            for other, names in REFERENCES.items()
            for name, target in names.items()
            for row in things[other].values()
            if target == kind and row.get(name) == number and other != "schedules"
        ]
        vaults = [vault for row in things["templates"].values() for vault in row["vaults"]]
        if users or (kind == "keys" and number in [vault["vault_key_id"] for vault in vaults]):
            raise Refused(400, f"{_CALLED[kind]} is in use by one or more templates")
        del things[kind][number]
        if kind == "templates":
            for schedule in [row["id"] for row in things["schedules"].values() if row["template_id"] == number]:
                del things["schedules"][schedule]


def _handler(semaphore: Semaphore) -> type[BaseHTTPRequestHandler]:
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        # Head and body at once, or each answer waits for the kernel of the other side.
        wbufsize = -1

        def answer(self) -> None:
            with lock:
                body = self._body()
                cookie = re.search(r"semaphore=(\w+)", self.headers.get("Cookie") or "")
                known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
                known = known or (cookie is not None and cookie[1] in semaphore.sessions)
                path, set_cookie = self.path.removeprefix("/api"), ""
                try:
                    status, answer, set_cookie = semaphore.answer(self.command, path, body, known)
                except Refused as refused:
                    status, answer = refused.status, {"error": refused.error} if refused.error else None
                semaphore.record.append(Exchange(self.command, path, body, status, _copied(answer)))
            content = b"" if answer is None and status != 200 else json.dumps(answer).encode()
            self.send_response(status)
            if set_cookie:
                self.send_header("Set-Cookie", set_cookie)
            if status in (301, 302):
                self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _body(self) -> Any:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                return json.loads(content) if content else None
            except ValueError:
                return content.decode(errors="replace")

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, *_words: Any) -> None:
            """Say nothing: the record tells."""

    return Handler


def _copied(value: Any) -> Any:
    return json.loads(json.dumps(value))

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for Miniflux, on a real PostgreSQL: doors, sign-in and categories. README.md tells what it keeps."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import signal
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg2
from settings import Problem, Settings, load, within

SCHEMA = """
create table if not exists users (id serial primary key, username text unique not null, password text, is_admin bool);
create table if not exists categories (id serial primary key, user_id int not null, title text not null,
                                       unique (user_id, title));
"""


class Miniflux:
    """The application: each question is a connection of its own."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        if "RUN_MIGRATIONS" in settings.flags:
            self.run(SCHEMA)
        if not self.run("select to_regclass('users')")[0][0]:
            raise Problem("the SQL schema is not up to date: run miniflux -migrate")
        if "CREATE_ADMIN" in settings.flags:
            if not settings.username or len(settings.password) < 6:
                raise Problem("the administrator needs a name, and a password of 6 characters at least")
            # Only where there is nobody of that name: a password is not changed by a start.
            self.add(settings.username, _hashed(settings.password), admin=True)

    def run(self, statement: str, *values: Any) -> list[Any]:
        connection = psycopg2.connect(self.settings.database, connect_timeout=5)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def add(self, name: str, password: str, *, admin: bool) -> None:
        statement = "insert into users (username, password, is_admin) values (%s, %s, %s) on conflict do nothing"
        self.run(statement, name, password, admin)

    def by_password(self, header: str) -> int | None:
        """Return the number of who sends name and password with a request to the API."""
        try:
            name, _colon, password = base64.b64decode(header.removeprefix("Basic ")).decode().partition(":")
        except ValueError:
            return None
        found = self.run("select id, password from users where username = %s", name)
        return found[0][0] if found and hmac.compare_digest(found[0][1], _hashed(password)) else None

    def by_proxy(self, peer: str, told: str) -> str:
        """Return who somebody is by the header of a trusted proxy."""
        if not told or not within(peer, self.settings.trusted):
            return ""
        if "AUTH_PROXY_USER_CREATION" in self.settings.flags:
            self.add(told, "", admin=False)
        return told if self.run("select 1 from users where username = %s", told) else ""


def _hashed(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()


def handler(miniflux: Miniflux) -> type[BaseHTTPRequestHandler]:
    settings = miniflux.settings

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            peer = self.client_address[0]
            if self.path == "/healthcheck":
                self._healthcheck()
            elif self.path == "/":
                who = miniflux.by_proxy(peer, self.headers.get(settings.header, "") if settings.header else "")
                self._answer(200, f"<title>Miniflux</title><p>signed in: {who or 'nobody'}</p>")
            elif self.path == "/metrics" and "METRICS_COLLECTOR" in settings.flags:
                allowed = within(peer, settings.metrics_from)
                number = miniflux.run("select count(*) from users")[0][0] if allowed else 0
                self._answer(
                    *((200, f"# TYPE miniflux_users gauge\nminiflux_users {number}\n") if allowed else (403, ""))
                )
            elif self.path == "/v1/categories":
                self._categories()
            else:
                self._answer(404, "")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self._categories(json.loads(body)["title"]) if self.path == "/v1/categories" else self._answer(404, "")

        def _healthcheck(self) -> None:
            try:
                miniflux.run("select 1")
            except psycopg2.Error as error:
                self._answer(500, f"Database Connection Error: {error}")
            else:
                self._answer(200, "OK")

        def _categories(self, title: str = "") -> None:
            number = miniflux.by_password(self.headers.get("Authorization", ""))
            if number is None:
                self._answer(401, json.dumps({"error_message": "Access Unauthorized"}))
                return
            if title:
                miniflux.run("insert into categories (user_id, title) values (%s, %s)", number, title)
            found = miniflux.run("select id, title from categories where user_id = %s order by id", number)
            listed = [{"id": each, "title": text, "user_id": number} for each, text in found]
            self._answer(*((201, json.dumps(listed[-1])) if title else (200, json.dumps(listed))))

        def _answer(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


def healthy(settings: Settings) -> bool:
    """Ask the application that runs beside this command."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{settings.listen[1]}/healthcheck", timeout=5) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def main(words: list[str]) -> int:
    try:
        settings = load(os.environ)
        if words == ["-healthcheck", "auto"]:
            return 0 if healthy(settings) else 1
        miniflux = Miniflux(settings)
    except (Problem, psycopg2.Error) as error:
        print(error, file=sys.stderr)
        return 1
    print(f'level=INFO msg="Starting HTTP server" listen_address={settings.listen[0]}:{settings.listen[1]}')
    # The first process of a container ends at a signal only where it says so.
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(0))
    ThreadingHTTPServer(settings.listen, handler(miniflux)).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

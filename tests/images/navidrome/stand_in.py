# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for Navidrome: the doors of its image, and who is signed in. README.md tells what it keeps."""

from __future__ import annotations

import ipaddress
import json
import os
import signal
import sqlite3
import sys
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

#: Upstream passes over a setting that it does not know. Here it ends the start.
KNOWN = {
    *("ND_MUSICFOLDER", "ND_DATAFOLDER", "ND_PORT", "ND_LOGLEVEL", "ND_BASEURL", "ND_SCANNER_SCHEDULE"),
    *("ND_ENABLEEXTERNALSERVICES", "ND_ENABLEINSIGHTSCOLLECTOR", "ND_SESSIONTIMEOUT"),
    *("ND_PROMETHEUS_ENABLED", "ND_PROMETHEUS_METRICSPATH", "ND_PROMETHEUS_PASSWORD"),
    *("ND_EXTAUTH_TRUSTEDSOURCES", "ND_EXTAUTH_USERHEADER"),
}
TABLE = "create table if not exists user (user_name text primary key, is_admin integer not null)"


class Problem(Exception):
    """What ends the start, as upstream's log has it."""


class Navidrome:
    """The settings, and the users in the database."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        given = {name: value for name, value in environment.items() if name.startswith("ND_")}
        unknown = sorted(set(given) - KNOWN)
        if unknown:
            raise Problem(f"no settings of 0.64: {', '.join(unknown)}")
        self.port = int(given.get("ND_PORT", "4533"))
        self.music = Path(given.get("ND_MUSICFOLDER", "music"))
        self.database = Path(given.get("ND_DATAFOLDER", "."), "navidrome.db")
        self.metrics = _true(given, "ND_PROMETHEUS_ENABLED") and given.get("ND_PROMETHEUS_METRICSPATH", "/metrics")
        self.header = given.get("ND_EXTAUTH_USERHEADER", "Remote-User")
        sources = given.get("ND_EXTAUTH_TRUSTEDSOURCES", "")
        self.trusted = [ipaddress.ip_network(text.strip()) for text in sources.split(",") if text.strip()]
        if not self.music.is_dir():
            raise Problem(f"no music folder at {self.music}")
        with self._open() as database:
            database.execute(TABLE)

    def _open(self) -> sqlite3.Connection:
        try:
            return sqlite3.connect(self.database)
        except sqlite3.OperationalError as error:
            raise Problem(f"{self.database}: {error}") from error

    def signed_in(self, peer: str, told: str) -> str:
        """Return who somebody is by the header of a proxy that is trusted; who is new gets an account."""
        address = ipaddress.ip_address(peer.removeprefix("::ffff:"))
        if not told or not any(address in network for network in self.trusted if network.version == address.version):
            return ""
        with self._open() as database:
            first = not database.execute("select 1 from user").fetchone()
            database.execute("insert or ignore into user values (?, ?)", (told, first))
        return told

    def users(self) -> dict[str, bool]:
        with self._open() as database:
            return {name: bool(admin) for name, admin in database.execute("select user_name, is_admin from user")}

    def songs(self) -> int:
        return sum(1 for file in self.music.rglob("*") if file.suffix in (".mp3", ".flac", ".ogg", ".m4a"))


def _true(given: Mapping[str, str], name: str) -> bool:
    value = given.get(name, "false")
    if value not in ("true", "false", "1", "0"):
        raise Problem(f"{name} is {value!r}, and no boolean")
    return value in ("true", "1")


def answer(navidrome: Navidrome, peer: str, url: str, told: str) -> tuple[int, str, str]:
    """Return the status of an answer, its kind and its text."""
    path, query = urlsplit(url).path, parse_qs(urlsplit(url).query)
    if path == "/ping":
        return 200, "text/plain", "."
    if path == "/":
        return 302, "location", "/app/"
    if path == navidrome.metrics:
        return 200, "text/plain", f'# TYPE db_model_totals gauge\ndb_model_totals{{model="song"}} {navidrome.songs()}\n'
    who = navidrome.signed_in(peer, told)
    if path == "/app/":
        return 200, "text/html", f"<title>Navidrome</title><p>signed in: {who or 'nobody'}</p>"
    if path.startswith("/rest/"):
        # Subsonic's protocol tells a failure with status 200.
        error = {"code": 40, "message": "Wrong username or password"} if query.get("u") else {"code": 10}
        reply = {"status": "ok", "type": "navidrome"} if who else {"status": "failed", "error": error}
        return 200, "application/json", json.dumps({"subsonic-response": reply})
    if path.startswith("/api/"):
        return (200, "application/json", json.dumps(navidrome.users())) if who else (401, "text/plain", "")
    return 404, "text/plain", "404 page not found"


def handler(navidrome: Navidrome) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            told = self.headers.get(navidrome.header, "")
            status, kind, text = answer(navidrome, self.client_address[0], self.path, told)
            body = b"" if kind == "location" else text.encode()
            self.send_response(status)
            self.send_header("Location", text) if kind == "location" else self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


def main() -> int:
    try:
        navidrome = Navidrome(os.environ)
    except Problem as problem:
        print(f'level=fatal msg="{problem}"', file=sys.stderr)
        return 1
    print(f'level=info msg="Navidrome server is ready!" address="0.0.0.0:{navidrome.port}"')
    # The first process of a container ends at a signal only where it says so.
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(0))
    ThreadingHTTPServer(("0.0.0.0", navidrome.port), handler(navidrome)).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())

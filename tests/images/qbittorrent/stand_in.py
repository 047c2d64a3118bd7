# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for qBittorrent without a desktop: page, port and configuration. README.md tells what it keeps."""

from __future__ import annotations

import secrets
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

CONFIGURATION = Path("/config/qBittorrent/qBittorrent.conf")
PAGE = b"<title>qBittorrent WebUI</title><form id=loginform></form>"


def configure(file: Path, torrenting: int) -> None:
    """Write the configuration where there is none, as the first start does."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        lines = ("[BitTorrent]", f"Session\\Port={torrenting}", "", "[LegalNotice]", "Accepted=true", "")
        file.write_text("\n".join(lines), encoding="utf-8")


def listening(port: int) -> socket.socket:
    """Listen for peers, who are never answered."""
    peers = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    peers.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    peers.bind(("0.0.0.0", port))
    peers.listen()
    return peers


def handler(password: str) -> type[BaseHTTPRequestHandler]:
    sessions: set[str] = set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            cookie = self.headers.get("Cookie", "").partition("SID=")[2]
            if self.path == "/":
                self._answer(200, PAGE)
            elif self.path.startswith("/api/v2/") and cookie not in sessions:
                self._answer(403, b"Forbidden")
            elif self.path == "/api/v2/app/version":
                self._answer(200, b"v5.2.3")
            else:
                self._answer(404, b"Not Found")

        def do_POST(self) -> None:
            given = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode())
            if self.path != "/api/v2/auth/login" or given != {"username": ["admin"], "password": [password]}:
                self._answer(403, b"Forbidden")
                return
            sessions.add(session := secrets.token_hex(16))
            self._answer(200, b"Ok.", f"SID={session}")

        def _answer(self, status: int, body: bytes, cookie: str = "") -> None:
            self.send_response(status)
            if cookie:
                self.send_header("Set-Cookie", f"{cookie}; HttpOnly; SameSite=Strict; path=/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


def main(web: int, torrenting: int) -> None:
    configure(CONFIGURATION, torrenting)
    password = secrets.token_urlsafe(7)
    print("The WebUI administrator username is: admin")
    print(f"A temporary password is provided for this session: {password}")
    with listening(torrenting):
        ThreadingHTTPServer(("0.0.0.0", web), handler(password)).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

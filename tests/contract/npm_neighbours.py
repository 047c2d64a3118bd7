# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who lives beside the stand-in for Nginx Proxy Manager: a name server, and a backend that tells what it got."""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, ThreadingUDPServer


class Resolver:
    """A name server that knows a few names, and says of all others that there are none."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

        class Handler(BaseRequestHandler):
            def handle(self) -> None:
                query, link = self.request
                link.sendto(_dns_answer(query, names), self.client_address)

        self._server = ThreadingUDPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _dns_answer(query: bytes, names: dict[str, str]) -> bytes:
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += 1 + query[at]
    question = query[12 : at + 5]
    wants_address = question[-4:-2] == b"\0\1"
    address = names.get(".".join(labels))
    answers = [socket.inet_aton(address)] if address and wants_address else []
    flags = b"\x81\x80" if address else b"\x81\x83"
    head = query[:2] + flags + b"\0\1" + len(answers).to_bytes(2, "big") + b"\0\0\0\0"
    return head + question + b"".join(b"\xc0\x0c\0\1\0\1\0\0\0\5\0\4" + one for one in answers)


class Echo:
    """A backend that answers with the headers that it got, names in lower case, and with what it was asked."""

    def __init__(self) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                got = {name.lower(): value for name, value in self.headers.items()}
                body = json.dumps({"path": self.path, "headers": got}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sites with a program of their own: every name leads here, and the name in a request tells whose it is."""

from __future__ import annotations

import http.client
from collections.abc import Iterable, Mapping
from http.server import BaseHTTPRequestHandler

#: The loopback port on which the program of a site listens. All other names are the echo's.
SITES = {"indexer.provider.test": 8101, "plex.tv": 8102, "hook.provider.test": 8103}

#: What belongs to one connection and not to the request.
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length"}


def port_of(host: str | None) -> int | None:
    """Return the port of the program that a Host header belongs to, if there is one."""
    return SITES.get((host or "").partition(":")[0].lower())


def end_to_end(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the headers that are passed on."""
    return [(name, value) for name, value in headers if name.lower() not in _HOP_BY_HOP]


def pass_on(request: BaseHTTPRequestHandler, port: int, scheme: str, client: str) -> None:
    """Let the program on this port answer the request, and tell it how the client came."""
    body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
    told = {"X-Forwarded-Proto": scheme, "X-Forwarded-For": client, "Content-Length": str(len(body))}
    status, headers, answer = _ask(port, request, body, told)
    request.send_response_only(status)
    for name, value in end_to_end(headers):
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(answer)))
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(answer)


def _ask(
    port: int, request: BaseHTTPRequestHandler, body: bytes, told: Mapping[str, str]
) -> tuple[int, list[tuple[str, str]], bytes]:
    inner = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        inner.putrequest(request.command, request.path, skip_host=True, skip_accept_encoding=True)
        for name, value in [*end_to_end(request.headers.items()), *told.items()]:
            inner.putheader(name, value)
        inner.endheaders(body)
        answer = inner.getresponse()
        return answer.status, answer.getheaders(), answer.read()
    except OSError:
        return 502, [("Content-Type", "text/plain")], b"this site is down\n"
    finally:
        inner.close()

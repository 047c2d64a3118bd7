# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking an application by HTTP: JSON in, JSON out, with a time for each step."""

from __future__ import annotations

import http.client
import json
import socket
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .findings import Trouble

#: More than any answer that is read here.
LARGEST = 8 * 1024 * 1024


@dataclass(frozen=True)
class Request:
    """who: as the journal names whoever is asked. path and headers may hold secrets, and are told nowhere."""

    who: str
    path: str = field(repr=False)
    method: str = "GET"
    body: Any = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def connection(url: str, seconds: float, *, ipv4: bool = False) -> tuple[http.client.HTTPConnection, str]:
    """Return a connection to where a URL leads, by IPv4 alone if told so, and the path that it names there."""
    parts = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    # Nothing that begins at an IPv4 address ends at another.
    source = ("0.0.0.0", 0) if ipv4 else None
    where = kind(parts.hostname or "", parts.port, timeout=seconds, source_address=source)
    return where, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def through(sock: socket.socket, seconds: float) -> http.client.HTTPConnection:
    """Return a connection by a socket that is connected already."""
    sock.settimeout(seconds)
    where = http.client.HTTPConnection("localhost", timeout=seconds)
    where.sock = sock
    return where


def ask(where: http.client.HTTPConnection, request: Request) -> Any:
    """Return the answer to a request, read as JSON."""
    try:
        return json.loads(fetch(where, request))
    except ValueError:
        raise Trouble(f"{request.who} answers with something else than JSON") from None


def fetch(where: http.client.HTTPConnection, request: Request) -> bytes:
    """Return the answer to a request. Only "200 OK" and its like is one."""
    body: bytes | None = None if request.body is None else json.dumps(request.body).encode()
    headers = {**({"Content-Type": "application/json"} if body is not None else {}), **request.headers}
    try:
        where.request(request.method, request.path, body, headers)
        answer = where.getresponse()
        text = answer.read(LARGEST)
    except (OSError, http.client.HTTPException, ValueError) as error:
        # Not the text of all of them: one of these repeats the path.
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise Trouble(f"{request.who} does not answer ({reason})") from None
    finally:
        where.close()
    if not 200 <= answer.status < 300:
        raise Refused(f"{request.who} answers {answer.status}", answer.status)
    return text


class Refused(Trouble):
    """There is an answer, which is none."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ask a host's front door for pages as a stranger does: many at once, each by a connection of its own.

No redirect is followed and no certificate is believed or doubted: what counts is what comes back.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

AT_A_TIME = 32
#: Octets of a page that are looked at.
LIMIT = 65536

CLOSED = "closed"  # the connection ended without an answer
UNREACHABLE = "unreachable"  # there was no connection
SILENT = "silent"  # a connection, on which nothing came in time
GARBLED = "garbled"  # something came that is no answer of a web server


@dataclass(frozen=True)
class Door:
    """Where the front door is."""

    address: str = "127.0.0.1"
    https_port: int = 443
    http_port: int = 80
    timeout: float = 10.0


@dataclass(frozen=True)
class Question:
    """One request. The name is the one that is asked for, in TLS and in the request."""

    name: str
    path: str = "/"
    tls: bool = True
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    about: str = ""  # what is special about it, for a person


@dataclass(frozen=True)
class Reply:
    """What came back. Where there was no answer, `lack` says which of the four it was, and the status is 0."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)  # names in small letters
    body: str = ""
    lack: str = ""


def ask_all(door: Door, questions: Iterable[Question]) -> dict[Question, Reply]:
    """Ask everything, many at a time."""
    asked = list(dict.fromkeys(questions))
    if not asked:
        return {}
    with ThreadPoolExecutor(min(AT_A_TIME, len(asked))) as pool:
        return dict(zip(asked, pool.map(lambda question: ask(door, question), asked)))


def ask(door: Door, question: Question) -> Reply:
    """Send one request and return what came back."""
    port = door.https_port if question.tls else door.http_port
    try:
        plain = socket.create_connection((door.address, port), door.timeout)
    except OSError:
        return Reply(lack=UNREACHABLE)
    with plain:
        try:
            stream = _stranger().wrap_socket(plain, server_hostname=question.name) if question.tls else plain
            with stream:
                stream.sendall(_request(question))
                return _read(stream, question.method)
        except ssl.SSLError as error:
            # An alert is how a server turns a name away; the end of the stream is how it slams the door.
            alert = (error.reason or "").startswith(("TLSV1_", "TLSV13_ALERT", "SSLV3_ALERT"))
            return Reply(lack=CLOSED if alert or isinstance(error, ssl.SSLEOFError) else GARBLED)
        except (http.client.RemoteDisconnected, ConnectionError):
            return Reply(lack=CLOSED)
        except socket.timeout:
            return Reply(lack=SILENT)
        except (http.client.HTTPException, OSError, ValueError):
            return Reply(lack=GARBLED)


def certificate(door: Door, name: str, ca_file: str) -> str:
    """Return what is wrong with the certificate that the door shows for a name, or nothing."""
    try:
        context = ssl.create_default_context(cafile=ca_file)
        plain = socket.create_connection((door.address, door.https_port), door.timeout)
        with plain, context.wrap_socket(plain, server_hostname=name):
            return ""
    except ssl.SSLCertVerificationError as error:
        return error.verify_message
    except OSError as error:
        return str(error)


def _stranger() -> ssl.SSLContext:
    # Not the default context, which would read every authority of the system for each question.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _request(question: Question) -> bytes:
    headers = {"Host": question.name, "User-Agent": "front-door-probe", "Accept": "text/html", "Connection": "close"}
    if question.method != "GET":
        headers["Content-Length"] = "0"
    headers.update(question.headers)
    lines = [f"{question.method} {question.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _read(stream: socket.socket, method: str) -> Reply:
    response = http.client.HTTPResponse(stream, method=method)
    try:
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        try:
            body = response.read(LIMIT)
        except (OSError, http.client.HTTPException):
            # A page that never ends has answered all the same.
            body = b""
        return Reply(response.status, headers, body.decode(errors="replace"))
    finally:
        response.close()

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small front door on loopback: real sockets, real TLS, and for each name what a test wants it to answer."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.homelab.media.plugins.module_utils.front_probe import Door


@dataclass(frozen=True)
class Request:
    """What was asked. The headers' names are in small letters."""

    method: str
    path: str
    name: str
    tls: bool
    headers: dict[str, str] = field(default_factory=dict)


#: Returns the octets to answer with; none ends the connection.
Answering = Callable[[Request], bytes]


def page(status: int = 200, body: str = "", **headers: str) -> bytes:
    """Return an answer; `content_type="text/html"` is a header."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body.encode())}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def certificate(folder: Path, name: str) -> tuple[str, str]:
    """Make a certificate that is its own authority, for a name; return it and its key."""
    crt, key = str(folder / f"{name}.crt"), str(folder / f"{name}.key")
    subject = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run([*made, *subject, "-days", "2", "-keyout", key, "-out", crt], check=True, capture_output=True)
    return crt, key


@contextmanager
def front(answering: Answering, crt: str, key: str, refused: tuple[str, ...] = ()) -> Iterator[Door]:
    """Serve HTTPS and HTTP; TLS itself is refused for some names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(crt, key)

    def turn_away(_socket: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> int | None:
        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME if name in refused else None

    context.sni_callback = turn_away
    listeners = [socket.create_server(("127.0.0.1", 0), backlog=256) for _each in range(2)]
    for listener, tls in zip(listeners, (True, False)):
        threading.Thread(target=_accept, args=(listener, context if tls else None, answering), daemon=True).start()
    https, http = (listener.getsockname()[1] for listener in listeners)
    try:
        yield Door("127.0.0.1", https, http, 2.0)
    finally:
        for listener in listeners:
            # A thread that waits for a connection is not woken by a mere close.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()


def _accept(listener: socket.socket, context: ssl.SSLContext | None, answering: Answering) -> None:
    while True:
        try:
            plain = listener.accept()[0]
        except OSError:
            return
        threading.Thread(target=_serve, args=(plain, context, answering), daemon=True).start()


def _serve(plain: socket.socket, context: ssl.SSLContext | None, answering: Answering) -> None:
    with contextlib.suppress(OSError), plain:
        stream = context.wrap_socket(plain, server_side=True) if context else plain
        with stream:
            text = b""
            while b"\r\n\r\n" not in text:
                part = stream.recv(65536)
                if not part:
                    return
                text += part
            stream.sendall(answering(_parse(text.decode("latin-1"), context is not None)))


def _parse(text: str, tls: bool) -> Request:
    first, *lines = text.split("\r\n\r\n")[0].split("\r\n")
    method, path, _version = first.split(" ")
    headers = {name.lower(): value for name, _colon, value in (line.partition(": ") for line in lines)}
    return Request(method, path, headers["host"], tls, headers)

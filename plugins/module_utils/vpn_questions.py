# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages asked for, by one IP version or the other, from the host and from inside a container's network.

What is asked from inside is asked by a child of this process that has joined the container's network and looks up names
where the container does. The image need not have a program for it.
"""

from __future__ import annotations

import ctypes
import http.client
import json
import os
import select
import signal
import socket
import ssl
import time
import urllib.parse
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.homelab.media.plugins.module_utils.vpn_verdict import Answer

_CLONE_NEWNS = 0x00020000
_CLONE_NEWNET = 0x40000000
_MS_BIND = 4096
_MS_PRIVATE_EVERYWHERE = 0x40000 | 0x4000

#: Where name services of the host listen that would answer for the pod, past its resolv.conf.
_HOST_NAME_SERVICES = ("/run/systemd/resolve", "/run/nscd")


@dataclass(frozen=True)
class Question:
    """A page to ask for, by one IP version."""

    url: str
    version: int
    timeout: float
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Place:
    """A running container: a process in its network, and the host's paths of the files that it looks up names by."""

    pid: int
    resolv_conf: str
    hosts: str


def ask(questions: Mapping[str, Question]) -> dict[str, Answer]:
    """Ask all questions at once."""
    if not questions:
        return {}
    with ThreadPoolExecutor(len(questions)) as pool:
        return dict(zip(questions, pool.map(_ask, questions.values())))


def _ask(question: Question) -> Answer:
    parts = urllib.parse.urlsplit(question.url)
    connection = _Connection(parts, question)
    try:
        connection.request(
            "GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), headers=_headers(question)
        )
        response = connection.getresponse()
        body = response.read(65536).decode(errors="replace")
        return Answer(body) if response.status == 200 else Answer(error=f"{parts.hostname} answered {response.status}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(error=f"{parts.hostname}: {error or type(error).__name__}")
    finally:
        connection.close()


def _headers(question: Question) -> dict[str, str]:
    # Some of the pages that tell an address make a picture of it for browsers.
    return {"User-Agent": "curl/8", "Accept": "text/plain, */*", **question.headers}


class _Connection(http.client.HTTPConnection):
    """A connection by one IP version, with TLS where the address asks for it."""

    def __init__(self, parts: urllib.parse.SplitResult, question: Question) -> None:
        self._tls = parts.scheme == "https"
        port = parts.port or (443 if self._tls else 80)
        super().__init__(parts.hostname or "", port, timeout=question.timeout)
        self._family = socket.AF_INET6 if question.version == 6 else socket.AF_INET

    def connect(self) -> None:
        last: OSError | None = None
        for family, kind, protocol, _name, where in socket.getaddrinfo(
            self.host, self.port, self._family, socket.SOCK_STREAM
        ):
            self.sock = socket.socket(family, kind, protocol)
            self.sock.settimeout(self.timeout)
            try:
                self.sock.connect(where)
                break
            except OSError as error:
                self.sock.close()
                last = error
        else:
            raise last or OSError("has no address")
        if self._tls:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


class Inside:
    """A child process in the pod's network that asks questions and ends."""

    def __init__(self, place: Place, questions: Mapping[str, Question]) -> None:
        self._reader, writer = os.pipe()
        self._child = os.fork()
        if self._child == 0:
            status = 1
            try:
                os.close(self._reader)
                told = _tell_from_inside(place, questions)
                with os.fdopen(writer, "w", encoding="utf-8") as stream:
                    json.dump(told, stream)
                status = 0
            finally:
                os._exit(status)
        os.close(writer)

    def answers(self, patience: float) -> dict[str, Answer]:
        """Wait for the child and return its answers; a child that takes too long is ended."""
        end, text = time.monotonic() + patience, b""
        while select.select([self._reader], [], [], max(0.0, end - time.monotonic()))[0]:
            part = os.read(self._reader, 65536)
            if not part:
                break
            text += part
        else:
            os.kill(self._child, signal.SIGKILL)
        os.close(self._reader)
        os.waitpid(self._child, 0)
        try:
            return {name: Answer(**answer) for name, answer in json.loads(text).items()}
        except ValueError:
            return {}


def _tell_from_inside(place: Place, questions: Mapping[str, Question]) -> dict[str, dict[str, str]]:
    try:
        _enter(place)
    except OSError as error:
        return {name: {"error": f"the pod cannot be entered: {error}"} for name in questions}
    return {name: vars(answer) for name, answer in ask(questions).items()}


def _enter(place: Place) -> None:
    """Join the pod's network namespace, with a view of the files in which it looks up names in place of the host's."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path(f"/proc/{place.pid}/ns/net").open(encoding="utf-8") as namespace:
        _checked(libc.setns(namespace.fileno(), _CLONE_NEWNET), "setns")
    _checked(libc.unshare(_CLONE_NEWNS), "unshare")
    _mount(libc, None, "/", None, _MS_PRIVATE_EVERYWHERE)
    resolv_conf = os.path.realpath("/etc/resolv.conf")
    for folder in _HOST_NAME_SERVICES:
        if Path(folder).is_dir():
            _mount(libc, "tmpfs", folder, "tmpfs", 0)
            if resolv_conf.startswith(folder + "/"):
                Path(resolv_conf).touch()
    _mount(libc, place.resolv_conf, resolv_conf, None, _MS_BIND)
    _mount(libc, place.hosts, os.path.realpath("/etc/hosts"), None, _MS_BIND)


def _mount(libc: ctypes.CDLL, source: str | None, target: str, kind: str | None, flags: int) -> None:
    words = [None if word is None else word.encode() for word in (source, target, kind)]
    _checked(libc.mount(*words, ctypes.c_ulong(flags), None), f"mount at {target}")


def _checked(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")

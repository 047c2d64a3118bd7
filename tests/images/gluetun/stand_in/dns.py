# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resolver on 127.0.0.1:53: asks the upstream through the tunnel, and Docker's own for names of one label."""

from __future__ import annotations

import http.client
import ipaddress
import itertools
import re
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable
from pathlib import Path

from . import providers
from .log import Log
from .settings import Dns

RESOLV_CONF = Path("/etc/resolv.conf")
DOCKER_RESOLVER = "127.0.0.11"
ATTEMPT_SECONDS = 3
SERVER_FAILURE = 2
Ask = Callable[[bytes, str], bytes]


class Resolver:
    def __init__(self, settings: Dns) -> None:
        self.settings = settings
        self.log = Log("dns")
        self.running = False
        self.local = _private_nameserver(RESOLV_CONF.read_text(encoding="utf-8"))
        self.upstreams = [address for name in settings.resolvers for address in providers.RESOLVERS[name]]
        self.turn = itertools.cycle(range(len(self.upstreams)))
        self.ask: Ask = {"plain": ask_plain, "dot": ask_tls, "doh": ask_https}[settings.kind]
        self.servers: list[socketserver.BaseServer] = []
        self.lock = threading.Lock()

    def use_plain(self) -> None:
        """Until the tunnel is up, names are asked of a public resolver, which only the tunnel can reach."""
        if not self.settings.keep_nameserver:
            address = self.upstreams[0]
            self.log.info(f"using plaintext DNS at address {address}")
            _nameserver(address)

    def start(self) -> None:
        with self.lock:
            if self.running or not self.settings.server:
                return
            self.log.info("DNS server listening on 127.0.0.1:53")
            handler = type("Bound", (), {"resolver": self})
            datagrams = _Datagrams(("127.0.0.1", 53), type("D", (_DatagramHandler, handler), {}))
            streams = _Streams(("127.0.0.1", 53), type("S", (_StreamHandler, handler), {}))
            self.servers = [datagrams, streams]
            for server in self.servers:
                threading.Thread(target=server.serve_forever, daemon=True).start()
            self.running = True
        if not self.settings.keep_nameserver:
            _nameserver(str(self.settings.address))
        self.log.info("ready")

    def stop(self) -> None:
        with self.lock:
            for server in self.servers:
                server.shutdown()
                server.server_close()
            self.servers = []
            self.running = False
        self.use_plain()

    def answer(self, question: bytes) -> bytes:
        try:
            if is_local(name_of(question)):
                return ask_plain(question, self.local)
        except (OSError, ValueError, IndexError):
            return failure(question)
        first = next(self.turn)
        for address in self.upstreams[first:] + self.upstreams[:first]:
            try:
                return self.ask(question, address)
            except (OSError, http.client.HTTPException):
                continue
        return failure(question)


def name_of(question: bytes) -> str:
    """The name that a DNS message asks for."""
    labels, position = [], 12
    while length := question[position]:
        if length > 63:
            raise ValueError("compressed name in a question")
        labels.append(question[position + 1 : position + 1 + length].decode("ascii", "replace"))
        position += 1 + length
    return ".".join(labels)


def is_local(name: str) -> bool:
    return "." not in name or name.endswith(".local")


def failure(question: bytes) -> bytes:
    flags = struct.unpack("!H", question[2:4])[0] | 0x8080 | SERVER_FAILURE
    return question[:2] + struct.pack("!H", flags) + question[4:]


def ask_plain(question: bytes, address: str) -> bytes:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(ATTEMPT_SECONDS)
        client.connect((address, 53))
        client.send(question)
        answer = client.recv(65535)
    truncated = answer[2] & 0x02
    return _ask_stream(question, socket.create_connection((address, 53), ATTEMPT_SECONDS)) if truncated else answer


def ask_tls(question: bytes, address: str) -> bytes:
    raw = socket.create_connection((address, 853), ATTEMPT_SECONDS)
    return _ask_stream(question, unverified().wrap_socket(raw, server_hostname="cloudflare-dns.com"))


def ask_https(question: bytes, address: str) -> bytes:
    client = http.client.HTTPSConnection(address, timeout=ATTEMPT_SECONDS, context=unverified())
    try:
        client.request("POST", "/dns-query", question, {"Content-Type": "application/dns-message"})
        answer = client.getresponse()
        if answer.status != 200:
            raise OSError(f"DNS over HTTPS answered {answer.status}")
        return answer.read()
    finally:
        client.close()


def unverified() -> ssl.SSLContext:
    """TLS without a look at who signed: upstream trusts the public authorities, which the lab's servers have not."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _ask_stream(question: bytes, connection: socket.socket) -> bytes:
    with connection, connection.makefile("rwb") as stream:
        stream.write(struct.pack("!H", len(question)) + question)
        stream.flush()
        length = stream.read(2)
        if len(length) < 2:
            raise OSError("the DNS server closed the connection")
        return stream.read(struct.unpack("!H", length)[0])


def _private_nameserver(resolv_conf: str) -> str:
    """The resolver that knows local names: what Docker wrote, unless an earlier start has overwritten it."""
    for address in re.findall(r"^nameserver\s+(\S+)", resolv_conf, re.MULTILINE):
        try:
            private = ipaddress.ip_address(address).is_private
        except ValueError:
            continue
        if private and ":" not in address and address != "127.0.0.1":
            return str(address)
    return DOCKER_RESOLVER


def _nameserver(address: str) -> None:
    """Docker mounts the file: it can be written, not replaced."""
    kept = [
        line
        for line in RESOLV_CONF.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("nameserver")
    ]
    RESOLV_CONF.write_text("\n".join([f"nameserver {address}", *kept]) + "\n", encoding="utf-8")


class _Datagrams(socketserver.ThreadingUDPServer):
    allow_reuse_address = True
    daemon_threads = True
    max_packet_size = 65535


class _Streams(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class _DatagramHandler(socketserver.BaseRequestHandler):
    resolver: Resolver

    def handle(self) -> None:
        question, back = self.request
        if len(question) > 12:
            back.sendto(self.resolver.answer(question), self.client_address)


class _StreamHandler(socketserver.StreamRequestHandler):
    resolver: Resolver

    def handle(self) -> None:
        while len(length := self.rfile.read(2)) == 2:
            answer = self.resolver.answer(self.rfile.read(struct.unpack("!H", length)[0]))
            self.wfile.write(struct.pack("!H", len(answer)) + answer)

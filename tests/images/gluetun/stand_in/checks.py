# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The checks that tell whether the tunnel carries traffic: TCP with TLS, ICMP, and plain DNS."""

from __future__ import annotations

import os
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable

from .dns import ask_plain, unverified

START_SECONDS = 6
SMALL_TRIES = (5, 5, 5, 10, 10, 10, 15, 15, 15, 30)
FULL_TRIES = (10, 15, 30)
# "github.com", type A, in a DNS message.
DNS_QUESTION = struct.pack("!6H", 1, 0x0100, 1, 0, 0, 0) + b"\x06github\x03com\x00" + struct.pack("!2H", 1, 1)


class CheckError(Exception):
    """The tunnel does not carry traffic."""


class NotPermitted(CheckError):
    """This process may not send ICMP."""


def start_check(targets: tuple[str, ...]) -> None:
    """All targets at once; one that answers is enough."""
    problems: list[str] = []
    good = threading.Event()
    left = threading.Semaphore(0)

    def one(target: str) -> None:
        try:
            tls_check(target, START_SECONDS)
            good.set()
        except (OSError, CheckError) as error:
            problems.append(f"{target}: {error}")
        left.release()

    for target in targets:
        threading.Thread(target=one, args=(target,), daemon=True).start()
    deadline = time.monotonic() + START_SECONDS
    for _ in targets:
        left.acquire(timeout=max(0.0, deadline - time.monotonic()))
        if good.is_set():
            return
    said = ", ".join(f"parallel attempt {number} failed: {text}" for number, text in enumerate(problems, 1))
    raise CheckError(f"startup check: all check tries failed: {said or 'context deadline exceeded'}")


def tls_check(target: str, seconds: float) -> None:
    host, _, port = target.rpartition(":") if ":" in target else (target, ":", "443")
    connection = socket.create_connection((host, int(port)), seconds)
    with connection:
        if port == "443":
            try:
                unverified().wrap_socket(connection, server_hostname=host).close()
            except ssl.SSLError as error:
                raise CheckError(f"running TLS handshake: {error}") from None


def echo_check(address: str, seconds: float) -> None:
    """One ICMP echo, asked and answered."""
    six = ":" in address
    family, protocol = (socket.AF_INET6, socket.IPPROTO_ICMPV6) if six else (socket.AF_INET, socket.IPPROTO_ICMP)
    try:
        client = socket.socket(family, socket.SOCK_RAW, protocol)
    except PermissionError:
        raise NotPermitted("ICMP is not permitted") from None
    identity = os.getpid() & 0xFFFF
    with client:
        client.connect((address, 0))
        client.send(_echo_request(128 if six else 8, identity))
        deadline = time.monotonic() + seconds
        while (rest := deadline - time.monotonic()) > 0:
            client.settimeout(rest)
            packet = client.recv(2048)
            message = packet if six else packet[(packet[0] & 0x0F) * 4 :]
            if message[0] == (129 if six else 0) and struct.unpack("!H", message[4:6])[0] == identity:
                return
    raise CheckError(f"no ICMP answer from {address} within {seconds:.0f} s")


def dns_check(address: str) -> None:
    ask_plain(DNS_QUESTION, address)


def with_tries(waits: tuple[int, ...], check: Callable[[int, float], None], stop: threading.Event) -> None:
    problems = []
    for number, seconds in enumerate(waits):
        begin = time.monotonic()
        try:
            check(number, seconds)
            return
        except NotPermitted:
            raise
        except (OSError, CheckError) as error:
            problems.append(f"attempt {number + 1} ({(time.monotonic() - begin) * 1000:.0f}ms): {error}")
        if stop.is_set():
            return
    raise CheckError("all check tries failed:\n\t" + "\n\t".join(problems))


def _echo_request(kind: int, identity: int) -> bytes:
    body = b"a stand-in asks."
    head = struct.pack("!BBHHH", kind, 0, 0, identity, 1)
    # The kernel fills in the checksum of ICMPv6 itself.
    words = struct.unpack(f"!{(len(head) + len(body)) // 2}H", head + body)
    total = (sum(words) >> 16) + (sum(words) & 0xFFFF)
    checksum = ~(total + (total >> 16)) & 0xFFFF
    return struct.pack("!BBHHH", kind, 0, checksum, identity, 1) + body

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients: people on the uplink, each in a network namespace with an address of its own, who look at a host's door.

    with client("anna", host) as anna:
        answer = anna.get("https://sonarr.media.test/", headers={"X-Real-IP": "192.0.2.1"})
        assert answer.status == 302

Every name leads to the host, whatever resolvers say. Redirects are not followed, certificates are not checked.
"""

from __future__ import annotations

import json
import subprocess
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.bed import addresses as at
from tests.bed import containers
from tests.bed.host import Host
from tests.bed.images import LABEL
from tests.bed.shell import BedError, docker

CLIENT_LABEL = "media.bed.client"
# The image of the hosts has all that a client needs; systemd is not started in it.
IMAGE = "media-bed/host"
_VERDICT = r"\n%{http_code} %{errormsg}"


@dataclass(frozen=True)
class Answer:
    """What came back. Without an answer the status is 0, and `error` says why.

    headers: names in small letters; of one that comes several times, all values, a line each.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""
    error: str = ""

    @property
    def location(self) -> str:
        return self.headers.get("location", "")


@dataclass(frozen=True)
class Client:
    """A client of the host. Its number is the last one of its addresses."""

    name: str
    number: int
    host: Host

    @property
    def ip(self) -> str:
        """Its address on the uplink."""
        return at.UPLINK_NET.replace("0/24", str(self.number))

    @property
    def ip6(self) -> str:
        """Its IPv6 address on the uplink."""
        return at.UPLINK_NET6.replace("/64", str(self.number))

    @property
    def container(self) -> str:
        return f"{at.PREFIX}client-{self.name}"

    @property
    def mac(self) -> str:
        """Its Ethernet address, by which a capture knows it."""
        return self.exec("cat", "/sys/class/net/eth0/address")

    def exec(self, *command: str, timeout: float | None = None) -> str:
        """Run a command in the client's container as root and return what it printed."""
        return docker("exec", self.container, *command, timeout=timeout)

    def python(self, program: str, asked: object = None, timeout: float | None = None) -> str:
        """Run a Python program there, with `asked` as JSON on its standard input; return what it printed."""
        command = ["docker", "exec", "--interactive", self.container, "python3", "-c", program]
        done = subprocess.run(
            command, input=json.dumps(asked).encode(), capture_output=True, check=False, timeout=timeout
        )
        if done.returncode != 0:
            raise BedError(f"{self.container}: python3 failed with {done.returncode}: {done.stderr.decode()[-1500:]}")
        return done.stdout.decode()

    def get(self, url: str, headers: Mapping[str, str] | None = None, **more: Any) -> Answer:
        """Ask for a page; see `ask`."""
        return self.ask("GET", url, headers, **more)

    def post(self, url: str, body: object, headers: Mapping[str, str] | None = None, **more: Any) -> Answer:
        """Send a body as JSON; see `ask`."""
        return self.ask("POST", url, headers, body=body, **more)

    def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        body: object = None,
        version: int = 4,
        cookies: str = "",
        seconds: float = 10,
    ) -> Answer:
        """Send one request to the host, by IPv4 or IPv6.

        cookies: the name of a jar, which is kept in the client; without one no cookie is sent or kept.
        """
        words = ["curl", "--silent", "--insecure", "--noproxy", "*", f"-{version}", "--max-time", str(seconds)]
        words += ["--dump-header", "/dev/stderr", "--request", method]
        words += ["--connect-to", f"::{self.host.ip}:" if version == 4 else f"::[{self.host.ip6}]:"]
        words += ["--write-out", _VERDICT]
        sent = {**({} if body is None else {"Content-Type": "application/json"}), **(headers or {})}
        words += [word for name, value in sent.items() for word in ("--header", f"{name}: {value}")]
        if cookies:
            words += ["--cookie", f"/tmp/{cookies}.jar", "--cookie-jar", f"/tmp/{cookies}.jar"]
        if body is not None:
            words += ["--data-binary", "@-"]
        done = subprocess.run(
            ["docker", "exec", "--interactive", self.container, *words, url],
            input=b"" if body is None else json.dumps(body).encode(),
            capture_output=True,
            check=False,
            timeout=seconds + 30,
        )
        return read(done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def read(out: str, headers: str) -> Answer:
    """Read what curl printed: the page with the verdict in its last line, and the headers."""
    text, _line, verdict = out.rpartition("\n")
    status, _blank, error = verdict.partition(" ")
    if not status.isdigit():
        raise BedError(f"the client cannot ask: {headers.strip() or out.strip()}")
    found: dict[str, str] = {}
    for line in headers.splitlines()[1:]:
        name, colon, value = line.partition(":")
        if colon:
            name = name.strip().lower()
            found[name] = "\n".join(filter(None, [found.get(name, ""), value.strip()]))
    return Answer(int(status), found, text, error)


@contextmanager
def client(name: str, host: Host, image: str = IMAGE) -> Iterator[Client]:
    """Have a client of this name; it is gone when the block ends. The image has curl and python3."""
    found = Client(name, _free_number(name), host)
    containers.remove(found.container)
    docker(
        *("run", "--detach", "--name", found.container),
        *("--label", f"{LABEL}={found.container}", "--label", f"{CLIENT_LABEL}={found.number}"),
        *("--network", at.UPLINK_NETWORK, "--ip", found.ip, "--ip6", found.ip6),
        *("--cap-add", "NET_ADMIN", "--sysctl", "net.ipv6.conf.all.disable_ipv6=0"),
        *("--entrypoint", "sleep", image, "infinity"),
    )
    try:
        yield found
    finally:
        containers.remove(found.container)


def _free_number(name: str) -> int:
    """Return a number, the same for a name while it is free: nobody inherits what another was banned for."""
    form = '{{.Label "' + CLIENT_LABEL + '"}}'
    taken = set(docker("ps", "--all", "--filter", f"label={CLIENT_LABEL}", "--format", form).split())
    numbers = range(at.CLIENT_FIRST, at.CLIENT_LAST + 1)
    first = zlib.crc32(name.encode()) % len(numbers)
    for number in (*numbers[first:], *numbers[:first]):
        if str(number) not in taken:
            return number
    raise BedError("no address is free for another client")

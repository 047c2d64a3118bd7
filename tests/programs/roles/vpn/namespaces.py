# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A pod, the host around it, the world behind, and a neighbour, each a network namespace of the kernel.

    friend 172.31.0.3 --- eth1  pod  eth0 --- media-vpn  host  up0 --- world 203.0.113.7, .8, .53
           172.31.0.1 (the bridge's address, that is the host's)

In the pod there are only the programs that the image has: busybox and iptables.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ansible_collections.homelab.media.plugins.module_utils.kill_switch import Endpoint, guard, pod_rules

FILES = Path(__file__).resolve().parents[4] / "roles" / "vpn" / "files"
SERVER = Endpoint("udp", "203.0.113.7", 51820)
SERVER6 = "2001:db8::7"
ELSEWHERE, ELSEWHERE6 = "203.0.113.8", "2001:db8::8"
HOST, NEIGHBOUR, BRIDGE = "172.30.0.1", "172.31.0.3", "172.31.0.1"
NEIGHBOUR6, BRIDGE6 = "fd00:31::3", "fd00:31::1"
LAN = ("192.168.7.0/24", "fd00:7::/64")
MARK = 0xCA6C

# Neighbour discovery is the link's own talk.
_COUNTER = """
table inet seen {
    chain arriving {
        type filter hook prerouting priority raw; policy accept;
        icmpv6 type { nd-router-solicit, nd-neighbor-solicit, nd-neighbor-advert, mld2-listener-report } return
        iifname "lo" return
        counter
    }
}
"""

_NUMBERS = itertools.count()

_SEND = """
import socket, sys
kind, where, port, mark = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
family = socket.AF_INET6 if ":" in where else socket.AF_INET
sender = socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
sender.settimeout(0.3)
if mark:
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, mark)
try:
    sender.connect((where, port))
    sender.send(b"x")
except OSError as error:
    print(error)
"""

_LISTEN = """
import socket, sys
listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
print("listening", flush=True)
while True:
    connection, _ = listener.accept()
    connection.sendall(b"hello")
    connection.close()
"""

_ANSWER_LATE = """
import socket, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind((sys.argv[1], int(sys.argv[2])))
print("listening", flush=True)
question, asker = server.recvfrom(100)
print("asked", flush=True)
sys.stdin.readline()
try:
    server.sendto(b"answer", asker)
except OSError as error:
    print(error, flush=True)
"""

_ASK = """
import socket, sys
with socket.create_connection((sys.argv[1], int(sys.argv[2])), 2) as connection:
    print(connection.recv(10).decode())
"""


def run(*words: str, check: bool = True, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=env)
    assert not check or done.returncode == 0, f"{' '.join(words)}: {done.stdout}{done.stderr}"
    return done


@dataclass
class Lab:
    """The namespaces, and the pod's own folders."""

    prefix: str
    folder: Path

    def name(self, place: str) -> str:
        return f"{self.prefix}-{place}"

    def at(self, place: str, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of this machine in a namespace."""
        return run("ip", "netns", "exec", self.name(place), *words, check=check)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.folder}/programs",
            "POD": f"{self.folder}/pod",
            "STATE": f"{self.folder}/state",
            "RESOLV_CONF": f"{self.folder}/resolv.conf",
            "INTERVAL": "0.2",
            "TRIES": "2",
        }

    def script(self, name: str, *words: str) -> subprocess.Popen[str]:
        """Start one of the role's scripts in the pod, with nothing but the image's programs."""
        shell = f"{self.folder}/programs/sh"
        enter = [shutil.which("ip") or "ip", "netns", "exec", self.name("pod")]
        command = [*enter, shell, str(self.folder / "pod" / name), *words]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.environment
        )

    def finish(self, name: str, *words: str) -> tuple[int, str]:
        """Run one of the role's scripts in the pod to its end; return its status and what it said."""
        process = self.script(name, *words)
        said, _nothing = process.communicate(timeout=30)
        return process.returncode, said

    def rules(self, endpoint: Endpoint = SERVER, lan: tuple[str, ...] = LAN) -> None:
        """Write the pod's rules as the role does."""
        for family in (4, 6):
            (self.folder / "pod" / f"rules.v{family}").write_text(pod_rules(family, endpoint, lan))

    def reset(self) -> None:
        """Take away what a trial has put there."""
        self.at("pod", "nft", "flush", "ruleset")
        self.at("pod", "ip", "link", "delete", "tun0", check=False)
        self.at("host", "nft", "delete", "table", "inet", "media_guard", check=False)
        shutil.rmtree(self.folder / "pod", ignore_errors=True)
        shutil.copytree(FILES, self.folder / "pod")
        shutil.rmtree(self.folder / "state", ignore_errors=True)
        self.rules()

    @contextmanager
    def held(self) -> Iterator[subprocess.Popen[str]]:
        """Hold the pod with its kill switch in force."""
        holder = self.script("hold.sh")
        try:
            wait_for("the kill switch is in force", lambda: self.finish("check.sh")[0] == 0)
            yield holder
        finally:
            holder.terminate()
            holder.communicate(timeout=10)

    def guard(self, endpoint: Endpoint = SERVER) -> None:
        """Load the host's rules as the role does."""
        file = self.folder / "guard.nft"
        file.write_text(guard(endpoint, LAN))
        self.at("host", "nft", "-f", str(file))

    def arrived(self, place: str) -> int:
        """Return how many packets have come to a namespace so far."""
        listed = self.at(place, "nft", "list", "table", "inet", "seen").stdout
        return int(re.findall(r"counter packets (\d+)", listed)[0])

    def reaches(self, place: str, where: str, port: int, kind: str = "udp", mark: int = 0) -> bool:
        """Send from the pod; tell whether anything came to the place."""
        before = self.arrived(place)
        self.at("pod", sys.executable, "-c", _SEND, kind, where, str(port), str(mark))
        # The first packet waits until its neighbour's address is known.
        time.sleep(0.05)
        return self.arrived(place) > before

    @contextmanager
    def asked(self, address: str, port: int, ask: Callable[[], object]) -> Iterator[Callable[[], None]]:
        """Have the pod asked something; the block is given what lets it answer."""
        command = ["ip", "netns", "exec", self.name("pod"), sys.executable, "-c", _ANSWER_LATE, address, str(port)]
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout and server.stdout.readline() == "listening\n"
            ask()
            assert server.stdout.readline() == "asked\n"
            yield partial(_tell, server)
        finally:
            server.kill()
            server.communicate()

    @contextmanager
    def listening(self, place: str, address: str, port: int) -> Iterator[None]:
        """Have somebody answer "hello" at an address."""
        command = ["ip", "netns", "exec", self.name(place), sys.executable, "-c", _LISTEN, address, str(port)]
        listener = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert listener.stdout and listener.stdout.readline() == "listening\n"
            yield
        finally:
            listener.kill()
            listener.communicate()

    def hears_hello(self, place: str, address: str, port: int) -> bool:
        """Tell whether somebody who asks from a place is answered."""
        done = self.at(place, sys.executable, "-c", _ASK, address, str(port), check=False)
        return done.stdout == "hello\n"


def _tell(server: subprocess.Popen[str]) -> None:
    server.communicate("now\n")


def wait_for(what: str, seen: Callable[[], bool], seconds: float = 10) -> float:
    """Poll until it is so; return how long it took."""
    begun = time.monotonic()
    while not seen():
        assert time.monotonic() - begun < seconds, f"not within {seconds} s: {what}"
        time.sleep(0.05)
    return time.monotonic() - begun


@contextmanager
def lab(folder: Path) -> Iterator[Lab]:
    """Make the namespaces, and remove them."""
    made = Lab(f"media-{os.getpid()}-{next(_NUMBERS)}", folder)
    try:
        _make(made)
        yield made
    finally:
        for place in ("pod", "host", "world", "friend"):
            run("ip", "netns", "delete", made.name(place), check=False)


def _make(made: Lab) -> None:
    for place in ("pod", "host", "world", "friend"):
        run("ip", "netns", "add", made.name(place))
        made.at(place, "ip", "link", "set", "lo", "up")
        # No search for duplicate addresses: no IPv6 address could be used for the first seconds.
        made.at(place, "sh", "-c", "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad")
    _cable(made, ("pod", "eth0"), ("host", "media-vpn"))
    _cable(made, ("pod", "eth1"), ("friend", "eth0"))
    _cable(made, ("host", "up0"), ("world", "eth0"))
    # Both ends of every cable first: a question for a neighbour that nobody hears is repeated only after a second.
    for place, device, address, address6 in (
        ("pod", "eth0", "172.30.0.2/24", "fd00:30::2/64"),
        ("host", "media-vpn", f"{HOST}/24", "fd00:30::1/64"),
        ("pod", "eth1", "172.31.0.2/24", "fd00:31::2/64"),
        ("friend", "eth0", f"{NEIGHBOUR}/24", f"{NEIGHBOUR6}/64"),
        ("host", "up0", "203.0.113.1/24", "2001:db8::1/64"),
        ("world", "eth0", f"{SERVER.address}/24", f"{SERVER6}/64"),
    ):
        _address(made, place, device, address, address6)
    _address(made, "friend", "eth0", f"{BRIDGE}/24", f"{BRIDGE6}/64")
    _address(made, "world", "eth0", f"{ELSEWHERE}/24", f"{ELSEWHERE6}/64")
    made.at("world", "ip", "route", "add", "default", "via", "203.0.113.1")
    made.at("world", "ip", "-6", "route", "add", "default", "via", "2001:db8::1")
    made.at("host", "ip", "route", "add", "default", "via", "203.0.113.7")
    made.at("pod", "ip", "route", "add", "default", "via", HOST)
    made.at("pod", "ip", "-6", "route", "add", "default", "via", "fd00:30::1")
    for setting in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
        made.at("host", "sh", "-c", f"echo 1 > /proc/sys/net/{setting}")
    counter = made.folder / "seen.nft"
    counter.write_text(_COUNTER)
    for place in ("host", "world", "friend"):
        made.at(place, "nft", "-f", str(counter))
    # From here on every neighbour is known, and what does not arrive was stopped.
    for place, where in (("world", ELSEWHERE), ("world", ELSEWHERE6), ("friend", NEIGHBOUR), ("friend", NEIGHBOUR6)):
        wait_for(f"packets come to {where}", partial(made.reaches, place, where, 9))
    _programs(made.folder / "programs")


def _cable(made: Lab, one: tuple[str, str], other: tuple[str, str]) -> None:
    peer = ("peer", "name", other[1], "netns", made.name(other[0]))
    run("ip", "-n", made.name(one[0]), "link", "add", one[1], "type", "veth", *peer)
    for place, device in (one, other):
        made.at(place, "ip", "link", "set", device, "up")


def _address(made: Lab, place: str, device: str, address: str, address6: str) -> None:
    made.at(place, "ip", "address", "add", address, "dev", device)
    made.at(place, "ip", "-6", "address", "add", address6, "dev", device)


def _programs(folder: Path) -> None:
    """Install what the image has: every applet of busybox, and iptables."""
    folder.mkdir()
    run("busybox", "--install", "-s", str(folder))
    for name in ("iptables", "iptables-restore", "ip6tables", "ip6tables-restore"):
        for program in (name, name.replace("tables", "tables-legacy")):
            (folder / program).unlink(missing_ok=True)
            (folder / program).symlink_to(shutil.which(program) or f"/usr/sbin/{program}")

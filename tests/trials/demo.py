# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo host as the trials see it: its containers, its NZBGet, and what leaves it."""

from __future__ import annotations

import base64
import json
import subprocess
from dataclasses import dataclass
from typing import Any

from tests.bed import addresses as at
from tests.bed.capture import Packet
from tests.bed.customer import FOLDER
from tests.bed.host import Host
from tests.bed.shell import BedError, succeeds, wait_for

#: Run on the host: one call of NZBGet's API with the login of the secret store. The call comes by standard input.
CALL = """
import base64, json, sys, urllib.request
password = open("/opt/media/secrets/nzbget_password").read()
request = urllib.request.Request("http://127.0.0.1:6789/jsonrpc", data=sys.stdin.buffer.read())
request.add_header("Authorization", "Basic " + base64.b64encode(f"nzbget:{password}".encode()).decode())
sys.stdout.write(urllib.request.urlopen(request, timeout=20).read().decode())
"""


#: Recyclarr runs once a day, and has no health to be asked for.
WELL = ("healthy", "running")


@dataclass(frozen=True)
class Container:
    """What tells whether a container was touched."""

    id: str
    started_at: str
    health: str


@dataclass(frozen=True)
class Demo:
    """A converged host."""

    host: Host

    def inner(self, *command: str, timeout: float | None = None) -> str:
        """Run a docker command on the host's own engine."""
        return self.host.exec("docker", *command, timeout=timeout)

    def name(self, service: str) -> str:
        return f"media-{service}-1"

    def container(self, service: str) -> Container:
        state = json.loads(self.inner("inspect", self.name(service)))[0]
        health = state["State"].get("Health", {}).get("Status") or state["State"]["Status"]
        return Container(state["Id"], state["State"]["StartedAt"], health)

    def pid(self, service: str) -> str:
        return self.inner("inspect", "--format", "{{.State.Pid}}", self.name(service))

    def in_pod(self, *command: str) -> str:
        """Run one of the host's programs in the pod's network, as a careless administrator would."""
        return self.host.exec("nsenter", "--target", self.pid("vpn-pod"), "--net", *command)

    def exit_address(self) -> str:
        """Return the address that NZBGet's container has towards the world, or nothing when it has no way out."""
        ask = ["curl", "--silent", "--ipv4", "--max-time", "1", f"http://{at.INTERNET}/ip"]
        try:
            return self.inner("exec", self.name("nzbget"), *ask).strip()
        except BedError:
            return ""

    def wait_for_way_out(self, seconds: float = 60) -> None:
        expected = self.customer()["exit_ip"]
        wait_for(
            "NZBGet's container has its way out", lambda: self.exit_address() == expected, seconds=seconds, every=0.05
        )

    def services(self) -> list[str]:
        """Return every service that has a container."""
        form = '{{.Label "com.docker.compose.service"}}'
        listed = self.inner("ps", "--all", "--filter", "label=homelab.media.service", "--format", form)
        return sorted(listed.split())

    def wait_until_well(self, seconds: float = 90) -> None:
        """Wait until every container is healthy, or runs where nothing can be asked of it."""

        def well() -> bool:
            found = succeeds(["docker", "exec", self.host.name, "docker", "info"])
            return found and all(self.container(name).health in WELL for name in self.services())

        wait_for("every service is healthy", lambda: _calm(well), seconds=seconds, every=0.5)

    def customer(self) -> dict[str, Any]:
        """Return what the VPN provider gave its customer."""
        return dict(json.loads((FOLDER / "wireguard.json").read_text()))

    def nzbget(self, method: str, *params: Any) -> Any:
        """Call NZBGet's API as an application does."""
        body = json.dumps({"method": method, "params": list(params), "id": 1}).encode()
        command = ["docker", "exec", "--interactive", self.host.name, "python3", "-c", CALL]
        done = subprocess.run(command, input=body, capture_output=True, check=True)
        answer = json.loads(done.stdout)
        assert not answer.get("error"), answer["error"]
        return answer["result"]

    def fetch(self, name: str, nzb: bytes, category: str = "") -> int:
        """Queue a release, also one that was fetched before; return its number."""
        number = self.nzbget(
            "append", f"{name}.nzb", base64.b64encode(nzb).decode(), category, 0, False, False, "", 0, "FORCE", []
        )
        assert number > 0, "NZBGet refused the NZB"
        return int(number)

    def leaks(self, packets: list[Packet]) -> list[Packet]:
        """Return what left the host beside the tunnel's own packets.

        To these belongs what the host makes of the server's own encrypted packets once the pod is gone: an ICMP error
        that quotes one, or the packet itself, whose bridge is no more, sent back where it came from.
        """
        customer = self.customer()
        server, port = customer["endpoint_ip"], customer["endpoint_port"]
        sent = {(server, port, "udp"), (server, 0, "icmp")}
        returned = (server, port, "udp")
        return [
            packet
            for packet in packets
            if (packet.dst, packet.dst_port, packet.protocol) not in sent
            and (packet.src, packet.src_port, packet.protocol) != returned
        ]


def _calm(probe: Any) -> bool:
    try:
        return bool(probe())
    except BedError:
        return False

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fresh host: systemd in a container, with an address on the uplink and the router as its way out.

Docker is not in it. It carries its own apt repository, so that what installs Docker does so for real.
`docker restart NAME` is a reboot: the image's entry point sets network, trust and control groups up again each time.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.bed import addresses as at
from tests.bed import containers, registry
from tests.bed.containers import Attachment, Container
from tests.bed.images import LABEL
from tests.bed.shell import BedError, docker, step, succeeds, wait_for

HOST_LABEL = "media.bed.host"
TRUSTED = "/usr/local/share/ca-certificates/media-bed.crt"
TRUSTED_SITES = "/usr/local/share/ca-certificates/media-bed-sites.crt"
RESERVED = {at.ROUTER_NAME, at.REGISTRY_NAME, at.INTERNET_NAME, at.UPLINK_NETWORK}


@dataclass(frozen=True)
class Host:
    """A host of the bed. Its number is the last one of its addresses."""

    name: str
    number: int

    @property
    def ip(self) -> str:
        """Its address on the uplink."""
        return at.UPLINK_NET.replace("0/24", str(self.number))

    @property
    def ip6(self) -> str:
        """Its IPv6 address on the uplink."""
        return at.UPLINK_NET6.replace("/64", str(self.number))

    @property
    def mac(self) -> str:
        """Its Ethernet address on the uplink, by which the capture knows it."""
        return f"02:6d:65:64:00:{self.number:02x}"

    @property
    def volume(self) -> str:
        """The volume under its /var/lib/docker."""
        return f"{self.name}-docker"

    def exec(self, *command: str, timeout: float | None = None) -> str:
        """Run a command in the host as root and return what it printed."""
        return docker("exec", self.name, *command, timeout=timeout)


def ensure(name: str, image: str = "media-bed/host") -> Host:
    """Make the host or start it; return it when it has booted. A host that is there is never made anew."""
    with step(name) as line:
        host = find(name)
        if host is None:
            host = Host(_checked(name), _free_number(name))
            _create(host, image)
            line.note = "made, "
        elif not containers.running(name):
            line.note = "started, "
        elif docker("container", "inspect", "--format", "{{.Image}}", name) != containers.image_id(image):
            line.note = "from an earlier image: `down` it for a new one, "
        if not containers.running(name):
            docker("start", name)
        line.note += f"{host.ip} {host.ip6} {wait_until_booted(host)}"
        _trust_sites(host)
    return host


def _trust_sites(host: Host) -> None:
    """Let the host trust the internet's sites, as it would public ones. A new internet has a new authority."""
    authority = docker("exec", at.INTERNET_NAME, "cat", "/srv/client/ca.crt")
    if docker("exec", host.name, "sh", "-c", f"cat {TRUSTED_SITES} 2>/dev/null || true") == authority:
        return
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "sites.crt")
        file.write_text(authority + "\n")
        docker("cp", str(file), f"{host.name}:{TRUSTED_SITES}")
    docker("exec", host.name, "update-ca-certificates")


def find(name: str) -> Host | None:
    """Return the host of this name, if it is there."""
    number = containers.label(name, HOST_LABEL)
    return Host(name, int(number)) if number else None


def hosts() -> list[Host]:
    """Return all hosts there are, running or not."""
    listed = docker("ps", "--all", "--filter", f"label={HOST_LABEL}", "--format", "{{.Names}}")
    return [host for name in sorted(listed.split()) if (host := find(name))]


def wait_until_booted(host: Host, seconds: float = 60) -> str:
    """Wait until systemd has nothing left to start; return its state, which has to be "running"."""

    def state() -> str:
        # It ends with 1 for any state but "running", and cannot be asked at all in the first moments.
        words = docker("exec", host.name, "sh", "-c", "systemctl is-system-running 2>/dev/null || true")
        return "" if words in ("", "offline", "initializing", "starting") else words

    try:
        found = wait_for(f"{host.name} has booted", state, seconds=seconds)
    except BedError as error:
        raise BedError(f"{error}; it said last:{containers.last_words(host.name)}") from None
    if found != "running":
        failed = docker("exec", host.name, "systemctl", "--failed", "--no-legend", "--plain")
        raise BedError(f"{host.name}: systemd says {found!r}; failed units:\n{failed}")
    return found


def reboot(host: Host) -> None:
    """Restart the host as a power cycle that lets it shut down; return when it has booted."""
    docker("restart", "--time", "30", host.name)
    wait_until_booted(host)


def remove(name: str) -> bool:
    """Remove the host with its volumes; return False if there is none."""
    host = find(name)
    if host is not None:
        containers.remove(name)
    volume = f"{name}-docker"
    if succeeds(["docker", "volume", "inspect", volume]):
        docker("volume", "rm", volume)
    return host is not None


def _checked(name: str) -> str:
    if not re.fullmatch(rf"{at.PREFIX}[a-z0-9][a-z0-9-]{{0,40}}", name) or name in RESERVED:
        raise BedError(
            f"{name}: not a name for a host. It has to begin with {at.PREFIX}, have only small letters, digits and -, "
            f"and be none of {', '.join(sorted(RESERVED))}; {at.DEMO_NAME} is one"
        )
    if containers.exists(name):
        raise BedError(f"{name}: there is a container of this name that the bed did not make")
    return name


def _free_number(name: str) -> int:
    taken = {host.number for host in hosts()}
    # The first number is kept for the demo host, whose address people are told.
    numbers = [at.HOST_FIRST] if name == at.DEMO_NAME else range(at.HOST_FIRST + 1, at.HOST_LAST + 1)
    for number in numbers:
        if number not in taken:
            return number
    raise BedError(f"{name}: no address is free; there are hosts enough: {', '.join(host.name for host in hosts())}")


def _create(host: Host, image: str) -> None:
    container = Container(
        name=host.name,
        image=image,
        options=(
            "--hostname", host.name,
            "--label", f"{HOST_LABEL}={host.number}",
            # All that a machine of its own could do. (--privileged asks for SYS_RESOURCE, which not every machine
            # that runs the bed has to give.)
            "--cap-add", "ALL",
            "--cap-drop", "SYS_RESOURCE",
            "--security-opt", "seccomp=unconfined",
            "--security-opt", "systempaths=unconfined",
            "--security-opt", "apparmor=unconfined",
            "--device-cgroup-rule", "a *:* rwm",
            "--device", "/dev/net/tun",
            # Under the unified hierarchy the entry point makes a namespace of its own.
            "--cgroupns", "private" if docker("info", "--format", "{{.CgroupVersion}}") == "1" else "host",
            "--sysctl", "net.ipv6.conf.all.disable_ipv6=0",
            "--tmpfs", "/run:exec",
            "--tmpfs", "/run/lock",
            "--tmpfs", "/tmp:exec",
            "--volume", f"{host.volume}:/var/lib/docker",
            # Given by the entry point: not every client and engine agree on how to fix it here.
            "--env", f"MAC={host.mac}",
            "--env", f"GATEWAY={at.ROUTER_UPLINK}",
            "--env", f"GATEWAY6={at.ROUTER_UPLINK6}",
            "--env", f"NAMESERVERS={at.ISP_DNS} {at.ISP_DNS6}",
        ),
        first=Attachment(at.UPLINK_NETWORK, host.ip, host.ip6),
    )  # fmt: skip
    docker("volume", "create", "--label", f"{LABEL}={host.name}", host.volume)
    containers.create(container, container.digest())
    # Copied, not mounted: the host goes on working when the checkout that made it is gone.
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "media-bed.crt")
        file.write_text(registry.ca() + "\n")
        docker("cp", str(file), f"{host.name}:{TRUSTED}")

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that the bed has on the engine: telling it, and removing it without a trace."""

from __future__ import annotations

from tests.bed import addresses as at
from tests.bed import engine, lab, registry
from tests.bed.host import hosts
from tests.bed.shell import docker, step


def status() -> str:
    """Return a table of what the bed has: containers, their state and addresses."""
    if not engine.answers():
        return "no Docker Engine answers here; `up` starts one"
    rows = [row.split("\t") for row in _listed("ps", "--all", "{{.Names}}\t{{.Status}}\t{{.Image}}")]
    addresses = {
        **{host.name: f"{host.ip} {host.ip6}" for host in hosts()},
        at.ROUTER_NAME: f"{at.ROUTER_UPLINK} {at.ROUTER_UPLINK6}, resolver {at.ISP_DNS}",
        at.INTERNET_NAME: f"{at.INTERNET} {at.INTERNET6}",
        at.REGISTRY_NAME: f"{at.REGISTRY} {at.REGISTRY6}",
    }
    lines = [f"{name:<20} {state:<24} {image:<24} {addresses.get(name, '')}" for name, state, image in rows]
    return "\n".join(lines) or "nothing is up"


def remove() -> None:
    """Remove every container, network, volume and image whose name begins with media-."""
    with step("containers") as line:
        line.note = _remove(["rm", "--force", "--volumes"], _listed("ps", "--all", "{{.Names}}"))
    with step("networks") as line:
        registry.remove()
        lab.remove()
        line.note = _remove(["network", "rm"], _listed("network", "ls", "{{.Name}}"))
    with step("volumes") as line:
        line.note = _remove(["volume", "rm"], _listed("volume", "ls", "{{.Name}}"))
    with step("images") as line:
        line.note = _remove(["rmi", "--force"], _listed("images", "{{.Repository}}:{{.Tag}}"))
        # What interrupted builds left has no name, but the label of the base it began from.
        docker("image", "prune", "--force", "--filter", "label=media.bed")


def _listed(*command: str) -> list[str]:
    *command_, template = command
    return [line for line in docker(*command_, "--format", template).splitlines() if line.startswith(at.PREFIX)]


def _remove(command: list[str], names: list[str]) -> str:
    if names:
        docker(*command, *names)
    return f"{len(names)} removed"

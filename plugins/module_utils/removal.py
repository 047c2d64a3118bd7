# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Take services, or the whole stack, off a host. State is kept until a person asks for its purge by name."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import containers, docker_socket, metrics
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome, Problem
from ansible_collections.homelab.media.plugins.module_utils.selection import known_names, owner, unknown

#: What a person says for everything.
STACK = "stack"

#: The units, and the table in the kernel that one has left behind when it is stopped. A timer before what it starts.
UNITS = {
    "media.service": "",
    "media-guard.service": "media_guard",
    "media-networks.service": "media_networks",
    "media-collector.timer": "",
    "media-collector.service": "",
}


@dataclass(frozen=True)
class Removal:
    """What goes. remove: names of services, or STACK alone. purge: names of services whose state goes as well."""

    root: str
    project: str
    remove: tuple[str, ...]
    purge: tuple[str, ...]


def ensure(removal: Removal, catalogue: Mapping[str, Any], *, check: bool) -> Outcome:
    """Remove the containers, then what is to be purged.

    catalogue: what the last run left; its declarations are by role, its former services are off already.
    """
    declarations, former = catalogue.get("declarations", {}), catalogue.get("former", {})
    services = {name: service for role in declarations.values() for name, service in role["services"].items()}
    for role in declarations.values():
        # Made by every run, and declared by nobody: an exporter goes with the service whose numbers it tells.
        services.update(metrics.made(services, role.get("exporters") or {}))
    _refuse_unknown(removal, services, former)
    whole = STACK in removal.remove
    going = set(services) if whole else {name for name in services if owner(name, services) in removal.remove}
    _refuse_stranding(going, services)
    outcome = Outcome()
    try:
        seen = containers.observe(removal.project)
    except docker_socket.EngineUnreachable:
        seen = {}
    there = sorted(set(seen) if whole else going & set(seen))
    for name in there:
        outcome.add(name, f"{seen[name].image} {seen[name].state}", "")
    if there and not check:
        _compose(removal.root, ["down", "--remove-orphans"] if whole else ["rm", "--stop", "--force", *there])
    if whole:
        _remove_units(outcome, check)
    for path in purged_paths(removal, [*declarations.values(), {"services": former}]):
        if path.exists():
            outcome.add(str(path), "state", "")
            if not check:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    return outcome


def purged_paths(removal: Removal, declarations: Iterable[Mapping[str, Any]]) -> list[Path]:
    """Return what belongs to the purged services alone: state, configuration, secrets of a role that is gone."""
    root = Path(removal.root)
    found = []
    for declaration in declarations:
        services = declaration["services"]
        named = [name for name in services if owner(name, services) in removal.purge]
        for name in named:
            state = (services[name].get("x-media") or {}).get("state") or ()
            found += [root / folder for folder in state] + [root / "config" / name]
        if services and len(named) == len(services):
            found += [root / "secrets" / secret for secret in declaration.get("secrets", {})]
    return sorted(found)


def _refuse_unknown(removal: Removal, services: Mapping[str, Any], former: Mapping[str, Any]) -> None:
    known, gone = known_names(services), known_names({**services, **former})
    found = unknown("media_remove", set(removal.remove) - {STACK, *known}, [STACK, *known])
    found += unknown("media_purge", set(removal.purge) - set(gone), gone)
    if STACK in removal.remove and len(removal.remove) > 1:
        found.append(Problem("media_remove", "names the stack and services of it", f"{STACK} alone, or services"))
    staying = [] if STACK in removal.remove else sorted(set(removal.purge) & set(known) - set(removal.remove))
    found += [
        Problem("media_purge", f"names {name}, which is not removed", f"{name} in media_remove too") for name in staying
    ]
    if found:
        raise MediaError(found)


def _refuse_stranding(going: set[str], services: Mapping[str, Any]) -> None:
    """Refuse to take away what services that stay cannot be without."""
    found = []
    for name in sorted(set(services) - going):
        extension = services[name].get("x-media") or {}
        pod = [other for other in going if (services[other].get("x-media") or {}).get("egress") == "pod"]
        lost = sorted(set(extension.get("needs") or ()) & going) or (pod if extension.get("egress") == "vpn" else [])
        for other in lost:
            reason = f"would take {owner(other, services)} away from {name}"
            found.append(Problem("media_remove", reason, f"{owner(name, services)} as well, or neither"))
    if found:
        raise MediaError(found)


def _remove_units(outcome: Outcome, check: bool) -> None:
    for unit, table in UNITS.items():
        path = Path("/etc/systemd/system", unit)
        if not path.exists():
            continue
        outcome.add(str(path), "a unit", "")
        if not check:
            _run(["systemctl", "disable", "--now", unit])
            path.unlink()
            _run(["systemctl", "daemon-reload"])
            # After "delete" alone, one that is not there would be an error.
            if table:
                _run(["nft", f"table inet {table}; delete table inet {table}"])


def _compose(root: str, words: Sequence[str]) -> None:
    _run(["docker", "compose", "--ansi", "never", "--progress", "plain", *words], cwd=root)


def _run(command: Sequence[str], cwd: str | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise MediaError([Problem(" ".join(command[:3]), done.stderr.strip(), "a command that succeeds")])

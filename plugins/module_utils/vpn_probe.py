# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look at the VPN pod from the host: its containers and their namespaces, its rules and the host's own."""

from __future__ import annotations

import contextlib
import json
import subprocess
import urllib.parse
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import docker_socket
from ansible_collections.homelab.media.plugins.module_utils.containers import (
    LABEL_COMPOSE_PROJECT,
    LABEL_COMPOSE_SERVICE,
)
from ansible_collections.homelab.media.plugins.module_utils.kill_switch import GUARD_TABLE
from ansible_collections.homelab.media.plugins.module_utils.vpn_questions import Inside, Place, Question, ask
from ansible_collections.homelab.media.plugins.module_utils.vpn_verdict import Answer, Observation, Seen

NOT_BEGUN = "OCI runtime exec failed"


@dataclass(frozen=True)
class Target:
    """What to look at.

    tenants: the services that must be in the pod. versions: the IP versions to ask address_url by.
    """

    project: str
    pod: str
    client: str
    tenants: Sequence[str]
    versions: Sequence[int]
    address_url: str
    control_address: str
    control_key: str = field(repr=False)
    guard_file: str
    timeout: float


def observe(target: Target) -> Observation:
    """Return what there is to see; what cannot be seen says so in its place."""
    found = _inspect(target.project)
    pod = found.get(target.pod, {})
    namespace = _namespace(pod)
    seen = Observation(
        pod=_seen(pod, namespace),
        client=_seen(found.get(target.client, {}), namespace),
        tenants={name: _seen(found.get(name, {}), namespace) for name in target.tenants},
    )
    if not namespace:
        return seen
    with contextlib.suppress(OSError):
        seen.resolv_conf = Path(pod["ResolvConfPath"]).read_text(encoding="utf-8")
    addresses = {str(version): question for version, question in _address_questions(target).items()}
    # The child comes first: it is a copy of this process, and threads are not copied.
    place = Place(pod["State"]["Pid"], pod["ResolvConfPath"], pod["HostsPath"])
    inside = Inside(place, {**addresses, **_control_questions(target)})
    with ThreadPoolExecutor() as pool:
        rules = pool.submit(_in_pod, pod["Id"])
        guard = pool.submit(_command, ["nft", "list", "table", "inet", GUARD_TABLE])
        wanted = pool.submit(_command, _in_scratch_namespace(target.guard_file))
        outside = pool.submit(ask, addresses)
        answers = inside.answers(target.timeout * 2 + 5)
        seen.rules, seen.rules_error = rules.result().text, rules.result().error
        seen.guard, seen.guard_wanted = guard.result(), wanted.result()
        seen.outside = {int(version): answer for version, answer in outside.result().items()}
    silent = Answer(error="the question was never asked")
    seen.inside = {int(version): answers.get(version, silent) for version in addresses}
    seen.status, seen.reported = answers.get("status", silent), answers.get("reported", silent)
    return seen


def _address_questions(target: Target) -> dict[int, Question]:
    if not target.address_url:
        return {}
    return {version: Question(target.address_url, version, target.timeout) for version in target.versions}


def _control_questions(target: Target) -> dict[str, Question]:
    host, _colon, port = target.control_address.rpartition(":")
    base = f"http://{host or '127.0.0.1'}:{port}"
    headers = {"X-API-Key": target.control_key}
    paths = {"status": "/v1/vpn/status", "reported": "/v1/publicip/ip"}
    version = 6 if host.startswith("[") else 4
    return {name: Question(base + path, version, target.timeout, headers) for name, path in paths.items()}


def _inspect(project: str) -> dict[str, dict[str, Any]]:
    """Return what the engine says of the project's containers, by service."""
    filters = urllib.parse.quote(json.dumps({"label": [f"{LABEL_COMPOSE_PROJECT}={project}"]}))
    listed = docker_socket.get(f"/containers/json?all=true&filters={filters}")
    found = {}
    for entry in sorted(listed, key=lambda entry: entry["Created"]):
        found[entry["Labels"].get(LABEL_COMPOSE_SERVICE, "")] = docker_socket.get(f"/containers/{entry['Id']}/json")
    return found


def _namespace(inspected: Mapping[str, Any]) -> int:
    """Return the number of a container's network namespace; 0 where it does not run."""
    try:
        return Path(f"/proc/{inspected['State']['Pid'] or 'none'}/ns/net").stat().st_ino
    except (KeyError, OSError):
        return 0


def _seen(inspected: Mapping[str, Any], namespace: int) -> Seen:
    if not inspected:
        return Seen()
    state = inspected["State"]
    health = (state.get("Health") or {}).get("Status", "").replace("none", "")
    return Seen(state["Status"], health, bool(namespace) and _namespace(inspected) == namespace)


def _in_scratch_namespace(guard_file: str) -> list[str]:
    """Return the command that loads the file where it does nothing, and lists it as the kernel has it then."""
    script = f'nft -f "$1" && nft list table inet {GUARD_TABLE}'
    return ["unshare", "--net", "sh", "-c", script, "sh", guard_file]


def _in_pod(pod: str) -> Answer:
    """Return what the pod says of its rules."""
    command = ["docker", "exec", pod, "/bin/sh", "/pod/check.sh"]
    answer = _command(command)
    # On a busy host the runtime may lose the process before it begins, which says nothing of the rules.
    return _command(command) if NOT_BEGUN in answer.error else answer


def _command(words: Sequence[str]) -> Answer:
    try:
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Answer(error=str(error))
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip().splitlines()
        return Answer(done.stdout, "; ".join(said[:2]) or f"{words[0]} ended with {done.returncode}")
    return Answer(done.stdout)

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of playbooks/awx.yml against a controller, told thing by thing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contract.awx_on_loopback import TOKEN, Awx

ROOT = Path(__file__).resolve().parents[2]
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nnobody's-key\n-----END OPENSSH PRIVATE KEY-----\n"
SECRETS = ("nobody's-key", "the-vault-password", "the-registry-password", TOKEN)
DECLARED: dict[str, Any] = {
    "awx_organization": "Home",
    "awx_repository": "https://git.example.org/me/media.git",
    "awx_image": "registry.example.org/homelab-media-ee:0.1.0",
    "awx_services": ["plex", "sonarr-4k"],
    "awx_galaxy_credentials": ["Ansible Galaxy"],
    "awx_notify": {"error": ["Mail"]},
    "awx_credentials": [
        {"name": "mediaserver", "type": "Machine", "inputs": {"username": "admin", "ssh_key_data": KEY}},
        {"name": "vault", "type": "Vault", "inputs": {"vault_password": SECRETS[1]}},
        {
            "name": "registry",
            "type": "Container Registry",
            "inputs": {"host": "registry.example.org", "username": "me", "password": SECRETS[2]},
        },
        {"name": "git", "type": "Source Control", "inputs": {"username": "me", "password": SECRETS[2]}},
    ],
}
#: What a task's thing is called where the last task of a check mode tells it.
KINDS = {
    "Keep the organization": "organization",
    "Keep the credentials": "credential",
    "Keep the execution environment": "execution environment",
    "Keep the project": "project",
    "Keep the inventory": "inventory",
    "Keep the source of the inventory": "source of the inventory",
    "Keep the job templates": "job template",
    "Keep the schedules": "schedule",
}


@dataclass(frozen=True)
class Run:
    """changed: the things that were changed, or in check mode would be."""

    code: int
    changed: list[str]
    failed: str
    output: str


def project(folder: Path) -> Path:
    """Return a folder as a person's repository has it: the playbooks, and an inventory of one's own."""
    folder.mkdir()
    shutil.copy(ROOT / "site.yml", folder)
    shutil.copytree(ROOT / "playbooks", folder / "playbooks")
    shutil.copytree(ROOT / "inventories" / "example", folder / "inventories" / "mine")
    return folder


def apply(awx: Awx, folder: Path, *words: str, **more: Any) -> Run:
    """Run the playbook as a person does whose group has the declared variables; `more` are laid over them."""
    said = say(awx, folder, *words, callback="ansible.posix.json", **more)
    try:
        told, _end = json.JSONDecoder().raw_decode(said.stdout[said.stdout.index("{\n") :])
    except ValueError:
        raise AssertionError(said.stdout[-4000:] + said.stderr[-4000:]) from None
    changed, failed = [], []
    for task in (task for play in told["plays"] for task in play["tasks"]):
        for result in task["hosts"].values():
            items = result.get("results", [result])
            failed += [str(item["msg"]) for item in items if item.get("failed")]
            changed += [_label(task["task"]["name"], item) for item in items if item.get("changed")]
    return Run(said.returncode, changed, "\n".join(failed), said.stdout + said.stderr)


def say(
    awx: Awx, folder: Path, *words: str, token: str = TOKEN, callback: str = "ansible.builtin.default",
    environ: Mapping[str, str] | None = None, **more: Any,
) -> subprocess.CompletedProcess[str]:  # fmt: skip
    """Run the playbook, and return what it printed."""
    group = folder / "inventory" / "group_vars" / "media"
    group.mkdir(parents=True, exist_ok=True)
    (folder / "inventory" / "hosts.yml").write_text("media: {hosts: {mediaserver: {ansible_host: 192.0.2.1}}}\n")
    # In a file, as JSON is YAML: what is secret is in nobody's list of processes.
    (group / "awx.yml").write_text(json.dumps({**DECLARED, "awx_url": awx.url, "awx_token": token, **more}))
    own = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "CONTROLLER_"))}
    return subprocess.run(
        [str(ROOT / ".venv/bin/ansible-playbook"), "-i", str(folder / "inventory"), "playbooks/awx.yml", *words],
        cwd=ROOT,
        env={**own, "ANSIBLE_STDOUT_CALLBACK": callback, **(environ or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _label(task: str, result: Mapping[str, Any]) -> str:
    kind = next((kind for name, kind in KINDS.items() if task.endswith(name)), "")
    item = result.get("item")
    if not kind:
        return str(item)
    return f"{kind} {item['name'] if isinstance(item, dict) else item or _single(kind)}"


def _single(kind: str) -> str:
    return str(DECLARED["awx_organization"]) if kind == "organization" else "homelab.media"

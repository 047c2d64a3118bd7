# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A project of Semaphore that has one of everything, as arguments of the module and as variables of the role."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

from tests.unit.semaphore_stand_in import TOKEN, Semaphore

ROLE = Path(__file__).resolve().parents[2] / "roles" / "semaphore"
DEFAULTS: dict[str, Any] = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))

SSH_KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nthe inside of the key\n-----END OPENSSH PRIVATE KEY-----"
VAULT, BECOME, API_KEY, WEBHOOK = "word of the vault", "word for root", "key-of-an-api", "secret-of-a-hook"
SECRETS = ("the inside of the key", VAULT, BECOME, API_KEY, WEBHOOK, TOKEN)

PROJECT: dict[str, Any] = {
    "project": "media",
    "keys": [
        {"name": "host", "type": "ssh", "login": "ansible", "private_key": SSH_KEY},
        {"name": "vault", "type": "login_password", "password": VAULT},
        {"name": "become", "type": "login_password", "login": "root", "password": BECOME},
    ],
    "repository": {"url": "https://git.example.org/media.git"},
    "inventory": {"inventory": "hosts.yml", "key": "host", "become_key": "become"},
    "environment": {
        "variables": {"media_timezone": "Europe/Berlin", "media_lan_subnets": ["192.0.2.0/24"]},
        "env": {"ANSIBLE_FORCE_COLOR": "1"},
        "secret_variables": {"api_key": API_KEY},
        "secret_env": {"WEBHOOK": WEBHOOK},
    },
    "vaults": ["vault"],
    "templates": DEFAULTS["semaphore_templates"],
    "schedules": {"converge": "17 * * * *", "verify": "0 6 * * mon-fri"},
}


def arguments(server: Semaphore, **changes: Any) -> dict[str, Any]:
    """Return the arguments of the module; a change replaces one of them."""
    return {"url": server.url, "token": TOKEN, **copy.deepcopy(PROJECT), **changes}


def changed(part: str, **values: Any) -> dict[str, Any]:
    """Return one of the dictionaries with other values in it."""
    return {part: {**copy.deepcopy(PROJECT[part]), **values}}

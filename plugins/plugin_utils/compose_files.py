# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a compiled catalogue becomes on the host: Compose fragments, the project's .env, and the kept catalogue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

MANAGED = "# Written by homelab.media; changes made here are overwritten by the next run.\n"


def fragment_text(role: str, fragment: Mapping[str, Any]) -> str:
    """Return the Compose file of a role. Compose expands nothing in it: what was declared is what is meant."""
    return f"{MANAGED}# Role: {role}\n" + yaml.safe_dump(literal(plain(fragment)), sort_keys=True, width=120)


def plain(value: Any) -> Any:
    """Return data of plain types: Ansible's values are subclasses that know where they came from."""
    return json.loads(json.dumps(value, default=str))


def literal(value: Any) -> Any:
    """Return plain data with every dollar sign doubled, which Compose takes for one."""
    if isinstance(value, Mapping):
        return {str(key): literal(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [literal(item) for item in value]
    if isinstance(value, str):
        return str(value).replace("$", "$$")
    return value


def environment_text(project: str, roles: list[str]) -> str:
    """Return the .env that makes "docker compose" in the stack's root see the same model as the collection."""
    fragments = ":".join(f"compose/{role}.yaml" for role in sorted(roles))
    return f"{MANAGED}COMPOSE_PROJECT_NAME={project}\nCOMPOSE_PATH_SEPARATOR=:\nCOMPOSE_FILE={fragments}\n"


def kept_declarations(declarations: Mapping[str, Any], services: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a later run of a single role must know of the others; neither files nor values of secrets."""
    kept = {}
    for role, declaration in declarations.items():
        chosen = {name: service for name, service in declaration.get("services", {}).items() if name in services}
        if chosen or not declaration.get("services"):
            kept[role] = {
                "services": chosen,
                "networks": declaration.get("networks", {}),
                "secrets": {name: {"kind": secret["kind"]} for name, secret in declaration.get("secrets", {}).items()},
                "exporters": declaration.get("exporters", {}),
                "pages": list(declaration.get("pages", ())),
                "todo": [item for item in declaration.get("todo", ()) if item["service"] in chosen],
            }
    return dict(plain(kept))

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every variable of every role, from its argument specification and its defaults: one page for each role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.handbook.markup import NOTE, code, read_yaml, sentence, sentences, table
from tests.handbook.options import tables

FOLDER = "docs/variables"
#: The role whose variables hold for all others comes first.
SHARED = "stack"
INDEX = """\
# Every variable

One page for each role. Put them into `group_vars/media/` of your inventory; most have a default that suits most
houses, and [`inventories/example`](../../inventories/example/group_vars/media) has those that everybody sets. Names
and values are checked before the host is touched, all at once.

**Secret** marks what belongs into a vault. It is in no log and no diff. Where a secret is left empty, the role's own
page says whether one is made on the host.

"""


def pages(root: Path) -> dict[str, str]:
    """Return the pages by their paths."""
    roles = sorted((path.name for path in (root / "roles").iterdir() if path.is_dir()), key=_shared_first)
    specifications = {role: specification(root, role) for role in roles}
    found = {f"{FOLDER}/{role}.md": page(role, found) for role, found in specifications.items()}
    rows = [
        (f"[{role}]({role}.md)", sentence(found["short_description"]), str(len(found["options"])))
        for role, found in specifications.items()
    ]
    return {f"{FOLDER}/README.md": NOTE + INDEX + table(("role", "what it is", "variables"), rows), **found}


def specification(root: Path, role: str) -> dict[str, Any]:
    """Return the role's specification, with those defaults that follow another variable."""
    folder = root / "roles" / role
    found = read_yaml((folder / "meta/argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["main"]
    defaults = read_yaml((folder / "defaults/main.yml").read_text(encoding="utf-8")) or {}
    options = {name: {**option, **_stated(defaults, name)} for name, option in (found.get("options") or {}).items()}
    return {**found, "options": options}


def page(role: str, found: dict[str, Any]) -> str:
    """Return the page of one role."""
    whose = "What all roles share: they begin with `media_`." if role == SHARED else f"They begin with `{role}_`."
    return "\n".join(
        [
            NOTE + f"# Variables of the role {code(role)}\n",
            "\n".join(sentences(found.get("description"))) + "\n",
            f"{whose} How the role works: [its own page](../../roles/{role}/README.md). The same with examples:"
            f" [`defaults/main.yml`](../../roles/{role}/defaults/main.yml). All roles: [index](README.md).\n",
            tables(found["options"], "variable", "##"),
        ]
    )


def _shared_first(role: str) -> tuple[bool, str]:
    return role != SHARED, role


def _stated(defaults: dict[str, Any], name: str) -> dict[str, Any]:
    return {"default": defaults[name]} if name in defaults else {}

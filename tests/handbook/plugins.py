# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module, action, filter and callback, from the documentation that it has in its own file."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.handbook.markup import NOTE, code, read_yaml, sentence, sentences, table, value
from tests.handbook.options import tables

FOLDER = "docs/modules"
INDEX = """\
# Modules, actions, filters and the callback

What the roles are made of. The roles use them in the right order; by themselves they are of use where you write
playbooks of your own. On the command line:

```sh
ansible-doc homelab.media.vpn_check
ansible-doc -t filter homelab.media.vpn_guard
```

"""
ACTION = "It has a part that runs on the controller, an action."
FILTERS = """\
# Filters

They make declarations, files and settings of variables, check variables, and read nothing but what they are given.
Those named `..._problems` return what is wrong, each with the variable and what a right value looks like.
"""


def pages(root: Path) -> dict[str, str]:
    """Return the pages by their paths."""
    modules = read(root, "modules")
    actions = {path.stem for path in (root / "plugins/action").glob("*.py")} - {"__init__"}
    filters, callbacks = read(root, "filter"), read(root, "callback")
    index = [
        NOTE + INDEX + _listed("Modules", modules, actions),
        _listed("Callback", callbacks, set()),
        "## Filters\n\nAll on [one page](filters.md):\n\n" + _rows(filters, lambda name: f"filters.md#{name}"),
    ]
    found = {f"{FOLDER}/README.md": "\n".join(index), f"{FOLDER}/filters.md": filters_page(filters)}
    for name, texts in {**modules, **callbacks}.items():
        found[f"{FOLDER}/{name}.md"] = page(name, texts, ACTION if name in actions else "")
    return found


def read(root: Path, folder: str) -> dict[str, dict[str, Any]]:
    """Return the documentation of each plugin of a kind, with that of its fragments below its own."""
    found = {}
    for path in sorted((root / "plugins" / folder).glob("*.py")):
        texts = constants(path)
        if "DOCUMENTATION" in texts:
            told = read_yaml(texts["DOCUMENTATION"])
            for fragment in reversed(told.get("extends_documentation_fragment", ())):
                told = _laid_over(_fragment(root, fragment), told)
            found[path.stem] = {
                "told": told,
                "examples": texts.get("EXAMPLES", "").strip("\n"),
                "returned": read_yaml(texts.get("RETURN", "")) or {},
            }
    return found


def constants(path: Path) -> dict[str, str]:
    """Return the texts that a file or its class sets, without running it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.targets[0].id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }


def page(name: str, texts: Mapping[str, Any], note: str) -> str:
    """Return the page of one module or callback."""
    told = texts["told"]
    parts = [
        NOTE + f"# homelab.media.{name}\n\n{sentence(told['short_description'])}.\n",
        "".join(f"- {line}\n" for line in [*sentences(told["description"]), *([note] if note else [])]),
    ]
    needs = told.get("requirements")
    if needs:
        parts.append("Needs: " + "; ".join(sentences(needs)) + ".\n")
    if told.get("options"):
        parts.append("## Options\n\n" + tables(told["options"], "option", "###"))
    if told.get("attributes"):
        parts.append("## What it can do\n\n" + _attributes(told["attributes"]))
    if told.get("notes"):
        parts.append("## Notes\n\n" + "".join(f"- {line}\n" for line in sentences(told["notes"])))
    if told.get("seealso"):
        parts.append("See also: " + ", ".join(map(_other, told["seealso"])) + ".\n")
    if texts["examples"]:
        parts.append(f"## Examples\n\n```yaml\n{texts['examples']}\n```\n")
    if texts["returned"]:
        parts.append("## What it returns\n\n" + _returned(texts["returned"]))
    return "\n".join([*parts, "All of them: [index](README.md).\n"])


def filters_page(filters: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the one page of all filters."""
    parts = [NOTE + FILTERS]
    for name, texts in filters.items():
        told = texts["told"]
        options = {"input" if key == "_input" else key: option for key, option in (told.get("options") or {}).items()}
        parts += [f"## {name}\n", "".join(f"- {line}\n" for line in sentences(told["description"]))]
        if options:
            parts.append(tables(options, "option", "###"))
        if texts["examples"]:
            parts.append(f"```yaml\n{texts['examples']}\n```\n")
        answer = texts["returned"].get("_value", {})
        parts.append(f"Returns {code(str(answer.get('type')))}: {sentence(answer.get('description'))}\n")
    return "\n".join(parts)


def _other(found: Mapping[str, str]) -> str:
    return f"[{found['name']}]({found['link']})" if "link" in found else code(found["module"])


def _fragment(root: Path, name: str) -> dict[str, Any]:
    """Return a fragment of this collection: homelab.media.FILE or homelab.media.FILE.PART."""
    file, _dot, part = name.removeprefix("homelab.media.").partition(".")
    texts = constants(root / "plugins/doc_fragments" / f"{file}.py")
    return dict(read_yaml(texts[(part or "DOCUMENTATION").upper()]))


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a plugin says over what its fragment says, key by key."""
    merged = dict(above)
    for key, lower in below.items():
        upper = above.get(key)
        if isinstance(lower, Mapping) and isinstance(upper, Mapping):
            merged[key] = _laid_over(lower, upper)
        elif upper is None:
            merged[key] = lower
    return merged


def _attributes(attributes: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [
        (code(name), str(found.get("support", "")), sentence(found.get("details") or found.get("description")))
        for name, found in attributes.items()
    ]
    return table(("", "support", ""), rows)


def _returned(returned: Mapping[str, Mapping[str, Any]]) -> str:
    rows = []
    for name, found in returned.items():
        sample = f" Such as {code(value(found['sample']))}." if "sample" in found else ""
        rows.append(
            (code(name), _kind(found), sentence(found.get("returned")), sentence(found["description"]) + sample)
        )
    return table(("key", "type", "returned", "meaning"), rows)


def _kind(found: Mapping[str, Any]) -> str:
    return f"list of {found['elements']}" if found.get("elements") else str(found.get("type", ""))


def _listed(title: str, found: Mapping[str, Mapping[str, Any]], actions: set[str]) -> str:
    marked = " An action is one whose work, or part of it, is done on the controller." if actions else ""
    rows = _rows(found, lambda name: f"{name}.md", actions)
    return f"## {title}\n\n{marked.strip()}\n\n{rows}" if marked else f"## {title}\n\n{rows}"


def _rows(found: Mapping[str, Mapping[str, Any]], link: Any, actions: set[str] | None = None) -> str:
    rows = [
        (f"[{code(name)}]({link(name)})" + (", action" if name in (actions or ()) else ""),
         sentence(texts["told"]["short_description"]))
        for name, texts in found.items()
    ]  # fmt: skip
    return table(("name", "what it does"), rows)

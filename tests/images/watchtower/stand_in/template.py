# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small part of Go's text/template: with, range, if, else, end, fields, println. Anything else is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_ACTION = re.compile(r"(\s*)\{\{(- )?\s*(.*?)\s*( -)?\}\}(?:(?<= -\}\})(\s*))?", re.DOTALL)
_FIELD = re.compile(r"(\.[A-Za-z]+)+|\.")

#: What upstream writes if it is given no template of its own, of a report.
DEFAULT = (
    "{{with .Report}}{{len .Scanned}} Scanned, {{len .Updated}} Updated, {{len .Failed}} Failed"
    "{{range .Updated}}{{println}}- {{.Name}} ({{.ImageName}}): {{.CurrentImageID.ShortID}} updated to "
    "{{.LatestImageID.ShortID}}{{end}}"
    "{{range .Fresh}}{{println}}- {{.Name}} ({{.ImageName}}): Fresh{{end}}"
    "{{range .Skipped}}{{println}}- {{.Name}} ({{.ImageName}}): Skipped: {{.Error}}{{end}}"
    "{{range .Failed}}{{println}}- {{.Name}} ({{.ImageName}}): Failed: {{.Error}}{{end}}{{end}}"
)


class TemplateError(Exception):
    """A template that cannot be read, or asks for what is not there."""


@dataclass
class _Node:
    word: str = ""  # text | field | len | println | with | range | if
    value: str = ""
    inside: list[_Node] = field(default_factory=list)
    otherwise: list[_Node] = field(default_factory=list)


def render(text: str, data: Any) -> str:
    """Return the text for the data, which are dictionaries, lists and single values."""
    nodes, rest = _parse(list(_tokens(text)), ())
    if rest:
        raise TemplateError(f"unexpected {{{{{rest[0]}}}}}")
    return "".join(_write(nodes, data))


def _tokens(text: str) -> Iterator[str | _Node]:
    at = 0
    for found in _ACTION.finditer(text):
        spaces = "" if found[2] else found[1]
        yield _Node("text", text[at : found.start()] + spaces)
        yield found[3]
        at = found.end()
    if "{{" in text[at:]:
        raise TemplateError("unclosed action")
    yield _Node("text", text[at:])


def _parse(tokens: list[str | _Node], until: tuple[str, ...]) -> tuple[list[_Node], list[str | _Node]]:
    nodes: list[_Node] = []
    while tokens:
        token = tokens.pop(0)
        if isinstance(token, _Node):
            nodes.append(token)
        elif token in until:
            return nodes, [token, *tokens]
        else:
            node, tokens = _action(token, tokens)
            nodes.append(node)
    if until:
        raise TemplateError("unexpected EOF: a block has no end")
    return nodes, []


def _action(token: str, tokens: list[str | _Node]) -> tuple[_Node, list[str | _Node]]:
    word, _space, value = token.partition(" ")
    if word == "println" and not value:
        return _Node("println"), tokens
    if word in ("len", "with", "range", "if"):
        if not _FIELD.fullmatch(value.strip()):
            raise TemplateError(f"not played by this stand-in: {{{{{token}}}}}")
        node = _Node(word, value.strip())
        if word != "len":
            node.inside, tokens = _parse(tokens, ("end", "else"))
            if tokens.pop(0) == "else":
                node.otherwise, tokens = _parse(tokens, ("end",))
                tokens.pop(0)
        return node, tokens
    if not _FIELD.fullmatch(token):
        raise TemplateError(f"not played by this stand-in: {{{{{token}}}}}")
    return _Node("field", token), tokens


def _write(nodes: list[_Node], data: Any) -> Iterator[str]:
    for node in nodes:
        if node.word == "text":
            yield node.value
        elif node.word == "println":
            yield "\n"
        elif node.word in ("field", "len"):
            found = _find(node.value, data)
            yield str(len(found) if node.word == "len" else found)
        else:
            found = _find(node.value, data)
            if node.word == "range":
                for one in found or ():
                    yield from _write(node.inside, one)
            elif found:
                yield from _write(node.inside, found if node.word == "with" else data)
            if not found:
                yield from _write(node.otherwise, data)


def _find(path: str, data: Any) -> Any:
    for name in [name for name in path.split(".") if name]:
        if not isinstance(data, dict) or name not in data:
            raise TemplateError(f"can't evaluate field {name}")
        data = data[name]
    return data

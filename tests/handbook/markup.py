# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible's markup, values and tables as Markdown. The markup is read by the parser of antsibull-docs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import yaml
from antsibull_docs_parser import dom
from antsibull_docs_parser.parser import Context, parse

NOTE = "<!-- Made of the code by: python3 -m tests.handbook. Change it there, not here. -->\n"
#: A longer value is no cell of a table.
LONG = 72


def read_yaml(text: str) -> Any:
    """Return what a text in YAML holds; the C library is many times as fast, where there is one."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def sentences(text: str | Sequence[str] | None) -> list[str]:
    """Return the paragraphs of a description, each as Markdown on one line."""
    paragraphs = [text] if isinstance(text, str) else list(text or ())
    return ["".join(_part(part) for part in parsed).strip() for parsed in parse(paragraphs, Context())]


def sentence(text: str | Sequence[str] | None) -> str:
    """Return a description as one line."""
    return " ".join(sentences(text))


def code(text: str) -> str:
    """Return a span of code; one that holds a grave accent needs two around it."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def value(given: Any) -> str:
    """Return a value as a person writes it into a variable, on one line."""
    if given == "":
        return '""'
    dumped = yaml.safe_dump(given, default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True)
    return dumped.removesuffix("\n...\n").removesuffix("\n")


def block(name: str, given: Any) -> str:
    """Return a long value as a block of YAML."""
    dumped = yaml.safe_dump({name: given}, sort_keys=False, width=116, allow_unicode=True)
    return f"```yaml\n{dumped}```\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a bar in a cell would begin the next one."""
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _part(part: dom.AnyPart) -> str:
    if isinstance(part, dom.TextPart):
        return part.text.replace("<", "&lt;").replace("*", "\\*")
    if isinstance(part, dom.OptionNamePart | dom.ReturnValuePart):
        return code(part.name if part.value is None else f"{part.name}: {part.value}")
    if isinstance(part, dom.OptionValuePart):
        return code(part.value)
    if isinstance(part, dom.EnvVariablePart):
        return code(part.name)
    if isinstance(part, dom.ModulePart):
        return code(part.fqcn)
    if isinstance(part, dom.PluginPart):
        return code(part.plugin.fqcn)
    if isinstance(part, dom.LinkPart):
        return f"[{part.text}]({part.url})"
    if isinstance(part, dom.URLPart):
        return f"<{part.url}>"
    if isinstance(part, dom.CodePart):
        return code(part.text)
    if isinstance(part, dom.BoldPart):
        return f"**{part.text}**"
    if isinstance(part, dom.ItalicPart):
        return f"*{part.text}*"
    raise ValueError(f"no Markdown for {part}")

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every command that README and handbook tell people to type, and the table of what runs it in a test."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import tomllib

ROOT = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).with_name("commands.toml")
#: What a line of a block without a language begins with if it is a command. In a block of "sh" every line is one.
PROGRAMS = frozenset(
    (
        *("ansible", "ansible-builder", "ansible-doc", "ansible-galaxy", "ansible-playbook", "ansible-vault", "pip"),
        *("apt", "apt-get", "cat", "chmod", "chown", "cp", "df", "export", "find", "findmnt", "ln", "ls", "mkdir"),
        *("curl", "dig", "ip", "iptables", "nft", "nsenter", "openssl", "rsync", "scp", "ssh", "wget"),
        *("docker", "fail2ban-client", "git", "journalctl", "jq", "make", "python", "python3"),
        *("mv", "rm", "sh", "stat", "sudo", "systemctl", "tar"),
    )
)
_REMARK = re.compile(r"\s{2,}# .*$")


@dataclass(frozen=True)
class Documented:
    """A command, and where people read it."""

    place: str
    text: str


@dataclass(frozen=True)
class Known:
    """What runs a command.

    shown_by: FILE::FUNCTION that runs it; holds: what that has to hold, if not the words of the command.
    where: or else, that a test runs it as it is written: here, on the controller, or on the host of the demo.
    form: how it is run if not as it is written; says: a pattern of its answer; code: how it ends; undo: run afterwards.
    """

    text: str
    shown_by: str = ""
    holds: tuple[str, ...] = ()
    where: str = ""
    form: str = ""
    says: str = ""
    code: tuple[int, ...] = (0,)
    undo: str = ""


def documented(root: Path = ROOT) -> list[Documented]:
    """Return every command of every page."""
    pages = [root / "README.md", *sorted((root / "docs").rglob("*.md")), *sorted((root / "roles").glob("*/README.md"))]
    return [
        Documented(f"{page.relative_to(root)}:{number}", text)
        for page in pages
        for number, text in commands(page.read_text(encoding="utf-8"))
    ]


def commands(text: str) -> Iterator[tuple[int, str]]:
    """Return the commands in the blocks of a page, each with the number of its line."""
    fence: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        words = line.strip()
        if words.startswith("```"):
            fence = None if fence is not None else words.strip("`")
        elif (fence is None and not line.startswith("    ")) or not words or words.startswith("#"):
            continue
        elif fence == "sh" or (not fence and Path(words.split()[0]).name in PROGRAMS):
            yield number, _REMARK.sub("", words)


def table(path: Path = TABLE) -> dict[str, Known]:
    """Return what is known, by the text of the command."""
    entries = [_known(entry) for entry in tomllib.loads(path.read_text(encoding="utf-8"))["command"]]
    texts = [entry.text for entry in entries]
    twice = {text for text in texts if texts.count(text) > 1}
    if twice:
        raise ValueError(f"more than once in {path.name}: {', '.join(twice)}")
    return {entry.text: entry for entry in entries}


def run_at(where: str) -> list[Known]:
    """Return the commands that a test runs as they are written, at one place."""
    return [entry for entry in table().values() if entry.where == where]


def demonstrated(command: Known) -> str:
    """Return a command as it is run on the demo: with the demo's inventory in the place of a person's own."""
    return (command.form or command.text).replace("inventories/mine", "inventories/demo")


def fault(known: Known, root: Path = ROOT) -> str:
    """Return why a test cannot be what runs a command; nothing if it can."""
    if bool(known.shown_by) == bool(known.where):
        return "needs either shown_by or where"
    if known.where:
        return "" if known.where in ("here", "controller", "host") else f"where is {known.where!r}"
    file, _colons, name = known.shown_by.partition("::")
    if not (root / file).is_file():
        return f"there is no {file}"
    body, around = _function(root / file, name), _imported(root / file, root)
    if not body:
        return f"{file} has no {name}"
    missing = [word for word in known.holds or _words(known.text) if word not in body and not _is_in(word, around)]
    return f"{known.shown_by} has nothing of {', '.join(missing)}" if missing else ""


def _known(entry: Mapping[str, Any]) -> Known:
    lists = {key: tuple(entry[key]) for key in ("holds", "code") if key in entry}
    return Known(**{**entry, **lists})


def _words(text: str) -> list[str]:
    """Return what makes a command this one: its playbook, its options, the names of its variables."""
    words = shlex.split(text)[1:]
    if "-i" in words:
        at = words.index("-i")
        words[at : at + 2] = []
    return [word.partition("=")[0] for word in words if word != "-e"]


def _is_in(word: str, around: str) -> bool:
    """Tell whether a helper of the test has a playbook's name. An option has to be in the test itself."""
    return word.endswith(".yml") and word in around


@cache
def _function(path: Path, name: str) -> str:
    text = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return ast.get_source_segment(text, node) or ""
    return ""


@cache
def _imported(path: Path, root: Path) -> str:
    """Return the file itself, and what it imports of the tests."""
    text = path.read_text(encoding="utf-8")
    names = re.findall(r"^from (tests\.[\w.]+) import", text, re.MULTILINE)
    files = [root.joinpath(*name.split(".")).with_suffix(".py") for name in names]
    return "\n".join([text, *(file.read_text(encoding="utf-8") for file in files if file.is_file())])

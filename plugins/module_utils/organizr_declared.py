# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parameters of the module organizr, with their secrets read and all their problems told at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.organizr import API_KEY_LENGTH, SECRETS
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem
from ansible_collections.homelab.media.plugins.module_utils.secret_files import read_secrets
from ansible_collections.homelab.media.plugins.module_utils.servarr_ledger import Ledger

#: The longest name that Organizr takes, in bytes.
LONGEST = 50


@dataclass(frozen=True)
class Target:
    """The server to keep. config_file: its configuration as this host sees it. seen: the file of what it had last."""

    url: str
    username: str
    email: str
    api_key: str = field(repr=False)
    hash_key: str = field(repr=False)
    registration_password: str = field(repr=False)
    password: str = field(repr=False)
    config_file: str
    seen: str
    timeout: float = 600


@dataclass(frozen=True)
class Wanted:
    """What it shall have: categories and tabs in their order, and settings by their names."""

    categories: Sequence[Mapping[str, Any]] = ()
    tabs: Sequence[Mapping[str, Any]] = ()
    config: Mapping[str, Any] = field(default_factory=dict)


def read(params: Mapping[str, Any], check: bool) -> tuple[Target, Wanted, Ledger]:
    """Return what the parameters mean."""
    problems = [
        *_names("categories", params["categories"]),
        *_names("tabs", params["tabs"]),
        *_homeless(params["categories"], params["tabs"]),
        *_values(params["config"]),
    ]
    secrets: dict[str, str] = {}
    try:
        secrets = read_secrets({file: params[file] for file in SECRETS.values()}, check)
    except MediaError as error:
        problems += error.problems
    key = secrets.get("api_key_file", "")
    if key and len(key) != API_KEY_LENGTH and Path(params["api_key_file"]).exists():
        expected = f"exactly {API_KEY_LENGTH} characters: Organizr takes no other key"
        problems.append(Problem("api_key_file", "holds a key of another length", expected))
    if problems:
        raise MediaError(problems)
    target = Target(
        url=params["url"],
        username=params["username"],
        email=params["email"],
        api_key=key,
        hash_key=secrets["hash_key_file"],
        registration_password=secrets["registration_password_file"],
        password=secrets["password_file"],
        config_file=params["config_file"],
        seen=str(PurePosixPath(params["ledger"]).with_suffix(".seen.json")),
        timeout=params["timeout"],
    )
    # Nothing secret is written after it is set up, so that the ledger needs no key.
    ledger = Ledger(params["ledger"], b"", check=check)
    return target, Wanted(params["categories"], params["tabs"], params["config"]), ledger


def _names(label: str, entries: Sequence[Mapping[str, Any]]) -> list[Problem]:
    found, taken = [], set()
    for index, entry in enumerate(entries):
        place, name = f"{label}[{index}].name", str(entry["name"])
        if not name.strip() or len(name.encode()) > LONGEST:
            found.append(Problem(place, f"is {name!r}", f"1 to {LONGEST} bytes"))
        if name.lower() in taken:
            found.append(Problem(place, f"is {name!r} once more", "each name once, whatever the case of its letters"))
        taken.add(name.lower())
    return found


def _homeless(categories: Sequence[Mapping[str, Any]], tabs: Sequence[Mapping[str, Any]]) -> list[Problem]:
    names = [entry["name"] for entry in categories]
    return [
        Problem(f"tabs[{index}].category", f"is {tab['category']!r}", f"one of categories: {', '.join(names)}")
        for index, tab in enumerate(tabs)
        if tab["category"] not in names
    ]


def _values(config: Mapping[str, Any]) -> list[Problem]:
    return [
        Problem(f"config.{name}", f"is a {type(value).__name__}", "text, a number, true or false")
        for name, value in config.items()
        if not isinstance(value, (bool, int, str))
    ]

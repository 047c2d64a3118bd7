# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The declared applications: their form, checked before any of them is asked, and their secrets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem
from ansible_collections.homelab.media.plugins.module_utils.secret_seal import Sealed
from ansible_collections.homelab.media.plugins.module_utils.servarr_kinds import SECRET_SETTINGS
from ansible_collections.homelab.media.plugins.module_utils.servarr_values import MASK, is_secret


@dataclass(frozen=True)
class Item:
    """One declared entry of a list. secrets: its secret fields, by name."""

    values: Mapping[str, Any]
    fields: Mapping[str, Any]
    secrets: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    absent: bool = False


@dataclass(frozen=True)
class Declared:
    """One application. key, password: None while their files do not exist yet, which only check mode meets."""

    name: str
    kind: str
    url: str
    key_file: str
    key: str | None = field(repr=False)
    settings: Mapping[str, Mapping[str, Any]]
    sign_in: bool
    password: str | None = field(repr=False)
    resources: Mapping[str, list[Item]]
    prune: Mapping[str, list[str]]


def read_all(
    applications: Iterable[Mapping[str, Any]], check: bool, planned: Mapping[str, str] | None = None
) -> list[Declared]:
    """Return the applications with their secrets; everything that is wrong with them is told at once.

    planned: digests of the secrets that a real run would have put into these files by now.
    """
    problems: list[Problem] = []
    reader = Reader(check, planned or {}, problems)
    found = [_read(application, reader) for application in applications]
    names = [application.name for application in found]
    for name in {name for name in names if names.count(name) > 1}:
        problems.append(Problem(name, "is the name of two applications", "a name for each"))
    if problems:
        raise MediaError(problems)
    return found


@dataclass(frozen=True)
class Reader:
    """Reads secrets from their files, and collects what is wrong with them."""

    check: bool
    planned: Mapping[str, str]
    problems: list[Problem]

    def now(self, label: str, file: str) -> str | None:
        """Return the secret in a file; None, in check mode, for a file that a real run would make first."""
        path = Path(file)
        if self.check and not path.exists():
            return None
        try:
            secret = path.read_text(encoding="utf-8", errors="surrogateescape").rstrip("\r\n")
        except OSError as error:
            reason = f"cannot be read from {file} ({error.strerror})"
            self.problems.append(Problem(label, reason, "a file with the secret"))
            return None
        if not secret or secret == MASK:
            reason = f"is {'what stands for a secret' if secret else 'empty'} in {file}"
            self.problems.append(Problem(label, reason, "a file with the secret"))
        return secret

    def soon(self, label: str, file: str) -> str | None:
        """Return the secret that a real run would find in a file: in check mode perhaps only its digest."""
        return Sealed(self.planned[file]) if self.check and file in self.planned else self.now(label, file)


def _read(given: Mapping[str, Any], reader: Reader) -> Declared:
    problems = reader.problems
    name = str(given["name"])
    url = str(given["url"])
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        problems.append(Problem(f"{name}: url", f"{url!r} is no address", "such as http://127.0.0.1:8989"))
    settings = given.get("settings") or {}
    problems.extend(_settings_problems(name, settings))
    key = reader.now(f"{name}: api_key_file", str(given["api_key_file"]))
    password = None
    if given.get("password_file"):
        password = reader.soon(f"{name}: password_file", str(given["password_file"]))
        if not (isinstance(settings.get("host"), dict) and settings["host"].get("username")):
            expected = "settings.host.username, the user whose password it is"
            problems.append(Problem(f"{name}: password_file", "is given without a user", expected))
    resources: dict[str, list[Item]] = {}
    for resource, items in (given.get("resources") or {}).items():
        if not isinstance(items, list):
            problems.append(Problem(f"{name}: {resource}", f"is {type(items).__name__}", "a list"))
            continue
        entries = (_item(name, resource, item, reader) for item in items)
        resources[resource] = [entry for entry in entries if entry]
    prune = given.get("prune") or {}
    for resource, names in prune.items():
        if not isinstance(names, list) or not all(isinstance(entry, str) for entry in names):
            problems.append(Problem(f"{name}: prune.{resource}", "is no list of names", "names that may stay, or []"))
    return Declared(
        name=name,
        kind=str(given["kind"]),
        url=url,
        key_file=str(given["api_key_file"]),
        key=key,
        settings=settings,
        sign_in=bool(given.get("password_file")),
        password=password,
        resources=resources,
        prune=prune,
    )


def _settings_problems(name: str, settings: Mapping[str, Any]) -> list[Problem]:
    found = []
    for group, values in settings.items():
        if not isinstance(values, dict):
            found.append(Problem(f"{name}: settings.{group}", f"is {type(values).__name__}", "names and values"))
            continue
        for key in set(values) & set(SECRET_SETTINGS):
            expected = "the sign-in password in password_file, and no other secret here"
            found.append(Problem(f"{name}: settings.{group}.{key}", "is a secret", expected))
    return found


def _item(name: str, resource: str, given: Any, reader: Reader) -> Item | None:
    problems = reader.problems
    if resource == "tag" and isinstance(given, (str, int)) and not isinstance(given, bool):
        given = {"label": str(given)}
    if not isinstance(given, dict):
        problems.append(Problem(f"{name}: {resource}", f"has the entry {given!r}", "names and values"))
        return None
    values = {key: value for key, value in given.items() if key not in ("state", "fields", "secret_fields")}
    label = f"{name}: {resource} {values.get('name') or values.get('path') or values.get('label') or ''}".rstrip()
    state = given.get("state", "present")
    if state not in ("present", "absent"):
        problems.append(Problem(label, f"has the state {state!r}", "present or absent"))
    fields = given.get("fields") or {}
    files = given.get("secret_fields") or {}
    for key, value in (("fields", fields), ("secret_fields", files)):
        if not isinstance(value, dict):
            problems.append(Problem(f"{label}: {key}", f"is {type(value).__name__}", "names and values"))
            return None
    for field_name in sorted(set(fields) & set(files)):
        problems.append(Problem(f"{label}: {field_name}", "is in fields and in secret_fields", "one of them"))
    for field_name, value in fields.items():
        if value == MASK or is_secret(field_name, value):
            expected = "the path of a file that holds it, in secret_fields, or nothing, to leave it alone"
            problems.append(Problem(f"{label}: {field_name}", "is a secret, or stands for one", expected))
    for key in sorted(set(values) & set(SECRET_SETTINGS)):
        problems.append(Problem(f"{label}: {key}", "is a secret", "nothing: it is left as it is"))
    absent = state == "absent"
    secrets: dict[str, str | None] = {}
    if not absent:
        for field_name, file in files.items():
            secrets[field_name] = reader.soon(f"{label}: {field_name}", str(file))
    return Item(values, fields, secrets, absent)

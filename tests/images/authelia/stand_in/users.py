# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""users_database.yml: read, watched, and written anew as a whole when a password changes."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from . import passwords
from .config import Config

# The order in which upstream writes a user, and what it writes for what nobody has set.
_TEXTS = (
    *("given_name", "middle_name", "family_name", "nickname", "gender", "birthdate", "website", "profile"),
    *("picture", "zoneinfo", "locale", "phone_number", "phone_extension"),
)
_WRITTEN: dict[str, Any] = {
    "password": "",
    "displayname": "",
    "email": "",
    "groups": [],
    **dict.fromkeys(_TEXTS, ""),
    "disabled": False,
    "address": None,
    "extra": {},
}


class UsersError(Exception):
    """The file cannot be taken; the message says why."""


@dataclass(frozen=True)
class User:
    name: str
    display: str
    email: str
    groups: tuple[str, ...]
    digest: str
    disabled: bool
    raw: dict[str, Any]


class Users:
    def __init__(self, config: Config) -> None:
        base = "authentication_backend.file"
        self.file = Path(str(config.get(f"{base}.path")))
        self.watched = config.flag(f"{base}.watch")
        self._by_email = config.flag(f"{base}.search.email")
        self._any_case = config.flag(f"{base}.search.case_insensitive")
        self._hasher = passwords.hasher(config)
        self._lock = threading.Lock()
        self._users: dict[str, User] = {}
        self._seen: tuple[int, int, int] | None = None

    def load(self) -> None:
        """Read the file. What was read before stays when it is wrong."""
        self._seen = self._stamp()
        users = self._read()
        with self._lock:
            self._users = users

    def changed(self) -> bool:
        """Say whether the file is another one than the one read last."""
        return self._stamp() != self._seen

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self.file.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self) -> dict[str, User]:
        try:
            content = self.file.read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            raise UsersError(
                f"error reading the authentication database: failed to read the '{self.file}' file: {error}"
            ) from error
        if not content:
            raise UsersError("error reading the authentication database: no file content")
        try:
            found = yaml.safe_load(content)
        except yaml.YAMLError as error:
            raise UsersError(
                f"error reading the authentication database: could not parse the YAML database: {error}"
            ) from error
        if not isinstance(found, dict) or not isinstance(found.get("users"), dict) or not found["users"]:
            raise UsersError(
                "error reading the authentication database: could not validate the schema: users: "
                "non zero value required"
            )
        users = {str(name): _user(str(name), raw) for name, raw in found["users"].items()}
        self._check_names(users)
        return users

    def _check_names(self, users: dict[str, User]) -> None:
        start = "error loading authentication database:"
        for name, user in users.items():
            if self._any_case and name != name.lower():
                raise UsersError(
                    f"{start} username '{name}' is not lowercase but this is required when case-insensitive search "
                    "is enabled"
                )
            same = [each for each, other in users.items() if user.email and other.email.lower() == user.email.lower()]
            if self._by_email and len(same) > 1:
                listed = ", ".join(f"'{each}'" for each in same)
                raise UsersError(
                    f"{start} email '{user.email.lower()}' is configured for more than one user (users are "
                    f"{listed}) which isn't allowed when email search is enabled"
                )

    def find(self, name: str) -> User | None:
        """Return a user who may sign in."""
        with self._lock:
            users = self._users
        user = None
        if self._by_email:
            user = next((each for each in users.values() if each.email and each.email.lower() == name.lower()), None)
        if user is None:
            user = users.get(name.lower() if self._any_case else name)
        return None if user is None or user.disabled else user

    def check(self, name: str, password: str) -> bool:
        user = self.find(name)
        return bool(user and passwords.matches(user.digest, password))

    def set_password(self, name: str, password: str) -> None:
        """Hash a password and write the whole file, with what upstream writes of every user."""
        digest = self._hasher.hash(password)
        with self._lock:
            users = self._users
            written = {
                each: {**_as_written(user), **({"password": digest} if each == name else {})}
                for each, user in sorted(users.items())
            }
            self.file.write_text(
                yaml.safe_dump({"users": written}, sort_keys=False, indent=4, allow_unicode=True), encoding="utf-8"
            )
        self.load()


def _as_written(user: User) -> dict[str, Any]:
    known = {name: user.raw.get(name, otherwise) for name, otherwise in _WRITTEN.items()}
    # Upstream forgets this one: who was disabled is not any more once somebody's password has changed.
    return {**known, "password": user.digest, "groups": list(user.groups), "disabled": False}


def _user(name: str, raw: Any) -> User:
    start = "error decoding the authentication database:"
    if not isinstance(raw, dict):
        raise UsersError(f"{start} user '{name}' is no map")
    for wanted in ("password", "displayname"):
        if not raw.get(wanted):
            raise UsersError(
                "error reading the authentication database: could not validate the schema: "
                f"users.{name}.{wanted}: non zero value required"
            )
    digest = str(raw["password"])
    if wrong := passwords.problem(digest):
        raise UsersError(f"{start} error occurred decoding the password hash for '{name}': {wrong}")
    groups = raw.get("groups") or []
    if not isinstance(groups, list):
        raise UsersError(f"{start} could not parse the YAML database: groups of '{name}' is no list")
    return User(
        name=name,
        display=str(raw["displayname"]),
        email=str(raw.get("email") or ""),
        groups=tuple(str(group) for group in groups),
        digest=digest,
        disabled=bool(raw.get("disabled")),
        raw=raw,
    )

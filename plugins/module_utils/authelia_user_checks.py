# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with authelia_users, all at once. Never repeats a password or a hash."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

KEYS = ("displayname", "email", "groups", "disabled", "password", "password_hash")
EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
PLACEHOLDER = re.compile(
    r"change[ _-]?(me|this|it)|^<.*>$|^\{\{.*\}\}$|placeholder|^x{3,}$|^\*{3,}$|^todo$|^(your|my)[ ._-]"
    r"|^(password|secret|admin|authelia)\d*$",
    re.IGNORECASE,
)
#: Names are compared without case, for which Authelia wants them in lower case.
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
_GROUP = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_HASH = re.compile(
    r"\$argon2(id|i|d)\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+"
    r"|\$[56]\$rounds=\d+\$[A-Za-z0-9./]{0,16}\$[A-Za-z0-9./]+"
    r"|\$2[aby]\$\d\d\$[A-Za-z0-9./]{53}"
    r"|\$pbkdf2(-sha(1|224|256|384|512))?\$\d+\$[A-Za-z0-9./]+\$[A-Za-z0-9./]+"
    r"|\$scrypt\$ln=\d+,r=\d+,p=\d+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+"
)


def problems(users: Any) -> list[Problem]:
    """Return everything in the users that cannot work, or was never filled in."""
    if not isinstance(users, Mapping):
        return [Problem("authelia_users", f"is a {type(users).__name__}", "a dictionary of users by their names")]
    if not users:
        expected = "at least one user, such as {anna: {email: anna@example.org, groups: [admins], password: ...}}"
        return [Problem("authelia_users", "is empty, and nobody could sign in", expected)]
    return [problem for name, user in users.items() for problem in _user(name, user)]


def _user(name: Any, user: Any) -> Iterable[Problem]:
    place = f"authelia_users.{name}"
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        yield Problem(place, "is no name for a user", "lower-case letters, digits, and . _ @ - after the first")
    if not isinstance(user, Mapping):
        yield Problem(place, f"is a {type(user).__name__}", "a dictionary with email, groups and password")
        return
    for key in user:
        if key not in KEYS:
            yield Problem(f"{place}.{key}", "is not known", "one of " + ", ".join(KEYS))
    email = user.get("email")
    if not isinstance(email, str) or not re.fullmatch(EMAIL, email):
        yield Problem(f"{place}.email", f"is {email!r}", "the user's address, such as anna@example.org")
    shown = user.get("displayname", name)
    if not isinstance(shown, str) or not shown.strip() or not shown.isprintable():
        yield Problem(f"{place}.displayname", f"is {shown!r}", "a name on one line")
    groups = user.get("groups", [])
    if not isinstance(groups, list) or not all(isinstance(item, str) and _GROUP.fullmatch(item) for item in groups):
        yield Problem(f"{place}.groups", f"is {groups!r}", "a list of groups, such as [admins]")
    if not isinstance(user.get("disabled", False), bool):
        yield Problem(f"{place}.disabled", f"is {user['disabled']!r}", "true or false")
    yield from _password(place, user)


def _password(place: str, user: Mapping[str, Any]) -> Iterable[Problem]:
    password, ready = user.get("password"), user.get("password_hash")
    expected = "a password from a vault, or a hash of it in password_hash"
    if password and ready:
        yield Problem(f"{place}.password", "is there beside password_hash", "one of the two")
    elif ready:
        if not isinstance(ready, str) or not _HASH.fullmatch(ready):
            expected = "what authelia crypto hash generate argon2 prints, such as $argon2id$v=19$..."
            yield Problem(f"{place}.password_hash", "is no hash that Authelia knows", expected)
    elif not password:
        yield Problem(f"{place}.password", "is missing", expected)
    elif not isinstance(password, str) or not password.isprintable():
        yield Problem(f"{place}.password", "is no text on one line", expected)
    elif PLACEHOLDER.search(password):
        yield Problem(f"{place}.password", "still holds a placeholder", expected)
    elif len(password) < 8:
        yield Problem(f"{place}.password", "is shorter than 8 characters", expected)

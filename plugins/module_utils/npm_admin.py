# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The administrator of Nginx Proxy Manager: claimed while nobody has, signed in, and given another password.

The server keeps a hash. To change a password one has to know the one in force, so it is kept beside the other secrets
of the host, in a file of root's, for the day on which another one is declared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.atomic import write_file
from ansible_collections.homelab.media.plugins.module_utils.npm_api import Client, NpmError, Rejected
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome, Problem
from ansible_collections.homelab.media.plugins.module_utils.paths import opened, reach
from ansible_collections.homelab.media.plugins.module_utils.servarr_ledger import PRIVATE

#: What every instance before 2.13 begins with.
FIRST = ("admin@example.com", "changeme")


@dataclass(frozen=True)
class Admin:
    """The administrator as declared. in_force_file: where the pair is that the server knows.

    to_come: in check mode, another password is about to be put into password_file.
    """

    email: str
    password: str = field(repr=False)
    password_file: str
    in_force_file: str
    name: str = "Administrator"
    to_come: bool = False


def sign_in(client: Client, admin: Admin, status: Mapping[str, Any], outcome: Outcome, check: bool) -> bool:
    """Sign in, and make the administrator as declared; tell whether that went, which check mode may have to leave."""
    client.hide(admin.password)
    # Older versions do not say: they always have a user.
    if status.get("setup") is False:
        outcome.add(f"administrator {admin.email}", "", "claimed")
        if check:
            return False
        _claim(client, admin)
    pair = _pair(client, admin)
    _rename(client, admin, pair, outcome, check)
    if not check:
        _keep(admin)
    return True


def _claim(client: Client, admin: Admin) -> None:
    body = {
        "name": admin.name,
        "nickname": admin.name,
        "email": admin.email,
        "roles": ["admin"],
        "is_disabled": False,
        "auth": {"type": "password", "secret": admin.password},
    }
    client.ask("POST", "/users", body)


def _pair(client: Client, admin: Admin) -> tuple[str, str]:
    """Return the first pair that the server lets in: as declared, as it was before, as upstream ships it."""
    for email, password in ((admin.email, admin.password), *_in_force(admin), FIRST):
        client.hide(password if (email, password) != FIRST else "")
        try:
            answer = client.item("POST", "/tokens", {"identity": email, "secret": password})
        except Rejected as error:
            if error.status in (400, 401, 403):
                continue
            raise
        if answer.get("requires_2fa"):
            reason = f"asks for a second factor of {email}, which a run does not have"
            expected = "an administrator of its own for this collection (proxy_admin_email), without that"
            raise NpmError(client.where, reason, expected)
        client.token = str(answer["token"])
        client.hide(client.token)
        return email, password
    reason = f"lets {admin.email} in with no known password"
    raise NpmError(client.where, reason, f"the one in {admin.password_file}: set it in the web interface")


def _rename(client: Client, admin: Admin, pair: tuple[str, str], outcome: Outcome, check: bool) -> None:
    email, password = pair
    label = f"administrator {admin.email}"
    if email != admin.email:
        outcome.add(f"{label}: email", email, admin.email)
        if not check:
            client.ask("PUT", "/users/me", {"name": admin.name, "nickname": admin.name, "email": admin.email})
    if password != admin.password or admin.to_come:
        outcome.add(f"{label}: password", "another one", "as declared")
        if not check:
            body = {"type": "password", "current": password, "secret": admin.password}
            client.ask("PUT", "/users/me/auth", body)


def _in_force(admin: Admin) -> list[tuple[str, str]]:
    try:
        document = json.loads(Path(admin.in_force_file).read_text(encoding="utf-8"))
        return [(str(document["identity"]), str(document["secret"]))]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _keep(admin: Admin) -> None:
    """Put down the pair that is in force now, unless it is there."""
    if _in_force(admin) == [(admin.email, admin.password)]:
        return
    path = PurePosixPath(admin.in_force_file)
    content = json.dumps({"identity": admin.email, "secret": admin.password}) + "\n"
    try:
        with reach(str(path.parent), str(path.parent)) as (here, missing):
            if missing:
                raise FileNotFoundError(2, "no such folder")
            with opened(here) as directory:
                write_file(directory, path.name, content.encode(), PRIVATE)
    except OSError as error:
        reason = f"cannot be written ({error.strerror})"
        raise MediaError([Problem(str(path), reason, "a folder there, with room for it")]) from None

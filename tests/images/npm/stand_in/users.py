# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users: who claims a server that has none, passwords, permissions, and the way in."""

from __future__ import annotations

import hashlib
from typing import Any

from .access import Access
from .audit import Audit
from .bodies import checked
from .database import Database, Row, public
from .errors import bad_login, denied, invalid, not_found
from .log import log
from .tokens import Tokens, matches, stored
from .two_factor import TwoFactor
from .web import Request, Response, answer

RELATIONS = ("permissions",)


class Users:
    def __init__(self, database: Database, tokens: Tokens, audit: Audit) -> None:
        self.database = database
        self.tokens = tokens
        self.audit = audit
        self.two_factor = TwoFactor(database)

    @property
    def claimed(self) -> bool:
        return bool(self.database.all("user"))

    def claim_from_environment(self, email: str, password: str) -> None:
        """Make the first administrator from INITIAL_ADMIN_*. The password is logged, as upstream does."""
        if email and password and not self.claimed:
            log("Setup", "info", f"Creating a new user: {email} with password: {password}")
            row = {"email": email, "name": "Administrator", "nickname": "Admin", "roles": ["admin"]}
            self._insert(row, {"type": "password", "secret": password})
            log("Setup", "info", "Initial admin setup completed")

    def _insert(self, row: Row, auth: Any) -> Row:
        row["avatar"] = _avatar(row["email"])
        user = self.database.insert("user", row)
        if auth:
            secret = stored(str(auth["secret"]))
            self.database.insert("auth", {"user_id": user["id"], "type": auth["type"], "secret": secret})
        visibility = "all" if "admin" in user["roles"] else "user"
        self.database.insert("user_permission", {"user_id": user["id"], "visibility": visibility})
        return user

    # Signing in

    def sign_in(self, request: Request) -> Response:
        body = checked("POST", "tokens", request.json)
        user = self._verified(body["identity"], body["secret"])
        if self.two_factor.enabled(user["id"]):
            challenge = self.tokens.sign(user["id"], "2fa-challenge", 300)["token"]
            return answer({"requires_2fa": True, "challenge_token": challenge})
        return answer(self.tokens.sign(user["id"]))

    def sign_in_with_code(self, request: Request) -> Response:
        body = checked("POST", "tokens/2fa", request.json)
        claims = self.tokens.read(body["challenge_token"])
        if claims["scope"] != ["2fa-challenge"]:
            raise invalid("Invalid challenge token")
        if not self.two_factor.accepts(claims["attrs"]["id"], body["code"]):
            raise invalid("Invalid verification code")
        return answer(self.tokens.sign(claims["attrs"]["id"]))

    def refresh(self, access: Access, _request: Request) -> Response:
        return answer(self.tokens.sign(access.key))

    def _verified(self, identity: str, secret: str) -> Row:
        # What is typed is put into lower case, what is stored is not.
        for user in self.database.all("user", email=identity.lower().strip(), is_disabled=0):
            for auth in self.database.all("auth", user_id=user["id"], type="password"):
                if matches(secret, auth["secret"]):
                    return user
            break
        raise bad_login()

    # Users

    def shown(self, user: Row, expand: list[str] | None = None) -> Row:
        row = public(user)
        if "permissions" in (expand or []):
            found = self.database.all("user_permission", user_id=user["id"])[0]
            hidden = ("id", "user_id", "created_on", "modified_on")
            row["permissions"] = {name: value for name, value in found.items() if name not in hidden}
        return row

    def found(self, access: Access, which: int | str) -> Row:
        key = access.key if which == "me" else which
        if key != access.key:
            access.need_admin()
        user = self.database.find("user", key)
        if not user:
            raise not_found(key)
        return user

    def list_all(self, access: Access, request: Request) -> Response:
        access.need_admin()
        users = sorted(self.database.all("user"), key=lambda user: str(user["name"]))
        expand = request.expand(RELATIONS)
        return answer([self.shown(user, expand) for user in users])

    def create(self, access: Access | None, request: Request) -> Response:
        """Make a user. While there is none, whoever comes makes the first, who is an administrator."""
        body = request.json
        first = not self.claimed
        if first:
            log("Express", "info", "Creating a new user in setup mode")
            roles = body.get("roles") if isinstance(body.get("roles"), list) else []
            body = {**body, "is_disabled": False, "roles": roles if "admin" in roles else [*roles, "admin"]}
        body = checked("POST", "users", body)
        if not first:
            if not access:
                raise denied()
            access.need_admin()
        auth = body.pop("auth", None)
        user = self._insert(body, auth)
        shown = self.shown(user, ["permissions"])
        self.audit.add(access.key if access else user["id"], "created", "user", user["id"], shown)
        return answer(shown, 201)

    def show(self, access: Access, request: Request, which: int | str) -> Response:
        return answer(self.shown(self.found(access, which), request.expand(RELATIONS)))

    def update(self, access: Access, request: Request, which: int | str) -> Response:
        body = checked("PUT", "users", request.json)
        user = self.found(access, which)
        if "roles" in body or "is_disabled" in body:
            access.need_admin()
        if "email" in body:
            body["email"] = body["email"].lower().strip()
            if any(other["id"] != user["id"] for other in self.database.all("user", email=body["email"])):
                raise invalid(f"Email address already in use - {body['email']}")
        body["avatar"] = _avatar(str(body.get("email", user["email"])))
        changed = self.database.update("user", user["id"], body)
        self.audit.add(access.key, "updated", "user", user["id"], body)
        return answer(self.shown(changed))

    def delete(self, access: Access, _request: Request, which: int | str) -> Response:
        access.need_admin()
        user = self.found(access, which)
        if user["id"] == access.key:
            raise denied()
        self.database.update("user", user["id"], {"is_deleted": True})
        self.audit.add(access.key, "deleted", "user", user["id"], public(user))
        return answer(True)

    def set_password(self, access: Access, request: Request, which: int | str) -> Response:
        body = checked("PUT", "auth", request.json)
        user = self.found(access, which)
        if user["id"] == access.key:
            if not body.get("current"):
                raise invalid("Current password was not supplied")
            self._verified(user["email"], body["current"])
        known = self.database.all("auth", user_id=user["id"], type=body["type"])
        if known:
            self.database.update("auth", known[0]["id"], {"secret": stored(body["secret"])})
        else:
            row = {"user_id": user["id"], "type": body["type"], "secret": stored(body["secret"])}
            self.database.insert("auth", row)
        said = {"name": user["name"], "password_changed": True, "auth_type": body["type"]}
        self.audit.add(access.key, "updated", "user", user["id"], said)
        return answer(True)

    def set_permissions(self, access: Access, request: Request, which: int | str) -> Response:
        access.need_admin()
        body = checked("PUT", "permissions", request.json)
        user = self.found(access, which)
        known = self.database.all("user_permission", user_id=user["id"])[0]
        self.database.update("user_permission", known["id"], body)
        self.audit.add(access.key, "updated", "user", user["id"], {"name": user["name"], "permissions": body})
        return answer(True)

    def sign_in_as(self, access: Access, _request: Request, which: int) -> Response:
        access.need_admin()
        user = self.found(access, which)
        return answer({**self.tokens.sign(user["id"]), "user": self.shown(user)})


def _avatar(email: str) -> str:
    return f"//www.gravatar.com/avatar/{hashlib.md5(email.lower().encode()).hexdigest()}?default=mm"

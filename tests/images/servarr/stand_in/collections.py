# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plain lists of resources: read, create, change, delete, with rules of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .errors import Failure, not_found, raise_if
from .settings import check_id
from .shapes import bind
from .web import Request, Response, accepted, answer, created

if TYPE_CHECKING:
    from .program import Program


class Collection:
    """One list. What differs is overridden."""

    kind = ""
    allows: tuple[str, ...] = ("POST", "PUT", "DELETE")
    unique_name = False

    def __init__(self, program: Program, shape: Mapping[str, str]) -> None:
        self.program, self.shape = program, shape

    @property
    def path(self) -> str:
        return f"{self.program.app.root}/{self.kind}"

    def set_up(self) -> None:
        routes = self.program.routes
        routes.add("GET", self.path, lambda request: answer([self.shown(item) for item in self.all()]))
        blank = self.blank()
        if blank is not None:
            routes.add("GET", self.path + "/schema", lambda request: answer(self.blank()))
        routes.add("GET", self.path + "/{id}", lambda request, number: answer(self.shown(self.stored(number))))
        if "POST" in self.allows:
            routes.add("POST", self.path, self.create)
        if "PUT" in self.allows:
            routes.add("PUT", self.path + "/{id}", self.update)
            routes.add("PUT", self.path, self.update)
        if "DELETE" in self.allows:
            routes.add("DELETE", self.path + "/{id}", self.delete)

    def all(self) -> list[dict[str, Any]]:
        return self.program.database.all(self.kind)

    def stored(self, number: int) -> dict[str, Any]:
        found = self.program.database.find(self.kind, number)
        if not found:
            raise not_found()
        return found

    def blank(self) -> Any:
        """Return what /schema answers; None where there is no such path."""
        return None

    def shown(self, item: dict[str, Any]) -> dict[str, Any]:
        return item

    def failures(self, body: dict[str, Any], before: dict[str, Any] | None) -> list[Failure]:
        return []

    def prepared(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the body as it is stored."""
        return body

    def may_delete(self, item: dict[str, Any]) -> None:
        """Raise if it may not."""

    def changed(self) -> None:
        self.program.health.refresh_soon()

    def _checked(self, request: Request, number: int = 0) -> dict[str, Any]:
        body = bind(request.json(), self.shape)
        body["id"] = body["id"] or number
        failures = []
        if self.unique_name:
            if not body["name"]:
                failures.append(Failure("Name", "'Name' must not be empty.", ""))
            for item in self.all():
                if item["name"].lower() == (body["name"] or "").lower() and item["id"] != body["id"]:
                    failures.append(Failure("Name", "Must be unique.", body["name"]))
        before = self.program.database.find(self.kind, body["id"]) if request.method == "PUT" else None
        raise_if(failures + self.failures(body, before), True)
        return body

    def create(self, request: Request) -> Response:
        stored = self.program.database.add(self.kind, self.prepared(self._checked(request)))
        self.changed()
        return created(self.shown(stored))

    def update(self, request: Request, number: int = 0) -> Response:
        body = self._checked(request, number)
        check_id(body, number)
        self.stored(body["id"])
        stored = self.program.database.put(self.kind, self.prepared(body))
        self.changed()
        return accepted(self.shown(stored))

    def delete(self, request: Request, number: int) -> Response:
        self.may_delete(self.stored(number))
        self.program.database.delete(self.kind, number)
        self.changed()
        return answer({})

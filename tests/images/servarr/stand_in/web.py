# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A request and its answer, and the table that leads from one to the other."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from .errors import ApiError, refused
from .shapes import without_nulls


@dataclass
class Request:
    method: str
    path: str  # without UrlBase
    query_text: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    peer: str
    base: str = ""  # the UrlBase that the client wrote

    @property
    def query(self) -> dict[str, str]:
        return {name.lower(): value for name, value in parse_qsl(self.query_text, keep_blank_values=True)}

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query_text}" if self.query_text else self.path

    def flag(self, name: str) -> bool:
        return self.query.get(name.lower(), "").lower() == "true"

    def number(self, name: str, otherwise: int = 0) -> int:
        text = self.query.get(name.lower(), "")
        return int(text) if text.lstrip("-").isdigit() else otherwise

    def json(self) -> Any:
        if not self.body.strip():
            raise _problem("A non-empty request body is required.")
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise _problem(f"The body is not JSON: {error}") from error

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))


def _problem(text: str) -> ApiError:
    title = "One or more validation errors occurred."
    return ApiError(400, {"title": title, "status": 400, "errors": {"": [text]}})


@dataclass
class Response:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def answer(value: Any, status: int = 200) -> Response:
    text = json.dumps(without_nulls(value), indent=2).encode()
    return Response(status, text, {"Content-Type": "application/json; charset=utf-8"})


def created(value: Any) -> Response:
    return answer(value, 201)


def accepted(value: Any) -> Response:
    return answer(value, 202)


def page(text: str, status: int = 200, kind: str = "text/html") -> Response:
    return Response(status, text.encode(), {"Content-Type": kind})


def redirect(place: str, status: int = 302) -> Response:
    return Response(status, b"", {"Location": place})


Handler = Callable[..., Response]


class Routes:
    """Method and path -> handler. `{id}` in a path is a number that the handler gets."""

    def __init__(self) -> None:
        self._entries: list[tuple[str, re.Pattern[str], Handler]] = []

    def add(self, method: str, path: str, handler: Handler) -> None:
        pattern = re.sub(r"\{\w+\}", lambda found: r"(\d+)" if "id" in found[0].lower() else "([^/]+)", path)
        self._entries.append((method, re.compile(pattern + "/?", re.IGNORECASE), handler))

    def find(self, request: Request) -> tuple[Handler, list[Any]]:
        methods = set()
        for method, pattern, handler in self._entries:
            found = pattern.fullmatch(request.path)
            if found and method == request.method:
                return handler, [int(part) if part.isdigit() else part for part in found.groups()]
            if found:
                methods.add(method)
        raise refused(405, "MethodNotAllowed") if methods else refused(404, "NotFound")


def check_content(request: Request) -> None:
    """406 for an Accept that JSON does not satisfy, 415 for a body of another kind."""
    wanted = request.headers.get("accept", "")
    if wanted and not re.search(r"\*/\*|application/(json|\*)|text/(json|\*)", wanted):
        raise ApiError(406)
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    has_body = request.method in ("POST", "PUT") and (request.body or kind)
    if has_body and kind not in ("application/json", "text/json"):
        raise ApiError(415)

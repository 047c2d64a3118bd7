# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A request and its answer, the parts of a form, and the table that leads from one to the other."""

from __future__ import annotations

import email.parser
import email.policy
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from .errors import ApiError, InternalError, NoFiles, invalid, not_found

LARGEST = 100 * 1024  # of a body of JSON


@dataclass
class Request:
    method: str
    path: str  # below /api
    query_text: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.query_text, keep_blank_values=True))

    @property
    def token(self) -> str:
        kind, _space, token = self.headers.get("authorization", "").partition(" ")
        return token if kind == "Bearer" else ""

    def expand(self, known: tuple[str, ...]) -> list[str]:
        """Return the relations that are asked for. One that nobody knows is an error inside, as upstream has it."""
        text = self.query.get("expand")
        names = text.split(",") if text is not None else []
        for name in names:
            if name not in known:
                raise InternalError(f"unknown relation {name}")
        return names

    @property
    def kind(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @cached_property
    def json(self) -> Any:
        if self.kind != "application/json" or not self.body:
            return {}
        if len(self.body) > LARGEST:
            raise ApiError(413, "Internal Error")
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise ApiError(400, "Internal Error") from error

    def files(self) -> dict[str, str]:
        """Return the files of a form by name."""
        if self.kind != "multipart/form-data":
            raise NoFiles
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + self.body)
        found: dict[str, str] = {}
        for part in message.iter_parts():
            # A field that is no file is not one of the files.
            if part.get_filename() is not None:
                name = part.get_param("name", header="content-disposition")
                content = part.get_payload(decode=True)
                found[str(name)] = content.decode(errors="replace") if isinstance(content, bytes) else ""
        if not found:
            raise NoFiles
        return found


@dataclass
class Response:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def answer(value: Any, status: int = 200) -> Response:
    return Response(status, json.dumps(value).encode(), {"Content-Type": "application/json; charset=utf-8"})


Handler = Callable[..., Response]


class Routes:
    """Method and path -> handler. `{id}` is a number, which the handler gets; `{user}` may be `me` too."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str, re.Pattern[str], Handler]] = []

    def add(self, method: str, path: str, handler: Handler) -> None:
        pattern = re.compile(re.sub(r"\{\w+\}", "([^/]+)", path))
        self.entries.append((method, path, pattern, handler))

    def find(self, request: Request) -> tuple[Handler, list[Any]]:
        for method, path, pattern, handler in self.entries:
            found = pattern.fullmatch(request.path)
            if found and method == request.method:
                return handler, [_part(name, value) for name, value in zip(_names(path), found.groups(), strict=True)]
        raise not_found(request.path)


def _names(path: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", path)


def _part(name: str, value: str) -> Any:
    if name == "text" or (name == "user" and value == "me"):
        return value
    if not value.isdigit():
        raise invalid(f"data/{name} must be integer")
    if int(value) < 1:
        raise invalid(f"data/{name} must be >= 1")
    return int(value)

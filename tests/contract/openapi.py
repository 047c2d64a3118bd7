# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checking requests and answers against an application's own OpenAPI file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.contract.servarr_on_loopback import Exchange

CONTRACTS = Path(__file__).resolve().parents[3] / "shared" / "contracts"
# The fork has a file of its own.
FILES = {"Bookshelf": "readarr/openapi-bookshelf.json"}


class Undocumented(AssertionError):
    """The file knows no such path or method."""


def contract(name: str) -> Contract:
    """Return the contract of an application; skip where the contracts are not on this machine."""
    file = CONTRACTS / FILES.get(name, f"{name.lower()}/openapi.json")
    if not file.is_file():
        pytest.skip(f"the contracts beside the project are not here: {file.relative_to(CONTRACTS.parents[1])}")
    return _read(file)


@cache
def _read(file: Path) -> Contract:
    return Contract(json.loads(file.read_text(encoding="utf-8")))


# The file shows the insides of these .NET classes; the applications have converters that write them as text.
TEXT = ("HttpUri", "TimeSpan", "Version")


class Contract:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = _as_json_schema(document)
        self.document["components"]["schemas"].update({name: {"type": "string"} for name in TEXT})
        self._paths = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path, methods)
            for path, methods in document["paths"].items()
        ]
        # A path without a parameter comes first: /series/lookup is not /series/{id}.
        self._paths.sort(key=lambda entry: entry[1].count("{"))

    def operation(self, method: str, path: str) -> dict[str, Any]:
        found = [methods for pattern, _parameters, methods in self._paths if pattern.fullmatch(path)]
        for methods in found:
            if method.lower() in methods:
                return methods[method.lower()]
        # The file names only /{id}; the application takes the number from the body as well.
        if method == "PUT" and not re.search(r"/\d+$", path):
            return self.operation(method, f"{path}/1")
        raise Undocumented(f"{method} {path} is not in the contract")

    def check_request(self, method: str, path: str, body: Any) -> None:
        schema = _schema(self.operation(method, path).get("requestBody"))
        if schema:
            self._check(schema, body, f"{method} {path}: request")

    def check_answer(self, method: str, path: str, status: int, body: Any) -> None:
        """Check a good answer. 201 and 202 have the body that the file gives for 200."""
        operation = self.operation(method, path)
        if not 200 <= status < 300:
            return
        schema = _schema(operation["responses"].get("200") or operation["responses"].get("default"))
        if schema:
            self._check(schema, body, f"{method} {path}: answer")

    def _check(self, schema: dict[str, Any], body: Any, where: str) -> None:
        whole = {**_as_json_schema(schema), "components": self.document["components"]}
        errors = sorted(Draft202012Validator(whole).iter_errors(body), key=lambda error: list(error.path))
        told = [f"{'/'.join(map(str, error.path))}: {error.message[:300]}" for error in errors[:10]]
        assert not errors, f"{where} does not keep the contract:\n" + "\n".join(told)


def check_exchanges(name: str, exchanges: Iterable[Exchange]) -> int:
    """Check all that an application was asked by its API and answered; return how much that was.

    The body of a command has properties of its own for each, which the file does not list.
    """
    rules, checked = contract(name), 0
    for one in exchanges:
        if not re.match(r"/api/v\d/", one.path) or one.path.endswith(("/newznab", "/download")):
            continue
        if one.method in ("POST", "PUT") and one.status < 300 and not one.path.endswith("/command"):
            rules.check_request(one.method, one.path, one.request)
        rules.check_answer(one.method, one.path, one.status, one.answer)
        checked += 1
    return checked


def _schema(part: dict[str, Any] | None) -> dict[str, Any] | None:
    content = (part or {}).get("content", {})
    return content.get("application/json", {}).get("schema")


def _as_json_schema(value: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema has a second type."""
    if isinstance(value, list):
        return [_as_json_schema(item) for item in value]
    if not isinstance(value, dict):
        return value
    plain = {name: _as_json_schema(item) for name, item in value.items() if name != "nullable"}
    if value.get("nullable") is True and isinstance(plain.get("type"), str):
        plain["type"] = [plain["type"], "null"]
        if "enum" in plain:
            plain["enum"] = [*plain["enum"], None]
    return plain

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nginx Proxy Manager's own schema, a tree of files that point at each other, as schemas that stand alone."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "contracts" / "npm" / "schema"


class Undocumented(AssertionError):
    """The schema knows no such path or method."""


def operation(method: str, path: str) -> dict[str, Any]:
    """Return what the schema says of a request, all references resolved; skip where the contracts are not here."""
    if not FOLDER.is_dir():
        pytest.skip("the contracts beside the project are not here: shared/contracts/npm/schema")
    for pattern, methods in _paths():
        if re.fullmatch(pattern, path) and method.lower() in methods:
            return dict(methods[method.lower()])
    raise Undocumented(f"{method} {path} is not in the schema")


@cache
def _paths() -> list[tuple[str, dict[str, Any]]]:
    document = _resolved(_file(FOLDER / "swagger.json")["paths"], FOLDER / "swagger.json")
    # A path without a parameter comes first: /certificates/dns-providers is not /certificates/{certID}.
    ordered = sorted(document.items(), key=lambda entry: entry[0].count("{"))
    return [(re.sub(r"\{\w+\}", "[^/]+", path), methods) for path, methods in ordered]


@cache
def _file(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _resolved(value: Any, file: Path) -> Any:
    if isinstance(value, list):
        return [_resolved(item, file) for item in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("$ref"), str):
        name, _mark, pointer = value["$ref"].partition("#")
        target = (file.parent / name).resolve() if name else file
        found = _file(target)
        for step in pointer.split("/")[1:]:
            found = found[step]
        return _resolved(found, target)
    # Upstream's examples may hold anything.
    return {key: _resolved(inner, file) for key, inner in value.items() if key not in ("example", "examples")}


def body_schema(method: str, path: str) -> dict[str, Any]:
    content = operation(method, path)["requestBody"]["content"]
    return dict(next(iter(content.values()))["schema"])


def accepts(method: str, path: str, body: Any) -> bool:
    return bool(Draft202012Validator(body_schema(method, path)).is_valid(body))


def check_answer(method: str, path: str, status: int, body: Any) -> None:
    """Check an answer against the schema of its status. What the schema does not say of it, it may be."""
    responses = operation(method, path)["responses"]
    told = responses.get(str(status))
    if status < 300:
        assert told, f"{method} {path}: the schema knows no answer {status}, only {', '.join(responses)}"
    schema = (told or {}).get("content", {}).get("application/json", {}).get("schema")
    # The schema has the list of access lists as one of them.
    if schema and path == "/nginx/access-lists" and method == "GET":
        schema = {"type": "array", "items": schema}
    if schema:
        errors = sorted(Draft202012Validator(schema).iter_errors(body), key=lambda error: list(error.path))
        told = [f"{'/'.join(map(str, error.path))}: {error.message[:300]}" for error in errors[:10]]
        assert not errors, f"{method} {path}: answer {status} does not keep the schema:\n" + "\n".join(told)

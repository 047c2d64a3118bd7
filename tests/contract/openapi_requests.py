# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a request is one that an application's OpenAPI file knows: its path, its query and its body."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import jsonschema

FOLDER = Path(__file__).parents[3] / "shared" / "contracts"
FILES = {
    "sonarr": "sonarr/openapi.json",
    "radarr": "radarr/openapi.json",
    "lidarr": "lidarr/openapi.json",
    "bookshelf": "readarr/openapi-bookshelf.json",
    "prowlarr": "prowlarr/openapi.json",
}


class Contract:
    """One application's OpenAPI file."""

    def __init__(self, kind: str) -> None:
        document = json.loads((FOLDER / FILES[kind]).read_text(encoding="utf-8"))
        self._paths: dict[str, Any] = document["paths"]
        self._schemas = {"components": {"schemas": _plain(document["components"]["schemas"])}}

    def complaints(self, request: Mapping[str, Any]) -> list[str]:
        """Return what is wrong with a request as the stand-in records it."""
        label = f"{request['method']} {request['path']}"
        operation = self._operation(str(request["method"]), str(request["path"]))
        if operation is None:
            return [f"{label}: no such operation"]
        known = {entry["name"].lower() for entry in operation.get("parameters", []) if entry["in"] == "query"}
        found = [
            f"{label}: no parameter {name}"
            for name, _value in parse_qsl(str(request.get("query") or ""))
            if name.lower() not in known
        ]
        content = operation.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        if schema is None:
            return [*found, f"{label}: has a body"] if request.get("request") is not None else found
        validator = jsonschema.Draft7Validator({**_plain(schema), **self._schemas})
        errors = validator.iter_errors(request.get("request"))
        return [*found, *(f"{label}: {error.json_path}: {error.message}" for error in errors)]

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        # A path without a parameter wins over one with: /tag/detail is no tag.
        for template in sorted(self._paths, key=lambda each: each.count("{")):
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path) and method.lower() in self._paths[template]:
                operation: dict[str, Any] = self._paths[template][method.lower()]
                return operation
        return None


def _plain(schema: Any) -> Any:
    """Return a schema of OpenAPI 3.0 in the words of JSON Schema: there, null is a type of its own."""
    if isinstance(schema, list):
        return [_plain(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _plain(value) for key, value in schema.items() if key != "nullable"}
    return {"anyOf": [found, {"type": "null"}]} if schema.get("nullable") is True else found

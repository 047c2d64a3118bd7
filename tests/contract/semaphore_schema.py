# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a request and its answer keep Semaphore's own OpenAPI document (Swagger 2.0), of the version asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from tests.unit.semaphore_stand_in import Exchange

CONTRACTS = Path(__file__).resolve().parents[3] / "shared" / "contracts"
FILES = {"2.10": "semaphore/api-docs-2.10.yml", "2.16": "semaphore/api-docs-2.16.14.yml"}
#: What the server has and its document forgets: the list of schedules, in both; one environment, in 2.10.
FORGOTTEN = {
    "2.10": {"GET /project/{project_id}/schedules", "GET /project/{project_id}/environment/{environment_id}"},
    "2.16": {"GET /project/{project_id}/schedules"},
}
#: Pointers in the server's structures: it answers null where the document knows only the type. No request does.
POINTERS = {
    "Environment": {"password", "env", "secrets"},
    "Inventory": {"ssh_key_id", "become_key_id", "repository_id"},
    "Template": {"arguments", "description", "git_branch", "view_id", "survey_vars", "vaults", "environment_id"},
    "TemplateVault": {"name", "script"},
    "Schedule": {"run_at"},
}


class Broken(AssertionError):
    """A request or an answer that does not keep the document."""


@cache
def _document(version: str) -> dict[str, Any]:
    file = CONTRACTS / FILES[version]
    if not file.is_file():
        pytest.skip(f"the contracts beside the project are not here: {file.relative_to(CONTRACTS.parents[1])}")
    document: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    # In 2.10 the answer of a template is described as its request is.
    for name, fields in {**POINTERS, "TemplateRequest": POINTERS["Template"]}.items():
        for key in fields & set(document["definitions"].get(name, {}).get("properties", {})):
            document["definitions"][name]["properties"][key]["x-nullable"] = True
    return document


class Contract:
    """One version's document."""

    def __init__(self, version: str) -> None:
        self.version = version
        self._document = _document(version)

    def check(self, one: Exchange) -> bool:
        """Check an exchange that went well. Tell whether the document knows it."""
        path, _mark, query = one.path.partition("?")
        template, operations = self._find(path)
        operation = operations.get(one.method.lower())
        if operation is None:
            if f"{one.method} {template}" in FORGOTTEN[self.version] or one.path.startswith("/auth/"):
                return False
            raise Broken(f"{one.method} {path}: no such operation")
        self._check_query(one, query, operation)
        body = next((entry for entry in operation.get("parameters", ()) if entry.get("in") == "body"), None)
        if (body is None) != (one.request is None):
            raise Broken(f"{one.method} {path}: {'has a' if body is None else 'lacks its'} body")
        if body:
            self._check_body(f"{one.method} {path}: request", body["schema"], one.request)
        answers = {int(status): answer for status, answer in operation["responses"].items()}
        if one.status not in answers:
            raise Broken(f"{one.method} {path}: {one.status} is none of {sorted(answers)}")
        schema = answers[one.status].get("schema")
        if schema:
            self._check_body(f"{one.method} {path}: answer", schema, one.answer)
        elif one.answer is not None:
            raise Broken(f"{one.method} {path}: an answer with a body")
        return True

    def _find(self, path: str) -> tuple[str, dict[str, Any]]:
        # The server takes a last slash away from each path.
        for template, operations in sorted(self._document["paths"].items(), key=lambda entry: entry[0].count("{")):
            if re.fullmatch(re.sub(r"\{\w+\}", r"[^/]+", template.rstrip("/")) + "/?", path):
                return template, operations
        raise Broken(f"{path}: no such path")

    def _check_query(self, one: Exchange, query: str, operation: dict[str, Any]) -> None:
        given = dict(part.split("=") for part in query.split("&") if part)
        known = {entry["name"]: entry for entry in operation.get("parameters", ()) if entry.get("in") == "query"}
        for name, entry in known.items():
            if entry.get("required") and name not in given:
                raise Broken(f"{one.method} {one.path}: lacks {name}")
            if name in given and given[name] not in entry.get("enum", [given[name]]):
                raise Broken(f"{one.method} {one.path}: {name} is {given[name]}")
        if set(given) - set(known):
            raise Broken(f"{one.method} {one.path}: has {set(given) - set(known)}")

    def _check_body(self, where: str, schema: Any, body: Any) -> None:
        known = self._document["definitions"]
        asked = where.endswith("request")
        # What 2.10 takes its document tells only in part.
        plain = Plain(known, strict=asked and self.version != "2.10", nullable=not asked)
        validator = Draft7Validator(
            {**plain.of(schema), "definitions": {name: plain.of(each) for name, each in known.items()}}
        )
        told = [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(body)]
        if told:
            raise Broken(f"{where} does not keep the contract:\n" + "\n".join(told))


@dataclass(frozen=True)
class Plain:
    """A schema of Swagger 2.0 in the words of JSON Schema. strict: nothing beside what is described."""

    known: dict[str, Any]
    strict: bool
    nullable: bool

    def of(self, schema: Any) -> Any:
        if isinstance(schema, list):
            return [self.of(entry) for entry in schema]
        if not isinstance(schema, dict):
            return schema
        if "allOf" in schema:
            # As one object, or each part would refuse what the other describes.
            parts = [
                self.known[part["$ref"].rpartition("/")[2]] if "$ref" in part else part for part in schema["allOf"]
            ]
            whole = {name: value for part in parts for name, value in part["properties"].items()}
            schema = {"type": "object", "properties": whole}
        found = {name: self.of(value) for name, value in schema.items() if name != "x-nullable"}
        if self.strict and isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
            found["additionalProperties"] = False
        return {"anyOf": [found, {"type": "null"}]} if self.nullable and schema.get("x-nullable") is True else found

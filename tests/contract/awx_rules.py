# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX refuses in a survey, a recurrence rule, variables and the inputs of a credential; from its own checks."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tests.contract.awx_kinds import Refused

ENCRYPTED = "$encrypted$"
SURVEY_TYPES: dict[str, Any] = {
    "text": str, "textarea": str, "password": str, "multiplechoice": str, "multiselect": str,
    "integer": int, "float": float,
}  # fmt: skip


def check_survey(body: Any) -> None:
    """Refuse what JobTemplateSurveySpec refuses."""
    if not isinstance(body, dict):
        raise Refused(error="A survey was expected.")
    for name, wanted in (("name", str), ("description", str), ("spec", list)):
        if name not in body:
            raise Refused(error=f"Field '{name}' is missing from survey spec.")
        if not isinstance(body[name], wanted):
            raise Refused(error=f"Expected {wanted.__name__} for field '{name}'.")
    if not body["spec"]:
        raise Refused(error="'spec' doesn't contain any items.")
    seen: set[str] = set()
    for position, question in enumerate(body["spec"]):
        _question(position, question)
        if question["variable"] in seen:
            raise Refused(error=f"'variable' '{question['variable']}' duplicated in survey question {position}.")
        seen.add(question["variable"])


def _question(position: int, question: Any) -> None:
    if not isinstance(question, dict):
        raise Refused(error=f"Survey question {position} is not a json object.")
    for name, wanted in (("type", str), ("question_name", str), ("variable", str), ("required", bool)):
        if name not in question:
            raise Refused(error=f"'{name}' missing from survey question {position}")
        if not isinstance(question[name], wanted):
            raise Refused(error=f"'{name}' in survey question {position} expected to be {wanted.__name__}.")
    kind = question["type"]
    if kind not in SURVEY_TYPES:
        raise Refused(error=f"'{kind}' in survey question {position} is not one of the allowed question types.")
    default = question.get("default", "")
    if default != "" and not isinstance(default, SURVEY_TYPES[kind]):
        raise Refused(error=f"Default value {default} in survey question {position} expected to be {kind}.")
    for name in ("min", "max"):
        if question.get(name) is not None and not isinstance(question[name], int):
            raise Refused(error=f"The {name} limit in survey question {position} expected to be integer.")
    if kind in ("multiplechoice", "multiselect"):
        if "choices" not in question:
            raise Refused(error=f"Survey question {position} of type {kind} must specify choices.")
        if any(word not in question["choices"] for word in str(default).splitlines()):
            raise Refused(error="Default choice must be answered from the choices listed.")


def check_rrule(rrule: str) -> None:
    """Refuse what the serializer of a schedule refuses."""
    starts = re.findall(r".*?(DTSTART(;[^:]+)?\:[0-9]+T[0-9]+Z?)", rrule)
    rules = re.findall(r".*?(RULE\:[^\s]*)", rrule)
    if not starts:
        raise Refused(rrule="Valid DTSTART required in rrule. Value should start with: DTSTART:YYYYMMDDTHHMMSSZ")
    if re.findall(r".*?(DTSTART:[0-9]+T[0-9]+) ", rrule):
        raise Refused(rrule="DTSTART cannot be a naive datetime.  Specify ;TZINFO= or YYYYMMDDTHHMMSSZZ.")
    if len(starts) > 1:
        raise Refused(rrule="Multiple DTSTART is not supported.")
    if not rules:
        raise Refused(rrule="One or more rule required in rrule.")
    if re.search("exdate:|rdate:", rrule, re.IGNORECASE):
        raise Refused(rrule="EXDATE and RDATE not allowed in rrule.")
    for rule in rules:
        if "interval" not in rule.lower():
            raise Refused(rrule=f"INTERVAL required in rrule: {rule}")
        if "secondly" in rule.lower():
            raise Refused(rrule=f"SECONDLY is not supported: {rule}")
        if "COUNT" in rule and "UNTIL" in rule:
            raise Refused(rrule=f"RRULE may not contain both COUNT and UNTIL: {rule}")


def check_variables(name: str, value: str) -> None:
    """Refuse a text that is no dictionary in JSON or YAML."""
    if value and not isinstance(yaml.safe_load(value), dict):
        raise Refused(**{name: "Cannot parse as JSON or YAML."})


def kept_inputs(schema: dict[str, Any], inputs: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Return the inputs of a credential as AWX keeps them; what is said to be encrypted stays as it was."""
    known = {entry["id"]: entry for entry in schema.get("fields", [])}
    strange = sorted(set(inputs) - set(known))
    if strange:
        raise Refused(inputs=f"Additional properties are not allowed ({strange} were unexpected)")
    missing = sorted(set(schema.get("required", [])) - set(inputs))
    if missing:
        raise Refused(inputs=f"required for this credential type: {missing}")
    kept = {}
    for name, value in inputs.items():
        if value == ENCRYPTED and name not in before:
            raise Refused(inputs=f"{ENCRYPTED} is a reserved keyword, and may not be used for {name}.")
        if known[name].get("format") == "ssh_private_key" and value != ENCRYPTED and "-----BEGIN" not in value:
            raise Refused(inputs="Invalid certificate or key")
        kept[name] = before[name] if value == ENCRYPTED else value
    return kept


def shown_inputs(schema: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    secret = {entry["id"] for entry in schema.get("fields", []) if entry.get("secret")}
    return {name: ENCRYPTED if name in secret and value else value for name, value in inputs.items()}

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fields of an implementation: what /schema shows, and how what is sent becomes what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .apps import App
from .errors import ApiError, Failure

MASK = "********"
SECRET = ("password", "apiKey")

Settings = dict[str, Any]


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    type: str = "textbox"
    default: Any = None
    privacy: str = "normal"
    advanced: bool = False
    options: tuple[tuple[int, str], ...] = ()
    hidden: str = ""

    def value_of(self, given: Any) -> Any:
        """Convert as the application does: numbers from text too, lists from words with commas."""
        if self.type in ("number", "select") and isinstance(self.default, int) and not isinstance(self.default, list):
            return _number(given)
        if self.type == "checkbox":
            if not isinstance(given, bool):
                raise ApiError(400, {"message": f"The value of {self.name} is no boolean", "description": "stand-in"})
            return given
        if isinstance(self.default, list):
            items = given.split(",") if isinstance(given, str) else given or []
            return [_number(item) for item in items]
        if given is not None and not isinstance(given, (str, int, float)):
            raise ApiError(400, {"message": f"The value of {self.name} is no text", "description": "stand-in"})
        return None if given is None else str(given)

    def json(self, order: int, value: Any, app: App) -> dict[str, Any]:
        shown = MASK if app.masks and self.privacy in SECRET and value else value
        answer: dict[str, Any] = {
            "order": order,
            "name": self.name,
            "label": self.label,
            "value": shown,
            "type": self.type,
            "advanced": self.advanced,
            "isFloat": False,
        }
        if app.masks:
            answer["privacy"] = self.privacy
        if self.hidden:
            answer["hidden"] = self.hidden
        if self.options:
            answer["selectOptions"] = [
                {"value": number, "name": name, "order": place} for place, (number, name) in enumerate(self.options)
            ]
        return answer


def _number(given: Any) -> int:
    text = str(given).strip()
    return int(text) if text.lstrip("-").isdigit() else 0


@dataclass(frozen=True)
class Implementation:
    """One choice of a provider, for example NZBGet among the download clients."""

    name: str  # as in `implementation`
    title: str
    fields: tuple[Field, ...]
    contract: str = ""
    protocol: str = ""
    facts: Mapping[str, Any] | None = None  # more properties of its resource that the server decides
    needed: tuple[str, ...] = ()  # fields that must not be empty
    link: str = "https://wiki.servarr.com/"

    @property
    def config_contract(self) -> str:
        return self.contract or f"{self.name}Settings"

    def defaults(self) -> Settings:
        return {field.name: field.default for field in self.fields}

    def settings(self, given: list[dict[str, Any]], stored: Settings | None) -> Settings:
        """A field that is left out becomes the default; a mask keeps the stored value."""
        values = self.defaults()
        by_name = {str(item.get("name", "")).lower(): item.get("value") for item in given if isinstance(item, dict)}
        for field in self.fields:
            if field.name.lower() not in by_name:
                continue
            value = by_name[field.name.lower()]
            if field.privacy in SECRET and value == MASK and stored is not None:
                values[field.name] = stored.get(field.name)
            elif value is None and field.type == "checkbox":
                values[field.name] = False
            else:
                values[field.name] = field.value_of(value)
        return values

    def json_fields(self, settings: Settings, app: App) -> list[dict[str, Any]]:
        return [
            field.json(order, settings.get(field.name, field.default), app) for order, field in enumerate(self.fields)
        ]

    def failures(self, settings: Settings) -> list[Failure]:
        """What the settings' own rules say, before anything is asked over the network."""
        failures = [
            Failure(_pascal(name), f"'{_pascal(name)}' must not be empty.", settings.get(name))
            for name in self.needed
            if not settings.get(name)
        ]
        port = settings.get("port", 1)
        if isinstance(port, int) and not 1 <= port <= 65535:
            failures.append(Failure("Port", "'Port' must be between 1 and 65535.", port))
        host = settings.get("host")
        if isinstance(host, str) and host and ("/" in host or ":" in host.strip("[]").replace("::", "")):
            failures.append(Failure("Host", "must be valid Host without http://", host))
        return failures


def _pascal(name: str) -> str:
    return name[0].upper() + name[1:]

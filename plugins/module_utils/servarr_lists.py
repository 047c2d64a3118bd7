# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lists of one application, each read once, and the names that stand for ids in them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.servarr_api import PAUSE, Client, ServarrError
from ansible_collections.homelab.media.plugins.module_utils.servarr_kinds import FILLED_LATE, REFERENCES
from ansible_collections.homelab.media.plugins.module_utils.servarr_merge import Unfit
from ansible_collections.homelab.media.plugins.module_utils.servarr_values import shown

#: Seconds that an application may take to fill its lists once it has begun to.
FILLING = 3.0


class Lists:
    """What the application has. In check mode, what a real run would have made is in here with an id below zero."""

    def __init__(self, client: Client, check: bool) -> None:
        self._client = client
        self._check = check
        self._lists: dict[str, list[dict[str, Any]]] = {}
        self._schemas: dict[str, Any] = {}

    def get(self, resource: str) -> list[dict[str, Any]]:
        """Return a list, waiting for one that the application fills by itself."""
        if resource not in self._lists:
            found = self._read(resource)
            deadline = time.monotonic() + self._client.patience
            while not found and resource in FILLED_LATE and not self._check and time.monotonic() < deadline:
                time.sleep(PAUSE)
                found = self._read(resource)
            self._lists[resource] = found
        return self._lists[resource]

    def schema(self, resource: str) -> Any:
        if resource not in self._schemas:
            self._schemas[resource] = self._client.get(f"{resource}/schema")
        return self._schemas[resource]

    def forget(self, resource: str) -> None:
        """Read a list again when it is asked for."""
        self._lists.pop(resource, None)
        # A profile's schema has all custom formats in it.
        self._schemas.pop("qualityprofile", None)

    def put(self, resource: str, item: Mapping[str, Any]) -> None:
        """Take over an item as it was saved, in place of the one that had its id."""
        others = [entry for entry in self.get(resource) if entry.get("id") != item.get("id")]
        self._lists[resource] = [*others, dict(item)]
        self._schemas.pop("qualityprofile", None)

    def foresee(self, resource: str, item: Mapping[str, Any]) -> None:
        """Take over an item that a real run would make."""
        self.put(resource, {**item, "id": min([0, *(entry.get("id", 0) for entry in self.get(resource))]) - 1})

    def drop(self, resource: str, number: int) -> None:
        self._lists[resource] = [entry for entry in self.get(resource) if entry.get("id") != number]

    def id_of(self, resource: str, name: str) -> int:
        """Return the id of what has this name; Unfit when nothing has."""
        deadline = time.monotonic() + FILLING
        while True:
            for entry in self.get(resource):
                if label(entry).lower() == name.lower():
                    return int(entry["id"])
            if self._check or resource not in FILLED_LATE or time.monotonic() > deadline:
                known = ", ".join(sorted(map(label, self.get(resource))))
                raise Unfit(f"names the {resource} {name}", f"one of {known}" if known else "one that is there")
            time.sleep(PAUSE)
            self.forget(resource)

    def resolved(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values with ids in place of names."""
        found = dict(values)
        for key in set(values) & set(REFERENCES):
            value = values[key]
            if isinstance(value, list):
                found[key] = [self._number(REFERENCES[key], entry) for entry in value]
            else:
                found[key] = self._number(REFERENCES[key], value)
        return found

    def show(self, key: str, value: Any) -> str:
        """Return a value as text, with names in place of ids."""
        if key not in REFERENCES or value in (None, [], 0):
            return shown(value)
        names = {entry.get("id"): label(entry) for entry in self.get(REFERENCES[key])}
        if isinstance(value, list):
            return ", ".join(sorted(str(names.get(number, number)) for number in value))
        return str(names.get(value, value))

    def _number(self, resource: str, value: Any) -> Any:
        return self.id_of(resource, value) if isinstance(value, str) else value

    def _read(self, resource: str) -> list[dict[str, Any]]:
        found = self._client.get(resource)
        if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
            reason = f"answered GET {resource} with something else than a list"
            raise ServarrError(self._client.name, reason, "a list of items, as its API has them")
        return found


def label(entry: Mapping[str, Any]) -> str:
    """Return what an entry is called."""
    return str(entry.get("name") or entry.get("label") or entry.get("title") or entry.get("path") or "")


def key_of(resource: str, entry: Mapping[str, Any], lists: Lists) -> str:
    """Return what makes an entry the one that is meant: no two of a list have the same."""
    if resource == "rootfolder":
        return str(entry.get("path") or "").rstrip("/")
    if resource == "remotepathmapping":
        return f"{entry.get('host')} {str(entry.get('remotePath') or '').rstrip('/')}"
    if resource == "delayprofile":
        return ", ".join(sorted(_tag_names(entry.get("tags") or [], lists))) or "default"
    if resource == "releaseprofile" and not entry.get("name"):
        return " / ".join(_terms(entry.get(key)) for key in ("required", "ignored"))
    return label(entry).lower()


def _tag_names(tags: list[Any], lists: Lists) -> list[str]:
    names = {item.get("id"): label(item).lower() for item in lists.get("tag")} if tags else {}
    return [tag.lower() if isinstance(tag, str) else str(names.get(tag, tag)) for tag in tags]


def _terms(value: Any) -> str:
    return ", ".join(sorted(map(str, value))) if isinstance(value, list) else shown(value)

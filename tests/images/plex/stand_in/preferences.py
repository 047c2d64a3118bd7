# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Preferences.xml: read once at the start, kept in memory, written whole from there.

What somebody else writes into the file while the server runs is lost with the next writing, at the latest at its end.
"""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from .element import Element
from .settings import SETTINGS, BadValueError

IDENTIFIER, PROCESSED, TOKEN = "MachineIdentifier", "ProcessedMachineIdentifier", "PlexOnlineToken"
ACCOUNT = (TOKEN, "PlexOnlineUsername", "PlexOnlineMail", "PlexOnlineHome")


def processed(identifier: str) -> str:
    """Return the id that the server is known by."""
    return hashlib.sha1(f"{identifier}- Plex Media Server".encode()).hexdigest()


class Preferences:
    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = threading.Lock()
        self._attributes: dict[str, str] = {}
        if file.exists():
            root = ElementTree.parse(file).getroot()
            if root.tag != "Preferences":
                raise ValueError(f"{file}: is no Preferences.xml")
            self._attributes = dict(root.attrib)
        self._attributes.setdefault(IDENTIFIER, str(uuid.uuid4()))
        # Not taken from the file: one that does not fit would be another server.
        self._attributes[PROCESSED] = processed(self._attributes[IDENTIFIER])
        for name, setting in SETTINGS.items():
            if name in self._attributes:
                try:
                    setting.value(self._attributes[name])
                except BadValueError:
                    del self._attributes[name]
        self.save()

    @property
    def identifier(self) -> str:
        return self._attributes[PROCESSED]

    @property
    def token(self) -> str:
        return self._attributes.get(TOKEN, "")

    @property
    def username(self) -> str:
        return self._attributes.get("PlexOnlineUsername", "")

    def value(self, name: str) -> Any:
        setting = SETTINGS[name]
        return setting.value(self._attributes[name]) if name in self._attributes else setting.default

    def change(self, wanted: Mapping[str, str]) -> None:
        """Set all of the settings, or none where one cannot be."""
        unknown = sorted(set(wanted) - set(SETTINGS))
        if unknown:
            raise BadValueError(f"unknown: {', '.join(unknown)}")
        values = {name: SETTINGS[name].value(text) for name, text in wanted.items()}
        with self._lock:
            for name, value in values.items():
                self._attributes[name] = str(int(value)) if isinstance(value, bool) else str(value)
        self.save()

    def sign_in(self, account: Mapping[str, str]) -> None:
        with self._lock:
            self._attributes.update(account)
        self.save()

    def sign_out(self) -> None:
        with self._lock:
            for name in ACCOUNT:
                self._attributes.pop(name, None)
        self.save()

    def save(self) -> None:
        with self._lock:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            beside = self.file.with_suffix(".xml.new")
            tree = ElementTree.ElementTree(ElementTree.Element("Preferences", self._attributes))
            tree.write(beside, encoding="utf-8", xml_declaration=True)
            beside.chmod(0o600)
            beside.rename(self.file)

    def elements(self) -> list[Element]:
        """Return what /:/prefs lists."""
        return [
            Element(
                "Setting",
                {
                    "id": name,
                    "label": name,
                    "summary": "",
                    "type": setting.kind,
                    "default": setting.default,
                    "value": self.value(name),
                    "hidden": not setting.group,
                    "advanced": False,
                    "group": setting.group,
                    **({"enumValues": setting.choices} if setting.choices else {}),
                },
            )
            for name, setting in SETTINGS.items()
        ]

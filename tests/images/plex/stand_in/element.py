# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers as Plex writes them: one tree, as XML or, when the client accepts that, as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree


@dataclass
class Element:
    """One element. In JSON its children are lists under their name, and values have their type."""

    name: str
    attributes: dict[str, Any] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)

    def xml(self) -> bytes:
        return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(self._tree(), encoding="utf-8")

    def json(self) -> bytes:
        return json.dumps({self.name: self._dictionary()}).encode()

    def _tree(self) -> ElementTree.Element:
        tree = ElementTree.Element(self.name, {name: _text(value) for name, value in self.attributes.items()})
        tree.extend(child._tree() for child in self.children)
        return tree

    def _dictionary(self) -> dict[str, Any]:
        found: dict[str, Any] = dict(self.attributes)
        for child in self.children:
            found.setdefault(child.name, []).append(child._dictionary())
        return found


def container(children: list[Element], **attributes: Any) -> Element:
    """Return the element around every list."""
    return Element("MediaContainer", {"size": len(children), **attributes}, children)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)

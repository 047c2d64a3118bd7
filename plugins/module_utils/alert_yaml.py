# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Configuration as YAML in which every text stands between double quotes.

That is the one form in which a secret can be put in whatever it holds (@@secret:NAME:json@@), and in which the braces
of templates and the colons of expressions mean nothing to YAML.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any


def text(value: Mapping[str, Any]) -> str:
    """Return a mapping as YAML. Its keys are plain words."""
    return "\n".join(_mapping(value, "")) + "\n"


def _mapping(value: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, item in value.items():
        if item and isinstance(item, Mapping):
            yield f"{indent}{key}:"
            yield from _mapping(item, indent + "  ")
        elif item and isinstance(item, (list, tuple)) and any(isinstance(entry, Mapping) for entry in item):
            yield f"{indent}{key}:"
            for entry in item:
                first, *rest = _mapping(entry, indent + "    ")
                yield f"{indent}  - {first.lstrip()}"
                yield from rest
        else:
            # A list of plain values, on one line; what is empty, too.
            yield f"{indent}{key}: {json.dumps(item, ensure_ascii=False)}"

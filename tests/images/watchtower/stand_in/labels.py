# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the labels of a container say, and who is looked at."""

from __future__ import annotations

import re
from typing import Any

from .settings import Settings

PREFIX = "com.centurylinklabs.watchtower"
_TRUE, _FALSE = ("1", "t", "T", "TRUE", "true", "True"), ("0", "f", "F", "FALSE", "false", "False")

Inspected = dict[str, Any]


def name(container: Inspected) -> str:
    return str(container["Name"]).lstrip("/")


def of(container: Inspected) -> dict[str, str]:
    return container["Config"].get("Labels") or {}


def boolean(container: Inspected, label: str) -> bool | None:
    """Return a label as Go reads a boolean; nothing for another word, and where there is none."""
    value = of(container).get(f"{PREFIX}.{label}")
    return True if value in _TRUE else False if value in _FALSE else None


def is_watchtower(container: Inspected) -> bool:
    return of(container).get(PREFIX) == "true"


def watched(container: Inspected, told: Settings) -> bool:
    """Tell whether a container is looked at."""
    enabled = boolean(container, "enable")
    if any(_matches(name(container), pattern) for pattern in told.disabled):
        return False
    if enabled is False or (told.label_enable and enabled is not True):
        return False
    # Nobody's scope is called "none"; without a scope of its own, Watchtower does not ask for one.
    return not told.scope or (of(container).get(f"{PREFIX}.scope") or "none") == told.scope


def _matches(word: str, pattern: str) -> bool:
    try:
        return word == pattern.lstrip("/") or bool(re.fullmatch(pattern.lstrip("/"), word))
    except re.error:
        return False


def monitor_only(container: Inspected, told: Settings) -> bool:
    return _either(boolean(container, "monitor-only"), told.monitor_only, told.label_precedence)


def no_pull(container: Inspected, told: Settings) -> bool:
    return _either(boolean(container, "no-pull"), told.no_pull, told.label_precedence)


def _either(label: bool | None, general: bool, precedence: bool) -> bool:
    if label is None:
        return general
    return label if precedence else label or general


def links(container: Inspected, told: Settings) -> list[str]:
    """Return whom a container depends on: names of containers, services of Compose, or numbers."""
    said = of(container).get(f"{PREFIX}.depends-on", "")
    if said:
        return [word.strip().lstrip("/") for word in said.split(",") if word.strip()]
    compose = of(container).get("com.docker.compose.depends_on", "") if told.compose_depends_on else ""
    if compose:
        return [word.partition(":")[0].strip() for word in compose.split(",")]
    found = [str(link).partition(":")[0].lstrip("/") for link in container["HostConfig"].get("Links") or ()]
    kind, _colon, other = str(container["HostConfig"].get("NetworkMode") or "").partition(":")
    return [*found, other] if kind == "container" else found

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the values of the proxy role's variables look like."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

DOMAIN = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE
)
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]*")
SIZE = re.compile(r"[0-9]+[kmg]?", re.IGNORECASE)
TIME = re.compile(r"[0-9]+(ms|s|m|h|d)?")
_PLACEHOLDER = re.compile(
    r"change[ _-]?(me|this|it)|^<.*>$|^\{\{.*\}\}$|placeholder|^x{3,}$|^\*{3,}$|^todo$|^(your|my)[ ._@-]"
    r"|(^|[.@])example\.(com|org|net)$",
    re.IGNORECASE,
)


def placeholder(value: Any) -> bool:
    """Tell whether nobody has filled the value in."""
    return isinstance(value, str) and bool(_PLACEHOLDER.search(value))


def is_network(value: Any) -> bool:
    """Tell whether the value is an address or a network."""
    try:
        ipaddress.ip_network(str(value), strict=False)
    except ValueError:
        return False
    return True


def is_host(value: Any) -> bool:
    """Tell whether the value is the name or the address of a machine, as nginx takes it in an address."""
    text = str(value)
    return bool(
        (is_network(text) and "/" not in text) or re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", text)
    )


def names(place: str, value: Any) -> Iterable[Problem]:
    """Return what is wrong with one name, or a list of them."""
    expected = "names such as nas.example.org"
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not found:
        yield Problem(place, f"is {value!r}", expected)
        return
    yield from (
        Problem(place, f"has {name!r}", expected)
        for name in found
        if not isinstance(name, str) or not DOMAIN.fullmatch(name)
    )


def unknown(place: str, entry: Iterable[Any], known: Iterable[str]) -> Iterable[Problem]:
    """Return a problem for each key that nobody reads."""
    known = tuple(known)
    return [
        Problem(f"{place}.{key}", "is not known", f"one of {', '.join(known)}") for key in entry if key not in known
    ]

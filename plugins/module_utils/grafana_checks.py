# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the monitoring role's variables about Grafana. Never repeats a password."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.declaration import is_port
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

THEMES = ("dark", "light", "system")
SHORTEST = 8
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
#: What Grafana's settings take for the name of something else, and put that in its place.
_EXPANDED = re.compile(r"\$\{|\$__|%\(")
_PLACEHOLDER = re.compile(r"^(change[-_ ]?me|password|secret|admin|x{3,}|<.*>|your[-_ ].*)$", re.IGNORECASE)


def problems(settings: Mapping[str, Any]) -> list[Problem]:
    """Return everything in the variables that cannot work, or was never filled in."""
    return [
        *_name(settings["monitoring_grafana_admin"]),
        *_password(settings["monitoring_grafana_admin_password"]),
        *_theme(settings["monitoring_grafana_theme"]),
        *_port(settings["monitoring_grafana_port"]),
    ]


def _name(value: Any) -> Iterable[Problem]:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        expected = "a name in lower case that nobody signs in with, such as grafana-admin"
        yield Problem("monitoring_grafana_admin", f"is {value!r}", expected)


def _password(value: Any) -> Iterable[Problem]:
    if value in (None, ""):
        return
    variable, text = "monitoring_grafana_admin_password", str(value)
    if _PLACEHOLDER.match(text):
        yield Problem(variable, "still holds a placeholder", "a password from a vault, or nothing: it is made then")
    elif len(text) < SHORTEST or text != text.strip() or "\n" in text:
        reason = f"is shorter than {SHORTEST} characters, or begins or ends with a space, or has more lines than one"
        yield Problem(variable, reason, "a longer password in one line, or nothing: it is made then")
    elif _EXPANDED.search(text):
        reason = "holds ${, $__ or %(, which Grafana takes for the name of something else"
        yield Problem(variable, reason, "a password without them, or nothing: it is made then")


def _theme(value: Any) -> Iterable[Problem]:
    if value not in THEMES:
        yield Problem("monitoring_grafana_theme", f"is {value!r}", "one of " + ", ".join(THEMES))


def _port(value: Any) -> Iterable[Problem]:
    if not is_port(value):
        yield Problem("monitoring_grafana_port", f"is {value!r}", "a port from 1 to 65535")

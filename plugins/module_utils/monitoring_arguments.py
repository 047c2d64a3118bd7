# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option "expected" of the modules monitoring and monitoring_info."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.monitoring_look import Expected
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem
from ansible_collections.homelab.media.plugins.module_utils.secret_files import read_secrets

EXPECTED: dict[str, Any] = {
    "type": "dict",
    "options": {
        "url": {"type": "str", "default": "http://127.0.0.1:9090"},
        "targets": {"type": "list", "elements": "dict", "default": []},
        "pages": {"type": "list", "elements": "dict", "default": []},
        "alertmanager": {"type": "bool", "default": False},
        "grafana": {"type": "dict", "default": {}},
    },
}
_GRAFANA = ("url", "username", "password_file", "source")


def expected(given: Mapping[str, Any]) -> Expected:
    """Read the option, and the password of Grafana's administrator from its file."""
    grafana = dict(given["grafana"])
    if grafana:
        lacking = [key for key in _GRAFANA if not grafana.get(key)]
        if lacking:
            raise MediaError([Problem("grafana", f"has no {', '.join(lacking)}", ", ".join(_GRAFANA))])
        grafana["password"] = read_secrets({"password_file": grafana["password_file"]}, False)["password_file"]
    return Expected(given["url"], given["targets"], given["pages"], given["alertmanager"], grafana)

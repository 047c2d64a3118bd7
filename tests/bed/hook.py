# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the bed's webhook receiver, http://hook.provider.test/, was told."""

from __future__ import annotations

import json
from typing import Any

from tests.bed import addresses as at
from tests.bed.shell import docker

MESSAGES = "/var/log/internet/hook.jsonl"


def messages(after: int = 0, container: str = at.INTERNET_NAME) -> list[dict[str, Any]]:
    """Return what came, oldest first, without the first `after` messages.

    Of each: time, method, path, query, scheme, from, headers (names in small letters), body (JSON, else text), and the
    status that it was answered with: a path that begins with one, as /503/alerts, is answered so.
    """
    lines = docker("exec", container, "cat", MESSAGES).splitlines()
    return [json.loads(line) for line in lines[after:]]


def alerts(after: int = 0, container: str = at.INTERNET_NAME, **labels: str) -> set[tuple[str, str]]:
    """Return the (name, status) of each alert with these labels that came by webhook and was taken by the receiver."""
    found = set()
    for message in messages(after, container):
        body = message["body"]
        if message["status"] < 300 and isinstance(body, dict):
            found |= {
                (alert["labels"]["alertname"], alert["status"])
                for alert in body.get("alerts", ())
                if labels.items() <= alert["labels"].items()
            }
    return found

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading what applications have, without a secret in it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import servarr
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem
from ansible_collections.homelab.media.plugins.module_utils.servarr_api import Rejected
from ansible_collections.homelab.media.plugins.module_utils.servarr_declared import Declared
from ansible_collections.homelab.media.plugins.module_utils.servarr_kinds import SECRET_SETTINGS
from ansible_collections.homelab.media.plugins.module_utils.servarr_merge import PRIVATE
from ansible_collections.homelab.media.plugins.module_utils.servarr_values import MASK


def gather(
    applications: Sequence[Declared], parts: Sequence[str], timeout: float
) -> tuple[dict[str, Any], list[Problem]]:
    """Return what every application answers, and what was wrong with those that did not."""
    found: dict[str, Any] = {application.name: {"version": "", "gathered": {}} for application in applications}
    problems: list[Problem] = []
    threads = [
        threading.Thread(target=_one, args=(each, parts, timeout, found[each.name], problems)) for each in applications
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found, problems


def masked(value: Any) -> Any:
    """Return an answer with a mask in place of every secret in it."""
    if isinstance(value, list):
        return [masked(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    hidden = {name for name in SECRET_SETTINGS if value.get(name)}
    if value.get("privacy") in PRIVATE and value.get("value"):
        hidden.add("value")
    return {name: MASK if name in hidden else masked(entry) for name, entry in value.items()}


def _one(
    application: Declared, parts: Sequence[str], timeout: float, found: dict[str, Any], problems: list[Problem]
) -> None:
    client = servarr.connect(application, timeout, check=False)
    try:
        found["version"] = servarr.identify(client, application)
        for part in parts:
            try:
                found["gathered"][part] = masked(client.get(part.strip("/")))
            except Rejected as rejected:
                expected = "a part of its API, such as downloadclient or config/host"
                problems.append(Problem(f"{application.name}: {part}", str(rejected), expected))
    except MediaError as error:
        problems.extend(error.problems)
    finally:
        client.close()

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What NZBGet downloads."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from . import files, web
from .findings import Findings, Trouble

#: Seconds for each of two questions.
SECONDS = 2.5


def collect(found: Findings, config: Mapping[str, str], root: str) -> None:
    """Tell of the downloads, as the restricted user sees them."""
    login = f"{config['username']}:{files.secret(root, config['password'])}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(login).decode()}"}

    def call(method: str, *params: Any) -> Any:
        where, path = web.connection(config["url"].rstrip("/") + "/jsonrpc", SECONDS)
        body = {"method": method, "params": list(params), "id": 1}
        answer = web.ask(where, web.Request("NZBGet", path, "POST", body, headers))
        if not isinstance(answer, dict) or answer.get("error"):
            raise Trouble(f"NZBGet refuses {method}")
        return answer.get("result")

    try:
        status = call("status")
        found.add("media_nzbget_download_bytes_per_second", int(status["DownloadRate"]))
        # In two halves of 32 bits.
        remaining = (int(status["RemainingSizeHi"]) << 32) + (int(status["RemainingSizeLo"]) & 0xFFFFFFFF)
        found.add("media_nzbget_remaining_bytes", remaining)
        found.add("media_nzbget_paused", bool(status["DownloadPaused"]))
        found.add("media_nzbget_queue_items", len(call("listgroups", 0)))
    except (KeyError, TypeError, ValueError):
        raise Trouble("NZBGet tells something else than it should") from None

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running a script of the application's folder as a web server would: by php-cgi."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def run(script: Path, query: str, method: str = "GET") -> tuple[int, str, bytes]:
    """Return the status, the content type and the body."""
    environ = {
        "PATH": os.environ.get("PATH", ""),
        "GATEWAY_INTERFACE": "CGI/1.1",
        "REDIRECT_STATUS": "200",
        "REQUEST_METHOD": "GET" if method == "HEAD" else method,
        "QUERY_STRING": query,
        "SCRIPT_FILENAME": str(script),
    }
    done = subprocess.run(["php-cgi", "-q"], env=environ, capture_output=True, check=False, timeout=15)
    head, _blank, body = done.stdout.partition(b"\r\n\r\n")
    headers = {}
    for line in head.decode(errors="replace").split("\r\n"):
        name, _colon, value = line.partition(":")
        headers[name.lower()] = value.strip()
    status = headers.get("status", "200").partition(" ")[0]
    return int(status), headers.get("content-type", "text/html"), body

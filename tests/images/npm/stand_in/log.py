# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The container's log, in the shape of upstream's lines."""

from __future__ import annotations

import sys
import time

_SIGNS = {"info": "ℹ", "success": "✔", "warning": "⚠", "error": "✖"}  # noqa: RUF001


def log(scope: str, kind: str, message: str) -> None:
    stamp = time.strftime("[%-m/%-d/%Y] [%-I:%M:%S %p]")
    sys.stdout.write(f"{stamp} [{scope:9}] › {_SIGNS[kind]}  {kind:7} {message}\n")  # noqa: RUF001
    sys.stdout.flush()

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Organizr answers with: one form for everything, and the refusals in its own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """One answer. text: a page in the place of JSON."""

    status: int = 200
    message: str | None = None
    data: Any = None
    result: str = "success"
    text: str | None = None

    def envelope(self) -> dict[str, Any]:
        return {"response": {"result": self.result, "message": self.message, "data": self.data}}


class Refused(Exception):
    """Organizr refuses a request, with a status and its words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.answer = Answer(status, message, result="error")

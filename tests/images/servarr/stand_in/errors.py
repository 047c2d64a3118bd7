# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refusals, as the applications answer them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class ApiError(Exception):
    """An answer that is no success; body None is an empty one."""

    def __init__(self, status: int, body: Any = None) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


def refused(status: int, message: str) -> ApiError:
    return ApiError(status, {"message": message, "description": f"{message} (told by the stand-in)"})


def not_found(what: str = "NotFound") -> ApiError:
    return refused(404, what)


@dataclass(frozen=True)
class Failure:
    """One finding of a validation or a test."""

    property: str
    message: str
    attempted: Any = None
    warning: bool = False
    detail: str = ""

    def json(self) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "isWarning": self.warning,
            "propertyName": self.property,
            "errorMessage": self.message,
            "severity": "warning" if self.warning else "error",
        }
        if self.attempted is not None:
            answer["attemptedValue"] = self.attempted
        if self.detail:
            answer["detailedDescription"] = self.detail
        return answer


def invalid(*failures: Failure) -> ApiError:
    return ApiError(400, [failure.json() for failure in failures])


def raise_if(failures: list[Failure], warnings_too: bool) -> None:
    """Refuse because of errors, and because of warnings unless they are to be ignored."""
    errors = [failure for failure in failures if not failure.warning]
    if errors or (warnings_too and failures):
        raise invalid(*(failures if warnings_too else errors))

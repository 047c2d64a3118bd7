# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the backend refuses, with the statuses and words of upstream."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An error that the client is told."""

    def __init__(self, status: int, message: str, key: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.key = key  # of the translation, which some errors have

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.status, "message": self.message}
        if self.key:
            error["message_i18n"] = self.key
        return {"error": error}


class NoFiles(ApiError):
    """The one error whose words stand where all others have an object."""

    def __init__(self) -> None:
        super().__init__(400, "No files were uploaded")

    def body(self) -> dict[str, Any]:
        return {"error": self.message}


class InternalError(Exception):
    """An error that only the log is told: a program that failed, or a mistake of the backend's own."""


INTERNAL: dict[str, Any] = {"error": {"message": "Internal Error"}}


def invalid(message: str) -> ApiError:
    return ApiError(400, message)


def not_found(what: object) -> ApiError:
    return ApiError(404, f"Not Found - {what}")


def denied() -> ApiError:
    return ApiError(403, "Permission Denied")


def bad_login() -> ApiError:
    # Upstream answers 400 here, not 401.
    return ApiError(400, "Invalid email or password", "error.invalid-auth")

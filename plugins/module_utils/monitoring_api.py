# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Talking to Prometheus, Alertmanager and Grafana from their host, and every way in which that goes wrong."""

from __future__ import annotations

import base64
import http.client
import json
import re
import urllib.error
import urllib.request
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import OneProblem

#: More than any answer that is read here.
LARGEST = 32 * 1024 * 1024


class ApiError(OneProblem):
    """One problem, told in one line."""


class Unreachable(ApiError):
    """Nothing answers yet."""


class Refused(ApiError):
    """It answered, and did not do it. words: its own."""

    def __init__(self, where: str, status: int, words: str) -> None:
        self.words = words
        super().__init__(where, f"answered HTTP {status} ({words[:300]})", "an answer without an error")


class Client:
    """One of them. Asked directly: a proxy from the environment is for the internet, not for this."""

    def __init__(self, name: str, url: str, credentials: tuple[str, str] | None = None, timeout: float = 10) -> None:
        self.where = f"{name} at {url}"
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._headers = {"Accept": "application/json"}
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        if credentials:
            encoded = base64.b64encode(":".join(credentials).encode("utf-8", "surrogateescape"))
            self._headers["Authorization"] = f"Basic {encoded.decode()}"

    def text(self, path: str, *, post: bool = False, timeout: float | None = None) -> str:
        """Return what it answers, as text."""
        request = urllib.request.Request(
            f"{self._url}{path}", data=b"" if post else None, headers=self._headers, method="POST" if post else "GET"
        )
        try:
            with self._opener.open(request, timeout=timeout or self._timeout) as answer:
                content: bytes = answer.read(LARGEST)
                return content.decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            with error:
                words = error.read(65536).decode("utf-8", "replace").strip()
            raise Refused(self.where, error.code, words) from None
        except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
            cause = getattr(error, "reason", None) or error
            raise Unreachable(self.where, f"does not answer ({cause})", "a running one on that port") from None

    def json(self, path: str) -> Any:
        """Return the document that it answers with."""
        try:
            return json.loads(self.text(path))
        except ValueError:
            raise ApiError(self.where, f"answered {path} with something else", "JSON of its own") from None

    def data(self, path: str) -> Any:
        """Return the data of one of Prometheus's own answers."""
        document = self.json(path)
        if not isinstance(document, dict) or "data" not in document:
            raise ApiError(self.where, f"answered {path} without data", "Prometheus on that port")
        return document["data"]

    def number(self, name: str) -> float | None:
        """Return a number that it tells of itself; None where it tells none of that name."""
        found = re.search(rf"^{re.escape(name)}(?:\{{[^}}]*\}})? (\S+)$", self.text("/metrics"), re.MULTILINE)
        return float(found[1]) if found else None

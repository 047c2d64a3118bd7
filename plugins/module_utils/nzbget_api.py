# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Talking to NZBGet: its JSON-RPC, and every way in which that goes wrong."""

from __future__ import annotations

import base64
import http.client
import json
import urllib.error
import urllib.request
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import OneProblem

#: More than any answer that is read here: a configuration is some 10 kB, a full log some 200 kB.
LARGEST = 16 * 1024 * 1024


class NzbgetError(OneProblem):
    """NZBGet cannot be reached, or does not do what it is asked. One problem, told in one line."""

    def __init__(self, where: str, reason: str, expected: str) -> None:
        super().__init__(f"NZBGet at {where}", reason, expected)


class Unreachable(NzbgetError):
    """Nothing answers yet."""


class Refused(NzbgetError):
    """The user name or the password is not the one that NZBGet has."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """NZBGet never redirects; whoever does would be given the password."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


class Client:
    """One NZBGet. Asked directly: a proxy from the environment is for the internet, not for this."""

    def __init__(self, url: str, username: str, password: str, timeout: float = 10) -> None:
        self.url = url.rstrip("/")
        self.timeout = timeout
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
        self.login(username, password)

    def login(self, username: str, password: str) -> None:
        """Use another user name and password from the next call on."""
        self.credentials = (username, password)
        encoded = base64.b64encode(f"{username}:{password}".encode("utf-8", "surrogateescape"))
        self._authorization = f"Basic {encoded.decode()}"

    def call(self, method: str, *params: Any) -> Any:
        """Return the result of one method. Errors of NZBGet come with status 200, in the body."""
        body = json.dumps({"method": method, "params": list(params), "id": 1}, ensure_ascii=False)
        answer = self._post(body.encode("utf-8", "surrogateescape"))
        try:
            document = json.loads(answer.decode("utf-8", "surrogateescape"), strict=False)
        except ValueError:
            document = None
        if not isinstance(document, dict) or not {"result", "error"} & set(document):
            start = answer[:60].decode("ascii", "replace").split("\n")[0].strip()
            raise NzbgetError(self.url, f"answered {method} with {start!r}", "NZBGet's JSON, if the port is NZBGet's")
        if document.get("error"):
            error = document["error"]
            message = error.get("message", error) if isinstance(error, dict) else error
            raise NzbgetError(self.url, f"answered {method} with the error {message!r}", "a result")
        return document.get("result")

    def options(self, method: str) -> list[tuple[str, str]]:
        """Return the options of the file (``loadconfig``) or of the running program (``config``)."""
        result = self.call(method)
        try:
            return [(str(option["Name"]), str(option["Value"])) for option in result]
        except (TypeError, KeyError):
            reason = f"answered {method} with something else than options"
            raise NzbgetError(self.url, reason, "a list of Name and Value") from None

    def number(self, status: Any, key: str) -> int:
        """Return a number out of NZBGet's status."""
        value = status.get(key) if isinstance(status, dict) else None
        if not isinstance(value, int):
            raise NzbgetError(self.url, f"answered status without {key}", "a status with it")
        return value

    def _post(self, body: bytes) -> bytes:
        headers = {"Authorization": self._authorization, "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/jsonrpc", data=body, headers=headers)
        try:
            with self._opener.open(request, timeout=self.timeout) as response:
                answer: bytes = response.read(LARGEST)
                return answer
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 401:
                reason = f"refused the user {self.credentials[0]!r} (HTTP 401)"
                raise Refused(self.url, reason, "nzbget_username and nzbget_password as NZBGet has them") from None
            raise NzbgetError(self.url, f"answered HTTP {error.code}", "HTTP 200, if the port is NZBGet's") from None
        except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
            cause = getattr(error, "reason", None) or error
            reason = f"does not answer ({cause})"
            raise Unreachable(self.url, reason, "a running NZBGet on that port") from None

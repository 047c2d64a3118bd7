# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP to others, in the few forms that are needed."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

SECONDS = 10


class Unreachable(Exception):
    """Nobody answered."""


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]

    def json(self) -> Any:
        return json.loads(self.body)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """A redirect is an answer like any other."""


def ask(
    url: str,
    method: str = "GET",
    body: Any = None,
    headers: dict[str, str] | None = None,
    account: tuple[str, str] | None = None,
    follow: bool = False,
) -> Answer:
    """Ask and return whatever is answered, errors included."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise Unreachable(f"{url!r} is no HTTP address")
    told = dict(headers or {})
    data = None
    if body is not None:
        data, told["Content-Type"] = json.dumps(body).encode(), "application/json"
    if account and account[0]:
        told["Authorization"] = "Basic " + base64.b64encode(":".join(account).encode()).decode()
    handlers: list[Any] = [] if follow else [_NoRedirect()]
    handlers += [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=ssl._create_unverified_context())]
    opener = urllib.request.build_opener(*handlers)
    try:
        request = urllib.request.Request(url, data, told, method=method)
        with opener.open(request, timeout=SECONDS) as response:
            return Answer(response.status, response.read(), _lower(response.headers))
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read(), _lower(error.headers))
    except (OSError, ValueError, urllib.error.URLError) as error:
        raise Unreachable(str(error)) from error
    except Exception as error:
        # http.client has its own family of complaints about rubbish.
        raise Unreachable(f"{type(error).__name__}: {error}") from error


def _lower(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}

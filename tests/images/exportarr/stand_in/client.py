# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asking the application."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

from .settings import Settings

TRIES = 3


class ClientError(Exception):
    """The application was not reached, or answered with something else than what was asked for."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        return None


class Client:
    def __init__(self, told: Settings) -> None:
        self.told = told
        context = ssl.create_default_context() if told.verify_tls else ssl._create_unverified_context()
        # No proxy of the environment: the application is a neighbour.
        handlers = (urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context), _NoRedirect())
        self._opener = urllib.request.build_opener(*handlers)

    def get(self, path: str, **query: object) -> Any:
        url = f"{self.told.api}/{path}" + (f"?{urlencode(query)}" if query else "")
        headers = {"X-Api-Key": self.told.api_key}
        if self.told.user:
            pair = f"{self.told.user}:{self.told.password}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
        request = urllib.request.Request(url, headers=headers)
        reason = ""
        # A refusal is final; an error of the server, or no answer, is asked again at once.
        for _attempt in range(TRIES):
            try:
                # Upstream waits for ever; by then Prometheus has long given up.
                with self._opener.open(request, timeout=60) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                error.close()
                reason = f"Received {_kind(error.code)} Status Code: {error.code}"
                if error.code < 500:
                    break
            except ValueError as error:
                raise ClientError(f"{url}: {error}") from None
            except OSError as error:
                reason = f"Error sending HTTP Request: {getattr(error, 'reason', error)}"
        raise ClientError(f'Failed to execute HTTP Request({url}): Get "{url}": {reason}')


def _kind(status: int) -> str:
    return "Server Error" if status >= 500 else "Client Error" if status >= 400 else "Redirect"

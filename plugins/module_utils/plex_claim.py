# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Giving a server to an account: it is handed a code from plex.tv, which lives four minutes and works once."""

from __future__ import annotations

import http.client
import json
import urllib.error
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.urls import open_url
from ansible_collections.homelab.media.plugins.module_utils.plex_api import (
    PRODUCT,
    Client,
    NotReady,
    PlexError,
    Refused,
    until,
)

PLEX_TV = "https://plex.tv"
_TOKEN_EXPECTED = "plex_token of a Plex account: the account's own token, not a claim code"


def claim(client: Client, plex_tv: str, token: str, identifier: str, deadline: float) -> None:
    """Claim the server for the account of the token; return when the server lets the account in."""
    until(deadline, lambda: _hand_over(client, plex_tv, token, identifier))
    client.token = token
    until(deadline, lambda: _lets_in(client))


def _hand_over(client: Client, plex_tv: str, token: str, identifier: str) -> None:
    """Give the server a code that was asked for at this moment, unless an earlier attempt came through after all."""
    if not is_claimed(client.identity()):
        client.send("POST", "/myplex/claim", [("token", _code(plex_tv, token, identifier))])


def _lets_in(client: Client) -> None:
    """See that the server is claimed, and knows its owner's token, about which it has to ask plex.tv."""
    if not is_claimed(client.identity()):
        raise NotReady(client.where, "took the claim, and is still unclaimed", "a server that reaches plex.tv")
    try:
        client.container("/")
    except Refused:
        reason = "is claimed, and refuses the token of the account that claimed it"
        raise NotReady(client.where, reason, "a server that reaches plex.tv") from None


def is_claimed(identity: Mapping[str, Any]) -> bool:
    """Tell from a server's identity whether it belongs to an account."""
    return str(identity.get("claimed", "")).lower() in ("1", "true")


def _code(plex_tv: str, token: str, identifier: str) -> str:
    headers = {
        "Accept": "application/json",
        "X-Plex-Token": token,
        "X-Plex-Client-Identifier": identifier,
        "X-Plex-Product": PRODUCT,
        "X-Plex-Version": "1",
    }
    url = f"{plex_tv.rstrip('/')}/api/claim/token.json"
    where = f"plex.tv at {plex_tv}"
    try:
        with open_url(url, headers=headers, timeout=15) as response:
            code = json.loads(response.read(65536))["token"]
    except urllib.error.HTTPError as error:
        with error:
            if error.code in (401, 403):
                reason = f"refused the account's token (HTTP {error.code})"
                raise PlexError(where, reason, _TOKEN_EXPECTED) from None
            kind = NotReady if error.code >= 500 else PlexError
            raise kind(where, f"answered HTTP {error.code} instead of a claim code", "HTTP 200") from None
    except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
        cause = getattr(error, "reason", None) or error
        raise NotReady(
            where, f"does not answer ({cause})", "the internet, by name and with a valid certificate"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise PlexError(where, "answered without a claim code", "JSON with a token") from None
    if not isinstance(code, str) or not code:
        raise PlexError(where, "answered without a claim code", "JSON with a token")
    return code

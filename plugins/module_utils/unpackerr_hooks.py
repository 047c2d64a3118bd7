# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A receiver of alerts as a webhook of Unpackerr, where Unpackerr speaks with its kind.

It posts a text of its own for Discord and Telegram, and a description of the event to everybody else. Of that, ntfy
makes a message by a template in the address. It sends no headers, so that a login has to be in the address too.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from ansible_collections.homelab.media.plugins.module_utils.alert_receivers import PUBLIC_NTFY, Receiver

#: Unpackerr's number of what it tells of: an archive that could not be unpacked.
EXTRACT_FAILED = 3
_TITLE = "Unpackerr: {{.unpackerr_eventtype}}"
_TEXT = "{{.path}} ({{.app}}){{if .data}}: {{.data.error}}{{end}}"


def can(receiver: Receiver) -> bool:
    """Tell whether Unpackerr can tell this receiver: it sends no mail, and no token."""
    return receiver["type"] != "mail" and not (receiver["type"] == "webhook" and receiver.get("token"))


def url(receiver: Receiver) -> str:
    """Return the address that it posts to, which holds the receiver's secrets."""
    kind = receiver["type"]
    if kind == "discord":
        return str(receiver["webhook_url"])
    if kind == "telegram":
        return f"https://api.telegram.org/bot{receiver['bot_token']}/sendMessage"
    if kind == "webhook":
        return _with_login(str(receiver["url"]), receiver)
    given = {"template": "yes", "title": _TITLE, "message": _TEXT}
    if receiver.get("token"):
        # As ntfy takes a header in an address: in base64, without what that ends with.
        given["auth"] = base64.urlsafe_b64encode(f"Bearer {receiver['token']}".encode()).decode().rstrip("=")
    server = _with_login(str(receiver.get("url") or PUBLIC_NTFY).rstrip("/"), receiver)
    return f"{server}/{receiver['topic']}?{urlencode(given, quote_via=quote, safe='')}"


def _with_login(address: str, receiver: Receiver) -> str:
    if not receiver.get("username"):
        return address
    parts = urlsplit(address)
    login = ":".join(quote(str(receiver[key]), safe="") for key in ("username", "password"))
    return parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}").geturl()


def sections(receivers: Sequence[Receiver], secrets: Sequence[str]) -> list[dict[str, Any]]:
    """Return Unpackerr's sections for the receivers, tokens of these secrets in the place of their addresses."""
    return [
        {
            # Where a hook has a name, the log has that and not the address.
            "name": receiver["name"],
            "url": f"@@secret:{secret}:json@@",
            "template": receiver["type"] if receiver["type"] in ("discord", "telegram") else "notifiarr",
            # Discord shows it as the sender. For Telegram it is the chat.
            "nickname": str(receiver["chat_id"]) if receiver["type"] == "telegram" else "Unpackerr",
            "events": [EXTRACT_FAILED],
        }
        for receiver, secret in zip(receivers, secrets)
    ]

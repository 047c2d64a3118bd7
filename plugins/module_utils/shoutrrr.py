# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A receiver of alerts as an address of Shoutrrr, the library by which Watchtower tells.

What a person gave is escaped, so that no character of a password means anything in an address.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from ansible_collections.homelab.media.plugins.module_utils.alert_receivers import PUBLIC_NTFY, Receiver

#: Words that Shoutrrr takes for its own among those of a webhook's address; an underscore before one passes it on.
_RESERVED = ("contenttype", "disabletls", "messagekey", "method", "template", "title", "titlekey")
_IMPLICIT_TLS = "465"


def url(receiver: Receiver) -> str:
    """Return the address of a receiver, which holds its secrets."""
    makers = {"mail": _mail, "ntfy": _ntfy, "discord": _discord, "telegram": _telegram, "webhook": _webhook}
    return makers[receiver["type"]](receiver)


def _escaped(value: Any) -> str:
    return quote(str(value), safe="")


def _query(values: Mapping[str, Any]) -> str:
    return urlencode(values, quote_via=quote, safe=",@")


def _login(receiver: Receiver) -> str:
    if not receiver.get("username"):
        return ""
    return f"{_escaped(receiver['username'])}:{_escaped(receiver['password'])}@"


def _mail(receiver: Receiver) -> str:
    name, _bracket, address = str(receiver["from"]).rpartition("<")
    to = receiver["to"]
    port = str(receiver["server"]).rpartition(":")[2]
    values = {
        "fromaddress": address.rstrip(">"),
        **({"fromname": name.strip()} if name else {}),
        "toaddresses": to if isinstance(to, str) else ",".join(to),
    }
    if receiver.get("tls", True) is False:
        values.update(encryption="None", usestarttls="No")
    elif port == _IMPLICIT_TLS:
        values.update(encryption="ImplicitTLS", usestarttls="No")
    else:
        # Without this the password goes in clear text to a server that does not offer TLS.
        values.update(encryption="ExplicitTLS", requirestarttls="Yes")
    return f"smtp://{_login(receiver)}{receiver['server']}/?{_query(values)}"


def _ntfy(receiver: Receiver) -> str:
    server = urlsplit(str(receiver.get("url") or PUBLIC_NTFY))
    # A token is a password without a user's name, as ntfy has it for those who know no other form.
    login = f":{_escaped(receiver['token'])}@" if receiver.get("token") else _login(receiver)
    place = f"{server.netloc.rpartition('@')[2]}{server.path.rstrip('/')}/{receiver['topic']}"
    return f"ntfy://{login}{place}?{_query({'scheme': server.scheme, 'priority': 'default'})}"


def _discord(receiver: Receiver) -> str:
    number, token = re.findall(r"[^/]+", urlsplit(str(receiver["webhook_url"])).path)[-2:]
    return f"discord://{token}@{number}?splitlines=No"


def _telegram(receiver: Receiver) -> str:
    return f"telegram://{receiver['bot_token']}@telegram?{_query({'chats': receiver['chat_id']})}"


def _webhook(receiver: Receiver) -> str:
    address = urlsplit(str(receiver["url"]))
    given = parse_qsl(address.query, keep_blank_values=True)
    values = [(f"_{key}" if key.lower() in _RESERVED else key, value) for key, value in given]
    values += [("template", "json"), ("disabletls", "Yes" if address.scheme == "http" else "No")]
    if receiver.get("token"):
        values.append(("@Authorization", f"Bearer {receiver['token']}"))
    elif receiver.get("username"):
        login = f"{receiver['username']}:{receiver['password']}".encode()
        values.append(("@Authorization", f"Basic {base64.b64encode(login).decode()}"))
    return f"generic://{address.netloc}{address.path}?{urlencode(values, quote_via=quote, safe='@')}"

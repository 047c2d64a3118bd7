# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Webhooks: what is posted to whom when something happens to a download."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

#: Upstream's numbers of events; 0 stands for all.
EVENTS = (
    *("waiting", "queued", "extracting", "extractfailed", "extracted", "imported", "deleting", "deletefailed"),
    *("deleted", "extractednothing"),
)
WORDS = {"extractfailed": "Extraction Failed", "extracted": "Extracted, Awaiting Import"}
TEMPLATES = ("notifiarr", "discord", "telegram")


@dataclass(frozen=True)
class Hook:
    """One webhook."""

    name: str
    url: str
    template: str
    nickname: str
    events: tuple[int, ...]
    timeout: float

    def wants(self, event: str) -> bool:
        return 0 in self.events or EVENTS.index(event) in self.events


def guessed(url: str) -> str:
    """Return the template that goes with an address if none is named."""
    address = url.lower()
    if "discord.com" in address or "discordapp.com" in address:
        return "discord"
    return "telegram" if "api.telegram.org" in address else "notifiarr"


def body(hook: Hook, event: str, app: str, path: str, error: str) -> dict[str, Any]:
    """Return what is posted."""
    title = path.rpartition("/")[2]
    if hook.template == "telegram":
        text = f"<b>Unpackerr</b>: {WORDS[event]}\n<b>Title</b>: {title}\n<b>App</b>: {app}\n<b>ERROR</b>: {error}"
        return {"chat_id": hook.nickname, "parse_mode": "HTML", "text": text}
    if hook.template == "discord":
        fields = [{"name": "Path", "value": path}, {"name": "App", "value": app}, {"name": "Error", "value": error}]
        embed = {"title": title, "author": {"name": f"Unpackerr: {WORDS[event]}"}, "fields": fields}
        return {"username": hook.nickname, "embeds": [embed]}
    return {
        "path": path,
        "app": app,
        "ids": {"title": title},
        "unpackerr_eventtype": event,
        "data": {"error": error, "archives": [], "files": [], "bytes": "0"},
        "version": "0.15.2",
    }


def post(hook: Hook, event: str, app: str, path: str, error: str) -> str:
    """Post, and return what went wrong."""
    parts = urlsplit(hook.url)
    headers = {"Content-Type": "application/json"}
    if parts.username is not None:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(login).decode()}"
    url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    text = json.dumps(body(hook, event, app, path, error)).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, text, headers), timeout=hook.timeout) as answer:
            answer.read()
    except (OSError, urllib.error.URLError) as failure:
        return f"Webhook ({hook.name}): {type(failure).__name__}"
    return ""

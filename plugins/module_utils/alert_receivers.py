# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is told, and how: monitoring_receivers in the words of Alertmanager.

Each is a secret's token where a person gives a secret. Only options are used that Alertmanager 0.25 has too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ansible_collections.homelab.media.plugins.module_utils.alert_rule import SEVERITIES

Receiver = Mapping[str, Any]

#: The options of each type: those that it needs, those that it may have, and which of them are secrets. A topic of ntfy
#: is one: on a public server, whoever knows it reads along.
NEEDED = {
    "mail": ("to", "from", "server"),
    "ntfy": ("topic",),
    "discord": ("webhook_url",),
    "telegram": ("bot_token", "chat_id"),
    "webhook": ("url",),
}
OPTIONAL = {
    "mail": ("username", "password", "tls"),
    "ntfy": ("url", "token", "username", "password"),
    "discord": (),
    "telegram": (),
    "webhook": ("token", "username", "password", "watchdog"),
}
COMMON = ("name", "type", "severities", "alerts", "resolved", "repeat")
SECRET = {
    "mail": ("password",),
    "ntfy": ("topic", "token", "password"),
    "discord": ("webhook_url",),
    "telegram": ("bot_token",),
    "webhook": ("url", "token", "password"),
}

DEFAULT_SEVERITIES = ("critical", "warning")
PUBLIC_NTFY = "https://ntfy.sh"
#: The receiver of what nobody asked for, and of everything while there is no other.
NOBODY = "nobody"
#: How often the one that waits for the Watchdog hears of it.
HEARTBEAT = "5m"

_TITLE, _TEXT = '{{ template "media.title" . }}', '{{ template "media.text" . }}'
#: ntfy works out templates itself, of what Alertmanager sends to a webhook. These go along with each message, because a
#: server's own template for Alertmanager (?template=alertmanager) has labels and times in it, and not what to do.
_NTFY_TITLE = (
    '{{if eq .status "resolved"}}Over: {{end}}{{if .commonAnnotations.summary}}{{.commonAnnotations.summary}}'
    "{{else}}{{.groupLabels.alertname}}: {{len .alerts}}{{end}}"
)
_NTFY_TEXT = (
    '{{range .alerts}}{{if eq .status "resolved"}}Over: {{.annotations.summary}}{{else}}'
    "{{.annotations.summary}}. {{.annotations.description}} What to do: {{.annotations.action}}{{end}}\n\n{{end}}"
)
_NTFY_PRIORITY = {"critical": "5", "warning": "3", "info": "2"}
#: More than this in one message, and a server would refuse it as too long (4096 bytes).
_NTFY_MOST = 6


def secret_name(receiver: Receiver, option: str) -> str:
    """Return the name under which the host keeps a receiver's secret."""
    return f"monitoring_receiver_{str(receiver['name']).replace('-', '_')}_{option}"


def secrets(receivers: Sequence[Receiver]) -> dict[str, dict[str, Any]]:
    """Return the declaration of the secrets that the receivers were given."""
    return {
        secret_name(receiver, option): {
            "kind": "given",
            "variable": f"monitoring_receivers[{index}].{option}",
            "value": receiver[option],
        }
        for index, receiver in enumerate(receivers)
        for option in SECRET[receiver["type"]]
        if receiver.get(option)
    }


def severities(receiver: Receiver) -> list[str]:
    """Return the severities that a receiver wants to hear of, the worst first."""
    wanted = receiver.get("severities", DEFAULT_SEVERITIES)
    return [severity for severity in SEVERITIES if severity in wanted]


def built(receiver: Receiver) -> list[dict[str, Any]]:
    """Return Alertmanager's receivers for one of ours: one for each severity, where that says how loud it is."""
    if receiver["type"] == "ntfy":
        return [
            {"name": route_name(receiver, severity), "webhook_configs": [_ntfy(receiver, severity)]}
            for severity in severities(receiver)
        ]
    key, config = {
        "mail": ("email_configs", _mail),
        "discord": ("discord_configs", _discord),
        "telegram": ("telegram_configs", _telegram),
        "webhook": ("webhook_configs", _webhook),
    }[receiver["type"]]
    return [{"name": receiver["name"], key: [config(receiver)]}]


def route_name(receiver: Receiver, severity: str) -> str:
    """Return the name of Alertmanager's receiver for alerts of this severity."""
    return f"{receiver['name']}-{severity}" if receiver["type"] == "ntfy" else str(receiver["name"])


def _token(receiver: Receiver, option: str) -> str:
    return f"@@secret:{secret_name(receiver, option)}:json@@"


def _common(receiver: Receiver) -> dict[str, Any]:
    # The Watchdog's end is what its receiver waits for: to be told of it would be a sign of life.
    return {"send_resolved": bool(receiver.get("resolved", True)) and not receiver.get("watchdog")}


def _http(receiver: Receiver) -> dict[str, Any]:
    if receiver.get("token"):
        return {"http_config": {"authorization": {"type": "Bearer", "credentials": _token(receiver, "token")}}}
    if receiver.get("username"):
        login = {"username": receiver["username"], "password": _token(receiver, "password")}
        return {"http_config": {"basic_auth": login}}
    return {}


def _mail(receiver: Receiver) -> dict[str, Any]:
    to = receiver["to"]
    login = {"auth_username": receiver["username"], "auth_password": _token(receiver, "password")}
    return {
        **_common(receiver),
        "to": to if isinstance(to, str) else ", ".join(to),
        "from": receiver["from"],
        "smarthost": receiver["server"],
        # At port 465 it speaks TLS from the start; elsewhere this asks for STARTTLS.
        "require_tls": bool(receiver.get("tls", True)),
        **(login if receiver.get("username") else {}),
        "headers": {"Subject": _TITLE},
        "html": "",
        "text": _TEXT,
    }


def _ntfy(receiver: Receiver, severity: str) -> dict[str, Any]:
    given = {
        "template": "yes",
        "title": _NTFY_TITLE,
        "message": _NTFY_TEXT,
        "priority": _NTFY_PRIORITY[severity],
    }
    query = "&".join(f"{key}={quote(value, safe='')}" for key, value in given.items())
    server = str(receiver.get("url") or PUBLIC_NTFY).rstrip("/")
    return {
        **_common(receiver),
        "url": f"{server}/{_token(receiver, 'topic')}?{query}",
        "max_alerts": _NTFY_MOST,
        **_http(receiver),
    }


def _discord(receiver: Receiver) -> dict[str, Any]:
    token = _token(receiver, "webhook_url")
    return {**_common(receiver), "webhook_url": token, "title": _TITLE, "message": _TEXT}


def _telegram(receiver: Receiver) -> dict[str, Any]:
    return {
        **_common(receiver),
        "bot_token": _token(receiver, "bot_token"),
        "chat_id": int(receiver["chat_id"]),
        # Plain text: nothing in an alert is markup.
        "parse_mode": "",
        "message": _TITLE + "\n\n" + _TEXT,
    }


def _webhook(receiver: Receiver) -> dict[str, Any]:
    return {**_common(receiver), "url": _token(receiver, "url"), **_http(receiver)}

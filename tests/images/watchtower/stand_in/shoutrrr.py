# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses of Shoutrrr, read as strictly as it reads them, and what is sent to each."""

from __future__ import annotations

import base64
import json
import re
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

SECONDS = 10
#: The options of each service, in small letters. An unknown one is an error, but for generic, which passes it on.
_OPTIONS = {
    "smtp": (
        *("fromaddress", "from", "fromname", "toaddresses", "to", "subject", "title", "auth", "encryption"),
        *("usestarttls", "starttls", "usehtml", "clienthost", "requirestarttls", "skiptlsverify", "timeout"),
    ),
    "ntfy": (
        *("title", "scheme", "tags", "priority", "actions", "click", "attach", "filename", "delay", "at", "in"),
        *("email", "icon", "markdown", "cache", "firebase", "disabletlsverification", "disabletls"),
    ),
    "discord": (
        *("title", "username", "avatar", "avatarurl", "color", "colorerror", "colorwarn", "colorinfo", "colordebug"),
        *("splitlines", "json", "thread_id"),
    ),
    "telegram": ("preview", "notification", "parsemode", "chats", "channels", "title"),
    "generic": ("contenttype", "disabletls", "template", "title", "titlekey", "messagekey", "method"),
}
_YES, _NO = ("true", "1", "yes", "y"), ("false", "0", "no", "n")
_ENCRYPTION = ("none", "explicittls", "implicittls", "auto")
_PRIORITIES = ("min", "low", "default", "high", "max", "1", "2", "3", "4", "5", "urgent")
_TELEGRAM = re.compile(r"[0-9]+:[a-zA-Z0-9_-]+")


class AddressError(Exception):
    """An address that ends the start. Never repeats it."""


@dataclass(frozen=True)
class Address:
    """An address that was understood."""

    service: str
    parts: SplitResult
    options: Mapping[str, str]
    passed_on: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def login(self) -> tuple[str, str]:
        return unquote(self.parts.username or ""), unquote(self.parts.password or "")


def read(url: str) -> Address:
    """Return what an address says."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressError(f"error parsing a service URL: {error}") from None
    service = parts.scheme
    if service not in _OPTIONS:
        raise AddressError(f'unknown service "{service}"')
    if re.search(r"[\s\x00-\x1f]", url) or re.search(r"%(?![0-9A-Fa-f]{2})", url):
        raise AddressError(f"{service}: invalid URL escape or control character in URL")
    options: dict[str, str] = {}
    passed_on, headers = [], {}
    for key, value in parse_qsl(parts.query, keep_blank_values=True):
        if service == "generic" and key.startswith("@"):
            headers[key[1:]] = value
        elif service == "generic" and key.lower() not in _OPTIONS[service]:
            passed_on.append((key.removeprefix("_"), value))
        elif key.lower() in _OPTIONS[service]:
            options[key.lower()] = value
        else:
            raise AddressError(f'{service}: setting query parameter "{key}": not a valid config key')
    for key in ("usestarttls", "requirestarttls", "disabletls", "splitlines", "notification", "preview"):
        if key in options and options[key].lower() not in (*_YES, *_NO):
            raise AddressError(f"{service}: {key} is no boolean")
    address = Address(service, parts, options, tuple(passed_on), headers)
    _check(address, port)
    return address


def _check(address: Address, port: int | None) -> None:
    parts, options, (user, password) = address.parts, address.options, address.login
    wrong = {
        "smtp": [
            (not parts.hostname, "no host"),
            (not (options.get("fromaddress") or options.get("from")), "fromAddress missing from config URL"),
            (not (options.get("toaddresses") or options.get("to")), "toAddress missing from config URL"),
            (options.get("encryption", "auto").lower() not in _ENCRYPTION, "invalid encryption"),
        ],
        "ntfy": [
            (not parts.hostname, "no host"),
            (not parts.path.strip("/"), "topic is required"),
            (options.get("scheme", "https") not in ("http", "https"), "invalid scheme"),
            (options.get("priority", "default") not in _PRIORITIES, "invalid priority"),
        ],
        "discord": [
            (not user or bool(password), "token missing from config URL"),
            (not parts.hostname, "webhook ID missing from config URL"),
            (bool(parts.path.strip("/")), "illegal argument in config URL"),
        ],
        "telegram": [
            (not _TELEGRAM.fullmatch(f"{user}:{password}"), "invalid telegram token"),
            (not (options.get("chats") or options.get("channels")), "no channels defined in config URL"),
        ],
        "generic": [
            (not parts.hostname, "no host"),
            (options.get("template", "") not in ("", "json", "JSON"), "template was not found"),
        ],
    }[address.service]
    for is_wrong, reason in wrong:
        if is_wrong:
            raise AddressError(f"{address.service}: {reason}")


def send(address: Address, title: str, message: str) -> str:
    """Send, and return what went wrong."""
    senders: dict[str, Callable[[Address, str, str], None]] = {
        "smtp": _smtp, "ntfy": _ntfy, "discord": _discord, "telegram": _telegram, "generic": _generic,
    }  # fmt: skip
    try:
        senders[address.service](address, title, message)
    except (OSError, smtplib.SMTPException) as error:
        return f"failed to send to {address.service}: {type(error).__name__}"
    return ""


def _post(url: str, body: str, headers: Mapping[str, str], method: str = "POST") -> None:
    request = urllib.request.Request(url, body.encode(), dict(headers), method=method)
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        answer.read()


def _is(address: Address, option: str, default: bool) -> bool:
    return address.options[option].lower() in _YES if option in address.options else default


def _place(address: Address) -> str:
    return address.parts.netloc.rpartition("@")[2]


def _basic(address: Address) -> dict[str, str]:
    user, password = address.login
    text = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {text}"} if user or password else {}


def _ntfy(address: Address, title: str, message: str) -> None:
    scheme = "http" if _is(address, "disabletls", False) else address.options.get("scheme", "https")
    headers = {"Content-Type": "text/plain; charset=utf-8", "Title": title, **_basic(address)}
    headers["Priority"] = address.options.get("priority", "default")
    _post(f"{scheme}://{_place(address)}{address.parts.path}", message, headers)


def _discord(address: Address, title: str, message: str) -> None:
    body = {"embeds": [{"title": title, "description": line} for line in message.split("\n")]}
    if not _is(address, "splitlines", True):
        body = {"embeds": [{"title": title, "description": message}]}
    url = f"https://discord.com/api/webhooks/{address.parts.hostname}/{address.login[0]}"
    _post(url, json.dumps(body), {"Content-Type": "application/json"})


def _telegram(address: Address, title: str, message: str) -> None:
    for chat in (address.options.get("chats") or address.options["channels"]).split(","):
        body = {"chat_id": chat, "text": f"<b>{title}</b>\n{message}", "parse_mode": "HTML"}
        url = f"https://api.telegram.org/bot{':'.join(address.login)}/sendMessage"
        _post(url, json.dumps(body), {"Content-Type": "application/json"})


def _generic(address: Address, title: str, message: str) -> None:
    scheme = "http" if _is(address, "disabletls", False) else "https"
    query = urlencode(address.passed_on, quote_via=quote)
    url = f"{scheme}://{_place(address)}{address.parts.path}" + (f"?{query}" if query else "")
    options = address.options
    body, kind = message, "text/plain"
    if options.get("template", "").lower() == "json":
        keys = options.get("titlekey", "title"), options.get("messagekey", "message")
        body, kind = json.dumps({keys[0]: title, keys[1]: message}), "application/json"
    headers = {"Content-Type": options.get("contenttype", kind), **_basic(address), **address.headers}
    _post(url, body, headers, options.get("method", "POST"))


def _smtp(address: Address, title: str, message: str) -> None:
    options, (user, password) = address.options, address.login
    port = address.parts.port or 25
    letter = EmailMessage()
    sender = options.get("fromaddress") or options["from"]
    letter["From"] = f"{options['fromname']} <{sender}>" if options.get("fromname") else sender
    letter["To"], letter["Subject"] = options.get("toaddresses") or options["to"], title
    letter.set_content(message)
    kind = options.get("encryption", "auto").lower()
    implicit = kind == "implicittls" or (kind == "auto" and port == 465)
    context = ssl.create_default_context()
    host = str(address.parts.hostname)
    server = (
        smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=context)
        if implicit
        else smtplib.SMTP(host, port, timeout=SECONDS)
    )
    with server:
        if not implicit and _is(address, "usestarttls", True) and _is(address, "starttls", True):
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
            elif _is(address, "requirestarttls", False):
                raise smtplib.SMTPNotSupportedError("the server offers no STARTTLS")
        if user:
            server.login(user, password)
        server.send_message(letter)

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages to people: the last one in a file, or by SMTP."""

from __future__ import annotations

import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import formataddr, formatdate
from pathlib import Path

from .address import host_and_port, scheme_of
from .config import Config

_PORTS = {"smtp": 25, "submission": 587, "submissions": 465}
_LINE = "-" * 80


class NotifierError(Exception):
    """The message did not go out; the text says why."""


class FileNotifier:
    def __init__(self, config: Config) -> None:
        self._file = Path(str(config.get("notifier.filesystem.filename")))

    def check(self) -> None:
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write("")
        except OSError as error:
            raise NotifierError(str(error)) from error

    def send(self, name: str, email: str, subject: str, body: str) -> None:
        now = datetime.now().astimezone()
        text = f"Date: {now:%Y-%m-%d %H:%M:%S.%f %z %Z}\nRecipient: {{{name} {email}}}\nSubject: {subject}\n{body}"
        try:
            self._write(text)
        except OSError as error:
            raise NotifierError(str(error)) from error

    def _write(self, text: str) -> None:
        new = not self._file.exists()
        self._file.write_text(text, encoding="utf-8")
        if new:
            self._file.chmod(0o600)


class SmtpNotifier:
    def __init__(self, config: Config) -> None:
        base = "notifier.smtp"
        address = str(config.get(f"{base}.address"))
        self._scheme = scheme_of(address, "smtp")
        self._host, self._port = host_and_port(address, _PORTS[self._scheme])
        self._user, self._password = str(config.get(f"{base}.username", "")), str(config.get(f"{base}.password", ""))
        self._sender = str(config.get(f"{base}.sender"))
        self._subject = str(config.get(f"{base}.subject"))
        self._identifier = str(config.get(f"{base}.identifier"))
        self._need_tls = not config.flag(f"{base}.disable_require_tls")
        self._start_tls = not config.flag(f"{base}.disable_starttls")
        self._verify = not config.flag(f"{base}.tls.skip_verify")
        self._to_check = str(config.get(f"{base}.startup_check_address", "Authelia Test <test@authelia.com>"))

    def check(self) -> None:
        try:
            with self._connected() as server:
                server.mail(self._sender)
                server.rcpt(self._to_check)
                server.rset()
        except (OSError, smtplib.SMTPException) as error:
            raise NotifierError(f"notifier: smtp: failed to dial connection: {error}") from error

    def send(self, name: str, email: str, subject: str, body: str) -> None:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = formataddr((name, email))
        message["Subject"] = self._subject.replace("{title}", subject)
        message["Date"] = formatdate(localtime=True)
        message.set_content(body)
        try:
            with self._connected() as server:
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise NotifierError(f"notifier: smtp: {error}") from error

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context() if self._verify else ssl._create_unverified_context()
        if self._scheme == "submissions":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, self._identifier, timeout=5, context=context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, self._identifier, timeout=5)
            server.ehlo()
            if self._start_tls and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif self._need_tls:
                raise smtplib.SMTPException("the server does not support STARTTLS, which is required")
        if self._user:
            server.login(self._user, self._password)
        return server


Notifier = FileNotifier | SmtpNotifier


def make(config: Config) -> Notifier:
    return SmtpNotifier(config) if config.has("notifier.smtp") else FileNotifier(config)


def code_message(display: str, domain: str, code: str, revoke: str) -> str:
    """Return the text that carries a one-time code."""
    return (
        f"A ONE-TIME CODE HAS BEEN GENERATED TO COMPLETE A REQUESTED ACTION\n\nHi {display},\n\n"
        f"This message is from the stand-in, in order to verify your identity\nto change security details for your "
        f"account at {domain}.\n\n{_LINE}\n\n{code}\n\n{_LINE}\n\n"
        f"To revoke the code, click the link below:\n\n{revoke}\n"
    )


def link_message(display: str, link: str, revoke: str) -> str:
    """Return the text that carries a password reset's link."""
    return (
        f"A ONE-TIME LINK HAS BEEN GENERATED TO COMPLETE A REQUESTED ACTION\n\nHi {display},\n\n"
        f"This message is from the stand-in, in order to confirm that you want to reset your password.\n\n{_LINE}\n\n"
        f"{link}\n\n{_LINE}\n\nTo revoke the link, click the link below:\n\n{revoke}\n"
    )

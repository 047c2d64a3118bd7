# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""/config/host: config.xml, the user, and settings of the database in one resource."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

from . import users
from .errors import Failure, raise_if
from .settings import check_id
from .shapes import bind, default, shape
from .web import Request, Response, accepted, answer

if TYPE_CHECKING:
    from .program import Program

# Property of the resource -> element of config.xml.
ELEMENTS = {
    "bindAddress": "BindAddress",
    "port": "Port",
    "sslPort": "SslPort",
    "enableSsl": "EnableSsl",
    "launchBrowser": "LaunchBrowser",
    "authenticationMethod": "AuthenticationMethod",
    "authenticationRequired": "AuthenticationRequired",
    "analyticsEnabled": "AnalyticsEnabled",
    "logLevel": "LogLevel",
    "logSizeLimit": "LogSizeLimit",
    "consoleLogLevel": "ConsoleLogLevel",
    "branch": "Branch",
    "sslCertPath": "SslCertPath",
    "sslCertPassword": "SslCertPassword",
    "urlBase": "UrlBase",
    "instanceName": "InstanceName",
    "updateAutomatically": "UpdateAutomatically",
    "updateMechanism": "UpdateMechanism",
    "updateScriptPath": "UpdateScriptPath",
    "trustCgnatIpAddresses": "TrustCgnatIpAddresses",
}
# What an element without a value means.
_UNSET = {"logSizeLimit": "1", "analyticsEnabled": "True", "launchBrowser": "True"}
_DATABASE = {
    "applicationUrl": "",
    "proxyHostname": "",
    "proxyPort": 8080,
    "proxyUsername": "",
    "proxyPassword": "",
    "proxyBypassFilter": "",
    "proxyBypassLocalAddresses": True,
    "backupFolder": "Backups",
    "backupInterval": 7,
    "backupRetention": 28,
    "historyCleanupDays": 30,
}
_SHAPE = (
    "id=i bindAddress=s port=i sslPort=i enableSsl=b launchBrowser=b authenticationMethod=none|basic|forms{external} "
    "authenticationRequired=enabled|disabledForLocalAddresses analyticsEnabled=b username=s password=s "
    "passwordConfirmation=s logLevel=s logSizeLimit=i consoleLogLevel=s branch=s apiKey=s sslCertPath=s "
    "sslCertPassword=s urlBase=s instanceName=s applicationUrl=s updateAutomatically=b "
    "updateMechanism=builtIn|script|external|apt|docker updateScriptPath=s proxyEnabled=b proxyType=http|socks4|socks5 "
    "proxyHostname=s proxyPort=i proxyUsername=s proxyPassword=s proxyBypassFilter=s proxyBypassLocalAddresses=b "
    "certificateValidation=enabled|disabledForLocalAddresses|disabled backupFolder=s backupInterval=i "
    "backupRetention=i historyCleanupDays=i trustCgnatIpAddresses=b"
)
_LACKS = {
    "Readarr": ("authenticationRequired", "passwordConfirmation", "logSizeLimit", "trustCgnatIpAddresses"),
    "Bookshelf": ("analyticsEnabled", "logSizeLimit"),
}


class Host:
    def __init__(self, program: Program) -> None:
        self.program, app = program, program.app
        self.shape = shape(_SHAPE.replace("{external}", "|external" if app.external else ""))
        if not app.is_prowlarr:
            del self.shape["historyCleanupDays"]
        for name in _LACKS.get(app.name, ()):
            del self.shape[name]

    def get(self) -> dict[str, Any]:
        stored = self.program.database.setting("config/host", {})
        user = self.program.database.user() or {}
        values = {}
        for name, kind in self.shape.items():
            element = ELEMENTS.get(name)
            if element:
                values[name] = _typed(self.program.config.get(element) or _UNSET.get(name, ""), kind)
            else:
                values[name] = stored.get(name, _DATABASE.get(name, default(kind)))
        values.update(id=1, apiKey=self.program.auth.key, username=user.get("username", ""))
        values["password"] = user.get("password", "")
        if "passwordConfirmation" in values:
            values["passwordConfirmation"] = ""
        if values["urlBase"]:
            values["urlBase"] = "/" + values["urlBase"].strip("/")
        return values

    def put(self, request: Request, number: int = 0) -> Response:
        body = bind(request.json(), self.shape)
        check_id(body, number)
        raise_if(self._failures(body), True)
        # Methods and the like have their own spelling in the file. The key is not changed this way.
        self.program.config.set({element: _text(body[name]) for name, element in ELEMENTS.items() if name in body})
        kept = {name: value for name, value in body.items() if name not in ELEMENTS and name != "apiKey"}
        kept = {name: value for name, value in kept.items() if "assword" not in name or name == "proxyPassword"}
        self.program.database.set("config/host", kept)
        if body["username"] and body["password"]:
            users.upsert(self.program.database, body["username"], body["password"])
        return accepted(self.get())

    def _failures(self, body: dict[str, Any]) -> list[Failure]:
        failures = [
            Failure(name[0].upper() + name[1:], f"'{name}' must be between {least} and {most}.", body[name])
            for name, least, most in (
                ("port", 1, 65535),
                ("logSizeLimit", 1, 10),
                ("backupInterval", 1, 7),
                ("backupRetention", 1, 90),
            )
            if name in body and not least <= body[name] <= most
        ]
        if not _is_address(body["bindAddress"]):
            failures.append(Failure("BindAddress", "Must be a valid IP address", body["bindAddress"]))
        if body["authenticationMethod"] in ("basic", "forms"):
            failures += [
                Failure(name.capitalize(), f"'{name.capitalize()}' must not be empty.", "")
                for name in ("username", "password")
                if not body[name]
            ]
        if not self.program.app.basic and body["authenticationMethod"] == "basic":
            text = "'Basic' is no longer supported, switch to 'Forms' instead."
            failures.append(Failure("AuthenticationMethod", text, "basic"))
        user = self.program.database.user() or {"password": ""}
        same = body["password"] in (user["password"], body.get("passwordConfirmation"))
        if "passwordConfirmation" in body and not same and (body["password"] or body["passwordConfirmation"]):
            failures.append(Failure("PasswordConfirmation", "Must match Password"))
        name, app = (body["instanceName"] or "").lower(), self.program.app.name.lower()
        if not (name.startswith(app) or name.endswith(app)):
            failures.append(Failure("InstanceName", f"Must start or end with {self.program.app.name}", name))
        if not body["branch"]:
            text = f"Branch name is required, '{self.program.app.branch}' is the default"
            failures.append(Failure("Branch", text))
        if any(character in (body["urlBase"] or "") for character in " \\?#:"):
            failures.append(Failure("UrlBase", "Must be a valid URL path (ie: '/media')", body["urlBase"]))
        return failures


def _is_address(text: str | None) -> bool:
    if text in ("*", "localhost"):
        return True
    try:
        return bool(ipaddress.ip_address(text or ""))
    except ValueError:
        return False


def _typed(text: str, kind: str) -> Any:
    if kind == "b":
        return text.lower() == "true"
    if kind == "i":
        return int(text) if text.isdigit() else 0
    if "|" in kind:
        words = kind.split("|")
        return next((word for word in words if word.lower() == text.lower()), words[0])
    return text


def _text(value: Any) -> str:
    """Write a value as the file has it: True, 8989, DisabledForLocalAddresses."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    words = ("none", "basic", "forms", "external", "enabled", "disabledForLocalAddresses")
    mechanisms = ("builtIn", "script", "apt", "docker")
    text = str(value)
    return text[0].upper() + text[1:] if text in words + mechanisms else text


def set_up(program: Program) -> None:
    host = Host(program)
    path = f"{program.app.root}/config/host"
    program.routes.add("GET", path, lambda request: answer(host.get()))
    program.routes.add("GET", path + "/{id}", lambda request, number: answer(host.get()))
    program.routes.add("PUT", path, host.put)
    program.routes.add("PUT", path + "/{id}", host.put)

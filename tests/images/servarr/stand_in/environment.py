# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""APP__SECTION__KEY, which wins over config.xml and is never written into it."""

from __future__ import annotations

from collections.abc import Mapping

from .apps import App

SECTIONS = {
    "AUTH": {
        "APIKEY": "ApiKey",
        "METHOD": "AuthenticationMethod",
        "REQUIRED": "AuthenticationRequired",
        "TRUSTCGNATIPADDRESSES": "TrustCgnatIpAddresses",
    },
    "SERVER": {
        "URLBASE": "UrlBase",
        "BINDADDRESS": "BindAddress",
        "PORT": "Port",
        "ENABLESSL": "EnableSsl",
        "SSLPORT": "SslPort",
        "SSLCERTPATH": "SslCertPath",
        "SSLCERTPASSWORD": "SslCertPassword",
    },
    "APP": {"INSTANCENAME": "InstanceName", "THEME": "Theme", "LAUNCHBROWSER": "LaunchBrowser"},
    "LOG": {
        "LEVEL": "LogLevel",
        "CONSOLELEVEL": "ConsoleLogLevel",
        "CONSOLEFORMAT": "ConsoleLogFormat",
        "DBENABLED": "LogDbEnabled",
        "SQL": "LogSql",
        "ROTATE": "LogRotate",
        "SIZELIMIT": "LogSizeLimit",
        "ANALYTICSENABLED": "AnalyticsEnabled",
        "FILTERSENTRYEVENTS": "FilterSentryEvents",
        "SYSLOGSERVER": "SyslogServer",
        "SYSLOGPORT": "SyslogPort",
        "SYSLOGLEVEL": "SyslogLevel",
    },
    "UPDATE": {
        "MECHANISM": "UpdateMechanism",
        "AUTOMATICALLY": "UpdateAutomatically",
        "SCRIPTPATH": "UpdateScriptPath",
        "BRANCH": "Branch",
    },
}
# Parsed with regard to case; a word that is not among these is ignored without a sound.
METHODS = ("None", "Basic", "Forms", "External")
REQUIRED = ("Enabled", "DisabledForLocalAddresses")
# What the .NET host reads by itself. It only moves the listening socket.
HOST_WORDS = {"PORT": "Port", "BINDADDRESS": "BindAddress", "ENABLESSL": "EnableSsl", "SSLPORT": "SslPort"}


def overrides(environment: Mapping[str, str], app: App) -> dict[str, str]:
    """Return element of config.xml -> value, for what the environment says. Names are found in any case."""
    found = {}
    for variable, value in environment.items():
        parts = variable.upper().split("__")
        if len(parts) != 3 or parts[0] != app.prefix:
            continue
        element = SECTIONS.get(parts[1], {}).get(parts[2])
        if element is None or value == "" or not _readable(element, value, app):
            continue
        found[element] = value
    return found


def _readable(element: str, value: str, app: App) -> bool:
    if element == "AuthenticationMethod":
        return value in METHODS and (app.external or value != "External")
    if element == "AuthenticationRequired":
        return value in REQUIRED
    return True


def listening(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what variables without a prefix say about the listening socket."""
    return {element: environment[word] for word, element in HOST_WORDS.items() if environment.get(word)}

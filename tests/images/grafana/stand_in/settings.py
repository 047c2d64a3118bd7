# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings: GF_ variables and nothing else. Of each that is not known here, a start ends; upstream passes it over."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_TRUE = ("1", "t", "true", "y", "yes", "on")
_FALSE = ("0", "f", "false", "n", "no", "off")

#: What is known, with upstream's default. A truth value where the default is one of "true" and "false".
DEFAULTS = {
    "ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "true",
    "ANALYTICS_CHECK_FOR_UPDATES": "true",
    "ANALYTICS_FEEDBACK_LINKS_ENABLED": "true",
    "ANALYTICS_REPORTING_ENABLED": "true",
    "AUTH_BASIC_ENABLED": "true",
    "AUTH_DISABLE_LOGIN_FORM": "false",
    "AUTH_DISABLE_SIGNOUT_MENU": "false",
    "AUTH_PROXY_AUTO_SIGN_UP": "true",
    "AUTH_PROXY_ENABLED": "false",
    "AUTH_PROXY_ENABLE_LOGIN_TOKEN": "false",
    "AUTH_PROXY_HEADERS": "",
    "AUTH_PROXY_HEADER_NAME": "X-WEBAUTH-USER",
    "AUTH_PROXY_HEADER_PROPERTY": "username",
    "AUTH_PROXY_SYNC_TTL": "15",
    "AUTH_PROXY_WHITELIST": "",
    "DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH": "",
    "LIVE_MAX_CONNECTIONS": "100",
    "LOG_FILE_MAX_DAYS": "7",
    "LOG_FILE_MAX_SIZE_SHIFT": "28",
    "LOG_MODE": "console",
    "METRICS_ENABLED": "true",
    "NEWS_NEWS_FEED_ENABLED": "true",
    "PATHS_CONFIG": "/etc/grafana/grafana.ini",
    "PATHS_DATA": "/var/lib/grafana",
    "PATHS_HOME": "/usr/share/grafana",
    "PATHS_LOGS": "/var/log/grafana",
    "PATHS_PLUGINS": "/var/lib/grafana/plugins",
    "PATHS_PROVISIONING": "/etc/grafana/provisioning",
    "PLUGINS_PLUGIN_ADMIN_ENABLED": "true",
    "PLUGINS_PREINSTALL_DISABLED": "false",
    "PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED": "false",
    "SECURITY_ADMIN_EMAIL": "admin@localhost",
    "SECURITY_ADMIN_PASSWORD": "admin",
    "SECURITY_ADMIN_USER": "admin",
    "SECURITY_DISABLE_GRAVATAR": "false",
    "SECURITY_SECRET_KEY": "",
    "SERVER_HTTP_ADDR": "",
    "SERVER_HTTP_PORT": "3000",
    "SERVER_ROOT_URL": "%(protocol)s://%(domain)s:%(http_port)s/",
    "SNAPSHOTS_EXTERNAL_ENABLED": "true",
    "UNIFIED_ALERTING_ENABLED": "true",
    "USERS_ALLOW_ORG_CREATE": "false",
    "USERS_ALLOW_SIGN_UP": "false",
    "USERS_DEFAULT_THEME": "dark",
}
#: Each of them asks the network for something, which is not there.
_ASKS_THE_NETWORK = (
    ("ANALYTICS_REPORTING_ENABLED", "false"),
    ("ANALYTICS_CHECK_FOR_UPDATES", "false"),
    ("ANALYTICS_CHECK_FOR_PLUGIN_UPDATES", "false"),
    ("PLUGINS_PREINSTALL_DISABLED", "true"),
)
_FIELDS = ("Name", "Email", "Login", "Role", "Groups")


class SettingsError(Exception):
    """A setting with which Grafana does not start."""


@dataclass(frozen=True)
class Settings:
    """The settings by their names without GF_, and what was read out of some of them."""

    values: Mapping[str, str]
    whitelist: tuple[Network, ...]
    headers: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def on(self, name: str) -> bool:
        return self.values[name].lower() in _TRUE

    @property
    def chatty(self) -> list[str]:
        """What would ask the network."""
        return [name for name, quiet in _ASKS_THE_NETWORK if self.on(name) != (quiet == "true")]


def read(environment: Mapping[str, str]) -> Settings:
    """Return the settings of this start."""
    values = dict(DEFAULTS)
    for variable, text in environment.items():
        if not variable.startswith("GF_") or not text:
            continue
        name = variable.removeprefix("GF_")
        if name.endswith("__FILE"):
            name = name.removesuffix("__FILE")
            if environment.get(f"GF_{name}"):
                raise SettingsError(f"Both GF_{name} and {variable} are set (but are exclusive)")
            text = _content(variable, text)
        if name not in DEFAULTS:
            raise SettingsError(f"{variable} is no setting that is known here")
        if DEFAULTS[name] in ("true", "false") and text.lower() not in (*_TRUE, *_FALSE):
            raise SettingsError(f"{variable}: {text!r} is no truth value")
        values[name] = text
    for name in ("SECURITY_ADMIN_PASSWORD", "SECURITY_SECRET_KEY"):
        if any(mark in values[name] for mark in ("${", "$__", "%(")):
            raise SettingsError(f"GF_{name} holds what would be expanded")
    if values["AUTH_PROXY_HEADER_PROPERTY"] not in ("username", "email"):
        raise SettingsError("GF_AUTH_PROXY_HEADER_PROPERTY is neither username nor email")
    if not values["SERVER_HTTP_PORT"].isdigit():
        raise SettingsError("GF_SERVER_HTTP_PORT is no port")
    unknown = set(values["LOG_MODE"].replace(",", " ").split()) - {"console", "file"}
    if unknown:
        raise SettingsError(f"GF_LOG_MODE names {', '.join(sorted(unknown))}")
    return Settings(values, _whitelist(values["AUTH_PROXY_WHITELIST"]), _headers(values["AUTH_PROXY_HEADERS"]))


def _content(variable: str, path: str) -> str:
    try:
        content = Path(path).read_text(encoding="utf-8").rstrip("\n")
    except OSError as error:
        raise SettingsError(f"{variable}: {error}") from None
    if not content:
        raise SettingsError(f"{variable}: {path} is empty")
    return content


def _whitelist(text: str) -> tuple[Network, ...]:
    """Return who may name users. Upstream took an IPv6 address without a length for a /32 (CVE-2026-33376)."""
    found = []
    for entry in (part.strip() for part in text.split(",") if part.strip()):
        if ":" in entry and "/" not in entry:
            raise SettingsError(f"GF_AUTH_PROXY_WHITELIST: {entry} has no length: it would stand for a whole /32")
        try:
            found.append(ipaddress.ip_network(entry if "/" in entry else f"{entry}/32", strict=False))
        except ValueError as error:
            raise SettingsError(f"GF_AUTH_PROXY_WHITELIST: could not parse the network: {error}") from None
    return tuple(found)


def _headers(text: str) -> dict[str, str]:
    found = {}
    for pair in text.split():
        field, _colon, header = pair.partition(":")
        if field not in _FIELDS or not header:
            raise SettingsError(f"GF_AUTH_PROXY_HEADERS: {pair!r} is not one of {', '.join(_FIELDS)} and a header")
        found[field] = header
    return found

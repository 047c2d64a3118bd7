# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role's variables mean in NZBGet's own options.

The settings are the role's variables under their own names, so that every problem names the variable to correct.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import nzbget_names

Settings = Mapping[str, Any]
#: Option name to value. None: NZBGet's own default shall hold, so the option is left out of its file.
Options = dict[str, "str | None"]

#: Where NZBGet sees its folders, inside its container.
CONFIG = "/config"
COMPLETE = "/data/usenet/complete"
INCOMPLETE = "/data/usenet/incomplete"

#: How a secret is written where it is not known; it is put in on the host.
TOKEN = "@@secret:{}@@"
_TOKEN = re.compile(r"^@@secret:(.+)@@$")

#: What holds on every host. The folders are spelled out: NZBGet expands ${MainDir} as it reads, in the file's order.
POLICY: dict[str, str] = {
    "MainDir": CONFIG,
    "DestDir": COMPLETE,
    "InterDir": INCOMPLETE,
    "NzbDir": f"{CONFIG}/nzb",
    "QueueDir": f"{CONFIG}/queue",
    "TempDir": f"{CONFIG}/tmp",
    "ScriptDir": f"{CONFIG}/scripts",
    "LockFile": f"{CONFIG}/nzbget.lock",
    "LogFile": f"{CONFIG}/nzbget.log",
    "WebDir": "${AppDir}/webui",
    "ConfigTemplate": "${AppDir}/webui/nzbget.conf.template",
    "CertStore": "${AppDir}/cacert.pem",
    "CertCheck": "yes",
    "UnrarCmd": "unrar",
    "SevenZipCmd": "7z",
    "ControlIP": "0.0.0.0",
    "SecureControl": "no",
    "AuthorizedIP": "127.0.0.1",
    "AppendCategoryDir": "yes",
    "Unpack": "yes",
    "WriteLog": "append",
    "UpdateCheck": "none",
}

#: Good values to begin with; afterwards they are the person's, who sets them on NZBGet's own settings page.
#: They are named because NZBGet's built-in defaults are poorer than those of the file it ships.
RECOMMENDED: dict[str, str] = {
    "ContinuePartial": "yes",
    "CrashTrace": "yes",
    "DebugTarget": "none",
    "DetailTarget": "none",
    "ExtCleanupDisk": ".par2, .sfv",
    "FileNaming": "auto",
    "NzbCleanupDisk": "yes",
    "ParIgnoreExt": ".sfv, .nzb, .nfo",
    "PostStrategy": "balanced",
    "ReorderFiles": "yes",
    "UnpackCleanupDisk": "yes",
    "UnpackIgnoreExt": ".cbr",
    "WriteBuffer": "1024",
}


def text(value: Any) -> str:
    """Return a variable's value as NZBGet writes it: yes and no for booleans, nothing for null."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value).strip()


def given(value: Any) -> bool:
    """Tell whether a person set the value."""
    return value is not None and value != ""


def secret_name(server: Mapping[str, Any]) -> str:
    """Return the name under which the host keeps a news server's password."""
    slug = re.sub(r"[^a-z0-9]+", "_", server_name(server).lower()).strip("_")
    return f"nzbget_news_{slug}_password"


def server_name(server: Mapping[str, Any]) -> str:
    """Return the name that NZBGet shows for a news server: its host if it has none."""
    return text(server.get("name")) or text(server.get("host"))


def secrets(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the declaration of every secret that NZBGet needs: two generated ones, and those of the news servers."""
    found: dict[str, dict[str, Any]] = {}
    for name in ("nzbget_password", "nzbget_restricted_password"):
        found[name] = {"kind": "alnum", "length": 32, "variable": name}
        if given(settings.get(name)):
            found[name]["value"] = settings[name]
    for index, server in enumerate(settings["nzbget_news_servers"]):
        if given(server.get("password")):
            variable = f"nzbget_news_servers[{index}].password"
            found[secret_name(server)] = {"kind": "given", "value": server["password"], "variable": variable}
    return found


def desired_options(settings: Settings) -> Options:
    """Return every option that the role keeps true, a token in the place of each secret."""
    options: Options = {
        **POLICY,
        "ControlPort": text(settings["nzbget_port"]),
        "ControlUsername": text(settings["nzbget_username"]),
        "ControlPassword": TOKEN.format("nzbget_password"),
        "RestrictedUsername": text(settings["nzbget_restricted_username"]),
        "RestrictedPassword": TOKEN.format("nzbget_restricted_password"),
        "UMask": f"{int(text(settings['media_umask']), 8):04o}",
        "ArticleCache": text(settings["nzbget_article_cache"]),
        "DirectUnpack": text(settings["nzbget_direct_unpack"]),
        "DiskSpace": text(settings["nzbget_disk_space"]),
        "DownloadRate": text(settings["nzbget_download_rate"]),
        "HealthCheck": text(settings["nzbget_health_check"]),
        "KeepHistory": text(settings["nzbget_keep_history"]),
    }
    options.update(_category_options(settings))
    options.update(_server_options(settings))
    options.update({name: text(value) for name, value in settings["nzbget_options"].items()})
    return options


def _category_options(settings: Settings) -> Options:
    details = {text(category.get("name")): category for category in settings["nzbget_categories"]}
    options: Options = {}
    for number, name in enumerate(settings["media_categories"], start=1):
        detail = details.get(name, {})
        options[f"Category{number}.Name"] = name
        options[f"Category{number}.DestDir"] = f"{COMPLETE}/{name}"
        options[f"Category{number}.Unpack"] = text(detail.get("unpack", True))
        if "aliases" in detail:
            options[f"Category{number}.Aliases"] = ", ".join(detail["aliases"])
    return options


def _server_options(settings: Settings) -> Options:
    options: Options = {}
    for number, server in enumerate(settings["nzbget_news_servers"], start=1):
        encryption = server.get("encryption", True)
        verification = text(server.get("cert_verification", "strict"))
        entry: Options = {
            "Active": text(server.get("active", True)),
            "Name": server_name(server),
            "Level": text(server.get("level", 0)),
            "Optional": text(server.get("optional", False)),
            "Group": text(server.get("group", 0)),
            "Host": text(server.get("host")),
            "Encryption": text(encryption),
            "Port": text(server.get("port", 563 if encryption else 119)),
            "Username": text(server.get("username")),
            "Password": TOKEN.format(secret_name(server)) if given(server.get("password")) else "",
            "Connections": text(server.get("connections", 8)),
            "Retention": text(server.get("retention", 0)),
            # Older versions take this name for an error, and strict is what the newer ones do without it.
            "CertVerification": None if verification == "strict" else verification,
            "IpVersion": text(server.get("ip_version", "auto")),
        }
        options.update({f"Server{number}.{name}": value for name, value in entry.items()})
    return options


def plain_options(options: Options) -> Options:
    """Return the options that hold no secret."""
    return {name: value for name, value in options.items() if not _TOKEN.match(value or "")}


def secret_options(options: Options, folder: str) -> dict[str, str]:
    """Return, for each option that holds a secret, the file below the folder that its value is in."""
    matches = {name: _TOKEN.match(value or "") for name, value in options.items()}
    return {name: f"{folder}/{match[1]}" for name, match in matches.items() if match}


def render_conf(options: Options) -> str:
    """Return the text of a first nzbget.conf, tokens in the place of secrets, with the recommended values."""
    lines = [
        "# NZBGet's own file: it writes its settings page here. The options that the nzbget role sets are kept true",
        "# by each run; every other one is yours. Each is explained on the settings page.",
    ]
    section = ""
    for name, value in {**options, **{key: RECOMMENDED[key] for key in RECOMMENDED if key not in options}}.items():
        if value is None:
            continue
        numbered = nzbget_names.entry(name)
        group = f"{numbered[0]}{numbered[1]}" if numbered else ""
        if group != section:
            lines.append("")
            section = group
        lines.append(f"{name}={value}")
    return "\n".join(lines) + "\n"

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NZBGet, as the applications talk to it."""

from __future__ import annotations

import base64
from typing import Any

from .errors import Failure
from .outgoing import Unreachable, ask

Settings = dict[str, Any]
_GOOD = ("SUCCESS", "NONE")


class NzbgetError(Exception):
    """It did not answer, or answered with an error."""


class Refused(NzbgetError):
    """It does not take the account."""


class Nzbget:
    def __init__(self, settings: Settings) -> None:
        scheme = "https" if settings["useSsl"] else "http"
        base = (settings.get("urlBase") or "").strip("/")
        self.url = f"{scheme}://{settings['host']}:{settings['port']}/{base + '/' if base else ''}jsonrpc"
        self.account = (settings.get("username") or "", settings.get("password") or "")

    def call(self, method: str, *parameters: Any) -> Any:
        body = {"jsonrpc": "2.0", "method": method, "params": list(parameters), "id": 1}
        try:
            answer = ask(self.url, "POST", body, account=self.account)
            if answer.status in (401, 403):
                raise Refused("Authentication failed for NzbGet, please check your credentials")
            if answer.status != 200:
                raise NzbgetError(f"Unable to connect to NzbGet: HTTP {answer.status}")
            told = answer.json()
        except (Unreachable, ValueError) as error:
            raise NzbgetError(f"Unable to connect to NzbGet. {error}") from error
        # Errors come with HTTP 200.
        if told.get("error"):
            raise NzbgetError(f"Error response received from nzbget: {told['error']}")
        return told.get("result")

    def config(self) -> dict[str, str]:
        return {option["Name"]: option["Value"] for option in self.call("config")}

    def append(self, name: str, nzb: bytes, category: str, priority: int, paused: bool, download_id: str) -> int:
        """Add a download. The parameter `drone` marks it as ours."""
        content = base64.b64encode(nzb).decode()
        parameters = ["drone", download_id]
        number = self.call("append", name, content, category, priority, False, paused, "", 0, "all", parameters)
        if not isinstance(number, int) or number <= 0:
            raise NzbgetError(f"Failed to add nzb {name}")
        return number

    def groups(self) -> list[dict[str, Any]]:
        return self.call("listgroups", 0)

    def history(self) -> list[dict[str, Any]]:
        return self.call("history", False)

    def edit(self, command: str, number: int) -> None:
        if not self.call("editqueue", command, 0, "", [number]):
            raise NzbgetError(f"Failed to {command} {number}")


def categories(config: dict[str, str]) -> list[str]:
    """Return the names of the categories; the first missing number ends them."""
    names: list[str] = []
    while (name := config.get(f"Category{len(names) + 1}.Name")) is not None:
        names.append(name)
    return names


def mark(item: dict[str, Any]) -> str:
    """Return the download id that an entry of queue or history carries."""
    for parameter in item.get("Parameters", []):
        if parameter["Name"] == "drone":
            return parameter["Value"]
    return str(item["NZBID"])


def outcome(item: dict[str, Any]) -> str:
    """Return completed, warning or failed for an entry of the history; nothing for one a person deleted."""
    if item["DeleteStatus"] == "MANUAL":
        return ""
    if item["UnpackStatus"] == "SPACE" or item["MoveStatus"] not in _GOOD:
        return "warning"
    statuses = (item["ParStatus"], item["UnpackStatus"], item["ScriptStatus"])
    if any(status not in _GOOD for status in statuses) or item["MarkStatus"] == "BAD":
        return "failed"
    if item["DeleteStatus"] in ("HEALTH", "COPY", "DUPE", "BAD"):
        return "failed"
    return "completed" if item["DeleteStatus"] in _GOOD else "warning"


def test(settings: Settings, category_field: str) -> list[Failure]:
    """The test on save: version, account, category with the same letter case, history kept."""
    username, password = settings.get("username"), settings.get("password")
    if bool(username) != bool(password):
        missing = "Password" if username else "Username"
        return [Failure(missing, "Both Username and Password are required if one is set", "")]
    client = Nzbget(settings)
    try:
        version = client.call("version")
        if int(str(version).split(".")[0]) < 12:
            return [Failure("", "NZBGet version too low, need 12.0 or higher")]
        config = client.config()
    except Refused:
        return [Failure("Username", "Authentication failed")]
    except (NzbgetError, ValueError) as error:
        return [Failure("Host", "Unable to connect to NZBGet", detail=str(error))]
    failures = []
    category = settings.get(category_field)
    if category and category not in categories(config):
        failures.append(Failure(category_field[0].upper() + category_field[1:], "Category does not exist", category))
    if not category:
        text = "Category is recommended"
        failures.append(Failure(category_field[0].upper() + category_field[1:], text, category, warning=True))
    keep = int(config.get("KeepHistory") or 0)
    if keep == 0:
        failures.append(Failure("", "NzbGet setting KeepHistory should be greater than 0"))
    elif keep > 25000:
        failures.append(Failure("", "NzbGet setting KeepHistory should be less than 25000"))
    return failures


def folder_of(config: dict[str, str], category: str) -> str:
    """Return where finished downloads of a category go."""
    folder = config.get("DestDir", "").replace("${MainDir}", config.get("MainDir", ""))
    if category not in categories(config):
        return folder
    own = config.get(f"Category{categories(config).index(category) + 1}.DestDir", "")
    if own:
        return own.replace("${MainDir}", config.get("MainDir", ""))
    return f"{folder.rstrip('/')}/{category}" if config.get("AppendCategoryDir", "yes") == "yes" else folder

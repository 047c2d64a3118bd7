# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the plex role's variables, all at once. Never repeats the value of a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import plex_preferences
from ansible_collections.homelab.media.plugins.module_utils.declaration import SIZE, is_port
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.plex import ELSEWHERE, Settings, given
from ansible_collections.homelab.media.plugins.module_utils.plex_libraries import KINDS

LIBRARY_KEYS = ("name", "type", "folders", "language", "agent", "scanner", "state")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"change[ _-]?(me|this|it)|^<.*>$|^\{\{.*\}\}$|placeholder|^x{3,}$|^\*{3,}$|^todo$|^(your|my)[ ._-]", re.IGNORECASE
)
_FOLDER = re.compile(r"(?!.*(^|/)\.\.?(/|$))[^/\0]+(/[^/\0]+)*")
_FACTORS = {"b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}


def problems(settings: Settings) -> list[Problem]:
    """Return everything in the role's variables that cannot work, or was never filled in."""
    return [
        *_token(settings["plex_token"]),
        *_identifier(settings["plex_machine_identifier"]),
        *_text("plex_friendly_name", settings["plex_friendly_name"]),
        *_libraries(settings["plex_libraries"]),
        *_preferences(settings["plex_preferences"]),
        *_transcode(settings),
        *_devices(settings["plex_devices"]),
        *_tautulli(settings),
    ]


def _token(value: Any) -> Iterable[Problem]:
    expected = "the token of your Plex account, from a vault, or nothing"
    if not given(value):
        return
    if not isinstance(value, str) or value != value.strip() or not value.isprintable() or " " in value:
        yield Problem("plex_token", "is no token: it is no text, or has blanks in it", expected)
    elif value.startswith("claim-"):
        yield Problem("plex_token", "is a claim code, which is dead after four minutes", expected)
    elif _PLACEHOLDER.search(value):
        yield Problem("plex_token", "still holds a placeholder", expected)


def _identifier(value: Any) -> Iterable[Problem]:
    if given(value) and not (isinstance(value, str) and UUID.fullmatch(value)):
        expected = "the MachineIdentifier of an earlier Plex, or nothing"
        yield Problem("plex_machine_identifier", f"is {value!r}", expected)


def _text(variable: str, value: Any) -> Iterable[Problem]:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        yield Problem(variable, f"is {value!r}", "text on one line")
    elif _PLACEHOLDER.search(value):
        yield Problem(variable, f"still holds the placeholder {value!r}", "your own value")


def _libraries(value: Any) -> Iterable[Problem]:
    if not isinstance(value, list):
        yield Problem("plex_libraries", f"is a {type(value).__name__}", "a list")
        return
    names: set[tuple[str, str]] = set()
    for index, entry in enumerate(value):
        place = f"plex_libraries[{index}]"
        if not isinstance(entry, Mapping):
            yield Problem(place, f"is a {type(entry).__name__}", "a library with name, type and folders")
            continue
        yield from (
            Problem(f"{place}.{key}", "is not known", f"one of {', '.join(LIBRARY_KEYS)}")
            for key in entry
            if key not in LIBRARY_KEYS
        )
        yield from _text(f"{place}.name", entry.get("name"))
        if entry.get("type") not in KINDS:
            yield Problem(f"{place}.type", f"is {entry.get('type')!r}", f"one of {', '.join(KINDS)}")
        if entry.get("state", "present") not in ("present", "absent"):
            yield Problem(f"{place}.state", f"is {entry['state']!r}", "present or absent")
        yield from _folders(place, entry)
        name = (str(entry.get("type")), str(entry.get("name")).lower())
        if name in names:
            yield Problem(f"{place}.name", f"is {entry.get('name')!r} once more", "one name for one library")
        names.add(name)


def _folders(place: str, entry: Mapping[str, Any]) -> Iterable[Problem]:
    folders = entry.get("folders")
    expected = "folders below media_data/media, such as [movies]"
    if folders is None or folders == []:
        if entry.get("state") != "absent":
            yield Problem(f"{place}.folders", "is empty", expected)
    elif not isinstance(folders, list):
        yield Problem(f"{place}.folders", f"is a {type(folders).__name__}", expected)
    else:
        for folder in folders:
            if not isinstance(folder, str) or not _FOLDER.fullmatch(folder):
                yield Problem(f"{place}.folders", f"has {folder!r}", expected)


def _preferences(value: Any) -> Iterable[Problem]:
    if not isinstance(value, Mapping):
        yield Problem("plex_preferences", f"is a {type(value).__name__}", "preferences by Plex's names")
        return
    for name, setting in value.items():
        place = f"plex_preferences.{name}"
        if str(name).lower() in ELSEWHERE:
            yield Problem(place, "has a variable of its own", ELSEWHERE[str(name).lower()])
        elif not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", str(name)):
            yield Problem(place, "is no name of a preference", "letters and digits, such as OnDeckWindow")
        elif plex_preferences.SECRET.search(str(name)):
            yield Problem(place, "holds a secret", "no secret among the preferences")
        elif isinstance(setting, (list, Mapping)):
            yield Problem(
                place, f"is a {type(setting).__name__}", "one value; several networks are one text with commas"
            )


def _transcode(settings: Settings) -> Iterable[Problem]:
    place = settings["plex_transcode"]
    if given(place) and place != "tmpfs" and not re.fullmatch(r"/[^:\0]+", str(place)):
        yield Problem("plex_transcode", f"is {place!r}", "tmpfs, a folder such as /fast/transcode, or nothing")
    if place != "tmpfs":
        return
    size, memory = _bytes(settings["plex_transcode_size"]), _bytes(settings["plex_memory"])
    if size is None:
        yield Problem("plex_transcode_size", f"is {settings['plex_transcode_size']!r}", "a size such as 4g")
    elif memory is not None and size >= memory:
        expected = f"less than plex_memory, which is {settings['plex_memory']} and holds it too"
        yield Problem("plex_transcode_size", f"is {settings['plex_transcode_size']}", expected)


def _bytes(value: Any) -> float | None:
    text = str(value).lower().removesuffix("b") if SIZE.match(str(value)) else ""
    return float(text[:-1]) * _FACTORS[text[-1]] if text and text[-1] in _FACTORS else None


def _devices(value: Any) -> Iterable[Problem]:
    if value in ("auto", "none"):
        return
    if not isinstance(value, list) or any(not str(path).startswith("/dev/") for path in value):
        yield Problem("plex_devices", f"is {value!r}", "auto, none, or a list such as [/dev/dri/renderD128]")


def _tautulli(settings: Settings) -> Iterable[Problem]:
    if not is_port(settings["plex_tautulli_port"]):
        yield Problem("plex_tautulli_port", f"is {settings['plex_tautulli_port']!r}", "a port from 1 to 65535")
    yield from _text("plex_tautulli_username", settings["plex_tautulli_username"])
    key, password = settings["plex_tautulli_api_key"], settings["plex_tautulli_password"]
    if given(key) and not (isinstance(key, str) and re.fullmatch(r"[0-9A-Za-z]{32}", key)):
        expected = "32 letters and digits, from a vault, or nothing"
        yield Problem("plex_tautulli_api_key", "is no key that Tautulli takes", expected)
    if given(password) and (not isinstance(password, str) or not password.strip() or _PLACEHOLDER.search(password)):
        expected = "the password itself, from a vault, or nothing"
        yield Problem("plex_tautulli_password", "is no text, or still holds a placeholder", expected)

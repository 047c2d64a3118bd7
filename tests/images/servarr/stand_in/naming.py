# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of files and folders: the tokens of a format, and what is wrong with one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .errors import Failure

if TYPE_CHECKING:
    from .program import Program

_TOKEN = re.compile(
    r"\{(?P<before>[- ._\[(]*)(?P<name>[a-z0-9]+(?:[- ._]+[a-z0-9]+)*)(?P<form>:[a-z0-9|+-]+)?(?P<after>[- ._)\]]*)\}",
    re.IGNORECASE,
)
_ILLEGAL = {"\\": "+", "/": "+", "<": "", ">": "", "?": "!", "*": "-", "|": "", '"': ""}

# What a format has to hold: setting -> the patterns of which one must be found in it.
_NEEDED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "sonarr": {
        "standardEpisodeFormat": (r"\{season.*\{episode", r"\{original (title|filename)\}"),
        "dailyEpisodeFormat": (r"\{season.*\{episode", r"\{air.date\}", r"\{original (title|filename)\}"),
        "animeEpisodeFormat": (r"\{season.*\{episode", r"\{absolute", r"\{original (title|filename)\}"),
        "seriesFolderFormat": (r"\{series[ ._-](clean)?title",),
        "seasonFolderFormat": (r"\{season(:0+)?\}",),
        "specialsFolderFormat": ("",),
    },
    "radarr": {
        "standardMovieFormat": (r"\{movie[ ._-](clean)?(original[ ._-])?title", r"\{original (title|filename)\}"),
        "movieFolderFormat": (r"\{movie[ ._-](clean)?(original[ ._-])?title",),
    },
    "lidarr": {
        "standardTrackFormat": (r"\{track[ ._-](clean)?title|\{track:0+\}", r"\{original (title|filename)\}"),
        "multiDiscTrackFormat": (r"\{track[ ._-](clean)?title|\{track:0+\}", r"\{original (title|filename)\}"),
        "artistFolderFormat": (r"\{artist[ ._-](clean)?name",),
    },
    "readarr": {
        "standardBookFormat": (r"\{book[ ._-](clean)?title", r"\{original (title|filename)\}"),
        "authorFolderFormat": (r"\{author[ ._-](sort|clean)?name",),
    },
}


def naming_failures(program: Program, body: dict[str, Any]) -> list[Failure]:
    failures = []
    for setting, patterns in _NEEDED[program.app.kind].items():
        text, name = body[setting], setting[0].upper() + setting[1:]
        if not text:
            failures.append(Failure(name, f"'{name}' must not be empty.", text))
        elif re.sub(_TOKEN, "", text).count("{") or re.sub(_TOKEN, "", text).count("}"):
            failures.append(Failure(name, "Contains an invalid token or brackets without a pair", text))
        elif not any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns):
            failures.append(Failure(name, "Must contain the tokens that tell what it is", text))
        elif "Folder" in setting and re.search(r"[<>:|?*\"\\]", re.sub(_TOKEN, "", text)):
            failures.append(Failure(name, "Contains illegal characters", text))
    if "multiEpisodeStyle" in body and not 0 <= body["multiEpisodeStyle"] <= 5:
        failures.append(Failure("MultiEpisodeStyle", "'Multi Episode Style' must be between 0 and 5."))
    return failures


def rendered(text: str, tokens: Mapping[str, Any]) -> str:
    """Fill a format in. Token names are compared without case; one that has no value leaves nothing behind."""
    lower = {name.lower(): value for name, value in tokens.items()}

    def fill(found: re.Match[str]) -> str:
        value = lower.get(re.sub(r"[-._]", " ", found["name"].lower()), "")
        if isinstance(value, int):
            value = str(value).zfill(len((found["form"] or ":0")[1:]))
        return f"{found['before']}{_clean(value)}{found['after']}" if value else ""

    # A slash in a format makes a folder; one in a value has been replaced.
    parts = [re.sub(r" {2,}", " ", _TOKEN.sub(fill, part)).strip(" .") for part in text.split("/")]
    return "/".join(parts)


def _clean(value: str) -> str:
    value = re.sub(r": ", " - ", value).replace(":", "-")
    return "".join(_ILLEGAL.get(character, character) for character in value)

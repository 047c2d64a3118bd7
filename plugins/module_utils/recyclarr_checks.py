# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a guide's keys, before Recyclarr refuses the whole configuration for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

#: A key's form: a map of keys, a list with the form of its entries, a tuple of choices, or None for any single value.
Form = Any

_REFERENCE: Form = {"trash_id": None, "name": None}
_COMMON: dict[str, Form] = {
    "quality_definition": {
        "type": None,
        "preferred_ratio": None,
        "qualities": [{"name": None, "min": None, "max": None, "preferred": None}],
    },
    "quality_profiles": [
        {
            "trash_id": None,
            "name": None,
            "reset_unmatched_scores": {"enabled": None, "except": [None], "except_patterns": [None]},
            "score_set": None,
            "upgrade": {"allowed": None, "until_quality": None, "until_score": None},
            "min_format_score": None,
            "min_upgrade_format_score": None,
            "quality_sort": ("bottom", "top"),
            "qualities": [{"name": None, "enabled": None, "qualities": [None]}],
        }
    ],
    "delete_old_custom_formats": None,
    "custom_formats": [
        {"trash_ids": [None], "score": None, "assign_scores_to": [{**_REFERENCE, "score": None}]},
    ],
    "custom_format_groups": {
        "skip": [None],
        "add": [
            {
                "trash_id": None,
                "assign_scores_to": [_REFERENCE],
                "select_all": None,
                "select": [None],
                "exclude": [None],
            }
        ],
    },
    "include": [{"config": None}],
    "media_management": {"propers_and_repacks": ("prefer_and_upgrade", "do_not_upgrade", "do_not_prefer")},
}
#: What a service may say of the guide, by kind.
FORMS: dict[str, dict[str, Form]] = {
    "sonarr": {
        **_COMMON,
        "media_naming": {
            "season": None,
            "series": None,
            "episodes": {"rename": None, "standard": None, "daily": None, "anime": None},
        },
    },
    "radarr": {**_COMMON, "media_naming": {"folder": None, "movie": {"rename": None, "standard": None}}},
}

#: Keys that are right elsewhere or were right once, and what to do instead.
_HINTS = {
    "base_url": "nothing: it follows from the service",
    "api_key": "nothing: it is the service's own",
    "template": "config, a file of your own: version 8 has no templates to include",
    "replace_existing_custom_formats": "nothing: formats of the same name are adopted",
}


def guide_problems(variable: str, kind: str, guide: Any) -> list[Problem]:
    """Return what is wrong with a guide, each under the variable that holds it."""
    if guide is None:
        return []
    if kind not in FORMS:
        expected = "no guide: Recyclarr knows Sonarr and Radarr"
        return [Problem(variable, f"is for an instance of {kind}", expected)] if guide else []
    return list(_problems(variable, guide, FORMS[kind]))


def _problems(variable: str, value: Any, form: Form) -> Iterable[Problem]:
    if value is None:
        return
    if isinstance(form, dict):
        if not isinstance(value, Mapping):
            yield Problem(variable, f"is a {type(value).__name__}", "a map of " + ", ".join(form))
            return
        for key, inner in value.items():
            if key in form:
                yield from _problems(f"{variable}.{key}", inner, form[key])
            else:
                yield Problem(f"{variable}.{key}", "is not known", _HINTS.get(str(key)) or "one of " + ", ".join(form))
    elif isinstance(form, list):
        if isinstance(value, (str, Mapping)) or not hasattr(value, "__iter__"):
            yield Problem(variable, f"is a {type(value).__name__}", "a list")
            return
        for index, entry in enumerate(value):
            yield from _problems(f"{variable}[{index}]", entry, form[0])
    elif isinstance(form, tuple) and value not in form:
        yield Problem(variable, f"is {value!r}", "one of " + ", ".join(form))
    elif isinstance(value, (list, Mapping)):
        yield Problem(variable, f"is a {type(value).__name__}", "one value")

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which keys a configuration may have, and of what type each value is. What is not named here is refused.

A form is a Python type; a set of allowed texts; a list with the form of its entries; a dictionary of keys and their
forms, where a key that ends in "!" has to be there; or a tuple of alternatives. Null stands for anything left out.
"""

from __future__ import annotations

from typing import Any

from .problems import ConfigError

_SIZE = (float, {"unlimited"})
_REFERENCE = {"trash_id": str, "name": str}
_QUALITY_DEFINITION = {
    "type!": str,
    "preferred_ratio": float,
    "qualities": [{"name!": str, "min": _SIZE, "max": _SIZE, "preferred": _SIZE}],
}
_QUALITY_PROFILES = [
    {
        "trash_id": str,
        "name": str,
        "reset_unmatched_scores": {"enabled!": bool, "except": [str], "except_patterns": [str]},
        "score_set": str,
        "upgrade": {"allowed!": bool, "until_quality": str, "until_score": float},
        "min_format_score": float,
        "min_upgrade_format_score": float,
        "quality_sort": {"bottom", "top"},
        "qualities": [{"name!": str, "enabled": bool, "qualities": [str]}],
    }
]
_CUSTOM_FORMATS = [{"trash_ids!": [str], "score": int, "assign_scores_to": [{**_REFERENCE, "score": int}]}]
_GROUPS = {
    "skip": [str],
    "add": [
        {"trash_id!": str, "assign_scores_to": [_REFERENCE], "select_all": bool, "select": [str], "exclude": [str]}
    ],
}
_MANAGEMENT = {"propers_and_repacks": {"prefer_and_upgrade", "do_not_upgrade", "do_not_prefer"}}
_NAMING = {
    "sonarr": {
        "season": str,
        "series": str,
        "episodes": {"rename": bool, "standard": str, "daily": str, "anime": str},
    },
    "radarr": {"folder": str, "movie": {"rename": bool, "standard": str}},
}
#: What was there in version 7, and what to do about it.
_GONE = {
    "replace_existing_custom_formats": "has been removed in v8; formats of the same name are adopted",
    "repositories": "has been removed in v8; see resource_providers",
}


def instance_form(kind: str) -> dict[str, Any]:
    """Return what an instance of this kind may have."""
    return {
        "base_url": str,
        "api_key": str,
        "quality_definition": _QUALITY_DEFINITION,
        "quality_profiles": _QUALITY_PROFILES,
        "delete_old_custom_formats": bool,
        "custom_formats": _CUSTOM_FORMATS,
        "custom_format_groups": _GROUPS,
        "include": [({"config!": str}, {"template!": str})],
        "media_naming": _NAMING[kind],
        "media_management": _MANAGEMENT,
    }


SETTINGS = {
    "git_path": str,
    "enable_ssl_certificate_validation": bool,
    "log_janitor": {"max_files": int},
    "notifications": {
        "apprise": {"mode!": {"stateless", "stateful"}, "base_url!": str, "key": str, "tags": str, "urls": [str]},
        "verbosity": {"minimal", "normal", "detailed", "verbose"},
    },
    "resource_providers": [dict],
}


def check(value: Any, form: Any, place: str) -> None:
    """Raise where the value has not the form."""
    if value is None:
        return
    if isinstance(form, tuple):
        _alternatives(value, form, place)
    elif isinstance(form, set):
        if value not in form:
            raise ConfigError(f"{place}: {value!r} is not one of {', '.join(sorted(form))}")
    elif isinstance(form, list):
        if not isinstance(value, list):
            raise ConfigError(f"{place}: expected a list")
        for index, entry in enumerate(value):
            if entry is None:
                raise ConfigError(f"{place}[{index}]: is empty")
            check(entry, form[0], f"{place}[{index}]")
    elif isinstance(form, dict):
        _keys(value, form, place)
    elif not _is(value, form):
        raise ConfigError(f"{place}: {type(value).__name__} where {form.__name__} is due")


def _is(value: Any, wanted: type) -> bool:
    if wanted is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    # YAML's numbers and booleans are text to Recyclarr where it wants text.
    if wanted is str:
        return not isinstance(value, (dict, list))
    return isinstance(value, wanted) and not (wanted is int and isinstance(value, bool))


def _alternatives(value: Any, forms: tuple[Any, ...], place: str) -> None:
    errors = []
    for form in forms:
        try:
            return check(value, form, place)
        except ConfigError as error:
            errors.append(str(error))
    raise ConfigError(" / ".join(errors))


def _keys(value: Any, form: dict[str, Any], place: str) -> None:
    if not isinstance(value, dict):
        raise ConfigError(f"{place}: expected a map of keys")
    forms = {key.rstrip("!"): inner for key, inner in form.items()}
    for key in value:
        if key not in forms:
            renamed = "has been renamed to assign_scores_to in v8" if "trash_ids" in forms else None
            gone = _GONE.get(str(key)) or (renamed if key == "quality_profiles" else None)
            raise ConfigError(f"{place}: Property '{key}' {gone or 'not found'}")
    for key in form:
        if key.endswith("!") and value.get(key[:-1]) in (None, ""):
            raise ConfigError(f"{place}: '{key[:-1]}' is required")
    for key, entry in value.items():
        check(entry, forms[key], f"{place}.{key}")

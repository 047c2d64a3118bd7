# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that nobody reads: variables and keys that have another name now, that are gone, or that are misspelt.

Ansible says nothing of a variable that no role knows, and its default would hold instead. So a run refuses it, and
tells the name that is meant.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem


@dataclass(frozen=True)
class Outdated:
    """What became of a name. now: what it is called instead; or, where there is no such thing any more, instead: what
    serves its purpose."""

    now: str = ""
    instead: str = ""


#: By its place: a variable, or a key in one, where * is any entry of a list or a dictionary. Whoever renames or removes
#: a variable or a key adds it here, in the same change.
OUTDATED: dict[str, Outdated] = {
    # As these are called in most Compose files.
    "media_uid": Outdated(now="media_puid"),
    "media_gid": Outdated(now="media_pgid"),
    "media_tz": Outdated(now="media_timezone"),
    "arr_instances.*.type": Outdated(now="kind"),
    "media_extra_services.*.x-media.network": Outdated(now="egress"),
    "media_extra_services.*.x-media.depends_on": Outdated(now="needs"),
    "media_extra_services.*.x-media.port": Outdated(instead="web: {port: ...} for its page, listens: [...] for others"),
}

#: Keys of a service are told by the service's name, as all that is wrong with a declaration is.
_SERVICES = "media_extra_services."
#: How much of a name, without its role's, two have to have in common for one to be taken for the other.
CLOSE = 0.75
#: Of these nobody has written anything: they hold what others have.
_AMASSED = ("hostvars", "vars", "groups")


def problems(variables: Mapping[str, Any], values: Mapping[str, Any], known: Collection[str]) -> list[Problem]:
    """Return a problem for each name that is not read.

    variables: all of the host, not yet worked out. values: those of the roles, worked out.
    known: the names of the roles' variables.
    """
    facts = variables.get("ansible_facts") or {}
    names = {name for name in variables if name not in facts and name not in known}
    return [*_renamed(names, values), *_misspelt(names - set(OUTDATED), known, variables)]


def _renamed(names: Collection[str], values: Mapping[str, Any]) -> list[Problem]:
    found = []
    for path, outdated in OUTDATED.items():
        variable, *keys = path.split(".")
        if keys:
            places = list(_places(values.get(variable), keys, variable))
        else:
            places = [variable] if variable in names else []
        for place in places:
            reason = f"is called {outdated.now}" if outdated.now else "is no more"
            found.append(Problem(place.removeprefix(_SERVICES), reason, outdated.instead or f"{outdated.now} instead"))
    return found


def _places(value: Any, keys: list[str], place: str) -> Iterator[str]:
    """Give each place below a value that the keys lead to."""
    if not keys:
        yield place
        return
    key, *rest = keys
    if key == "*" and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, rest, f"{place}[{index}]")
    elif isinstance(value, Mapping):
        for name in value if key == "*" else [key] if key in value else []:
            yield from _places(value[name], rest, f"{place}.{name}")


def _misspelt(names: Collection[str], known: Collection[str], variables: Mapping[str, Any]) -> list[Problem]:
    """Return a problem for each name that is nearly one of a role's, and that no other variable speaks of."""
    roles: dict[str, list[str]] = {}
    for name in known:
        role, _underscore, rest = name.partition("_")
        roles.setdefault(role, []).append(rest)
    found = []
    for name in sorted(names):
        role, _underscore, rest = name.partition("_")
        near = difflib.get_close_matches(rest, roles.get(role, ()), n=1, cutoff=CLOSE)
        if near and not _is_spoken_of(name, variables):
            expected = f"did you mean {role}_{near[0]}? A variable of your own has another beginning than {role}_"
            found.append(Problem(name, "is a variable that nobody reads", expected))
    return found


def _is_spoken_of(name: str, variables: Mapping[str, Any]) -> bool:
    """Tell whether another variable is made of this one, which then is a person's own part of it."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    return any(
        other != name
        and not other.startswith("ansible_")
        and other not in _AMASSED
        and isinstance(value, (str, list, dict))
        and word.search(str(value))
        for other, value in variables.items()
    )

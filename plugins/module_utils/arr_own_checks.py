# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of what a person adds to an instance in the words of the application's own API: settings, resources, prune."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.servarr_kinds import SECRET_SETTINGS
from ansible_collections.homelab.media.plugins.module_utils.servarr_values import is_secret

#: Where the application listens. The role counts on these, and its environment has some of them.
_PLACE = ("port", "urlBase", "bindAddress", "enableSsl", "sslPort")
_IN_FILE = "the path of a file on the host that holds it, in secret_fields"


def own_problems(place: str, instance: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with the parts of an instance that go to its API as they are. Repeats no secret."""
    found = []
    for key in ("settings", "resources", "prune", "environment"):
        value = instance.get(key)
        if value is not None and not isinstance(value, Mapping):
            found.append(Problem(f"{place}.{key}", f"is a {type(value).__name__}", "a dictionary"))
    if found:
        return found
    for group, values in (instance.get("settings") or {}).items():
        found += _settings(f"{place}.settings.{group}", group, values)
    for resource, items in (instance.get("resources") or {}).items():
        found += _resource(f"{place}.resources.{resource}", items)
    for resource, names in (instance.get("prune") or {}).items():
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            found.append(Problem(f"{place}.prune.{resource}", f"is {names!r}", "a list of the names that may stay"))
    return found


def _settings(place: str, group: str, values: Any) -> Iterator[Problem]:
    if not isinstance(values, Mapping):
        yield Problem(place, f"is a {type(values).__name__}", "names and values of that settings page")
        return
    for name in values:
        if name in SECRET_SETTINGS:
            yield Problem(f"{place}.{name}", "is a secret", "arr_password for the sign-in, and no other secret here")
        elif group == "host" and name in _PLACE:
            yield Problem(f"{place}.{name}", "is where the role reaches the application", "nothing: it is the role's")


def _resource(place: str, items: Any) -> Iterable[Problem]:
    if not isinstance(items, list):
        return [Problem(place, f"is a {type(items).__name__}", "a list of entries")]
    return [problem for index, item in enumerate(items) for problem in _item(f"{place}[{index}]", item)]


def _item(place: str, item: Any) -> Iterator[Problem]:
    if not isinstance(item, Mapping):
        if not isinstance(item, (str, int)):
            yield Problem(place, f"is a {type(item).__name__}", "names and values, or the text of a tag")
        return
    for key in ("fields", "secret_fields"):
        if not isinstance(item.get(key) or {}, Mapping):
            yield Problem(f"{place}.{key}", f"is a {type(item[key]).__name__}", "names and values")
            return
    yield from exposed(place, item.get("fields") or {})


def exposed(place: str, fields: Mapping[str, Any]) -> Iterator[Problem]:
    """Return a problem for each secret among fields, which diffs and a talkative run would show."""
    for name, value in fields.items():
        if is_secret(str(name), value):
            yield Problem(f"{place}.fields.{name}", "is a secret", _IN_FILE)

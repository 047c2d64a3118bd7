# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person's own services have beside themselves, secrets and networks, and what can be wrong with them.

The services are checked as everybody's are; these two have names that the collection's own have to be safe from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import secret_tokens
from ansible_collections.homelab.media.plugins.module_utils.declaration import NAME
from ansible_collections.homelab.media.plugins.module_utils.front_door import network_of as page_network_of
from ansible_collections.homelab.media.plugins.module_utils.metrics import network_of as metrics_network_of
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.secret_store import KINDS
from ansible_collections.homelab.media.plugins.module_utils.wiring import uplink_of, visits_of

#: The role that declares them.
ROLE = "stack"
SECRETS, NETWORKS, FILES = "media_extra_secrets", "media_extra_networks", "media_extra_files"
SECRET_KEYS = ("kind", "length", "variable")
#: Networks that the stack has anyway, and the beginnings of those that follow from what services say of each other.
SHARED = ("media", "auth", "monitoring")
DERIVED = tuple(derive("") for derive in (page_network_of, metrics_network_of, visits_of, uplink_of))


def problems(settings: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with the two variables, as far as they can be judged by themselves."""
    return [*_secrets(settings[SECRETS]), *_networks(settings[NETWORKS])]


def clashes(declarations: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    """Return a problem for each secret and network that another role has under the same name."""
    own = declarations.get(ROLE) or {}
    return [
        Problem(f"{variable}.{name}", f"is a name that {role} uses for its own", f"another, such as my-{name}")
        for variable, key in ((SECRETS, "secrets"), (NETWORKS, "networks"))
        for role, declaration in declarations.items()
        for name in own.get(key) or ()
        if role != ROLE and name in (declaration.get(key) or ())
    ]


def undeclared(declarations: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    """Return a problem for each file of a person's own that has a secret which no role declares."""
    known = {name for declaration in declarations.values() for name in declaration.get("secrets") or ()}
    return [
        Problem(f"{FILES}: {file.get('path')}", f"has the secret {name}, which nobody declares", f"{name} in {SECRETS}")
        for file in (declarations.get(ROLE) or {}).get("files") or ()
        for name in sorted(secret_tokens.names(str(file.get("content") or "")) - known)
    ]


def _secrets(given: Any) -> list[Problem]:
    if not isinstance(given, Mapping):
        return [Problem(SECRETS, f"is a {type(given).__name__}", "secrets by their names: {NAME: {kind: alnum}}")]
    found = []
    for name, secret in given.items():
        place = f"{SECRETS}.{name}"
        if not NAME.match(str(name)):
            found.append(Problem(place, "is no name", "lower-case letters, digits, - and _"))
        if not isinstance(secret, Mapping):
            found.append(Problem(place, f"is a {type(secret).__name__}", "a dictionary, such as {kind: alnum}"))
            continue
        # The value of a key is not told: somebody may have put the secret itself there.
        found += [
            Problem(f"{place}.{key}", "is not known", "one of " + ", ".join(SECRET_KEYS))
            for key in secret
            if key not in SECRET_KEYS
        ]
        kind = secret.get("kind")
        if kind not in KINDS:
            found.append(Problem(f"{place}.kind", "is none of the kinds", "one of " + ", ".join(KINDS)))
        elif (kind == "given") != ("variable" in secret):
            expected = "with kind given, the name of the variable that has it; with any other, nothing"
            found.append(Problem(f"{place}.variable", "is missing" if kind == "given" else "is not used", expected))
        found += _length(place, secret)
    return found


def _length(place: str, secret: Mapping[str, Any]) -> list[Problem]:
    kind = KINDS.get(str(secret.get("kind")))
    length = secret.get("length")
    if length is None or kind is None or (str(length).isdigit() and int(length) >= kind.least):
        return []
    return [Problem(f"{place}.length", "is too short or no number", f"a whole number from {kind.least} up")]


def _networks(given: Any) -> list[Problem]:
    if not isinstance(given, list):
        return [Problem(NETWORKS, f"is a {type(given).__name__}", "a list of names, such as [miniflux]")]
    found = []
    for name in given:
        if not isinstance(name, str) or not NAME.match(name):
            found.append(Problem(NETWORKS, f"names {name!r}", "names of lower-case letters, digits, - and _"))
        elif name in SHARED or name.startswith(DERIVED):
            reason = f"names {name}, which the collection makes itself"
            found.append(Problem(NETWORKS, reason, "a name of your own, such as your service's"))
    return found

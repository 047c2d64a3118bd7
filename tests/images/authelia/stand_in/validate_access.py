# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of the access control section."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from .config import Config, as_list, as_texts
from .words import one_of, words

POLICIES = ("deny", "two_factor", "one_factor", "bypass")
METHODS = (
    *("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "OPTIONS"),
    *("COPY", "LOCK", "MKCOL", "MOVE", "PROPFIND", "PROPPATCH", "UNLOCK"),
)
OPERATORS = ("present", "absent", "equal", "not equal", "pattern", "not pattern")
_SUBJECTS = ("user:", "group:", "oauth2:client:")
_IDENTITY = ("User", "Group")


def access_control(config: Config) -> None:
    errors = config.errors
    policy = config.get("access_control.default_policy")
    if policy not in POLICIES:
        errors.append(
            f"access_control: option 'default_policy' must be one of {one_of(POLICIES)} but it's configured as "
            f"'{policy}'"
        )
    groups = network_groups(config)
    for name, networks in groups.items():
        errors += [
            f"access_control: networks: network group '{name}' is invalid: the network '{each}' is not a valid IP or "
            "CIDR notation"
            for each in networks
            if not _is_network(each)
        ]
    rules = config.get("access_control.rules") or []
    if not rules:
        if policy not in ("one_factor", "two_factor"):
            errors.append(
                f"access_control: 'default_policy' option '{policy}' is invalid: when no rules are specified it must "
                "be 'two_factor' or 'one_factor'"
            )
        else:
            config.warnings.append(
                f"access_control: no rules have been specified so the 'default_policy' of '{policy}' is going to be "
                "applied to all requests"
            )
    for number, rule in enumerate(rules, 1):
        _rule(rule, f"access_control: rule {_describe(number, rule)}:", groups, config)


def network_groups(config: Config) -> dict[str, list[str]]:
    """Return the named groups of networks, from either place where they may be."""
    found = {
        str(each.get("name")): as_texts(each.get("networks")) for each in config.get("access_control.networks") or []
    }
    for name, networks in (config.get("definitions.network") or {}).items():
        found[str(name)] = as_texts(networks)
    return found


def subjects(rule: dict[str, Any]) -> list[list[str]]:
    """Return a rule's subjects: any of the outer list, and of it all of the inner. A flat list is of alternatives."""
    return [as_texts(each) for each in as_list(rule["subject"])] if rule.get("subject") else []


def queries(rule: dict[str, Any]) -> list[list[dict[str, Any]]]:
    return [as_list(each) for each in as_list(rule["query"])] if rule.get("query") else []


def _describe(number: int, rule: dict[str, Any]) -> str:
    domains = as_texts(rule.get("domain"))
    return f"#{number} (domain '{','.join(domains)}')" if domains else f"#{number}"


def _rule(rule: dict[str, Any], start: str, groups: dict[str, list[str]], config: Config) -> None:
    errors = config.errors
    if not rule.get("domain") and not rule.get("domain_regex"):
        errors.append(f"{start} option 'domain' or 'domain_regex' must be present but are both absent")
    for domain in as_texts(rule.get("domain")):
        if domain.startswith("*") and not domain.startswith("*."):
            config.warnings.append(
                f"{start} domain '{domain}' is ineffective and should probably be '*.{domain[1:]}' instead"
            )
    policy = rule.get("policy")
    if not policy:
        errors.append(f"{start} option 'policy' must be present but it's absent")
    elif policy not in POLICIES:
        errors.append(f"{start} option 'policy' must be one of {one_of(POLICIES)} but it's configured as '{policy}'")
    errors += [
        f"{start} the network '{each}' is not a valid Group Name, IP, or CIDR notation"
        for each in as_texts(rule.get("networks"))
        if each not in groups and not _is_network(each)
    ]
    errors += [
        f"{start} 'subject' option '{each}' is invalid: must start with {one_of(_SUBJECTS)}"
        for together in subjects(rule)
        for each in together
        if not each.startswith(_SUBJECTS)
    ]
    unknown = [method for method in as_texts(rule.get("methods")) if method not in METHODS]
    if unknown:
        errors.append(
            f"{start} option 'methods' must only have the values {words(METHODS)} but the values {words(unknown)} are "
            "present"
        )
    for name in ("domain_regex", "resources"):
        errors += [
            f"error occurred during unmarshalling configuration: could not parse '{each}' as regexp: {wrong}"
            for each in as_texts(rule.get(name))
            if (wrong := _wrong_pattern(each))
        ]
    errors += [f"{start} {wrong}" for together in queries(rule) for each in together for wrong in _query(each)]
    if policy == "bypass":
        _bypass(rule, start, errors)


def _bypass(rule: dict[str, Any], start: str, errors: list[str]) -> None:
    if rule.get("subject"):
        errors.append(
            f"{start} 'policy' option 'bypass' is not supported when 'subject' option is configured: see "
            "https://www.authelia.com/c/acl#bypass"
        )
    if any(f"?P<{name}>" in each for each in as_texts(rule.get("domain_regex")) for name in _IDENTITY):
        errors.append(
            f"{start} 'policy' option 'bypass' is not supported when 'domain_regex' option contains the user or group "
            "named matches. For more information see: https://www.authelia.com/c/acl-match-concept-2"
        )


def _query(query: Any) -> list[str]:
    if not isinstance(query, dict) or not query.get("key"):
        return ["query: option 'key' is required but it's absent"]
    operator = query.get("operator") or ("equal" if query.get("value") is not None else "present")
    if operator not in OPERATORS:
        return [f"query: option 'operator' must be one of {one_of(OPERATORS)} but it's configured as '{operator}'"]
    if operator in ("present", "absent") and query.get("value") is not None:
        return [
            f"query: option 'value' must not be present when the option 'operator' is '{operator}' but it's present"
        ]
    if operator not in ("present", "absent") and query.get("value") is None:
        return [f"query: option 'value' must be present when the option 'operator' is '{operator}' but it's absent"]
    return []


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _wrong_pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        return str(error)
    return ""

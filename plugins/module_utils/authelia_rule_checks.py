# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with authelia_rules, a person's own rules in Authelia's words."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

KEYS = ("domain", "domain_regex", "policy", "subject", "networks", "resources", "methods", "query")
#: What may be let past the sign-on is said in media_access and media_exempt, where it is checked.
POLICIES = ("one_factor", "two_factor", "deny")
METHODS = (
    *("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"),
    *("PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK"),
)

_DOMAIN = re.compile(r"(\*\.|\{user\}\.|\{group\}\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_SUBJECT = re.compile(r"(user|group):\S+")
#: What Python's regular expressions know and those of Go do not.
_NOT_IN_GO = re.compile(r"\(\?(=|!|<=|<!|\()|\\[1-9]")


def problems(rules: Any) -> list[Problem]:
    """Return everything in the rules that Authelia would refuse, or that would open a page."""
    if not isinstance(rules, list):
        return [Problem("authelia_rules", f"is a {type(rules).__name__}", "a list of rules")]
    return [problem for index, rule in enumerate(rules) for problem in _rule(f"authelia_rules[{index}]", rule)]


def _rule(place: str, rule: Any) -> Iterable[Problem]:
    if not isinstance(rule, Mapping):
        yield Problem(place, f"is a {type(rule).__name__}", "a rule with domain and policy")
        return
    for key in rule:
        if key not in KEYS:
            yield Problem(f"{place}.{key}", "is not known", "one of " + ", ".join(KEYS))
    if ("domain" in rule) == ("domain_regex" in rule):
        yield Problem(place, "has not exactly one of domain and domain_regex", "domain: sonarr.example.org")
    if rule.get("policy") == "bypass":
        expected = "media_access for a page, media_exempt for a path that the application guards by a key"
        yield Problem(f"{place}.policy", "is bypass, which would open a page past every check", expected)
    elif rule.get("policy") not in POLICIES:
        yield Problem(f"{place}.policy", f"is {rule.get('policy')!r}", "one of " + ", ".join(POLICIES))
    yield from _each(place, rule, "domain", _DOMAIN.fullmatch, "names such as tv.example.org or *.example.org")
    yield from _each(place, rule, "domain_regex", _is_pattern, "regular expressions of Go")
    yield from _each(place, rule, "resources", _is_pattern, "regular expressions of Go, such as ^/admin([/?].*)?$")
    yield from _each(place, rule, "networks", _is_network, "networks such as 192.168.1.0/24")
    yield from _each(place, rule, "methods", METHODS.__contains__, "some of " + ", ".join(METHODS))
    yield from _subject(place, rule)
    if not isinstance(rule.get("query", []), list):
        yield Problem(f"{place}.query", f"is {rule['query']!r}", "a list of lists of conditions")


def _each(place: str, rule: Mapping[str, Any], key: str, right: Any, expected: str) -> Iterable[Problem]:
    if key not in rule:
        return
    values = rule[key] if isinstance(rule[key], list) else [rule[key]]
    if not values or not all(isinstance(value, str) and right(value) for value in values):
        yield Problem(f"{place}.{key}", f"is {rule[key]!r}", expected)


def _subject(place: str, rule: Mapping[str, Any]) -> Iterable[Problem]:
    if "subject" not in rule:
        return
    said = rule["subject"]
    outer = said if isinstance(said, list) else [said]
    inner = [item for entry in outer for item in (entry if isinstance(entry, list) else [entry])]
    if not inner or not all(isinstance(item, str) and _SUBJECT.fullmatch(item) for item in inner):
        expected = "user:NAME and group:NAME; one list in the other is all of them"
        yield Problem(f"{place}.subject", f"is {said!r}", expected)


def _is_pattern(value: str) -> bool:
    try:
        re.compile(value)
    except re.error:
        return False
    return not _NOT_IN_GO.search(value)


def _is_network(value: str) -> bool:
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return True

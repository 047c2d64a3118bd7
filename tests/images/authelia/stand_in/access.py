# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may see what: the rules in their order, the first that matches decides."""

from __future__ import annotations

import ipaddress
import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from .config import Config, as_texts
from .validate_access import network_groups, queries, subjects


@dataclass(frozen=True)
class Subject:
    """Who asks."""

    name: str = ""
    groups: tuple[str, ...] = ()
    address: str = ""


@dataclass(frozen=True)
class Target:
    """What is asked for."""

    url: str
    method: str = ""

    @property
    def host(self) -> str:
        return (urlsplit(self.url).hostname or "").lower()

    @property
    def path(self) -> str:
        """The path as the rules see it: decoded, without detours, with the query."""
        parts = urlsplit(self.url)
        path = unquote(parts.path) or "/"
        clean = posixpath.normpath(path).replace("//", "/")
        if path.endswith("/") and clean != "/":
            clean += "/"
        return f"{clean}?{parts.query}" if parts.query else clean


@dataclass(frozen=True)
class Match:
    """How a rule fits, criterion by criterion. "subject" is `may` for somebody who has not signed in."""

    domain: bool
    resource: bool
    query: bool
    method: bool
    network: bool
    subject: bool
    subject_certain: bool

    @property
    def all(self) -> bool:
        return self.domain and self.resource and self.query and self.method and self.network and self.subject


@dataclass(frozen=True)
class Decision:
    policy: str
    rule: int = 0  # from 1; 0 is the default policy
    has_subject: bool = False


@dataclass
class Rule:
    policy: str
    domains: list[str]
    domain_patterns: list[re.Pattern[str]]
    resources: list[re.Pattern[str]]
    methods: list[str]
    networks: list[Any]
    subjects: list[list[str]]
    queries: list[list[dict[str, Any]]] = field(default_factory=list)

    def match(self, who: Subject, what: Target) -> Match:
        named = any(_identity(pattern) for pattern in self.domain_patterns) or any(
            domain.startswith(("{user}.", "{group}.")) for domain in self.domains
        )
        certain = self._subject(who)
        return Match(
            domain=self._domain(who, what.host),
            resource=not self.resources or any(pattern.search(what.path) for pattern in self.resources),
            query=not self.queries or any(all(_query(each, what) for each in group) for group in self.queries),
            method=not self.methods or what.method in self.methods,
            network=not self.networks or _within(who.address, self.networks),
            # Somebody unknown might be the one: signing in will tell.
            subject=certain or not who.name,
            subject_certain=certain and not (named and not who.name),
        )

    def _domain(self, who: Subject, host: str) -> bool:
        return any(_domain(domain, who, host) for domain in self.domains) or any(
            _pattern(pattern, who, host) for pattern in self.domain_patterns
        )

    def _subject(self, who: Subject) -> bool:
        if not self.subjects:
            return True
        mine = {f"user:{who.name}", *(f"group:{group}" for group in who.groups)} if who.name else set()
        return any(all(each in mine for each in together) for together in self.subjects)


class Rules:
    """All rules, and the policy when none fits."""

    def __init__(self, config: Config) -> None:
        self.default = str(config.get("access_control.default_policy"))
        groups = network_groups(config)
        self.rules = [_read(rule, groups) for rule in config.get("access_control.rules") or []]

    def decide(self, who: Subject, what: Target) -> Decision:
        for number, rule in enumerate(self.rules, 1):
            if rule.match(who, what).all:
                return Decision(rule.policy, number, bool(rule.subjects))
        return Decision(self.default)

    @property
    def second_factor(self) -> bool:
        return "two_factor" in (self.default, *(rule.policy for rule in self.rules))


def _read(rule: dict[str, Any], groups: dict[str, list[str]]) -> Rule:
    names = as_texts(rule.get("networks"))
    return Rule(
        policy=str(rule["policy"]),
        domains=[domain.lower() for domain in as_texts(rule.get("domain"))],
        domain_patterns=[re.compile(each) for each in as_texts(rule.get("domain_regex"))],
        resources=[re.compile(each) for each in as_texts(rule.get("resources"))],
        methods=as_texts(rule.get("methods")),
        networks=[ipaddress.ip_network(each, strict=False) for name in names for each in groups.get(name, [name])],
        subjects=subjects(rule),
        queries=queries(rule),
    )


def _domain(domain: str, who: Subject, host: str) -> bool:
    if domain.startswith("*."):
        return host.endswith(domain[1:])
    if domain.startswith("{user}"):
        return not who.name or host == who.name.lower() + domain.removeprefix("{user}")
    if domain.startswith("{group}"):
        rest = domain.removeprefix("{group}")
        return not who.name or any(host == group.lower() + rest for group in who.groups)
    return host == domain


def _identity(pattern: re.Pattern[str]) -> bool:
    return bool({"User", "Group"} & pattern.groupindex.keys())


def _pattern(pattern: re.Pattern[str], who: Subject, host: str) -> bool:
    found = pattern.search(host)
    if not found:
        return False
    named = found.groupdict()
    if not who.name:
        return True
    if "User" in named and str(named["User"]).lower() != who.name.lower():
        return False
    return "Group" not in named or str(named["Group"]).lower() in {group.lower() for group in who.groups}


def _within(address: str, networks: Iterable[Any]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def _query(query: dict[str, Any], what: Target) -> bool:
    values = parse_qs(urlsplit(what.url).query, keep_blank_values=True)
    wanted = query.get("value")
    operator = query.get("operator") or ("equal" if wanted is not None else "present")
    key = str(query["key"])
    first = values.get(key, [""])[0]
    if operator in ("present", "absent"):
        return (key in values) == (operator == "present")
    if operator in ("equal", "not equal"):
        return (first == str(wanted)) == (operator == "equal")
    return bool(re.search(str(wanted), first)) == (operator == "pattern")

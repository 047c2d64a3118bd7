# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Authelia's rules, from what is published at the front door. The first one that matches a request decides.

The order: the portal, the person's own rules, the paths that an application guards itself, the pages that some groups
may see, and at last all other pages. What no rule knows falls to the default policy, which is never "bypass".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem

Page = Mapping[str, Any]
Rule = dict[str, Any]

#: What a page may ask for; "portal" is Authelia's own.
POLICIES = ("bypass", "one_factor", "two_factor", "deny")
SIGNED_IN = ("one_factor", "two_factor")


def rules(pages: Iterable[Page], portal: str, own: Iterable[Mapping[str, Any]]) -> list[Rule]:
    """Return all rules.

    portal: the name of Authelia's own page.
    own: rules of a person, in Authelia's words.
    """
    others = [page for page in pages if page["access"] != "portal"]
    wrong = [problem for page in others for problem in _problems(page)]
    if wrong:
        raise MediaError(wrong)
    return [
        {"domain": [portal], "policy": "bypass"},
        *(dict(rule) for rule in own),
        *(rule for page in others for rule in _exempt(page)),
        *(rule for page in others if page["groups"] for rule in _for_groups(page)),
        *({"domain": list(page["names"]), "policy": page["access"]} for page in others if not page["groups"]),
    ]


def _problems(page: Page) -> Iterable[Problem]:
    place = f"media_access.{page['service']}"
    if page["access"] not in POLICIES:
        yield Problem(place, f"is {page['access']!r}", "one of " + ", ".join(POLICIES))
    if page["access"] == "bypass" and page["groups"]:
        expected = "one_factor or two_factor, or no groups"
        yield Problem(place, "is bypass for some groups, and nobody's groups are known without a sign-on", expected)


def _exempt(page: Page) -> Iterable[Rule]:
    """One rule for each path. Authelia cleans the path of a request before it compares, so that no ".." leads out.

    A path that ends with a slash is what lies below it: some applications show a page to who asks without the slash.
    """
    if page["access"] not in SIGNED_IN:
        return
    for prefix in page["exempt"]:
        pattern = f"^{re.escape(prefix)}" + ("" if prefix.endswith("/") else "([/?].*)?$")
        yield {"domain": list(page["names"]), "resources": [pattern], "policy": "bypass"}


def _for_groups(page: Page) -> Iterable[Rule]:
    """Members of any of the groups by the page's policy, and nobody else. A list inside the list is "and"."""
    if page["access"] in SIGNED_IN:
        subject = [[f"group:{group}"] for group in page["groups"]]
        yield {"domain": list(page["names"]), "subject": subject, "policy": page["access"]}
    yield {"domain": list(page["names"]), "policy": "deny"}

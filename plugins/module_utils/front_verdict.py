# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a stranger must be answered at the front door, and what an answer means. Pure functions."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.front_probe import (
    CLOSED,
    GARBLED,
    SILENT,
    UNREACHABLE,
    Question,
    Reply,
)
from ansible_collections.homelab.media.plugins.module_utils.front_questions import (
    NO_KEY,
    PORTAL,
    WAY_OUT,
    questions,
    without_key,
)
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

PROTECTED = "protected"  # leads to the sign-in page, or is refused
OPEN = "open"  # anybody may see it, as declared
SHUT = "closed"  # the proxy's own error page: nobody gets in
NOTHING = "nothing"  # the connection ends without an answer
SILENCE = "silent"  # no connection, or nothing came in time
UNPROTECTED = "UNPROTECTED"

#: The worst first: of several questions about a name, the worst answer is its verdict.
_BY_HARM = (UNPROTECTED, SILENCE, SHUT, OPEN, PORTAL, PROTECTED, NOTHING)

_REDIRECTS = (301, 302, 303, 307, 308)
_OWN_ERROR = re.compile(r"<center>(?:nginx|openresty)[^<]*</center>")


@dataclass(frozen=True)
class Verdict:
    """What became of one name: the verdict, and what led to it."""

    service: str
    name: str
    access: str
    verdict: str
    detail: str


@dataclass(frozen=True)
class Finding:
    """What one reply means."""

    verdict: str
    detail: str


def judge(page: Mapping[str, Any], kind: str, portal_url: str, replies: Mapping[Question, Reply]) -> list[Verdict]:
    """Return the verdict about each name of a page."""
    found = []
    for name in page["names"]:
        findings = [
            _finding(page, portal_url, question, replies[question])
            for question in questions(page, kind)
            if question.name == name
        ]
        findings += _keys_in_force(page, kind, name, portal_url, replies)
        worst = min(findings, key=lambda finding: _BY_HARM.index(finding.verdict))
        found.append(Verdict(str(page["service"]), name, page["access"], worst.verdict, worst.detail))
    return found


def _finding(page: Mapping[str, Any], portal_url: str, question: Question, reply: Reply) -> Finding:
    met = meaning(reply, question, portal_url)
    detail = f"{described(question)} {told(reply)}"
    if met in (PROTECTED, NOTHING, SHUT, SILENCE):
        return Finding(met, detail)
    if met == "to https":
        return Finding(_for_all(page), detail)
    if not question.tls and page["access"] != "deny":
        # Even what everybody may see is not to be changed on its way.
        return Finding(UNPROTECTED, f"{detail}, in clear")
    if page["access"] == "bypass":
        return Finding(OPEN, detail)
    if page["access"] == PORTAL:
        return _portal(question, reply, detail)
    if question.about in (NO_KEY, WAY_OUT) and reply.status in (400, 404, 405):
        # The application was asked, and showed nothing. Whether it asks for its key, _keys_in_force tells.
        return Finding(PROTECTED, detail)
    return Finding(UNPROTECTED, detail)


def _for_all(page: Mapping[str, Any]) -> str:
    return {"bypass": OPEN, PORTAL: PORTAL}.get(page["access"], PROTECTED)


def _portal(question: Question, reply: Reply, detail: str) -> Finding:
    if question.path == "/api/state":
        signed_in = '"authentication_level":0' not in reply.body.replace(" ", "")
        return Finding(UNPROTECTED if signed_in else PORTAL, f"{detail}{': somebody is signed in' * signed_in}")
    if question.method == "GET" and question.path == "/" and not question.headers:
        page = reply.status == 200 and "html" in reply.headers.get("content-type", "")
        return Finding(PORTAL if page else SHUT, detail if page else f"{detail}, which is no sign-in page")
    return Finding(PORTAL, detail)


def _keys_in_force(
    page: Mapping[str, Any], kind: str, name: str, portal_url: str, replies: Mapping[Question, Reply]
) -> list[Finding]:
    """Below each exempt path, an application that answers has to refuse something for want of its key."""
    found = []
    for prefix in page.get("exempt") or ():
        asked = list(dict.fromkeys(without_key(name, prefix, kind)))
        met = [meaning(replies[question], question, portal_url) for question in asked]
        if "content" in met and not any(_wants_key(replies[question]) for question in asked):
            seen = ", ".join(f"{question.path} {told(replies[question])}" for question in asked)
            found.append(Finding(UNPROTECTED, f"{prefix} is exempt, and no key is asked for ({seen})"))
    return found


def _wants_key(reply: Reply) -> bool:
    # Not everybody has a status for it.
    return reply.status in (401, 403) or (reply.status == 400 and "apikey" in reply.body.lower())


def meaning(reply: Reply, question: Question, portal_url: str) -> str:
    """Return what a reply is: a verdict, "to https", or "content"."""
    if reply.lack:
        return {CLOSED: NOTHING, UNREACHABLE: SILENCE, SILENT: SILENCE, GARBLED: "content"}[reply.lack]
    if reply.status in (401, 403):
        return PROTECTED
    if reply.status in _REDIRECTS:
        to = urllib.parse.urlsplit(reply.headers.get("location", ""))
        if to.scheme != "https":
            return "content"
        if to.hostname == question.name:
            return "content" if question.tls else "to https"
        portal = urllib.parse.urlsplit(portal_url).hostname
        return PROTECTED if portal and to.hostname == portal else "content"
    if reply.status >= 500 and _OWN_ERROR.search(reply.body):
        return SHUT
    return "content"


def unknown_name(question: Question, reply: Reply) -> Verdict:
    """Judge what is answered to a name that nobody published."""
    met = meaning(reply, question, "")
    good = met == NOTHING
    return Verdict("", question.name, "", NOTHING if good else UNPROTECTED, f"{described(question)} {told(reply)}")


def described(question: Question) -> str:
    words = [question.method, ("https" if question.tls else "http") + "://" + question.name + question.path]
    return " ".join(filter(None, [*words, question.about]))


def told(reply: Reply) -> str:
    if reply.lack:
        return {CLOSED: "got no answer", UNREACHABLE: "met no server", SILENT: "got no answer in time"}.get(
            reply.lack, "got what no web server says"
        )
    to = reply.headers.get("location", "").partition("?")[0]
    return f"got {reply.status}" + (f" to {to}" if to else "")


def problems(verdicts: Iterable[Verdict], accept_closed: bool) -> list[Problem]:
    """Return what a person has to put right."""
    expected = {
        "bypass": "the page, by HTTPS alone",
        PORTAL: "the sign-in page, by HTTPS alone",
        "deny": "nothing, 401 or 403",
        "": "a connection that ends without an answer",
    }
    return [
        Problem(verdict.name, f"{_lead(verdict.verdict)}: {verdict.detail}", expected.get(verdict.access, _SIGN_IN))
        for verdict in verdicts
        if not well(verdict, accept_closed)
    ]


_SIGN_IN = "a redirect to the sign-in page, 401 or 403"


def well(verdict: Verdict, accept_closed: bool) -> bool:
    """Tell whether the verdict is the one that the page's access asks for."""
    fit: Sequence[str] = {
        "bypass": (OPEN, PROTECTED),
        PORTAL: (PORTAL,),
        "deny": (PROTECTED, NOTHING),
        "": (NOTHING,),
    }.get(verdict.access, (PROTECTED,))
    return verdict.verdict in fit or (accept_closed and verdict.verdict in (SHUT, SILENCE))


def _lead(verdict: str) -> str:
    return {SHUT: "is closed to everybody", SILENCE: "does not answer", NOTHING: "is not published"}.get(
        verdict, "is not protected" if verdict == UNPROTECTED else f"is {verdict}"
    )

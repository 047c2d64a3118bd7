# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX would refuse in a survey, or would never show as it was written."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import awx
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

_VARIABLE = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


def strangers(at: str, keys: Iterable[Any], known: Sequence[str]) -> Iterable[Problem]:
    """Return a problem for each key that means nothing there, with the nearest one that does."""
    for key in sorted({str(key) for key in keys} - set(known)):
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {near[0]}? Known: " if near else "one of "
        yield Problem(f"{at}.{key}", "is no key here", hint + ", ".join(known))


def survey_problems(at: str, questions: Any) -> list[Problem]:
    """Return what is wrong with the questions of a job template, in AWX's own words."""
    if not isinstance(questions, list) or any(not isinstance(question, Mapping) for question in questions):
        expected = "a list of questions, each with question_name, variable and type"
        return [Problem(at, f"is {questions!r}", expected)]
    found = [
        problem for position, question in enumerate(questions) for problem in _question(f"{at}[{position}]", question)
    ]
    variables = [question.get("variable") for question in questions]
    twice = sorted({str(name) for name in variables if variables.count(name) > 1})
    return [*found, *(Problem(at, f"asks for {name} twice", "one question for each variable") for name in twice)]


def _question(at: str, question: Mapping[str, Any]) -> Iterable[Problem]:
    yield from strangers(at, question, awx.QUESTION_KEYS)
    kind = question.get("type", "text")
    if not isinstance(question.get("question_name"), str) or not question["question_name"]:
        yield Problem(f"{at}.question_name", "is missing", "the question, as a person reads it")
    if not isinstance(question.get("variable"), str) or not _VARIABLE.match(question["variable"]):
        yield Problem(f"{at}.variable", f"is {question.get('variable', '')!r}", "the variable that the answer becomes")
    if not isinstance(question.get("required", False), bool):
        yield Problem(f"{at}.required", f"is {question['required']!r}", "true or false")
    for key in ("min", "max"):
        if key in question and (not isinstance(question[key], int) or isinstance(question[key], bool)):
            yield Problem(f"{at}.{key}", f"is {question[key]!r}", "a whole number")
    if kind not in awx.QUESTION_TYPES:
        yield Problem(f"{at}.type", f"is {kind!r}", "one of " + ", ".join(awx.QUESTION_TYPES))
        return
    if kind in awx.CHOICES and not _texts(question.get("choices")):
        yield Problem(f"{at}.choices", f"is {question.get('choices')!r}", "a list of words to choose from")
    yield from _default(at, kind, question)


def _default(at: str, kind: str, question: Mapping[str, Any]) -> Iterable[Problem]:
    default: Any = question.get("default", "")
    if default == "":
        return
    wanted = awx.QUESTION_TYPES[kind]
    if kind == "password":
        reason = "is given, and AWX would never show it as it was written: every run would write it again"
        yield Problem(f"{at}.default", reason, "none; the person who starts the job knows it")
    elif not isinstance(default, wanted) or isinstance(default, bool):
        yield Problem(f"{at}.default", f"is a {type(default).__name__}", f"a {wanted[0].__name__}, for {kind}")
    elif kind in awx.CHOICES and set(str(default).splitlines()) - set(question.get("choices") or ()):
        yield Problem(f"{at}.default", f"is {default!r}", "one of its choices")


def _texts(value: Any) -> bool:
    # An empty list is fine: the question is left out then.
    return isinstance(value, list) and all(isinstance(word, str) and word for word in value)

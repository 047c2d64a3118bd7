# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the variables of the role awx, all at once, before the controller is asked for anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import awx
from ansible_collections.homelab.media.plugins.module_utils.awx_survey_checks import strangers, survey_problems
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

Settings = Mapping[str, Any]

_URL = re.compile(r"^https?://[^\s/@]+(/\S*)?$")
_REPOSITORY = re.compile(r"^((https?|ssh|git|file)://\S+|[\w.-]+@[\w.-]+:\S+)$")
_IMAGE = re.compile(r"^[^\s:/]+(:\d+)?(/[^\s:/@]+)+(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$")
_DTSTART = re.compile(r"DTSTART(;[^:\s]+)?:\d{8}T\d{6}Z?")
_RULE = re.compile(r"RRULE:(\S*)")
_RRULE = "such as DTSTART:20250101T001700Z RRULE:FREQ=HOURLY;INTERVAL=1"


def problems(settings: Settings, templates: Settings, schedules: Settings) -> list[Problem]:
    """Return everything in the role's variables that cannot work."""
    return [
        *_controller(settings),
        *_names(settings),
        *_credentials(settings["awx_credentials"]),
        *_templates(templates, settings["awx_templates"]),
        *_schedules(settings, templates, schedules),
        *strangers("awx_notify", settings["awx_notify"], awx.NOTIFY),
    ]


def collection_problem(*, is_here: bool) -> list[Problem]:
    """Return a problem if the collection that speaks with the controller is not here."""
    if is_here:
        return []
    expected = "ansible-galaxy collection install awx.awx, or the PyPI package ansible, which brings it"
    return [Problem("awx.awx", "this collection is not here, and only it speaks with AWX", expected)]


def _controller(settings: Settings) -> Iterable[Problem]:
    url = settings["awx_url"]
    if not url:
        reason = "is empty, so that nobody knows which controller is meant"
        yield Problem("awx_url", reason, "such as https://awx.example.org, or CONTROLLER_HOST in the environment")
    elif not _URL.match(url):
        yield Problem("awx_url", f"is {url!r}", "an address with its scheme, such as https://awx.example.org")
    if not settings["awx_token"] and not (settings["awx_username"] and settings["awx_password"]):
        reason = "is empty, and there is no awx_username with an awx_password either"
        yield Problem("awx_token", reason, "a token from a vault, or CONTROLLER_OAUTH_TOKEN in the environment")


def _names(settings: Settings) -> Iterable[Problem]:
    for variable in ("awx_organization", "awx_name"):
        if not settings[variable].strip():
            yield Problem(variable, "is empty", "a name")
        elif "++" in settings[variable] or settings[variable].isdigit():
            reason = f"is {settings[variable]!r}, which the controller's modules take for something else than a name"
            yield Problem(variable, reason, "a name with a letter in it, and without ++")
    repository, path = settings["awx_repository"], settings["awx_inventory_path"]
    if not _REPOSITORY.match(repository):
        expected = "a Git repository, such as https://git.example.org/me/media.git or git@git.example.org:me/media.git"
        yield Problem("awx_repository", f"is {repository!r}", expected)
    elif re.match(r"^\w+://[^/@]+:[^/@]+@", repository):
        expected = "an address without one, and a credential of the type Source Control in awx_credentials"
        yield Problem("awx_repository", "has a password in it, which everybody sees who sees the project", expected)
    if path.startswith("/") or ".." in path.split("/"):
        yield Problem(
            "awx_inventory_path", f"is {path!r}", "a path in the repository, such as inventories/mine/hosts.yml"
        )
    if not _IMAGE.match(settings["awx_image"]):
        expected = "what execution-environment.yml was built into, such as registry.example.org/homelab-media-ee:0.1.0"
        yield Problem("awx_image", f"is {settings['awx_image']!r}", expected)


def _credentials(credentials: Iterable[Mapping[str, Any]]) -> Iterable[Problem]:
    seen: set[Any] = set()
    single: set[Any] = set()
    jobs = 0
    for position, entry in enumerate(credentials):
        at = f"awx_credentials[{position}]"
        yield from strangers(at, entry, ("name", "type", "inputs"))
        name, kind, inputs = entry.get("name"), entry.get("type"), entry.get("inputs")
        if not name or not isinstance(name, str):
            yield Problem(f"{at}.name", "is missing", "what AWX calls the credential")
        elif name in seen:
            yield Problem(f"{at}.name", f"{name!r} is there twice", "one entry for each credential")
        if not kind or not isinstance(kind, str):
            yield Problem(f"{at}.type", "is missing", f"AWX's own name of it: Machine, Vault or {awx.SOURCE_CONTROL}")
        elif kind in single:
            yield Problem(f"{at}.type", f"is {kind!r} a second time, and only one can be used", "one of that type")
        if inputs is not None and not isinstance(inputs, Mapping):
            expected = "the type's own fields, such as {username: admin, ssh_key_data: ...}"
            yield Problem(f"{at}.inputs", f"is a {type(inputs).__name__}", expected)
        elif isinstance(inputs, Mapping):
            empty = sorted(str(key) for key, value in inputs.items() if value in (None, ""))
            yield from (
                Problem(f"{at}.inputs.{key}", "is empty", "a value from a vault; leave out what it has not")
                for key in empty
            )
        seen.add(name)
        if kind in (awx.SOURCE_CONTROL, awx.REGISTRY, "Machine"):
            single.add(kind)
        jobs += kind not in (awx.SOURCE_CONTROL, awx.REGISTRY, awx.GALAXY)
    if not jobs:
        expected = "at least one, such as {name: media, type: Machine, inputs: {username: admin, ssh_key_data: ...}}"
        yield Problem("awx_credentials", "has none that a job could sign in on the host with", expected)


def _templates(ours: Settings, theirs: Settings) -> Iterable[Problem]:
    yield from _entries("awx_templates", theirs)
    for key, values in awx.laid_over(ours, _readable(theirs)).items():
        if not isinstance(values, Mapping):
            continue
        at = f"awx_templates.{key}"
        yield from strangers(at, values, awx.TEMPLATE_KEYS)
        if not str(values.get("playbook") or "").endswith((".yml", ".yaml")):
            expected = "a playbook in the repository, such as site.yml"
            yield Problem(f"{at}.playbook", f"is {values.get('playbook', '')!r}", expected)
        if values.get("job_type", "run") not in ("run", "check"):
            yield Problem(f"{at}.job_type", f"is {values['job_type']!r}", "run or check")
        for name, default in awx.TEMPLATE.items():
            # True is an int as well.
            right = isinstance(values.get(name), type(default)) and isinstance(values[name], bool) == (default is False)
            if name in values and not right:
                yield Problem(f"{at}.{name}", f"is {values[name]!r}", f"a {type(default).__name__}")
        asked = values.get("ask") or []
        if not isinstance(asked, list) or set(asked) - set(awx.ASK):
            yield Problem(f"{at}.ask", f"is {asked!r}", "a list of " + ", ".join(awx.ASK))
        yield from survey_problems(f"{at}.survey", values.get("survey") or [])


def _schedules(settings: Settings, templates: Settings, schedules: Settings) -> Iterable[Problem]:
    yield from _entries("awx_schedules", settings["awx_schedules"])
    kept = awx.laid_over(templates, _readable(settings["awx_templates"]))
    known = [key for key, values in kept.items() if values is not False]
    for key, values in awx.laid_over(schedules, _readable(settings["awx_schedules"])).items():
        if not isinstance(values, Mapping):
            continue
        at = f"awx_schedules.{key}"
        yield from strangers(at, values, tuple(awx.SCHEDULE))
        if values.get("template") not in known:
            reason = f"is {values.get('template', '')!r}, and no job template is called that"
            yield Problem(f"{at}.template", reason, "one of " + ", ".join(known))
        wrong = rrule_fault(values.get("rrule"))
        if wrong:
            yield Problem(f"{at}.rrule", wrong, _RRULE)
        if not isinstance(values.get("enabled", True), bool):
            yield Problem(f"{at}.enabled", f"is {values['enabled']!r}", "true or false")


def rrule_fault(value: Any) -> str:
    """Return why AWX would refuse a recurrence rule; empty if it would not."""
    text = str(value or "")
    starts, rules = [found.group(0) for found in _DTSTART.finditer(text)], _RULE.findall(text)
    if len(starts) != 1 or not text.startswith(starts[0]):
        return f"is {text!r}, and has to begin with one DTSTART"
    if not starts[0].endswith("Z") and "TZID=" not in starts[0]:
        return "begins at a time of no zone; end it with Z, or say DTSTART;TZID=Europe/Berlin:"
    if not rules:
        return "has no RRULE"
    if re.search(r"EXDATE|RDATE", text):
        return "has an EXDATE or RDATE, which AWX does not take"
    for rule in rules:
        parts = dict(part.partition("=")[::2] for part in rule.split(";"))
        if "INTERVAL" not in parts or "FREQ" not in parts:
            return "has an RRULE without FREQ or INTERVAL"
        if parts["FREQ"] == "SECONDLY" or {"COUNT", "UNTIL"} <= set(parts):
            return "has an RRULE that is SECONDLY, or has both COUNT and UNTIL"
    return ""


def _entries(variable: str, theirs: Settings) -> Iterable[Problem]:
    for key, values in theirs.items():
        if values is not False and not isinstance(values, Mapping):
            expected = "what is different in it, such as {description: ...}; or false, to have none"
            yield Problem(f"{variable}.{key}", f"is {values!r}", expected)


def _readable(theirs: Settings) -> dict[str, Any]:
    return {key: values for key, values in theirs.items() if values is False or isinstance(values, Mapping)}

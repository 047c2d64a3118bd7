# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX shall have: job templates and schedules as its modules take them, and what has to be there already.

Each template and schedule comes out whole, with a value for everything that is kept, so that whatever somebody has
changed in one by hand is a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Settings = Mapping[str, Any]

#: What a job template is where nothing else is said, in the words of AWX.
TEMPLATE: dict[str, Any] = {
    "playbook": "",
    "description": "",
    "job_type": "run",
    "diff_mode": False,
    "job_tags": "",
    "skip_tags": "",
    "limit": "",
    "verbosity": 0,
    "timeout": 0,
    "extra_vars": {},
}
#: What AWX can ask when a job is started.
ASK = ("variables", "limit", "tags", "skip_tags", "job_type", "diff_mode", "verbosity")
TEMPLATE_KEYS = (*TEMPLATE, "ask", "survey")

SCHEDULE: dict[str, Any] = {"template": "", "rrule": "", "description": "", "enabled": True}

#: What AWX insists on in a question.
QUESTION: dict[str, Any] = {"question_name": "", "question_description": "", "variable": "", "type": "text"}
QUESTION_KEYS = (*QUESTION, "required", "default", "min", "max", "choices")
#: Types of a question, and what a default of each is.
QUESTION_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "textarea": (str,),
    "password": (str,),
    "integer": (int,),
    "float": (float,),
    "multiplechoice": (str,),
    "multiselect": (str,),
}
CHOICES = ("multiplechoice", "multiselect")

#: Types of credentials that are not the jobs'.
SOURCE_CONTROL = "Source Control"
REGISTRY = "Container Registry"
GALAXY = "Ansible Galaxy/Automation Hub API Token"

NOTIFY = ("started", "success", "error")


def objects(settings: Settings, templates: Settings, schedules: Settings) -> dict[str, Any]:
    """Return what the tasks go through: templates, schedules, names of credentials, and what is only named."""
    prefix = settings["awx_name"]
    credentials = settings["awx_credentials"]
    return {
        "templates": [
            _template(f"{prefix}: {key}", values)
            for key, values in laid_over(templates, settings["awx_templates"]).items()
        ],
        "schedules": [
            _schedule(prefix, key, values) for key, values in laid_over(schedules, settings["awx_schedules"]).items()
        ],
        "made": [entry["name"] for entry in credentials if entry.get("inputs")],
        "of_jobs": [entry["name"] for entry in credentials if entry["type"] not in (SOURCE_CONTROL, REGISTRY, GALAXY)],
        "of_project": _of_type(credentials, SOURCE_CONTROL),
        "of_image": _of_type(credentials, REGISTRY),
        "awaited": list(_awaited(settings)),
    }


def laid_over(ours: Settings, theirs: Settings) -> dict[str, dict[str, Any] | bool]:
    """Return our entries with the person's over them, key by key; false in the place of one that shall go."""
    return {
        key: theirs[key] if theirs.get(key) is False else {**ours.get(key, {}), **(theirs.get(key) or {})}
        for key in dict.fromkeys((*ours, *theirs))
    }


def survey(questions: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a survey as AWX keeps it. A question with nothing to choose from is left out."""
    spec = [
        {**QUESTION, "required": False, **question}
        for question in questions
        if question.get("type") not in CHOICES or question.get("choices")
    ]
    return {"name": "", "description": "", "spec": spec} if spec else {}


def _template(name: str, values: Mapping[str, Any] | bool) -> dict[str, Any]:
    if not isinstance(values, Mapping):
        return {"name": name, "state": "absent"}
    asked = values.get("ask") or ()
    return {
        "name": name,
        "state": "present",
        **{key: values.get(key, default) for key, default in TEMPLATE.items()},
        **{f"ask_{what}_on_launch": what in asked for what in ASK},
        "survey_spec": survey(values.get("survey") or ()),
    }


def _schedule(prefix: str, key: str, values: Mapping[str, Any] | bool) -> dict[str, Any]:
    name = f"{prefix}: {key}"
    if not isinstance(values, Mapping):
        return {"name": name, "state": "absent"}
    filled = {**SCHEDULE, **values}
    return {**filled, "name": name, "state": "present", "template": f"{prefix}: {filled['template']}"}


def _of_type(credentials: Iterable[Mapping[str, Any]], kind: str) -> str:
    """Return the name of the one credential of a type, empty if there is none."""
    return next((entry["name"] for entry in credentials if entry["type"] == kind), "")


def _awaited(settings: Settings) -> Iterable[dict[str, str]]:
    """Return what is only named, and where the controller has it."""
    for entry in settings["awx_credentials"]:
        if not entry.get("inputs"):
            yield {"variable": "awx_credentials", "endpoint": "credentials", "name": entry["name"]}
    for name in settings["awx_galaxy_credentials"]:
        yield {"variable": "awx_galaxy_credentials", "endpoint": "credentials", "name": name}
    for key in NOTIFY:
        for name in settings["awx_notify"].get(key) or ():
            yield {"variable": f"awx_notify.{key}", "endpoint": "notification_templates", "name": name}

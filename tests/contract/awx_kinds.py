# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stand-in for AWX knows of each kind of object: its fields, what it belongs to, and what AWX refuses.

From AWX 24.6.1's serializers. One thing is stricter: AWX passes over fields that it does not know; here they are
refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


class Refused(Exception):
    """What AWX answers with a status of 400: fields with what is wrong with each."""

    def __init__(self, **wrong: str) -> None:
        self.body = {name: [text] for name, text in wrong.items()}
        super().__init__(str(self.body))


@dataclass(frozen=True)
class Field:
    """type: of the value. to: the kind of object that it names by its number."""

    type: type
    default: Any = None
    required: bool = False
    choices: tuple[Any, ...] = ()
    null: bool = False
    to: str = ""
    read_only: bool = False

    def clean(self, name: str, value: Any) -> Any:
        """Return the value as AWX keeps it."""
        if value is None and not self.null:
            # AWX takes nothing for an empty text, and for false.
            value = {str: "", bool: False}.get(self.type, value)
        if value is None and self.null:
            return None
        if self.to and value == "":
            return None
        # By name: a bool is an int to isinstance, and no number to AWX.
        if type(value).__name__ != self.type.__name__:
            raise Refused(**{name: f"A value of type {self.type.__name__} was expected, not {value!r}."})
        if self.choices and value not in self.choices:
            raise Refused(**{name: f'"{value}" is not a valid choice.'})
        if self.required and value in ("", None):
            raise Refused(**{name: "This field may not be blank."})
        return value


def text(default: str = "", **more: Any) -> Field:
    return Field(str, default, **more)


def flag(default: bool = False) -> Field:
    return Field(bool, default)


def number(default: int | None = 0, **more: Any) -> Field:
    return Field(int, default, **more)


def link(to: str, required: bool = False) -> Field:
    return Field(int, None, required=required, null=not required, to=to)


NAME = {"name": text(required=True), "description": text()}
ASK = (
    "scm_branch", "diff_mode", "variables", "limit", "tags", "skip_tags", "job_type", "verbosity", "inventory",
    "credential", "execution_environment", "forks", "instance_groups", "job_slice_count", "labels", "timeout",
)  # fmt: skip
NOTIFICATIONS = {f"notification_templates_{when}": "notification_templates" for when in ("started", "success", "error")}


@dataclass(frozen=True)
class Kind:
    """type: as objects tell it. unique: fields that no two objects have alike. lists: related lists, and of what."""

    type: str
    fields: Mapping[str, Field]
    unique: tuple[str, ...] = ("name",)
    lists: Mapping[str, str] = field(default_factory=dict)
    check: Callable[[Any, dict[str, Any]], None] = lambda _server, _row: None
    made_here: bool = True


def _inventory(_server: Any, row: dict[str, Any]) -> None:
    if row["host_filter"] and row["kind"] != "smart":
        raise Refused(host_filter="Only a smart inventory has one.")


def _source(server: Any, row: dict[str, Any]) -> None:
    if row["source"] == "scm" and not row["source_project"]:
        raise Refused(source_project="Project required for scm type sources.")
    if row["source"] == "scm" and row["credential"]:
        raise Refused(credential="Credentials of type insights and vault are disallowed for scm inventory sources.")
    if row["source_project"] and row["source_path"] not in server.inventories(row["source_project"]):
        raise Refused(source_path="There is no such file in the project.")


def _environment(server: Any, row: dict[str, Any]) -> None:
    if row["credential"] and server.kind_of_credential(row["credential"]) != "registry":
        raise Refused(credential="Only Container Registry credentials can be associated with an Execution Environment")


def _project(server: Any, row: dict[str, Any]) -> None:
    if row["scm_type"] and not row["scm_url"]:
        raise Refused(scm_url="SCM URL is required.")
    if row["credential"] and server.kind_of_credential(row["credential"]) != "scm":
        raise Refused(credential="Credential kind must be 'scm'.")


def _job_template(server: Any, row: dict[str, Any]) -> None:
    if not row["project"]:
        raise Refused(project="Job Templates must have a project assigned.")
    if not row["inventory"] and not row["ask_inventory_on_launch"]:
        raise Refused(inventory="You must either set a default value or ask to prompt on launch.")
    if row["playbook"] not in server.playbooks(row["project"]):
        raise Refused(playbook="Playbook not found for project.")
    row["organization"] = server.row("projects", row["project"])["organization"]


KINDS: dict[str, Kind] = {
    "organizations": Kind(
        "organization",
        {**NAME, "max_hosts": number(), "default_environment": link("execution_environments")},
        lists={"galaxy_credentials": "credentials", "instance_groups": "instance_groups", **NOTIFICATIONS},
    ),
    "credential_types": Kind("credential_type", {**NAME, "kind": text(), "inputs": Field(dict, {})}, made_here=False),
    "instance_groups": Kind("instance_group", {**NAME}, made_here=False),
    "notification_templates": Kind("notification_template", {**NAME}, made_here=False),
    "credentials": Kind(
        "credential",
        {
            **NAME,
            "organization": link("organizations"),
            "credential_type": link("credential_types", required=True),
            "inputs": Field(dict, {}),
        },
        unique=("organization", "name", "credential_type"),
    ),
    "execution_environments": Kind(
        "execution_environment",
        {
            **NAME,
            "organization": link("organizations"),
            "image": text(required=True),
            "credential": link("credentials"),
            "pull": text(choices=("", "always", "missing", "never")),
        },
        check=_environment,
    ),
    "projects": Kind(
        "project",
        {
            **NAME,
            "organization": link("organizations"),
            "local_path": text(),
            "scm_type": text(choices=("", "git", "svn", "insights", "archive")),
            "scm_url": text(),
            "scm_branch": text(),
            "scm_refspec": text(),
            "scm_clean": flag(),
            "scm_track_submodules": flag(),
            "scm_delete_on_update": flag(),
            "credential": link("credentials"),
            "timeout": number(),
            "scm_update_on_launch": flag(),
            "scm_update_cache_timeout": number(),
            "allow_override": flag(),
            "default_environment": link("execution_environments"),
            "signature_validation_credential": link("credentials"),
            "scm_revision": text(read_only=True),
        },
        unique=("organization", "name"),
        lists=NOTIFICATIONS,
        check=_project,
    ),
    "inventories": Kind(
        "inventory",
        {
            **NAME,
            "organization": link("organizations", required=True),
            "kind": text(choices=("", "smart", "constructed")),
            "host_filter": text(None, null=True),  # type: ignore[arg-type]
            "variables": text(),
            "prevent_instance_group_fallback": flag(),
        },
        unique=("organization", "name"),
        lists={"instance_groups": "instance_groups", "input_inventories": "inventories"},
        check=_inventory,
    ),
    "inventory_sources": Kind(
        "inventory_source",
        {
            **NAME,
            "inventory": link("inventories", required=True),
            "source": text(choices=("file", "constructed", "scm", "ec2", "controller"), required=True),
            "source_path": text(),
            "source_vars": text(),
            "source_project": link("projects"),
            "scm_branch": text(),
            "credential": link("credentials"),
            "enabled_var": text(),
            "enabled_value": text(),
            "host_filter": text(),
            "overwrite": flag(),
            "overwrite_vars": flag(),
            "timeout": number(),
            "verbosity": number(1, choices=(0, 1, 2)),
            "limit": text(),
            "update_on_launch": flag(),
            "update_cache_timeout": number(),
            "execution_environment": link("execution_environments"),
        },
        unique=("inventory", "name"),
        lists=NOTIFICATIONS,
        check=_source,
    ),
    "job_templates": Kind(
        "job_template",
        {
            **NAME,
            "job_type": text("run", choices=("run", "check")),
            "inventory": link("inventories"),
            "project": link("projects"),
            "organization": Field(int, None, null=True, to="organizations", read_only=True),
            "playbook": text(),
            "scm_branch": text(),
            "forks": number(),
            "limit": text(),
            "verbosity": number(choices=(0, 1, 2, 3, 4, 5)),
            "extra_vars": text(),
            "job_tags": text(),
            "force_handlers": flag(),
            "skip_tags": text(),
            "start_at_task": text(),
            "timeout": number(),
            "use_fact_cache": flag(),
            "execution_environment": link("execution_environments"),
            "host_config_key": text(),
            **{f"ask_{what}_on_launch": flag() for what in ASK},
            "survey_enabled": flag(),
            "become_enabled": flag(),
            "diff_mode": flag(),
            "allow_simultaneous": flag(),
            "job_slice_count": number(1),
            "webhook_service": text(choices=("", "github", "gitlab", "bitbucket_dc")),
            "webhook_credential": link("credentials"),
            "prevent_instance_group_fallback": flag(),
        },
        unique=("organization", "name"),
        lists={
            "credentials": "credentials",
            "labels": "labels",
            "instance_groups": "instance_groups",
            **NOTIFICATIONS,
        },
        check=_job_template,
    ),
    "schedules": Kind(
        "schedule",
        {
            **NAME,
            "unified_job_template": link("unified_job_templates", required=True),
            "rrule": text(required=True),
            "enabled": flag(True),
            "extra_data": Field(dict, {}),
        },
        unique=("unified_job_template", "name"),
    ),
}
#: What has one list of names, and of numbers, in common.
UNIFIED = ("projects", "inventory_sources", "job_templates")

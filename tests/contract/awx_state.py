# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stand-in for AWX keeps: objects of all kinds, what they belong to, and the updates of its projects."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.contract.awx_kinds import KINDS, UNIFIED, Refused
from tests.contract.awx_rules import check_rrule, check_survey, check_variables, kept_inputs, shown_inputs

API = "/api/v2/"
PAGE = 25
#: What AWX takes for a playbook when it looks through a project.
PLAYBOOK = re.compile(r"^\s*?-?\s*?(?:hosts|(ansible\.builtin\.)?import_playbook):\s*?.*?$", re.MULTILINE)
#: How often somebody has to ask after an update of a project before it is over.
UPDATE_TAKES = 2

SECRET = {"type": "string", "secret": True}
TYPES = {
    "Machine": ("ssh", [
        {"id": "username", "type": "string"}, {"id": "password", **SECRET},
        {"id": "ssh_key_data", "format": "ssh_private_key", **SECRET}, {"id": "ssh_key_unlock", **SECRET},
        {"id": "become_method", "type": "string"}, {"id": "become_username", "type": "string"},
        {"id": "become_password", **SECRET},
    ], []),
    "Source Control": ("scm", [
        {"id": "username", "type": "string"}, {"id": "password", **SECRET},
        {"id": "ssh_key_data", "format": "ssh_private_key", **SECRET}, {"id": "ssh_key_unlock", **SECRET},
    ], []),
    "Vault": ("vault", [{"id": "vault_password", **SECRET}, {"id": "vault_id", "type": "string"}], ["vault_password"]),
    "Container Registry": ("registry", [
        {"id": "host", "type": "string"}, {"id": "username", "type": "string"}, {"id": "password", **SECRET},
        {"id": "verify_ssl", "type": "boolean"},
    ], ["host"]),
    "Ansible Galaxy/Automation Hub API Token": ("galaxy", [
        {"id": "url", "type": "string"}, {"id": "auth_url", "type": "string"}, {"id": "token", **SECRET},
    ], ["url"]),
}  # fmt: skip


class State:
    """The objects of a controller. source: what its projects are made of."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.rows: dict[str, dict[int, dict[str, Any]]] = {kind: {} for kind in KINDS}
        self.links: dict[tuple[str, int, str], list[int]] = {}
        self.surveys: dict[int, Any] = {}
        self.updates: dict[int, dict[str, Any]] = {}
        self._last = 0
        for name, (kind, fields, required) in TYPES.items():
            self.add("credential_types", name=name, kind=kind, inputs={"fields": fields, "required": required})
        self.add("organizations", name="Default")
        self.add("notification_templates", name="Mail")
        galaxy = self.id_of("credential_types", "Ansible Galaxy/Automation Hub API Token")
        self.add("credentials", name="Ansible Galaxy", credential_type=galaxy, inputs={"url": "https://galaxy.example"})

    def number(self) -> int:
        """Return a number that nothing has yet."""
        self._last += 1
        return self._last

    # What a test asks of it.

    def add(self, rows: str, /, **values: Any) -> int:
        """Put an object there, as it would be in a controller that somebody has used."""
        number = self.number()
        filled = {name: declared.default for name, declared in KINDS[rows].fields.items()}
        self.rows[rows][number] = {"id": number, **filled, **values}
        return number

    def id_of(self, kind: str, name: str) -> int:
        return next(number for number, row in self.rows[kind].items() if row["name"] == name)

    def named(self, kind: str, name: str) -> dict[str, Any]:
        return self.rows[kind][self.id_of(kind, name)]

    def linked(self, kind: str, name: str, relation: str) -> list[str]:
        """Return the names of what is in a related list."""
        of = KINDS[kind].lists[relation]
        return [
            self.rows[of][number]["name"] for number in self.links.get((kind, self.id_of(kind, name), relation), [])
        ]

    def survey_of(self, name: str) -> Any:
        return self.surveys.get(self.id_of("job_templates", name), {})

    def state(self) -> str:
        """Return all that it keeps, to compare."""
        return json.dumps([self.rows, sorted(map(repr, self.links.items())), self.surveys], sort_keys=True, default=str)

    # What the checks of the kinds ask of it.

    def row(self, kind: str, number: int) -> dict[str, Any]:
        return self.rows[kind][number]

    def kind_of_credential(self, number: int) -> str:
        return str(self.row("credential_types", self.row("credentials", number)["credential_type"])["kind"])

    def playbooks(self, project: int) -> list[str]:
        """Return the playbooks of a project, once it was updated."""
        if not self.row("projects", project)["scm_revision"]:
            return []
        files = [path for path in self.source.rglob("*.yml") if not {"roles", "tasks"} & set(path.parts)]
        return [str(path.relative_to(self.source)) for path in files if PLAYBOOK.search(path.read_text("utf-8"))]

    def inventories(self, project: int) -> list[str]:
        if not self.row("projects", project)["scm_revision"]:
            return []
        return [str(path.relative_to(self.source)) for path in self.source.rglob("*") if path.is_file()]

    # What requests ask of it.

    def related(self, method: str, kind: str, number: int, relation: str, body: Any) -> tuple[int, Any]:
        row = self.rows[kind][number]
        if relation == "survey_spec" and kind == "job_templates":
            if method == "GET":
                return 200, self.surveys.get(number, {})
            if method == "DELETE":
                self.surveys.pop(number, None)
                return 200, None
            check_survey(body)
            self.surveys[number] = body
            return 200, None
        if relation == "update" and kind == "projects" and method == "POST":
            return 202, self.start_update(row)
        of = KINDS[kind].lists[relation]
        there = self.links.setdefault((kind, number, relation), [])
        if method == "GET":
            return 200, {
                "count": len(there),
                "next": None,
                "results": [self.show(of, self.rows[of][one]) for one in there],
            }
        if method != "POST" or not isinstance(body, dict) or not set(body) <= {"id", "disassociate"}:
            return 400, {"detail": "An id was expected."}
        if body["id"] not in self.rows[of]:
            raise Refused(id="Not found.")
        if body.get("disassociate"):
            there.remove(body["id"])
        elif body["id"] not in there:
            self._check_relation(kind, relation, body["id"], there)
            there.append(body["id"])
        return 204, None

    def _check_relation(self, kind: str, relation: str, number: int, there: list[int]) -> None:
        if relation == "galaxy_credentials" and self.kind_of_credential(number) != "galaxy":
            raise Refused(msg="Credential must be a Galaxy credential.")
        if (kind, relation) == ("job_templates", "credentials"):
            own = self.kind_of_credential(number)
            if own not in ("ssh", "vault", "cloud", "net", "kubernetes"):
                raise Refused(error=f"Cannot assign a Credential of kind `{own}`.")
            if own != "vault" and own in map(self.kind_of_credential, there):
                raise Refused(error=f"Cannot assign multiple {own} credentials.")

    def list_of(self, kind: str, query: dict[str, str]) -> dict[str, Any]:
        kinds = UNIFIED if kind == "unified_job_templates" else (kind,)
        page = int(query.pop("page", 1))
        wanted = dict(query)
        either = {name[4:]: wanted.pop(name) for name in list(wanted) if name.startswith("or__")}
        found = []
        for one in kinds:
            for name in (*wanted, *either):
                if name != "id" and name not in KINDS[one].fields and kind != "unified_job_templates":
                    raise Refused(detail=f"{KINDS[one].type} has no field named '{name}'")
            found += [
                self.show(one, row)
                for row in self.rows[one].values()
                if all(str(row.get(name)) == value for name, value in wanted.items())
                and (not either or any(str(row.get(name)) == value for name, value in either.items()))
            ]
        more = len(found) > page * PAGE
        following = f"{API}{kind}/?{urlencode({**query, 'page': page + 1})}" if more else None
        return {
            "count": len(found),
            "next": following,
            "previous": None,
            "results": found[(page - 1) * PAGE : page * PAGE],
        }

    def create(self, kind: str, body: Any) -> dict[str, Any]:
        fields = KINDS[kind].fields
        missing = {name: "This field is required." for name, declared in fields.items() if declared.required}
        row = {"id": 0, **{name: declared.default for name, declared in fields.items()}}
        wrong = {name: text for name, text in missing.items() if name not in body}
        if wrong:
            raise Refused(**wrong)
        row = self._cleaned(kind, row, body)
        row["id"] = self.number()
        self.rows[kind][row["id"]] = row
        if kind == "projects" and row["scm_type"]:
            self.start_update(row)
        return row

    def change(self, kind: str, row: dict[str, Any], body: Any) -> dict[str, Any]:
        row.update(self._cleaned(kind, row, body))
        return row

    def _cleaned(self, kind: str, row: Mapping[str, Any], body: Any) -> dict[str, Any]:
        """Return a row with what a request says of it, or refuse that."""
        fields = KINDS[kind].fields
        if not isinstance(body, dict):
            raise Refused(detail="An object was expected.")
        strange = sorted(set(body) - set(fields))
        if strange:
            raise Refused(**dict.fromkeys(strange, "is no field of this kind of object."))
        new = dict(row)
        for name, value in body.items():
            if fields[name].read_only:
                continue
            new[name] = fields[name].clean(name, value)
            self._check_link(name, fields[name].to, new[name])
        if kind == "credentials":
            schema = self.row("credential_types", new["credential_type"])["inputs"]
            if row["id"] and new["credential_type"] != row["credential_type"]:
                raise Refused(credential_type="You cannot change the credential type of the credential.")
            new["inputs"] = kept_inputs(schema, new["inputs"], dict(row["inputs"]))
        if kind == "schedules":
            check_rrule(new["rrule"])
        for name in {"variables", "extra_vars", "source_vars"} & set(new):
            check_variables(name, new[name])
        KINDS[kind].check(self, new)
        alike = [
            other for other in self.rows[kind].values()
            if other["id"] != row["id"] and all(other[name] == new[name] for name in KINDS[kind].unique)
        ]  # fmt: skip
        if alike:
            raise Refused(__all__=f"{KINDS[kind].type} with this {' and '.join(KINDS[kind].unique)} already exists.")
        return new

    def _check_link(self, name: str, to: str, number: Any) -> None:
        kinds = UNIFIED if to == "unified_job_templates" else (to,)
        if to and number is not None and not any(number in self.rows[kind] for kind in kinds):
            raise Refused(**{name: f'Invalid pk "{number}" - object does not exist.'})

    def show(self, kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
        url = f"{API}{kind}/{row['id']}/"
        related = {name: f"{url}{name}/" for name in KINDS[kind].lists}
        summary: dict[str, Any] = {}
        shown = dict(row)
        if kind == "job_templates":
            related["survey_spec"] = f"{url}survey_spec/"
        if kind == "projects":
            related["update"] = f"{url}update/"
            running = [one for one, update in self.updates.items() if update["project"] == row["id"] and update["left"]]
            summary = {"current_update": {"id": running[0]}} if running else {}
        if kind == "credentials":
            shown["inputs"] = shown_inputs(
                self.row("credential_types", row["credential_type"])["inputs"], row["inputs"]
            )
        return {"type": KINDS[kind].type, "url": url, "related": related, "summary_fields": summary, **shown}

    def start_update(self, row: dict[str, Any]) -> dict[str, Any]:
        number = self.number()
        self.updates[number] = {"id": number, "project": row["id"], "left": UPDATE_TAKES}
        return {"id": number, "url": f"{API}project_updates/{number}/"}

    def update_state(self, number: int) -> dict[str, Any]:
        update = self.updates[number]
        update["left"] = max(0, update["left"] - 1)
        if not update["left"]:
            self.rows["projects"][update["project"]]["scm_revision"] = "0" * 40
        over = not update["left"]
        return {"id": number, "status": "successful" if over else "running", "finished": over, "failed": False}

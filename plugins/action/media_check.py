# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check everything that was declared, against itself and against the host, and compile the plan of this run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.homelab.media.plugins.module_utils import (
    addressing,
    catalogue,
    engine,
    front_door,
    metrics,
    outdated,
    preflight,
    relations,
    selection,
    wiring,
)
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem, describe
from ansible_collections.homelab.media.plugins.plugin_utils import this_run

#: The loader in C, where PyYAML has it, is twelve times as fast.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ActionModule(ActionBase):
    """One round trip to the host, to learn; all thinking is the preflight's."""

    _VALID_ARGS = frozenset(("whole", "hold"))

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        _validation, args = self.validate_argument_spec(
            {"whole": {"type": "bool", "default": True}, "hold": {"type": "bool", "default": False}}
        )
        declarations = variables.get("ansible_facts", {}).get("media_declarations", {})
        specs = {role: _specification(declaration["path"]) for role, declaration in declarations.items()}
        values, unreadable = self._values(specs, variables)
        shared = preflight.catalogue_settings(preflight.typed(values, specs["stack"]), whole=args["whole"])
        built = catalogue.build(declarations, shared)
        lock = this_run.lock(self._task.get_play(), variables) if args["hold"] else None
        answer = self._ask({**preflight.question(values, built), "lock": lock}, variables)
        if answer.get("failed"):
            return {**result, **answer, "msg": f"Nothing was changed. {answer['msg']}"}
        host = answer["host"]
        # A role by itself: what the others declared in earlier runs counts as well, and stays as it is.
        earlier = {} if args["whole"] else (host["catalogue"] or {}).get("declarations", {})
        kept = {role: declaration for role, declaration in earlier.items() if role not in declarations}
        ranges = (host["catalogue"] or {}).get("ranges") or {}
        if kept or ranges:
            built = catalogue.build({**kept, **declarations}, replace(shared, ranges=ranges))
        spoken = {role: spec for role, spec in specs.items() if role in built.active}
        found = [*unreadable, *preflight.problems(_of(spoken, values), spoken, built, host)]
        unread = outdated.problems(variables, values, {name for options in specs.values() for name in options})
        told = {problem.variable for problem in unread}
        found = [*unread, *(problem for problem in found if problem.variable not in told)]
        if found:
            return {**result, "failed": True, "msg": f"Nothing was changed. {describe(found)}"}
        for service in built.services.values():
            preflight.fit(service, host)
        facts = self._facts(built, host, values, variables)
        plan = facts["media_plan"]
        complete = (
            args["whole"] and len(plan["scope"]) == len(plan["services"]) and plan["phases"] == [*selection.PHASES]
        )
        plan.update(whole=args["whole"], complete=complete, kept=kept, lock=lock)
        return {**result, "changed": False, "ansible_facts": facts, "warnings": answer.get("warnings", [])}

    def _ask(self, question: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Ask the host, once more where it is held by a run of this machine that has ended without letting it go."""
        while True:
            answer: dict[str, Any] = self._execute_module(
                module_name="homelab.media.media_host_info", module_args=question, task_vars=variables
            )
            holder = answer.pop("holder", "")
            if not holder or holder == question.get("dead") or not this_run.is_dead(holder):
                return answer
            question = {**question, "dead": holder}

    def _values(self, specs: preflight.Specs, variables: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
        """Return the value of every variable that a role declares, and those that cannot be worked out."""
        values, found = {}, []
        for name in [name for options in specs.values() for name in options if name in variables]:
            try:
                values[name] = self._templar.template(variables[name])
            except AnsibleError as error:
                reason = f"cannot be worked out ({str(error).strip().splitlines()[-1].strip()})"
                found.append(Problem(name, reason, "a value, or a template whose variables are all set"))
        return values, found

    def _facts(
        self,
        built: catalogue.Catalogue,
        host: Mapping[str, Any],
        values: Mapping[str, Any],
        variables: Mapping[str, Any],
    ) -> dict[str, Any]:
        tags, skipped = variables.get("ansible_run_tags", ["all"]), variables.get("ansible_skip_tags", [])
        engine_plan = engine.plan(host, str(values["host_docker_source"]))
        engine_facts = {key: value for key, value in vars(engine_plan).items() if key != "problems"}
        engine_facts["settings"] = engine.settings(host, engine_plan, ipv6=bool(values["media_ipv6"]))
        engine_facts["packages"] += [name for name in built.packages if name not in host["packages"]]
        # A page is never changed without those who guard it: they come along where tags name its service alone.
        doors = [name for kind in front_door.KINDS for name in relations.providers(built.services, kind)]
        scope = selection.scope(built.services, built.roles, list(built.services), tags, doors)
        plan = {
            "services": built.services,
            "roles": built.roles,
            "networks": built.networks,
            "secrets": built.secrets,
            "active": sorted(built.active),
            "units": built.units,
            "apis": relations.apis(built.services),
            "libraries": relations.libraries(built.services, str(values["media_data"])),
            "categories": relations.categories(values["media_categories"], built.services),
            **_front_door(built, values),
            "metrics": metrics.targets(built.services, built.networks),
            "portal": relations.portal(built.services),
            "fragments": built.fragments(str(values["media_root"])),
            "fingerprints": {name: built.fingerprint(name) for name in built.services},
            "scope": scope,
            "reached": sorted({built.roles[name] for name in scope}),
            "phases": selection.phases(tags, skipped),
        }
        known = {key: host[key] for key in ("os", "docker", "packages")}
        return {"media_plan": plan, "media_host": known, "media_engine": engine_facts}


def _front_door(built: catalogue.Catalogue, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is published, who signs people in, and the logs that tell of those who failed to."""
    rules = preflight.rules(values)
    door = front_door.front(built.services)
    gateway = addressing.gateway(built.networks.get(wiring.uplink_of(door), {})) if door else ""
    return {
        "domain": rules.domain,
        "pages": front_door.pages(built.services, rules, gateway, built.pages),
        "sign_on": front_door.sign_on(built.services, rules) if rules.domain else {},
        "auth_logs": relations.auth_logs(built.services),
    }


def _specification(role_path: str) -> dict[str, Any]:
    """Return the options of a role's main entry point."""
    text = (Path(role_path) / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    specs = yaml.load(text, Loader=LOADER)
    options: dict[str, Any] = specs["argument_specs"]["main"].get("options", {})
    return options


def _of(specs: preflight.Specs, values: Mapping[str, Any]) -> dict[str, Any]:
    names = {name for options in specs.values() for name in options}
    return {name: value for name, value in values.items() if name in names}

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ship everything that the plan puts on the host in one round trip: accounts, folders, secrets, files, units."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.template import trust_as_template
from ansible_collections.homelab.media.plugins.module_utils.addressing import ranges
from ansible_collections.homelab.media.plugins.module_utils.catalogue import secret_names
from ansible_collections.homelab.media.plugins.module_utils.declaration import state_folders
from ansible_collections.homelab.media.plugins.plugin_utils import compose_files


class ActionModule(ActionBase):
    """Renders on the controller what needs variables; the host fills in what only it knows: secrets and digests."""

    _VALID_ARGS: frozenset[str] = frozenset()

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        facts = variables["ansible_facts"]
        shared = {name: self._value(name, variables) for name in _SHARED}
        arguments = self._arguments(facts["media_plan"], facts["media_declarations"], shared, variables)
        answer = self._execute_module(
            module_name="homelab.media.media_render", module_args=arguments, task_vars=variables
        )
        return {**result, **answer}

    def _value(self, expression: str, variables: Mapping[str, Any]) -> Any:
        if expression in variables:
            return self._templar.template(variables[expression])
        return self._templar.template(trust_as_template("{{ " + expression + " }}"))

    def _arguments(
        self,
        plan: Mapping[str, Any],
        declarations: Mapping[str, Any],
        shared: Mapping[str, Any],
        variables: dict[str, Any],
    ) -> dict[str, Any]:
        services, roles, scope = plan["services"], plan["roles"], plan["scope"]
        reached = {roles[name] for name in scope} | {role for role in declarations if role not in roles.values()}
        own = [
            {**item, "role": role, "role_path": declarations[role]["path"]}
            for role in sorted(reached & set(plan["active"]) & set(declarations))
            for item in declarations[role].get("files", ())
            if not item.get("service") or item["service"] in services
        ]
        # Those of roles that this run does not declare are in the store already, and nobody gives them here.
        declared = {name for declaration in declarations.values() for name in declaration.get("secrets", {})}
        secrets = {name: secret for name, secret in plan["secrets"].items() if name in declared}
        return {
            "root": shared["media_root"],
            "data": shared["media_data"],
            "categories": plan["categories"],
            "extra_directories": shared["media_extra_directories"],
            "mounts": shared["media_mounts"],
            "repair": shared["media_repair"],
            "user": shared["media_user"],
            "group": shared["media_group"],
            "uid": shared["media_puid"],
            "gid": shared["media_pgid"],
            "umask": shared["media_umask"],
            "secrets": [self._secret(name, secret, variables) for name, secret in secrets.items()],
            "state": sorted({path for name in scope for path in state_folders(services[name])}),
            "files": [file for item in own for file in self._file(item, shared, variables)],
            # A role that an earlier run has declared has its files from there, and none among these.
            "reached": sorted(reached & set(declarations)),
            "active": plan["active"],
            "units": [unit for unit in plan["units"] if unit["role"] in reached],
            "services": {
                name: {
                    "image": service["image"],
                    "fingerprint": plan["fingerprints"][name],
                    "secrets": secret_names(service),
                    # Its files are not shipped by this run, so that its digest stays the last run's.
                    "kept": roles[name] not in declarations or roles[name] not in reached,
                }
                for name, service in services.items()
            },
            "fragments": {
                role: compose_files.fragment_text(role, fragment) for role, fragment in plan["fragments"].items()
            },
            "environment": compose_files.environment_text(shared["media_project"], list(plan["fragments"])),
            "declarations": {
                **compose_files.kept_declarations(declarations, services),
                **plan["kept"],
            },
            "pages": {
                page["service"]: f"https://{page['names'][0]}"
                for page in plan["pages"]
                if page["service"] and page["access"] != "deny"
            },
            "ranges": ranges(plan["networks"]),
            "whole": plan["whole"],
            "complete": plan["complete"],
            "project": shared["media_project"],
            "lock": plan["lock"],
        }

    def _secret(self, name: str, secret: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        """Return a secret with the value that a person gave, if any, which is looked up only now."""
        value = self._value(secret["variable"], variables) if secret.get("variable") else None
        kept = {key: secret[key] for key in ("kind", "length") if key in secret}
        return {"name": name, **kept, **({"value": str(value)} if value not in (None, "") else {})}

    def _file(
        self, item: Mapping[str, Any], shared: Mapping[str, Any], variables: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Return the file, or none where its template has nothing to say."""
        media_owned = item.get("owner", "root") == "media"
        content = self._content(item, variables)
        if "template" in item and not content.strip():
            return []
        file = {
            "path": item["path"],
            # Secret content goes by an option of its own, which nothing shows at any verbosity.
            ("secret_content" if item.get("secret") else "content"): content,
            "mode": item.get("mode", "0644"),
            "owner": shared["media_puid"] if media_owned else 0,
            "group": shared["media_pgid"] if media_owned else 0,
            "secret": item.get("secret", False),
            "seed": item.get("seed", False),
            "service": item.get("service", ""),
            "role": item["role"],
        }
        return [file]

    def _content(self, item: Mapping[str, Any], variables: dict[str, Any]) -> str:
        role = Path(item["role_path"])
        if "content" in item:
            return str(item["content"])
        if "source" in item:
            return (role / item["source"]).read_text(encoding="utf-8")
        source = role / "templates" / item["template"]
        text = trust_as_template(self._loader.get_text_file_contents(str(source)))
        templar = self._templar.copy_with_new_env(searchpath=[str(source.parent)], available_variables=variables)
        options = {"trim_blocks": True, "keep_trailing_newline": True}
        content = templar.template(text, escape_backslashes=False, overrides=options)
        # Where not even white space comes out of a template, it is None that does.
        return "" if content is None else str(content)


_SHARED = (
    "media_root",
    "media_data",
    "media_extra_directories",
    "media_mounts",
    "media_repair",
    "media_user",
    "media_group",
    "media_puid",
    "media_pgid",
    "media_umask",
    "media_project",
)

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The preflight: every check of settings, declarations and host, gathered into one list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.homelab.media.plugins.module_utils import engine, settings, wiring
from ansible_collections.homelab.media.plugins.module_utils.catalogue import Catalogue, Settings
from ansible_collections.homelab.media.plugins.module_utils.declaration import media
from ansible_collections.homelab.media.plugins.module_utils.front_door import Rules
from ansible_collections.homelab.media.plugins.module_utils.identity import Identity
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.policy import Policy

Values = Mapping[str, Any]
Specs = Mapping[str, Mapping[str, Any]]


def question(values: Values, catalogue: Catalogue) -> dict[str, Any]:
    """Return what media_host_info has to be asked; values of a wrong type are left out, and told elsewhere."""
    numbers = {name: settings.as_number(values.get(name)) for name in ("media_puid", "media_pgid")}
    data = values.get("media_data")
    paths = [*settings.data_folders(data), values.get("media_root")] if _is_path(data) else []
    ports = [
        f"{port}/{protocol}"
        for service in catalogue.services.values()
        for _at, port, protocol in wiring.host_ports(service)
    ]
    return {
        "paths": [path for path in paths if _is_path(path)],
        "mounts": [path for path in _list(values.get("media_mounts")) if _is_path(path)],
        "uids": [numbers["media_puid"]] if numbers["media_puid"] is not None else [],
        "gids": [numbers["media_pgid"]] if numbers["media_pgid"] is not None else [],
        "users": [str(values["media_user"])] if "media_user" in values else [],
        "groups": [str(values["media_group"])] if "media_group" in values else [],
        "ports": sorted(set(ports)),
        "packages": [*engine.PACKAGES, *catalogue.packages],
        "time_zone": str(values.get("media_timezone", "")),
        "catalogue": f"{values['media_root']}/catalogue.json" if _is_path(values.get("media_root")) else None,
        # The most that the daemon may have to be told: which engine it is, is not known yet.
        "daemon_settings": {
            **(engine.IPV6_SETTINGS if values.get("media_ipv6") else {}),
            **_dict(values.get("host_docker_daemon_settings")),
        },
    }


def problems(values: Values, specs: Specs, catalogue: Catalogue, host: Mapping[str, Any]) -> list[Problem]:
    """Return everything that is wrong, each fault once: a check that knows its variable best speaks first."""
    declared = {problem.variable for problem in catalogue.problems}
    found = [
        *settings.problems(values, host),
        *(problem for problem in settings.placeholders(values) if problem.variable not in declared),
        *catalogue.problems,
        *engine.plan(host, str(values.get("host_docker_source", "auto"))).problems,
        *_port_problems(catalogue, host, str(values.get("media_project", ""))),
    ]
    told = {_variable(problem) for problem in found}
    found += [problem for problem in spec_problems(values, specs) if _variable(problem) not in told]
    return sorted(set(found))


def fit(service: dict[str, Any], host: Mapping[str, Any]) -> None:
    """Adapt a compiled service to what the host has."""
    # More than the host has is refused by the engine; the policy's default is for any host.
    service["cpus"] = min(service["cpus"], float(host["cpus"]))
    if media(service).get("gpu") and host["devices"]["dri"]:
        service["devices"] = [*service.get("devices", ()), "/dev/dri:/dev/dri"]
    if media(service).get("kernel_log") and host["devices"]["kmsg"]:
        service["devices"] = [*service.get("devices", ()), "/dev/kmsg:/dev/kmsg:r"]
        service["cap_add"] = sorted({*service.get("cap_add", ()), "SYSLOG"})


def spec_problems(values: Values, specs: Specs) -> list[Problem]:
    """Check each role's variables against its argument specification; a secret value is never repeated."""
    found = []
    for options in specs.values():
        for name, option in options.items():
            if name not in values:
                if option.get("required"):
                    found.append(Problem(name, "is missing", _expected(option)))
                continue
            errors = ArgumentSpecValidator({name: option}).validate({name: values[name]}).error_messages
            secret = option.get("no_log")
            found.extend(Problem(name, "is not valid" if secret else error, _expected(option)) for error in errors)
    return found


def typed(values: Values, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as their specification's types; where one is none of its type, the default stands in for it."""
    found = {}
    for name, option in options.items():
        checked = ArgumentSpecValidator({name: option}).validate({name: values.get(name)})
        usable = name in values and not checked.error_messages
        found[name] = checked.validated_parameters[name] if usable else option.get("default")
    return found


def catalogue_settings(values: Values, *, whole: bool) -> Settings:
    """Return what the catalogue needs of the shared settings, which have to be of their types."""
    identity = Identity(
        user=values["media_user"],
        group=values["media_group"],
        uid=values["media_puid"],
        gid=values["media_pgid"],
        umask=values["media_umask"],
        timezone=values["media_timezone"],
    )
    policy = Policy(
        identity=identity,
        restart=values["media_restart"],
        log_max_size=values["media_log_max_size"],
        log_max_file=values["media_log_max_file"],
        memory=values["media_memory_limit"],
        cpus=values["media_cpus_limit"],
        pids=values["media_pids_limit"],
        stop_grace_period=values["media_stop_grace_period"],
    )
    return Settings(
        root=values["media_root"],
        services=values["media_services"],
        disabled=values["media_services_disabled"],
        ipv4_prefix=values["media_ipv4_prefix"],
        ipv6=values["media_ipv6"],
        ipv6_prefix=values["media_ipv6_prefix"],
        policy=policy,
        rules=rules(values),
        whole=whole,
    )


def rules(values: Values) -> Rules:
    """Return what the shared settings say of the pages at the front door."""
    return Rules(
        domain=values["media_domain"],
        names=values["media_names"],
        access=values["media_access"],
        exempt=values["media_exempt"],
    )


def _port_problems(catalogue: Catalogue, host: Mapping[str, Any], project: str) -> list[Problem]:
    """Return a problem for each port that somebody else on the host holds already."""
    held = {(item["port"], item["protocol"]): item for item in host["ports"] if item.get("project") != project}
    return [
        Problem(f"{name}.ports", f"{port}/{protocol} is held by {_holder(held[port, protocol])}", "a free port")
        for name, service in catalogue.services.items()
        for _address, port, protocol in wiring.host_ports(service)
        if (port, protocol) in held
    ]


def _holder(item: Mapping[str, Any]) -> str:
    return f"container {item['container']}" if item.get("container") else f"process {item.get('process') or 'unknown'}"


def _variable(problem: Problem) -> str:
    return problem.variable.split(".")[0].split("[")[0]


def _expected(option: Mapping[str, Any]) -> str:
    if "choices" in option:
        return "one of " + ", ".join(str(choice) for choice in option["choices"])
    description = option.get("description", "")
    text = description[0] if isinstance(description, list) and description else str(description)
    return f"{option.get('type', 'str')}: {text.rstrip('.')}"


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("/")


def _dict(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, Iterable) and not isinstance(value, (str, Mapping)) else []

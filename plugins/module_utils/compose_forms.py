# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms that Compose lets a service be written in, brought to one, and what is none of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

#: Keys of a service, by the Compose specification; "build" is left out, because images come from a registry.
_WORDS = """
annotations attach blkio_config cap_add cap_drop cgroup cgroup_parent command configs container_name cpu_count
cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec
depends_on deploy device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint env_file
environment expose external_links extra_hosts gpus group_add healthcheck hostname image init ipc isolation
labels links logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit network_mode networks
oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_stop privileged profiles
pull_policy read_only restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period
stop_signal storage_opt sysctls tmpfs tty ulimits user userns_mode uts volumes volumes_from working_dir
x-media
"""
KEYS = frozenset(_WORDS.split())

#: The type of each key that the collection itself works with, once it has its one form.
TYPES: dict[str, tuple[type, ...]] = {
    "image": (str,),
    "environment": (dict,),
    "labels": (dict,),
    "depends_on": (dict,),
    "networks": (dict,),
    "healthcheck": (dict,),
    "ports": (list,),
    "volumes": (list,),
    "secrets": (list,),
    "cap_add": (list,),
    "network_mode": (str,),
    "privileged": (bool,),
}


RESTART = re.compile(r"no|always|unless-stopped|on-failure(:\d+)?")


def normal(service: Mapping[str, Any]) -> dict[str, Any]:
    """Return a service in one form: lists of NAME=VALUE and of names as dictionaries, keys without a value left out."""
    found = {key: value for key, value in service.items() if value is not None}
    for key in ("environment", "labels"):
        if isinstance(found.get(key), list):
            pairs = [str(entry).partition("=") for entry in found[key]]
            found[key] = {name: value for name, _equals, value in pairs}
    if isinstance(found.get("depends_on"), list):
        found["depends_on"] = {name: {"condition": "service_started"} for name in found["depends_on"]}
    if isinstance(found.get("networks"), list):
        found["networks"] = {name: {} for name in found["networks"]}
    return found


def form_problems(name: str, service: Mapping[str, Any]) -> list[Problem]:
    """Return what is no Compose service in a service that has its one form."""
    found = [
        Problem(f"{name}.{key}", "is no key of a Compose service", "a key of the Compose specification, or of x-media")
        for key in service
        if key not in KEYS
    ]
    for key, wanted in TYPES.items():
        value = service.get(key)
        if value is not None and not isinstance(value, wanted):
            found.append(Problem(f"{name}.{key}", f"is a {type(value).__name__}", f"a {wanted[0].__name__}"))
        elif isinstance(value, list) and any(not isinstance(entry, (str, int, dict)) for entry in value):
            found.append(Problem(f"{name}.{key}", "has an entry without a value", "a list of texts"))
    if not RESTART.fullmatch(str(service.get("restart", "no"))):
        expected = 'one of "no", always, unless-stopped, on-failure'
        found.append(Problem(f"{name}.restart", f"is {service['restart']!r}", expected))
    return found

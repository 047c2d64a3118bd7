#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: media_host_info
short_description: Learn in one go what the checks before a run must know of a host
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Reads the system's release, its Docker Engine, and what is asked for of paths, mount points, accounts, ports,
    packages and the time zone.
  - Takes the place of the facts that Ansible gathers by itself. With O(lock) it takes the host for this run before it
    looks, which leaves one file on it until the run ends; else it changes nothing.
extends_documentation_fragment:
  - homelab.media.attributes
  - homelab.media.lock
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: That a run holds the host is no change of it.
  idempotent:
    support: full
options:
  paths:
    description: Paths whose file system is looked up; one that does not exist is judged by its nearest ancestor.
    type: list
    elements: path
    default: []
  mounts:
    description: Paths of which to tell whether something is mounted there.
    type: list
    elements: path
    default: []
  uids:
    description: User numbers whose owners are looked up.
    type: list
    elements: int
    default: []
  gids:
    description: Group numbers whose owners are looked up.
    type: list
    elements: int
    default: []
  users:
    description: User names whose numbers are looked up.
    type: list
    elements: str
    default: []
  groups:
    description: Group names whose numbers are looked up.
    type: list
    elements: str
    default: []
  ports:
    description: Ports of which to tell who listens on them, each a number with its protocol, such as C(443/tcp).
    type: list
    elements: str
    default: []
  packages:
    description: Packages to look up, beside those that an engine can come from.
    type: list
    elements: str
    default: []
  time_zone:
    description: A time zone of which to tell whether the host knows it.
    type: str
  catalogue:
    description: A JSON file to return the content of, such as the catalogue that the last run left.
    type: path
  daemon_settings:
    description: Settings of the Docker daemon of which to tell whether they are in force.
    type: dict
    default: {}
  dead:
    description: The C(token) of a run that is known to have ended, and may hold the host still.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Look at the host
  homelab.media.media_host_info:
    paths: [/data/usenet, /data/media]
    mounts: [/data]
    uids: [1000]
    users: [media]
    ports: [80/tcp, 443/tcp]
    time_zone: Europe/Berlin
  register: looked
"""

RETURN = r"""
host:
  description: What was found.
  returned: success
  type: dict
  contains:
    os:
      description: The system, with C(id), C(version_id), C(codename), C(name) and C(architecture) (as Debian names it).
      type: dict
      returned: success
    docker:
      description: >-
        The engine. C(running); C(engine) and C(api), its versions; C(kind), one of C(docker), C(rootless), C(snap) and
        C(podman); C(error), why an engine that is there does not answer; C(root), C(storage), C(cgroup_version),
        C(live_restore); C(settings_in_force), whether the daemon was started with O(daemon_settings);
        C(binary) and C(daemon_binary), paths; C(compose) and C(compose_path), the version and path of
        the plug-in; C(rootless_sockets).
      type: dict
      returned: success
    cpus:
      description: How many processors the host has.
      type: int
      returned: success
    packages:
      description: The version of each package that is installed, of those looked up.
      type: dict
      returned: success
      sample: {docker-ce: "5:28.3.0-1~debian.12~bookworm"}
    paths:
      description: >-
        For each path C(exists), C(nearest), C(device), C(mount_id), C(mount_point), C(fs_type), C(source) and
        C(free_bytes). Two paths can be hard linked when both C(device) and C(mount_id) are equal.
      type: dict
      returned: success
    mounts:
      description: For each path whether something is mounted there.
      type: dict
      returned: success
    accounts:
      description: >-
        C(uids) and C(gids), for each number its owner's name; C(users) and C(groups), for each name its number. Null
        where there is none.
      type: dict
      returned: success
    ports:
      description: >-
        One entry for each socket or published port that holds a wanted port, with C(port), C(protocol), C(address),
        C(process), C(pid), C(container), and the C(project) and C(service) of Compose. What is unknown is empty.
      type: list
      elements: dict
      returned: success
    devices:
      description: >-
        C(tun), C(dri) and C(kmsg), whether /dev/net/tun, /dev/dri (graphics processors) and /dev/kmsg (what the kernel
        has to say) are there.
      type: dict
      returned: success
    kernel:
      description: C(release), and C(wireguard), whether the running kernel brings it.
      type: dict
      returned: success
    time_zone:
      description: Whether the host knows the time zone; null when none was asked for, or the host has no list.
      type: bool
      returned: success
    catalogue:
      description: The content of the JSON file, or null.
      type: raw
      returned: success
    catalogue_error:
      description: Why the JSON file cannot be read, or null.
      type: str
      returned: success
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils import engine, host_facts, host_ports, run_lock


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "paths": {"type": "list", "elements": "path", "default": []},
            "mounts": {"type": "list", "elements": "path", "default": []},
            "uids": {"type": "list", "elements": "int", "default": []},
            "gids": {"type": "list", "elements": "int", "default": []},
            "users": {"type": "list", "elements": "str", "default": []},
            "groups": {"type": "list", "elements": "str", "default": []},
            "ports": {"type": "list", "elements": "str", "default": []},
            "packages": {"type": "list", "elements": "str", "default": []},
            "time_zone": {"type": "str"},
            "catalogue": {"type": "path"},
            "daemon_settings": {"type": "dict", "default": {}},
            "lock": run_lock.OPTION,
            "dead": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    request = dict(module.params)
    lock, dead = request.pop("lock"), request.pop("dead")
    wrong = [port for port in request["ports"] if not host_ports.PORT.fullmatch(port)]
    if wrong:
        module.fail_json(
            msg=f"ports: {', '.join(wrong)} is no port. Expected: a number with its protocol, as in 443/tcp."
        )
    request["packages"] = sorted({*request["packages"], *engine.PACKAGES})
    if lock and not module.check_mode:
        try:
            told = run_lock.take(lock["file"], lock["token"], lock["name"], dead)
        except run_lock.Busy as busy:
            module.fail_json(msg=str(busy), holder=busy.token)
        if told:
            module.warn(told)
    module.exit_json(changed=False, host=host_facts.gather(host_facts.Request(**request)))


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: media_render
short_description: Put everything that the plan holds on the host, in one round trip
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Makes the media account, the folders of downloads and library, the secrets, every role's configuration files, the
    Compose fragments and the systemd units, each compared item by item.
  - The action plugin of the same name gathers all options from the plan that M(homelab.media.media_check) made, so a
    task gives none. They are documented here because this is what is sent to the host.
  - Secrets are generated on the host and filled into files on the host. No diff shows them.
extends_documentation_fragment:
  - homelab.media.attributes
  - homelab.media.lock
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  root:
    description: The stack's root.
    type: path
    required: true
  data:
    description: Where downloads and library are.
    type: path
    required: true
  categories:
    description: The categories, each a download folder and a library folder.
    type: list
    elements: str
    required: true
  extra_directories:
    description: Further folders below O(data).
    type: list
    elements: str
    default: []
  mounts:
    description: Where something has to be mounted before anything is written.
    type: list
    elements: path
    default: []
  repair:
    description: Also set right the owner and mode of what the folders contain.
    type: bool
    default: false
  user:
    description: The media user.
    type: str
    required: true
  group:
    description: The media group.
    type: str
    required: true
  uid:
    description: The media user's number.
    type: int
    required: true
  gid:
    description: The media group's number.
    type: int
    required: true
  umask:
    description: The umask that folders and files below O(data) follow.
    type: str
    required: true
  state:
    description: Folders below O(root) that hold applications' own state, with owner C(media) or C(root) and mode.
    type: list
    elements: str
    default: []
  secrets:
    description: The secrets of all roles.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name of the secret, and of its file.
        type: str
        required: true
      kind:
        description: How it is made when no value is given.
        type: str
        required: true
      length:
        description: Its length.
        type: int
      value:
        description: The value that a person gave.
        type: str
  files:
    description: The files of all roles.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: Below O(root), or a unit's path.
        type: str
        required: true
      content:
        description: The text, with tokens where secrets go.
        type: str
        default: ""
      secret_content:
        description: The text, where it is secret itself.
        type: str
      mode:
        description: The mode, as octal text.
        type: str
        default: "0644"
      owner:
        description: The owner's number.
        type: int
        default: 0
      group:
        description: The group's number.
        type: int
        default: 0
      secret:
        description: Show nothing of the content.
        type: bool
        default: false
      seed:
        description: Make it once; afterwards it is the application's.
        type: bool
        default: false
      service:
        description: The service that has to be made anew when the file changes.
        type: str
        default: ""
      role:
        description: The role that declares it. What it declares no more is removed, if a run has rendered it.
        type: str
        default: ""
  reached:
    description: The roles that this run is about.
    type: list
    elements: str
    default: []
  active:
    description: The roles that are on. What those had rendered that are off is removed.
    type: list
    elements: str
    default: []
  units:
    description: The systemd units, each with C(name), C(enabled), C(started) and the C(files) that it reads.
    type: list
    elements: dict
    default: []
  services:
    description: >-
      For each service its C(image), its C(fingerprint), the names of its C(secrets) and whether it is C(kept).
    type: dict
    required: true
  fragments:
    description: The Compose fragment of each role, as text.
    type: dict
    required: true
  environment:
    description: The text of the project's C(.env).
    type: str
    required: true
  declarations:
    description: What a later run of a single role has to know of the others.
    type: dict
    default: {}
  pages:
    description: Where the front door publishes the page of each service.
    type: dict
    default: {}
  ranges:
    description: The IPv4 range of each network, which it keeps in later runs.
    type: dict
    default: {}
  whole:
    description: The fragments are all that there shall be.
    type: bool
    default: true
  complete:
    description: It is a run of all services and all phases, and the host remembers that it has begun.
    type: bool
    default: false
  project:
    description: The name of the Compose project, of which to tell whether it is up.
    type: str
"""

EXAMPLES = r"""
- name: Render accounts, folders, secrets, configuration and units
  homelab.media.media_render:
"""

RETURN = r"""
services:
  description: The digest and the image of every service, for M(homelab.media.media_stack).
  returned: success
  type: dict
  sample: {nzbget: {digest: 0f3a, image: "lscr.io/linuxserver/nzbget:v26.2-ls254"}}
up:
  description: Whether every service runs as it is rendered now, and is well, so that nothing has to be brought up.
  returned: success
  type: bool
planned_secrets:
  description: In check mode, keyed digests of the given secrets that a real run would write, by their files.
  returned: success
  type: dict
  sample: {}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils import render, run_lock, stack, units
from ansible_collections.homelab.media.plugins.module_utils.containers import Wanted
from ansible_collections.homelab.media.plugins.module_utils.files import File
from ansible_collections.homelab.media.plugins.module_utils.identity import Identity
from ansible_collections.homelab.media.plugins.module_utils.link_proof import LinkProof
from ansible_collections.homelab.media.plugins.module_utils.media_layout import media_layout
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError
from ansible_collections.homelab.media.plugins.module_utils.secret_store import Secret
from ansible_collections.homelab.media.plugins.module_utils.tree import Entry, Tree


def _text(required: bool = True, **more: Any) -> dict[str, Any]:
    return {"type": "str", "required": required, **more}


ARGUMENTS: dict[str, Any] = {
    "root": {"type": "path", "required": True},
    "data": {"type": "path", "required": True},
    "categories": {"type": "list", "elements": "str", "required": True},
    "extra_directories": {"type": "list", "elements": "str", "default": []},
    "mounts": {"type": "list", "elements": "path", "default": []},
    "repair": {"type": "bool", "default": False},
    "user": _text(),
    "group": _text(),
    "uid": {"type": "int", "required": True},
    "gid": {"type": "int", "required": True},
    "umask": _text(),
    "state": {"type": "list", "elements": "str", "default": []},
    "secrets": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "no_log": False,
        "options": {"name": _text(), "kind": _text(), "length": {"type": "int"}, "value": _text(False, no_log=True)},
    },
    "files": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "path": _text(),
            "content": {"type": "str", "default": ""},
            "secret_content": {"type": "str", "no_log": True},
            "mode": {"type": "str", "default": "0644"},
            "owner": {"type": "int", "default": 0},
            "group": {"type": "int", "default": 0},
            "secret": {"type": "bool", "default": False, "no_log": False},
            "seed": {"type": "bool", "default": False},
            "service": {"type": "str", "default": ""},
            "role": {"type": "str", "default": ""},
        },
    },
    "reached": {"type": "list", "elements": "str", "default": []},
    "active": {"type": "list", "elements": "str", "default": []},
    "units": {"type": "list", "elements": "dict", "default": []},
    "services": {"type": "dict", "required": True},
    "fragments": {"type": "dict", "required": True},
    "environment": _text(),
    "declarations": {"type": "dict", "default": {}},
    "pages": {"type": "dict", "default": {}},
    "ranges": {"type": "dict", "default": {}},
    "whole": {"type": "bool", "default": True},
    "complete": {"type": "bool", "default": False},
    "project": {"type": "str"},
    "lock": run_lock.OPTION,
}


def request(params: dict[str, Any]) -> render.Request:
    """Read the options."""
    uid, gid = params["uid"], params["gid"]
    layout = media_layout(
        params["data"], params["categories"], params["extra_directories"], uid=uid, gid=gid, umask=params["umask"]
    )
    proof = LinkProof(f"{params['data']}/usenet/complete", f"{params['data']}/media", uid, gid)
    keys = ("path", "mode", "owner", "group", "secret", "seed")
    return render.Request(
        root=params["root"],
        identity=Identity(params["user"], params["group"], uid, gid, params["umask"]),
        data=Tree(tuple(layout), tuple(params["mounts"]), params["repair"], proof),
        state=tuple(Entry(f"{params['root']}/{path}", uid, gid, "0750") for path in params["state"]),
        secrets={item["name"]: Secret(item["kind"], item["length"], item["value"]) for item in params["secrets"]},
        files=[
            File(content=item["secret_content"] or item["content"], **{key: item[key] for key in keys})
            for item in params["files"]
        ],
        file_services={item["path"]: item["service"] for item in params["files"] if item["service"]},
        file_roles={item["path"]: item["role"] for item in params["files"]},
        reached=params["reached"],
        active=params["active"],
        fragments=params["fragments"],
        environment=params["environment"],
        declarations=params["declarations"],
        pages=params["pages"],
        services={
            name: render.Service(item["image"], item["fingerprint"], tuple(item["secrets"]), item["kept"])
            for name, item in params["services"].items()
        },
        units=units.parse(params["units"]),
        ranges=params["ranges"],
        whole=params["whole"],
        complete=params["complete"],
    )


def is_up(params: dict[str, Any], services: dict[str, dict[str, str]]) -> bool:
    """Tell whether the Compose project is as it has just been rendered, so that nothing has to be brought up."""
    if not params["project"]:
        return False
    wanted = {name: Wanted(item["digest"], item["image"]) for name, item in services.items()}
    return stack.is_up(stack.Project(params["root"], params["project"], 0, whole=params["whole"]), wanted)


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        with run_lock.kept(None if module.check_mode else module.params["lock"]):
            outcome = render.ensure(request(module.params), check=module.check_mode)
            outcome.facts["up"] = is_up(module.params, outcome.facts["services"])
    except (MediaError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(**outcome.result())


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: front_door_info
short_description: Prove that no published name shows anything to a stranger
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Asks for every published name as somebody who has not signed in, and changes nothing. Each name is asked for by
    HTTPS and by HTTP, with forged headers, with another method, as a web socket, for a file of the kind that proxies
    have rules of their own for, and below each exempt path without a key and by ways back out of it.
  - A name that nobody published is asked for too, and so is the bare address. Both have to get no answer at all.
  - Fails when a name is not answered as its access says, and tells all of them.
extends_documentation_fragment:
  - homelab.media.attributes
  - homelab.media.attributes.info_module
options:
  pages:
    description:
      - The published pages, as C(media_plan.pages) has them. Of each, C(service), C(names), C(path), C(access) and
        C(exempt) are looked at.
    type: list
    elements: dict
    required: true
  sign_on:
    description: The sign-on, as C(media_plan.sign_on) has it; empty if there is none. Its C(url) is looked at.
    type: dict
    default: {}
  apis:
    description:
      - The APIs of the services, as C(media_plan.apis) has them. They tell what to ask for below an exempt path.
    type: dict
    default: {}
  domain:
    description: A name below it that nobody published is asked for. None is, if this is empty.
    type: str
    default: ""
  address:
    description: Where the front door is.
    type: str
    default: 127.0.0.1
  https_port:
    description: The port for HTTPS.
    type: int
    default: 443
  http_port:
    description: The port for HTTP.
    type: int
    default: 80
  ca_file:
    description:
      - A file with the certificates of the authority that has signed those of the names.
      - Certificates are not looked at, if this is empty.
    type: path
    default: ""
  accept_closed:
    description: Whether a name may be closed to everybody, as all are while the sign-on is down.
    type: bool
    default: false
  timeout:
    description: Seconds to wait for each answer.
    type: float
    default: 10
  wait:
    description:
      - Seconds in which a page that is closed may still open, because the sign-on has just come back. Each of nginx's
        workers looks its name up for itself, and keeps for ten seconds what it was told.
      - A page that shows something to a stranger is told at once.
    type: float
    default: 0
  report_only:
    description: Report problems without failing.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Nobody gets in without signing in
  homelab.media.front_door_info:
    pages: "{{ media_plan.pages }}"
    sign_on: "{{ media_plan.sign_on }}"
    apis: "{{ media_plan.apis }}"
    domain: "{{ media_plan.domain }}"
"""

RETURN = r"""
pages:
  description:
    - For each name its C(service), C(name), C(access), C(verdict) and C(detail). The service of a name that nobody
      published is empty.
    - The verdict is C(protected), C(open) (as declared), C(portal), C(closed), C(nothing), C(silent) or C(UNPROTECTED).
  returned: always
  type: list
  elements: dict
questions:
  description: How many requests were sent.
  returned: always
  type: int
unprotected:
  description: The names that show something to a stranger.
  returned: always
  type: list
  elements: str
problems:
  description: What is not as it must be, each with C(variable), C(reason) and C(expected).
  returned: always
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils.parts import front_door_info


def main() -> None:
    front_door_info.run(AnsibleModule(**front_door_info.SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()

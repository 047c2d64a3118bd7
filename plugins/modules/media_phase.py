#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: media_phase
short_description: Carry out what the roles need in a phase, in one execution
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Collects what the roles of this run need from their vars and has M(homelab.media.media_together) carry it out.
    C(__nzbget_wire) is what role nzbget needs in the wire phase, C(__nzbget_verify) what it looks at in the verify
    phase.
  - Each entry has C(name), C(module), its C(arguments), and C(when) they are needed. C(well) are conditions on its
    result C(found) that have to hold in the end, C(unwell) is what is told when one does not.
  - The verify phase writes nothing. It asks again what the wire phase has changed, and fails with all that is not well.
extends_documentation_fragment:
  - homelab.media.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  phase:
    description: The phase.
    type: str
    choices: [wire, verify]
    required: true
  order:
    description: The roles that come first, in their order.
    type: list
    elements: str
    default: []
  wired:
    description: For the verify phase, the name of the variable that the wire phase has registered.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Keep what the services know of each other
  homelab.media.media_phase:
    phase: wire
  register: __stack_wired

- name: Every service is as declared
  homelab.media.media_phase:
    phase: verify
    wired: __stack_wired
"""

RETURN = r"""
parts:
  description: The result of each module by its name.
  returned: in the wire phase
  type: dict
"""

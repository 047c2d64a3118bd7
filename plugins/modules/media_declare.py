#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: media_declare
short_description: Take a role's declaration into the host's catalogue
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - A task of a role. It reads the role's declaration, part by part, and keeps it in the fact C(media_declarations).
  - Runs on the controller alone; nothing is asked of the host. Problems are kept with the declaration, and told all at
    once by M(homelab.media.media_check).
  - The value of a given secret is not kept, only the variable that holds it.
extends_documentation_fragment:
  - homelab.media.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
  idempotent:
    support: full
options:
  declaration:
    description: The name of the variable that holds the role's declaration.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Declare the services of this role
  homelab.media.media_declare:
    declaration: __nzbget_declaration
"""

RETURN = r"""
"""

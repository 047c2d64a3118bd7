#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: media_check
short_description: Check everything that was declared, and compile the plan of the run
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Checks every role's variables against its argument specification, the shared settings, the declarations against
    each other, and all of it against the host, which is asked once and not changed.
  - Fails with all problems at once, each with the variable, what is wrong with it and what a right value looks like.
  - Otherwise it keeps the compiled catalogue as the fact C(media_plan), and what the host said as C(media_host).
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
  whole:
    description:
      - The declared roles are all that the host has. When V(false), what earlier runs of other roles declared is kept
        on the host and counts as well.
    type: bool
    default: true
  hold:
    description: Take the host for this run, which ends with M(homelab.media.media_converged).
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Check all declarations, against each other and against the host
  homelab.media.media_check:
"""

RETURN = r"""
"""

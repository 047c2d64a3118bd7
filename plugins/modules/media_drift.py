#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: media_drift
short_description: Tell what check mode has announced, and fail for it where that is wanted
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Counts, in check mode and after all other tasks of a run, what they have announced, service by service.
  - With O(fail) it fails if they have announced anything, so that the run's exit status tells a scheduler of drift.
  - It reads the results that the tasks of the collection's roles have registered. It asks nothing of the host.
  - Without O(fail), what it has found is in the custom statistics of the run as well, which AWX keeps as the artifacts
    of a job.
  - Outside check mode it does nothing.
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
  fail:
    description: Fail if anything was announced.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Tell what differs from the declaration
  homelab.media.media_drift:

- name: Fail where anything does
  homelab.media.media_drift:
    fail: true
"""

RETURN = r"""
drift:
  description: What was announced, by service and as C(machine) of the host itself, and the number of all C(changes).
  returned: in check mode, without O(fail)
  type: dict
  sample:
    services: {nzbget: [NZBGet option DownloadRate]}
    machine: []
    changes: 1
changes:
  description: How many changes were announced.
  returned: in check mode
  type: int
  sample: 1
"""

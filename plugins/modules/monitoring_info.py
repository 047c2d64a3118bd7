#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


from __future__ import annotations

DOCUMENTATION = r"""
module: monitoring_info
short_description: Prove that the monitoring sees the house
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Waits until every target has told Prometheus its numbers and every page of a service has answered as it must, and
    until Prometheus knows its Alertmanager and Grafana reaches its source. No rule may be in error.
  - Fails when the time is up, and tells everything that is not so.
extends_documentation_fragment:
  - homelab.media.attributes
  - homelab.media.attributes.info_module
  - homelab.media.monitoring
options:
  expected:
    required: true
  timeout:
    description: Seconds to wait. A new target is asked for the first time within the interval of all.
    type: float
    default: 120
  report_only:
    description: Report problems without failing.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Every target answers
  homelab.media.monitoring_info:
    expected:
      targets: "{{ media_plan.metrics }}"
"""

RETURN = r"""
problems:
  description: What is not as expected, each with C(variable), C(reason) and C(expected).
  returned: always
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils.parts import monitoring_info


def main() -> None:
    monitoring_info.run(AnsibleModule(**monitoring_info.SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


from __future__ import annotations

DOCUMENTATION = r"""
module: monitoring
short_description: Have Prometheus and Alertmanager read the files that were rendered for them
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Has each of them read its files again if anything in their folder is newer than what it runs with, or if it refused
    them when it last read them. Its container stays, and so nothing is missing in any graph.
  - What one of them refuses is told in its own words; it goes on with what it had.
  - Has Grafana know its own administrator by the declared password, which it takes from its settings once, at its first
    start.
  - Where nothing was to be done, it looks at the whole once, so that a run in which nothing changes has to ask no
    second time. M(homelab.media.monitoring_info) does the same, and waits.
extends_documentation_fragment:
  - homelab.media.attributes
  - homelab.media.monitoring
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  programs:
    description: Those that read files.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The program.
        type: str
        choices: [prometheus, alertmanager]
        required: true
      url:
        description: Its address on the host.
        type: str
        required: true
      folder:
        description: The folder on the host that its files are in.
        type: path
        required: true
  planned_files:
    description: In check mode, the files that a real run would have written before.
    type: list
    elements: str
    default: []
  restarted:
    description: In check mode, the services whose containers a real run would have made anew before.
    type: list
    elements: str
    default: []
  secret_files:
    description: Files on the host whose content is left out of whatever the programs say.
    type: list
    elements: path
    default: []
  administrator:
    description: >-
      Grafana's C(url) and C(container), and the C(username) and C(password_file) of its own administrator. Grafana is
      not asked, if this is empty.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Prometheus asks those that were rendered
  homelab.media.monitoring:
    programs:
      - name: prometheus
        url: http://127.0.0.1:9090
        folder: /opt/media/config/prometheus
    expected:
      targets: "{{ media_plan.metrics }}"
"""

RETURN = r"""
looked:
  description: Whether it looked at the whole.
  returned: success
  type: bool
problems:
  description: What it saw that is not as expected, each with C(variable), C(reason) and C(expected).
  returned: success
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils.parts import monitoring


def main() -> None:
    monitoring.run(AnsibleModule(**monitoring.SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()

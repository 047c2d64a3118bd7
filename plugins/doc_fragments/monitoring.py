# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules of the role monitoring compare the whole with."""

from __future__ import annotations


class ModuleDocFragment:
    """The option that they have in common."""

    DOCUMENTATION = r"""
options:
  expected:
    description: What there has to be, for the look at the whole.
    type: dict
    suboptions:
      url:
        description: Prometheus's address.
        type: str
        default: http://127.0.0.1:9090
      targets:
        description: The C(service) and C(target) of each, as C(media_plan.metrics) has them.
        type: list
        elements: dict
        default: []
      pages:
        description: The C(service) and C(address) of each published page that is asked for.
        type: list
        elements: dict
        default: []
      alertmanager:
        description: Whether Prometheus tells an Alertmanager of alerts.
        type: bool
        default: false
      grafana:
        description: >-
          Grafana's C(url), the C(username) and C(password_file) of its own administrator, and the C(source) of numbers
          by its uid. Grafana is not asked, if this is empty.
        type: dict
        default: {}
"""

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The option that a module of a run holds the host by."""

from __future__ import annotations


class ModuleDocFragment:
    """What is written down once about it."""

    DOCUMENTATION = r"""
options:
  lock:
    description:
      - By whom the host is held while it is converged. Where another run holds it, this one fails and says whose it is.
      - In check mode nobody holds it.
    type: dict
    suboptions:
      file:
        description: The file that tells who holds the host.
        type: path
        required: true
      token:
        description: What this run alone knows.
        type: str
        required: true
      name:
        description: What others are told of this run.
        type: str
        required: true
"""

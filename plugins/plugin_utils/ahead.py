# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports what the workers need in the process that they come from.

Ansible forks a worker for each task, and imports plugins where they are first needed. That is in a worker, so each one
would import the same filters again, and it keeps no compiled form of them. Ansible's main process itself imports an
action plugin before the first task that uses it: what is imported with it, all workers have from then on.
"""

from __future__ import annotations

import importlib
import pkgutil

from ansible.plugins.loader import filter_loader, test_loader
from ansible_collections.homelab.media.plugins import filter as filters


def load() -> None:
    """Import every filter of the collection, and have Ansible find its own."""
    for found in pkgutil.iter_modules(filters.__path__, f"{filters.__name__}."):
        importlib.import_module(found.name)
    for loader, known in ((filter_loader, "default"), (test_loader, "defined")):
        loader.get(f"ansible.builtin.{known}")

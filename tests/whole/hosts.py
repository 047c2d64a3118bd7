# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hosts that the long stages make, and that they are gone afterwards."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml

from tests.bed import engine, host
from tests.bed.shell import ROOT

INVENTORIES = ("inventories/demo/hosts.yml", "molecule/inventory/hosts.yml")


def names() -> set[str]:
    """Return the hosts that the inventories of demo and Molecule name."""
    files = [ROOT / name for name in INVENTORIES]
    groups = [group for file in files for group in yaml.safe_load(file.read_text(encoding="utf-8")).values()]
    return {name for group in groups for name in _of_group(group)}


def _of_group(group: dict[str, Any]) -> Iterator[str]:
    yield from group.get("hosts") or ()
    for child in (group.get("children") or {}).values():
        yield from _of_group(child or {})


def present() -> set[str]:
    """Return those of them that are there."""
    return names() & {found.name for found in host.hosts()} if engine.answers() else set()


@contextmanager
def removed_afterwards() -> Iterator[None]:
    """Remove, however the block ends, the hosts that were not there before, and with the last host the lab."""
    before = present()
    for name in sorted(before):
        print(f"{name} is there already: the tests will use it, and replace it where they need a fresh one.")
    try:
        yield
    finally:
        for name in sorted(names() - before):
            subprocess.run([sys.executable, "-m", "tests.bed", "down", name], cwd=ROOT, check=False)

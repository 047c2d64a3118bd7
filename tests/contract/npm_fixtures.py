# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the stand-in for Nginx Proxy Manager begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.npm_neighbours import Echo
from tests.contract.npm_on_loopback import Npm


@pytest.fixture(scope="module")
def echo() -> Iterator[Echo]:
    backend = Echo()
    yield backend
    backend.close()


@pytest.fixture
def npm(tmp_path: Path) -> Iterator[Npm]:
    with Npm(tmp_path) as running:
        yield running

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A unit test thinks in its own process: it starts no program and serves nobody. What does is in tests/programs."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from typing import Any

# It looks for the C library with ldconfig as it is imported, and any test may be the first that needs it.
import ansible.utils.display
import pytest

assert ansible.utils.display

PROGRAMS = frozenset({"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"})

_seen: list[str] = []


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in PROGRAMS:
        _seen.append(f"starts {arguments[0]}")
    elif event == "socket.bind" and arguments[0].family != socket.AF_UNIX:
        _seen.append(f"serves at {arguments[1]}")


# Python has no way to take this away again, so it is added once a process.
sys.addaudithook(_watch)


def pytest_collection_finish() -> None:
    """Forget what was done by what the tests import."""
    _seen.clear()


@pytest.fixture(autouse=True)
def alone() -> Iterator[list[str]]:
    """Fail a test that starts a program or serves somebody; return what has been seen of that so far."""
    _seen.clear()
    yield _seen
    found = sorted(set(_seen))
    _seen.clear()
    assert not found, f"this is no unit test, but one for tests/programs: it {', '.join(found)}"

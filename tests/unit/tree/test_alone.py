# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A unit test that would start a program, or serve somebody, is found: see tests/unit/conftest.py."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable

import pytest


def starts() -> None:
    subprocess.run([sys.executable, "-c", ""], check=True)


def spawns() -> None:
    os.waitpid(os.posix_spawn(sys.executable, [sys.executable, "-c", ""], {}), 0)


def serves() -> None:
    socket.create_server(("127.0.0.1", 0)).close()


@pytest.mark.parametrize(("does", "word"), [(starts, "starts"), (spawns, "starts"), (serves, "serves at")])
def test_what_is_no_unit_test_is_seen(alone: list[str], does: Callable[[], None], word: str) -> None:
    does()
    assert [line for line in alone if line.startswith(word)]
    alone.clear()


def test_what_thinks_is_left_alone(alone: list[str]) -> None:
    assert sum(range(10)) == 45
    assert alone == []

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secrets in what a server says."""

from __future__ import annotations

import pytest
from ansible_collections.homelab.media.plugins.module_utils.hiding import without


@pytest.mark.parametrize(
    ("secrets", "told"),
    [
        ([], "key abc and abcdef"),
        (["abc"], "key (hidden) and (hidden)def"),
        (["abc", "abcdef"], "key (hidden) and (hidden)"),
        ([""], "key abc and abcdef"),
    ],
)
def test_no_secret_is_left_and_no_end_of_one(secrets: list[str], told: str) -> None:
    assert without(secrets, "key abc and abcdef") == told


def test_the_word_is_the_callers() -> None:
    assert without({"abc"}, "abc", "***") == "***"

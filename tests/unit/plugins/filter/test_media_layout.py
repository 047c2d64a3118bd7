# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.filter.media_layout import FilterModule
from ansible_collections.homelab.media.plugins.modules.media_tree import ENTRY

media_layout = FilterModule().filters()["media_layout"]


def test_entries_are_what_media_tree_takes():
    entries = media_layout("/data", ["tv"], ["photos"], uid="7", gid=8)
    assert all(set(entry) == set(ENTRY) for entry in entries)
    assert entries[0] == {"path": "/data", "owner": 7, "group": 8, "mode": "2775", "file_mode": None}
    assert "/data/photos" in [entry["path"] for entry in entries]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("/data", "tv"), "categories 'tv' is no list. Expected: ['movies', 'tv']"),
        (("/data", ["tv"], {"a": 1}), "extra {'a': 1} is no list"),
        (("data", ["tv"]), "'data' is not absolute"),
        (("/data", ["t/v"]), "'t/v' is no category"),
    ],
)
def test_bad_input(arguments, reason):
    with pytest.raises(AnsibleFilterError) as caught:
        media_layout(*arguments)
    assert reason in str(caught.value)


def test_bad_umask():
    with pytest.raises(AnsibleFilterError, match="umask: is 2"):
        media_layout("/data", ["tv"], umask=2)

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.filter.service_identity import FilterModule

service_identity = FilterModule().filters()["service_identity"]


def test_numbers_become_text_under_the_familys_names():
    assert service_identity("linuxserver", 1000, "1001", "022", "Europe/Berlin") == {
        "PUID": "1000",
        "PGID": "1001",
        "UMASK": "022",
        "TZ": "Europe/Berlin",
    }
    assert service_identity("plexinc", uid=1, gid=2) == {"PLEX_UID": "1", "PLEX_GID": "2", "TZ": "Etc/UTC"}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("linuxservr", 1, 1), "'linuxservr' is no image family. Expected: linuxserver, hotio"),
        (("hotio", "media", 1), "uid 'media' is no number"),
        (("hotio", 1, -1), "gid -1 is no number"),
        (("hotio", 1, 1, 2), "umask 2 is no text. Expected: '002', in quotes"),
    ],
)
def test_bad_input(arguments, reason):
    with pytest.raises(AnsibleFilterError) as caught:
        service_identity(*arguments)
    assert reason in str(caught.value)

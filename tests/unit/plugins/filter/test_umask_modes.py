# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.filter.umask_modes import FilterModule

umask_modes = FilterModule().filters()["umask_modes"]


def test_modes():
    assert umask_modes("002") == {"directory": "2775", "file": "0664"}


@pytest.mark.parametrize("umask", [2, "8", None, "777"])
def test_bad_input(umask):
    with pytest.raises(AnsibleFilterError, match=r'umask_modes: umask: .*Expected: quoted octal text such as "002"'):
        umask_modes(umask)

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os

import pytest
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError
from ansible_collections.homelab.media.plugins.module_utils.ownership import (
    Ownership,
    UmaskModes,
    ownership_problems,
    parse_mode,
    umask_modes,
)


@pytest.mark.parametrize(
    ("umask", "directory", "file"),
    [("002", "2775", "0664"), ("022", "2755", "0644"), ("0007", "2770", "0660"), ("000", "2777", "0666")],
)
def test_modes_of_a_umask(umask, directory, file):
    assert umask_modes(umask) == UmaskModes(directory, file)


def test_the_kernel_makes_the_same_of_a_umask(tmp_path):
    before = os.umask(0o002)
    try:
        (tmp_path / "d").mkdir()
        (tmp_path / "f").write_text("")
    finally:
        os.umask(before)
    modes = umask_modes("002")
    assert (tmp_path / "d").stat().st_mode & 0o777 == int(modes.directory, 8) & 0o777
    assert (tmp_path / "f").stat().st_mode & 0o7777 == int(modes.file, 8)


@pytest.mark.parametrize("umask", [2, 22, "2", "02", "009", "0o002", "002\n", "", None, "700", "1002"])
def test_no_umask(umask):
    with pytest.raises(MediaError, match=r'umask: .*Expected: quoted octal text such as "002"'):
        umask_modes(umask)


@pytest.mark.parametrize("mode", [0o755, 755, "0855", "u=rwx", "", "75", "00755", "0755\n", None, True])
def test_no_mode(mode):
    with pytest.raises(ValueError, match="is not octal text"):
        parse_mode(mode)


def test_set_id_bits_survive_the_change_of_owner(tmp_path):
    path = tmp_path / "f"
    path.write_text("")
    wanted = Ownership(61234, 61235, 0o6755)
    with path.open() as stream:
        wanted.apply(stream.fileno())
    assert Ownership.of(path.stat()) == wanted


def test_all_that_is_wrong_with_an_ownership_is_told():
    assert len(ownership_problems("/data", -1, "media", 493)) == 3
    assert ownership_problems("/data", 0, 1000, "2775") == []

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ansible_collections.homelab.media.plugins.module_utils import host_mounts

from tests.unit.real_host import need_root, tmpfs

TABLE = r"""
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
40 27 0:50 /@data /data rw,relatime shared:7 - btrfs /dev/sdb rw,subvol=/@data
41 40 0:50 /@media /data/media rw,relatime shared:8 master:2 - btrfs /dev/sdb rw,subvol=/@media
42 27 0:60 / /mnt/my\040disk rw - xfs /dev/sdc1 rw
43 27 0:61 / /mnt/auto rw - autofs systemd-1 rw,fd=30
44 27 0:62 / /mnt/woken rw - autofs systemd-1 rw,fd=31
45 44 0:63 / /mnt/woken rw - nfs4 nas:/export rw
a line that is none
"""
MOUNTS = host_mounts.parse_mountinfo(TABLE)


@pytest.mark.parametrize(
    ("path", "mount_point", "fs_type"),
    [
        ("/", "/", "ext4"),
        ("/data", "/data", "btrfs"),
        ("/data/usenet", "/data", "btrfs"),
        ("/data/media/tv", "/data/media", "btrfs"),
        ("/data/mediathek", "/data", "btrfs"),
        ("/mnt/my disk/x", "/mnt/my disk", "xfs"),
        ("/mnt/woken/x", "/mnt/woken", "nfs4"),
    ],
)
def test_a_path_is_in_the_longest_and_latest_mount(path: str, mount_point: str, fs_type: str) -> None:
    mount = host_mounts.mount_of(path, MOUNTS)
    assert (mount.mount_point, mount.fs_type) == (mount_point, fs_type)


@pytest.mark.parametrize(
    ("path", "mounted"),
    [("/data", True), ("/data/usenet", False), ("/mnt/auto", False), ("/mnt/woken", True), ("/mnt/my disk", True)],
)
def test_an_automount_that_has_not_happened_is_not_mounted(path: str, mounted: bool) -> None:
    assert host_mounts.is_mounted(path, MOUNTS) is mounted


def test_a_path_that_is_not_there_is_judged_by_its_ancestor(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "there")
    (tmp_path / "there").mkdir()
    facts = host_mounts.locate(str(tmp_path / "link" / "not" / "yet"), host_mounts.read_mounts())
    assert facts.nearest == str(tmp_path / "there")
    assert facts.exists is False
    assert facts.device == tmp_path.stat().st_dev
    assert facts.free_bytes == pytest.approx(os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize, rel=0.2)


def test_a_second_file_system_is_told(tmp_path: Path) -> None:
    need_root()
    (tmp_path / "disk").mkdir()
    with tmpfs(tmp_path / "disk") as disk:
        told = host_mounts.locate_all([str(tmp_path), str(disk / "usenet")])
        assert told[str(disk / "usenet")]["fs_type"] == "tmpfs"
        assert told[str(disk / "usenet")]["source"] == "media-test"
        assert told[str(disk / "usenet")]["device"] != told[str(tmp_path)]["device"]
        assert host_mounts.mounted([str(disk), str(tmp_path)]) == {str(disk): True, str(tmp_path): False}
    assert host_mounts.mounted([str(disk)]) == {str(disk): False}


def test_two_bind_mounts_of_one_file_system_are_two_places_for_a_link(tmp_path: Path) -> None:
    need_root()
    with bound(tmp_path, "usenet") as usenet, bound(tmp_path, "media") as media:
        (usenet / "file").touch()
        with pytest.raises(OSError, match=os.strerror(errno.EXDEV)):
            os.link(usenet / "file", media / "file")
        told = host_mounts.locate_all([str(usenet), str(media)])
    assert told[str(usenet)]["device"] == told[str(media)]["device"]
    assert told[str(usenet)]["mount_id"] != told[str(media)]["mount_id"]


@contextmanager
def bound(folder: Path, name: str) -> Iterator[Path]:
    """Mount a folder over itself."""
    place = folder / name
    place.mkdir()
    subprocess.run(["mount", "--bind", str(place), str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)

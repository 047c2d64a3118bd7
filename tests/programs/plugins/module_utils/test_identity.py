# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import grp
import os
import pwd
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.homelab.media.plugins.module_utils.families import FAMILIES, NO_FAMILY
from ansible_collections.homelab.media.plugins.module_utils.identity import (
    Identity,
    container_identity,
    container_user,
    ensure,
)
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError

from tests.unit.real_host import with_own_etc

WANTED = Identity("mediatest", "mediatest", 61234, 61235, "002", "Europe/Berlin")


@pytest.fixture
def host(tmp_path: Path) -> Callable[[Callable[[], object]], None]:
    """Accounts are made for real, in a copy of /etc that only the test sees."""
    before = (Path("/etc/passwd").read_bytes(), Path("/etc/group").read_bytes())

    def run(work: Callable[[], object]) -> None:
        with_own_etc(work, tmp_path / "etc")
        assert (Path("/etc/passwd").read_bytes(), Path("/etc/group").read_bytes()) == before

    return run


def refused(identity: Identity) -> str:
    with pytest.raises(MediaError) as caught:
        ensure(identity, check=False)
    return str(caught.value)


def test_a_new_pair_has_the_numbers_and_no_login(host):
    def work():
        outcome = ensure(WANTED, check=False)
        account = pwd.getpwnam("mediatest")
        assert (account.pw_uid, account.pw_gid) == (61234, 61235)
        assert account.pw_shell == "/usr/sbin/nologin"
        assert account.pw_dir == "/nonexistent"
        assert grp.getgrgid(61235).gr_name == "mediatest"
        assert Path("/etc/shadow").read_text().split("mediatest:")[1][0] in "!*"
        assert [change.subject for change in outcome.changes] == ["group mediatest", "user mediatest"]
        assert outcome.facts["identity"] == {"user": "mediatest", "uid": 61234, "group": "mediatest", "gid": 61235}

    host(work)


def test_the_second_run_changes_nothing(host):
    def work():
        ensure(WANTED, check=False)
        before = Path("/etc/passwd").stat()
        assert not ensure(WANTED, check=False).changed
        after = Path("/etc/passwd").stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

    host(work)


def test_check_mode_makes_no_account_and_tells_the_same(host):
    def work():
        before = Path("/etc/passwd").read_bytes(), Path("/etc/group").read_bytes()
        planned = ensure(WANTED, check=True)
        assert (Path("/etc/passwd").read_bytes(), Path("/etc/group").read_bytes()) == before
        assert planned.changes == ensure(WANTED, check=False).changes

    host(work)


def test_a_run_that_was_killed_after_the_group_is_finished_by_the_next(host):
    def work():
        subprocess.run(["groupadd", "--gid", "61235", "mediatest"], check=True)
        assert [change.subject for change in ensure(WANTED, check=False).changes] == ["user mediatest"]
        assert pwd.getpwnam("mediatest").pw_uid == 61234

    host(work)


def test_an_existing_right_pair_keeps_shell_home_and_further_groups(host):
    def work():
        subprocess.run(["groupadd", "--gid", "61235", "mediatest"], check=True)
        command = ["useradd", "-M", "-u", "61234", "-g", "61235", "-G", "audio", "-s", "/bin/bash", "-d", "/srv/x"]
        subprocess.run([*command, "mediatest"], check=True)
        assert not ensure(WANTED, check=False).changed
        account = pwd.getpwnam("mediatest")
        assert (account.pw_shell, account.pw_dir) == ("/bin/bash", "/srv/x")
        assert "mediatest" in grp.getgrnam("audio").gr_mem

    host(work)


def test_a_service_account_moves_to_the_wanted_group_and_a_persons_does_not(host):
    def work():
        subprocess.run(["groupadd", "--gid", "61300", "other"], check=True)
        subprocess.run(["useradd", "-r", "-M", "-u", "61234", "-g", "61300", "mediatest"], check=True)
        subprocess.run(["usermod", "-s", "/bin/bash", "mediatest"], check=True)
        assert "/bin/bash" in refused(WANTED)
        assert pwd.getpwnam("mediatest").pw_gid == 61300
        subprocess.run(["usermod", "-s", "/usr/sbin/nologin", "mediatest"], check=True)
        change = ensure(WANTED, check=False).changes[-1]
        assert (change.before, change.after) == ("group 61300", "group 61235")
        assert pwd.getpwnam("mediatest").pw_gid == 61235

    host(work)


def test_every_clash_names_the_other_account_and_nothing_is_made(host):
    def work():
        subprocess.run(["groupadd", "--gid", "61235", "neighbours"], check=True)
        subprocess.run(["useradd", "-M", "-N", "-u", "61234", "-g", "61235", "neighbour"], check=True)
        before = Path("/etc/passwd").read_bytes(), Path("/etc/group").read_bytes()
        text = refused(WANTED)
        assert "uid: 61234 is the uid of user 'neighbour'" in text
        assert "gid: 61235 is the gid of group 'neighbours'" in text
        text = refused(Identity("neighbour", "neighbours", 61999, 61998))
        assert "user 'neighbour' exists with uid 61234, not 61999" in text
        assert "group 'neighbours' exists with gid 61235, not 61998" in text
        assert (Path("/etc/passwd").read_bytes(), Path("/etc/group").read_bytes()) == before

    host(work)


@pytest.mark.parametrize(("number", "word"), [(0, "root"), (-1, "no account"), (65535, "no account"), (2**32, "no ac")])
def test_numbers_that_no_media_user_may_have(number, word):
    text = refused(Identity("mediatest", "mediatest", number, number))
    assert "2 problems" in text
    assert word in text


@pytest.mark.parametrize("name", ["-x", "Media", "a b", "x" * 33, "a:b", "media\n"])
def test_names_that_would_be_read_as_something_else(name):
    assert f"user: {name!r} is no name" in refused(Identity(name, "mediatest", 61234, 61235))


def test_a_failed_command_is_told_with_its_words(host):
    def work():
        Path("/etc/.pwd.lock").unlink(missing_ok=True)
        Path("/etc/group.lock").write_text(str(os.getppid()))  # somebody else is changing the groups
        assert re.search(r"groupadd --system .*: failed with \d+: .*lock", refused(WANTED))

    host(work)


IDENTITY_BY_FAMILY = {
    "linuxserver": {"PUID": "61234", "PGID": "61235", "UMASK": "002", "TZ": "Europe/Berlin"},
    "hotio": {"PUID": "61234", "PGID": "61235", "UMASK": "002", "TZ": "Europe/Berlin"},
    "plexinc": {"PLEX_UID": "61234", "PLEX_GID": "61235", "TZ": "Europe/Berlin"},
    "authelia": {"PUID": "61234", "PGID": "61235", "UMASK": "002", "TZ": "Europe/Berlin"},
    "npm": {"PUID": "61234", "PGID": "61235", "TZ": "Europe/Berlin"},
    "nzbgetcom": {"PUID": "61234", "PGID": "61235", "TZ": "Europe/Berlin"},
    "tautulli": {"PUID": "61234", "PGID": "61235", "TZ": "Europe/Berlin"},
    "gluetun": {"PUID": "61234", "PGID": "61235", "TZ": "Europe/Berlin"},
    "grafana": {"TZ": "Europe/Berlin"},
    "rootless": {"TZ": "Europe/Berlin"},
}


@pytest.mark.parametrize("family", FAMILIES)
def test_each_family_gets_its_identity_by_its_own_names(family):
    assert container_identity(FAMILIES[family], WANTED) == IDENTITY_BY_FAMILY[family]


def test_only_rootless_images_are_started_as_the_user():
    users = {name: container_user(family, WANTED) for name, family in FAMILIES.items()}
    assert users.pop("rootless") == "61234:61235"
    assert set(users.values()) == {None}


def test_an_unknown_image_still_gets_the_time_zone():
    assert container_identity(NO_FAMILY, WANTED) == {"TZ": "Europe/Berlin"}

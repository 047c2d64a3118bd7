# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from ansible_collections.homelab.media.plugins.module_utils import atomic
from ansible_collections.homelab.media.plugins.module_utils.files import File, ensure
from ansible_collections.homelab.media.plugins.module_utils.outcome import Change, MediaError, Outcome

from tests.unit.real_host import need_root, snapshot

SECRETS = {"key": 'hun"ter\\2', "api.key": "0123456789abcdef", "empty": ""}


@pytest.fixture(autouse=True)
def privileges() -> None:
    need_root()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "media"


def put(root: Path, *files: File, check: bool = False, **options: object) -> Outcome:
    return ensure(str(root), files, check=check, **{"lookup": SECRETS.get, **options})


def refused(root: Path, *files: File, **options: object) -> str:
    with pytest.raises(MediaError) as caught:
        put(root, *files, **options)
    return str(caught.value)


def ownership(path: Path) -> tuple[int, int, str]:
    status = path.lstat()
    return status.st_uid, status.st_gid, oct(stat.S_IMODE(status.st_mode))


# --- writing -------------------------------------------------------------------------------------------------------


def test_files_and_their_folders_are_made_with_owner_and_mode(root):
    before = os.umask(0o077)
    try:
        put(root, File("config/nzbget/a.conf", "a\n", "0640", 61234, 61235), File(".env", "X=1\n"))
    finally:
        os.umask(before)
    assert (root / "config/nzbget/a.conf").read_text() == "a\n"
    assert ownership(root / "config/nzbget/a.conf") == (61234, 61235, "0o640")
    assert ownership(root / "config/nzbget") == (0, 0, "0o755")
    assert ownership(root / ".env") == (0, 0, "0o644")


def test_the_second_run_touches_nothing(root):
    files = File("a", "a\n"), File("b/c", "@@secret:key@@", "0600"), File("d", "seed", seed=True)
    put(root, *files)
    before = snapshot(root)
    assert not put(root, *files).changed
    assert snapshot(root) == before


def test_a_changed_file_is_another_file_with_the_same_name(root):
    put(root, File("a", "old\n"), File("b", "b\n"))
    with (root / "a").open() as reader:
        inode = (root / "a").stat().st_ino
        outcome = put(root, File("a", "new\n"), File("b", "b\n"))
        assert reader.read() == "old\n"
    assert (root / "a").stat().st_ino != inode
    assert outcome.changes == [Change(f"{root}/a", "old\n", "new\n")]


def test_a_wrong_owner_or_mode_is_set_right_without_writing(root):
    put(root, File("a", "a\n"))
    (root / "a").chmod(0o600)
    inode = (root / "a").stat().st_ino
    outcome = put(root, File("a", "a\n", owner=61234))
    assert outcome.changes == [
        Change(f"{root}/a", "owner 0, group 0, mode 0600", "owner 61234, group 0, mode 0644"),
    ]
    assert (root / "a").stat().st_ino == inode
    assert ownership(root / "a") == (61234, 0, "0o644")


def test_folders_that_exist_are_left_as_they_are(root):
    (root / "state").mkdir(parents=True)
    os.chown(root / "state", 61234, 61235)
    (root / "state").chmod(0o2770)
    put(root, File("state/seeded", "x", seed=True))
    assert ownership(root / "state") == (61234, 61235, "0o2770")


def test_a_seed_is_the_applications_own_from_then_on(root):
    put(root, File("state/app.conf", "first\n", "0600", 61234, 61235, seed=True))
    assert ownership(root / "state/app.conf") == (61234, 61235, "0o600")
    (root / "state/app.conf").write_text("what the application made of it\n")
    (root / "state/app.conf").chmod(0o660)
    before = snapshot(root)
    assert not put(root, File("state/app.conf", "second @@secret:gone@@\n", "0600", 61234, 61235, seed=True)).changed
    assert snapshot(root) == before


def test_a_file_beside_the_root_only_where_it_is_allowed(root, tmp_path):
    units = tmp_path / "units"
    units.mkdir()
    unit = File(f"{units}/media.service", "[Unit]\n")
    assert f"{units}/media.service: lies outside. Expected: a path below {root}." in refused(root, unit)
    put(root, unit, File(f"{root}/absolute", "x"), also=[str(units)])
    assert (units / "media.service").read_text() == "[Unit]\n"
    assert (root / "absolute").read_text() == "x"


# --- secrets -------------------------------------------------------------------------------------------------------


def test_a_token_may_ask_for_what_follows_from_a_secret(root):
    put(root, File("a", "id=@@secret:uuid:plex@@\n", "0600"), lookup={"uuid": "6ba7b810"}.get)
    # printf "6ba7b810- Plex Media Server" | sha1sum
    assert (root / "a").read_text() == "id=7b29e5df378de91390353601697a514c04e7bab6\n"


def test_tokens_become_secrets_and_stay_out_of_the_diff(root):
    text = 'plain=@@secret:key@@\njson="@@secret:key:json@@"\nurl=redis://:@@secret:api.key@@@redis\n'
    outcome = put(root, File("a", text, "0600"))
    lines = (root / "a").read_text().splitlines()
    assert lines[0] == "plain=" + SECRETS["key"]
    assert json.loads(lines[1].removeprefix("json=")) == SECRETS["key"]
    assert lines[2] == "url=redis://:0123456789abcdef@redis"
    told = repr(outcome.result()) + repr(put(root, File("a", text + "more", "0600")).result())
    assert "hun" not in told
    assert "0123456789abcdef" not in told
    assert "(the content is secret), owner 0, group 0, mode 0600" in told
    assert "(the content is secret), and differs" in told


def test_a_secret_with_a_token_in_it_is_put_in_once(root):
    put(root, File("a", "@@secret:odd@@", "0600"), lookup={"odd": "@@secret:key@@"}.get)
    assert (root / "a").read_text() == "@@secret:key@@"


def test_a_file_that_is_called_secret_stays_out_of_the_diff_before_and_after(root):
    put(root, File("a", "password=old", "0600", secret=True))
    outcome = put(root, File("a", "password=new", "0600", secret=True))
    assert outcome.changed
    assert "password" not in repr(outcome)
    assert "password" not in repr(File("a", "password=new"))


def test_an_empty_secret_is_still_a_secret(root):
    put(root, File("a", "<@@secret:empty@@>", "0600"))
    assert (root / "a").read_text() == "<>"


@pytest.mark.parametrize("token", ["@@secret:@@", "@@secret:key", "@@secret:key:yaml@@", "@@secret:a b@@"])
def test_a_token_that_is_none_does_not_end_up_in_the_file(root, token):
    text = refused(root, File("a", f"x\ny={token}\n", "0600"))
    assert f"a: {token!r} is no token. Expected: @@secret:NAME@@ or @@secret:NAME:json@@." in text
    assert not root.exists()


def test_a_secret_that_nobody_made_is_a_problem(root):
    assert "a: asks for secret 'gone', which does not exist" in refused(root, File("a", "@@secret:gone@@", "0600"))
    assert not root.exists()


def test_a_planned_secret_is_enough_for_check_mode_only(root):
    wanted = File("a", "@@secret:planned@@", "0600")
    outcome = put(root, wanted, check=True, planned=["planned"])
    assert [change.subject for change in outcome.changes] == [str(root), f"{root}/a"]
    assert not root.exists()
    assert "which does not exist" in refused(root, wanted, planned=["planned"])


def test_a_secret_is_not_for_everybody_to_read(root):
    text = refused(root, File("a", "@@secret:key@@"), File("b", "x", "0604", secret=True))
    assert "a: holds a secret, and mode 0644 lets everybody read it" in text
    assert "b: holds a secret, and mode 0604 lets everybody read it" in text


def test_the_secret_is_never_in_a_file_that_others_can_read(root, monkeypatch):
    """At the moment of the first written byte the temporary file has its final owner and mode."""
    seen = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            seen.append((os.fstat(descriptor).st_uid, stat.S_IMODE(os.fstat(descriptor).st_mode)))
        fsync(descriptor)

    monkeypatch.setattr(atomic.os, "fsync", watched)
    put(root, File("a", "@@secret:key@@", "0400", 61234))
    assert seen == [(61234, 0o400)]


# --- being led astray ----------------------------------------------------------------------------------------------


def test_a_link_in_the_place_of_the_file_is_refused(root, tmp_path):
    root.mkdir()
    (tmp_path / "passwd").write_text("root:x:0:0\n")
    (root / "a").symlink_to(tmp_path / "passwd")
    (root / "dangling").symlink_to(tmp_path / "nothing")
    before = snapshot(tmp_path)
    text = refused(root, File("a", "evil"), File("dangling", "evil"), File("seed", "s", seed=True), File("b", "b"))
    assert f"{root}/a: is a symbolic link to {tmp_path}/passwd. Expected: a plain file, or nothing." in text
    assert f"{root}/dangling: is a symbolic link to {tmp_path}/nothing" in text
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("owner", [0, 61234])
def test_a_link_in_the_place_of_a_folder_is_refused(root, tmp_path, owner):
    (root / "state").mkdir(parents=True)
    (tmp_path / "etc").mkdir()
    (root / "state" / "app").symlink_to(tmp_path / "etc")
    os.chown(root / "state" / "app", owner, owner, follow_symlinks=False)
    assert f"{root}/state/app: is a symbolic link to {tmp_path}/etc" in refused(root, File("state/app/x", "evil"))
    assert list((tmp_path / "etc").iterdir()) == []


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_refused(root, kind):
    root.mkdir()
    (root / "a").mkdir() if kind == "folder" else os.mkfifo(root / "a")
    assert f"{root}/a: is not a regular file" in refused(root, File("a", "x"))


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("../a", "leads upwards"),
        ("a/../../b", "leads upwards"),
        ("/etc/passwd", "lies outside"),
        ("", "surplus slash or dot"),
        ("a//b", "surplus slash or dot"),
        ("a/", "surplus slash or dot"),
        ("a\nb", "does not print"),
    ],
)
def test_paths_that_lead_elsewhere(root, path, reason):
    assert reason in refused(root, File(path, "x"))
    assert not root.exists()


def test_all_problems_are_told_at_once(root):
    files = File("a", "1"), File("a", "2"), File("a/b", "3"), File("c", "4", mode=420), File("d", "5", owner=-1)  # type: ignore[arg-type]
    text = refused(root, *files)
    assert "a: is there more than once" in text
    assert "a: is a file here and the folder of another file" in text
    assert "c: mode 420 is not octal text" in text
    assert "d: owner is -1" in text
    assert not root.exists()


def test_the_root_has_to_be_absolute():
    with pytest.raises(MediaError, match="root: 'media' is not absolute"):
        ensure("media", [File("a", "x")], check=True)


# --- check mode and interruption -----------------------------------------------------------------------------------


@pytest.mark.parametrize("fresh", [True, False])
def test_check_mode_writes_nothing_and_tells_what_a_run_does(root, fresh):
    if not fresh:
        put(root, File("a", "old\n"), File("sub/b", "b\n"), File("sub/c", "@@secret:empty@@", "0600"))
        (root / "sub/b").chmod(0o600)
    files = (
        *(File("a", "new\n"), File("sub/b", "b\n"), File("sub/c", "@@secret:key@@", "0600")),
        *(File("sub/new/d", "d"), File("sub/new/e", "e", seed=True)),
    )
    before = snapshot(root.parent)
    planned = put(root, *files, check=True)
    assert snapshot(root.parent) == before
    assert len(planned.changes) == (8 if fresh else 6)
    assert planned.changes == put(root, *files).changes


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(root, monkeypatch):
    put(root, File("a", "old\n"))
    before = snapshot(root / "a")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        put(root, File("a", "new\n"))
    assert snapshot(root / "a") == before
    assert [path.name for path in root.iterdir()] == ["a"]


def test_what_a_killed_run_left_is_swept_by_the_next_write_of_that_file_alone(root):
    root.mkdir()
    for name in (".a.0123456789abcdef.tmp", ".b.0123456789abcdef.tmp", ".a.tmp"):
        (root / name).write_text("half")
    put(root, File("a", "whole\n"))
    assert sorted(path.name for path in root.iterdir()) == [".a.tmp", ".b.0123456789abcdef.tmp", "a"]


def test_a_file_that_is_not_text_is_replaced(root):
    root.mkdir()
    (root / "a").write_bytes(b"\xff\xfe")
    assert put(root, File("a", "text\n")).changes == [Change(f"{root}/a", "(the content is not text)", "text\n")]

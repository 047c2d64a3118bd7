# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import os
import re
import signal
import stat
import time
import uuid
from pathlib import Path

import pytest
from ansible_collections.homelab.media.plugins.module_utils import secret_store
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome
from ansible_collections.homelab.media.plugins.module_utils.secret_store import Secret, ensure, lookup, read

from tests.unit.real_host import need_root, snapshot

GIVEN = "correct horse battery staple"


@pytest.fixture(autouse=True)
def root() -> None:
    need_root()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "secrets"


def put(store: Path, check: bool = False, **wanted: Secret) -> Outcome:
    return ensure(str(store), wanted, check=check)


def refused(store: Path, **wanted: Secret) -> str:
    with pytest.raises(MediaError) as caught:
        put(store, **wanted)
    return str(caught.value)


def ownership(path: Path) -> tuple[int, int, str]:
    status = path.lstat()
    return status.st_uid, status.st_gid, oct(stat.S_IMODE(status.st_mode))


def told(outcome: Outcome) -> str:
    return repr(outcome.result()) + repr(outcome)


# --- generating ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("secret", "form"),
    [
        (Secret("hex"), "[0-9a-f]{32}"),
        (Secret("hex", 65), "[0-9a-f]{65}"),
        (Secret("alnum"), "[A-Za-z0-9]{32}"),
        (Secret("alnum", 20), "[A-Za-z0-9]{20}"),
    ],
)
def test_a_generated_secret_has_its_form_and_no_line_end(store, secret, form):
    put(store, one=secret, two=secret)
    one, two = ((store / name).read_text() for name in ("one", "two"))
    assert re.fullmatch(form, one)
    assert re.fullmatch(form, two)
    assert one != two


def test_base64_and_uuid(store):
    put(store, key=Secret("base64", 48), id=Secret("uuid"))
    assert len(base64.b64decode((store / "key").read_text(), validate=True)) == 48
    made = (store / "id").read_text()
    assert (str(uuid.UUID(made)), uuid.UUID(made).version) == (made, 4)


def test_only_root_gets_at_them(store):
    before = os.umask(0)
    try:
        put(store, key=Secret("hex"), shared=Secret("hex", owner=61234, group=61235, mode="0640"))
    finally:
        os.umask(before)
    assert ownership(store) == (0, 0, "0o700")
    assert ownership(store / "key") == (0, 0, "0o600")
    assert ownership(store / "shared") == (61234, 61235, "0o640")


def test_a_secret_is_generated_once(store):
    put(store, key=Secret("hex"))
    before = snapshot(store)
    assert not put(store, key=Secret("hex")).changed
    assert not put(store, key=Secret("alnum", 64)).changed
    assert snapshot(store) == before


def test_nothing_of_a_secret_is_told(store):
    outcomes = [
        put(store, key=Secret("hex"), password=Secret("alnum", value=GIVEN)),
        put(store, key=Secret("hex", value="0" * 32), password=Secret("alnum", value=GIVEN + "!")),
    ]
    text = "".join(told(outcome) for outcome in outcomes)
    assert text.count("secret generated") == 2  # once in the result, once in the object
    assert "secret replaced by the given one" in text
    for secret in (GIVEN, "0" * 32, (store / "key").read_text()):
        assert secret not in text
    assert GIVEN not in repr(Secret("given", value=GIVEN))
    assert outcomes[0].facts["secrets"] == {"key": f"{store}/key", "password": f"{store}/password"}


def test_secrets_that_are_not_wanted_any_more_stay(store):
    put(store, old=Secret("hex"))
    kept = (store / "old").read_text()
    put(store, new=Secret("hex"))
    assert (store / "old").read_text() == kept


# --- given values --------------------------------------------------------------------------------------------------


def test_a_given_value_wins_and_stays(store):
    put(store, password=Secret("alnum"))
    outcome = put(store, password=Secret("alnum", value=GIVEN))
    assert (store / "password").read_text() == GIVEN
    assert outcome.changes[0].after.startswith("secret replaced by the given one")
    assert not put(store, password=Secret("alnum", value=GIVEN)).changed
    assert not put(store, password=Secret("alnum")).changed
    assert (store / "password").read_text() == GIVEN


def test_line_ends_at_the_end_are_left_out_and_those_within_stay(store):
    put(store, key=Secret("given", value="-----BEGIN-----\nabc\n-----END-----\n\n"))
    assert (store / "key").read_text() == "-----BEGIN-----\nabc\n-----END-----"


def test_a_given_secret_may_lie_there_already(store):
    assert f"secret key: has no value. Expected: the value given, or put into {store}/key." in refused(
        store, key=Secret("given")
    )
    store.mkdir()
    (store / "key").write_text("by hand")
    put(store, key=Secret("given"))
    assert ((store / "key").read_text(), ownership(store / "key")) == ("by hand", (0, 0, "0o600"))


# --- what is there already -----------------------------------------------------------------------------------------


def test_owner_and_mode_are_repaired_without_touching_the_content(store):
    put(store, key=Secret("hex"))
    text, inode = (store / "key").read_text(), (store / "key").stat().st_ino
    store.chmod(0o755)
    (store / "key").chmod(0o644)
    os.chown(store / "key", 61234, 0)
    outcome = put(store, key=Secret("hex"))
    assert [(change.before, change.after) for change in outcome.changes] == [
        ("directory, owner 0, group 0, mode 0755", "directory, owner 0, group 0, mode 0700"),
        ("secret, owner 61234, group 0, mode 0644", "secret, owner 0, group 0, mode 0600"),
    ]
    assert (ownership(store), ownership(store / "key")) == ((0, 0, "0o700"), (0, 0, "0o600"))
    assert ((store / "key").read_text(), (store / "key").stat().st_ino) == (text, inode)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe"])
def test_an_empty_or_broken_file_is_a_problem_unless_a_value_is_given(store, content):
    store.mkdir()
    (store / "key").write_bytes(content)
    text = refused(store, key=Secret("hex"), other=Secret("hex"))
    assert f"{store}/key: is empty or not text" in text
    assert [path.name for path in store.iterdir()] == ["key"]
    put(store, key=Secret("hex", value=GIVEN))
    assert (store / "key").read_text() == GIVEN


def test_a_link_or_a_folder_in_the_place_of_a_secret_is_a_problem(store, tmp_path):
    store.mkdir()
    (tmp_path / "shadow").write_text("root's own")
    (store / "link").symlink_to(tmp_path / "shadow")
    (store / "folder").mkdir()
    os.mkfifo(store / "pipe")
    before = snapshot(tmp_path)
    text = refused(store, **{name: Secret("hex", value=GIVEN) for name in ("link", "folder", "pipe")})
    assert f"{store}/link: is a symbolic link to {tmp_path}/shadow" in text
    assert f"{store}/folder: is not a regular file" in text
    assert f"{store}/pipe: is not a regular file" in text
    assert snapshot(tmp_path) == before


def test_a_store_behind_somebody_elses_link_is_refused(store, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    store.symlink_to(tmp_path / "elsewhere")
    os.chown(store, 61234, 61234, follow_symlinks=False)
    assert f"{store}: is a symbolic link to" in refused(store, key=Secret("hex"))
    assert list((tmp_path / "elsewhere").iterdir()) == []


# --- bad input -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", ".", "..", "../key", "a/b", ".hidden", "a b", "-x", "key\n", "x" * 65])
def test_names_that_are_no_names(store, name):
    assert "is no name for a file" in refused(store, **{name: Secret("hex")})
    assert not store.exists()


def test_every_problem_is_told_without_the_value(store):
    text = refused(
        store,
        kind=Secret("rot13"),
        short=Secret("alnum", 8),
        open=Secret("hex", mode="0644"),
        number=Secret("hex", mode=600),  # type: ignore[arg-type]
        empty=Secret("hex", value="\n"),
        nul=Secret("hex", value=GIVEN + "\0"),
    )
    assert "6 problems" in text
    assert "secret short: length 8 does not suit alnum. Expected: 20 to 4096." in text
    assert "secret open: mode 0644 lets others in" in text
    assert GIVEN not in text
    assert not store.exists()


# --- check mode, interruption, rivals ------------------------------------------------------------------------------


@pytest.mark.parametrize("fresh", [True, False])
def test_check_mode_writes_nothing_and_tells_what_a_run_does(store, fresh):
    if not fresh:
        put(store, old=Secret("hex"), given=Secret("given", value="older"))
        (store / "old").chmod(0o640)
    wanted = {"old": Secret("hex"), "new": Secret("uuid"), "given": Secret("given", value=GIVEN)}
    before = snapshot(store.parent)
    planned = put(store, check=True, **wanted)
    assert snapshot(store.parent) == before
    assert len([change for change in planned.changes if change.subject != str(store)]) == 3
    assert planned.changes == put(store, **wanted).changes


def test_a_run_killed_while_it_writes_is_finished_by_the_next(store):
    """The child dies at the moment before the file gets its name: all that is left is a temporary one."""
    put(store, other=Secret("hex"))
    child = os.fork()
    if child == 0:
        try:
            os.link = os.rename = lambda *_args, **_kwargs: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore
            put(store, key=Secret("hex"))
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    (leftover,) = [path for path in store.iterdir() if path.name != "other"]
    assert leftover.name.startswith(".key.")
    assert ownership(leftover) == (0, 0, "0o600")
    assert lookup(str(store))("key") is None
    put(store, key=Secret("hex"))
    assert sorted(path.name for path in store.iterdir()) == ["key", "other"]
    assert len(read(str(store), "key")) == 32


def test_two_runs_at_once_agree_on_one_secret(store):
    """Many runs start together; each must report the one secret that is in the store afterwards."""
    store.mkdir(mode=0o700)
    start = time.monotonic() + 0.2
    children = []
    for number in range(8):
        child = os.fork()
        if child == 0:
            try:
                while time.monotonic() < start:
                    pass
                put(store, key=Secret("hex"))
                (store.parent / f"seen{number}").write_text(read(str(store), "key"))
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    seen = {path.read_text() for path in store.parent.glob("seen*")}
    assert seen == {(store / "key").read_text()}


def test_a_secret_that_another_run_wrote_first_is_kept(store, monkeypatch):
    def rival(_secret: Secret) -> bytes:
        (store / "key").write_text("the rival's")
        return b"mine"

    monkeypatch.setattr(secret_store, "_generated", rival)
    put(store, key=Secret("hex"))
    assert (store / "key").read_text() == "the rival's"
    assert [path.name for path in store.iterdir()] == ["key"]


# --- reading -------------------------------------------------------------------------------------------------------


def test_reading(store):
    put(store, key=Secret("given", value=GIVEN))
    assert read(str(store), "key") == GIVEN
    assert lookup(str(store))("absent") is None
    assert lookup(str(store))("../secrets/key") is None
    with pytest.raises(MediaError, match="absent: does not exist"):
        read(str(store), "absent")


def test_a_given_value_counts_as_stored_before_it_is(store):
    put(store, key=Secret("hex"))
    find = lookup(str(store), {"key": Secret("hex", value=GIVEN + "\n"), "planned": Secret("hex")})
    assert find("key") == GIVEN
    assert find("planned") is None

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from ansible_collections.homelab.media.plugins.module_utils import repair
from ansible_collections.homelab.media.plugins.module_utils.link_proof import LinkProof, prove_link
from ansible_collections.homelab.media.plugins.module_utils.media_layout import media_layout
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome
from ansible_collections.homelab.media.plugins.module_utils.ownership import Ownership
from ansible_collections.homelab.media.plugins.module_utils.places import same_filesystem
from ansible_collections.homelab.media.plugins.module_utils.tree import Entry, Tree, ensure

from tests.unit.real_host import need_root, snapshot, tmpfs

UID, GID = 61234, 61235
CATEGORIES = ["movies", "tv"]


@pytest.fixture(autouse=True)
def root() -> None:
    need_root()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A place that the media user can get to, as /data is; pytest's own folders are closed to others."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_mode & 0o001 == 0:
            folder.chmod(folder.stat().st_mode | 0o011)
    return tmp_path / "data"


def tree(data: Path, **changes: object) -> Tree:
    entries = media_layout(str(data), CATEGORIES, uid=UID, gid=GID)
    proof = LinkProof(f"{data}/usenet/complete", f"{data}/media", UID, GID)
    return Tree(**{"entries": tuple(entries), "proof": proof, **changes})


def refused(wanted: Tree, *, check: bool = False) -> str:
    with pytest.raises(MediaError) as caught:
        ensure(wanted, check=check)
    return str(caught.value)


def subjects(outcome: Outcome) -> list[str]:
    return [change.subject for change in outcome.changes]


def ownership(path: Path) -> tuple[int, int, str]:
    status = path.lstat()
    return status.st_uid, status.st_gid, oct(stat.S_IMODE(status.st_mode))


# --- the tree ------------------------------------------------------------------------------------------------------


def test_the_whole_tree_is_made_in_one_call(data):
    outcome = ensure(tree(data), check=False)
    made = sorted(str(path.relative_to(data)) for path in data.rglob("*"))
    assert made == [
        *("media", "media/movies", "media/tv", "usenet", "usenet/complete", "usenet/complete/movies"),
        *("usenet/complete/tv", "usenet/incomplete"),
    ]
    assert {ownership(path) for path in (data, *data.rglob("*"))} == {(UID, GID, "0o2775")}
    assert outcome.changes[0].subject == str(data)
    assert outcome.changes[0].after == f"directory, owner {UID}, group {GID}, mode 2775"


def test_the_second_run_touches_nothing(data):
    ensure(tree(data, proof=None), check=False)
    before = snapshot(data)
    assert not ensure(tree(data, proof=None), check=False).changed
    assert snapshot(data) == before


def test_the_proof_leaves_nothing_behind(data):
    ensure(tree(data), check=False)
    assert not ensure(tree(data), check=False).changed
    assert [path for path in data.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("state", ["fresh", "half"])
def test_check_mode_writes_nothing_and_tells_what_a_run_does(data, state):
    if state == "half":
        (data / "media" / "tv").mkdir(parents=True)
        os.chown(data / "media", 12, 34)
        (data / "media" / "tv" / "episode.mkv").write_text("x")
    before = snapshot(data.parent)
    planned = ensure(tree(data, repair=True), check=True)
    assert snapshot(data.parent) == before
    assert planned.changed
    assert planned.changes == ensure(tree(data, repair=True), check=False).changes


def test_only_what_differs_is_changed_and_told(data):
    ensure(tree(data), check=False)
    (data / "media" / "tv").chmod(0o755)
    os.chown(data / "usenet", 0, 0)
    outcome = ensure(tree(data), check=False)
    assert subjects(outcome) == [f"{data}/media/tv", f"{data}/usenet"]
    assert outcome.changes[0].before == f"directory, owner {UID}, group {GID}, mode 0755"
    assert outcome.changes[1].before == "directory, owner 0, group 0, mode 2775"
    assert ownership(data / "usenet") == (UID, GID, "0o2775")


def test_missing_folders_above_the_tree_are_roots_own_and_existing_ones_stay(tmp_path):
    tmp_path.chmod(0o711)
    wanted = Tree((Entry(f"{tmp_path}/srv/disk/data", UID, GID, "2775"), Entry(f"{tmp_path}/srv/disk/x", 0, 0, "0700")))
    planned = ensure(wanted, check=True)
    assert subjects(planned) == [f"{tmp_path}/{path}" for path in ("srv", "srv/disk", "srv/disk/data", "srv/disk/x")]
    assert ensure(wanted, check=False).changes == planned.changes
    assert ownership(tmp_path / "srv" / "disk") == (0, 0, "0o755")
    assert ownership(tmp_path) == (0, 0, "0o711")


def test_the_umask_of_whoever_runs_it_does_not_matter(data):
    before = os.umask(0o077)
    try:
        ensure(tree(data), check=False)
    finally:
        os.umask(before)
    assert ownership(data / "media" / "tv") == (UID, GID, "0o2775")


def test_nothing_is_deleted(data):
    ensure(tree(data), check=False)
    (data / "media" / "anime").mkdir()
    (data / "media" / "anime" / "a.mkv").write_text("a")
    ensure(Tree(tuple(media_layout(str(data), ["movies"], uid=UID, gid=GID)), repair=True), check=False)
    assert (data / "media" / "anime" / "a.mkv").read_text() == "a"
    assert (data / "media" / "tv").is_dir()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("data", "is not absolute"),
        ("", "is ''"),
        ("/", "is the whole machine"),
        ("//", "is the whole machine"),
        ("/data/../etc", "leads upwards"),
        ("/data/", "surplus slash or dot. Expected: /data."),
        ("//data", "surplus slash or dot. Expected: /data."),
        ("/data/./media", "Expected: /data/media."),
        ("/data\n", "does not print"),
    ],
)
def test_a_path_that_is_spelled_wrong(path, reason):
    assert reason in refused(Tree((Entry(path, UID, GID, "2775"),)))


def test_all_problems_are_told_at_once_and_nothing_is_made(tmp_path):
    entries = (
        Entry(f"{tmp_path}/a", UID, GID, "2775"),
        Entry(f"{tmp_path}/a", UID, GID, "2775"),
        Entry("relative", UID, GID, "2775"),
        Entry(f"{tmp_path}/b", -1, GID, 0o755),  # type: ignore[arg-type]
    )
    text = refused(Tree(entries, mounts=("mnt",)))
    assert text.startswith("5 problems found:")
    for part in ("is there more than once", "'relative' is not absolute", "owner is -1", "mode 493", "mounts: 'mnt'"):
        assert part in text
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_a_folder_is_a_problem_and_stays(data):
    data.mkdir()
    (data / "media").write_text("mine")
    assert f"{data}/media: is not a directory. Expected: a directory, or nothing." in refused(tree(data))
    assert (data / "media").read_text() == "mine"
    assert not (data / "usenet").exists()


# --- links ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """What an attacker would like to own."""
    folder = tmp_path / "outside"
    (folder / "tv").mkdir(parents=True)
    (folder / "secret").write_text("root's own")
    return folder


@pytest.mark.parametrize("place", ["media", "media/tv", "usenet"])
@pytest.mark.parametrize("owner", [0, UID])
@pytest.mark.parametrize("repair", [False, True])
def test_a_link_out_of_the_tree_is_refused_wherever_it_is(data, outside, place, owner, repair):
    (data / place).parent.mkdir(parents=True)
    (data / place).symlink_to(outside)
    os.chown(data / place, owner, owner, follow_symlinks=False)
    before = snapshot(data.parent)
    assert f"{data}/{place}: is a symbolic link to {outside}" in refused(tree(data, repair=repair))
    assert snapshot(data.parent) == before


def test_a_link_that_stays_inside_the_tree_is_refused_too(data):
    (data / "media" / "shows").mkdir(parents=True)
    (data / "media" / "tv").symlink_to("shows")
    assert "media/tv: is a symbolic link to shows. Expected: a real directory" in refused(tree(data))


def test_roots_own_link_at_the_top_is_followed(data, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir(mode=0o711)
    disk.chmod(0o711)
    data.symlink_to("disk/library")
    assert "leads over a broken symbolic link" in refused(tree(data))
    (disk / "library").mkdir()
    ensure(tree(data), check=False)
    assert ownership(disk / "library" / "media" / "tv") == (UID, GID, "0o2775")
    assert data.is_symlink()
    assert not ensure(tree(data), check=False).changed


def test_somebody_elses_link_at_the_top_is_refused(data, outside):
    data.symlink_to(outside)
    os.chown(data, UID, UID, follow_symlinks=False)
    before = snapshot(outside)
    assert f"{data}: is a symbolic link to {outside}" in refused(tree(data))
    assert snapshot(outside) == before


def test_a_circle_of_links_ends(data, tmp_path):
    data.symlink_to(tmp_path / "other")
    (tmp_path / "other").symlink_to(data)
    assert "is a symbolic link to" in refused(tree(data))


# --- repair --------------------------------------------------------------------------------------------------------


@pytest.fixture
def messy(data: Path, outside: Path) -> Path:
    """A library in which another program has worked."""
    ensure(tree(data), check=False)
    show = data / "media" / "tv" / "show"
    show.mkdir()
    for number in range(25):
        (show / f"{number:02}.mkv").write_text("x")
    (show / "01.mkv").chmod(0o6755)
    (show / "away").symlink_to(outside)
    (show / "secret").symlink_to(outside / "secret")
    os.mkfifo(show / "pipe", 0o600)
    return data


def test_contents_are_left_alone_unless_asked(messy):
    before = snapshot(messy / "media" / "tv" / "show")
    assert not ensure(tree(messy, proof=None), check=False).changed
    assert snapshot(messy / "media" / "tv" / "show") == before


def test_repair_counts_names_and_sets_right(messy):
    outcome = ensure(tree(messy, repair=True), check=False)
    assert subjects(outcome) == [f"{messy}/media/tv (contents)"]
    lines = outcome.changes[0].before.splitlines()
    assert lines[0] == "26 of 26 with another owner, group or mode"
    assert len(lines) == 22
    assert lines[-1] == "and 6 more"
    show = messy / "media" / "tv" / "show"
    assert ownership(show) == (UID, GID, "0o2775")
    assert {ownership(path) for path in show.glob("*.mkv")} == {(UID, GID, "0o664")}
    assert not ensure(tree(messy, repair=True), check=False).changed


def test_repair_neither_follows_nor_changes_links_and_pipes(messy, outside):
    show = messy / "media" / "tv" / "show"
    before = snapshot(outside), [(show / name).lstat() for name in ("away", "secret", "pipe")]
    ensure(tree(messy, repair=True), check=False)
    assert (snapshot(outside), [(show / name).lstat() for name in ("away", "secret", "pipe")]) == before


@pytest.mark.parametrize("swap", ["link", "gone"])
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_was_swapped_after_it_was_looked_at_is_left_alone(tmp_path, outside, kind, swap):
    item = tmp_path / "item"
    item.mkdir() if kind == "folder" else item.write_text("x")
    status = item.lstat()
    item.rename(tmp_path / "elsewhere")
    if swap == "link":
        item.symlink_to(outside if kind == "folder" else outside / "secret")
    before = snapshot(tmp_path)
    parent = os.open(tmp_path, os.O_RDONLY)
    repair._set(parent, "item", status, Ownership(UID, GID, 0o777))
    os.close(parent)
    assert snapshot(tmp_path) == before


def test_repair_stays_on_its_file_system(messy):
    disk = messy / "media" / "tv" / "disk"
    disk.mkdir()
    with tmpfs(disk):
        (disk / "film").write_text("x")
        before = snapshot(disk)
        outcome = ensure(tree(messy, repair=True), check=False)
        assert snapshot(disk) == before
        assert outcome.changes[0].after.startswith("26 of 26")


def test_repair_stays_out_of_a_bind_mount_too(messy, outside):
    """Its device is the same as the library's own."""
    bound = messy / "media" / "tv" / "bound"
    bound.mkdir()
    subprocess.run(["mount", "--bind", str(outside), str(bound)], check=True)
    try:
        before = snapshot(outside)
        assert ensure(tree(messy, repair=True), check=False).changed
        assert snapshot(outside) == before
    finally:
        subprocess.run(["umount", str(bound)], check=True)


def test_repair_leaves_folders_alone_that_have_no_file_mode(data):
    ensure(tree(data), check=False)
    (data / "lost+found").mkdir()
    (data / "usenet" / "note").write_text("x")
    before = snapshot(data)
    assert not ensure(tree(data, repair=True, proof=None), check=False).changed
    assert snapshot(data) == before


# --- mounts and the proof ------------------------------------------------------------------------------------------


def test_an_expected_mount_that_is_missing_stops_everything(data):
    data.mkdir()
    text = refused(tree(data, mounts=(str(data),)))
    assert f"{data}: is not mounted: what is written there would land on mount /" in text
    assert list(data.iterdir()) == []
    with tmpfs(data):
        assert ensure(tree(data, mounts=(str(data),)), check=False).changed
        assert (data / "media" / "tv").is_dir()
    assert list(data.iterdir()) == []


def test_an_expected_mount_whose_folder_is_missing(data):
    assert f"{data}: is not mounted" in refused(tree(data, mounts=(str(data),)))
    assert not data.exists()


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("place", ["media", "media/tv", "usenet/complete/movies", "usenet"])
def test_two_file_systems_are_told_with_both_mounts_before_anything_is_made(data, place, check):
    (data / place).mkdir(parents=True)
    with tmpfs(data / place):
        before = snapshot(data)
        text = refused(tree(data), check=check)
        assert snapshot(data) == before
    assert f"mount {data / place} (media-test, tmpfs, device" in text
    assert "no hard link from one to the other" in text


def test_same_filesystem_works_where_nothing_exists_yet(tmp_path):
    paths = [f"{tmp_path}/data/usenet", f"{tmp_path}/data/media"]
    assert same_filesystem(paths) == []
    (tmp_path / "data").mkdir()
    assert same_filesystem(paths) == []
    (tmp_path / "data" / "media").mkdir()
    with tmpfs(tmp_path / "data" / "media"):
        (problem,) = same_filesystem([*paths, f"{tmp_path}/data/usenet/complete"])
        assert problem.variable == paths[1]
    assert same_filesystem(paths) == []
    assert list(tmp_path.rglob("*")) == [tmp_path / "data", tmp_path / "data" / "media"]


def test_one_file_system_mounted_twice_is_no_place_for_a_hard_link(data):
    """The device is the same on both sides; only the mount tells, and link(2) fails."""
    ensure(tree(data), check=False)
    subprocess.run(["mount", "--bind", f"{data}/media", f"{data}/media"], check=True)
    try:
        assert (data / "media").stat().st_dev == (data / "usenet").stat().st_dev
        assert f"mount {data}/media (" in refused(tree(data), check=True)
        with pytest.raises(MediaError, match="no hard link from one to the other"):
            prove_link(tree(data).proof)
    finally:
        subprocess.run(["umount", f"{data}/media"], check=True)
    assert not ensure(tree(data), check=False).changed


def test_the_proof_itself_fails_across_file_systems_and_names_both(data):
    ensure(tree(data), check=False)
    proof = tree(data).proof
    prove_link(proof)
    with tmpfs(data / "media"):
        (data / "media").chmod(0o777)
        with pytest.raises(MediaError, match="no hard link from one to the other") as caught:
            prove_link(proof)
        assert f"mount {data}/media (media-test, tmpfs" in str(caught.value)
        assert list((data / "media").iterdir()) == []
    assert list((data / "usenet" / "complete").glob(".*")) == []


def test_the_proof_is_made_as_the_media_user(data):
    """Root could write there; the user that the applications run as could not."""
    ensure(tree(data), check=False)
    proof = tree(data).proof
    data.chmod(0o700)
    os.chown(data, 0, 0)
    with pytest.raises(MediaError, match=f"{data}/usenet/complete: user {UID} with group {GID} cannot make a file"):
        prove_link(proof)
    data.chmod(0o755)
    prove_link(proof)
    os.chown(data / "media", 0, 0)
    (data / "media").chmod(0o775)
    groups = os.getgroups()
    os.setgroups([0])  # root's further groups do not help the user either
    with pytest.raises(MediaError, match=f"{data}/media: user .* cannot link a file from .*: Permission denied"):
        prove_link(proof)
    os.setgroups(groups)
    assert list((data / "usenet" / "complete").glob(".*")) == []


def test_a_run_ends_with_the_proof(data):
    """Everything is as declared, and yet the user cannot get there."""
    data.parent.chmod(0o700)
    ensure(tree(data, proof=None), check=False)
    assert "cannot make a file there: Permission denied" in refused(tree(data))
    data.parent.chmod(0o711)
    assert not ensure(tree(data), check=False).changed


# --- the layout ----------------------------------------------------------------------------------------------------


def test_the_layout_of_downloads_and_library():
    entries = media_layout("/data", ["tv"], ["photos/raw"], uid=7, gid=8, umask="022")
    assert [(entry.path, entry.file_mode) for entry in entries] == [
        ("/data", None),
        ("/data/media", "0644"),
        ("/data/media/tv", "0644"),
        ("/data/photos", None),
        ("/data/photos/raw", "0644"),
        ("/data/usenet", None),
        ("/data/usenet/complete", "0644"),
        ("/data/usenet/complete/tv", "0644"),
        ("/data/usenet/incomplete", "0644"),
    ]
    assert {(entry.owner, entry.group, entry.mode) for entry in entries} == {(7, 8, "2755")}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("data", ["tv"]), "data_root: 'data' is not absolute"),
        (("/data", ["../tv"]), "categories: '../tv' is no category"),
        (("/data", [".hidden"]), "categories: '.hidden' is no category"),
        (("/data", ["tv", "TV"]), "categories: 'tv' is there more than once"),
        (("/data", ["tv"], ["../etc"]), "extra: '/../etc' leads upwards"),
        (("/data", ["tv"], ["/etc"]), "extra: '//etc' has a surplus slash"),
    ],
)
def test_what_is_wrong_with_a_layout(arguments, reason):
    with pytest.raises(MediaError) as caught:
        media_layout(*arguments)
    assert reason in str(caught.value)

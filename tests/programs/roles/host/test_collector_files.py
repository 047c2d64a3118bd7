# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates, backups, the last run and the disks: what lies about on the host."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from roles.host.files.collector import backups, certificates, converge, disks
from roles.host.files.collector.findings import Findings, Trouble
from roles.host.files.collector.memory import Memory
from tests.unit.roles.host.collector_nursery import series

DAY = 86400
EXPIRY = 'media_certificate_expiry_timestamp_seconds{{certificate="{}"}}'


def made(path: Path, name: str, days: int, *words: str) -> Path:
    """Make a certificate; its key lies beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-keyout", f"{path}.key", "-out", str(path), "-days", str(days), "-subj", f"/CN={name}", *words]
    subprocess.run(command, check=True, capture_output=True)
    return path


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A front door with an authority of its own, a certificate of that, and one that nobody uses any more."""
    root = tmp_path_factory.mktemp("door")
    authority = made(root / "config/proxy/ca.crt", "house authority", 3650)
    signed = ("-CA", str(authority), "-CAkey", f"{authority}.key")
    names = ("-addext", "subjectAltName=DNS:media.test,DNS:*.media.test")
    made(root / "data/custom_ssl/npm-1/fullchain.pem", "media.test", 90, *names, *signed)
    made(root / "data/custom_ssl/npm-2/fullchain.pem", "gone.media.test", 1)
    pages = root / "data/nginx/proxy_host"
    pages.mkdir(parents=True)
    for number in (1, 2):
        (pages / f"{number}.conf").write_text(
            "server {\n  ssl_certificate /data/custom_ssl/npm-1/fullchain.pem;\n"
            "  ssl_certificate_key /data/custom_ssl/npm-1/privkey.pem;\n"
            "  # ssl_certificate /data/custom_ssl/npm-2/fullchain.pem;\n}\n"
        )
    return root


def config(root: Path) -> dict[str, Any]:
    folders = {"/data": f"{root}/data", "/etc/letsencrypt": f"{root}/letsencrypt"}
    authority = f"{root}/config/proxy/ca.crt"
    return {"nginx": f"{root}/data/nginx/*/*.conf", "folders": folders, "authority": authority}


def ask_certificates(root: Path, memory: Memory) -> Findings:
    found = Findings()
    certificates.collect(found, memory, config(root))
    return found


def in_days(found: Findings) -> dict[str, int]:
    return {name: round((value - time.time()) / DAY) for name, value in series(found).items()}


def test_what_is_handed_out_and_whose_it_is(door: Path, tmp_path: Path) -> None:
    wanted = {EXPIRY.format("media.test"): 90, EXPIRY.format("house authority"): 3650}
    assert in_days(ask_certificates(door, Memory(tmp_path / "m"))) == wanted


def test_a_certificate_of_lets_encrypt_and_an_authority_that_is_not_its_own(door: Path, tmp_path: Path) -> None:
    pages = tmp_path / "data/nginx/proxy_host"
    pages.mkdir(parents=True)
    (pages / "1.conf").write_text("ssl_certificate /etc/letsencrypt/live/npm-3/fullchain.pem;\n")
    made(tmp_path / "letsencrypt/archive/npm-3/fullchain1.pem", "tv.example.org", 60)
    (tmp_path / "letsencrypt/live").mkdir()
    (tmp_path / "letsencrypt/live/npm-3").symlink_to("../archive/npm-3")
    (tmp_path / "letsencrypt/archive/npm-3/fullchain.pem").symlink_to("fullchain1.pem")
    (tmp_path / "config/proxy").mkdir(parents=True)
    (tmp_path / "config/proxy/ca.crt").write_bytes((door / "config/proxy/ca.crt").read_bytes())
    assert in_days(ask_certificates(tmp_path, Memory(tmp_path / "m"))) == {EXPIRY.format("tv.example.org"): 60}


def test_of_two_with_one_name_the_first_to_end_is_told(tmp_path: Path) -> None:
    pages = tmp_path / "data/nginx/proxy_host"
    pages.mkdir(parents=True)
    for number, days in enumerate((80, 20, 50)):
        made(tmp_path / f"data/custom_ssl/npm-{number}/fullchain.pem", "media.test", days)
        (pages / f"{number}.conf").write_text(f"ssl_certificate /data/custom_ssl/npm-{number}/fullchain.pem;\n")
    assert in_days(ask_certificates(tmp_path, Memory(tmp_path / "m"))) == {EXPIRY.format("media.test"): 20}


def test_an_unchanged_file_is_not_read_again(door: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory(tmp_path / "m")
    before = series(ask_certificates(door, memory))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert series(ask_certificates(door, memory)) == before
    os.utime(door / "config/proxy/ca.crt")
    with pytest.raises(Trouble, match=r"ca\.crt cannot be read"):
        ask_certificates(door, memory)


@pytest.mark.parametrize(("content", "said"), [(None, "is not there"), ("none", "it is no certificate")])
def test_a_certificate_that_cannot_be_read_leaves_the_others(
    door: Path, tmp_path: Path, content: str | None, said: str
) -> None:
    pages = door / "data/nginx/redirection_host"
    pages.mkdir()
    broken = door / "data/custom_ssl/broken.pem"
    (pages / "1.conf").write_text("ssl_certificate /data/custom_ssl/broken.pem;\n")
    if content:
        broken.write_text(content)
    found = Findings()
    try:
        with pytest.raises(Trouble, match=rf"broken\.pem .*{said}"):
            certificates.collect(found, Memory(tmp_path / "m"), config(door))
    finally:
        (pages / "1.conf").unlink()
        pages.rmdir()
        broken.unlink(missing_ok=True)
    assert len(series(found)) == 2


def test_a_door_that_publishes_nothing_yet(tmp_path: Path) -> None:
    assert series(ask_certificates(tmp_path, Memory(tmp_path / "m"))) == {}


@pytest.mark.parametrize("text", ["", "notAfter=Dec  3 02:33:31 2026 GMT\n7d239aad\n"])
def test_an_openssl_that_tells_something_else(text: str) -> None:
    with pytest.raises(Trouble, match="something else"):
        certificates.parse(text)


# --- backups


def ask_backups(**said: dict[str, Any]) -> dict[str, float]:
    found = Findings()
    backups.collect(found, said)
    return {name.removeprefix("media_backup_"): value for name, value in series(found).items()}


def test_the_newest_file_counts(tmp_path: Path) -> None:
    for name, when in (("a.tar", 1000), ("b.tar", 3000), ("c.tar", 2000), ("d.txt", 9000)):
        (tmp_path / name).write_text("x")
        os.utime(tmp_path / name, (when, when))
    (tmp_path / "e.tar").mkdir()
    (tmp_path / "f.tar").touch()  # empty
    (tmp_path / "g.tar").symlink_to("nowhere")
    assert ask_backups(nightly={"path": f"{tmp_path}/*.tar", "max_age": 36}) == {
        'timestamp_seconds{backup="nightly"}': 3000,
        'max_age_seconds{backup="nightly"}': 36,
    }


def test_files_below_any_folders(tmp_path: Path) -> None:
    (tmp_path / "2026" / "11").mkdir(parents=True)
    (tmp_path / "2026" / "11" / "x.tar").write_text("x")
    os.utime(tmp_path / "2026" / "11" / "x.tar", (5000, 5000))
    said = {"path": f"{tmp_path}/**/*.tar", "max_age": 1}
    assert ask_backups(deep=said)['timestamp_seconds{backup="deep"}'] == 5000


def test_no_backup_at_all_is_older_than_any(tmp_path: Path) -> None:
    assert ask_backups(none={"path": f"{tmp_path}/*.tar", "max_age": 1})['timestamp_seconds{backup="none"}'] == 0


# --- the last run

LAST = {"started": 1795399880, "finished": 1795399920.5, "changed": 3, "changing_runs": 2, "failed": False}


def ask_converge(path: Path) -> dict[str, float]:
    found = Findings()
    converge.collect(found, str(path))
    return {name.removeprefix("media_converge_"): value for name, value in series(found).items()}


def test_the_last_run(tmp_path: Path) -> None:
    (tmp_path / "converge.json").write_text(json.dumps(LAST))
    assert ask_converge(tmp_path / "converge.json") == {
        "started_timestamp_seconds": 1795399880,
        "finished_timestamp_seconds": 1795399920.5,
        "changed": 3,
        "failed": 0,
        "changing_runs": 2,
    }


def test_a_run_that_is_under_way_has_no_end(tmp_path: Path) -> None:
    (tmp_path / "converge.json").write_text(json.dumps({**LAST, "finished": None, "failed": True}))
    told = ask_converge(tmp_path / "converge.json")
    assert ("finished_timestamp_seconds" in told, told["failed"]) == (False, 1)


def test_no_run_yet(tmp_path: Path) -> None:
    assert ask_converge(tmp_path / "converge.json") == {}


@pytest.mark.parametrize("content", ["", "[]", "{}", json.dumps({**LAST, "changed": "many"})])
def test_a_file_of_something_else(tmp_path: Path, content: str) -> None:
    (tmp_path / "converge.json").write_text(content)
    with pytest.raises(Trouble, match=r"converge\.json cannot be read"):
        ask_converge(tmp_path / "converge.json")


# --- disks


def test_room_on_the_disks(tmp_path: Path) -> None:
    found = Findings()
    with pytest.raises(Trouble, match="/nowhere cannot be looked at"):
        disks.collect(found, ["/nowhere", str(tmp_path)])
    (told,) = found.facts["disks"]
    assert told["path"] == str(tmp_path)
    assert 0 < told["free"] <= told["size"]

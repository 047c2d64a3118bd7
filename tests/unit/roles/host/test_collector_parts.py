# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts side by side, each with its time; what is remembered; how files are put in place."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from roles.host.files.collector import files
from roles.host.files.collector.findings import Findings, Trouble
from roles.host.files.collector.memory import Memory
from roles.host.files.collector.parts import Part, run


def fine(found: Findings) -> None:
    found.add("media_vpn_up", 1)


def test_what_one_part_does_is_none_of_the_others_business() -> None:
    over = threading.Event()

    def troubled(found: Findings) -> None:
        found.add("media_vpn_pod_up", 1)
        raise Trouble("nobody answers")

    def broken(_found: Findings) -> None:
        raise ValueError("the password is hunter2")

    def hanging(found: Findings) -> None:
        found.add("media_vpn_rules_loaded", 1)
        found.tell("vpn", {"up": False})
        over.wait(30)

    begun = time.monotonic()
    parts = [Part("hanging", hanging, 0.3), Part("troubled", troubled, 5), Part("broken", broken, 5)]
    found = {result.name: result for result in run([*parts, Part("fine", fine, 5)])}
    assert time.monotonic() - begun < 2
    over.set()
    assert {name: [sample.name for sample in result.samples] for name, result in found.items()} == {
        "hanging": ["media_vpn_rules_loaded"],
        "troubled": ["media_vpn_pod_up"],
        "broken": [],
        "fine": ["media_vpn_up"],
    }
    assert (found["fine"].error, found["troubled"].error) == ("", "nobody answers")
    assert (found["hanging"].error, found["hanging"].facts) == ("no answer within 0.3 s", {"vpn": {"up": False}})
    assert found["broken"].error.startswith("ValueError at ")
    assert "hunter2" not in found["broken"].error


def test_they_run_at_the_same_time() -> None:
    together = threading.Barrier(3, timeout=5)

    def wait(found: Findings) -> None:
        together.wait()
        fine(found)

    assert [result.error for result in run([Part(str(number), wait, 6) for number in range(3)])] == [""] * 3


def test_what_is_remembered(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "memory.json")
    memory.put("home", {"address": "192.0.2.1"})
    memory.get("home")["address"] = "changed"
    memory.save()
    again = Memory(tmp_path / "memory.json")
    assert (again.get("home"), again.get("nothing")) == ({"address": "192.0.2.1"}, {})
    assert (tmp_path / "memory.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"home": 3}', "\x00"])
def test_a_broken_memory_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "memory.json").write_text(content)
    assert Memory(tmp_path / "memory.json").get("home") == {}


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "media.prom"
    files.write(path, "one\n", 0o644)
    with path.open(encoding="utf-8") as reader:
        files.write(path, "two\n", 0o600)
        assert (reader.read(), path.read_text()) == ("one\n", "two\n")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["media.prom"]


def test_a_secret_that_is_not_there_is_told_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "key").write_text("opens\n")
    assert files.secret(str(tmp_path), "key") == "opens"
    with pytest.raises(Trouble, match="the secret other cannot be read"):
        files.secret(str(tmp_path), "other")

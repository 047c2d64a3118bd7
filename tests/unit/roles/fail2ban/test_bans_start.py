# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which jails may start, and what is kept of the bans."""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FILES = Path(__file__).resolve().parents[4] / "roles" / "fail2ban" / "files"
PROGRAMS = ("firewall", "server", "start")


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The program as it is in the image, beside the two that it needs."""
    monkeypatch.syspath_prepend(str(FILES))
    for name in PROGRAMS:
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield importlib.import_module("start")
    for name in PROGRAMS:
        monkeypatch.delitem(sys.modules, name, raising=False)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A container's folders: two filters, and no jail yet."""
    for name in ("jail.d", "filter.d", "logs"):
        (tmp_path / name).mkdir()
    (tmp_path / "filter.d" / "servarr.conf").touch()
    (tmp_path / "filter.d" / "sshd.local").touch()
    return tmp_path


def look(start: ModuleType, place: Path, jails: str) -> tuple[dict[str, Any], dict[str, str]]:
    (place / "jail.d" / "media.conf").write_text(jails.replace("LOGS", str(place / "logs")))
    found: tuple[dict[str, Any], dict[str, str]] = start.look(place / "jail.d", place / "filter.d")
    return found


SONARR = "[sonarr]\nenabled = true\nfilter = servarr\nlogpath = LOGS/sonarr.txt\n"


def test_a_jail_waits_for_its_log_and_nobody_else_does(start: ModuleType, place: Path) -> None:
    jails = SONARR + "[sshd]\nenabled = true\nfilter = sshd\nbackend = systemd\n"
    assert look(start, place, jails) == ({"sshd": []}, {"sonarr": f"no log yet: {place}/logs/sonarr.txt"})
    (place / "logs" / "sonarr.txt").touch()
    assert look(start, place, jails) == ({"sshd": [], "sonarr": [f"{place}/logs/sonarr.txt"]}, {})


def test_a_new_log_of_a_pattern_is_seen(start: ModuleType, place: Path) -> None:
    jails = "[proxy]\nenabled = true\nfilter = servarr[mode=x]\nlogpath = LOGS/proxy-host-*_access.log tail\n"
    (place / "logs" / "proxy-host-1_access.log").touch()
    (place / "logs" / "proxy-host-9_access.log").mkdir()
    assert look(start, place, jails)[0] == {"proxy": [f"{place}/logs/proxy-host-1_access.log"]}
    (place / "logs" / "proxy-host-2_access.log").touch()
    assert len(look(start, place, jails)[0]["proxy"]) == 2


def test_a_jail_whose_filter_nobody_has_is_held_back_alone(start: ModuleType, place: Path) -> None:
    (place / "logs" / "sonarr.txt").touch()
    jails = SONARR + SONARR.replace("[sonarr]", "[other]").replace("servarr", "absent")
    ready, held = look(start, place, jails)
    assert list(ready) == ["sonarr"]
    assert held == {"other": "there is no filter absent"}


def test_a_jail_that_is_off_is_nobodys_business(start: ModuleType, place: Path) -> None:
    off = (
        SONARR.replace("true", "false") + "[DEFAULT]\nbantime = 1h\n[INCLUDES]\nbefore = x\n[none]\nfilter = servarr\n"
    )
    assert look(start, place, off) == ({}, {})


def test_a_persons_own_file_is_read_after_the_roles(start: ModuleType, place: Path) -> None:
    (place / "jail.d" / "mine.local").write_text("[sonarr]\nenabled = false\n")
    assert look(start, place, SONARR) == ({}, {})


def test_who_is_held_back_is_switched_off_and_told(
    start: ModuleType, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start.hold({"sonarr": "no log yet: /x"}, place / "jail.local")
    assert (place / "jail.local").read_text() == "[sonarr]\nenabled = false\n"
    assert "jail sonarr is held back (no log yet: /x)" in capsys.readouterr().out
    start.hold({}, place / "jail.local")
    assert (place / "jail.local").read_text() == ""


LINE = "2026-11-23 00:04:00,041 fail2ban.actions        [39]: NOTICE  [sonarr] {} 203.0.113.7\n"


def test_each_ban_is_kept_and_everything_is_passed_on(
    start: ModuleType, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = [LINE.format(word) for word in ("Ban", "Unban", "Restore Ban")] + ["something else\n"]
    history = place / "bans.log"
    history.touch()
    start.Follower(io.StringIO("".join(said)), history).run()
    assert capsys.readouterr().out == "".join(said)
    assert history.read_text() == "".join(said[:2])


def test_what_is_kept_does_not_grow_for_ever(start: ModuleType, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "HISTORY_SIZE", 300)
    history = place / "bans.log"
    history.touch()
    start.Follower(io.StringIO(LINE.format("Ban") * 20), history).run()
    assert history.stat().st_size < 500
    assert (place / "bans.log.1").stat().st_size < 500
    assert sorted(path.name for path in place.glob("bans.log*")) == ["bans.log", "bans.log.1"]

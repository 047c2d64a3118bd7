# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a wanted set of options makes of the options that are there."""

from __future__ import annotations

from ansible_collections.homelab.media.plugins.module_utils import nzbget_merge

TWO = [
    ("Server1.Name", "old"),
    ("Server1.Host", "old.net"),
    ("Server1.Notes", "of the old one"),
    ("Server2.Name", "kept"),
    ("Server2.Host", "kept.net"),
    ("Server2.Notes", "of the kept one"),
]


def test_parse_reads_what_nzbget_reads() -> None:
    text = "# Comment=1\n\nA=1 \r\nB= two = 2\n#C=3\nD=\nno option\n=x\n"
    assert nzbget_merge.parse(text) == [("A", "1"), ("B", " two = 2"), ("D", "")]


def test_options_not_told_of_are_kept_and_names_are_the_same_in_any_case() -> None:
    merged = nzbget_merge.merge([("controlip", "1.1.1.1"), ("Foreign:Key", "x")], {"ControlIP": "0.0.0.0"})
    assert merged == {"controlip": "0.0.0.0", "Foreign:Key": "x"}


def test_of_an_option_that_is_there_twice_the_last_one_counts() -> None:
    assert nzbget_merge.merge([("A", "1"), ("a", "2")], {}) == {"a": "2"}


def test_a_removed_server_closes_the_numbering_and_notes_follow_their_server() -> None:
    merged = nzbget_merge.merge(TWO, {"Server1.Name": "kept", "Server1.Host": "kept.net"})
    assert merged == {"Server1.Name": "kept", "Server1.Host": "kept.net", "Server1.Notes": "of the kept one"}


def test_a_new_server_takes_over_nothing_from_the_one_that_had_its_number() -> None:
    merged = nzbget_merge.merge(TWO, {"Server1.Name": "new", "Server1.Host": "new.net"})
    assert merged == {"Server1.Name": "new", "Server1.Host": "new.net"}


def test_a_list_that_is_not_wanted_is_left_alone() -> None:
    assert nzbget_merge.merge(TWO, {"Category1.Name": "tv"}) == {**dict(TWO), "Category1.Name": "tv"}


def test_entries_without_names_go_by_their_numbers() -> None:
    current = [("Task1.Time", "1:00"), ("Task1.Command", "PauseDownload"), ("Task2.Time", "2:00")]
    assert nzbget_merge.merge(current, {"Task1.Time": "3:00"}) == {
        "Task1.Time": "3:00",
        "Task1.Command": "PauseDownload",
    }


def test_null_asks_for_nzbgets_own_default() -> None:
    named = {"Server1.Name": "kept"}
    wanted = {**named, "Server1.CertVerification": None}
    for value, left in (("none", named), ("Strict", {**named, "Server1.CertVerification": "Strict"})):
        current = [*named.items(), ("Server1.CertVerification", value)]
        assert nzbget_merge.merge(current, wanted) == left
    assert nzbget_merge.merge([("UnpackPassFile", "/x")], {"UnpackPassFile": None}) == {}


def test_differences_name_what_comes_goes_and_changes() -> None:
    current = [("A", "1"), ("b", "2"), ("C", "3")]
    assert nzbget_merge.differences(current, {"A": "1", "B": "4", "D": "5"}) == [
        ("B", "2", "4"),
        ("D", None, "5"),
        ("C", "3", None),
    ]


def test_what_nzbget_does_to_a_value_as_it_reads_it_is_no_difference() -> None:
    running = [
        ("AppDir", "/app"),
        ("WebDir", "/app/webui"),
        ("Unpack", "yes"),
        ("DestDir", "/data/"),
        ("UMask", "0002"),
    ]
    wanted = {"WebDir": "${AppDir}/webui", "Unpack": "true", "DestDir": "/data", "UMask": "0002", "Unknown": "x"}
    assert nzbget_merge.not_in_force(wanted, running) == []


def test_another_running_value_is_found_passwords_to_the_letter() -> None:
    running = [("KeepHistory", "7"), ("ControlPassword", "SECRET")]
    wanted = {"KeepHistory": "30", "ControlPassword": "secret"}
    assert nzbget_merge.not_in_force(wanted, running) == ["KeepHistory", "ControlPassword"]


def test_a_reference_to_nothing_ends() -> None:
    assert nzbget_merge.not_in_force({"A": "${Nothing}/x"}, [("A", "${Nothing}/x")]) == []

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.homelab.media.plugins.module_utils.plex_libraries import (
    Library,
    Section,
    doubles,
    match,
    plan,
    sections,
)


def section(key: str, name: str, kind: str = "movie", *folders: str) -> Section:
    return Section(key, name, kind, folders or ("/data/media/movies",), "tv.plex.agents.movie", "Plex Movie", "en-US")


MOVIES = Library("Movies", "movie", ("/data/media/movies",))


def test_the_servers_answer_is_read() -> None:
    entry = {"key": "2", "title": "TV", "type": "show", "agent": "a", "scanner": "s", "language": "de-DE"}
    found = sections([{**entry, "Location": [{"id": 1, "path": "/data/media/tv/"}]}, {}])
    assert found[0] == Section("2", "TV", "show", ("/data/media/tv",), "a", "s", "de-DE")
    assert found[1].locations == ()


def test_what_is_there_is_not_made_again() -> None:
    assert plan([section("1", "Movies")], [MOVIES]) == []
    assert plan([section("1", "Movies")], [Library("Movies", "movie", ("/data/media/movies/",))]) == []


def test_a_new_one_has_plexs_usual_agent_and_scanner() -> None:
    step = plan([], [Library("TV", "show", ("/a", "/b"), language="de-DE")])[0]
    assert (step.method, step.path) == ("POST", "/library/sections")
    assert step.query == (
        *(("type", "show"), ("name", "TV"), ("agent", "tv.plex.agents.series"), ("scanner", "Plex TV Series")),
        *(("language", "de-DE"), ("location", "/a"), ("location", "/b")),
    )
    assert step.changes == (("", "", "show, /a, /b"),)


def test_one_of_the_same_folders_is_renamed() -> None:
    step = plan([section("7", "Films")], [MOVIES])[0]
    assert (step.method, step.path, step.changes) == ("PUT", "/library/sections/7", (("name", "Films", "Movies"),))


def test_one_of_the_same_name_gets_its_folders_all_in_one_request() -> None:
    wanted = Library("Movies", "movie", ("/data/media/movies", "/data/media/old"))
    step = plan([section("7", "movies", "movie", "/elsewhere")], [wanted])[0]
    assert step.method == "PUT"
    assert [value for name, value in step.query if name == "location"] == [
        "/elsewhere", "/data/media/movies", "/data/media/old",
    ]  # fmt: skip
    assert step.changes[1] == ("locations", "/elsewhere", "/elsewhere, /data/media/movies, /data/media/old")


def test_the_type_has_to_be_the_same() -> None:
    assert plan([section("1", "Movies", "show")], [MOVIES])[0].method == "POST"


def test_folders_decide_before_names() -> None:
    present = [section("1", "Movies", "movie", "/elsewhere"), section("2", "Films")]
    assert match(present, [MOVIES]) == [present[1]]


def test_no_library_is_two_at_once() -> None:
    present = [section("1", "Movies")]
    assert match(present, [MOVIES, Library("More", "movie", ("/data/media/movies",))]) == [present[0], None]


@pytest.mark.parametrize(("said", "changed"), [("", []), ("com.plexapp.agents.none", ["agent"])])
def test_what_is_not_said_is_kept(said: str, changed: list[str]) -> None:
    steps = plan([section("1", "Movies")], [Library("Movies", "movie", ("/data/media/movies",), agent=said)])
    assert [name for step in steps for name, _before, _after in step.changes] == changed


def test_nothing_goes_but_what_is_said_to_go() -> None:
    present = [section("1", "Movies"), section("2", "Old", "movie", "/old"), section("3", "Mine", "movie", "/mine")]
    steps = plan(present, [MOVIES, Library("old", "movie", absent=True), Library("Gone", "movie", absent=True)])
    assert [(step.method, step.path) for step in steps] == [("DELETE", "/library/sections/2")]
    assert steps[0].changes == (("", "movie, /old", ""),)


def test_what_goes_goes_first() -> None:
    present = [section("1", "Old", "movie", "/old"), section("2", "TV", "show", "/tv")]
    wanted = [MOVIES, Library("Old", "movie", absent=True), Library("Series", "show", ("/tv",))]
    assert [step.method for step in plan(present, wanted)] == ["DELETE", "PUT", "POST"]


def test_one_that_is_there_twice_is_told() -> None:
    assert doubles([section("1", "Movies"), section("2", "Movies"), section("3", "TV", "show")]) == ["Movies"]
    assert doubles([section("1", "Movies")]) == []


def test_what_has_to_go_is_named_and_its_folders_may_be_anothers() -> None:
    old = Library("Old", "movie", ("/data/media/movies",), absent=True)
    new = Library("New", "movie", ("/data/media/movies",))
    assert plan([section("1", "New", "movie", "/data/media/movies")], [old, new]) == []


def test_a_library_of_a_persons_own_that_has_the_folder_among_others_serves_as_it_is() -> None:
    own = section("1", "All my films", "movie", "/data/media/movies", "/data/media/extra")
    assert plan([own], [Library("Movies", "movie", ("/data/media/movies",))]) == []

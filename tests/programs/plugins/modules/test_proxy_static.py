# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a real nginx serves of a static page, and what it does not, in the frame of the stand-in's files."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import (
    front_door,
    front_questions,
    front_verdict,
    proxy_wanted,
)
from ansible_collections.homelab.media.plugins.module_utils.front_probe import Door as Place
from ansible_collections.homelab.media.plugins.module_utils.front_probe import ask_all

from tests.images.npm.stand_in import log
from tests.programs.plugins.modules.test_proxy_doors import ALICE, DOMAIN, PORTAL, Door, SignOn

STATIC = {"/": "config/portal", "/live/": "state/collector/public"}
OPEN = {"/live/": "state/collector/public"}
FILES = {
    "home/0/index.html": "<!doctype html>the page",
    "home/0/portal.css": "body{}",
    "home/0/portal.js": "0;",
    "home/0/wiring.svg": "<svg/>",
    "home/0/folder/kept.html": "no index here",
    "home/1/health.json": "{}",
    "open/0/health.json": "{}",
    "home/secret.txt": "beside the folders",
}


class Pages(Door):
    """A proxy with static pages. What it would see below /pages is below a folder here."""

    def static(self, name: str, access: str, folders: dict[str, str], **more: Any) -> dict[str, Any]:
        declared = {"service": name, "names": [name], "static": folders, "access": access, **more}
        door = {"proxy": {"x-media": {"api": {"kind": "proxy_manager"}}}}
        (page,) = front_door.pages(door, front_door.Rules(DOMAIN), "", [declared])
        return page

    def pages(self) -> list[dict[str, Any]]:
        return [
            self.static("home", "two_factor", STATIC),
            self.static("open", "bypass", OPEN),
            self.static("closed", "deny", STATIC),
            self.page("auth", "portal", port=self.sign_on.port),
        ]

    def wanted(self, settings: dict[str, Any], **sign_on: Any) -> dict[str, Any]:
        plan = {"pages": self.pages(), "sign_on": {"host": "127.0.0.1", "port": self.sign_on.port, **sign_on}}
        found = proxy_wanted.wanted(plan, {**self.settings, **settings})
        del found["names"]
        for host in found["proxy_hosts"]:
            host["advanced_config"] = host["advanced_config"].replace(" /pages/", f" {self.folder}/pages/")
            host["advanced_config"] = host["advanced_config"].replace("=/pages/", f"={self.folder}/pages/")
        return found


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log, "sys", SimpleNamespace(stdout=io.StringIO()))
        folder = tmp_path_factory.mktemp("pages")
        for name, text in FILES.items():
            file = folder / "pages" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        (folder / "pages/home/0/leak.txt").symlink_to(folder / "pages/home/secret.txt")
        (folder / "pages/home/1/leak").symlink_to(folder / "pages/home")
        made = Pages(folder)
        made.open()
        yield made
        made.close()


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/", "text/html", b"<!doctype html>the page"),
        ("/index.html", "text/html", b"<!doctype html>the page"),
        ("/portal.css", "text/css", b"body{}"),
        ("/portal.js", "application/javascript", b"0;"),
        ("/wiring.svg", "image/svg+xml", b"<svg/>"),
        ("/live/health.json", "application/json", b"{}"),
        ("/live/health.json?1", "application/json", b"{}"),
    ],
)
def test_who_is_signed_in_gets_the_files_each_of_its_kind(door: Pages, path: str, kind: str, body: bytes) -> None:
    answer = door.get("home", path, **ALICE)
    assert (answer.status, answer.body) == (200, body)
    assert answer.all("Content-Type")[0].partition(";")[0] == kind
    assert answer.all("Cache-Control") == ["no-cache"]


def test_nobody_else_gets_anything(door: Pages) -> None:
    for path in ("/", "/portal.css", "/live/health.json", "/live/", "/nothing"):
        SignOn.asked.clear()
        answer = door.get("home", path)
        assert (answer.status, answer.all("Location")) == (302, [f"{PORTAL}?rd=https://home.{DOMAIN}{path}"])
        assert len(SignOn.asked) == 1
        assert door.get("home", path, Cookie="session=bob").status == 403
        assert door.get("closed", path, **ALICE).status == 403


def test_with_the_sign_on_down_it_is_closed(door: Pages) -> None:
    door.sign_on.stop()
    try:
        for path in ("/", "/live/health.json"):
            assert door.get("home", path, **ALICE).status == 500
    finally:
        door.sign_on.start()
    assert door.get("home", **ALICE).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/live",
        "/live/",  # no list of files
        "/folder",
        "/folder/",
        "/nothing",
        "/live../health.json",  # the neighbour of an alias without its slash
        "/live../0/index.html",
        "/live/nothing.json",
        "/pages/home/0/index.html",
    ],
)
def test_there_is_no_list_and_nothing_beside_the_folders(door: Pages, path: str) -> None:
    assert door.get("home", path, **ALICE).status == 404


@pytest.mark.parametrize(
    "path", ["/live/../portal.css", "/../secret.txt", "/live/%2e%2e/secret.txt", "/..%2fsecret.txt"]
)
def test_no_path_leads_up(door: Pages, path: str) -> None:
    assert door.get("home", path, **ALICE).status == 400
    assert door.get("open", path).status in (400, 404)


@pytest.mark.parametrize("path", ["/leak.txt", "/live/leak/secret.txt", "/live/leak/0/index.html"])
def test_no_link_leads_out(door: Pages, path: str) -> None:
    answer = door.get("home", path, **ALICE)
    assert answer.status in (403, 404)
    assert b"beside" not in answer.body and b"the page" not in answer.body


def test_a_control_that_a_link_would_lead_out_if_it_might(door: Pages) -> None:
    """Without the one line the file beside the folders is there for all to read."""
    real = door.wanted

    def careless(settings: dict[str, Any], **sign_on: Any) -> dict[str, Any]:
        found = real(settings, **sign_on)
        for host in found["proxy_hosts"]:
            lines = host["advanced_config"].splitlines(keepends=True)
            host["advanced_config"] = "".join(line for line in lines if "disable_symlinks" not in line)
        return found

    door.wanted = careless  # type: ignore[method-assign]
    try:
        door.open()
        assert door.get("home", "/leak.txt", **ALICE).body == b"beside the folders"
    finally:
        del door.wanted
        door.open()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_written(door: Pages, method: str) -> None:
    for path in ("/", "/portal.css", "/live/health.json"):
        assert door.get("home", path, method=method, Content_Length="0", **ALICE).status == 405


def test_every_answer_says_what_it_may_load_once(door: Pages) -> None:
    for page, path, headers in (("home", "/", ALICE), ("home", "/live/health.json", ALICE), ("home", "/no", ALICE)):
        answer = door.get(page, path, **headers)
        (policy,) = answer.all("Content-Security-Policy")
        parts = [part.strip() for part in policy.split(";")]
        assert "default-src 'none'" in parts and "script-src 'self'" in parts and "style-src 'self'" in parts
        assert f"frame-ancestors 'self' https://{DOMAIN} https://*.{DOMAIN}" in parts
        assert "unsafe" not in policy and "*" not in policy.partition("frame-ancestors")[0]
        for name, value in (("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "same-origin")):
            assert answer.all(name) == [value]
        assert answer.all("Strict-Transport-Security")
    # Others keep to what they had: an application knows best what it loads.
    (policy,) = door.get("auth").all("Content-Security-Policy")
    assert policy == "frame-ancestors 'none'"


def test_without_a_folder_for_the_root_there_is_no_root(door: Pages) -> None:
    assert door.get("open", "/live/health.json").body == b"{}"
    assert door.get("open", "/").status == 404
    assert door.get("open", "/anything").status == 404


def test_lines_of_a_person_are_taken(door: Pages) -> None:
    door.open({"proxy_host_options": {"home": {"location": "return 418;"}}})
    try:
        assert door.get("home", **ALICE).status == 418
    finally:
        door.open()


def test_the_probe_finds_it_as_declared(door: Pages) -> None:
    pages = door.pages()
    place = Place("127.0.0.1", door.npm.layout.https, door.npm.layout.http, 5.0)
    asked = [question for page in pages for question in front_questions.questions(page)]
    assert ("home.media.test", "/live/") in {(question.name, question.path) for question in asked}
    replies = ask_all(place, asked)
    verdicts = {one.name: one.verdict for page in pages[:3] for one in front_verdict.judge(page, "", PORTAL, replies)}
    assert verdicts == {
        f"home.{DOMAIN}": front_verdict.PROTECTED,
        f"open.{DOMAIN}": front_verdict.OPEN,
        f"closed.{DOMAIN}": front_verdict.PROTECTED,
    }


def test_the_place_of_a_folder_is_where_the_catalogue_mounts_it() -> None:
    page = {"service": "home", "static": STATIC}
    services = {"proxy": {"x-media": {"api": {"kind": "proxy_manager"}}}}
    mounted = front_door.mount_static(services, [page], "/opt/media")
    assert mounted["proxy"]["volumes"] == [
        f"/opt/media/{folder}:{front_door.place(page, prefix)}:ro" for prefix, folder in sorted(STATIC.items())
    ]
    assert {Path(front_door.place(page, prefix)).parent for prefix in STATIC} == {Path("/pages/home")}

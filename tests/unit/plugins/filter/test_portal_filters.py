# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the portal page, each under its name: what is on the page, what is in it, and what is refused."""

from __future__ import annotations

import copy
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import portal_cards
from ansible_collections.homelab.media.plugins.module_utils.declaration import declaration_problems
from ansible_collections.homelab.media.plugins.module_utils.front_door import Rules
from ansible_collections.homelab.media.plugins.module_utils.portal_page import oldest_report

from tests.unit import sample_house
from tests.unit.sample_house import DOMAIN, service

ROLE = Path(__file__).parents[4] / "roles" / "portal"
DEFAULTS: dict[str, Any] = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
SETTINGS: dict[str, Any] = {
    **DEFAULTS,
    "media_root": "/opt/media",
    "media_domain": DOMAIN,
    "media_timezone": "Etc/UTC",
    "host_collector_interval": "60s",
}
EVIL = "<script>alert('\"&')</script>"


def call(name: str, *given: Any) -> Any:
    module = import_module(f"ansible_collections.homelab.media.plugins.filter.{name}")
    return module.FilterModule().filters()[name](*given)


def problems(**more: Any) -> list[str]:
    return [f"{entry['variable']}: {entry['reason']}" for entry in call("portal_problems", {**SETTINGS, **more})]


class Read(HTMLParser):
    """Reads a page and keeps to the rules for closing what was opened."""

    VOID = frozenset(("meta", "link", "input"))

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""
        self.feed(text)
        self.close()
        assert self.stack == [], self.stack

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack and self.stack.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        self.said += data

    def all(self, tag: str, name: str = "") -> list[dict[str, str | None]]:
        return [attrs for found, attrs in self.tags if found == tag and (not name or name in attrs)]


def page(plan: dict[str, Any] | None = None, **more: Any) -> Read:
    return Read(call("portal_page", plan or sample_house.plan(), {**SETTINGS, **more}))


# What is on it


def test_every_service_is_on_it_once_with_a_link_where_it_has_a_page_that_is_not_shut() -> None:
    plan = sample_house.plan(Rules(DOMAIN, access={"lidarr": "deny"}, names={"sonarr": "tv"}))
    found = page(plan)
    cards = [attrs["data-service"] for attrs in found.all("li", "data-service")]
    assert sorted(filter(None, cards)) == sorted(plan["portal"])
    links = [attrs["href"] for attrs in found.all("a") if str(attrs.get("href")).startswith("https://")]
    shut = [entry for entry in plan["pages"] if entry["access"] == "deny" or entry["service"] == "portal"]
    open_ones = [entry for entry in plan["pages"] if entry not in shut]
    assert sorted(links) == sorted(f"https://{entry['names'][0]}/" for entry in open_ones)
    assert f"https://tv.{DOMAIN}/" in links and f"https://lidarr.{DOMAIN}/" not in links


def test_sections_stand_in_the_order_in_which_people_look() -> None:
    def titles(**more: Any) -> list[str]:
        settings = {**SETTINGS, **more}
        return [section.title for section in portal_cards.sections(sample_house.plan(), settings)]

    usual = ["Watch", "Library", "Downloads", "Monitoring", "Front door", "Maintenance", "Other", "Other machines"]
    assert titles() == usual
    links = [{"title": "A", "url": "https://a.test/"}, {"title": "B", "url": "https://b.test/", "section": "Heating"}]
    assert titles(portal_links=links) == [*usual[:3], "Heating", *usual[3:], "Links"]
    assert titles(portal_sections=["Other", "Watch"])[:3] == ["Other", "Watch", "Library"]


def test_a_service_that_is_hidden_is_not_on_it() -> None:
    found = page(portal_hidden=["recyclarr"])
    assert "recyclarr" not in [attrs["data-service"] for attrs in found.all("li", "data-service")]


def test_a_card_knows_what_its_service_cannot_do_without() -> None:
    cards = {attrs["data-service"]: attrs.get("data-parts") for attrs in page().all("li", "data-service")}
    assert (cards["authelia"], cards["vpn"], cards["sonarr"]) == ("authelia-redis", "vpn-pod", None)


def test_a_house_without_a_front_door_has_a_page_without_links() -> None:
    plan = sample_house.plan(without=["proxy", "authelia", "fail2ban"])
    assert [attrs for attrs in page(plan).all("a") if str(attrs["href"]).startswith("http")] == []


def test_without_the_picture_nothing_of_it_is_there() -> None:
    found = page(portal_wiring=False)
    assert not found.all("svg") and "Wiring" not in found.said
    assert [attrs["href"] for attrs in found.all("link")] == ["icon.svg", "portal.css"]
    settings = {**SETTINGS, "portal_wiring": False}
    assert [call("portal_wiring", sample_house.plan(), settings, kind) for kind in ("page", "picture", "style")] == [
        "",
        "",
        "",
    ]


# What is in it


def pages(**more: Any) -> dict[str, str]:
    settings = {**SETTINGS, **more}
    plan = sample_house.plan()
    return {"index": call("portal_page", plan, settings), "wiring": call("portal_wiring", plan, settings)}


@pytest.mark.parametrize("name", ["index", "wiring"])
def test_no_script_and_no_style_is_in_a_page_and_nothing_comes_from_elsewhere(name: str) -> None:
    text = pages()[name]
    found = Read(text)
    assert not found.all("style") and all(attrs.get("src") for attrs in found.all("script"))
    assert [attrs for _tag, attrs in found.tags if {"style"} & set(attrs)] == []
    assert [key for _tag, attrs in found.tags for key in attrs if key.startswith("on")] == []
    loaded = [attrs.get("src") or attrs.get("href") for tag, attrs in found.tags if tag in ("script", "link", "img")]
    assert all(loaded) and not [one for one in loaded if "/" in str(one)]
    assert "http-equiv" not in text and "javascript:" not in text


@pytest.mark.parametrize("name", ["index", "wiring"])
def test_a_page_has_its_landmarks_and_one_heading_of_each_kind_above_the_next(name: str) -> None:
    found = Read(pages()[name])
    assert [len(found.all(tag)) for tag in ("main", "header", "nav", "h1")] == [1, 1, 1, 1]
    levels = [int(tag[1]) for tag, _attrs in found.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and all(after <= before + 1 for before, after in zip(levels, levels[1:]))
    ids = [attrs["id"] for _tag, attrs in found.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    named = [word for _tag, attrs in found.tags for word in str(attrs.get("aria-labelledby") or "").split()]
    assert set(named) <= set(ids)
    assert found.all("html")[0]["lang"] == "en"
    assert found.all("a")[0] == {"class": "skip", "href": "#main"}


def test_what_is_told_without_a_program() -> None:
    found = page()
    assert found.all("noscript") and "Without JavaScript this page shows no health" in found.said
    states = [attrs["data-state"] for attrs in found.all("p", "data-state")]
    assert set(states) == {"unknown"} and found.said.count("not known") == len(states)


def test_words_from_elsewhere_are_words() -> None:
    plan = copy.deepcopy(sample_house.plan())
    plan["portal"]["sonarr"] = {"title": EVIL, "section": EVIL, "text": EVIL}
    links = [{"title": EVIL, "url": "https://a.test/?b=1&c=2", "text": EVIL, "section": EVIL}]
    for text in (
        call("portal_page", plan, {**SETTINGS, "portal_title": EVIL, "portal_links": links}),
        call("portal_wiring", plan, {**SETTINGS, "portal_title": EVIL}),
    ):
        assert EVIL not in text
        assert len(Read(text).all("script")) <= 1


def test_the_same_plan_is_the_same_page() -> None:
    plan = sample_house.plan()
    turned = {
        **plan,
        "services": dict(reversed(plan["services"].items())),
        "portal": dict(reversed(plan["portal"].items())),
    }
    assert call("portal_page", plan, SETTINGS) == call("portal_page", turned, SETTINGS)


def test_the_theme_is_said_to_the_browser() -> None:
    assert page().all("meta", "name")[1]["content"] == "light dark"
    found = page(portal_theme="dark")
    assert found.all("html")[0]["data-theme"] == "dark" and found.all("meta", "name")[1]["content"] == "dark"


@pytest.mark.parametrize(("interval", "age"), [("60s", 180), ("15s", 45), ("2m", 360), ("10min", 1800), ("soon", 180)])
def test_a_report_is_old_after_three_times_its_interval(interval: str, age: int) -> None:
    assert oldest_report(interval) == age
    assert page(host_collector_interval=interval).all("html")[0]["data-oldest"] == str(age)


def test_the_wiring_in_words() -> None:
    text = Read(pages()["wiring"]).said
    rows = re.sub(r"\s+", " ", text)
    assert "Open to the home network PortService 80proxy 443proxy 32400plex" in rows
    assert f"proxy.{DOMAIN}proxytwo factors, of admins" in rows and f"auth.{DOMAIN}autheliathe sign-on itself" in rows
    assert f"nas.{DOMAIN}192.168.1.5:5001two factors" in rows
    assert f"home.{DOMAIN}portaltwo factors" in rows
    assert "authnoauthelia, authelia-redis" in rows and "vpnthe tunnelnzbget, vpn, vpn-pod" in rows
    assert "uplink-sonarryessonarr" in rows
    assert "6789nzbget" in rows, "the pod publishes it, and it is the tenant's"
    assert "8080" not in rows


def test_the_picture_is_a_file_of_its_own() -> None:
    picture = call("portal_wiring", sample_house.plan(), SETTINGS, "picture")
    assert ET.fromstring(picture).tag == "{http://www.w3.org/2000/svg}svg"
    assert call("portal_wiring", sample_house.plan(), SETTINGS, "style") in picture


# What is refused


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("portal_theme", "pink", "portal_theme: is 'pink'"),
        ("portal_access", "everybody", "portal_access: is 'everybody'"),
        ("portal_name", "my home", "portal_name: is 'my home'"),
        ("portal_name", "", "portal_name: is ''"),
        ("portal_title", " ", "portal_title: is ' '"),
        ("portal_title", "x" * 41, "portal_title: is"),
        ("portal_groups", "family", "portal_groups: is 'family'"),
        ("portal_sections", [""], "portal_sections: is ['']"),
        ("portal_hidden", {"a": 1}, "portal_hidden: is {'a': 1}"),
        ("portal_links", {}, "portal_links: is a dict"),
        ("portal_links", ["x"], "portal_links[0]: is a str"),
        ("portal_links", [{"url": "https://a.test"}], "portal_links[0].title: is None"),
        ("portal_links", [{"title": "A"}], "portal_links[0].url: is None"),
        (
            "portal_links",
            [{"title": "A", "url": "javascript:alert(1)"}],
            "portal_links[0].url: is 'javascript:alert(1)'",
        ),
        ("portal_links", [{"title": "A", "url": "//a.test"}], "portal_links[0].url: is '//a.test'"),
        ("portal_links", [{"title": "A", "url": 'https://a.test/"x'}], "portal_links[0].url: is"),
        ("portal_links", [{"title": "A", "url": "https://[a"}], "portal_links[0].url: is"),
        ("portal_links", [{"title": "A", "url": "https://a.test", "icon": "x"}], "portal_links[0].icon: is not known"),
    ],
)
def test_what_cannot_work_is_told_by_its_variable(variable: str, value: Any, told: str) -> None:
    (problem,) = problems(**{variable: value})
    assert problem.startswith(told)
    assert problems(**{variable: value, "portal_page": False}) == []


def test_everything_is_told_at_once_and_what_is_right_is_not() -> None:
    assert len(problems(portal_theme=1, portal_name=None, portal_links=[{}])) == 4
    assert problems() == []
    right = [{"title": "A", "url": "http://192.168.1.1:8080/x?y=z#a", "text": "", "section": "B"}]
    assert problems(portal_links=right, portal_name="home.another.example", portal_groups=["family"]) == []


@pytest.mark.parametrize("name", ["portal_problems", "portal_page", "portal_wiring"])
def test_other_things_than_settings_are_refused(name: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"{name} takes the variables of the portal role, not a list"):
        call(name, *([[]] if name == "portal_problems" else [{}, []]))


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="no 'poster'"):
        call("portal_wiring", {}, SETTINGS, "poster")


# The role


def test_the_filters_get_every_variable_of_the_role() -> None:
    given = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())
    assert set(DEFAULTS) <= set(given["__portal_settings"])
    assert {name: text for name, text in given["__portal_settings"].items() if text != f"{{{{ {name} }}}}"} == {}


def test_the_files_of_the_page_are_there_and_well_declared() -> None:
    given = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())
    files = given["__portal_files"]
    for file in files:
        assert (ROLE / (file.get("source") or f"templates/{file['template']}")).is_file()
    own = {**given["__portal_own_page"], "names": ["home"], "access": "two_factor", "groups": []}
    assert declaration_problems("portal", {"pages": [own], "files": files}) == []
    asked = set(re.findall(r'(?:href|src)="([a-z]+\.[a-z]+)"', pages()["index"] + pages()["wiring"]))
    assert asked <= {Path(file["path"]).name for file in files}


def test_a_service_of_a_persons_own_is_on_it() -> None:
    more = {"mine": {"services": {"garden": service("none", 8000)}}}
    found = page(sample_house.plan(more=more))
    assert "garden" in [attrs["data-service"] for attrs in found.all("li", "data-service")]
    assert f"https://garden.{DOMAIN}/" in [attrs.get("href") for attrs in found.all("a")]

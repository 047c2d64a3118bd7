# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The portal page in a real browser, served by a real nginx with the policy that it is served with.

Without the demo host: the house is as full, or as broken, as a case needs. With MEDIA_PICTURES set to a folder,
the pictures of the page are put there.
"""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import (
    front_door,
    portal_page,
    portal_wiring,
    proxy_wanted,
    wiring_picture,
)
from ansible_collections.homelab.media.plugins.module_utils.wiring_picture_svg import style

from tests.bed import images
from tests.images.npm.stand_in import log
from tests.programs.plugins.modules.test_proxy_doors import DOMAIN, Door
from tests.unit import sample_house

ROOT = Path(__file__).resolve().parents[2]
ROLE = ROOT / "roles" / "portal"
IMAGE = "media-bed/browser"
HOME = f"home.{DOMAIN}"
STATIC = {"/": "config/portal", "/live/": "state/collector/public"}
SETTINGS = {
    **yaml.safe_load((ROLE / "defaults" / "main.yml").read_text()),
    "host_collector_interval": "60s",
    "portal_links": [{"title": "Router", "url": "https://192.168.1.1/", "text": "Of the provider"}],
}
SCREENS = ("1280x800", "360x740")
SCHEMES = ("light", "dark")


@pytest.fixture(scope="module", autouse=True)
def browser_image() -> None:
    images.ensure(["browser"])


class House(Door):
    """A proxy with the portal page of a house full of services, for everybody."""

    def wanted(self, settings: dict[str, Any], **sign_on: Any) -> dict[str, Any]:
        door = {"proxy": {"x-media": {"api": {"kind": "proxy_manager"}}}}
        declared = {"service": "portal", "names": ["home"], "static": STATIC, "access": "bypass"}
        pages = front_door.pages(door, front_door.Rules(DOMAIN), "", [declared])
        found = proxy_wanted.wanted({"pages": pages, "sign_on": {}}, {**self.settings, **settings})
        del found["names"]
        (host,) = found["proxy_hosts"]
        for before in (" /pages/", "=/pages/"):
            host["advanced_config"] = host["advanced_config"].replace(before, f"{before[0]}{self.folder}/pages/")
        return found

    @property
    def report(self) -> Path:
        return self.folder / "pages/portal/1/health.json"

    def tell(self, age: float = 0, **states: str) -> None:
        """Write the collector's report: all well, but for those whose state is given."""
        now = time.time() - age
        services = {name: {"state": "up", "since": now - 90000} for name in sample_house.plan()["services"]}
        for name, state in states.items():
            services[name.replace("_", "-")] = {"state": state, "since": now - 600}
        report = {
            "time": now,
            "services": services,
            "vpn": {"up": True, "country": "Netherlands"},
            "disks": [{"path": "/data", "free": 1.2e12, "size": 8e12}],
        }
        self.report.write_text(json.dumps(report), encoding="utf-8")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log, "sys", SimpleNamespace(stdout=io.StringIO()))
        folder = tmp_path_factory.mktemp("house")
        site = folder / "pages/portal/0"
        site.mkdir(parents=True)
        (folder / "pages/portal/1").mkdir()
        plan = sample_house.plan()
        texts = {
            "index.html": portal_page.page(plan, SETTINGS),
            "wiring.html": portal_wiring.page(plan, SETTINGS),
            "wiring.svg": wiring_picture.svg(plan, alone=True),
            "wiring.css": style(),
        }
        for name, text in texts.items():
            (site / name).write_text(text, encoding="utf-8")
        for name in ("portal.css", "portal.js", "icon.svg"):
            shutil.copy(ROLE / "files" / name, site)
        made = House(folder)
        made.open()
        yield made
        made.close()


@pytest.fixture(autouse=True)
def all_well(house: House) -> None:
    house.tell()


def browse(house: House, *steps: dict[str, str], seconds: int = 10) -> list[Any]:
    """Lead a browser through the steps; return the value of each that has one. seconds: to wait for what shall be."""
    asked = {
        "names": DOMAIN,
        "address": f"127.0.0.1:{house.npm.layout.https}",
        "seconds": seconds,
        "steps": [{"open": f"https://{HOME}{step['open']}"} if "open" in step else step for step in steps],
    }
    leader = ROOT / "tests" / "images" / "browser" / "lead-browser"
    command = ["docker", "run", "--rm", "--interactive", "--network", "host"]
    command += ["--volume", f"{leader}:/usr/local/bin/lead-browser:ro", IMAGE]
    done = subprocess.run(command, input=json.dumps(asked).encode(), capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    told = json.loads(done.stdout)
    folder = os.environ.get("MEDIA_PICTURES")
    for name, picture in told["shots"].items() if folder else ():
        (Path(str(folder)) / f"{name}.png").write_bytes(base64.b64decode(picture))
    assert not told["failed"], told["failed"]
    return [step["value"] for step in told["seen"] if step["value"] is not None]


def run(script: str) -> dict[str, str]:
    return {"run": script}


#: The words of the page, as a person sees them.
FACTS = "return [...document.querySelectorAll('.fact:not([hidden]) .words')].map(e => e.textContent)"
NOTICE = "return document.getElementById('notice').hidden ? '' : document.getElementById('notice').textContent"
SAID = "return document.getElementById('said').textContent"
LEFT = "return [...document.querySelectorAll('.card:not([hidden]) h3')].map(e => e.textContent)"


def card(service: str) -> str:
    return (
        f"const c = document.querySelector('[data-service=\"{service}\"]'); const s = c.querySelector('.state');"
        "return [s.dataset.state, s.textContent, c.querySelector('.detail').textContent]"
    )


def test_all_well(house: House) -> None:
    facts, sonarr, notice, log = browse(
        house,
        {"open": "/"},
        {"text": "are up"},
        run(FACTS),
        run(card("sonarr")),
        run(NOTICE),
        {"log": "all"},
    )
    services = len(sample_house.plan()["portal"])
    assert facts == [f"All {services} services are up", "Tunnel up, Netherlands", "/data: 1.2 TB free of 8 TB"]
    assert (sonarr[:2], notice) == (["up", "up"], "")
    assert log == [], "the browser complains"


def test_what_is_down_is_told_in_words_and_to_who_only_hears(house: House) -> None:
    house.tell(radarr_4k="down", authelia_redis="down", lidarr="starting", grafana="absent")
    (facts, *cards) = browse(
        house,
        {"open": "/"},
        {"text": "2 down"},
        run(FACTS),
        *(run(card(name)) for name in ("radarr-4k", "authelia", "lidarr", "grafana")),
    )
    assert facts[0] == "2 down: Radarr-4k, Grafana; 1 partly down: Authelia; 1 starting: Lidarr"
    assert [one[0] for one in cards] == ["down", "partly", "starting", "absent"]
    assert cards[0][2].startswith("since ") and cards[1][2] == "without authelia-redis"


def test_a_change_comes_by_itself_and_is_said(house: House) -> None:
    # From here on the page is told that Sonarr is down. It asks by itself, every 15 s.
    broken = """
    window.fetch = (real => async (...all) => {
      const answer = await real(...all), body = await answer.json();
      body.services.sonarr.state = 'down';
      return new Response(JSON.stringify(body), {headers: answer.headers});
    })(window.fetch)"""
    quiet, said = browse(
        house,
        {"open": "/"},
        {"text": "are up"},
        run(SAID),
        run(broken),
        {"text": "1 down: Sonarr"},
        run(SAID),
        seconds=30,
    )
    assert quiet == "", "nobody is told what has not changed"
    assert said.startswith("Sonarr: down")


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (None, "There is no report of the services' health (404)."),
        ("{", "The report of the services' health cannot be read."),
        ('{"time": 0, "services": {}, "vpn": null, "disks": []}', "There is no report yet: the collector has not run."),
    ],
)
def test_where_there_is_no_report_nothing_is_claimed(house: House, report: str | None, told: str) -> None:
    house.report.unlink()
    if report is not None:
        house.report.write_text(report, encoding="utf-8")
    notice, facts, sonarr = browse(
        house, {"open": "/"}, {"see": "#notice"}, run(NOTICE), run(FACTS), run(card("sonarr"))
    )
    assert notice == told
    assert len(facts) == 1 and "not known" in facts[0] and sonarr[0] == "unknown"


def test_an_old_report_is_told_and_not_believed(house: House) -> None:
    house.tell(age=170)
    assert browse(house, {"open": "/"}, {"text": "are up"}, run(NOTICE)) == [""]
    house.tell(age=600)
    notice, sonarr = browse(house, {"open": "/"}, {"see": "#notice"}, run(NOTICE), run(card("sonarr")))
    assert notice == "The last report is 10 minutes old: the collector does not run."
    assert sonarr[0] == "unknown"


def test_a_sign_in_that_has_ended_is_told(house: House) -> None:
    """As the front door answers who is not signed in: it leads to the sign-on, elsewhere."""
    ended = (
        "window.fetch = async () => { const answer = new Response(null, {status: 200});"
        "Object.defineProperty(answer, 'type', {value: 'opaqueredirect'}); return answer; };"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    notice, link = browse(
        house,
        {"open": "/"},
        {"text": "are up"},
        run(ended),
        {"see": "#notice a"},
        run(NOTICE),
        run("return document.querySelector('#notice a').href"),
    )
    assert (notice, link) == ("Your sign-in has ended. Sign in again", f"https://{HOME}/")


def test_the_filter_and_its_keys(house: House) -> None:
    every, some, none, all_again, focus = browse(
        house,
        {"open": "/"},
        {"text": "are up"},
        run(LEFT),
        {"keys": "/"},
        {"type": "#filter", "keys": "radarr"},
        run(LEFT),
        {"type": "#filter", "keys": " nowhere"},
        run(LEFT),
        {"keys": "Escape"},
        run(LEFT),
        run("return [document.activeElement.id, document.activeElement.value]"),
    )
    assert some == ["Radarr", "Radarr-4k"] and none == [] and all_again == every
    assert focus == ["filter", ""], "the slash leads there, and is not typed"
    groups, address = browse(
        house,
        {"open": "/"},
        {"type": "#filter", "keys": "library sonarr-anime"},
        run("return [...document.querySelectorAll('.group:not([hidden]) h2')].map(e => e.textContent)"),
        run("document.addEventListener('click', e => { window.went = e.target.href; e.preventDefault(); })"),
        {"keys": "Enter"},
        run("return window.went"),
    )
    assert (groups, address) == (["Library"], f"https://sonarr-anime.{sample_house.DOMAIN}/")


#: Everything that can be worked, and that the tabulator therefore has to reach.
WORKED = (
    "return [...document.querySelectorAll('a[href], input, button, [tabindex=\"0\"]')]"
    ".filter(e => e.checkVisibility()).map(e => e.id || e.href || e.className)"
)
FOCUSED = (
    "const e = document.activeElement; const s = getComputedStyle(e); const a = getComputedStyle(e, '::after');"
    "return [e.id || e.href || e.className, s.outlineStyle !== 'none' || a.outlineStyle !== 'none']"
)


@pytest.mark.parametrize("path", ["/", "/wiring.html"])
def test_everything_is_reached_by_the_tabulator_and_shows_that_it_is(house: House, path: str) -> None:
    (wanted,) = browse(house, {"open": path}, run(WORKED))
    steps = [step for _each in wanted for step in ({"keys": "Tab"}, run(FOCUSED))]
    found = browse(house, {"open": path}, *steps)
    assert [one[0] for one in found] == wanted, "in the order in which they stand there"
    assert [one[0] for one in found if not one[1]] == [], "no frame around what has the focus"


#: Text with less contrast than it needs, against the nearest ground below it.
FAINT = """
const light = c => { const v = c.map(x => x / 255).map(x => x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
  return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]; };
const rgb = t => t.match(/[\\d.]+/g).map(Number);
const ground = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
  if (c.length < 4 || c[3] > 0) return c; } return rgb(getComputedStyle(document.documentElement).backgroundColor); };
const faint = []; let seen = 0;
for (const e of document.querySelectorAll('body *:not(svg *)')) {
  const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  if (!own || !e.checkVisibility() || e.closest('.unseen, noscript')) continue;
  const a = light(rgb(getComputedStyle(e).color)), b = light(ground(e)); seen += 1;
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) faint.push([e.textContent.trim().slice(0, 30), ratio]);
}
return [seen, faint];
"""
#: What is wider than the screen and does not scroll by itself.
WIDE = """
const wide = document.documentElement.clientWidth; const found = [];
for (const e of document.querySelectorAll('body *:not(svg *)')) {
  const r = e.getBoundingClientRect();
  if (r.right > wide + 1 && !e.closest('.picture, .table, .unseen')) found.push(e.className || e.tagName);
}
return [document.documentElement.scrollWidth - wide, found];
"""
#: Words of the picture that leave the sheet, or stand on each other, as the browser has really set them.
WORDS = """
const sheet = document.querySelector('svg.wiring').getBoundingClientRect();
const all = [...document.querySelectorAll('svg.wiring text')].map(e => [e.textContent, e.getBoundingClientRect()]);
const found = [];
for (const [words, r] of all) {
  if (r.left < sheet.left || r.right > sheet.right + 1 || r.bottom > sheet.bottom) found.push([words, 'leaves']);
  for (const [other, s] of all)
    if (other !== words && r.left < s.right && s.left < r.right && r.top + 2 < s.bottom && s.top + 2 < r.bottom)
      found.push([words, other]);
}
const boxes = [...document.querySelectorAll('svg.wiring rect')].map(e => e.getBoundingClientRect());
for (const [words, r] of all) {
  const around = boxes.filter(b => b.left < r.left + r.width / 2 && b.right > r.left + r.width / 2 &&
                                   b.top < r.top + r.height / 2 && b.bottom > r.top + r.height / 2);
  const nearest = around.sort((a, b) => a.width - b.width)[0];
  if (nearest && (r.left < nearest.left || r.right > nearest.right)) found.push([words, 'leaves its box']);
}
return [all.length, found];
"""


@pytest.mark.parametrize("path", ["/", "/wiring.html"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_is_readable_on_each_screen(house: House, path: str, scheme: str) -> None:
    house.tell(radarr_4k="down", authelia_redis="down", lidarr="starting", grafana="absent")
    name = "portal" if path == "/" else "wiring"
    for screen in SCREENS:
        steps = [
            {"screen": screen, "scheme": scheme},
            {"open": path},
            {"text": "2 down" if path == "/" else "Networks"},
        ]
        shot = {"shot": f"{name}-{screen.partition('x')[0]}-{scheme}", "whole": "yes"}
        (overflow, wide), (seen, faint), (words, faults) = browse(
            house, *steps, run(WIDE), run(FAINT), run(WORDS), shot
        )
        assert (overflow, wide) == (0, []), screen
        assert seen > 50 and faint == [], screen
        assert words > 50 and faults == [], screen


def test_controls_that_show_what_would_be_found(house: House) -> None:
    spoil = (
        "const p = document.createElement('p'); p.textContent = 'faint'; p.style.cssText = '';"
        "p.style.color = '#bbb'; p.style.width = '700px'; document.querySelector('main').append(p);"
        "document.querySelectorAll('svg.wiring text')[5].setAttribute('x', '1150')"
    )
    (overflow, wide), (_seen, faint), (_words, faults) = browse(
        house, {"screen": "360x740"}, {"open": "/"}, run(spoil), run(WIDE), run(FAINT), run(WORDS)
    )
    assert overflow > 0 and wide == ["P"]
    assert [words for words, _ratio in faint] == ["faint"]
    assert any("leaves" in str(fault[1]) for fault in faults)
    complaints = browse(
        house,
        {"open": "/"},
        {"text": "are up"},
        run("const s = document.createElement('script'); s.textContent = 'window.evil = 1'; document.body.append(s)"),
        run("return String(window.evil)"),
        {"log": "all"},
    )
    assert complaints[0] == "undefined" and "Content Security Policy" in complaints[1][0]


def test_without_javascript_it_says_so_and_the_links_work(house: House) -> None:
    told, links = browse(
        house,
        {"scripts": "off"},
        {"open": "/"},
        {"text": "Without JavaScript this page shows no health"},
        run("return document.querySelector('.filter').checkVisibility()"),
        run("return document.querySelectorAll('.card a').length"),
        {"shot": "portal-without-scripts"},
    )
    assert told is False and links > 15


def test_the_picture_by_itself_is_readable_where_its_own_style_is_not_taken(house: House) -> None:
    """The policy of the page refuses a style inside of a file; the colours are attributes as well."""
    colours, ground = browse(
        house,
        {"screen": "1280x800", "scheme": "dark"},
        {"open": "/wiring.svg"},
        run("return [...document.querySelectorAll('text')].map(e => getComputedStyle(e).fill)"),
        run("return getComputedStyle(document.querySelector('rect')).fill"),
        {"shot": "wiring-by-itself"},
    )
    assert ground == "rgb(255, 255, 255)"
    assert len(colours) > 50 and "rgb(255, 255, 255)" not in colours and "rgb(230, 237, 243)" not in colours

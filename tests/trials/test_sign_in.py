# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A person with a real browser: Sonarr's name leads to the sign-in page, two factors lead back, signing out closes it.

With MEDIA_TRIALS_PICTURES set, the pictures in docs/images/ are taken anew.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.bed import images
from tests.bed.clients import Client, client
from tests.bed.shell import BUILD, ROOT
from tests.trials.demo import Demo
from tests.trials.door import Person, one_time_password, person, plan

SONARR, PORTAL, HOME = "https://sonarr.media.test/", "https://auth.media.test", "https://home.media.test/"
PICTURES = ROOT / "docs" / "images" if "MEDIA_TRIALS_PICTURES" in os.environ else BUILD / "pictures"


@pytest.fixture(scope="module")
def screen(demo: Demo) -> Iterator[Client]:
    images.ensure(["browser"])
    with client("screen", demo.host, "media-bed/browser") as found:
        yield found


@pytest.fixture(scope="module")
def published(demo: Demo) -> dict[str, Any]:
    return plan()


@pytest.fixture(scope="module")
def guest(demo: Demo, screen: Client, published: dict[str, Any]) -> Person:
    return person(demo, screen, "guest", published)


@pytest.fixture(scope="module")
def admin(demo: Demo, screen: Client, published: dict[str, Any]) -> Person:
    return person(demo, screen, "admin", published)


def browse(screen: Client, *steps: dict[str, str]) -> list[dict[str, str]]:
    """Lead the browser through the steps; return the address and title after each."""
    asked = {"names": "media.test", "address": screen.host.ip, "seconds": 20, "steps": steps}
    command = ["docker", "exec", "--interactive", screen.container, "lead-browser"]
    done = subprocess.run(command, input=json.dumps(asked).encode(), capture_output=True, check=False, timeout=180)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    told: dict[str, Any] = json.loads(done.stdout)
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, picture in told["shots"].items():
        (PICTURES / f"{name}.png").write_bytes(base64.b64decode(picture))
    assert not told["failed"], told["failed"]
    seen: list[dict[str, str]] = told["seen"]
    return seen


def password(who: Person) -> list[dict[str, str]]:
    return [
        {"type": "#username-textfield", "keys": who.name},
        {"type": "#password-textfield", "keys": who.password},
        {"press": "#sign-in-button"},
    ]


def second_factor(who: Person) -> list[dict[str, str]]:
    # The real portal has a field for each digit, and goes on by itself after the last.
    return [
        {"type": "input#otp-input, #otp-input input", "keys": one_time_password(who.secret)},
        {"press": "#verify-button"},
    ]


def test_two_factors_lead_to_sonarr_and_signing_out_closes_it(
    screen: Client, admin: Person, figures: list[str]
) -> None:
    seen = browse(
        screen,
        {"open": SONARR},
        {"host": "auth.media.test"},
        {"see": "#username-textfield"},
        {"shot": "sign-in"},
        *password(admin),
        {"see": "#otp-input"},
        {"shot": "second-factor"},
        *second_factor(admin),
        {"host": "sonarr.media.test"},
        {"text": "Sonarr"},
        {"shot": "sonarr"},
        {"open": f"{PORTAL}/logout"},
        {"see": "#username-textfield"},
        {"open": SONARR},
        {"host": "auth.media.test"},
        {"see": "#username-textfield"},
        {"shot": "signed-out"},
    )
    asked_back = parse_qs(urlsplit(seen[1]["url"]).query)
    assert asked_back["rd"] == [SONARR]
    (sonarr,) = [step for step in seen if step["url"] == SONARR and "Sonarr" in step["title"]][:1]
    figures.append(f"a browser: {SONARR} -> {PORTAL}, password and one-time password -> {sonarr['title']!r}; then out")


def test_somebody_of_another_group_is_not_let_in_to_the_proxys_own_page(screen: Client, guest: Person) -> None:
    seen = browse(
        screen,
        {"open": "https://proxy.media.test/"},
        {"host": "auth.media.test"},
        *password(guest),
        # No second factor would change it.
        {"host": "proxy.media.test"},
        {"text": "403"},
        {"open": SONARR},
        {"host": "auth.media.test"},
        *second_factor(guest),
        {"host": "sonarr.media.test"},
        {"text": "Sonarr"},
    )
    assert seen[-1]["url"] == SONARR


def test_a_wrong_password_stays_at_the_door(screen: Client, admin: Person) -> None:
    browse(
        screen,
        {"open": SONARR},
        {"host": "auth.media.test"},
        {"type": "#username-textfield", "keys": admin.name},
        {"type": "#password-textfield", "keys": "not-the-password"},
        {"press": "#sign-in-button"},
        {"text": "Authentication failed"},
        {"host": "auth.media.test"},
    )


def test_the_page_of_the_house_is_behind_the_door_as_well(screen: Client, admin: Person, figures: list[str]) -> None:
    """On a large screen and on a phone's, with every service and none of them down."""
    count = "return document.querySelectorAll('[data-service]').length"
    seen = browse(
        screen,
        {"open": HOME},
        {"host": "auth.media.test"},
        {"see": "#username-textfield"},
        *password(admin),
        {"see": "#otp-input"},
        *second_factor(admin),
        {"host": "home.media.test"},
        {"text": "services are up"},
        {"run": count},
        {"shot": "portal", "whole": "yes"},
        {"screen": "360x740", "scheme": "dark"},
        {"open": HOME},
        {"text": "services are up"},
        {"run": "return document.documentElement.scrollWidth"},
        {"shot": "portal-phone"},
        {"screen": "1280x800", "scheme": "light"},
        {"open": f"{HOME}wiring.html"},
        {"text": "Wiring"},
        {"shot": "wiring", "whole": "yes"},
    )
    services, width = (step["value"] for step in seen if step.get("value") is not None)
    assert int(services) >= 15
    assert int(width) <= 360
    figures.append(f"the portal: {services} services, all well")

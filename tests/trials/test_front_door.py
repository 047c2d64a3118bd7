# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The front door from outside: what strangers see, what answers at all, and what is seen when a part is down."""

from __future__ import annotations

import contextlib
import ipaddress
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils.front_verdict import UNPROTECTED, Verdict, well

from tests.bed.clients import Client, client
from tests.bed.shell import wait_for, wait_for_none
from tests.trials.demo import Demo
from tests.trials.door import Person, answered, exposure, look, person, plan, scan

SONARR = "https://sonarr.media.test/"
FORGED = "192.0.2.77"
EVERY_PORT = range(1, 65536)


@pytest.fixture(scope="module")
def published(demo: Demo) -> dict[str, Any]:
    """What the demo publishes. The trials begin with a host as declared."""
    return plan()


@pytest.fixture(scope="module")
def stranger(demo: Demo) -> Iterator[Client]:
    with client("stranger", demo.host) as found:
        yield found


@pytest.fixture(scope="module")
def admin(demo: Demo, published: dict[str, Any]) -> Iterator[Person]:
    with client("admin", demo.host) as found:
        yield person(demo, found, "admin", published)


def wrong(verdicts: list[Verdict], accept_closed: bool = False) -> list[Verdict]:
    return [verdict for verdict in verdicts if not well(verdict, accept_closed)]


@pytest.mark.parametrize("version", [4, 6])
def test_no_published_name_shows_anything_to_a_stranger(
    demo: Demo, stranger: Client, published: dict[str, Any], figures: list[str], version: int
) -> None:
    verdicts = look(demo, stranger, published, version)
    unprotected = [verdict for verdict in verdicts if verdict.verdict == UNPROTECTED]
    kinds = sorted({verdict.verdict for verdict in verdicts})
    counts = ", ".join(f"{sum(one.verdict == kind for one in verdicts)} {kind}" for kind in kinds)
    figures.append(f"stranger, IPv{version}: {counts}; {len(unprotected)} unprotected")
    assert wrong(verdicts) == []
    assert len({verdict.service for verdict in verdicts if verdict.verdict == "protected"}) >= 8


def test_control_a_page_that_is_open_is_seen_as_such(demo: Demo, stranger: Client, published: dict[str, Any]) -> None:
    """Were the probe to find the portal protected, it would find nothing else either."""
    pages = [{**page, "access": "two_factor"} for page in published["pages"] if page["access"] == "portal"]
    (verdict, *_strange) = look(demo, stranger, {**published, "pages": pages, "sign_on": {}})
    assert verdict.verdict == UNPROTECTED


@pytest.mark.parametrize("version", [4, 6])
def test_only_the_declared_ports_answer(
    demo: Demo, stranger: Client, published: dict[str, Any], figures: list[str], version: int
) -> None:
    address = demo.host.ip if version == 4 else demo.host.ip6
    openings = published["exposure"]
    declared = {item["port"] for item in openings["published"] if not ipaddress.ip_address(item["address"]).is_loopback}
    declared |= {port for ports in openings["listening"].values() for port in ports}
    assert {80, 443} <= declared
    found = {port for _address, port in scan(stranger, [(address, port) for port in EVERY_PORT])}
    figures.append(f"{len(EVERY_PORT)} ports by IPv{version}: {sorted(found)} answer; declared are {sorted(declared)}")
    assert found - declared == set()
    assert {80, 443} <= found, "not even the front door was found"


@pytest.mark.parametrize("version", [4, 6])
def test_no_container_answers_to_a_neighbour_that_knows_the_way(
    demo: Demo, stranger: Client, published: dict[str, Any], figures: list[str], version: int
) -> None:
    """Somebody on the LAN who routes the containers' networks by the host."""
    form = (
        "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.GlobalIPv6Address}} {{.Gateway}} {{.IPv6Gateway}} {{end}}"
    )
    words = demo.inner("inspect", "--format", form, *(demo.name(name) for name in demo.services())).split()
    addresses = [word.partition("/")[0] for word in words]
    family = sorted({word for word in addresses if (":" in word) == (version == 6)})
    assert len(family) > 10
    gateway = demo.host.ip if version == 4 else demo.host.ip6
    for address in family:
        stranger.exec("ip", "route", "replace", address, "via", gateway)
    ports = sorted({443, *(int(page["port"]) for page in published["pages"])})
    assert 8989 in ports
    own = set(demo.host.exec("sh", "-c", "ip -o address show | awk '{print $4}' | cut -d/ -f1").split())
    found = scan(stranger, [(address, port) for address in family for port in ports])
    passed = [(address, port) for address, port in found if address not in own]
    figures.append(
        f"{len(family)} addresses of containers, {len(ports)} ports each, IPv{version}: {len(passed)} answer"
    )
    assert passed == []
    if version == 4:
        # The host's own end of their networks is found by the same routes: the packets do arrive.
        assert [address for address, port in found if port == 443 and address in own]


def test_from_each_container_only_its_neighbours_answer(demo: Demo, figures: list[str]) -> None:
    told = exposure()
    reached = sum(len(names) for names in told["reached"].values())
    figures.append(
        f"{told['tried']} pairs of namespaces: {reached} reach each other, {len(told['problems'])} undeclared"
    )
    assert told["problems"] == []
    assert told["tried"] > 100
    assert reached > 10


def test_somebody_who_signs_in_is_let_in_and_out(admin: Person, figures: list[str]) -> None:
    before = admin.get(SONARR)
    assert before.status == 302
    admin.sign_in(SONARR)
    page = admin.get(SONARR, {"Remote-User": "somebody-else"})
    assert (page.status, "Sonarr" in page.text) == (200, True), page
    admin.sign_out()
    assert admin.get(SONARR).status == 302
    figures.append("password and one-time password: Sonarr's page; after signing out: the sign-in page")


def test_the_password_alone_is_not_enough(admin: Person) -> None:
    first = {"username": admin.name, "password": admin.password, "keepMeLoggedIn": False}
    assert admin.client.post(f"{admin.portal}/api/firstfactor", first, cookies="half").status == 200
    assert admin.client.get(SONARR, cookies="half").status == 302


def test_sessions_survive_a_restart_of_authelia(demo: Demo, admin: Person, figures: list[str]) -> None:
    admin.sign_in(SONARR)
    assert admin.get(SONARR).status == 200
    before = demo.container("authelia").started_at
    demo.inner("restart", demo.name("authelia"))
    wait_for("Authelia answers", lambda: demo.container("authelia").health == "healthy", seconds=60)
    assert demo.container("authelia").started_at > before
    page = answered(admin.get, SONARR, 200, seconds=20)
    assert "Sonarr" in page.text
    figures.append("Authelia restarted: who was signed in still is")


@pytest.mark.parametrize("part", ["authelia", "authelia-redis"])
def test_everything_closes_while_a_part_is_down(
    demo: Demo, stranger: Client, admin: Person, published: dict[str, Any], figures: list[str], part: str
) -> None:
    admin.sign_in(SONARR)
    assert admin.get(SONARR).status == 200
    with stopped(demo, part):
        verdicts = look(demo, stranger, published)
        shown = [verdict for verdict in verdicts if verdict.verdict == UNPROTECTED]
        signed_in = {
            page["names"][0]: admin.get(f"https://{page['names'][0]}{page['path']}")
            for page in published["pages"]
            if page["access"] in ("one_factor", "two_factor")
        }
        figures.append(
            f"{part} stopped: {sum(v.verdict == 'closed' for v in verdicts)} names closed, {len(shown)} show anything; "
            f"who was signed in gets {sorted({answer.status for answer in signed_in.values()})}"
        )
        assert wrong(verdicts, accept_closed=True) == []
        for name, answer in signed_in.items():
            refused = answer.status in (401, 403) or answer.status >= 500
            assert refused or answer.location.startswith("https://auth."), (name, answer)
    begun = time.monotonic()
    # Each of nginx's workers looks the name up for itself, and keeps for ten seconds what it was told.
    wait_for_none("every name is as before", lambda: wrong(look(demo, stranger, published)), seconds=30)
    figures.append(f"{part} well again: every name as before after {time.monotonic() - begun:.0f} s")
    admin.sign_in(SONARR)
    assert admin.get(SONARR).status == 200


@contextlib.contextmanager
def stopped(demo: Demo, part: str) -> Iterator[None]:
    demo.inner("stop", demo.name(part))
    try:
        yield
    finally:
        demo.inner("start", demo.name(part))
        wait_for(f"{part} is well", lambda: demo.container(part).health == "healthy", seconds=60)


def test_an_address_cannot_be_forged(demo: Demo, stranger: Client, figures: list[str]) -> None:
    """What is written down, and what bans go by, is the address that the packets came from."""
    forged = {"X-Forwarded-For": FORGED, "X-Real-IP": FORGED, "Forwarded": f"for={FORGED}", "CF-Connecting-IP": FORGED}
    failed = {"username": "nobody-of-that-name", "password": "wrong", "keepMeLoggedIn": False}
    assert stranger.post("https://auth.media.test/api/firstfactor", failed, forged).status == 401
    assert stranger.get(SONARR, forged).status == 302

    def written() -> str:
        logs = "/opt/media/state/authelia/authelia.log /opt/media/state/proxy/data/logs/proxy-host-*_access.log"
        return demo.host.exec("sh", "-c", f"cat {logs}")

    text = wait_for(
        "the failure is written down", lambda: text if "remote_ip=" in (text := written()) else "", seconds=10
    )
    assert f"remote_ip={stranger.ip}" in text
    assert f"[Client {stranger.ip}]" in text
    assert FORGED not in text
    figures.append(f"forged headers: {stranger.ip} is what the logs of the proxy and of Authelia have")

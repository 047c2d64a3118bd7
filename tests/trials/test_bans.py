# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who fails to sign in too often is shut out: packet by packet, for a while, and nobody else."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from tests.bed.clients import Client, client
from tests.bed.shell import wait_for
from tests.trials.demo import Demo
from tests.trials.play import play

PORTAL = "https://auth.media.test/"
WRONG = {"username": "admin", "password": "not-this-one", "keepMeLoggedIn": False}
#: Short, so that a trial sees it end, and always the same: who comes back is banned as anybody is.
SHORT = {
    "fail2ban_bantime": "25s",
    "fail2ban_bantime_increment": False,
    "fail2ban_recidive": False,
    "fail2ban_look_every": 1,
}
#: A sign-in of somebody at the host itself, as sshd tells of it. The journal keeps the name of the program.
SSHD = """
cp /usr/bin/python3 /tmp/sshd-session
/tmp/sshd-session -c '
import syslog, sys, time
syslog.openlog("sshd-session", syslog.LOG_PID, syslog.LOG_AUTH)
for _ in range(6):
    syslog.syslog("Failed password for root from " + sys.argv[1] + " port 4242 ssh2")
time.sleep(2)
' "$0"
rm /tmp/sshd-session
"""


@pytest.fixture(scope="module", autouse=True)
def short_bans(demo: Demo) -> Iterator[None]:
    run = play("site.yml", variables=SHORT)
    assert run.code == 0, run.output[-4000:]
    yield
    run = play("site.yml")
    assert run.code == 0, run.output[-4000:]


@pytest.fixture
def burglar(demo: Demo) -> Iterator[Client]:
    with client("burglar", demo.host) as found:
        yield found
        # The next one may get this address.
        assert play("playbooks/bans.yml", variables={"media_unban": found.ip}).code == 0


@pytest.fixture
def neighbour(demo: Demo) -> Iterator[Client]:
    with client("neighbour", demo.host) as found:
        yield found


def banned(demo: Demo) -> set[str]:
    """Return whoever Fail2Ban has banned."""
    told = json.loads(demo.inner("exec", demo.name("fail2ban"), "python3", "/config/server.py", "list"))
    return {ban["address"] for ban in told["bans"]}


def ruled(demo: Demo, address: str, chain: str = "DOCKER-USER") -> list[int]:
    """Return how many packets each rule of the chain has dropped of this address."""
    program = "ip6tables" if ":" in address else "iptables"
    lines = demo.host.exec(program, "-w", "-L", chain, "-v", "-n", "-x").splitlines()
    return [int(line.split()[0]) for line in lines if address in line.split() and "fail2ban:" in line]


def opens(who: Client, version: int = 4) -> bool:
    """Tell whether the front door answers this client at all."""
    answer = who.get(PORTAL, version=version, seconds=3)
    assert answer.status in (0, 200), answer
    assert answer.status or "timed out" in answer.error, answer
    return answer.status == 200


def fail(who: Client, version: int = 4, headers: dict[str, str] | None = None) -> None:
    """Fail to sign in until no answer comes any more."""
    for _attempt in range(12):
        answer = who.post(f"{PORTAL}api/firstfactor", WRONG, headers, version=version, seconds=3)
        if answer.status == 0:
            return
        assert answer.status in (401, 403), answer


@pytest.mark.parametrize("version", [4, 6])
def test_whoever_fails_too_often_is_dropped_and_free_again_later(
    demo: Demo, burglar: Client, neighbour: Client, version: int, figures: list[str]
) -> None:
    address = burglar.ip if version == 4 else burglar.ip6
    assert opens(burglar, version)
    fail(burglar, version)
    wait_for("the ban", lambda: address in banned(demo), seconds=20)
    begun = time.monotonic()
    assert not opens(burglar, version)
    assert opens(neighbour, version)
    dropped = ruled(demo, address)
    if version == 4:
        # A rule for each jail whose log tells of it; on a busy machine two may have read their logs by now.
        assert sum(dropped) > 0
    wait_for("the end of the ban", lambda: opens(burglar, version), seconds=60, every=0.5)
    figures.append(f"ban by IPv{version}: {sum(dropped)} packets dropped, free after {time.monotonic() - begun:.0f} s")
    assert ruled(demo, address) == ruled(demo, address, "INPUT") == []


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_who_forges_another_address_is_banned_and_not_the_other(
    demo: Demo, burglar: Client, neighbour: Client, header: str
) -> None:
    fail(burglar, headers={header: f"for={neighbour.ip}" if header == "Forwarded" else neighbour.ip})
    wait_for("the ban", lambda: burglar.ip in banned(demo), seconds=20)
    assert not opens(burglar)
    assert neighbour.ip not in banned(demo)
    assert opens(neighbour)


def test_a_ban_survives_a_restart_and_rules_that_somebody_flushed(demo: Demo, burglar: Client) -> None:
    fail(burglar)
    wait_for("the ban", lambda: burglar.ip in banned(demo), seconds=20)
    demo.inner("restart", demo.name("fail2ban"))
    wait_for("the rule is back", lambda: ruled(demo, burglar.ip), seconds=15)
    assert not opens(burglar)
    demo.host.exec("iptables", "-F", "DOCKER-USER")
    wait_for("the rule is written again", lambda: ruled(demo, burglar.ip), seconds=10)
    assert not opens(burglar)


def test_a_person_lets_somebody_in_again(demo: Demo, burglar: Client) -> None:
    fail(burglar)
    wait_for("the ban", lambda: burglar.ip in banned(demo), seconds=20)
    shown = play("playbooks/bans.yml", "--check", "--diff", variables={"media_unban": burglar.ip})
    assert f"authelia {burglar.ip}" in shown.output
    assert burglar.ip in banned(demo)
    assert play("playbooks/bans.yml", variables={"media_unban": burglar.ip}).changed == 1
    assert opens(burglar)
    assert play("playbooks/bans.yml", variables={"media_unban": burglar.ip}).changed == 0


def test_who_fails_at_the_host_itself_is_dropped_too(demo: Demo, burglar: Client) -> None:
    demo.host.exec("sh", "-c", SSHD, burglar.ip)
    wait_for("the ban", lambda: burglar.ip in banned(demo), seconds=20)
    assert len(ruled(demo, burglar.ip, "INPUT")) == 1
    assert not opens(burglar)


def test_the_log_of_a_new_proxy_host_is_taken_in(demo: Demo) -> None:
    log = "/opt/media/state/proxy/data/logs/proxy-host-999_access.log"
    watched = ["exec", demo.name("fail2ban"), "fail2ban-client", "get", "proxy", "logpath"]
    demo.host.exec("touch", log)
    try:
        wait_for("the log is watched", lambda: log in demo.inner(*watched), seconds=20)
    finally:
        demo.host.exec("rm", log)
    wait_for("it is watched no more", lambda: log not in demo.inner(*watched), seconds=20)

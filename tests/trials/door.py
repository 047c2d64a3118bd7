# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The front door as the trials see it: the plan behind it, strangers before it, and people who sign in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import inspect
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import front_probe, front_questions, front_verdict, reach
from ansible_collections.homelab.media.plugins.module_utils.front_probe import Question, Reply
from ansible_collections.homelab.media.plugins.module_utils.front_verdict import Verdict

from tests.bed.clients import Answer, Client
from tests.bed.shell import wait_for
from tests.trials.demo import Demo
from tests.trials.play import play

#: Seconds that a one-time password of Authelia's is good for.
PERIOD = 30

#: Run in a client: the probe of the module that verifies, from outside.
_LOOK = (
    inspect.getsource(front_probe)
    + """
import json, sys
asked = json.load(sys.stdin)
questions = [Question(**{**one, "headers": tuple(map(tuple, one["headers"]))}) for one in asked["questions"]]
replies = ask_all(Door(**asked["door"]), questions)
json.dump([vars(replies[question]) for question in questions], sys.stdout)
"""
)

#: Run in a client: which TCP ports of an address take a connection.
_SCAN = (
    inspect.getsource(reach)
    + """
import sys
asked, found = json.load(sys.stdin), []
targets = [tuple(target) for target in asked["targets"]]
for start in range(0, len(targets), 8192):
    found += answering(targets[start : start + 8192], asked["timeout"])
json.dump(found, sys.stdout)
"""
)

#: The last period for which a one-time password was used; none may be used twice.
_used = [0]


def plan(variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return what a run publishes: pages, sign_on, apis, domain, networks; who may be reached (exposure); the users."""
    return _kept("tests/trials/plan.yml", variables)


def exposure() -> dict[str, Any]:
    """Return what exposure_info sees on the host: tried, reached, problems and the ports."""
    return _kept("tests/trials/exposure.yml")


def _kept(playbook: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Run a playbook that leaves an answer in a file, and return the answer."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "answer.json")
        run = play(playbook, variables={**(variables or {}), "answer_file": str(file)})
        assert run.code == 0, run.output[-4000:]
        found: dict[str, Any] = json.loads(file.read_text())
    return found


def forgive(demo: Demo, client: Client) -> None:
    """Let a client be refused as often as the trials need, until Fail2Ban starts or loads its jails anew."""
    if "fail2ban" not in demo.services():
        return
    ignored = "; ".join(f'fail2ban-client set "$jail" addignoreip {address}' for address in (client.ip, client.ip6))
    jails = "fail2ban-client status | sed -n 's/.*Jail list:[[:space:]]*//p' | tr -d ','"
    script = f"for jail in $({jails}); do {ignored}; done; fail2ban-client unban {client.ip} {client.ip6}"
    demo.inner("exec", demo.name("fail2ban"), "sh", "-c", script)


def look(demo: Demo, client: Client, published: Mapping[str, Any], version: int = 4) -> list[Verdict]:
    """Ask for every published name from a client, and for one that nobody published; return the verdicts."""
    forgive(demo, client)
    kinds = {name: str(api.get("kind", "")) for name, api in published["apis"].items()}
    address = client.host.ip if version == 4 else client.host.ip6
    pages = [(page, kinds.get(page["service"], "")) for page in published["pages"]]
    strange = [Question(name, tls=tls) for name in (f"nobody.{published['domain']}", address) for tls in (True, False)]
    questions = [question for page, kind in pages for question in front_questions.questions(page, kind)] + strange
    asked = {"door": {"address": address}, "questions": [vars(question) for question in questions]}
    told = json.loads(client.python(_LOOK, asked, timeout=120))
    replies = {question: Reply(**reply) for question, reply in zip(questions, told)}
    portal = str(published["sign_on"].get("url", ""))
    found = [verdict for page, kind in pages for verdict in front_verdict.judge(page, kind, portal, replies)]
    return found + [front_verdict.unknown_name(question, replies[question]) for question in strange]


def scan(client: Client, targets: Iterable[tuple[str, int]], timeout: float = 1.5) -> list[tuple[str, int]]:
    """Return which addresses and TCP ports take a connection from a client."""
    asked = {"targets": list(targets), "timeout": timeout}
    return list(map(tuple, json.loads(client.python(_SCAN, asked, timeout=300))))


def totp_secret(demo: Demo, user: str) -> str:
    """Give a user a new authenticator, as an administrator does on the host; return its secret."""
    command = ["authelia", "storage", "user", "totp", "generate", user, "--force"]
    said = demo.inner("exec", demo.name("authelia"), *command)
    found = re.search(r"[?&]secret=([A-Z2-7]+)", said)
    assert found, "no secret in what Authelia said"
    return found[1]


def one_time_password(secret: str) -> str:
    """Return the authenticator's password for now; wait for the next one if somebody has used one of this period.

    Authelia takes one sign-in of a person in a period, also with a new authenticator.
    """

    def fresh() -> int:
        now = int(time.time() // PERIOD)
        return now if now > _used[-1] else 0

    _used.append(wait_for("a new one-time password", fresh, seconds=PERIOD + 5))
    return password_of(secret, _used[-1])


def password_of(secret: str, period: int) -> str:
    """Return the password of a period: RFC 6238 with SHA-1 and six digits."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, period.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


@dataclass(frozen=True)
class Person:
    """Somebody with an account, who looks at the host from a client and keeps cookies in a jar there."""

    client: Client
    name: str
    password: str
    secret: str
    portal: str = "https://auth.media.test"

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.client.get(url, headers, cookies=self.name)

    def sign_in(self, target: str) -> None:
        """Give the password, then the one-time password."""
        first = {"username": self.name, "password": self.password, "keepMeLoggedIn": False, "targetURL": target}
        answer = self.client.post(f"{self.portal}/api/firstfactor", first, cookies=self.name)
        assert (answer.status, json.loads(answer.text)["status"]) == (200, "OK"), answer
        second = {"token": one_time_password(self.secret), "targetURL": target}
        answer = self.client.post(f"{self.portal}/api/secondfactor/totp", second, cookies=self.name)
        assert (answer.status, json.loads(answer.text)["status"]) == (200, "OK"), answer

    def sign_out(self) -> None:
        answer = self.client.post(f"{self.portal}/api/logout", {}, cookies=self.name)
        assert answer.status == 200, answer


def person(demo: Demo, client: Client, name: str, published: Mapping[str, Any]) -> Person:
    """Return a declared user at a client, with a new authenticator."""
    return Person(client, name, published["users"][name]["password"], totp_secret(demo, name))


def answered(ask: Callable[[str], Answer], url: str, status: int, seconds: float = 60) -> Answer:
    """Ask until a page is answered with a status, and return the answer."""
    last = Answer(0)

    def so() -> bool:
        nonlocal last
        last = ask(url)
        return last.status == status

    wait_for(f"{url} is answered with {status}", so, seconds=seconds, every=0.2)
    return last

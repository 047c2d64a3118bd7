# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real Prometheus over what the role renders, with real exporters and a small front door; and the two modules."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import monitoring_exporters, secret_tokens
from ansible_collections.homelab.media.plugins.module_utils.monitoring_pages import probe_of
from ansible_collections.homelab.media.plugins.modules import monitoring, monitoring_info

from tests.contract import prometheus_on_loopback as loopback
from tests.contract.monitoring_house import SETTINGS, call, page, plan, target
from tests.contract.redis_on_loopback import Redis
from tests.programs.small_front import Request, certificate, front
from tests.programs.small_front import page as answer
from tests.unit.run_module import run_module

PORTAL = "https://auth.media.test"
TOKEN = 'a "token" of its own'
TEXT = {"content_type": "text/plain; version=0.0.4; charset=utf-8"}
RULES = """
groups:
  - name: media
    rules:
      - {alert: ServiceDown, expr: media_service_up == 0}
      - {record: house:up, expr: sum(up)}
"""
ALERTS = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"


def elsewhere(_request: Request) -> bytes:
    return answer(302, "<html>302 Found</html>", Location=f"{PORTAL}/?rd=x")


@dataclass
class Door:
    """A front door: what it answers, by path, and where it is."""

    answers: dict[str, Callable[[Request], bytes]]
    https: int = 0
    http: int = 0

    def __call__(self, request: Request) -> bytes:
        return self.answers.get(request.path.partition("?")[0], lambda _request: answer(404))(request)

    def page(self, service: str, access: str) -> dict[str, Any]:
        return page(service, access, f"localhost:{self.https}", path=f"/{service}/")


def watcher(request: Request) -> bytes:
    if request.headers.get("authorization") != f"Bearer {TOKEN}":
        return answer(401)
    return answer(200, "watched 1\n", **TEXT)


def grafana(request: Request) -> bytes:
    if request.headers.get("authorization") != "Basic YWRtaW46cHc=":
        return answer(401, '{"message": "Invalid username or password"}')
    return answer(200, '{"status": "OK", "message": "Successfully queried the Prometheus API."}')


ANSWERS = {
    "/auth/": lambda _request: answer(200, "<html>sign in</html>"),
    "/sonarr/": elsewhere,
    "/plex/": lambda _request: answer(401),
    "/proxy/": lambda _request: answer(403, "<html>403 Forbidden</html>"),
    "/v1/metrics": watcher,
    "/api/datasources/uid/prometheus/health": grafana,
}


@dataclass
class House:
    """What runs, and what was rendered for it."""

    folder: Path
    door: Door
    prometheus: loopback.Running
    alertmanager: loopback.Running
    blackbox: loopback.Running
    plan: dict[str, Any]
    settings: dict[str, Any]

    def render(self, **more: Any) -> None:
        text = call("prometheus_config", self.plan, {**self.settings, **more})
        text = secret_tokens.replace(text, {"watcher_token": TOKEN}.__getitem__)
        write(self.folder / "prometheus" / "prometheus.yml", text)

    @property
    def programs(self) -> list[dict[str, str]]:
        running = {"prometheus": self.prometheus, "alertmanager": self.alertmanager}
        return [{"name": name, "url": one.url, "folder": str(self.folder / name)} for name, one in running.items()]

    def wire(self, *, check: bool = False, **more: Any) -> dict[str, Any]:
        arguments = {"programs": self.programs, "expected": self.expected, **more}
        return run_module(monitoring.main, arguments, check=check)

    @property
    def expected(self) -> dict[str, Any]:
        found: dict[str, Any] = call("monitoring_expected", self.plan, self.settings)
        password = self.folder / "grafana-password"
        password.write_text("pw")
        source = {"username": "admin", "password_file": str(password), "url": f"http://127.0.0.1:{self.door.http}"}
        return {**found, "url": self.prometheus.url, "grafana": {**source, "source": "prometheus"}}

    def verify(self, timeout: float = 15, **more: Any) -> dict[str, Any]:
        return run_module(monitoring_info.main, {"expected": {**self.expected, **more}, "timeout": timeout})


def write(path: Path, text: str) -> None:
    """Write a file as a run does: another one of the same name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_name(f".{path.name}.tmp").write_text(text, encoding="utf-8")
    path.with_name(f".{path.name}.tmp").rename(path)


def redis_exporter(folder: Path, redis: Redis, password: str) -> loopback.Running:
    """Start the exporter as its template says, but for where it is."""
    service = {"x-media": {"metrics": {"exporter": "redis"}, "api": {"kind": "redis", "password": "redis_password"}}}
    content = json.dumps(monitoring_exporters.redis_passwords({"127.0.0.1": service}))
    address = f"redis://127.0.0.1:{redis.port}"
    text = secret_tokens.replace(content, {"redis_password": password}.__getitem__)
    (folder / "passwords.json").write_text(text.replace("redis://127.0.0.1:6379", address))
    environment = {"REDIS_ADDR": address, "REDIS_PASSWORD_FILE": str(folder / "passwords.json")}
    words = ("prometheus-redis-exporter", "--web.listen-address=127.0.0.1:{port}")
    return loopback.Running(folder, *words, ready="/health", **environment)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    door = Door(dict(ANSWERS))
    with ExitStack() as stack:
        crt, key = certificate(folder, "localhost")
        (folder / "ca.crt").write_text(Path(crt).read_text())
        at = stack.enter_context(front(door, crt, key))
        door.https, door.http = at.https_port, at.http_port
        settings = {**SETTINGS, "monitoring_scrape_interval": "1s"}
        probes = call("blackbox_config", plan(), settings).replace("/etc/authority", str(folder))
        write(folder / "blackbox" / "config.yml", probes)
        write(folder / "alertmanager" / "alertmanager.yml", ALERTS)
        write(folder / "prometheus" / "rules" / "media.yml", RULES)
        write(folder / "textfiles" / "media.prom", 'media_service_up{service="sonarr",container="sonarr"} 1\n')
        redis = Redis(folder)
        stack.enter_context(redis)
        running = {
            "alertmanager": loopback.alertmanager(folder / "alertmanager", folder),
            "blackbox": loopback.blackbox(folder / "blackbox"),
            "node-exporter": loopback.node_exporter(folder / "textfiles"),
            "redis-cache": redis_exporter(folder, redis, redis.password),
            "prometheus": loopback.prometheus(folder / "prometheus", folder),
        }
        metrics = [
            target(name, f"127.0.0.1:{one.port}", "cache" if name == "redis-cache" else "")
            for name, one in running.items()
        ]
        metrics.append(target("watcher", f"127.0.0.1:{door.http}", path="/v1/metrics", bearer="watcher_token"))
        pages = [
            door.page(*entry)
            for entry in (("auth", "portal"), ("sonarr", "two_factor"), ("plex", "bypass"), ("proxy", "deny"))
        ]
        made = House(
            folder,
            door,
            running["prometheus"],
            running["alertmanager"],
            running["blackbox"],
            plan(metrics=metrics, pages=pages, services={"grafana": {}}),
            settings,
        )
        made.render()
        for one in running.values():
            stack.enter_context(one)
        yield made


def test_everything_is_seen(house: House) -> None:
    found = house.verify()
    assert not found.get("failed"), found["msg"]
    assert found["problems"] == []
    pages = {item["metric"]["service"]: item for item in loopback.value(house.prometheus, "probe_success")}
    assert {name: item["value"][1] for name, item in pages.items()} == dict.fromkeys(
        ("auth", "sonarr", "plex", "proxy"), "1"
    )
    assert pages["sonarr"]["metric"]["access"] == "two_factor"


def test_what_the_host_tells_of_a_service_is_under_the_services_own_name(house: House) -> None:
    house.verify()
    (told,) = loopback.value(house.prometheus, "media_service_up")
    assert (told["metric"]["service"], told["metric"]["job"]) == ("sonarr", "node-exporter")


def test_the_exporter_of_redis_reads_the_password_as_it_is_rendered(house: House, tmp_path: Path) -> None:
    house.verify()
    assert [item["value"][1] for item in loopback.value(house.prometheus, "redis_up")] == ["1"]
    with Redis(tmp_path, "another") as redis, redis_exporter(tmp_path, redis, "wrong") as control:
        assert "redis_up 0" in control.ask("/metrics")[0]


def test_every_exporter_says_what_its_answer_is(house: House) -> None:
    # Prometheus 3 reads no numbers from any other.
    for item in json.loads(house.prometheus.ask("/api/v1/targets?state=active")[0])["data"]["activeTargets"]:
        if item["labels"]["job"] in ("pages", "watcher"):
            continue
        port = item["scrapeUrl"].rpartition(":")[2]
        one = loopback.Running(house.folder, "true")
        one.url = f"http://127.0.0.1:{port.partition('/')[0]}"
        assert one.ask("/metrics")[1].startswith(("text/plain; version=0.0.4", "application/openmetrics-text"))


@pytest.mark.parametrize(
    ("access", "status", "more", "body", "well"),
    [
        ("two_factor", 302, {"Location": f"{PORTAL}/?rd=x"}, "", True),
        ("one_factor", 302, {"Location": PORTAL}, "", True),
        ("two_factor", 401, {}, "", True),
        ("two_factor", 403, {}, "<html>403</html>", True),
        ("two_factor", 200, {}, "the queue of somebody", False),
        # The application's own sign-in: it was reached.
        ("two_factor", 302, {"Location": "/login"}, "", False),
        ("two_factor", 302, {"Location": f"{PORTAL}.evil.test/"}, "", False),
        # Not with a redirect: what comes with one that it does not follow, the exporter does not read.
        ("two_factor", 403, {}, "with it all that there is to see " * 300, False),
        ("two_factor", 404, {}, "", False),
        ("two_factor", 500, {}, "", False),
        ("bypass", 200, {}, "a page", True),
        ("bypass", 302, {"Location": "/web/"}, "", True),
        ("bypass", 401, {}, "", True),
        ("bypass", 403, {}, "", False),
        ("bypass", 404, {}, "", False),
        ("bypass", 502, {}, "", False),
        ("portal", 200, {}, "sign in", True),
        ("portal", 302, {"Location": PORTAL}, "", False),
        ("portal", 502, {}, "", False),
        ("deny", 403, {}, "", True),
        ("deny", 200, {}, "", False),
        ("deny", 302, {"Location": PORTAL}, "", False),
    ],
)
def test_a_page_is_well_if_it_answers_as_its_access_says(
    house: House, access: str, status: int, more: dict[str, str], body: str, well: bool
) -> None:
    house.door.answers["/page/"] = lambda _request: answer(status, body, **more)
    probe = probe_of({"access": access})
    text, _type = house.blackbox.ask(f"/probe?module={probe}&target=https://localhost:{house.door.https}/page/")
    assert f"probe_success {int(well)}" in text, text


def test_a_certificate_that_nobody_knows_is_a_failed_probe(house: House, tmp_path: Path) -> None:
    crt, key = certificate(tmp_path, "localhost")
    with front(lambda _request: answer(200), crt, key) as other:
        text, _type = house.blackbox.ask(f"/probe?module=open&target=https://localhost:{other.https_port}/")
    assert "probe_success 0" in text


def told(house: House) -> dict[str, Any]:
    """Return what is told once Prometheus has seen that something is not well."""
    end = time.monotonic() + 20
    while True:
        found = house.verify(timeout=0.1)
        if found.get("failed"):
            return found
        assert time.monotonic() < end


def test_a_page_that_shows_itself_to_a_stranger_is_told(house: House) -> None:
    house.door.answers["/sonarr/"] = lambda _request: answer(200, "everything")
    try:
        found = told(house)
        assert "/sonarr/: does not answer a stranger as its access says" in found["msg"]
    finally:
        house.door.answers["/sonarr/"] = elsewhere
    assert not house.verify().get("failed")


def test_who_is_not_asked_who_is_silent_and_who_has_no_source_is_told_at_once(house: House) -> None:
    house.verify()
    password = house.folder / "wrong"
    password.write_text("wrong")
    grafana_wrong = {**house.expected["grafana"], "password_file": str(password)}
    more = [{"service": "nobody", "target": "127.0.0.1:1"}]
    found = house.verify(0, targets=[*house.expected["targets"], *more], grafana=grafana_wrong)
    assert "nobody at 127.0.0.1:1: is not asked by Prometheus" in found["msg"]
    assert "Grafana: does not reach its source" in found["msg"]
    assert found["msg"].startswith("The monitoring: 2 problems")
    assert house.verify(0, url="http://127.0.0.1:9").get("failed")


def test_a_changed_file_is_read_once_and_nothing_is_lost(house: House) -> None:
    house.verify()
    before = loopback.value(house.prometheus, "process_start_time_seconds{job='prometheus'}")
    assert not house.wire()["changed"]
    house.plan["metrics"].append(target("late", f"127.0.0.1:{house.door.http}", path="/v1/metrics"))
    house.door.answers["/v1/metrics"] = lambda _request: answer(200, "watched 1\n", **TEXT)
    house.render()
    found = house.wire()
    (change,) = found["diff"]
    assert (change["after_header"], change["before"]) == ("prometheus", "files as they were\n")
    assert not found["looked"]
    again = house.wire()
    assert (again["changed"], again["looked"]) == (False, True)
    assert not house.verify().get("failed")
    after = loopback.value(house.prometheus, "process_start_time_seconds{job='prometheus'}")
    assert [item["value"][1] for item in before] == [item["value"][1] for item in after]
    assert house.wire()["problems"] == []


def test_it_looks_and_tells_what_is_not_well_without_failing(house: House) -> None:
    more = [{"service": "nobody", "target": "127.0.0.1:1"}]
    found = house.wire(expected={**house.expected, "targets": more})
    assert [problem["variable"] for problem in found["problems"]] == ["nobody at 127.0.0.1:1"]


@pytest.mark.parametrize("name", ["prometheus", "alertmanager"])
def test_what_is_refused_is_told_in_its_own_words_and_stays_due(house: House, name: str) -> None:
    file = house.folder / name / f"{name}.yml"
    right = file.read_text()
    (house.folder / "secret").write_text("a-secret-url")
    write(file, right + "\nno_such_key: a-secret-url\n")
    for _each in range(2):
        found = house.wire(secret_files=[str(house.folder / "secret")])
        assert found["failed"] and "field no_such_key not found" in found["msg"]
        assert f"{name} at http://127.0.0.1:" in found["msg"]
    # With a value of the wrong kind they would show it.
    write(file, f"{right}\nglobal: a-secret-url\n" if name == "alertmanager" else "global: a-secret-url\n")
    found = house.wire(secret_files=[str(house.folder / "secret")])
    assert found["failed"] and "(hidden)" in found["msg"] and "a-secret-url" not in found["msg"]
    assert house.wire(check=True)["diff"][0]["before"] == "files that it has refused\n"
    write(file, right)
    assert house.wire()["changed"]
    assert not house.wire()["changed"]


def wait_for_words(house: House, words: str) -> None:
    """Ask until it is told: on a busy machine something else may be wrong for a moment after a reload."""
    end = time.monotonic() + 60
    while words not in (said := str(told(house).get("msg", ""))):
        assert time.monotonic() < end, said


def test_a_rule_that_is_added_or_removed_is_read_and_one_in_error_is_told(house: House) -> None:
    added = house.folder / "prometheus" / "rules" / "added.yml"
    rule = "{record: twice, expr: up * on() up}"
    write(added, f"groups: [{{name: added, rules: [{rule}]}}]\n")
    assert house.wire()["changed"]
    wait_for_words(house, "rule twice in added: cannot be evaluated")
    added.unlink()
    assert house.wire()["changed"]
    assert not house.verify().get("failed")


def test_a_file_with_an_old_time_is_seen_all_the_same(house: House) -> None:
    assert not house.wire()["changed"]
    house.render(monitoring_retention_time="1d")
    os.utime(house.folder / "prometheus" / "prometheus.yml", (1, 1))
    assert house.wire()["changed"]


def test_check_mode_announces_what_a_run_would_do_and_does_nothing(house: House) -> None:
    files = [str(house.folder / "prometheus" / "prometheus.yml"), str(house.folder / "prometheus-other" / "x")]
    assert not house.wire(check=True)["changed"]
    assert house.wire(check=True, planned_files=files[:1])["changed"]
    assert not house.wire(check=True, planned_files=files[1:])["changed"]
    # It reads them when it starts.
    assert not house.wire(check=True, planned_files=files[:1], restarted=["prometheus"])["changed"]
    nobody = [{"name": "prometheus", "url": "http://127.0.0.1:9", "folder": str(house.folder)}]
    assert not house.wire(check=True, programs=nobody, planned_files=files[:1])["changed"]
    # What a run says then is an error.
    assert "does not answer" in house.wire(programs=nobody)["msg"]
    house.render(monitoring_scrape_interval="1s")
    assert house.wire(check=True)["changed"]
    assert house.wire()["changed"]

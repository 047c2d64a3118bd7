# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module against the stand-in for Nginx Proxy Manager, with a real nginx behind it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import openssl
from ansible_collections.homelab.media.plugins.modules import nginx_proxy_manager

from tests.contract.npm_on_loopback import Npm, free_ports
from tests.images.npm.stand_in import log
from tests.unit.run_module import run_module

EMAIL = "admin@media.test"
PASSWORD = "correcthorsebattery"
SONARR: dict[str, Any] = {
    "domain_names": ["sonarr.media.test"],
    "forward_host": "127.0.0.1",
    "forward_port": 8989,
    "certificate": "home",
    "ssl_forced": True,
    "http2_support": True,
    "hsts_enabled": True,
    "allow_websocket_upgrade": True,
    "advanced_config": "location / {\n  return 204;\n}\n",
}
OLD = {"domain_names": ["old.media.test"], "forward_domain_name": "new.media.test", "certificate": "home"}
GONE = {"domain_names": ["gone.media.test"], "certificate": "home"}


class Bench:
    """A proxy, and the module's arguments for it."""

    def __init__(self, folder: Path) -> None:
        self.npm = Npm(folder / "npm", claimed=False, environ={"STAND_IN_AUTHORITY": "true"})
        self.folder = folder
        self.key = openssl.key()
        self.authority = openssl.authority(self.key, "test", "media.test", 400)
        for name, text in {"password": PASSWORD, "digest_key": "k" * 32, "tls.key": self.key}.items():
            (folder / name).write_text(text)
        self.certify()
        self.arguments: dict[str, Any] = {
            "url": self.npm.url,
            "email": EMAIL,
            "password_file": str(folder / "password"),
            "in_force_file": str(folder / "in_force"),
            "ledger": str(folder / "proxy.json"),
            "ledger_key_file": str(folder / "digest_key"),
            "data": str(self.npm.data),
            "timeout": 5,
            "certificates": [
                {"name": "home", "certificate_file": str(folder / "tls.crt"), "key_file": str(folder / "tls.key")}
            ],
            "proxy_hosts": [SONARR],
            "redirection_hosts": [OLD],
            "dead_hosts": [GONE],
            "default_site": {"value": "444"},
        }

    def certify(self, days: int = 90) -> None:
        names = ["media.test", "*.media.test"]
        text = openssl.certificate(self.key, self.key, self.authority, names, days)
        (self.folder / "tls.crt").write_text(text)

    def run(self, *, check: bool = False, **more: Any) -> dict[str, Any]:
        return run_module(nginx_proxy_manager.main, {**self.arguments, **more}, check=check)

    def writes(self) -> list[str]:
        """Return what the proxy was asked to change."""
        return self.npm.writes() if (self.npm.data / "stand-in-requests.log").exists() else []

    def close(self) -> None:
        self.npm.__exit__(None, None, None)

    def sign_in(self) -> Npm:
        """Become the person who uses the web interface."""
        self.npm.token = self.npm.sign_in(EMAIL, (self.folder / "password").read_text()).body["token"]
        return self.npm

    def hosts(self, kind: str = "proxy-hosts") -> dict[str, dict[str, Any]]:
        return {row["domain_names"][0]: row for row in self.sign_in().get(f"/nginx/{kind}")}


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in logs to the standard output of this process, where the module answers."""
    monkeypatch.setattr(log, "sys", SimpleNamespace(stdout=io.StringIO()))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def told(answer: dict[str, Any]) -> list[str]:
    assert not answer.get("failed"), answer.get("msg")
    return [f"{item['after_header']}: {item['before'].strip()} -> {item['after'].strip()}" for item in answer["diff"]]


def refused(answer: dict[str, Any]) -> str:
    assert answer.get("failed"), told(answer)
    message: str = answer["msg"]
    assert PASSWORD not in json.dumps(answer)
    return message


EVERYTHING = [
    f"administrator {EMAIL}:  -> claimed",
    "certificate home:  -> put in place",
    "proxy host sonarr.media.test:  -> http://127.0.0.1:8989",
    "redirection old.media.test:  -> 301 to auto://new.media.test",
    "404 host gone.media.test:  -> 404",
    "default site: congratulations -> 444",
]


def test_from_nothing_to_as_wanted_and_then_nothing_more(bench: Bench) -> None:
    assert told(bench.run(check=True)) == EVERYTHING
    assert bench.writes() == []
    answer = bench.run()
    assert told(answer) == EVERYTHING
    assert (answer["reachable"], answer["version"]) == (True, "2.15.1")
    written = bench.writes()
    for check in (False, True):
        again = bench.run(check=check)
        assert (again["changed"], told(again)) == (False, [])
    assert bench.writes() == written
    host = bench.hosts()["sonarr.media.test"]
    assert host["meta"]["nginx_online"] is True
    assert (host["ssl_forced"], host["http2_support"], host["hsts_enabled"], host["enabled"]) == (True,) * 4
    assert (host["block_exploits"], host["caching_enabled"], host["trust_forwarded_proto"]) == (False,) * 3


def test_what_is_kept_on_the_host_is_for_root(bench: Bench) -> None:
    bench.run()
    for name in ("in_force", "proxy.json"):
        assert (bench.folder / name).stat().st_mode & 0o777 == 0o600
    assert PASSWORD not in (bench.folder / "proxy.json").read_text()


def test_check_mode_without_a_running_proxy_tells_everything(bench: Bench) -> None:
    bench.npm.stop()
    answer = bench.run(check=True)
    assert told(answer) == EVERYTHING
    assert answer["reachable"] is False
    (bench.folder / "password").unlink()
    (bench.folder / "tls.crt").unlink()
    assert told(bench.run(check=True)) == EVERYTHING
    (bench.folder / "password").write_text(PASSWORD)
    (bench.folder / "tls.crt").write_text(bench.authority)
    assert "does not answer GET /api/" in refused(bench.run(timeout=0.1))


def test_check_mode_knows_what_a_stopped_proxy_has(bench: Bench) -> None:
    bench.run()
    seen = bench.folder / "proxy.seen.json"
    assert seen.stat().st_mode & 0o777 == 0o600
    assert "PRIVATE" not in seen.read_text()
    bench.npm.stop()
    answer = bench.run(check=True)
    assert (answer["changed"], answer["reachable"]) == (False, False)
    (moved,) = told(bench.run(check=True, proxy_hosts=[{**SONARR, "forward_port": 1}]))
    assert moved.startswith("proxy host sonarr.media.test")
    # Without its database it has nothing.
    (bench.npm.data / "database.sqlite").unlink()
    assert told(bench.run(check=True)) == EVERYTHING


def test_a_host_made_by_hand_that_asks_nobody_is_told(bench: Bench) -> None:
    bench.run()
    mine = {"forward_scheme": "http", "forward_host": "127.0.0.1", "forward_port": 8989}
    bench.sign_in().make("/nginx/proxy-hosts", {**mine, "domain_names": ["mine.media.test"]})
    answer = bench.run()
    assert (answer["changed"], answer["unguarded"]) == (False, ["mine.media.test"])


def test_ten_changes_by_hand_are_named_and_put_right(bench: Bench) -> None:
    more = {**SONARR, "domain_names": ["radarr.media.test"], "forward_port": 7878}
    third = {**SONARR, "domain_names": ["plex.media.test"], "forward_port": 32400}
    hosts = {"proxy_hosts": [SONARR, more, third]}
    bench.run(**hosts)
    found, npm = bench.hosts(), bench.sign_in()
    sonarr, radarr, plex = (
        f"/nginx/proxy-hosts/{found[f'{name}.media.test']['id']}" for name in ("sonarr", "radarr", "plex")
    )
    npm.ask("PUT", sonarr, {"forward_port": 1, "advanced_config": ""})
    npm.ask("PUT", sonarr, {"allow_websocket_upgrade": False, "caching_enabled": True, "block_exploits": True})
    npm.ask(
        "PUT",
        sonarr,
        {"locations": [{"path": "/open", "forward_scheme": "http", "forward_host": "127.0.0.1", "forward_port": 8989}]},
    )
    npm.ask("POST", f"{radarr}/disable")
    npm.ask("DELETE", plex)
    old, gone = (next(iter(bench.hosts(kind).values()))["id"] for kind in ("redirection-hosts", "dead-hosts"))
    npm.ask("PUT", f"/nginx/redirection-hosts/{old}", {"forward_http_code": 302})
    npm.ask("POST", f"/nginx/dead-hosts/{gone}/disable")
    npm.ask("PUT", "/settings/default-site", {"value": "404", "meta": {}})
    expected = [
        "proxy host sonarr.media.test: advanced_config:  -> location / {\n  return 204;\n}",
        "proxy host sonarr.media.test: forward_port: 1 -> 8989",
        "proxy host sonarr.media.test: allow_websocket_upgrade: no -> yes",
        "proxy host sonarr.media.test: caching_enabled: yes -> no",
        "proxy host sonarr.media.test: block_exploits: yes -> no",
        "proxy host sonarr.media.test: locations: [{'path': '/open', 'forward_scheme': 'http', "
        "'forward_host': '127.0.0.1', 'forward_port': 8989}] -> ",
        "proxy host radarr.media.test: enabled: no -> yes",
        "proxy host plex.media.test:  -> http://127.0.0.1:32400",
        "redirection old.media.test: forward_http_code: 302 -> 301",
        "404 host gone.media.test: enabled: no -> yes",
        "default site: 404 -> 444",
    ]
    assert sorted(told(bench.run(check=True, **hosts))) == sorted(expected)
    assert sorted(told(bench.run(**hosts))) == sorted(expected)
    assert bench.run(**hosts)["changed"] is False


def test_a_persons_own_hosts_stay_and_one_with_our_name_becomes_ours(bench: Bench) -> None:
    bench.run(proxy_hosts=[])
    npm = bench.sign_in()
    nas = {
        "domain_names": ["nas.media.test"],
        "forward_scheme": "http",
        "forward_host": "10.9.8.7",
        "forward_port": 5000,
    }
    npm.make("/nginx/proxy-hosts", nas)
    ours = npm.make("/nginx/proxy-hosts", {**nas, "domain_names": ["sonarr.media.test", "tv.media.test"]})
    answer = told(bench.run())
    assert "proxy host sonarr.media.test: domain_names: sonarr.media.test, tv.media.test -> sonarr.media.test" in answer
    assert "proxy host sonarr.media.test: certificate_id: none -> home" in answer
    found = bench.hosts()
    assert found["sonarr.media.test"]["id"] == ours["id"]
    assert found["nas.media.test"]["forward_port"] == 5000
    assert told(bench.run(proxy_hosts=[])) == ["proxy host sonarr.media.test: http://127.0.0.1:8989 -> "]
    assert list(bench.hosts()) == ["nas.media.test"]


def test_a_name_that_moves_to_another_kind_or_host_is_freed_first(bench: Bench) -> None:
    bench.run()
    moved = {**OLD, "domain_names": ["sonarr.media.test"]}
    answer = bench.run(proxy_hosts=[{**SONARR, "domain_names": ["old.media.test"]}], redirection_hosts=[moved])
    assert told(answer)
    assert (list(bench.hosts()), list(bench.hosts("redirection-hosts"))) == (["old.media.test"], ["sonarr.media.test"])


def test_a_name_that_a_hand_made_host_of_another_kind_has_is_told(bench: Bench) -> None:
    bench.run(proxy_hosts=[])
    bench.sign_in().make("/nginx/dead-hosts", {"domain_names": ["sonarr.media.test"]})
    for check in (True, False):
        assert "sonarr.media.test: is held by dead-hosts/2, made by hand" in refused(bench.run(check=check))


def test_what_nginx_refuses_is_told_in_its_words_and_put_back(bench: Bench) -> None:
    bench.run()
    before = bench.hosts()["sonarr.media.test"]
    broken = {**SONARR, "advanced_config": "location / {\n  no_such_word on;\n}\n"}
    fresh = {**broken, "domain_names": ["radarr.media.test"]}
    good = {**SONARR, "domain_names": ["plex.media.test"]}
    message = refused(bench.run(proxy_hosts=[broken, fresh, good]))
    assert message.count('unknown directive "no_such_word"') == 2
    assert "proxy host sonarr.media.test: is not taken by nginx, and has its earlier text again" in message
    assert "proxy host radarr.media.test: is not taken by nginx, and was removed again" in message
    after = bench.hosts()
    assert set(after) == {"sonarr.media.test", "plex.media.test"}
    assert after["sonarr.media.test"]["advanced_config"] == before["advanced_config"]
    assert after["sonarr.media.test"]["meta"]["nginx_online"] is True
    assert told(bench.run()) == ["proxy host plex.media.test: http://127.0.0.1:8989 -> "]


def test_a_host_that_is_off_line_is_put_on_line(bench: Bench) -> None:
    bench.run()
    number = bench.hosts()["sonarr.media.test"]["id"]
    row = bench.npm.backend.database.find("proxy_host", number)
    assert row
    bench.npm.backend.database.update("proxy_host", number, {"meta": {"nginx_online": False, "nginx_err": "a fault"}})
    assert told(bench.run(check=True)) == ["proxy host sonarr.media.test: nginx: a fault -> on line"]
    assert bench.run()["changed"] is True
    assert bench.run()["changed"] is False


def test_the_password_follows_the_declared_one(bench: Bench) -> None:
    bench.run()
    file = str(bench.folder / "password")
    expected = [f"administrator {EMAIL}: password: another one -> as declared"]
    assert told(bench.run(check=True, planned_secrets={file: "digest"})) == expected
    (bench.folder / "password").write_text("another-good-password")
    assert told(bench.run(check=True)) == expected
    assert told(bench.run()) == expected
    assert bench.run()["changed"] is False
    assert bench.npm.sign_in(EMAIL, PASSWORD).status == 400
    assert told(bench.run(email="Chief@media.test")) == [
        f"administrator chief@media.test: email: {EMAIL} -> chief@media.test"
    ]
    assert bench.run(email="chief@media.test")["changed"] is False


def test_a_new_database_is_not_taken_for_the_one_of_before(tmp_path: Path) -> None:
    made = Bench(tmp_path)
    made.run()
    made.npm.stop()
    (made.npm.data / "database.sqlite").unlink()
    made.npm.start()
    try:
        assert told(made.run(proxy_hosts=[], redirection_hosts=[], dead_hosts=[]))
        nas = {"domain_names": ["nas.media.test"], "forward_scheme": "http", "forward_host": "10.9.8.7"}
        # It has the number that the declared host had before.
        assert made.sign_in().make("/nginx/proxy-hosts", {**nas, "forward_port": 5000})["id"] == 1
        assert made.run(proxy_hosts=[], redirection_hosts=[], dead_hosts=[])["changed"] is False
        assert list(made.hosts()) == ["nas.media.test"]
    finally:
        made.close()


def test_a_password_changed_by_hand_is_told_and_nothing_is_written(bench: Bench) -> None:
    bench.run()
    bench.sign_in().ask("PUT", "/users/me/auth", {"type": "password", "current": PASSWORD, "secret": "by-hand-changed"})
    written = bench.writes()
    assert f"lets {EMAIL} in with no known password" in refused(bench.run())
    assert bench.writes() == written


def test_an_older_instance_is_claimed_by_the_pair_that_it_ships(tmp_path: Path) -> None:
    made = Bench(tmp_path)
    first = {"name": "Administrator", "nickname": "Admin", "email": "admin@example.com", "roles": ["admin"]}
    try:
        made.npm.make("/users", {**first, "auth": {"type": "password", "secret": "changeme"}})
        answer = told(made.run())
        assert f"administrator {EMAIL}: email: admin@example.com -> {EMAIL}" in answer
        assert f"administrator {EMAIL}: password: another one -> as declared" in answer
        assert made.npm.sign_in("admin@example.com", "changeme").status == 400
        assert made.run()["changed"] is False
    finally:
        made.close()


def test_another_certificate_is_put_in_place_and_nginx_has_it(bench: Bench) -> None:
    bench.run()
    number = bench.hosts()["sonarr.media.test"]["certificate_id"]
    bench.certify(91)
    expected = ["certificate home: another one -> put in place"]
    assert told(bench.run(check=True)) == expected
    assert told(bench.run()) == expected
    assert (bench.npm.data / "custom_ssl" / f"npm-{number}" / "fullchain.pem").read_text().strip() == (
        bench.folder / "tls.crt"
    ).read_text().strip()
    assert any(line.startswith("PUT /api/nginx/proxy-hosts/") for line in bench.writes()[-1:])
    assert bench.run()["changed"] is False


def test_an_authority_of_its_own_signs_before_the_certificate_is_asked_for(bench: Bench) -> None:
    bench.run()
    (bench.folder / "tls.crt").unlink()
    (bench.folder / "tls.key").unlink()
    files = {"ca_key_file": "ca.key", "ca_file": "ca.crt", "key_file": "tls.key", "certificate_file": "tls.crt"}
    signing = {"domain": "media.test", "names": ["media.test", "*.media.test"]}
    signing |= {name: str(bench.folder / file) for name, file in files.items()}
    expected = [
        f"{bench.folder}/ca.crt:  -> an authority for media.test, for 3650 days",
        f"{bench.folder}/tls.crt:  -> for media.test, *.media.test, for 397 days",
        "certificate home: another one -> put in place",
    ]
    assert told(bench.run(check=True, authority=signing)) == expected
    assert told(bench.run(authority=signing)) == expected
    assert bench.run(authority=signing)["changed"] is False
    # Without it the same files are somebody's own, and have to be there.
    (bench.folder / "tls.crt").unlink()
    assert "certificate_file: cannot be read" in refused(bench.run())


def test_a_key_that_does_not_fit_is_refused_before_it_is_used(bench: Bench) -> None:
    (bench.folder / "tls.key").write_text("-----BEGIN PRIVATE KEY-----\nnothing\n-----END PRIVATE KEY-----\n")
    assert "holds no key that fits the certificate" in refused(bench.run())
    (bench.folder / "tls.key").write_text(openssl.key())
    assert "holds no key that fits the certificate" in refused(bench.run(check=True))
    assert bench.writes() == []


LISTS = [
    {
        "name": "home",
        "clients": [{"address": "192.168.1.0/24"}],
        "users": [{"username": "guest", "password_file": "guest"}],
    }
]


def test_access_lists_and_their_passwords(bench: Bench) -> None:
    (bench.folder / "guest").write_text("guests-password")
    lists = [{**LISTS[0], "users": [{"username": "guest", "password_file": str(bench.folder / "guest")}]}]
    text = "auth_basic_user_file /data/access/@@access_list_id@@;\nlocation / {\n  return 204;\n}\n"
    text = text.replace("/data", str(bench.npm.data))
    wanted = {"access_lists": lists, "proxy_hosts": [{**SONARR, "access_list": "home", "advanced_config": text}]}
    expected = "access list home:  -> guest; allow 192.168.1.0/24"
    assert expected in told(bench.run(check=True, **wanted))
    assert expected in told(bench.run(**wanted))
    assert bench.run(**wanted)["changed"] is False
    host = bench.hosts()["sonarr.media.test"]
    assert f"/access/{host['access_list_id']};" in host["advanced_config"]
    password = (bench.npm.data / "access" / str(host["access_list_id"])).read_text()
    (bench.folder / "guest").write_text("another-password")
    assert told(bench.run(check=True, **wanted)) == ["access list home: password of guest: another one -> as declared"]
    assert told(bench.run(**wanted)) == ["access list home: password of guest: another one -> as declared"]
    assert (bench.npm.data / "access" / str(host["access_list_id"])).read_text() != password
    open_to_all = [{**lists[0], "clients": [{"address": "all"}]}]
    assert told(bench.run(**{**wanted, "access_lists": open_to_all})) == [
        "access list home: clients: allow 192.168.1.0/24 -> allow all"
    ]
    assert "access list home: there -> " in told(bench.run())
    assert bench.npm.get("/nginx/access-lists") == []


def test_a_list_that_is_nowhere_opens_no_host(bench: Bench) -> None:
    for check in (True, False):
        message = refused(bench.run(check=check, proxy_hosts=[{**SONARR, "access_list": "home"}]))
        assert "sonarr.media.test: access_list: is 'home', which is nowhere" in message


ACME = {
    "name": "*.media.test, media.test",
    "provider": "letsencrypt",
    "domain_names": ["media.test", "*.media.test"],
    "dns_provider": "desec",
}


def test_lets_encrypt_is_asked_once(bench: Bench) -> None:
    (bench.folder / "dns").write_text("dns_desec_token = s3cr3t-token\n")
    entry = {**ACME, "dns_credentials_file": str(bench.folder / "dns")}
    wanted = {
        "certificates": [entry],
        **{kind: [] for kind in ("redirection_hosts", "dead_hosts")},
        "proxy_hosts": [{**SONARR, "certificate": ACME["name"]}],
    }
    expected = f"certificate {ACME['name']}:  -> asked of Let's Encrypt"
    assert expected in told(bench.run(check=True, **wanted))
    assert expected in told(bench.run(**wanted))
    assert bench.run(**wanted)["changed"] is False
    first = bench.hosts()["sonarr.media.test"]["certificate_id"]
    (bench.folder / "dns").write_text("dns_desec_token = another-token\n")
    assert told(bench.run(**wanted))[0] == expected
    assert bench.run(**wanted)["changed"] is False
    second = bench.hosts()["sonarr.media.test"]["certificate_id"]
    assert second != first
    assert [row["id"] for row in bench.npm.get("/nginx/certificates")] == [second]


def test_what_lets_encrypt_refuses_is_told_and_not_asked_again(tmp_path: Path) -> None:
    made = Bench(tmp_path)
    try:
        made.npm.fault({"methods": ["POST"], "paths": ["/api/nginx/certificates"], "status": 500, "body": {
            "error": {"code": 500, "message": "Some challenges have failed: s3cr3t-token was wrong"}}})  # fmt: skip
        (tmp_path / "dns").write_text("dns_desec_token = s3cr3t-token\n")
        message = refused(
            made.run(
                certificates=[{**ACME, "dns_credentials_file": str(tmp_path / "dns")}],
                **{kind: [] for kind in ("proxy_hosts", "redirection_hosts", "dead_hosts")},
            )
        )
        assert "Some challenges have failed: (hidden) was wrong" in message
        assert [line for line in made.writes() if "certificates" in line] == ["POST /api/nginx/certificates 500"]
    finally:
        made.close()


def test_all_that_is_wrong_is_told_at_once(bench: Bench) -> None:
    (bench.folder / "password").write_text("short")
    message = refused(
        bench.run(
            proxy_hosts=[{**SONARR, "ssl": True}, {**SONARR, "forward_host": ""}],
            redirection_hosts=[{"domain_names": "old.media.test"}],
            default_site={"value": "nothing"},
            certificates=[
                {"name": "home", "certificate_file": "/nowhere/tls.crt"},
                {**ACME, "dns_credentials_file": "/nowhere/dns"},
            ],
        )
    )
    for part in (
        "password_file: holds a password of a length",
        "proxy_hosts[0].ssl: is not known",
        "proxy_hosts[1].forward_host: is missing",
        "proxy_hosts[1].domain_names: has sonarr.media.test, as proxy_hosts[0] has",
        "redirection_hosts[0].domain_names: is a str",
        "redirection_hosts[0].forward_domain_name: is missing",
        "default_site.value: is 'nothing'",
        "certificates[0].certificate_file: cannot be read from /nowhere/tls.crt",
        "certificates[0].key_file: cannot be read from nowhere",
        "certificates[1].dns_credentials_file: cannot be read from /nowhere/dns",
    ):
        assert part in message
    assert bench.writes() == []


def test_a_connection_that_a_reload_cuts_off_is_no_failure_where_it_is_safe(bench: Bench) -> None:
    bench.run()
    moved = {**SONARR, "forward_port": 9}
    bench.npm.fault({"methods": ["PUT"], "paths": ["/api/nginx/proxy-hosts"], "drop": True, "times": 1})
    assert told(bench.run(proxy_hosts=[moved])) == ["proxy host sonarr.media.test: forward_port: 8989 -> 9"]
    fresh = {**SONARR, "domain_names": ["radarr.media.test"]}
    bench.npm.fault({"methods": ["POST"], "paths": ["/api/nginx/proxy-hosts"], "drop": True, "times": 1})
    assert "POST /api/nginx/proxy-hosts" in refused(bench.run(proxy_hosts=[moved, fresh]))
    assert told(bench.run(proxy_hosts=[moved, fresh])) == ["proxy host radarr.media.test:  -> http://127.0.0.1:8989"]


def test_something_else_on_the_port_is_told(bench: Bench) -> None:
    assert "does not answer" in refused(bench.run(url=f"http://127.0.0.1:{free_ports(1)[0]}", timeout=0.1))
    bench.npm.fault({"paths": ["/api/"], "rubbish": True})
    assert "answered GET /api/ without JSON" in refused(bench.run())

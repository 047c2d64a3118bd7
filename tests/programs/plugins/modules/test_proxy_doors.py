# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What gets through the hosts that the role has made, by real requests to a real nginx.

Upstream's frame around them is the stand-in's. Behind it are a program that answers as Authelia does, and an
application that tells what it was asked.
"""

from __future__ import annotations

import http.client
import http.server
import io
import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import openssl, proxy_nginx_files, proxy_wanted
from ansible_collections.homelab.media.plugins.modules import nginx_proxy_manager

from tests.contract.npm_on_loopback import Npm, free_ports, until
from tests.images.npm.stand_in import log
from tests.unit.run_module import run_module

DOMAIN = "media.test"
PORTAL = f"https://auth.{DOMAIN}/"
SETTINGS: dict[str, Any] = {
    **yaml.safe_load((Path(__file__).parents[4] / "roles" / "proxy" / "defaults" / "main.yml").read_text()),
    "media_domain": DOMAIN,
    "media_ipv6": False,
}
#: The host is 127.0.0.9 to the container.
UPLINK = {"uplink-proxy": {"ipam": {"config": [{"subnet": "127.0.0.8/29"}]}}}
FORGED = {
    **{f"Remote-{name}": "forged" for name in ("User", "Groups", "Name", "Email", "Role")},
    "X-Forwarded-For": "6.6.6.6",
    "X-Forwarded-User": "forged",
    "X-WEBAUTH-USER": "forged",
    "X-Original-URL": "https://sonarr.media.test/api",
    "Forwarded": "for=6.6.6.6",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "forged.test",
}


class Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        return None

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response_only(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


class Application(Quiet):
    """Tells what it was asked, and has a security header and a page of its own."""

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = {"path": self.path, "headers": dict(self.headers), "length": len(self.rfile.read(length))}
        self.answer(200, json.dumps(body).encode(), X_Content_Type_Options="of-its-own", X_Frame_Options="DENY")

    do_POST = do_GET


class SignOn(Quiet):
    """Decides as Authelia does with a session in a cookie, and an exempt /api of one name."""

    asked: list[dict[str, str]]

    def do_GET(self) -> None:
        if self.path != "/api/authz/auth-request":
            self.answer(200, json.dumps({"portal": self.path, "headers": dict(self.headers)}).encode())
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.asked.append(headers)
        url = urlsplit(headers["x-original-url"])
        cookie = headers.get("cookie", "")
        if url.hostname == f"sonarr.{DOMAIN}" and re.match(r"^/api([/?].*)?$", url.path):
            self.answer(200)
        elif "session=alice" in cookie:
            groups = re.search(r"groups=([^;]*)", cookie)
            self.answer(200, Remote_User="alice", Remote_Groups=groups[1] if groups else "admins", Remote_Name="Alice")
        elif "session=bob" in cookie:
            self.answer(403)
        elif headers.get("x-requested-with") == "XMLHttpRequest":
            self.answer(401)
        else:
            self.answer(401, Location=f"{PORTAL}?rd={headers['x-original-url']}")


class Served:
    """A server in this process that can be stopped and started again."""

    def __init__(self, handler: type[Quiet]) -> None:
        self.handler, self.port = handler, free_ports(1)[0]
        self.start()

    def start(self) -> None:
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), self.handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.getheaders()
        self.body = response.read()

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def seen(self) -> dict[str, Any]:
        """Return what the application was asked."""
        assert self.status == 200, (self.status, self.body)
        found: dict[str, Any] = json.loads(self.body)
        found["headers"] = {name.lower(): value for name, value in found["headers"].items()}
        return found


class Door:
    """A proxy with the role's hosts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.application = Served(Application)
        SignOn.asked = []
        self.sign_on = Served(SignOn)
        self.npm = Npm(folder / "npm", claimed=False, environ={"STAND_IN_AUTHORITY": "true"})
        self.settings = {**SETTINGS, "media_root": str(folder)}
        self.included: dict[str, Any] = {}
        self.verify = True
        self.key = openssl.key()
        self.authority = openssl.authority(self.key, "test", DOMAIN, 400)
        for name in ("config/proxy", "secrets"):
            (folder / name).mkdir(parents=True)
        (folder / "secrets/proxy_tls_key").write_text(self.key)
        (folder / "secrets/password").write_text("correcthorsebattery")
        (folder / "secrets/digest").write_text("k" * 32)
        self.certify()
        self.include()

    def certify(self) -> None:
        names = [DOMAIN, f"*.{DOMAIN}"]
        text = openssl.certificate(self.key, self.key, self.authority, names, 90)
        (self.folder / "config/proxy/tls.crt").write_text(text)

    def include(self, lan: bool = False, own_files: bool = True, **settings: Any) -> None:
        """Put the role's own nginx files there. lan: upstream believes loopback as it believes private addresses."""
        self.npm.stop()
        self.included = {**({"lan": lan} if lan else {}), **({} if own_files else {"own_files": False}), **settings}
        custom = self.npm.data / "nginx" / "custom"
        custom.mkdir(parents=True, exist_ok=True)
        files = proxy_nginx_files.files({**self.settings, **settings}) if own_files else []
        for file in [file for file in files if "content" in file]:
            (custom / Path(file["path"]).name).write_text(self.npm.layout.place(file["content"]))
        top = proxy_nginx_files.http_top(UPLINK, ["admins", "house.owners"], self.npm.layout.admin)
        (custom / "http_top.conf").write_text(
            self.npm.layout.place(top) + ("set_real_ip_from 127.0.0.0/8;\n" if lan else "")
        )
        self.npm.start()

    def page(self, name: str, access: str, **more: Any) -> dict[str, Any]:
        return {
            "service": name,
            "names": [f"{name}.{DOMAIN}"],
            "scheme": "http",
            "host": "127.0.0.1",
            "port": self.application.port,
            "path": "/",
            "access": access,
            "groups": [],
            "exempt": [],
            **more,
        }

    def wanted(self, settings: dict[str, Any], **sign_on: Any) -> dict[str, Any]:
        pages = [
            self.page("sonarr", "two_factor", exempt=["/api"]),
            self.page("radarr", "one_factor"),
            self.page("plex", "bypass"),
            self.page("closed", "deny"),
            self.page("auth", "portal", port=self.sign_on.port),
        ]
        plan = {"pages": pages, "sign_on": {"host": "127.0.0.1", "port": self.sign_on.port, **sign_on}}
        found = proxy_wanted.wanted(plan, {**self.settings, **settings})
        assert found.pop("names") == [DOMAIN, f"*.{DOMAIN}"]
        return found

    def open(self, settings: dict[str, Any] | None = None, **sign_on: Any) -> dict[str, Any]:
        """Give the proxy its hosts, and wait until nginx has them."""
        reloads = self.workers()
        secrets = self.folder / "secrets"
        answer = run_module(
            nginx_proxy_manager.main,
            {
                **self.wanted(settings or {}, **sign_on),
                "url": self.npm.url,
                "email": f"admin@{DOMAIN}",
                "password_file": str(secrets / "password"),
                "in_force_file": str(secrets / "in_force"),
                "ledger": str(self.folder / "proxy.json"),
                "ledger_key_file": str(secrets / "digest"),
                "data": str(self.npm.data),
            },
        )
        assert not answer.get("failed"), answer
        if answer["changed"]:
            until(lambda: not reloads & self.workers(), "the workers of before have gone")
        return answer

    def workers(self) -> set[str]:
        master = (self.npm.layout.path("/run/nginx") / "nginx.pid").read_text().strip()
        return set(Path(f"/proc/{master}/task/{master}/children").read_text().split())

    def connect(self, name: str, source: str = "127.0.0.1", sni: str = "") -> ssl.SSLSocket:
        context = ssl.create_default_context(cadata=self.authority)
        context.check_hostname = False
        if not self.verify:
            context.verify_mode = ssl.CERT_NONE
        raw = socket.create_connection(("127.0.0.1", self.npm.layout.https), 10, (source, 0))
        return context.wrap_socket(raw, server_hostname=sni or name)

    def get(self, page: str, path: str = "/", method: str = "GET", source: str = "127.0.0.1", **headers: str) -> Answer:
        """Ask as a browser does, but with the path as it is."""
        name = f"{page}.{DOMAIN}"
        connection = http.client.HTTPConnection("127.0.0.1", self.npm.layout.https, timeout=30)
        connection.sock = self.connect(name, source)
        try:
            connection.putrequest(method, path, skip_host=True)
            for key, value in {"Host": name, **headers}.items():
                connection.putheader(key.replace("_", "-"), value)
            connection.endheaders()
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def close(self) -> None:
        self.npm.__exit__(None, None, None)
        self.application.stop()
        self.sign_on.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with pytest.MonkeyPatch.context() as patch:
        # The stand-in logs to the standard output of this process, where the module answers.
        patch.setattr(log, "sys", SimpleNamespace(stdout=io.StringIO()))
        made = Door(tmp_path_factory.mktemp("door"))
        yield made
        made.close()


@pytest.fixture
def door(shared: Door) -> Door:
    """The door as it should be, whatever a test before has done to it."""
    if shared.included != {}:
        shared.include()
    shared.open()
    SignOn.asked.clear()
    return shared


ALICE = {"Cookie": "session=alice"}


def test_whoever_is_not_signed_in_is_led_to_the_portal(door: Door) -> None:
    for page, path in (("sonarr", "/system/status?a=b"), ("radarr", "/api/v3/movie")):
        answer = door.get(page, path)
        assert (answer.status, answer.all("Location")) == (302, [f"{PORTAL}?rd=https://{page}.{DOMAIN}{path}"])
        assert b"path" not in answer.body
        asked = SignOn.asked[-1]
        assert asked["x-original-url"] == f"https://{page}.{DOMAIN}{path}"
        assert (asked["x-original-method"], asked["x-forwarded-for"]) == ("GET", "127.0.0.1")
    assert door.get("radarr", X_Requested_With="XMLHttpRequest").status == 401
    assert door.get("radarr", Cookie="session=bob").status == 403
    posted = door.get("radarr", method="POST", Content_Length="0", **FORGED)
    assert (posted.status, SignOn.asked[-1]["x-original-method"]) == (302, "POST")
    assert SignOn.asked[-1]["x-original-url"] == f"https://radarr.{DOMAIN}/"


def test_who_is_signed_in_gets_in_under_the_name_that_the_sign_on_says(door: Door) -> None:
    for more in ({}, FORGED, {"Connection": "close, Remote-User, X-Forwarded-For", **FORGED}):
        seen = door.get("sonarr", "/x?y=%2F..", **ALICE, **more).seen
        headers = seen["headers"]
        assert seen["path"] == "/x?y=%2F.."
        assert {name: value for name, value in headers.items() if name.startswith("remote-")} == {
            "remote-user": "alice",
            "remote-groups": "admins",
            "remote-name": "Alice",
            "remote-role": "Admin",
        }
        assert headers["x-forwarded-for"] == headers["x-real-ip"] == "127.0.0.1"
        assert (headers["x-forwarded-proto"], headers["x-forwarded-host"]) == ("https", f"sonarr.{DOMAIN}")
        assert headers["host"] == f"sonarr.{DOMAIN}"
        assert not {"forwarded", "x-forwarded-user", "x-webauth-user", "x-original-url"} & set(headers)


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ("admins", "Admin"),
        ("family,admins", "Admin"),
        ("house.owners,family", "Admin"),
        ("family", "Viewer"),
        ("admins2,my-admins", "Viewer"),
        ("houseXowners", "Viewer"),
        ("", "Viewer"),
    ],
)
def test_an_administrator_is_told_as_one(door: Door, groups: str, role: str) -> None:
    seen = door.get("radarr", Cookie=f"session=alice; groups={groups}", **FORGED).seen
    assert seen["headers"]["remote-role"] == role


def test_a_page_without_sign_on_believes_nobody_either(door: Door) -> None:
    for page in ("plex", "auth"):
        headers = door.get(page, **FORGED).seen["headers"]
        assert not [name for name in headers if name.startswith("remote-") or headers[name] == "forged"]
        assert (headers["x-forwarded-for"], headers["x-forwarded-proto"]) == ("127.0.0.1", "https")
    assert SignOn.asked == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a=1; b=2", "a=1; b=2"),
        ("authelia_session=s3cr3t", ""),
        ("authelia_session=s3cr3t; a=1", "a=1"),
        ("a=1; authelia_session=s3cr3t", "a=1;"),
        ("a=1; authelia_session=s3cr3t; b=2", "a=1; b=2"),
        ("a=1;authelia_session=s3cr3t;b=2", "a=1;b=2"),
        ("my_authelia_session=1", "my_authelia_session=1"),
        ("authelia_session=s3cr3t; a=1; authelia_session=t", ""),
    ],
)
def test_no_application_is_told_the_session_of_its_visitors(door: Door, sent: str, kept: str) -> None:
    assert door.get("plex", Cookie=sent).seen["headers"].get("cookie", "").strip() == kept
    # The sign-on itself is.
    assert door.get("auth", Cookie=sent).seen["headers"]["cookie"] == sent
    door.get("radarr", Cookie=sent)
    assert SignOn.asked[-1]["cookie"] == sent


def test_the_password_of_an_application_is_for_the_application(door: Door) -> None:
    assert door.get("radarr", **ALICE, Authorization="Bearer of-its-own").seen["headers"]["authorization"] == (
        "Bearer of-its-own"
    )
    assert "authorization" not in SignOn.asked[-1]


def test_web_sockets_and_large_bodies_pass(door: Door) -> None:
    headers = door.get("radarr", **ALICE, Connection="Upgrade", Upgrade="websocket").seen["headers"]
    assert (headers["connection"], headers["upgrade"]) == ("upgrade", "websocket")
    assert "upgrade" not in door.get("radarr", **ALICE).seen["headers"]


def test_a_closed_page_is_closed_to_all(door: Door) -> None:
    assert door.get("closed", **ALICE).status == 403


def test_without_the_sign_on_everything_behind_it_is_shut(door: Door) -> None:
    door.sign_on.stop()
    for page, path in (("sonarr", "/"), ("sonarr", "/api"), ("radarr", "/")):
        answer = door.get(page, path, **ALICE)
        assert (answer.status, b"path" in answer.body) == (500, False)
    assert door.get("plex").seen["path"] == "/"
    door.sign_on.start()
    assert door.get("sonarr", **ALICE).seen["path"] == "/"


def test_a_sign_on_whose_name_nobody_knows_stops_no_nginx_and_opens_nothing(door: Door) -> None:
    assert door.open(host="authelia")["changed"]
    answer = door.get("radarr", **ALICE)
    assert (answer.status, b"path" in answer.body) == (500, False)
    assert door.get("plex").seen["path"] == "/"


DETOURS = (
    *("/api/../settings", "/api/./x", "/api/..", "/api/..;/settings", "/api/%2e%2e/settings", "/api/%2E./settings"),
    *(
        "/api/..%2fsettings",
        "/api%2f..%2fsettings",
        "/api/..%5csettings",
        "/api/%252e%252e/settings",
        "/api/..\\settings",
    ),
)


def test_an_exempt_path_is_open_and_leads_nowhere_else(door: Door) -> None:
    seen = door.get("sonarr", "/api/v3/series?path=/tv/../x", **FORGED).seen
    assert seen["path"] == "/api/v3/series?path=/tv/../x"
    assert not [name for name in seen["headers"] if name.startswith("remote-")]
    for path in DETOURS:
        answer = door.get("sonarr", path)
        assert (path, answer.status) == (path, 400)
        assert (path, door.get("radarr", path, **ALICE).status) == (path, 400)
    assert door.get("sonarr", "/apix").status == 302
    # An application that has such paths, and none that is exempt, may have them.
    anything = {"proxy_host_options": {name: {"any_path": True} for name in ("sonarr", "radarr")}}
    assert door.open(anything)["changed"]
    assert door.get("radarr", "/a%2Fb").status == 302
    assert door.get("radarr", "/a%2Fb", **ALICE).seen["path"] == "/a%2Fb"
    assert door.get("sonarr", "/api/../settings").status == 400


def test_without_the_guard_such_a_path_would_get_through(door: Door) -> None:
    # The control: the sign-on takes /api/../settings for something below /api, and the application does not.
    number = next(row["id"] for row in _rows(door) if row["domain_names"] == [f"sonarr.{DOMAIN}"])
    text = next(row["advanced_config"] for row in _rows(door) if row["id"] == number)
    before = door.workers()
    bare = re.sub(r"^if .*$", "", text, flags=re.MULTILINE)
    assert bare != text
    assert door.npm.ask("PUT", f"/nginx/proxy-hosts/{number}", {"advanced_config": bare}).status == 200
    until(lambda: not before & door.workers(), "the workers of before have gone")
    assert door.get("sonarr", "/api/../settings").seen["path"] == "/api/../settings"


def _rows(door: Door) -> list[dict[str, Any]]:
    door.npm.token = door.npm.sign_in(f"admin@{DOMAIN}", "correcthorsebattery").body["token"]
    rows: list[dict[str, Any]] = door.npm.get("/nginx/proxy-hosts")
    return rows


def test_a_location_that_somebody_adds_is_behind_the_sign_on_too(door: Door) -> None:
    number = next(row["id"] for row in _rows(door) if row["domain_names"] == [f"radarr.{DOMAIN}"])
    place = {
        "path": "/open",
        "forward_scheme": "http",
        "forward_host": "127.0.0.1",
        "forward_port": door.application.port,
    }
    before = door.workers()
    assert door.npm.ask("PUT", f"/nginx/proxy-hosts/{number}", {"locations": [place]}).status == 200
    until(lambda: not before & door.workers(), "the workers of before have gone")
    assert door.get("radarr", "/open").status == 302
    assert door.get("radarr", "/open", **ALICE).seen["path"] == "/open"


def test_unknown_names_get_nothing(door: Door) -> None:
    for host in ("unknown.media.test", "127.0.0.1", f"xsonarr.{DOMAIN}"):
        with socket.create_connection(("127.0.0.1", door.npm.layout.http), 10) as plain:
            plain.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            assert plain.recv(100) == b""
    with pytest.raises(ssl.SSLError):
        door.connect("unknown.media.test")
    with door.connect("unknown.media.test", sni=f"sonarr.{DOMAIN}") as secured:
        secured.sendall(b"GET / HTTP/1.1\r\nHost: unknown.media.test\r\n\r\n")
        assert secured.recv(100) == b""


def test_plain_http_leads_to_tls_and_to_nothing_else(door: Door) -> None:
    for page in ("sonarr", "plex"):
        connection = http.client.HTTPConnection("127.0.0.1", door.npm.layout.http, timeout=10)
        connection.request("GET", "/x", headers={"Host": f"{page}.{DOMAIN}", "X-Forwarded-Proto": "https"})
        answer = Answer(connection.getresponse())
        connection.close()
        assert (answer.status, answer.all("Location")) == (301, [f"https://{page}.{DOMAIN}/x"])


def test_security_headers_are_on_every_answer_once(door: Door) -> None:
    for answer in (door.get("sonarr"), door.get("sonarr", **ALICE), door.get("plex"), door.get("closed")):
        assert answer.all("X-Content-Type-Options") == ["nosniff"]
        assert answer.all("Referrer-Policy") == ["same-origin"]
        assert [value.partition(";")[0] for value in answer.all("Strict-Transport-Security")] == ["max-age=63072000"]
        assert answer.all("Content-Security-Policy") == [f"frame-ancestors 'self' https://{DOMAIN} https://*.{DOMAIN}"]
    assert door.get("auth").all("Content-Security-Policy") == ["frame-ancestors 'none'"]
    assert door.open({"proxy_hsts": False})["changed"]
    assert door.get("plex").all("Strict-Transport-Security") == []


def test_nobody_chooses_the_address_that_is_written_down(door: Door) -> None:
    door.include(lan=True)
    forged = {"X-Real-IP": "6.6.6.6", "X-Forwarded-For": "6.6.6.6"}
    assert door.get("plex", **forged).seen["headers"]["x-forwarded-for"] == "127.0.0.1"
    door.get("sonarr", **forged)
    assert SignOn.asked[-1]["x-forwarded-for"] == "127.0.0.1"
    logs = "".join(file.read_text() for file in (door.npm.data / "logs").glob("proxy-host-*_access.log"))
    assert "[Client 127.0.0.1]" in logs
    assert "6.6.6.6" not in logs


def test_without_the_role_s_own_files_anybody_could(door: Door) -> None:
    # The control: this is what upstream does with clients of private addresses.
    (door.npm.data / "nginx" / "custom" / "server_proxy.conf").unlink()
    door.include(lan=True, own_files=False)
    assert door.get("plex", X_Real_IP="6.6.6.6").seen["headers"]["x-forwarded-for"] == "6.6.6.6"


def test_a_proxy_before_this_one_is_believed_when_it_is_named(door: Door) -> None:
    door.include(proxy_trusted_proxies=["127.0.0.1/32"], proxy_real_ip_header="CF-Connecting-IP")
    assert door.get("plex", CF_Connecting_IP="203.0.113.7").seen["headers"]["x-forwarded-for"] == "203.0.113.7"
    other = door.get("plex", source="127.0.0.2", CF_Connecting_IP="203.0.113.7").seen["headers"]
    assert other["x-forwarded-for"] == "127.0.0.2"


def test_the_administration_answers_its_own_host_alone(door: Door) -> None:
    door.include(lan=True)

    def status(path: str, source: str, **headers: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", door.npm.layout.admin, 10, (source, 0))
        connection.request("GET", path, headers={key.replace("_", "-"): value for key, value in headers.items()})
        found = connection.getresponse().status
        connection.close()
        return found

    others: tuple[dict[str, str], ...] = (
        {},
        {"X_Real_IP": "127.0.0.1"},
        {"X_Forwarded_For": "127.0.0.1"},
        {"Authorization": "Basic Og=="},
    )
    for path in ("/", "/api/", "/index.html"):
        # The container itself, and the gateway from which the host's loopback comes.
        assert status(path, "127.0.0.1") == status(path, "127.0.0.9") == 200
        assert [status(path, "127.0.0.2", **forged) for forged in others] == [401] * len(others)


def test_challenges_of_lets_encrypt_are_not_in_the_way_of_that(door: Door) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", door.npm.layout.http, 10, ("127.0.0.2", 0))
    connection.request("GET", "/.well-known/acme-challenge/test", headers={"Host": "unknown.media.test"})
    assert connection.getresponse().status == 404
    connection.close()


def test_a_page_behind_the_sign_on_can_still_be_proven_to_lets_encrypt(door: Door) -> None:
    assert door.open({"proxy_certificate": "letsencrypt", "proxy_admin_email": "me@home.test"})["changed"]
    challenge = "/.well-known/acme-challenge/token"
    place = door.npm.data / "letsencrypt-acme-challenge" / challenge[1:]
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("proof")
    # It is led to TLS, as Let's Encrypt puts up with.
    door.verify = False
    answer = door.get("sonarr", challenge)
    others = [door.get("sonarr", path).status for path in ("/", "/.well-known/other", f"{challenge}/../../../x")]
    door.verify = True
    assert (answer.status, answer.body) == (200, b"proof")
    assert others == [302, 302, 400]


def test_an_access_list_comes_before_the_sign_on(door: Door) -> None:
    settings = {
        "proxy_access_lists": [{"name": "home", "allow": ["127.0.0.2"]}],
        "proxy_host_options": {"radarr": {"access_list": "home"}},
    }
    assert door.open(settings)["changed"]
    assert door.get("radarr", **ALICE).status == 403
    assert door.get("radarr", source="127.0.0.2").status == 302
    assert door.get("radarr", source="127.0.0.2", **ALICE).seen["path"] == "/"


def test_a_new_certificate_is_served(door: Door) -> None:
    def serial() -> str:
        with door.connect(f"sonarr.{DOMAIN}") as connection:
            return str((connection.getpeercert() or {})["serialNumber"])

    before = serial()
    door.certify()
    assert door.open()["changed"]
    until(lambda: serial() != before, "the new certificate is served")
    assert not door.open()["changed"]

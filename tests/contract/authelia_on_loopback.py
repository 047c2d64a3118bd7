# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for Authelia on loopback and in this process: started in milliseconds."""

from __future__ import annotations

import copy
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
import yaml
from argon2 import PasswordHasher

from tests.images.authelia.stand_in.app import App
from tests.images.authelia.stand_in.config import Config, load
from tests.images.authelia.stand_in.program import log_of
from tests.images.authelia.stand_in.totp import Totp
from tests.images.authelia.stand_in.validate import validate
from tests.images.authelia.stand_in.web import Server, listen, listen_for_metrics

DOMAIN = "example.org"
PORTAL = f"auth.{DOMAIN}"
PASSWORD = "correct horse battery"
KEY = "an-encryption-key-for-tests"
# Cheap on purpose: a test does not need hashes that take long to break.
HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def users() -> dict[str, Any]:
    def user(display: str, groups: list[str], **more: Any) -> dict[str, Any]:
        return {
            "disabled": False,
            "displayname": display,
            "email": f"{display.lower()}@{DOMAIN}",
            "groups": groups,
            "password": HASHER.hash(PASSWORD),
            **more,
        }

    return {
        "users": {
            "admin": user("Admin", ["admins", "family"]),
            "guest": user("Guest", ["family"]),
            "gone": user("Gone", ["admins"], disabled=True),
        }
    }


def minimal(folder: Path) -> dict[str, Any]:
    """Return the smallest configuration that the contract accepts, with its secrets, in a folder."""
    return {
        "theme": "auto",
        "server": {"address": "tcp://127.0.0.1:0"},
        "log": {"level": "info", "format": "text", "file_path": str(folder / "authelia.log")},
        "telemetry": {"metrics": {"enabled": True, "address": "tcp://127.0.0.1:0/metrics"}},
        "totp": {"issuer": DOMAIN},
        "webauthn": {"disable": False, "display_name": "Home"},
        "ntp": {"disable_failure": True},
        "identity_validation": {"reset_password": {"jwt_secret": "a-secret-for-tokens"}},
        "authentication_backend": {
            "password_reset": {"disable": False},
            "file": {
                "path": str(folder / "users_database.yml"),
                "watch": True,
                "search": {"email": False, "case_insensitive": True},
                "password": {
                    "algorithm": "argon2",
                    "argon2": {"variant": "argon2id", "iterations": 1, "memory": 64, "parallelism": 1},
                },
            },
        },
        "access_control": {
            "default_policy": "deny",
            "rules": [
                {"domain": PORTAL, "policy": "bypass"},
                {"domain": f"sonarr.{DOMAIN}", "resources": ["^/api([/?].*)?$"], "policy": "bypass"},
                {"domain": f"requests.{DOMAIN}", "policy": "one_factor"},
                {"domain": f"*.{DOMAIN}", "subject": [["group:admins"]], "policy": "two_factor"},
            ],
        },
        "session": {
            "name": "authelia_session",
            "same_site": "lax",
            "inactivity": "15m",
            "expiration": "8h",
            "remember_me": "1M",
            "cookies": [
                {
                    "domain": DOMAIN,
                    "authelia_url": f"https://{PORTAL}",
                    "default_redirection_url": f"https://home.{DOMAIN}",
                }
            ],
        },
        "regulation": {"modes": ["ip"], "max_retries": 3, "find_time": "2m", "ban_time": "15m"},
        "storage": {"encryption_key": KEY, "local": {"path": str(folder / "db.sqlite3")}},
        "notifier": {"filesystem": {"filename": str(folder / "notification.txt")}},
    }


def changed(configuration: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a configuration with one key set, or removed where the value is None."""
    made = copy.deepcopy(configuration)
    at = made
    *above, last = path.split(".")
    for name in above:
        at = at[int(name)] if isinstance(at, list) else at.setdefault(name, {})
    if value is None:
        at.pop(last, None)
    else:
        at[last] = value
    return made


def write(folder: Path, configuration: dict[str, Any]) -> Path:
    file = folder / "configuration.yml"
    file.write_text(yaml.safe_dump(configuration, sort_keys=False), encoding="utf-8")
    database = folder / "users_database.yml"
    if not database.exists():
        database.write_text(yaml.safe_dump(users(), sort_keys=False), encoding="utf-8")
    return file


def read(folder: Path, configuration: dict[str, Any], **environment: str) -> Config:
    """Return a configuration as the program reads it, with all that is wrong with it."""
    config = load([write(folder, configuration)], environment)
    validate(config)
    return config


class Authelia:
    """One that runs, in a folder; it can be stopped and started again."""

    def __init__(self, folder: Path, configuration: dict[str, Any] | None = None) -> None:
        self.folder = folder
        self.configuration = configuration or minimal(folder)
        self.app: App
        self.port = self.metrics_port = 0
        self._servers: list[Server] = []

    def start(self) -> None:
        config = read(self.folder, self.configuration)
        assert not config.errors, config.errors
        self.app = App(config, log_of(config))
        metrics = listen_for_metrics(self.app)
        self._servers = [listen(self.app), *([metrics] if metrics else [])]
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self.port = self._servers[0].server_address[1]
        self.metrics_port = metrics.server_address[1] if metrics else 0

    def stop(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()
        if self._servers:
            self.app.close()
        self._servers = []

    def __enter__(self) -> Authelia:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def log(self) -> str:
        return (self.folder / "authelia.log").read_text(encoding="utf-8")

    @property
    def notification(self) -> str:
        return (self.folder / "notification.txt").read_text(encoding="utf-8")

    def browser(self, ip: str = "203.0.113.7") -> Browser:
        return Browser(self, ip)

    def totp(self, name: str = "admin") -> Totp:
        found = self.app.storage.totp(name)
        assert found
        return found


class Browser:
    """Asks as the proxy passes it on: the portal's name, https, the client's address; keeps the cookie."""

    def __init__(self, authelia: Authelia, ip: str) -> None:
        self.authelia = authelia
        self.ip = ip
        self.cookie = ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        given = {
            "Host": PORTAL,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": PORTAL,
            "X-Forwarded-For": self.ip,
            **({"Cookie": f"authelia_session={self.cookie}"} if self.cookie else {}),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        url = f"http://127.0.0.1:{self.authelia.port}{path}"
        answer = requests.request(method, url, json=body, headers=given, timeout=10, allow_redirects=False)
        set_cookie = answer.headers.get("Set-Cookie", "")
        if set_cookie:
            self.cookie = set_cookie.partition(";")[0].partition("=")[2]
        return answer

    def sign_in(self, name: str = "admin", password: str = PASSWORD, **more: Any) -> requests.Response:
        return self.ask("POST", "/api/firstfactor", {"username": name, "password": password, **more})

    def may(self, url: str, method: str = "GET", **headers: str) -> requests.Response:
        """Ask what the proxy asks before it lets a request pass."""
        return self.ask(
            "GET",
            "/api/authz/auth-request",
            Host="authelia:9091",
            X_Forwarded_Host="",
            X_Original_URL=url,
            X_Original_Method=method,
            **headers,
        )

    def elevate(self) -> None:
        assert self.ask("POST", "/api/user/session/elevation").status_code == 200
        code = next(line for line in self.authelia.notification.splitlines() if len(line) == 8 and line.isalnum())
        assert self.ask("PUT", "/api/user/session/elevation", {"otc": code}).json() == {"status": "OK"}

    def register_totp(self) -> Totp:
        """Register a one-time password as a person does, by the code that came by message."""
        self.elevate()
        options = self.ask("GET", "/api/secondfactor/totp/register").json()["data"]
        wanted = {name: options[name] for name in ("algorithm", "length", "period")}
        url = self.ask("PUT", "/api/secondfactor/totp/register", wanted).json()["data"]["otpauth_url"]
        values = {name: found[0] for name, found in parse_qs(urlsplit(url).query).items()}
        made = Totp(
            "admin",
            values["issuer"],
            values["algorithm"],
            int(values["digits"]),
            int(values["period"]),
            values["secret"],
        )
        # The code of the step before is taken as well, and leaves the one of now for signing in.
        token = made.code(int(time.time()) // made.period - 1)
        assert self.ask("POST", "/api/secondfactor/totp/register", {"token": token}).json() == {"status": "OK"}
        return made

    def second_factor(self, totp: Totp, **more: Any) -> requests.Response:
        token = totp.code(int(time.time()) // totp.period)
        return self.ask("POST", "/api/secondfactor/totp", {"token": token, **more})

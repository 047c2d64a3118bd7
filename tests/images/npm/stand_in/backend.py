# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The backend: all its parts, and the table of what can be asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from .access import access_of
from .access_lists import AccessLists
from .acme import Authority
from .audit import Audit
from .certificates import Certificates
from .database import Database
from .errors import INTERNAL, ApiError, InternalError
from .hosts import KINDS, Hosts, Shop
from .layout import Layout, truth
from .log import log
from .nginx import Nginx
from .settings import Settings
from .tokens import Tokens
from .users import Users
from .web import Request, Response, Routes, answer

VERSION = {"major": 2, "minor": 15, "revision": 1}


class Backend:
    def __init__(self, layout: Layout, environ: Mapping[str, str]) -> None:
        self.layout = layout
        self.frame = environ.get("X_FRAME_OPTIONS") or "DENY"
        self._lock = threading.RLock()
        file = environ.get("DB_SQLITE_FILE", "/data/database.sqlite")
        self.database = Database(layout.path(file) if file.startswith("/data/") else layout.data / file)
        self.tokens = Tokens(layout.path("/data/keys.json"))
        audit = Audit(self.database)
        self.nginx = Nginx(layout, self.database)
        self.users = Users(self.database, self.tokens, audit)
        lists = AccessLists(self.database, self.nginx, audit)
        authority = Authority(layout, truth(environ.get("STAND_IN_AUTHORITY", "")))
        certificates = Certificates(self.database, self.nginx, audit, authority)
        shop = Shop(self.database, self.nginx, audit, lists, certificates)
        hosts = {kind.table: Hosts(kind, shop) for kind in KINDS}
        lists.generate_hosts = hosts["proxy_host"].generate_all
        certificates.put_back = lambda table, key: hosts[table].generate_all(id=key)
        settings = Settings(self.database, self.nginx)
        self.users.claim_from_environment(
            environ.get("INITIAL_ADMIN_EMAIL", ""), environ.get("INITIAL_ADMIN_PASSWORD", "")
        )
        self.routes = Routes()
        self._add_open()
        self._add_users(audit)
        for kind in KINDS:
            self._add_objects(f"/nginx/{kind.path}", hosts[kind.table])
            self._guard("POST", f"/nginx/{kind.path}/{{id}}/enable", hosts[kind.table].enable)
            self._guard("POST", f"/nginx/{kind.path}/{{id}}/disable", hosts[kind.table].disable)
        self._add_objects("/nginx/access-lists", lists)
        self._add_certificates(certificates)
        self._guard("GET", "/settings", settings.list_all)
        self._guard("GET", "/settings/{text}", settings.show)
        self._guard("PUT", "/settings/{text}", settings.update)
        counts = {kind.path.split("-")[0].removesuffix("s"): hosts[kind.table] for kind in KINDS}
        self._guard(
            "GET",
            "/reports/hosts",
            lambda access, _request: answer({name: one.count(access) for name, one in counts.items()}),
        )

    def _guard(self, method: str, path: str, handler: Callable[..., Response]) -> None:
        """Add a path whose handler is told who asks."""

        def guarded(request: Request, *parts: Any) -> Response:
            return handler(access_of(request.token, self.tokens, self.database), request, *parts)

        self.routes.add(method, path, guarded)

    def _add_open(self) -> None:
        self.routes.add("GET", "/", self._health)
        self.routes.add("GET", "/schema", self._schema)
        self.routes.add("GET", "/version/check", self._version)
        self.routes.add("POST", "/tokens", self.users.sign_in)
        self.routes.add("POST", "/tokens/2fa", self.users.sign_in_with_code)
        self.routes.add("POST", "/users", self._create_user)

    def _health(self, _request: Request) -> Response:
        return answer({"status": "OK", "setup": self.users.claimed, "version": VERSION})

    def _version(self, _request: Request) -> Response:
        return answer({"current": None, "latest": None, "update_available": False})

    def _schema(self, _request: Request) -> Response:
        paths: dict[str, dict[str, Any]] = {}
        for method, path, _pattern, _handler in self.routes.entries:
            paths.setdefault(path, {})[method.lower()] = {}
        return answer({"openapi": "3.1.0", "info": {"title": "a stand-in", "version": "2.15.1"}, "paths": paths})

    def _create_user(self, request: Request) -> Response:
        known = self.users.claimed and request.token
        access = access_of(request.token, self.tokens, self.database) if known else None
        return self.users.create(access, request)

    def _add_users(self, audit: Audit) -> None:
        users, second = self.users, self.users.two_factor
        for method, path, handler in (
            ("GET", "/tokens", users.refresh),
            ("GET", "/users", users.list_all),
            ("GET", "/users/{user}", users.show),
            ("PUT", "/users/{user}", users.update),
            ("DELETE", "/users/{user}", users.delete),
            ("PUT", "/users/{user}/auth", users.set_password),
            ("PUT", "/users/{user}/permissions", users.set_permissions),
            ("POST", "/users/{id}/login", users.sign_in_as),
            ("GET", "/users/{user}/2fa", second.status),
            ("POST", "/users/{user}/2fa", second.begin),
            ("DELETE", "/users/{user}/2fa", second.disable),
            ("POST", "/users/{user}/2fa/enable", second.enable),
            ("POST", "/users/{user}/2fa/backup-codes", second.renew_codes),
            ("GET", "/audit-log", audit.list_all),
            ("GET", "/audit-log/{id}", audit.show),
        ):
            self._guard(method, path, handler)

    def _add_objects(self, path: str, objects: Hosts | AccessLists) -> None:
        self._guard("GET", path, objects.list_all)
        self._guard("POST", path, objects.create)
        self._guard("GET", path + "/{id}", objects.show)
        self._guard("PUT", path + "/{id}", objects.update)
        self._guard("DELETE", path + "/{id}", objects.delete)

    def _add_certificates(self, certificates: Certificates) -> None:
        for method, path, handler in (
            ("GET", "", certificates.list_all),
            ("POST", "", certificates.create),
            ("GET", "/dns-providers", certificates.providers),
            ("POST", "/validate", certificates.validate),
            ("POST", "/test-http", certificates.test_http),
            ("GET", "/{id}", certificates.show),
            ("DELETE", "/{id}", certificates.delete),
            ("POST", "/{id}/upload", certificates.upload),
            ("POST", "/{id}/renew", certificates.renew),
            ("GET", "/{id}/download", certificates.download),
        ):
            self._guard(method, f"/nginx/certificates{path}", handler)

    def handle(self, request: Request) -> Response:
        """Answer a request, one after the other."""
        with self._lock:
            try:
                handler, parts = self.routes.find(request)
                return handler(request, *parts)
            except ApiError as error:
                return answer(self._debug(request, error.body()), error.status)
            except InternalError as error:
                log("Express", "warning", str(error).strip())
            except Exception as error:
                log("Express", "warning", f"{type(error).__name__}: {error}")
            return answer(self._debug(request, dict(INTERNAL)), 500)

    def _debug(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        # Errors of certificates come with the insides of the program.
        if "nginx/certificates" in request.path:
            body["debug"] = {"stack": ["Error: of a stand-in"], "previous": None}
        return body

    def close(self) -> None:
        self.database.close()

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Proxy hosts, redirections, 404 hosts and streams: kept, rewritten as upstream does, and put into nginx."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .access import Access
from .access_lists import AccessLists
from .audit import Audit
from .bodies import checked
from .certificates import Certificates
from .database import Database, Row, public
from .errors import invalid, not_found
from .nginx import Nginx
from .web import Request, Response, answer


@dataclass(frozen=True)
class Kind:
    path: str  # in the API
    table: str  # and of nginx's folder
    word: str  # in the audit log
    relations: tuple[str, ...]

    @property
    def permission(self) -> str:
        return self.path.replace("-", "_")


KINDS = (
    Kind("proxy-hosts", "proxy_host", "proxy-host", ("owner", "certificate", "access_list")),
    Kind("redirection-hosts", "redirection_host", "redirection-host", ("owner", "certificate")),
    Kind("dead-hosts", "dead_host", "dead-host", ("owner", "certificate")),
    Kind("streams", "stream", "stream", ("owner", "certificate")),
)
NAMED = ("proxy_host", "redirection_host", "dead_host")


def settled(row: Row) -> Row:
    """Return a host as it is kept: what a switch needs and does not have turns it off."""
    row = dict(row)
    if not row.get("certificate_id"):
        row.update(ssl_forced=False, http2_support=False)
    if not row.get("ssl_forced"):
        row["hsts_enabled"] = False
    if not row.get("hsts_enabled"):
        row["hsts_subdomains"] = False
    return row


@dataclass
class Shop:
    """What all the kinds share."""

    database: Database
    nginx: Nginx
    audit: Audit
    access_lists: AccessLists
    certificates: Certificates


class Hosts:
    def __init__(self, kind: Kind, shop: Shop) -> None:
        self.kind = kind
        self.shop = shop
        self.database = shop.database

    def _found(self, access: Access, key: int) -> Row:
        row = self.database.find(self.kind.table, key)
        if not row or not access.sees(row):
            raise not_found(key)
        return row

    def shown(self, row: Row, expand: list[str], inside: bool = False) -> Row:
        """Return a host with what it is related to; a certificate's files are left out, a list's passwords only often.

        `inside` is for the answer to a change, which has the access list's own rows with it.
        """
        shown = public(row)
        for name in expand:
            if name == "owner":
                owner = self.database.find("user", row["owner_user_id"])
                shown["owner"] = public(owner) if owner else None
            elif name == "certificate":
                certificate = self.database.find("certificate", row["certificate_id"])
                shown["certificate"] = {**public(certificate), "meta": {}} if certificate else None
            else:
                shown["access_list"] = self.shop.access_lists.related(row["access_list_id"], whole=inside)
        return shown

    def _everything(self, key: int) -> Row:
        row = self.database.find(self.kind.table, key)
        assert row
        return self.shown(row, list(self.kind.relations), inside=True)

    def list_all(self, access: Access, request: Request) -> Response:
        access.need(self.kind.permission, "view")
        rows = [row for row in self.database.all(self.kind.table) if access.sees(row)]
        rows.sort(key=lambda row: row.get("domain_names") or [f"{row.get('incoming_port', 0):05}"])
        expand = request.expand(self.kind.relations)
        return answer([self.shown(row, expand) for row in rows])

    def show(self, access: Access, request: Request, key: int) -> Response:
        access.need(self.kind.permission, "view")
        return answer(self.shown(self._found(access, key), request.expand(self.kind.relations)))

    def create(self, access: Access, request: Request) -> Response:
        body = checked("POST", self.kind.path, request.json)
        access.need(self.kind.permission, "manage")
        new_certificate = body.get("certificate_id") == "new"
        if new_certificate:
            del body["certificate_id"]
        self._refuse_taken(body)
        row = self.database.insert(self.kind.table, {**self._kept(body), "owner_user_id": access.key})
        if new_certificate:
            made = self.shop.certificates.request(access, row["domain_names"], row["meta"])
            self.database.update(self.kind.table, row["id"], {"certificate_id": made["id"]})
        # What is answered is from before nginx was asked: it does not tell whether nginx took it.
        shown = self._everything(row["id"])
        self.shop.nginx.configure(self.kind.table, shown)
        self.shop.audit.add(access.key, "created", self.kind.word, row["id"], body)
        return answer(shown, 201)

    def _kept(self, row: Row) -> Row:
        if "domain_names" in row:
            row["domain_names"] = sorted(row["domain_names"])
        return settled(row) if self.kind.table in NAMED else row

    def update(self, access: Access, request: Request, key: int) -> Response:
        body = checked("PUT", self.kind.path, request.json)
        access.need(self.kind.permission, "manage")
        self._refuse_taken(body, key)
        row = self._found(access, key)
        if body.get("certificate_id") == "new":
            names = body.get("domain_names") or row["domain_names"]
            made = self.shop.certificates.request(access, names, {**row["meta"], **body.get("meta", {})})
            body["certificate_id"] = made["id"]
        kept = self._kept({**row, **body})
        self.database.update(self.kind.table, key, kept)
        self.shop.audit.add(access.key, "updated", self.kind.word, key, body)
        shown = self._everything(key)
        # A host that is switched off this way stays in nginx until somebody asks for /disable.
        if shown["enabled"]:
            shown["meta"] = self.shop.nginx.configure(self.kind.table, shown)
        return answer(shown)

    def _refuse_taken(self, body: Row, key: int = 0) -> None:
        if self.kind.table == "stream":
            port = body.get("incoming_port")
            if any(row["incoming_port"] == port and row["id"] != key for row in self.database.all("stream")):
                raise invalid(f"Incoming port {port} is already in use")
            return
        for name in body.get("domain_names", []):
            for table in NAMED:
                for row in self.database.all(table):
                    own = table == self.kind.table and row["id"] == key
                    if not own and name.lower() in (known.lower() for known in row["domain_names"]):
                        raise invalid(f"{name} is already in use")

    def delete(self, access: Access, _request: Request, key: int) -> Response:
        access.need(self.kind.permission, "manage")
        row = self._found(access, key)
        self.database.update(self.kind.table, key, {"is_deleted": True})
        self._leave(key)
        self.shop.audit.add(access.key, "deleted", self.kind.word, key, public(row))
        return answer(True)

    def _leave(self, key: int) -> None:
        self.shop.nginx.remove(self.kind.table, key)
        self.shop.nginx.reload()

    def enable(self, access: Access, _request: Request, key: int) -> Response:
        access.need(self.kind.permission, "manage")
        if self._found(access, key)["enabled"]:
            raise invalid(f"{self._word()} is already enabled")
        self.database.update(self.kind.table, key, {"enabled": True})
        row = self._everything(key)
        self.shop.nginx.configure(self.kind.table, row)
        self.shop.audit.add(access.key, "enabled", self.kind.word, key, row)
        return answer(True)

    def disable(self, access: Access, _request: Request, key: int) -> Response:
        access.need(self.kind.permission, "manage")
        row = self._found(access, key)
        if not row["enabled"]:
            raise invalid(f"{self._word()} is already disabled")
        self.database.update(self.kind.table, key, {"enabled": False})
        self._leave(key)
        self.shop.audit.add(access.key, "disabled", self.kind.word, key, public(row))
        return answer(True)

    def _word(self) -> str:
        return "Stream" if self.kind.table == "stream" else "Host"

    def count(self, access: Access) -> int:
        return sum(access.sees(row) for row in self.database.all(self.kind.table))

    def generate_all(self, **where: Any) -> None:
        """Write the files of these hosts anew; nobody asks nginx."""
        for row in self.database.all(self.kind.table, **where):
            self.shop.nginx.generate(self.kind.table, self._everything(row["id"]))

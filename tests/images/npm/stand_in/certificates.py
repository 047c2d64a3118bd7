# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates: own ones that are uploaded, and those that an authority is asked for."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from .access import Access
from .acme import PROVIDERS, Authority
from .audit import Audit
from .bodies import checked
from .database import Database, Row, public
from .errors import InternalError, invalid, not_found
from .nginx import Nginx
from .openssl import about, check_key
from .web import Request, Response, answer

RELATIONS = ("owner", "proxy_hosts", "redirection_hosts", "dead_hosts")
FILES = ("certificate", "certificate_key", "intermediate_certificate")


class Certificates:
    def __init__(self, database: Database, nginx: Nginx, audit: Audit, authority: Authority) -> None:
        self.database = database
        self.nginx = nginx
        self.audit = audit
        self.authority = authority
        self.put_back: Callable[..., None] = lambda table, key: None  # a host's file into nginx

    def _found(self, access: Access, key: int) -> Row:
        row = self.database.find("certificate", key)
        if not row or not access.sees(row):
            raise not_found(key)
        return row

    def shown(self, row: Row, expand: list[str]) -> Row:
        """Return a certificate. Its meta has the files in it, the private key too."""
        shown = public(row)
        for name in expand:
            if name == "owner":
                owner = self.database.find("user", row["owner_user_id"])
                shown["owner"] = public(owner) if owner else None
            else:
                table = name.removesuffix("s")
                shown[name] = [public(host) for host in self.database.all(table, certificate_id=row["id"])]
        return shown

    def list_all(self, access: Access, request: Request) -> Response:
        access.need("certificates", "view")
        rows = sorted(self.database.all("certificate"), key=lambda row: str(row["nice_name"]))
        expand = request.expand(RELATIONS)
        return answer([self.shown(row, expand) for row in rows if access.sees(row)])

    def show(self, access: Access, request: Request, key: int) -> Response:
        access.need("certificates", "view")
        return answer(self.shown(self._found(access, key), request.expand(RELATIONS)))

    def create(self, access: Access, request: Request) -> Response:
        body = checked("POST", "certificates", request.json)
        access.need("certificates", "manage")
        if body["provider"] == "letsencrypt":
            if "domain_names" not in body:
                raise InternalError("Cannot read properties of undefined (reading 'join')")
            return answer(public(self.request(access, body["domain_names"], body.get("meta", {}))), 201)
        body["domain_names"] = sorted(body.get("domain_names", []))
        row = self.database.insert("certificate", {**body, "owner_user_id": access.key})
        self.audit.add(access.key, "created", "certificate", row["id"], {"nice_name": row["nice_name"]})
        return answer(public(row), 201)

    def request(self, access: Access, names: list[str], meta: Row) -> Row:
        """Ask the authority. The hosts of these names leave nginx for that time; what fails leaves no row."""
        wanted = {"provider": "letsencrypt", "nice_name": ", ".join(names), "domain_names": sorted(names), "meta": meta}
        row = self.database.insert("certificate", {**wanted, "owner_user_id": access.key})
        users = self._hosts_of(names)
        for table, key in users:
            self.nginx.remove(table, key)
        challenge = self.nginx.layout.path(f"/data/nginx/temp/letsencrypt_{row['id']}.conf")
        try:
            if not meta.get("dns_challenge"):
                challenge.write_text(self._challenge_host(names), encoding="utf-8")
            self.nginx.reload()
            self.authority.certify(row)
            told = about((self._folder(row) / "fullchain.pem").read_text(encoding="utf-8"), False)
            changes = {"expires_on": _stamp(told["dates"]["to"])}
            row = self.database.update("certificate", row["id"], changes)
        except Exception:
            self.database.remove("certificate", id=row["id"])
            raise
        finally:
            challenge.unlink(missing_ok=True)
            for table, key in users:
                self.put_back(table, key)
            self.nginx.reload()
        self.audit.add(access.key, "created", "certificate", row["id"], {"nice_name": row["nice_name"]})
        return {**row, "meta": {**row["meta"], "letsencrypt_certificate": told}}

    def _hosts_of(self, names: list[str]) -> list[tuple[str, int]]:
        wanted = {name.lower() for name in names}
        return [
            (table, row["id"])
            for table in ("proxy_host", "redirection_host", "dead_host")
            for row in self.database.all(table, enabled=1)
            if wanted & {name.lower() for name in row["domain_names"]}
        ]

    def _challenge_host(self, names: list[str]) -> str:
        lines = ["server {", "  listen 80;", "  listen [::]:80;", f"  server_name {' '.join(names)};"]
        lines += ["  access_log /data/logs/letsencrypt-requests_access.log standard;"]
        lines += ["  error_log /data/logs/letsencrypt-requests_error.log warn;"]
        lines += [
            "  include conf.d/include/letsencrypt-acme-challenge.conf;",
            "  location / {",
            "    return 404;",
            "  }",
        ]
        return self.nginx.layout.place("\n".join([*lines, "}", ""]))

    def _folder(self, row: Row) -> Path:
        if row["provider"] == "letsencrypt":
            return self.nginx.layout.path(f"/etc/letsencrypt/live/npm-{row['id']}")
        return self.nginx.layout.path(f"/data/custom_ssl/npm-{row['id']}")

    def delete(self, access: Access, _request: Request, key: int) -> Response:
        """Forget a certificate. The hosts that use it keep their files, until something saves them."""
        access.need("certificates", "manage")
        row = self._found(access, key)
        self.database.update("certificate", key, {"is_deleted": True})
        if row["provider"] == "letsencrypt":
            self.authority.forget(row)
        self.audit.add(access.key, "deleted", "certificate", key, {"nice_name": row["nice_name"]})
        return answer(True)

    def _told(self, files: dict[str, str]) -> Row:
        return {
            name: check_key(text) if name == "certificate_key" else about(text, True)
            for name, text in files.items()
            if name in FILES
        }

    def validate(self, access: Access, request: Request) -> Response:
        access.need("certificates", "view")
        return answer(self._told(request.files()))

    def upload(self, access: Access, request: Request, key: int) -> Response:
        """Keep files and write them. nginx is not told: what it has open, it goes on serving."""
        files = {name: text for name, text in request.files().items() if name in FILES}
        access.need("certificates", "manage")
        row = self._found(access, key)
        if row["provider"] != "other":
            raise invalid("Cannot upload certificates for this type of provider")
        told = self._told(files)
        if "certificate" not in told:
            raise invalid("Certificate file was not provided")
        meta = {**row["meta"], **files}
        changes = {
            "expires_on": _stamp(told["certificate"]["dates"]["to"]),
            "domain_names": [told["certificate"].get("cn")],
            "meta": meta,
        }
        self.database.update("certificate", key, changes)
        self.audit.add(access.key, "updated", "certificate", key, {"nice_name": row["nice_name"]})
        folder = self._folder(row)
        folder.mkdir(parents=True, exist_ok=True)
        chain = [meta["certificate"], *([meta[FILES[2]]] if FILES[2] in meta else [])]
        (folder / "fullchain.pem").write_text("\n".join(chain), encoding="utf-8")
        if "certificate_key" not in meta:
            raise InternalError('The "data" argument must be of type string. Received undefined')
        (folder / "privkey.pem").write_text(meta["certificate_key"], encoding="utf-8")
        return answer({name: meta[name] for name in FILES if name in meta})

    def renew(self, access: Access, _request: Request, key: int) -> Response:
        access.need("certificates", "manage")
        row = self._found(access, key)
        if row["provider"] != "letsencrypt":
            raise invalid("Only Let'sEncrypt certificates can be renewed")
        self.authority.certify(row)
        told = about((self._folder(row) / "fullchain.pem").read_text(encoding="utf-8"), False)
        row = self.database.update("certificate", key, {"expires_on": _stamp(told["dates"]["to"])})
        self.audit.add(access.key, "renewed", "certificate", key, {"nice_name": row["nice_name"]})
        return answer(public(row))

    def download(self, access: Access, _request: Request, key: int) -> Response:
        access.need("certificates", "manage")
        row = self._found(access, key)
        if row["provider"] != "letsencrypt":
            raise invalid("Only Let'sEncrypt certificates can be downloaded")
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            for file in sorted(self._folder(row).glob("*.pem")):
                archive.write(file, file.name)
        return Response(200, content.getvalue(), {"Content-Type": "application/zip"})

    def providers(self, access: Access, _request: Request) -> Response:
        access.need("certificates", "view")
        return answer([{"id": key, "name": name, "credentials": text} for key, (name, text) in PROVIDERS.items()])

    def test_http(self, access: Access, request: Request) -> Response:
        """Say how each name is reached from outside. Upstream asks a site of the internet, which is not there."""
        body = checked("POST", "test-http", request.json)
        access.need("certificates", "view")
        return answer(dict.fromkeys(body["domains"], "failed"))


def _stamp(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))

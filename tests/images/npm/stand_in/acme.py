# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The authority that certificates are asked for: none at all, or one that believes what this nginx serves.

Upstream runs certbot. Where no authority can be reached that fails, after minutes; here at once.
"""

from __future__ import annotations

import http.client
import secrets
from pathlib import Path

from .database import Row
from .errors import InternalError
from .layout import Layout
from .openssl import self_signed

# A few of upstream's more than eighty, with the names of what each wants in its file of credentials.
PROVIDERS = {
    "cloudflare": ("Cloudflare", "dns_cloudflare_api_token="),
    "desec": ("deSEC", "dns_desec_token="),
    "duckdns": ("DuckDNS", "dns_duckdns_token="),
    "hetzner": ("Hetzner", "dns_hetzner_api_token="),
    "ovh": ("OVH", "dns_ovh_endpoint=\ndns_ovh_application_key="),
    "porkbun": ("Porkbun", "dns_porkbun_key=\ndns_porkbun_secret="),
    "route53": ("Route 53 (Amazon)", "[default]\naws_access_key_id=\naws_secret_access_key="),
}


class Authority:
    def __init__(self, layout: Layout, present: bool) -> None:
        self.layout = layout
        self.present = present

    def certify(self, row: Row) -> None:
        """Prove each name and write the certificate, or fail as certbot does."""
        by_dns = row["meta"].get("dns_challenge")
        if by_dns:
            self._write_credentials(row)
        if not self.present:
            if by_dns:
                self._credentials(row).unlink(missing_ok=True)
            raise InternalError("Some challenges have failed. The authority could not be reached.")
        for name in row["domain_names"]:
            if by_dns:
                continue
            if name.startswith("*."):
                raise InternalError(f"{name}: only a DNS challenge proves a wildcard")
            self._prove(name)
        self_signed(self.layout.path(f"/etc/letsencrypt/live/npm-{row['id']}"), row["domain_names"])

    def _credentials(self, row: Row) -> Path:
        return self.layout.path(f"/etc/letsencrypt/credentials/credentials-{row['id']}")

    def _write_credentials(self, row: Row) -> None:
        provider = row["meta"].get("dns_provider")
        if provider not in PROVIDERS:
            raise InternalError(f"Unknown DNS provider '{provider}'")
        if "dns_provider_credentials" not in row["meta"]:
            raise InternalError('The "data" argument must be of type string. Received undefined')
        file = self._credentials(row)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(row["meta"]["dns_provider_credentials"], encoding="utf-8")

    def _prove(self, name: str) -> None:
        """Put a word where the challenge lies, and read it through nginx under the name."""
        word = secrets.token_hex(16)
        path = f"/.well-known/acme-challenge/{word}"
        file = self.layout.path(f"/data/letsencrypt-acme-challenge{path}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(word, encoding="ascii")
        try:
            link = http.client.HTTPConnection(self.layout.address or "127.0.0.1", self.layout.http, timeout=5)
            link.request("GET", path, headers={"Host": name})
            if link.getresponse().read().decode() != word:
                raise InternalError(f"{name}: the challenge was not served")
        except OSError as error:
            raise InternalError(f"{name}: {error}") from error
        finally:
            file.unlink()

    def forget(self, row: Row) -> None:
        self._credentials(row).unlink(missing_ok=True)
        folder = self.layout.path(f"/etc/letsencrypt/live/npm-{row['id']}")
        for file in folder.glob("*.pem"):
            file.unlink()

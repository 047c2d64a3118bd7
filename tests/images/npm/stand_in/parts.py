# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parts that the files of hosts are put together from."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .layout import Layout

Row = dict[str, Any]

# A host that has such a line serves / by itself, and the stock location is left out.
OWN_LOCATION = re.compile(r"^(?:.*;)?\s*?location\s*?/\s*?{", re.IGNORECASE | re.MULTILINE)
WEBSOCKETS = (
    "proxy_set_header Upgrade $http_upgrade;",
    "proxy_set_header Connection $http_connection;",
    "proxy_http_version 1.1;",
)


class Parts:
    def __init__(self, row: Row, layout: Layout) -> None:
        self.row = row
        self.layout = layout
        self._verbatim: list[str] = []

    def file(self, body: Callable[[], list[str]]) -> str:
        text = self.layout.place("\n".join(body()) + "\n")
        # What people write themselves is not touched.
        return re.sub("\0(\\d+)\0", lambda found: self._verbatim[int(found[1])], text)

    def own(self, text: str) -> str:
        self._verbatim.append(text)
        return f"\0{len(self._verbatim) - 1}\0"

    @property
    def certificate(self) -> Row | None:
        return self.row.get("certificate") if self.row.get("certificate_id") else None

    @property
    def stock_location(self) -> bool:
        locations = self.row.get("locations") or []
        return not OWN_LOCATION.search(self.row["advanced_config"]) and all(one["path"] != "/" for one in locations)

    def header(self) -> list[str]:
        line = "# " + "-" * 60
        return [line, f"# {', '.join(self.row['domain_names'])}", line, ""]

    def hsts_map(self) -> list[str]:
        below = "includeSubDomains; " if self.row["hsts_subdomains"] else ""
        return ["map $scheme $hsts_header {", f'    https "max-age=63072000; {below}preload";', "}", ""]

    def listen(self) -> list[str]:
        lines = ["  listen 80;", "  listen [::]:80;"]
        http2 = self.row["http2_support"]
        if self.certificate:
            old = " http2" if http2 and not self.layout.http2_switch else ""
            lines += [f"  listen 443 ssl{old};", f"  listen [::]:443 ssl{old};"]
        lines += ["", f"  server_name {' '.join(self.row['domain_names'])};", ""]
        if self.layout.http2_switch:
            lines += [f"  http2 {'on' if http2 else 'off'};", ""]
        return lines

    def tls(self) -> list[str]:
        if not self.certificate:
            return []
        if self.certificate["provider"] == "letsencrypt":
            folder = f"/etc/letsencrypt/live/npm-{self.row['certificate_id']}"
            lines = [
                "  # Let's Encrypt SSL",
                "  include conf.d/include/letsencrypt-acme-challenge.conf;",
                "  include conf.d/include/ssl-cache.conf;",
                "  include conf.d/include/ssl-ciphers.conf;",
            ]
        else:
            folder = f"/data/custom_ssl/npm-{self.row['certificate_id']}"
            lines = ["  # Custom SSL"]
        return [
            *lines,
            f"  ssl_certificate {folder}/fullchain.pem;",
            f"  ssl_certificate_key {folder}/privkey.pem;",
            "",
        ]

    def assets(self) -> list[str]:
        return ["  include conf.d/include/assets.conf;"] if self.row.get("caching_enabled") else []

    def exploits(self) -> list[str]:
        return ["  include conf.d/include/block-exploits.conf;"] if self.row.get("block_exploits") else []

    def hsts(self) -> list[str]:
        on = self.certificate and self.row["ssl_forced"] and self.row["hsts_enabled"]
        return ["  add_header Strict-Transport-Security $hsts_header always;"] if on else []

    def forced(self) -> list[str]:
        if not (self.certificate and self.row["ssl_forced"]):
            return []
        word = "T" if self.row.get("trust_forwarded_proto") else "F"
        return [f'  set $trust_forwarded_proto "{word}";', "  include conf.d/include/force-ssl.conf;"]

    def logs(self, kind: str, form: str) -> list[str]:
        begin = f"/data/logs/{kind}-{self.row['id']}"
        return [f"  access_log {begin}_access.log {form};", f"  error_log {begin}_error.log warn;", ""]

    def websockets(self) -> list[str]:
        return [f"  {line}" for line in WEBSOCKETS] if self.row["allow_websocket_upgrade"] else []

    def access(self) -> list[str]:
        """Return the rules of the access list. They stand in locations alone, never in the server."""
        if not self.row["access_list_id"]:
            return []
        known = self.row.get("access_list") or {}
        lines = []
        if known.get("items"):
            lines += [
                '    auth_basic "Authorization required";',
                f"    auth_basic_user_file /data/access/{self.row['access_list_id']};",
            ]
            if not known["pass_auth"]:
                lines.append('    proxy_set_header Authorization "";')
        clients = known.get("clients", [])
        lines += [f"    {one['directive']} {one['address']};" for one in clients if one["address"]]
        return [*lines, "    deny all;", f"    satisfy {'any' if known.get('satisfy_any') else 'all'};"]

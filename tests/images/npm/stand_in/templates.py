# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What nginx is told of each host. The order of the parts decides what a host's own configuration can change."""

from __future__ import annotations

from .layout import Layout
from .parts import Parts, Row


def render(kind: str, row: Row, layout: Layout) -> str:
    """Return the file of a host: `proxy_host`, `redirection_host`, `dead_host`, `stream` or `default`."""
    template = _Template(row, layout)
    return template.file(getattr(template, kind))


class _Template(Parts):
    def location(self, one: Row) -> list[str]:
        host, slash, rest = one["forward_host"].partition("/")
        path = f"/{rest}" if slash else one.get("forward_path", "")
        target = f"{one['forward_scheme']}://{host}:{one['forward_port']}{path}"
        return [
            f"  location {self.own(one['path'])} {{",
            f"    {self.own(one.get('advanced_config', ''))}",
            "    proxy_set_header Host $host;",
            "    proxy_set_header X-Forwarded-Scheme $scheme;",
            "    proxy_set_header X-Forwarded-Proto $scheme;",
            "    proxy_set_header X-Forwarded-For $remote_addr;",
            "    proxy_set_header X-Real-IP $remote_addr;",
            f"    proxy_pass {self.own(target)};",
            *self.access(),
            *self.assets(),
            *self.exploits(),
            *self.forced(),
            *self.hsts(),
            *self.websockets(),
            "  }",
            "",
        ]

    def proxy_host(self) -> list[str]:
        if not self.row["enabled"]:
            return self.header()
        lines = [
            *self.header(),
            *self.hsts_map(),
            "server {",
            f"  set $forward_scheme {self.row['forward_scheme']};",
            f'  set $server "{self.own(self.row["forward_host"])}";',
            f"  set $port {self.row['forward_port']};",
            "",
            *self.listen(),
            *self.tls(),
            *self.assets(),
            *self.exploits(),
            *self.hsts(),
            *self.forced(),
            *self.websockets(),
            *self.logs("proxy-host", "proxy"),
            self.own(self.row["advanced_config"]),
            "",
        ]
        for one in self.row["locations"]:
            lines += self.location(one)
        if self.stock_location:
            lines += ["  location / {", *self.access(), *self.hsts(), *self.websockets()]
            lines += ["    include conf.d/include/proxy.conf;", "  }", ""]
        return [*lines, "  include /data/nginx/custom/server_proxy[.]conf;", "}"]

    def redirection_host(self) -> list[str]:
        if not self.row["enabled"]:
            return self.header()
        scheme = self.row["forward_scheme"] if self.row["forward_scheme"] != "auto" else "$scheme"
        rest = "$request_uri" if self.row["preserve_path"] else ""
        target = f"{scheme}://{self.own(self.row['forward_domain_name'])}{rest}"
        answer = f"    return {self.row['forward_http_code']} {target};"
        return self._small("redirection-host", answer, "server_redirect")

    def dead_host(self) -> list[str]:
        return self._small("dead-host", "    return 404;", "server_dead") if self.row["enabled"] else self.header()

    def _small(self, kind: str, answer: str, custom: str) -> list[str]:
        lines = [
            *self.header(),
            *self.hsts_map(),
            "server {",
            *self.listen(),
            *self.tls(),
            *self.exploits(),
            *self.hsts(),
            *self.forced(),
            *self.logs(kind, "standard"),
            self.own(self.row["advanced_config"]),
            "",
        ]
        if self.stock_location:
            lines += ["  location / {", *self.hsts(), answer, "  }", ""]
        return [*lines, f"  include /data/nginx/custom/{custom}[.]conf;", "}"]

    def stream(self) -> list[str]:
        if not self.row["enabled"]:
            return []
        lines = []
        secured = " ssl" if self.certificate else ""
        for protocol, word in (("tcp", secured), ("udp", " udp")):
            if not self.row[f"{protocol}_forwarding"]:
                continue
            port = self.row["incoming_port"]
            where = f"{self.layout.address}:" if self.layout.address else ""
            lines += ["server {", f"  listen {where}{port}{word};"]
            if self.layout.ipv6 and not where:
                lines.append(f"  listen [::]:{port}{word};")
            if protocol == "tcp":
                lines += self.tls()
            lines += [
                f"  proxy_pass {self.own(self.row['forwarding_host'])}:{self.row['forwarding_port']};",
                "  include /data/nginx/custom/server_stream[.]conf;",
                f"  include /data/nginx/custom/server_stream_{protocol}[.]conf;",
                "}",
            ]
        return lines

    def default(self) -> list[str]:
        """Return the default site, which is there for port 80 alone: 443 refuses unknown names by itself."""
        value, meta = self.row["value"], self.row["meta"]
        if value == "congratulations":
            return ["# The page of conf.d/default.conf is good enough."]
        answers = {
            "404": ["    return 404;"],
            "444": ["    return 444;"],
            "redirect": [f"    return 301 {self.own(str(meta.get('redirect', '')))};"],
            "html": ["    root /data/nginx/default_www;", "    try_files $uri /index.html;"],
        }
        return [
            "server {",
            "  listen 80 default;",
            "  listen [::]:80 default;",
            '  set $forward_scheme "http";',
            '  set $server "127.0.0.1";',
            '  set $port "80";',
            "  server_name default-host.localhost;",
            "  access_log /data/logs/default-host_access.log combined;",
            "  error_log /data/logs/default-host_error.log warn;",
            "  include conf.d/include/block-exploits.conf;",
            "  include conf.d/include/letsencrypt-acme-challenge.conf;",
            "  location / {",
            *answers[value],
            "  }",
            "}",
        ]

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nginx's text for one page behind the front door, which Nginx Proxy Manager puts into the server block of its host.

It holds a "location / {" of its own, so that upstream's is left out: that one believes headers which a client may send.
The sign-on stands at the level of the server, before any other location that anybody may add there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import front_door, proxy_nginx_static

#: Upstream's path for such questions. No client can ask for it.
AUTHZ = "/internal/authelia/authz"
#: What an application behind a sign-on may believe. It comes from the sign-on or is not there.
REMOTE = ("User", "Groups", "Name", "Email")
#: What follows from the groups, for applications that know roles and no groups: Admin, or Viewer.
ROLE = "Role"
#: Headers that applications and frameworks believe too, and that nobody sets here.
FORGED = (
    *("Forwarded", "X-Forwarded-User", "X-Forwarded-Email", "X-Forwarded-Groups", "X-Forwarded-Preferred-Username"),
    *("X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Server", "X-Original-URL", "X-Original-Method"),
    *("X-Rewrite-URL", "X-WEBAUTH-USER", "X-Auth-Request-User", "X-Remote-User", "Proxy"),
)
#: A path that an application may take for another than the one that the sign-on was asked about: dots that lead up,
#: and encoded dots and slashes. It matters wherever the sign-on decides by path.
AMBIGUOUS = r"^[^?]*(/\.\.?([/?;]|$)|%(25)*(2e|2f|5c)|\\\\)"
#: Stands for the id that the access list has in the proxy, which is known when it is there.
ACCESS_LIST_ID = "@@access_list_id@@"
HOUR = "3600s"

_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("X-Robots-Tag", "noindex, nofollow"),
)


def text(
    page: Mapping[str, Any],
    sign_on: Mapping[str, Any],
    domain: str,
    options: Mapping[str, Any] | None = None,
    access_list: Mapping[str, Any] | None = None,
) -> str:
    """Return the text for a page. options: its entry in proxy_host_options. access_list: the one it names there."""
    options = options or {}
    access = page["access"]
    guarded = access not in ("bypass", "portal", "deny")
    lines = ["# Kept by homelab.media: what is changed here by hand is put back by the next run."]
    static = front_door.is_static(page)
    lines += _headers(domain, portal=access == "portal", policy=proxy_nginx_static.POLICY if static else "")
    if access == "deny" or (guarded and not sign_on):
        return _joined([*lines, "location / {", "  return 403;", "}"])
    if access_list:
        lines += _access(access_list)
    if guarded:
        if page.get("exempt") or not options.get("any_path"):
            lines.append(f'if ($request_uri ~* "{AMBIGUOUS}") {{ return 400; }}')
        lines += _sign_on(sign_on)
    if options.get("max_body") not in (None, ""):
        lines.append(f"client_max_body_size {options['max_body']};")
    lines += _extra(options.get("server"))
    if static:
        lines += proxy_nginx_static.locations(page, _extra(options.get("location"), "  "))
    else:
        lines += _location(page, guarded, options)
    return _joined(lines)


def _headers(domain: str, portal: bool, policy: str) -> list[str]:
    """At the level of the server, beside upstream's own HSTS: a location with such lines of its own loses these.

    Pages of one domain may show each other in a frame, the sign-on is shown in none. policy: what the page may load,
    where that is known.
    """
    frames = "frame-ancestors 'none'" if portal else f"frame-ancestors 'self' https://{domain} https://*.{domain}"
    headers = (*_HEADERS, ("Content-Security-Policy", f"{policy}; {frames}" if policy else frames))
    return [
        *(f'add_header {name} "{value}" always;' for name, value in headers),
        # The application's own would stand beside them.
        *(f"proxy_hide_header {name};" for name, _value in (*_HEADERS, ("Strict-Transport-Security", ""))),
    ]


def _access(access_list: Mapping[str, Any]) -> list[str]:
    """Return an access list: upstream writes it only into a location that it makes itself."""
    lines = [f"satisfy {'any' if access_list.get('satisfy_any') else 'all'};"]
    if access_list.get("users"):
        lines += ['auth_basic "Authorization required";', f"auth_basic_user_file /data/access/{ACCESS_LIST_ID};"]
    lines += [f"allow {address};" for address in access_list.get("allow") or ()]
    lines += [f"deny {address};" for address in access_list.get("deny") or ()]
    return [*lines, "deny all;"]


def _sign_on(sign_on: Mapping[str, Any]) -> list[str]:
    """Return what asks the sign-on about every path. Where it gives no answer, nobody gets one."""
    return [
        # A variable is looked up when it is needed: nginx starts without the sign-on, and stays shut.
        f'set $media_sign_on "http://{sign_on["host"]}:{sign_on["port"]}";',
        f"auth_request {AUTHZ};",
        *(f"auth_request_set $media_{name.lower()} $upstream_http_remote_{name.lower()};" for name in REMOTE),
        f"auth_request_set $media_{ROLE.lower()} $media_role_of_groups;",
        "auth_request_set $media_portal $upstream_http_location;",
        "error_page 401 = @media_sign_in;",
        f"location = {AUTHZ} {{",
        "  internal;",
        "  auth_request off;",
        "  proxy_pass $media_sign_on/api/authz/auth-request;",
        "  proxy_pass_request_body off;",
        "  resolver_timeout 5s;",
        "  proxy_connect_timeout 5s;",
        "  proxy_read_timeout 30s;",
        "  proxy_http_version 1.1;",
        '  proxy_set_header Content-Length "";',
        '  proxy_set_header Connection "";',
        '  proxy_set_header Upgrade "";',
        # The application's own, which the sign-on would take for one of its own; it knows people by their cookie.
        '  proxy_set_header Authorization "";',
        "  proxy_set_header Host $host;",
        "  proxy_set_header X-Original-Method $request_method;",
        "  proxy_set_header X-Original-URL $scheme://$host$request_uri;",
        "  proxy_set_header X-Forwarded-Method $request_method;",
        "  proxy_set_header X-Forwarded-Proto $scheme;",
        "  proxy_set_header X-Forwarded-Host $host;",
        "  proxy_set_header X-Forwarded-URI $request_uri;",
        "  proxy_set_header X-Forwarded-For $remote_addr;",
        "  proxy_set_header X-Real-IP $remote_addr;",
        "}",
        "location @media_sign_in {",
        # To a program the sign-on says 401 without an address to go to.
        '  if ($media_portal = "") { return 401; }',
        "  return 302 $media_portal;",
        "}",
    ]


def _location(page: Mapping[str, Any], guarded: bool, options: Mapping[str, Any]) -> list[str]:
    timeout = options.get("timeout") or HOUR
    remote = {name: f"$media_{name.lower()}" if guarded else '""' for name in (*REMOTE, ROLE)}
    return [
        "location / {",
        *(f"  proxy_set_header Remote-{name} {value};" for name, value in remote.items()),
        *(f'  proxy_set_header {name} "";' for name in FORGED),
        # An application that somebody has broken into could be its visitors elsewhere with it.
        *([] if page["access"] == "portal" else ["  proxy_set_header Cookie $media_cookie;"]),
        "  proxy_set_header Host $host;",
        "  proxy_set_header X-Forwarded-For $remote_addr;",
        "  proxy_set_header X-Real-IP $remote_addr;",
        "  proxy_set_header X-Forwarded-Proto $scheme;",
        "  proxy_set_header X-Forwarded-Scheme $scheme;",
        "  proxy_set_header X-Forwarded-Host $host;",
        "  proxy_set_header X-Forwarded-URI $request_uri;",
        "  proxy_set_header Upgrade $http_upgrade;",
        # Not the client's own: with "Connection: Remote-User" it would take headers out again.
        "  proxy_set_header Connection $media_connection;",
        "  proxy_http_version 1.1;",
        "  resolver_timeout 5s;",
        # Films and backups pass through, and are kept in no file of the proxy's.
        "  proxy_request_buffering off;",
        "  proxy_max_temp_file_size 0;",
        f"  proxy_read_timeout {timeout};",
        f"  proxy_send_timeout {timeout};",
        *(["  proxy_ssl_server_name on;", "  proxy_ssl_name $host;"] if page.get("scheme") == "https" else []),
        *_extra(options.get("location"), "  "),
        "  proxy_pass $forward_scheme://$server:$port;",
        "}",
    ]


def _extra(lines: Any, indent: str = "") -> list[str]:
    """Return a person's own lines."""
    return [f"{indent}{line.rstrip()}" for line in str(lines or "").splitlines() if line.strip()]


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that Nginx Proxy Manager includes into what it writes: real addresses, and the administration's own door."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import addressing
from ansible_collections.homelab.media.plugins.module_utils.wiring import uplink_of

#: Where they are, below media_root, and as the container sees them.
FOLDER = "state/proxy/data/nginx/custom"
INSIDE = "/data/nginx/custom"
#: Holds no user: whoever is asked for one does not get in.
NOBODY = "nobody.htpasswd"
#: An address of documentation: nobody has it, so that nobody is believed.
NO_PROXY = "192.0.2.1"
ADMIN_PORT = 81
#: The cookie by which the sign-on knows people, on every page of the domain.
SESSION = "authelia_session"


def http_top(networks: Mapping[str, Any], admins: Sequence[str], port: int = ADMIN_PORT) -> str:
    """Return the lines for all of HTTP. admins: the groups whose people are told as administrators.

    The administration's server is upstream's and takes no lines of ours, but it inherits these. It answers the
    container itself, where the protected host comes from, and the engine's gateway, where the host's loopback comes
    from. It goes by the address of the connection, which no header changes.
    """
    here = ["127.0.0.1", "::1", addressing.gateway(networks.get(uplink_of("proxy")) or {})]
    lines = [
        "# Rendered for Nginx Proxy Manager. Every run writes it anew.",
        'map $http_upgrade $media_connection { default upgrade; "" ""; }',
        # All cookies but the sign-on's; none at all where it is among them twice.
        "map $http_cookie $media_cookies {",
        "  default $http_cookie;",
        f'  "~^(?<media_before>(?:.*;\\s*)?){SESSION}=[^;]*(?:;\\s*(?<media_after>.*))?$" "$media_before$media_after";',
        "}",
        f'map $media_cookies $media_cookie {{ default $media_cookies; "~(^|[;\\s]){SESSION}=" ""; }}',
        # Asked for where the sign-on's answer is at hand: whom it names, and of which groups. Nobody has no role.
        'map "$upstream_http_remote_user:$upstream_http_remote_groups" $media_role_of_groups {',
        "  default Viewer;",
        '  "~^:" "";',
        *(f'  "~^[^:]+:(.*,)?\\s*{re.escape(str(group))}\\s*(,|$)" Admin;' for group in admins),
        "}",
        'map "$server_port|$realip_remote_addr" $media_admin_realm {',
        "  default off;",
        f'  "~^{port}\\|" "closed";',
        *(f'  "{port}|{address}" off;' for address in here if address),
        "}",
        "auth_basic $media_admin_realm;",
        f"auth_basic_user_file {INSIDE}/{NOBODY};",
    ]
    return "\n".join(lines) + "\n"


def real_ip(settings: Mapping[str, Any]) -> str:
    """Return the lines for every host: who may say in a header where a request comes from.

    Upstream believes every private address, which every client of the home has.
    """
    proxies = [str(address) for address in settings["proxy_trusted_proxies"]]
    lines = ["# Rendered for Nginx Proxy Manager. Every run writes it anew."]
    if not proxies:
        return "\n".join([*lines, f"set_real_ip_from {NO_PROXY};"]) + "\n"
    lines += [f"set_real_ip_from {address};" for address in proxies]
    return "\n".join([*lines, f"real_ip_header {settings['proxy_real_ip_header']};", "real_ip_recursive on;"]) + "\n"


def files(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the declaration of these files. Another text needs another start: upstream reads them only then."""
    common = {"owner": "media", "mode": "0644", "service": "proxy"}
    kinds = ("server_proxy", "server_redirect", "server_dead")
    return [
        {"path": f"{FOLDER}/http_top.conf", "template": "http_top.conf.j2", **common},
        {"path": f"{FOLDER}/{NOBODY}", "content": "# Nobody.\n", **common},
        *({"path": f"{FOLDER}/{kind}.conf", "content": real_ip(settings), **common} for kind in kinds),
    ]

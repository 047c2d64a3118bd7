# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bodies that Nginx Proxy Manager takes."""

from __future__ import annotations

from typing import Any

FORWARD: dict[str, Any] = {"forward_scheme": "http", "forward_host": "sonarr", "forward_port": 8989}
PROXY: dict[str, Any] = {
    **FORWARD,
    "domain_names": ["sonarr.media.test"],
    "certificate_id": 0,
    "ssl_forced": False,
    "hsts_enabled": False,
    "hsts_subdomains": False,
    "trust_forwarded_proto": False,
    "http2_support": False,
    "block_exploits": True,
    "caching_enabled": False,
    "allow_websocket_upgrade": True,
    "access_list_id": 0,
    "advanced_config": "",
    "enabled": True,
    "meta": {},
    "locations": [{**FORWARD, "forward_host": "127.0.0.1", "path": "/x", "forward_path": "/y", "advanced_config": ""}],
}
REDIRECTION: dict[str, Any] = {
    "domain_names": ["old.media.test"],
    "forward_http_code": 301,
    "forward_scheme": "auto",
    "forward_domain_name": "sonarr.media.test",
    "preserve_path": True,
    "certificate_id": 0,
    "ssl_forced": False,
    "hsts_enabled": False,
    "hsts_subdomains": False,
    "http2_support": False,
    "block_exploits": False,
    "advanced_config": "",
    "meta": {},
}
DEAD: dict[str, Any] = {"domain_names": ["dead.media.test"], "certificate_id": 0, "advanced_config": "", "meta": {}}
STREAM: dict[str, Any] = {
    "incoming_port": 20119,
    "forwarding_host": "127.0.0.1",
    "forwarding_port": 119,
    "tcp_forwarding": True,
    "udp_forwarding": False,
    "certificate_id": 0,
    "meta": {},
}
LIST: dict[str, Any] = {
    "name": "family",
    "satisfy_any": True,
    "pass_auth": False,
    "items": [{"username": "guest", "password": "a-password-of-a-guest"}],
    "clients": [{"address": "192.0.2.0/24", "directive": "allow"}],
}
CERTIFICATE: dict[str, Any] = {
    "provider": "other",
    "nice_name": "own",
    "domain_names": ["a.test"],
    "meta": {"dns_challenge": False, "propagation_seconds": 10, "key_type": "rsa"},
}
USER: dict[str, Any] = {
    "name": "Guest",
    "nickname": "",
    "email": "guest@example.com",
    "roles": [],
    "is_disabled": False,
    "auth": {"type": "password", "secret": "a-password-of-a-guest"},
}
SITE: dict[str, Any] = {"value": "444", "meta": {"redirect": "", "html": ""}}
PERMISSIONS: dict[str, Any] = {"visibility": "all", "proxy_hosts": "view"}

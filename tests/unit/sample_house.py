# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A house full of services, declared as the roles declare theirs and compiled by the catalogue: what people look at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import addressing, catalogue, front_door, relations, wiring
from ansible_collections.homelab.media.plugins.module_utils.catalogue import Catalogue, Settings
from ansible_collections.homelab.media.plugins.module_utils.front_door import Rules
from ansible_collections.homelab.media.plugins.module_utils.identity import Identity
from ansible_collections.homelab.media.plugins.module_utils.policy import Policy

DOMAIN = "media.example.net"
POLICY = Policy(
    Identity("media", "media", 1000, 1000, "002", "Etc/UTC"),
    restart="unless-stopped", log_max_size="10m", log_max_file=3, memory="1g", cpus=2.0, pids=1024,
    stop_grace_period="30s",
)  # fmt: skip
CLOSED = {"internal": True}


def service(egress: str = "none", port: int = 0, **more: Any) -> dict[str, Any]:
    """Return a service in few words; what is no key of Compose is of x-media."""
    compose: dict[str, Any] = {
        key: more.pop(key) for key in ("ports", "network_mode", "networks", "pid") if key in more
    }
    web = {"web": {"port": port, **more.pop("web", {})}} if port else {}
    return {"image": "registry.example/image:1", **compose, "x-media": {"egress": egress, **web, **more}}


def application(kind: str, port: int, title: str, text: str, library: str = "", loopback: int = 0) -> dict[str, Any]:
    words = {"title": title, "section": "Library" if library else "Downloads", "text": text}
    more: dict[str, Any] = {"library": {"name": library, "type": "show", "title": text}} if library else {}
    if kind == "prowlarr":
        more["uses"] = ["sonarr", "radarr", "lidarr", "readarr"]
    return service(
        "direct",
        port,
        api={"kind": kind, "key": f"{kind}_key"},
        uses=more.pop("uses", ["nzbget", "plex", "prowlarr"]),
        metrics={"exporter": "exportarr"},
        portal=words,
        web={"loopback": loopback or port, "path": "/", "keyed": ["/api"]},
        **more,
    )


def roles() -> dict[str, dict[str, Any]]:
    """Return the declarations of all roles."""
    return {
        "stack": {
            "networks": {"media": dict(CLOSED)},
            "services": {"whoami": service("none", 80, web={"loopback": False})},
        },
        "vpn": {
            "networks": {"vpn": {}},
            "services": {
                "vpn-pod": service("pod", networks={"vpn": {}}, part_of="vpn"),
                "vpn": {
                    **service(portal={"title": "VPN", "section": "Downloads", "text": "The tunnel"}, listens=[9999]),
                    "network_mode": "service:vpn-pod",
                },
            },
        },
        "nzbget": {
            "services": {
                "nzbget": service(
                    "vpn",
                    6789,
                    api={"kind": "nzbget", "username": "apps", "password": "nzbget_password"},
                    portal={"title": "NZBGet", "section": "Downloads", "text": "Usenet"},
                ),
            },
        },
        "plex": {
            "services": {
                "plex": service(
                    port=32400,
                    network_mode="host",
                    api={"kind": "plex", "token": ""},
                    portal={"title": "Plex", "section": "Watch", "text": "Films, series and music"},
                ),
                "tautulli": service(
                    "direct",
                    8181,
                    api={"kind": "tautulli", "key": "tautulli_key"},
                    uses=["plex"],
                    metrics={"exporter": "exportarr"},
                    portal={"title": "Tautulli", "section": "Watch", "text": "Who watches what"},
                ),
            },
        },
        "arr": {
            "services": {
                "sonarr": application("sonarr", 8989, "Sonarr", "Series", "tv"),
                "sonarr-4k": application("sonarr", 8989, "Sonarr-4k", "Series in 4K", "tv-4k", 8990),
                "sonarr-anime": application("sonarr", 8989, "Sonarr-anime", "Anime", "anime", 8991),
                "radarr": application("radarr", 7878, "Radarr", "Films", "movies"),
                "radarr-4k": application("radarr", 7878, "Radarr-4k", "Films in 4K", "movies-4k", 7879),
                "lidarr": application("lidarr", 8686, "Lidarr", "Music", "music"),
                "bookshelf": application("readarr", 8787, "Bookshelf", "Books", "books"),
                "prowlarr": application("prowlarr", 9696, "Prowlarr", "Indexers"),
            },
        },
        "maintenance": {
            "services": {
                "recyclarr": service(
                    "direct",
                    uses=["sonarr", "radarr"],
                    portal={"title": "Recyclarr", "section": "Maintenance", "text": "Quality profiles"},
                ),
                "unpackerr": service(
                    uses=["sonarr", "radarr", "lidarr", "readarr"],
                    metrics={"port": 5656},
                    portal={"title": "Unpackerr", "section": "Downloads", "text": "Unpacks what was left packed"},
                ),
            },
        },
        "proxy": {
            "services": {
                "proxy": service(
                    "direct",
                    81,
                    ports=["80:80", "443:443"],
                    api={"kind": "proxy_manager", "username": "a", "password": "b"},
                    groups=["admins"],
                    web={"loopback": 8081},
                    portal={"title": "Nginx Proxy Manager", "section": "Front door", "text": "Names and certificates"},
                ),
            },
        },
        "authelia": {
            "networks": {"auth": dict(CLOSED)},
            "services": {
                "authelia": service(
                    "none",
                    9091,
                    networks={"auth": {}},
                    web={"name": "auth", "loopback": False},
                    api={"kind": "authelia"},
                    metrics={"port": 9959},
                    portal={"title": "Authelia", "section": "Front door", "text": "Sign-in and its devices"},
                ),
                "authelia-redis": service(
                    networks={"auth": {}}, part_of="authelia", listens=[6379], metrics={"exporter": "redis"}
                ),
            },
        },
        "fail2ban": {
            "services": {
                "fail2ban": service(
                    network_mode="host",
                    portal={"title": "Fail2Ban", "section": "Front door", "text": "Shuts on who knocks too often"},
                ),
            },
        },
        "monitoring": monitoring(),
        "portal": {
            "pages": [
                {
                    "service": "portal",
                    "names": ["home"],
                    "static": {"/": "config/portal", "/live/": "state/collector/public"},
                    "access": "two_factor",
                },
            ],
        },
        "elsewhere": {"pages": [other_machine()]},
    }


def monitoring() -> dict[str, Any]:
    def watches(title: str, text: str, **more: Any) -> dict[str, Any]:
        words = {"title": title, "section": "Monitoring", "text": text}
        return service(networks={"monitoring": {}}, portal=words, groups=["admins"], **more)

    return {
        "networks": {"monitoring": dict(CLOSED)},
        "services": {
            "prometheus": watches("Prometheus", "Numbers", port=9090, api={"kind": "prometheus"}),
            "alertmanager": watches("Alertmanager", "Who is told", port=9093),
            "grafana": watches("Grafana", "Dashboards", port=3000),
            "blackbox": watches("Blackbox", "Asks every page", visits_pages=True, listens=[9115]),
            "cadvisor": watches("cAdvisor", "Containers", metrics={"port": 8080}),
            "node-exporter": {
                **service(
                    network_mode="host",
                    metrics={"port": 9100},
                    portal={"title": "Node exporter", "section": "Monitoring", "text": "The host"},
                ),
            },
        },
        "exporters": {
            "exportarr": service(networks={"monitoring": {}}, metrics={"port": 9707}),
            "redis": service(networks={"monitoring": {}}, metrics={"port": 9121}),
        },
    }


def other_machine() -> dict[str, Any]:
    return {
        "service": "",
        "names": [f"nas.{DOMAIN}"],
        "scheme": "https",
        "host": "192.168.1.5",
        "port": 5001,
        "path": "/",
        "access": "two_factor",
        "groups": [],
        "exempt": [],
    }


def build(rules: Rules | None = None, without: Iterable[str] = (), more: dict[str, Any] | None = None) -> Catalogue:
    """Compile the house. without: services that are off. more: declarations of further roles."""
    declarations = {name: {**role, "path": f"/roles/{name}"} for name, role in {**roles(), **(more or {})}.items()}
    settings = Settings(
        root="/opt/media", services="all", disabled=list(without), ipv4_prefix="10.213.0.0/16", ipv6=False,
        ipv6_prefix="", policy=POLICY, rules=rules or Rules(DOMAIN),
    )  # fmt: skip
    return catalogue.build(declarations, settings)


def plan(rules: Rules | None = None, without: Iterable[str] = (), more: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return of media_plan what the page and the picture are made of."""
    rules = rules or Rules(DOMAIN)
    built = build(rules, without, more)
    assert built.problems == [], "\n".join(map(str, built.problems))
    door = front_door.front(built.services)
    gateway = addressing.gateway(built.networks.get(wiring.uplink_of(door), {})) if door else ""
    return {
        "services": built.services,
        "networks": built.networks,
        "roles": built.roles,
        "pages": front_door.pages(built.services, rules, gateway, built.pages),
        "sign_on": front_door.sign_on(built.services, rules),
        "domain": rules.domain,
        "apis": relations.apis(built.services),
        "portal": relations.portal(built.services),
    }

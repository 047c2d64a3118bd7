# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the authelia role's variables mean: its services, their secrets, and what is left for a person to do.

The settings are the role's variables under their own names, so that every problem names the variable to correct.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Settings = Mapping[str, Any]

PORT, METRICS = 9091, 9959
#: Where Authelia finds its own state, and what a run rendered for it, inside its container.
STATE, CONFIGURATION = "/config", "/etc/authelia"
#: Where Redis and PostgreSQL find what a run rendered for them.
RENDERED = "/rendered"

#: Which setting of Authelia each secret is. Its name on the host begins with authelia_.
SECRETS = {
    "session_secret": "SESSION_SECRET",
    "jwt_secret": "IDENTITY_VALIDATION_RESET_PASSWORD_JWT_SECRET",
    "storage_key": "STORAGE_ENCRYPTION_KEY",
    "redis_password": "SESSION_REDIS_PASSWORD",
    "postgres_password": "STORAGE_POSTGRES_PASSWORD",
    "smtp_password": "NOTIFIER_SMTP_PASSWORD",
}


def needed(settings: Settings) -> list[str]:
    """Return the secrets that these settings ask for."""
    absent = set()
    if settings["authelia_storage"] != "postgres":
        absent.add("postgres_password")
    if settings["authelia_notifier"] != "smtp" or not settings["authelia_smtp_username"]:
        absent.add("smtp_password")
    return [name for name in SECRETS if name not in absent]


def secrets(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the declaration of the secrets. All but the mail account's are made on the host, once."""
    made = {"kind": "alnum", "length": 64}
    given = {"kind": "given", "variable": "authelia_smtp_password", "value": settings["authelia_smtp_password"]}
    return {f"authelia_{name}": dict(given if name == "smtp_password" else made) for name in needed(settings)}


def files(settings: Settings) -> list[dict[str, Any]]:
    """Return the files that hold one secret each.

    Each container works as the media user from its start, or becomes that user before it reads any of them; what only
    root may read would be closed to it.
    """
    places = [(f"config/authelia/secrets/{name}", "authelia", name) for name in needed(settings)]
    places.append(("config/authelia-redis/password", "authelia-redis", "redis_password"))
    if settings["authelia_storage"] == "postgres":
        places.append(("config/authelia-postgres/password", "authelia-postgres", "postgres_password"))
    return [
        {
            "path": path,
            "content": f"@@secret:authelia_{secret}@@",
            "secret": True,
            "owner": "media",
            "mode": "0600",
            "service": service,
        }
        for path, service, secret in places
    ]


def services(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return Authelia with what it keeps its sessions in, and its database where that is a service too."""
    found = {"authelia": _authelia(settings), "authelia-redis": _redis(settings)}
    if settings["authelia_storage"] == "postgres":
        found["authelia-postgres"] = _postgres(settings)
    return found


def _authelia(settings: Settings) -> dict[str, Any]:
    root = settings["media_root"]
    stores = ["authelia-redis", *(["authelia-postgres"] if settings["authelia_storage"] == "postgres" else [])]
    return {
        "image": settings["authelia_image"],
        "environment": {
            "X_AUTHELIA_CONFIG": f"{CONFIGURATION}/configuration.yml",
            # One-time codes, the users and the log are nobody else's.
            "UMASK": "077",
            **{f"AUTHELIA_{SECRETS[name]}_FILE": f"{CONFIGURATION}/secrets/{name}" for name in needed(settings)},
        },
        "volumes": [f"{root}/state/authelia:{STATE}", f"{root}/config/authelia:{CONFIGURATION}:ro"],
        "networks": {"auth": {}},
        "x-media": {
            "family": "authelia",
            "egress": "direct" if settings["authelia_notifier"] == "smtp" else "none",
            # Not on the host's loopback: past the proxy nobody says where a request came from.
            "web": {"port": PORT, "path": "/", "name": "auth", "loopback": False},
            "listens": [METRICS],
            "api": {"kind": "authelia"},
            "needs": stores,
            "health": {"http": "/api/health"},
            "state": ["state/authelia"],
            "metrics": {"port": METRICS, "path": "/metrics"},
            "portal": {"title": "Authelia", "section": "Front door", "text": "Sign-in and its devices"},
            "auth_log": {"path": "state/authelia/authelia.log", "filter": "authelia"},
            "limits": {"memory": settings["authelia_memory"], "cpus": settings["authelia_cpus"]},
        },
    }


def _redis(settings: Settings) -> dict[str, Any]:
    root = settings["media_root"]
    return {
        "image": settings["authelia_redis_image"],
        "command": ["redis-server", f"{RENDERED}/redis.conf"],
        "volumes": [f"{root}/state/authelia-redis:/data", f"{root}/config/authelia-redis:{RENDERED}:ro"],
        "read_only": True,
        "tmpfs": ["/tmp"],
        "networks": {"auth": {}},
        # By the variable, and not by an option: a process's arguments are for every eye.
        "healthcheck": _health(f'REDISCLI_AUTH="$(cat {RENDERED}/password)" redis-cli ping | grep -qx PONG'),
        "x-media": {
            "part_of": "authelia",
            "family": "rootless",
            "egress": "none",
            "listens": [6379],
            "state": ["state/authelia-redis"],
            "api": {"kind": "redis", "password": "authelia_redis_password"},
            "metrics": {"exporter": "redis"},
            "limits": {"memory": settings["authelia_redis_memory"], "cpus": settings["authelia_redis_cpus"]},
        },
    }


def _postgres(settings: Settings) -> dict[str, Any]:
    root = settings["media_root"]
    return {
        "image": settings["authelia_postgres_image"],
        "environment": {
            "POSTGRES_USER": "authelia",
            "POSTGRES_DB": "authelia",
            "POSTGRES_PASSWORD_FILE": f"{RENDERED}/password",
            # Below the mount: PostgreSQL wants a mode for it that the folders of the state do not have.
            "PGDATA": "/var/lib/postgresql/data/pgdata",
        },
        "volumes": [
            f"{root}/state/authelia-postgres:/var/lib/postgresql/data",
            f"{root}/config/authelia-postgres:{RENDERED}:ro",
        ],
        "read_only": True,
        "tmpfs": ["/tmp", "/run/postgresql"],
        "networks": {"auth": {}},
        # By TCP: while it makes its database, a server answers on the socket alone, and is gone soon after.
        "healthcheck": _health("pg_isready -q -h 127.0.0.1 -U authelia -d authelia"),
        "x-media": {
            "part_of": "authelia",
            "family": "rootless",
            "egress": "none",
            "listens": [5432],
            "state": ["state/authelia-postgres"],
            "limits": {"memory": settings["authelia_postgres_memory"], "cpus": settings["authelia_postgres_cpus"]},
        },
    }


def _health(command: str) -> dict[str, Any]:
    return {
        "test": ["CMD-SHELL", command],
        "interval": "30s",
        "timeout": "5s",
        "retries": 3,
        "start_period": "60s",
        "start_interval": "1s",
    }


def todo(settings: Settings) -> list[dict[str, str]]:
    """Return what is left for a person to do, each with the service that it is about."""
    if settings["authelia_notifier"] == "smtp":
        return []
    text = (
        "authelia_notifier is file: the code that a person needs to register a device, and the link for a new"
        f" password, are in {settings['media_root']}/state/authelia/notification.txt, the last one only"
    )
    return [{"service": "authelia", "text": text}]

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings of the stand-in for Miniflux, from the environment, as upstream checks them."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FLAGS = ("RUN_MIGRATIONS", "CREATE_ADMIN", "METRICS_COLLECTOR", "AUTH_PROXY_USER_CREATION")
FROM_FILES = ("DATABASE_URL", "ADMIN_USERNAME", "ADMIN_PASSWORD")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Problem(Exception):
    """What ends the start."""


@dataclass(frozen=True)
class Settings:
    """What the stand-in needs of them."""

    database: str
    username: str
    password: str
    flags: frozenset[str]
    listen: tuple[str, int]
    metrics_from: tuple[Network, ...]
    header: str
    trusted: tuple[Network, ...]


def load(environment: Mapping[str, str]) -> Settings:
    """Return the settings; Problem tells what is wrong with one."""
    text = {name: _from_file(environment, name) for name in FROM_FILES}
    header = environment.get("AUTH_PROXY_HEADER", "")
    trusted = _networks(environment, "TRUSTED_REVERSE_PROXY_NETWORKS", "")
    if header and not trusted:
        raise Problem("TRUSTED_REVERSE_PROXY_NETWORKS must be configured when AUTH_PROXY_HEADER is used")
    address, _colon, port = environment.get("LISTEN_ADDR", "127.0.0.1:8080").rpartition(":")
    return Settings(
        database=text["DATABASE_URL"],
        username=text["ADMIN_USERNAME"],
        password=text["ADMIN_PASSWORD"],
        flags=frozenset(name for name in FLAGS if _flag(environment, name)),
        listen=(address, int(port)),
        metrics_from=_networks(environment, "METRICS_ALLOWED_NETWORKS", "127.0.0.1/8"),
        header=header,
        trusted=trusted,
    )


def _from_file(environment: Mapping[str, str], name: str) -> str:
    if f"{name}_FILE" not in environment:
        return environment.get(name, "")
    try:
        return Path(environment[f"{name}_FILE"]).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Problem(f"{name}_FILE: {error}") from error


def _flag(environment: Mapping[str, str], name: str) -> bool:
    value = environment.get(name, "0").lower()
    if value not in ("1", "yes", "true", "on", "0", "no", "false", "off"):
        raise Problem(f"{name}: invalid boolean value: {value!r}")
    return value in ("1", "yes", "true", "on")


def _networks(environment: Mapping[str, str], name: str, default: str) -> tuple[Network, ...]:
    listed = [text.strip() for text in environment.get(name, default).split(",") if text.strip()]
    try:
        return tuple(ipaddress.ip_network(text, strict=False) for text in listed)
    except ValueError as error:
        raise Problem(f"{name}: {error}") from error


def within(peer: str, networks: tuple[Network, ...]) -> bool:
    """Tell whether an address is in one of the networks."""
    address = ipaddress.ip_address(peer.removeprefix("::ffff:"))
    return any(address in network for network in networks if network.version == address.version)

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses as the configuration has them: tcp://host:port/path."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def host_and_port(address: str, port: int) -> tuple[str, int]:
    """Return host and port; an empty host means every address of the machine."""
    parts = _parts(address)
    return parts.hostname or "", parts.port if parts.port is not None else port


def path_of(address: str) -> str:
    return _parts(address).path


def scheme_of(address: str, otherwise: str) -> str:
    return address.partition("://")[0] if "://" in address else otherwise


def _parts(address: str) -> SplitResult:
    return urlsplit(address if "://" in address else f"tcp://{address}")

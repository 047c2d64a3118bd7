# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ssl

import pytest

from tests.bed import registry
from tests.bed.registry import repository


@pytest.mark.parametrize(
    ("upstream", "expected"),
    [
        ("docker.io/redis:8-alpine", "library/redis:8-alpine"),
        ("redis", "library/redis:latest"),
        ("qmcgaw/gluetun:v3.41.3", "qmcgaw/gluetun:v3.41.3"),
        ("docker.io/qmcgaw/gluetun:v3.41.3", "qmcgaw/gluetun:v3.41.3"),
        ("lscr.io/linuxserver/nzbget:v26.2-ls254", "linuxserver/nzbget:v26.2-ls254"),
        ("ghcr.io/a/b", "a/b:latest"),
        ("localhost:5000/x:1", "x:1"),
    ],
)
def test_names_resolve_as_docker_resolves_them(upstream: str, expected: str) -> None:
    assert repository(upstream) == expected


def test_only_what_the_registry_does_not_hold_is_pushed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(registry, "docker", lambda *words: asked.append(words))
    monkeypatch.setattr(registry, "held", lambda _door, path, tag: {"library/redis:8": "sha256:a"}[f"{path}:{tag}"])
    door = registry._Door("127.0.0.1:5000", ssl.create_default_context())
    assert not registry._push(door, "media-bed/redis", "sha256:a", "docker.io/redis:8")
    assert asked == []
    assert registry._push(door, "media-bed/redis", "sha256:b", "docker.io/redis:8")
    name = "127.0.0.1:5000/library/redis:8"
    assert asked == [("tag", "media-bed/redis", name), ("push", "--quiet", name), ("rmi", name)]

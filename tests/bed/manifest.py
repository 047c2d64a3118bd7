# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""tests/images/images.toml: what the bed builds, checked and typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomllib

from tests.bed.shell import ROOT, BedError

IMAGES = ROOT / "tests" / "images"
MANIFEST = IMAGES / "images.toml"


@dataclass(frozen=True)
class Image:
    """One image. Exactly one of `suite` and `base` is set."""

    key: str
    about: str
    stand_in: bool
    directory: str
    suite: str = ""
    base: str = ""
    upstream: str = ""
    optional: bool = False
    args: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its name on the outer engine."""
        return f"media-bed/{self.key}"


def parse(text: str) -> dict[str, Image]:
    """Return the images by key; tell everything that is wrong with the manifest at once."""
    tables: dict[str, dict[str, Any]] = tomllib.loads(text)
    images: dict[str, Image] = {}
    wrong: list[str] = []
    known = set(Image.__dataclass_fields__) - {"key"}
    for key, table in tables.items():
        wrong += [f"{key}.{name}: unknown. Known: {', '.join(sorted(known))}" for name in table.keys() - known]
        wrong += [f"{key}.{name}: missing" for name in ("about", "stand_in") if name not in table]
        if bool(table.get("suite")) == bool(table.get("base")):
            wrong.append(f"{key}: needs either a suite (a base image) or a base (an image of this file), not both")
        elif table.get("base") and table["base"] not in tables:
            wrong.append(f"{key}.base: no image {table['base']!r} in this file")
        if not any(line.startswith(f"{key}.") or line.startswith(f"{key}:") for line in wrong):
            images[key] = Image(key=key, **{"directory": key, **table})
    wrong += [f"{key}.base: goes round in a circle" for key in images if not wrong and _circular(images, key)]
    if wrong:
        raise BedError("images.toml is wrong:\n  " + "\n  ".join(wrong))
    return images


def _circular(images: dict[str, Image], key: str) -> bool:
    seen: set[str] = set()
    while key and key not in seen:
        seen.add(key)
        key = images[key].base
    return bool(key)


def load(path: Path = MANIFEST) -> dict[str, Image]:
    """Return the images of the project's manifest."""
    return parse(path.read_text())


def wanted(images: dict[str, Image], asked: list[str]) -> list[list[Image]]:
    """Return what to build, in rounds: each round needs only images of the rounds before it.

    With nothing asked for: all that is not optional. The bases of what is wanted come along.
    """
    for key in asked:
        if key not in images:
            raise BedError(f"{key}: no such image. There are: {', '.join(images)}")
    chosen = set(asked) or {key for key, image in images.items() if not image.optional}
    for key in list(chosen):
        while key := images[key].base:
            chosen.add(key)
    rounds: list[list[Image]] = []
    for key in images:
        if key in chosen:
            depth = _depth(images, key)
            rounds += [[] for _each in range(depth + 1 - len(rounds))]
            rounds[depth].append(images[key])
    return rounds


def _depth(images: dict[str, Image], key: str) -> int:
    base = images[key].base
    return _depth(images, base) + 1 if base else 0

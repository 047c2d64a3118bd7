# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every default image is pinned to a version, and an update bot can find it and tell a newer one."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
BOT = json.loads((ROOT / "renovate.json").read_text(encoding="utf-8"))
DEFAULTS, SPECIFICATIONS, *_OTHERS = BOT["customManagers"]
IMAGES = {
    name: (path, value)
    for path in sorted((ROOT / "roles").glob("*/defaults/main.yml"))
    for name, value in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items()
    # One that a person has to name, because it is made of this very project, is empty.
    if name.endswith("_image") and value
}

#: Those of which upstream publishes no version. Each says so to whoever reads its default; there are to be no more.
MOVING = {"arr_bookshelf_image", "arr_readarr_image", "portal_monitorr_image", "portal_organizr_image"}
VERSION = re.compile(r"v?\d+(\.\d+)+(-[a-z]+)?")


def python(pattern: str) -> re.Pattern[str]:
    """Return a pattern of the bot's as Python writes it."""
    return re.compile(pattern.replace("(?<", "(?P<"))


def split(image: str) -> tuple[str, str, str]:
    name, _at, digest = image.partition("@")
    repository, _colon, tag = name.rpartition(":")
    return repository, tag, digest


def versioning(name: str) -> str:
    """Return how the bot tells versions of an image apart: what the last rule that is about it says."""
    found = "docker"
    for rule in BOT["packageRules"]:
        if any(re.fullmatch(re.escape(one).replace(r"\*\*", ".*"), name) for one in rule["matchPackageNames"]):
            found = rule.get("versioning", found)
    return found


def test_there_are_images() -> None:
    assert len(IMAGES) > 20
    assert set(IMAGES) >= MOVING


def markers(text: str) -> dict[str, dict[str, str]]:
    """Return what the bot finds in a file of defaults, by the name of the variable."""
    pattern = python(DEFAULTS["matchStrings"][0])
    found = {}
    for match in pattern.finditer(text):
        name = match[0].splitlines()[1].partition(":")[0]
        found[name] = {key: value for key, value in match.groupdict().items() if value}
    return found


@pytest.mark.parametrize("name", sorted(IMAGES))
def test_the_bot_finds_every_default_image(name: str) -> None:
    path, value = IMAGES[name]
    repository, tag, digest = split(value)
    found = markers(path.read_text(encoding="utf-8"))
    assert name in found, "the line above needs: # renovate: datasource=docker depName=" + repository
    expected = {"datasource": "docker", "depName": repository, "currentValue": tag}
    assert found[name] == {**expected, **({"currentDigest": digest} if digest else {})}


@pytest.mark.parametrize("name", sorted(IMAGES))
def test_every_default_image_is_pinned_to_a_version(name: str) -> None:
    repository, tag, digest = split(IMAGES[name][1])
    kind = versioning(repository)
    if name in MOVING:
        assert kind == "docker"
        assert digest or not VERSION.fullmatch(tag)
    elif kind == "docker":
        assert VERSION.fullmatch(tag), f"{tag} is no version"
    else:
        assert python(kind.removeprefix("regex:")).fullmatch(tag), f"the bot cannot read {tag}"


@pytest.mark.parametrize("name", sorted(MOVING))
def test_what_has_no_version_says_so_and_gets_a_digest(name: str) -> None:
    path, value = IMAGES[name]
    text = path.read_text(encoding="utf-8")
    above = text[: text.index(f"\n{name}:")].rpartition("\n\n")[2]
    assert re.search("digest|given up|no version|moves", above), "say above it that the tag moves"
    (rule,) = [rule for rule in BOT["packageRules"] if rule.get("pinDigests")]
    assert split(value)[0] in rule["matchPackageNames"]


def test_the_bot_looks_at_every_role() -> None:
    for manager, part in ((DEFAULTS, "defaults/main.yml"), (SPECIFICATIONS, "meta/argument_specs.yml")):
        (pattern,) = manager["managerFilePatterns"]
        files = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "roles").glob(f"*/{part}"))]
        assert files
        assert [file for file in files if not re.search(pattern.strip("/"), file)] == []


@pytest.mark.parametrize("name", sorted(IMAGES))
def test_the_bot_changes_the_default_in_the_specification_too(name: str) -> None:
    """Two copies of a default that differ are an error here, so that both have to go together."""
    path, value = IMAGES[name]
    text = (path.parents[1] / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    own = text[text.index(f" {name}:") :]
    found = python(SPECIFICATIONS["matchStrings"][0]).search(own)
    assert found is not None
    assert (found["depName"], found["currentValue"]) == split(value)[:2]
    assert own.index(found[0]) < len(f" {name}:")


def test_the_control_a_marker_for_another_image_or_in_another_place_is_no_match() -> None:
    right = "# renovate: datasource=docker depName=docker.io/a/b\nx_image: docker.io/a/b:1.0\n"
    assert markers(right)["x_image"]["currentValue"] == "1.0"
    assert markers(right.replace("\nx_image", "\n\nx_image")) == {}
    assert markers(right.replace("# renovate: ", "# ")) == {}
    assert markers(right.replace("b:1.0", "b:1.0@sha256:" + "a" * 64))["x_image"]["currentDigest"]
    assert not VERSION.fullmatch("latest")
    assert not VERSION.fullmatch("8-alpine")

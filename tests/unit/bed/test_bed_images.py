# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import shlex
import tarfile
from pathlib import Path

import pytest

from tests.bed import images
from tests.bed.manifest import Image


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(images, "IMAGES", tmp_path)
    for name in ("base", "app"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Dockerfile").write_text(f"# {name}\n")
    return tmp_path


def hash_of_app(upstream: str = "") -> str:
    base = Image(key="base", about="", stand_in=False, directory="base", suite="trixie")
    app = Image(key="app", about="", stand_in=False, directory="app", base="base", upstream=upstream)
    return images.content_hash({"base": base, "app": app}, "app")


def test_the_hash_follows_content_mode_entry_and_base_and_nothing_else(tree: Path) -> None:
    first = hash_of_app()
    assert hash_of_app() == first
    assert hash_of_app("docker.io/x:1") != first
    seen = {first}
    for change in (
        lambda: (tree / "app" / "Dockerfile").write_text("# changed\n"),
        lambda: (tree / "app" / "Dockerfile").chmod(0o755),
        lambda: (tree / "app" / "more").write_text(""),
        lambda: (tree / "base" / "Dockerfile").write_text("# changed\n"),
    ):
        change()
        assert hash_of_app() not in seen
        seen.add(hash_of_app())
    (tree / "app" / "__pycache__").mkdir()
    (tree / "app" / "__pycache__" / "x.pyc").write_text("")
    assert hash_of_app() in seen


def test_the_context_is_the_same_whatever_the_checkouts_modes_and_times(tree: Path) -> None:
    file = tree / "app" / "Dockerfile"
    file.chmod(0o600)
    first = images.context(tree / "app")
    file.chmod(0o664)
    file.touch()
    assert images.context(tree / "app") == first


def test_only_a_dockerfile_that_names_it_gets_the_certificates(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = tree / "bundle.pem"
    bundle.write_text("certificates")
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))

    def names() -> list[str]:
        return tarfile.open(fileobj=io.BytesIO(images.context(tree / "app"))).getnames()

    assert names() == ["Dockerfile"]
    (tree / "app" / "Dockerfile").write_text("COPY .bed/ca.pem /tmp/ca.pem\n")
    assert names() == [".bed/ca.pem", "Dockerfile"]


def test_a_base_image_is_made_from_a_clone_with_a_space_in_its_path(tmp_path: Path) -> None:
    directory = tmp_path / "a clone" / "base"
    command = images.bootstrap_command(directory, "trixie", tmp_path / "a clone" / "x.tar", "http://mirror.test/debian")
    hook = next(word for word in command if "copy-in" in word)
    assert shlex.split(hook.partition("=")[2]) == ["copy-in", f"{directory}/bed-install", "/usr/local/sbin"]
    assert command[-3:] == ["trixie", f"{tmp_path}/a clone/x.tar", "deb http://mirror.test/debian trixie main"]


def test_the_stages_of_a_dockerfile_are_known(tree: Path) -> None:
    (tree / "app" / "Dockerfile").write_text(
        "ARG BASE\nFROM ${BASE} AS compiled\nRUN x\nFROM ${BASE}\nCOPY --from=compiled x x\n"
    )
    assert images.stages(tree / "app") == ["compiled"]
    assert images.stages(tree / "base") == []

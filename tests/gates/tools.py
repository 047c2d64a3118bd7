# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the gates work, and how they run a tool: nothing is written outside build/."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "gates"
HOME = BUILD / "home"
TOOLS = ROOT / ".venv" / "bin"
NAMESPACE, NAME = "homelab", "media"
SETTINGS = {
    "NO_COLOR": "1",
    # Compiled once and not by each of the many processes that ansible-lint starts; the environment comes uncompiled.
    "PYTHONPYCACHEPREFIX": str(BUILD / "pycache"),
    # Git would not look into a clone that belongs to somebody else, such as the one who called this with sudo.
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*",
}


class GateFailed(Exception):
    """A gate did not pass; the text is what a person needs to put it right."""


def run(*command: str | Path, cwd: Path = ROOT, **variables: str) -> str:
    """Run a tool of the virtual environment and return all that it printed, or raise with it."""
    words = [str(word) for word in command]
    tool = TOOLS / words[0]
    if tool.exists():
        words[0] = str(tool)
    done = subprocess.run(
        words,
        cwd=cwd,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise GateFailed(f"$ {' '.join(map(str, command))}\n{done.stdout}(exit code {done.returncode})")
    return done.stdout


def environment(**variables: str) -> dict[str, str]:
    """Return an environment whose home is in build/, so that the tools' caches and settings are, too."""
    HOME.mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "XDG_", "PYTHON"))}
    path = os.pathsep.join([str(TOOLS), os.environ.get("PATH", os.defpath)])
    return {**kept, **SETTINGS, "HOME": str(HOME), "PATH": path, **variables}


def fresh(name: str) -> Path:
    """Return an empty folder for a gate to work in."""
    folder = BUILD / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def tracked() -> list[Path]:
    """Return the files that are in the repository, or would be with the next commit, without the collection's links."""
    listed = run(
        "git",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        "--",
        ".",
        ":!collections/ansible_collections",
    )
    return sorted({Path(name) for name in listed.split("\0") if name and (ROOT / name).exists()})


def export(folder: Path) -> Path:
    """Copy the tree to where Ansible's own tools want it: .../ansible_collections/NAMESPACE/NAME."""
    root = folder / "ansible_collections" / NAMESPACE / NAME
    for name in tracked():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target, follow_symlinks=False)
    return root

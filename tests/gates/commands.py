# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gates that are one command, or a few."""

from __future__ import annotations

import shutil
import subprocess

from tests.gates.tools import ROOT, run

# The oldest Python that a managed host may have.
OLDEST = (3, 9)

ANSIBLE_LINT = ("ansible-lint", "--offline", "--profile", "production", "-q")

# What has types. The unit tests are free to go without.
PACKAGES = (
    "ansible_collections.homelab.media.plugins",
    "roles.host.files.collector",
    "tests.bed",
    "tests.bench",
    "tests.gates",
    "tests.handbook",
    "tests.trials",
    "tests.whole",
)


def changelog() -> str:
    run("antsibull-changelog", "lint")
    return ""


def ruff() -> str:
    run("ruff", "check", "--no-cache", ".")
    return ""


def style() -> str:
    run("ruff", "format", "--no-cache", "--check", ".")
    return ""


def mypy() -> str:
    cache = ROOT / "build" / "gates" / "mypy"
    return run(
        "mypy", "--cache-dir", cache, *(word for package in PACKAGES for word in ("-p", package)),
        MYPYPATH="collections:.",
    ).strip()  # fmt: skip


def oldest_python() -> str:
    """Compile what runs on a managed host with the oldest Python that it may have, where this machine has that."""
    python = _find_python(OLDEST)
    if python is None:
        return f"no Python {OLDEST[0]}.{OLDEST[1]} here; the gate ruff knows its syntax"
    folders = ("plugins/modules", "plugins/module_utils", "roles/host/files/collector")
    files = [str(path) for folder in folders for path in sorted((ROOT / folder).glob("*.py"))]
    script = "import sys\nfor name in sys.argv[1:]:\n    compile(open(name, 'rb').read(), name, 'exec')\n"
    run(python, "-c", script, *files)
    return f"{len(files)} files with {python}"


def docs() -> str:
    run("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--skip-rstcheck", ".")
    return ""


def ansible_lint() -> str:
    """All but the scenarios, which take longer than the rest."""
    run(*ANSIBLE_LINT, "--exclude", "molecule")
    return ""


def scenarios() -> str:
    run(*ANSIBLE_LINT, "molecule")
    return ""


def _find_python(version: tuple[int, int]) -> str | None:
    """Return a Python of exactly this version; a name on the path may be a shim that leads nowhere."""
    name = shutil.which(f"python{version[0]}.{version[1]}")
    if name is None:
        return None
    script = "import sys; sys.exit(sys.version_info[:2] != tuple(map(int, sys.argv[1:])))"
    done = subprocess.run([name, "-c", script, *map(str, version)], capture_output=True, check=False)
    return name if done.returncode == 0 else None

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ansible-test sanity, on an exported tree and with all that it keeps below build/."""

from __future__ import annotations

import ast
import configparser
import os
import re
import shutil
import sys

from tests.gates.tools import HOME, GateFailed, export, fresh, run

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

# ansible-test downloads this script for the environments of its own, from where not every machine can; Python brings a
# pip as well. The name holds the version that the pinned ansible-core asks for.
GET_PIP = "get_pip_24_2.py"
# Far fewer than there are, and more than it runs when it finds nothing to look at.
FEWEST_TESTS = 20
GET_PIP_TEXT = "import ensurepip\n\nensurepip.bootstrap()\n"


def sanity() -> str:
    """Run all sanity tests; there is no list of exceptions."""
    _prepare_home()
    root = export(fresh("sanity"))
    # Programs for other machines, with the shells and the Python of those.
    shutil.rmtree(root / "tests" / "images", ignore_errors=True)
    # A repository of its own, or ansible-test finds the one around it, which ignores all that is below build/.
    run("git", "init", "--quiet", cwd=root)
    # What would be written beside the sources would be looked at as one.
    settings = {"PYTHONDONTWRITEBYTECODE": "1"}
    try:
        told = run("ansible-test", "sanity", "--local", "--python", PYTHON, "--color", "no", cwd=root, **settings)
    except GateFailed as failure:
        raise GateFailed(_findings(str(failure))) from None
    tests = len(re.findall(r"^Running sanity test ", told, re.MULTILINE))
    if tests < FEWEST_TESTS:
        raise GateFailed(f"{told}only {tests} sanity tests were run: they did not see the collection")
    return f"{tests} tests with Python {PYTHON}"


def _findings(told: str) -> str:
    """Leave out what pip told of the tests' own environments; where no finding is left, that was the fault."""
    lines = [line for line in told.splitlines() if line.startswith(("ERROR:", "FATAL:", "$ "))]
    return "\n".join(lines) if len(lines) > 1 else told


def _prepare_home() -> None:
    cache = HOME / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    (cache / GET_PIP).write_text(GET_PIP_TEXT, encoding="utf-8")
    settings = HOME / ".config" / "pip" / "pip.conf"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.touch(mode=0o600)
    with settings.open("w", encoding="utf-8") as file:
        _pip_settings().write(file)


def _pip_settings() -> configparser.RawConfigParser:
    """Return this machine's settings of pip, also those in variables, which ansible-test does not pass on."""
    settings = configparser.RawConfigParser()
    listed = run("pip", "config", "list", HOME=os.environ.get("HOME", str(HOME)))
    for line in listed.splitlines():
        name, _equals, quoted = line.partition("=")
        section, _dot, key = name.rpartition(".")
        section = "global" if section == ":env:" else section
        if not settings.has_section(section):
            settings.add_section(section)
        settings.set(section, key, str(ast.literal_eval(quoted)).replace("\n", "\n  "))
    return settings

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Galaxy would say of the archive: its own importer, in the environment of all other tools, offline."""

from __future__ import annotations

import json
from pathlib import Path

from tests.gates import package
from tests.gates.tools import GateFailed, fresh, run

# What it leaves out: ansible-lint and flake8, because the gates ansible-lint and ruff are stricter and see the whole
# tree, and ansible-test, which is the gate sanity.
SETTINGS = """\
[galaxy-importer]
run_ansible_doc = true
check_changelog = true
check_required_tags = true
run_ansible_lint = false
run_flake8 = false
run_ansible_test = false
log_level_main = INFO
"""


def importer() -> str:
    """Let Galaxy's importer read the archive; whatever it warns of is a failure."""
    folder = fresh("importer")
    return imported(package.build(folder), folder)


def imported(archive: Path, folder: Path) -> str:
    """Import an archive, with all that the importer writes in the folder."""
    settings = folder / "galaxy-importer.cfg"
    settings.write_text(SETTINGS, encoding="utf-8")
    place = {"GALAXY_IMPORTER_CONFIG": str(settings), "TMPDIR": str(folder)}
    told = run("python", "-m", "galaxy_importer.main", archive, cwd=folder, **place)
    result = folder / "importer_result.json"
    complaints = [line for line in told.splitlines() if line.startswith(("WARNING", "ERROR", "CRITICAL"))]
    # Where it gives up on an archive it says so, and ends as if all were well.
    if complaints or not result.exists():
        raise GateFailed("\n".join(complaints) or told)
    contents = json.loads(result.read_text(encoding="utf-8"))["contents"]
    if not contents:
        raise GateFailed(f"{told}{archive.name} has no content: the importer did not see it")
    return f"{len(contents)} contents of {archive.name}"

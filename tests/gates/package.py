# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as a person gets it: built, installed into an empty place, and its playbooks read from there."""

from __future__ import annotations

import tarfile
from pathlib import Path

from tests.gates.tools import NAME, NAMESPACE, ROOT, GateFailed, export, fresh, run

# What a collection is made of; anything else in the archive is there by mistake.
ALLOWED = {
    "CHANGELOG.rst", "FILES.json", "LICENSE", "MANIFEST.json", "README.md", "changelogs", "docs", "meta", "playbooks",
    "plugins", "roles",
}  # fmt: skip


def package() -> str:
    """Build the archive, look into it, install it, and check the syntax of every playbook that it brings."""
    folder = fresh("package")
    source = export(folder / "source")
    run("ansible-galaxy", "collection", "build", "--output-path", folder, cwd=source)
    archive = next(folder.glob("*.tar.gz"))
    _look_into(archive)
    installed = folder / "installed"
    place = {"ANSIBLE_COLLECTIONS_PATH": str(installed), "ANSIBLE_LOCALHOST_WARNING": "false"}
    run(
        "ansible-galaxy",
        "collection",
        "install",
        "--no-deps",
        "--collections-path",
        installed,
        archive,
        cwd=folder,
        **place,
    )
    playbooks = sorted((installed / "ansible_collections" / NAMESPACE / NAME / "playbooks").glob("*.yml"))
    if not playbooks:
        raise GateFailed(f"{archive.name} brings no playbook")
    for playbook in playbooks:
        name = f"{NAMESPACE}.{NAME}.{playbook.stem}"
        run("ansible-playbook", "--syntax-check", "--inventory", "localhost,", name, cwd=folder, **place)
    return f"{archive.name}, {archive.stat().st_size // 1024} kB, {len(playbooks)} playbooks"


def _look_into(archive: Path) -> None:
    with tarfile.open(archive) as opened:
        names = opened.getnames()
    stray = sorted({Path(name).parts[0] for name in names if name != "."} - ALLOWED)
    if stray:
        raise GateFailed(f"galaxy.yml lets into the archive what is no part of a collection: {', '.join(stray)}")
    wanted = {str(path.relative_to(ROOT)) for path in (ROOT / "plugins").rglob("*.py")}
    missing = sorted(wanted - set(names))
    if missing:
        raise GateFailed(f"the archive lacks {', '.join(missing)}")

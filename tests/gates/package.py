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
    archive = build(folder)
    look_into(archive)
    checked = check_playbooks(install(archive, folder))
    return f"{archive.name}, {archive.stat().st_size // 1024} kB, {checked} playbooks"


def build(folder: Path) -> Path:
    """Build the archive in a folder, of what is in the repository."""
    source = export(folder / "source")
    run("ansible-galaxy", "collection", "build", "--output-path", folder, cwd=source)
    return next(folder.glob("*.tar.gz"))


def install(archive: Path, folder: Path) -> Path:
    """Install the archive into a place with nothing else in it; what it depends on comes with Ansible."""
    place = folder / "installed"
    place.mkdir()
    words = ("collection", "install", "--offline", "--no-deps", "--collections-path", place, archive)
    run("ansible-galaxy", *words, cwd=folder, ANSIBLE_COLLECTIONS_PATH=str(place))
    return place


def check_playbooks(place: Path) -> int:
    """Check the syntax of every playbook by its full name, as a person calls it who has installed the collection."""
    playbooks = sorted((place / "ansible_collections" / NAMESPACE / NAME / "playbooks").glob("*.yml"))
    if not playbooks:
        raise GateFailed("the archive brings no playbook")
    settings = {"ANSIBLE_COLLECTIONS_PATH": str(place), "ANSIBLE_LOCALHOST_WARNING": "false"}
    for playbook in playbooks:
        name = f"{NAMESPACE}.{NAME}.{playbook.stem}"
        # Beside the place, where no ansible.cfg and no roles of the clone are found.
        run("ansible-playbook", "--syntax-check", "--inventory", "localhost,", name, cwd=place.parent, **settings)
    return len(playbooks)


def look_into(archive: Path) -> None:
    """Refuse an archive with something in it that is no part of a collection, or without a part of this one."""
    with tarfile.open(archive) as opened:
        names = opened.getnames()
    stray = sorted({Path(name).parts[0] for name in names if name != "."} - ALLOWED)
    if stray:
        raise GateFailed(f"galaxy.yml lets into the archive what is no part of a collection: {', '.join(stray)}")
    wanted = {str(path.relative_to(ROOT)) for path in (ROOT / "plugins").rglob("*.py")}
    missing = sorted(wanted - set(names))
    if missing:
        raise GateFailed(f"the archive lacks {', '.join(missing)}")

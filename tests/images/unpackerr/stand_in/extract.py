# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the download client left packed, unpacked by the real 7-Zip, with the modes that were told."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

#: First volumes and single archives. Of the others of a set, nothing is to be done.
_ARCHIVE = re.compile(r"\.(zip|7z|7z\.001|tar|tar\.gz|tgz)$", re.IGNORECASE)
SUFFIX = "_unpackerred"

#: Debian 12 and 13 call the same program by different names.
SEVEN_ZIP = shutil.which("7z") or "7zz"


class ExtractError(Exception):
    """An archive that could not be unpacked."""


def archives(folder: Path) -> list[Path]:
    """Return the archives of a download, wherever in it they are."""
    if folder.is_file():
        return [folder] if _ARCHIVE.search(folder.name) else []
    return sorted(path for path in folder.rglob("*") if path.is_file() and _ARCHIVE.search(path.name))


def extract(folder: Path, file_mode: int, dir_mode: int) -> list[Path]:
    """Unpack every archive beside itself; return the files that this made."""
    made: list[Path] = []
    for archive in archives(folder):
        made += _extract_one(archive, file_mode, dir_mode)
    return made


def _extract_one(archive: Path, file_mode: int, dir_mode: int) -> list[Path]:
    scratch = archive.parent / f"{archive.name}{SUFFIX}"
    try:
        scratch.mkdir()
        command = [SEVEN_ZIP, "x", "-y", "-bd", f"-o{scratch}", str(archive)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise ExtractError(f"{archive.name}: {' '.join((done.stderr or done.stdout).split())[-300:]}")
        return _moved(scratch, archive.parent, file_mode, dir_mode)
    except OSError as error:
        raise ExtractError(f"{archive.name}: {error}") from None
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _moved(scratch: Path, target: Path, file_mode: int, dir_mode: int) -> list[Path]:
    made = []
    for source in sorted(path for path in scratch.rglob("*") if path.is_file() and not path.is_symlink()):
        place = target / source.relative_to(scratch)
        for parent in reversed(place.relative_to(target).parents[:-1]):
            if not (target / parent).exists():
                (target / parent).mkdir()
                (target / parent).chmod(dir_mode)
        if place.exists():
            continue
        source.chmod(file_mode)
        shutil.move(source, place)
        made.append(place)
    return made

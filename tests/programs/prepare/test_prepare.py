# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""tests/prepare.sh on a machine that has only what a test gives it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bed.shell import ROOT

TOOLS = ("sh", "dirname", "cksum", "head", "tail", "cat", "id", "mkdir", "chmod")

APT_GET = """#!/bin/sh
echo "$@" >>"{log}"
for word in "$@"; do
    case $word in
        well-behaved) printf '#!/bin/sh\\n' >"{programs}/well-behaved" && chmod +x "{programs}/well-behaved" ;;
        unknown) echo "E: Unable to locate package unknown" >&2; exit 100 ;;
    esac
done
"""


@dataclass(frozen=True)
class Machine:
    """A clone with a space in its path, and the programs that there are."""

    clone: Path
    programs: Path

    @property
    def apt_log(self) -> Path:
        return self.programs.parent / "apt.log"

    def prepare(self, *packages: str) -> subprocess.CompletedProcess[str]:
        words = ["sh", str(self.clone / "tests" / "prepare.sh"), ".venv"]
        if packages:
            (self.clone / "packages.txt").write_text("".join(f"{name}\n" for name in packages))
            words.append("packages.txt")
        # Without a home, and from another folder.
        environment = {"PATH": str(self.programs)}
        return subprocess.run(words, env=environment, cwd="/", capture_output=True, text=True, check=False)

    def has_apt(self) -> None:
        apt = self.programs / "apt-get"
        apt.write_text(APT_GET.format(log=self.apt_log, programs=self.programs))
        apt.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path / "a clone", tmp_path / "programs")
    (made.clone / "tests").mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "prepare.sh", made.clone / "tests")
    (made.clone / "requirements.txt").write_text("# nothing\n")
    made.programs.mkdir()
    for tool in TOOLS:
        (made.programs / tool).symlink_to(str(shutil.which(tool)))
    (made.programs / "python3").symlink_to(sys.executable)
    return made


@pytest.fixture
def ready(machine: Machine) -> Machine:
    """A machine whose environment is up to date, without the seconds that a real one takes."""
    python = machine.clone / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    version = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout
    wanted = (machine.clone / "requirements.txt").read_text()
    content = subprocess.run(["cksum"], input=wanted, capture_output=True, text=True, check=True).stdout
    (machine.clone / ".venv" / "ready").write_text(f"{machine.clone}\n{version}{content}")
    return machine


def test_the_environment_is_made_once_and_follows_requirements_and_folder(machine: Machine, tmp_path: Path) -> None:
    first = machine.prepare()
    assert (first.returncode, first.stderr) == (0, "")
    assert "requirements.txt" in first.stdout
    stamp = machine.clone / ".venv" / "ready"
    made = stamp.stat().st_mtime_ns

    again = machine.prepare()
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert stamp.stat().st_mtime_ns == made

    (machine.clone / "requirements.txt").write_text("# nothing at all\n")
    assert "requirements.txt" in machine.prepare().stdout

    moved = Machine(machine.clone.rename(tmp_path / "moved"), machine.programs)
    assert "requirements.txt" in moved.prepare().stdout
    pip = subprocess.run([moved.clone / ".venv/bin/pip", "--version"], capture_output=True, text=True, check=True)
    assert str(moved.clone) in pip.stdout


def test_where_all_is_there_nothing_is_said_or_installed(ready: Machine) -> None:
    ready.has_apt()
    done = ready.prepare("cat", "head")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not ready.apt_log.exists()


def test_what_is_missing_is_installed_after_one_update(ready: Machine) -> None:
    ready.has_apt()
    done = ready.prepare("cat", "well-behaved")
    assert (done.returncode, done.stdout) == (0, "prepare: Debian packages: well-behaved\n")
    update, install = ready.apt_log.read_text().splitlines()
    assert update == "update"
    assert install.startswith("install -y --no-install-recommends ")
    assert install.endswith(" well-behaved")
    ready.prepare("cat", "well-behaved")
    assert len(ready.apt_log.read_text().splitlines()) == 2


def test_a_package_that_cannot_be_installed_is_told_with_what_apt_said(ready: Machine) -> None:
    ready.has_apt()
    done = ready.prepare("unknown")
    assert done.returncode == 1
    assert "E: Unable to locate package unknown" in done.stderr
    assert done.stderr.endswith("prepare: these Debian packages could not be installed: unknown\n")


def test_another_system_is_told_what_is_missing(ready: Machine) -> None:
    done = ready.prepare("cat", "well-behaved")
    assert done.returncode == 1
    assert "no Debian machine" in done.stderr
    assert "names of the packages: well-behaved\n" in done.stderr


def test_another_system_that_has_everything_will_do(ready: Machine) -> None:
    assert ready.prepare("cat").returncode == 0


def test_a_plain_user_is_told_what_root_has_to_install(ready: Machine) -> None:
    ready.has_apt()
    (ready.programs / "id").unlink()
    (ready.programs / "id").write_text("#!/bin/sh\necho 1000\n")
    (ready.programs / "id").chmod(0o755)
    done = ready.prepare("well-behaved")
    assert done.returncode == 1
    assert "apt-get install well-behaved" in done.stderr
    assert not ready.apt_log.exists()

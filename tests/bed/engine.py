# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Docker Engine that answers on this machine: installed and started if need be, never replaced."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.bed.shell import BUILD, BedError, run, step, succeeds, wait_for

# What the bed itself runs on this machine.
PROGRAMS = {"dockerd": "docker.io", "iptables": "iptables", "ip": "iproute2", "mmdebstrap": "mmdebstrap"}


def ensure() -> None:
    """See that an engine answers and that the programs of the bed are here."""
    missing = [package for program, package in PROGRAMS.items() if not _installed(program)]
    if missing and not (missing == ["docker.io"] and answers()):
        with step("packages") as line:
            _install(missing)
            line.note = " ".join(missing)
    if not _installed("docker"):
        # From Debian 13 on the client is a package of its own.
        _install(["docker-cli"])
    with step("engine") as line:
        if not answers():
            _start()
            line.note = "started, "
        line.note += "version " + run(["docker", "version", "--format", "{{.Server.Version}}"]).strip()


def answers() -> bool:
    """Tell whether an engine answers the client."""
    return _installed("docker") and succeeds(["docker", "version", "--format", "{{.Server.Version}}"])


def _installed(program: str) -> bool:
    # A plain user's path may lack the folders where daemons live.
    return shutil.which(program) is not None or Path("/usr/sbin", program).exists()


def _install(packages: list[str]) -> None:
    if not shutil.which("apt-get"):
        raise BedError(f"{' '.join(packages)}: not installed, and there is no apt-get here to install them with")
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    log = BUILD / "log"
    run(["apt-get", "update"], env=env, log=log / "apt-update.log")
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    run(command, env=env, log=log / "apt-install.log")


def _start() -> None:
    if Path("/run/systemd/system").is_dir():
        run(["systemctl", "start", "docker"])
    else:
        log = BUILD / "log" / "dockerd.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as sink:
            # A session of its own, so that it outlives the command that needed it.
            subprocess.Popen(
                ["dockerd"], stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True, cwd="/"
            )
    try:
        wait_for("the Docker Engine answers", answers, seconds=60, every=0.2)
    except BedError as error:
        raise BedError(f"{error}. Look into build/bed/log/dockerd.log, or journalctl -u docker") from None

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts Fail2Ban and stays with it, because Fail2Ban by itself starts with all its logs or not at all.

A jail whose log or filter is not there is held back, and joins as soon as it is. New logs of a jail, such as that of
a new proxy host, are taken in. Rules that somebody flushed are written again. What was banned is kept in a file of
its own, which the jail for those who come back reads.
"""

from __future__ import annotations

import configparser
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import firewall
import server

LOOK_EVERY = float(os.environ.get("BANS_LOOK_EVERY", "5"))
JAILS = Path("/data/jail.d")
FILTERS = Path("/etc/fail2ban/filter.d")
#: Read after all jails, so that what it says holds.
HOLD = Path("/etc/fail2ban/jail.local")
HISTORY = Path("/data/log/bans.log")
HISTORY_SIZE = 1 << 20
FAIL2BAN = ["fail2ban-server", "-f", "-x", "start"]
SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}

Logs = dict[str, list[str]]


def look(folder: Path = JAILS, filters: Path = FILTERS) -> tuple[Logs, dict[str, str]]:
    """Return the logs of each jail that can start, and why the others cannot."""
    parser = configparser.RawConfigParser(strict=False)
    parser.read([*sorted(folder.glob("*.conf")), *sorted(folder.glob("*.local"))], encoding="utf-8")
    ready: Logs = {}
    held = {}
    for jail in parser.sections():
        options = parser[jail]
        if jail == "INCLUDES" or not options.getboolean("enabled", fallback=False):
            continue
        name = options.get("filter", jail).partition("[")[0].strip()
        paths = [line.split()[0] for line in options.get("logpath", "").splitlines() if line.strip()]
        found = sorted(str(file) for path in paths for file in Path("/").glob(path.lstrip("/")) if file.is_file())
        if not any((filters / f"{name}{ending}").exists() for ending in (".conf", ".local")):
            held[jail] = f"there is no filter {name}"
        elif paths and not found:
            held[jail] = f"no log yet: {' '.join(paths)}"
        else:
            ready[jail] = found
    return ready, held


def hold(held: dict[str, str], file: Path = HOLD) -> None:
    """Keep Fail2Ban from starting these jails."""
    file.write_text("".join(f"[{jail}]\nenabled = false\n" for jail in held), encoding="utf-8")
    for jail, reason in held.items():
        say(f"jail {jail} is held back ({reason})")


def say(text: str) -> None:
    print(f"start: {text}", flush=True)


class Follower(threading.Thread):
    """Passes on what Fail2Ban says, and keeps each ban."""

    def __init__(self, lines: IO[str], history: Path = HISTORY) -> None:
        super().__init__(daemon=True)
        self._lines = lines
        self._history = history

    def run(self) -> None:
        for line in self._lines:
            sys.stdout.write(line)
            sys.stdout.flush()
            if "] Ban " in line or "] Unban " in line:
                try:
                    self._keep(line)
                except OSError as error:
                    # Without a reader Fail2Ban would stop at its next word.
                    say(f"{self._history} cannot be written: {error}")

    def _keep(self, line: str) -> None:
        if self._history.exists() and self._history.stat().st_size > HISTORY_SIZE:
            self._history.replace(self._history.with_name(self._history.name + ".1"))
        with self._history.open("a", encoding="utf-8") as history:
            history.write(line)


class Keeper:
    """The running Fail2Ban, and what it was started with."""

    def __init__(self) -> None:
        HISTORY.parent.mkdir(parents=True, exist_ok=True)
        HISTORY.touch()
        self.known, held = look()
        self._before = self.known
        hold(held)
        self.process = subprocess.Popen(
            FAIL2BAN, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            preexec_fn=_unblock,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.follower = Follower(self.process.stdout)
        self.follower.start()

    def tend(self) -> None:
        """Look once at the logs, and at the rules."""
        try:
            server.ask("ping")
        except (OSError, RuntimeError):
            return  # it is starting; if it has ended, a signal tells
        self._reload_if_new()
        try:
            seen = firewall.see()
            banned = [pair for entry in server.ask("banned") for pair in entry.items()]
            wanted = [(jail, firewall.network(address)) for jail, addresses in banned for address in addresses]
            mended = firewall.repair(wanted, seen)
        except (OSError, RuntimeError, ValueError, firewall.FirewallError) as error:
            say(f"the rules cannot be compared: {error}")
            return
        if mended:
            say(f"{mended} bans were not as they should be in the kernel, and are put right")

    def _reload_if_new(self) -> None:
        """Let Fail2Ban take in the logs as they are, once they have been so for two looks: rotation takes a moment."""
        found, held = look()
        stable, self._before = found == self._before, found
        if found == self.known or not stable:
            return
        hold(held)
        say("the logs are others now: " + ", ".join(sorted(found)))
        done = subprocess.run(
            ["fail2ban-client", "reload"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, preexec_fn=_unblock, check=False,
        )  # fmt: skip
        if done.returncode == 0:
            self.known = found
        else:
            say(f"Fail2Ban did not take them, and is asked again: {done.stdout.strip()}")


def _unblock() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def reap(keeper: Keeper) -> int | None:
    """Take leave of every process that has ended; return Fail2Ban's code if it was among them."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return None
        if pid == 0:
            return None
        if pid == keeper.process.pid:
            return os.waitstatus_to_exitcode(status)


def main() -> int:
    """Stay until Fail2Ban ends."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    keeper = Keeper()
    while True:
        came = signal.sigtimedwait(SIGNALS, LOOK_EVERY)
        if came is None:
            keeper.tend()
        elif came.si_signo != signal.SIGCHLD:
            os.kill(keeper.process.pid, came.si_signo)
        code = reap(keeper)
        if code is not None:
            keeper.follower.join(timeout=5)
            return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())

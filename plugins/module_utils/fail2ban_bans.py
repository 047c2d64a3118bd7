# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is banned on this host, and letting them in again, by the program that runs beside Fail2Ban in its container."""

from __future__ import annotations

import ipaddress
import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.fail2ban import logs_of
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome, Problem

COLUMNS = ("JAIL", "ADDRESS", "SINCE", "UNTIL")
RUNNING = "a running Fail2Ban; its log tells why: docker compose logs fail2ban, in media_root"


@dataclass(frozen=True)
class Target:
    """Fail2Ban on this host.

    project: the Compose project. wait: seconds that a jail whose log has just come may take to join.
    """

    project: str
    service: str = "fail2ban"
    timeout: float = 30
    wait: float = 0


def ensure(target: Target, address: str, jail: str, options: Mapping[str, Any], check: bool) -> Outcome:
    """Let an address in again if one is given, in one jail or in all, and tell what there is then.

    options: those of each jail, to tell which ones should run.
    """
    wanted = _parsed(address)
    found = _settled(target, options)
    outcome = Outcome()
    lifted = [ban for ban in found["bans"] if wanted == _network(ban["address"]) and jail in ("", ban["jail"])]
    if wanted is not None and jail and jail not in found["jails"]:
        raise MediaError([Problem("jail", f"is {jail!r}, which does not run", "one of " + ", ".join(found["jails"]))])
    for ban in lifted:
        outcome.add(f"{ban['jail']} {ban['address']}", f"banned until {ban['until'] or 'somebody lifts it'}", "let in")
        if not check:
            _ask(target, "lift", ban["address"], ban["jail"])
    bans = [ban for ban in found["bans"] if ban not in lifted]
    outcome.facts = {"bans": bans, "table": table(bans), **judged(options, found["jails"])}
    return outcome


def _settled(target: Target, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what there is, once every jail runs that should, or the time for that is over."""
    end = time.monotonic() + target.wait
    while True:
        found = _ask(target, "list")
        if not judged(options, found["jails"])["missing"] or time.monotonic() > end:
            return found
        time.sleep(1)


def judged(options: Mapping[str, Any], running: Sequence[str]) -> dict[str, list[str]]:
    """Tell which jails run, which ones wait for a log that nobody has written yet, and which ones should run."""
    expected = logs_of(options)
    idle = [name for name in expected if name not in running]
    waiting = [name for name in idle if expected[name] and not any(_there(path) for path in expected[name])]
    return {
        "running": sorted(running),
        "waiting": sorted(waiting),
        "missing": sorted(name for name in idle if name not in waiting),
    }


def _there(pattern: str) -> bool:
    return any(Path("/").glob(pattern.lstrip("/")))


def table(bans: Sequence[Mapping[str, str]]) -> str:
    """Return the bans as text in columns."""
    rows = [(ban["jail"], ban["address"], ban["since"], ban["until"] or "-") for ban in bans]
    lines = [COLUMNS, *sorted(rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(COLUMNS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


def _parsed(address: str) -> Any:
    if not address:
        return None
    try:
        return ipaddress.ip_network(address, strict=False)
    except ValueError as error:
        problem = Problem("address", f"is {address!r}", "an IPv4 or IPv6 address, such as 203.0.113.7")
        raise MediaError([problem]) from error


def _network(address: str) -> Any:
    return ipaddress.ip_network(address, strict=False)


def _ask(target: Target, *words: str) -> dict[str, Any]:
    done = _docker(target, "exec", _container(target), "python3", "/config/server.py", *words)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise MediaError([_silent(target, done)]) from None
    return dict(answer)


def _container(target: Target) -> str:
    """Return the service's running container. Compose would find it too, but reads the whole project first."""
    labels = {"project": target.project, "service": target.service}
    told = [f"--filter=label=com.docker.compose.{name}={value}" for name, value in labels.items()]
    done = _docker(target, "ps", "--quiet", *told)
    if done.returncode != 0:
        raise MediaError([_silent(target, done)])
    found = done.stdout.split()
    if not found:
        raise MediaError([Problem(target.service, "cannot be asked (it does not run)", RUNNING)])
    return found[0]


def _docker(target: Target, *words: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["docker", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            timeout=target.timeout, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        problem = Problem(target.service, f"did not answer within {target.timeout:g} s", RUNNING)
        raise MediaError([problem]) from error
    except OSError as error:
        problem = Problem("docker", f"cannot be run ({error.strerror})", "Docker on the host")
        raise MediaError([problem]) from error


def _silent(target: Target, done: subprocess.CompletedProcess[str]) -> Problem:
    said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
    return Problem(target.service, f"cannot be asked ({said})", RUNNING)

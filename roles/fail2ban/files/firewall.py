# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bans in the kernel: one rule an address and a jail, where packets to the host and packets to its containers pass.

Run by Fail2Ban's action for each ban, and by start.py to put right what somebody else has undone.
"""

from __future__ import annotations

import ipaddress
import os
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Union

PROGRAMS = {4: "iptables", 6: "ip6tables"}
#: Where the kernel tells, in this network, which tables of the old kind there are.
OLD_TABLES = {4: Path("/proc/net/ip_tables_names"), 6: Path("/proc/net/ip6_tables_names")}
#: The engine keeps this chain in front of all that it forwards, and leaves what others write there.
ENGINE, WITHOUT_ENGINE, HOST = "DOCKER-USER", "FORWARD", "INPUT"
MARK = "fail2ban:"

Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]
Ban = tuple[str, Network]  # the jail, and whom it shut out
#: By IP version, the chains that bans belong in, and the bans that are in some chain.
Seen = dict[int, tuple[list[str], list[tuple[str, Ban]]]]


class FirewallError(Exception):
    """The kernel's rules cannot be read or written."""


def network(text: str) -> Network:
    """Return an address, or a range of them, in one form."""
    return ipaddress.ip_network(text, strict=False)


def protected() -> list[Network]:
    """Return the networks of which nobody is ever shut out: behind a masked address is everybody."""
    return [network(text) for text in os.environ.get("BANS_NEVER", "").split()]


def allowed(address: Network) -> bool:
    """Tell whether the address may be shut out."""
    return not any(address.version == known.version and address.overlaps(known) for known in protected())


def ban(jail: str, address: Network) -> None:
    """Shut the address out for this jail. A rule that is there already stays."""
    if not allowed(address):
        print(f"{address} is in a protected network and is not banned", flush=True)
        return
    program = _program(address.version)
    for chain in _chains(_listed(program)):
        rule = [chain, *_rule(jail, address)]
        if not _ok(program, "-C", *rule):
            _run(program, "-I", *rule)


def unban(jail: str, address: Network) -> None:
    """Take the address's rules of this jail away, wherever they are."""
    program = _program(address.version)
    for chain, found in _bans(_listed(program)):
        if found == (jail, address):
            _run(program, "-D", chain, *_rule(jail, address))


def lift(jail: str) -> None:
    """Take all rules of a jail away."""
    for version in PROGRAMS:
        for _chain, (found, address) in _readable(version)[1]:
            if found == jail:
                unban(jail, address)


def repair(wanted: Iterable[Ban], seen: Seen) -> int:
    """Make the rules those of the bans; return how many bans had to be put right.

    seen: the rules as they were before the bans were asked for. A ban that came in between is written twice at worst,
    which "-C" sees; one that went in between is gone already.
    """
    mended = 0
    bans = {entry for entry in wanted if allowed(entry[1])}
    for version, (chains, there) in seen.items():
        for entry in sorted((entry for entry in bans if entry[1].version == version), key=str):
            if any((chain, entry) not in there for chain in chains):
                ban(*entry)
                mended += 1
        for entry in {entry for _chain, entry in there} - bans:
            unban(*entry)
            mended += 1
    return mended


def see() -> Seen:
    """Return the rules as they are."""
    return {version: _readable(version) for version in PROGRAMS}


def _readable(version: int) -> tuple[list[str], list[tuple[str, Ban]]]:
    """Return chains and bans; none of a version that this kernel does not have."""
    try:
        lines = _listed(_program(version))
    except FirewallError:
        return [], []
    return _chains(lines), _bans(lines)


def _program(version: int) -> str:
    """Return the program that sees the engine's chain: the one of the old kind where only that one does."""
    usual = PROGRAMS[version]
    old = usual + "-legacy"
    if not _ok(usual, "-n", "-L", ENGINE) and _has_old_table(version) and _ok(old, "-n", "-L", ENGINE):
        return old
    return usual


def _has_old_table(version: int) -> bool:
    """Tell whether somebody uses tables of the old kind. To ask by their own program would make them."""
    try:
        return "filter" in OLD_TABLES[version].read_text(encoding="ascii").split()
    except OSError:
        return False


def _listed(program: str) -> list[str]:
    return _run(program, "-S").splitlines()


def _chains(lines: list[str]) -> list[str]:
    return [HOST, ENGINE if f"-N {ENGINE}" in lines else WITHOUT_ENGINE]


def _bans(lines: list[str]) -> list[tuple[str, Ban]]:
    """Return each rule of ours as its chain and its ban."""
    found = []
    for words in (shlex.split(line) for line in lines if MARK in line):
        told = dict(zip(words, words[1:]))
        if told.get("-A") and told.get("-s") and told.get("--comment", "").startswith(MARK):
            found.append((told["-A"], (told["--comment"][len(MARK) :], network(told["-s"]))))
    return found


def _rule(jail: str, address: Network) -> list[str]:
    return ["-s", str(address), "-m", "comment", "--comment", MARK + jail, "-j", "DROP"]


def _ok(program: str, *words: str) -> bool:
    try:
        _run(program, *words)
    except FirewallError:
        return False
    return True


def _run(program: str, *words: str) -> str:
    command = [program, "-w", "10", *words]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except OSError as error:
        raise FirewallError(f"{program}: {error.strerror}") from error
    if done.returncode != 0:
        raise FirewallError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


if __name__ == "__main__":
    if sys.argv[1] == "lift":
        lift(sys.argv[2])
    else:
        {"ban": ban, "unban": unban}[sys.argv[1]](sys.argv[2], network(sys.argv[3]))

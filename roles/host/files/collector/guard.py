# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The host's own rules around the VPN pod: whether they are in force, and what they have stopped."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass

from .findings import Trouble

TABLE = "media_guard"
#: The chains that stop packets, by the chain that has to lead to each.
CHAINS = {"forward": "leaving", "input": "to_host"}


@dataclass(frozen=True)
class Guard:
    """packets: how many each chain has stopped, by its name."""

    in_force: bool
    packets: dict[str, int]


def look(seconds: float) -> Guard:
    """Ask the kernel for the table."""
    command = ["nft", "--json", "list", "table", "inet", TABLE]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=seconds,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Trouble(f"nft does not answer within {seconds:g} s") from None
    except OSError as error:
        raise Trouble(f"nft cannot be run ({error.strerror})") from None
    if done.returncode != 0:
        if "No such file or directory" in done.stderr:
            return Guard(False, {})
        raise Trouble(f"nft ends with {done.returncode}")
    return parse(done.stdout)


def parse(text: str) -> Guard:
    """Read what nft says of the table."""
    rules = [item["rule"] for item in json.loads(text)["nftables"] if "rule" in item]
    hooked = {item["chain"]["name"] for item in json.loads(text)["nftables"] if "hook" in item.get("chain", {})}
    packets: dict[str, int] = {}
    jumps = set()
    ends = set()
    for rule in rules:
        verdicts = {key: value for part in rule["expr"] for key, value in part.items()}
        if "drop" in verdicts and "counter" in verdicts:
            packets[rule["chain"]] = packets.get(rule["chain"], 0) + int(verdicts["counter"]["packets"])
        if set(verdicts) == {"drop", "counter"}:
            ends.add(rule["chain"])
        if "jump" in verdicts:
            jumps.add((rule["chain"], verdicts["jump"]["target"]))
    in_force = set(CHAINS) <= hooked and set(CHAINS.items()) <= jumps and set(CHAINS.values()) <= ends
    return Guard(in_force, {name: packets[name] for name in CHAINS.values() if name in packets})

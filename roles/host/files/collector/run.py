# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of the collector: read what to ask for, ask for all of it at once, write the two files."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from . import (
    backups,
    certificates,
    containers,
    converge,
    disks,
    fail2ban,
    home,
    images,
    nzbget,
    recyclarr,
    tautulli,
    vpn,
)
from .engine import Engine
from .exposition import Sample, text
from .files import write
from .memory import Memory
from .parts import Part, Result, run

#: Below the root of the stack.
FOLDER = "state/collector"
METRICS, HEALTH, MEMORY = "metrics/media.prom", "public/health.json", "memory.json"

#: Seconds for a question to the engine.
ENGINE = 4.0


def main(words: Sequence[str]) -> int:
    """Collect once. A part that fails does not fail the run: its metric tells."""
    begun, now = time.monotonic(), time.time()
    if len(words) != 1:
        print("usage: python3 FOLDER CONFIGURATION", file=sys.stderr)
        return 2
    try:
        config = json.loads(Path(words[0]).read_text(encoding="utf-8"))
        folder = Path(config["root"], FOLDER)
        memory = Memory(folder / MEMORY)
        parts = list(_parts(config, memory))
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"{words[0]} cannot be used ({type(error).__name__}: {error})", file=sys.stderr)
        return 1
    results = run(parts)
    samples = [sample for result in results for sample in result.samples]
    samples += [Sample("media_collector_errors", bool(one.error), (("part", one.name),)) for one in results]
    samples.append(Sample("media_collector_duration_seconds", round(time.monotonic() - begun, 3)))
    write(folder / METRICS, text(samples), 0o644)
    write(folder / HEALTH, json.dumps(health(results, now, "vpn" in config), sort_keys=True) + "\n", 0o644)
    _report(results, memory)
    memory.save()
    return 0


def _parts(config: Mapping[str, Any], memory: Memory) -> Iterator[Part]:
    """Return the parts that the configuration asks for: what is off has none."""
    root, owners = config["root"], config["services"]
    engine = Engine(config["engine"], ENGINE)
    found = containers.Containers(engine, config["project"])
    yield Part("disks", lambda to: disks.collect(to, config["disks"]), 4)
    yield Part("converge", lambda to: converge.collect(to, f"{root}/converge.json"), 4)
    if owners:
        yield Part("services", lambda to: containers.collect(to, found, owners), 6)
        yield Part("images", lambda to: images.collect(to, found, engine, memory, owners), 8)
    if "vpn" in config:
        yield Part("vpn", lambda to: vpn.collect(to, found, memory, config["vpn"], root), 8)
        if config["vpn"]["address_url"]:
            yield Part("address", lambda to: home.collect(to, memory, config["vpn"]["address_url"]), 6)
    if "certificates" in config:
        yield Part("certificates", lambda to: certificates.collect(to, memory, config["certificates"]), 6)
    if config["backups"]:
        yield Part("backups", lambda to: backups.collect(to, config["backups"]), 6)
    if "fail2ban" in config:
        yield Part("fail2ban", lambda to: fail2ban.collect(to, found, engine, config["fail2ban"]), 8)
    if "nzbget" in config:
        yield Part("nzbget", lambda to: nzbget.collect(to, config["nzbget"], root), 6)
    if config.get("recyclarr"):
        yield Part("recyclarr", lambda to: recyclarr.collect(to, root), 4)
    if "tautulli" in config:
        yield Part("tautulli", lambda to: tautulli.collect(to, config["tautulli"], root), 7)


def health(results: Sequence[Result], now: float, with_vpn: bool) -> dict[str, Any]:
    """Return what everybody may know: no address, and nothing that is secret."""
    facts: dict[str, Any] = {}
    for result in results:
        facts.update(result.facts)
    return {
        "time": int(now),
        "services": facts.get("services", {}),
        # A VPN of which nothing is known is not known to be up.
        "vpn": facts.get("vpn", {"up": False, "country": ""}) if with_vpn else None,
        "disks": facts.get("disks", []),
    }


def _report(results: Sequence[Result], memory: Memory) -> None:
    """Tell the journal what is wrong, once, and when it is right again."""
    before = memory.get("told")
    told = {result.name: result.error for result in results if result.error}
    for name, error in told.items():
        if before.get(name) != error:
            print(f"{name}: {error}", file=sys.stderr)
    for name in sorted(set(before) - set(told)):
        print(f"{name}: all is told again", file=sys.stderr)
    memory.put("told", told)

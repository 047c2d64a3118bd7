# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs gates, two at a time, the dear ones first: `python3 -m tests.gates [name ...]`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.gates import commands, importer, package, sanity
from tests.gates.tools import GateFailed

#: What a person wants to know after each change.
LINT: dict[str, Callable[[], str]] = {
    "ansible-lint": commands.ansible_lint,
    "mypy": commands.mypy,
    "ruff": commands.ruff,
    "style": commands.style,
    "changelog": commands.changelog,
    "oldest-python": commands.oldest_python,
}
#: What takes longer: the scenarios, and what becomes of the collection when it is published.
SLOW: dict[str, Callable[[], str]] = {
    "sanity": sanity.sanity,
    "importer": importer.importer,
    "package": package.package,
    "scenarios": commands.scenarios,
    "docs": commands.docs,
}
GATES = {**LINT, **SLOW}
AT_A_TIME = 2


def main() -> int:
    """Run the chosen gates, all of them whatever fails, and print one line for each."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.gates", description=__doc__)
    parser.add_argument(
        "name", nargs="*", choices=[*GATES, []], help=f"gates to run: {', '.join(GATES)} (default: all)"
    )
    chosen = parser.parse_args().name or list(GATES)
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        passed = list(pool.map(passes, chosen))
    print(f"gates: {passed.count(True)} passed, {passed.count(False)} failed")
    return 0 if all(passed) else 1


def passes(name: str) -> bool:
    """Run one gate, print its line, and what it has to say when it fails."""
    begun = time.monotonic()
    told, output = "", ""
    try:
        told = GATES[name]()
    except GateFailed as failure:
        output = str(failure)
    verdict = "FAILED" if output else "ok"
    line = f"{name:14} {verdict:7} {time.monotonic() - begun:6.1f} s  {told}".rstrip()
    # In one piece: another gate may have something to say at the same time.
    sys.stdout.write("\n".join(filter(None, (line, output.rstrip("\n")))) + "\n")
    sys.stdout.flush()
    return not output


if __name__ == "__main__":
    sys.exit(main())

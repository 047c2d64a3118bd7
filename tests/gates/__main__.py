# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the gates, the fast ones first: `python3 -m tests.gates [name ...]`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from tests.gates import commands, package, sanity
from tests.gates.tools import GateFailed

GATES: dict[str, Callable[[], str]] = {
    "ruff": commands.ruff,
    "style": commands.style,
    "changelog": commands.changelog,
    "oldest-python": commands.oldest_python,
    "unit": commands.unit,
    "package": package.package,
    "mypy": commands.mypy,
    "docs": commands.docs,
    "lint": commands.lint,
    "sanity": sanity.sanity,
}


def main() -> int:
    """Run the chosen gates, all of them whatever fails, and print one line for each."""
    parser = argparse.ArgumentParser(prog="python3 -m tests.gates", description=__doc__)
    parser.add_argument(
        "name", nargs="*", choices=[*GATES, []], help=f"gates to run: {', '.join(GATES)} (default: all)"
    )
    chosen = parser.parse_args().name or list(GATES)
    failed = [name for name in chosen if not passes(name)]
    print(f"gates: {len(chosen) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def passes(name: str) -> bool:
    """Run one gate, print its line, and what it has to say when it fails."""
    begun = time.monotonic()
    told, output = "", ""
    try:
        told = GATES[name]()
    except GateFailed as failure:
        output = str(failure)
    verdict = "FAILED" if output else "ok"
    print(f"{name:14} {verdict:7} {time.monotonic() - begun:6.1f} s  {told}".rstrip(), flush=True)
    if output:
        print(output, flush=True)
    return not output


if __name__ == "__main__":
    sys.exit(main())

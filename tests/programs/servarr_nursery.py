# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts Servarr stand-ins by forking: a process that has imported them already makes one in a few milliseconds.

A line of its input is an environment and the file that takes the output; its answer is the process' number.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "images" / "servarr"))


def main() -> None:
    package = importlib.import_module("stand_in")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name != "__main__":
            importlib.import_module(f"stand_in.{module.name}")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so that no process of an ended one is left
    for line in sys.stdin:
        order = json.loads(line)
        number = os.fork()
        if not number:
            stand_in(order["environment"], order["output"])
        print(number, flush=True)


def stand_in(environment: dict[str, str], output: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (file, 1), (file, 2)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(environment)
    os._exit(importlib.import_module("stand_in.main").main())


if __name__ == "__main__":
    main()

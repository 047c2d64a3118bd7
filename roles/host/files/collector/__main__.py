# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts the collector: python3 FOLDER CONFIGURATION."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# The folder above is where the collector is found by its name, and its parts by theirs.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from collector.run import main

status = main(sys.argv[1:])
sys.stderr.flush()
# At once. The usual way tears down what a question that hangs may still be using.
os._exit(status)

#!/usr/bin/env python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import sys

sys.path.insert(0, "/opt/stand-in")
from stand_in.program import main

sys.exit(main(sys.argv[1:]))

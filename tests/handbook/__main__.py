# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the generated pages, and says which have changed: `python3 -m tests.handbook`."""

from __future__ import annotations

import sys

from tests.handbook.pages import stale, write


def main() -> int:
    """Write what is not as it has to be."""
    changed = stale()
    write(changed)
    for path in changed:
        print(path)
    print(f"{len(changed)} pages of the handbook changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Serve a version of some images in the bed's registry, all behind the same tags as the version before.

    publish.py VERSION NAME=BASE ...

Under names of their own, because the registry is everybody's: ghcr.io/molecule/NAME:1, made from media-bed/BASE.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from tests.bed import registry
from tests.bed.shell import docker


def main(version: str, pairs: Sequence[str]) -> None:
    """Build and push in the order given: what is to be seen last comes last."""
    for name, base in (pair.split("=", 1) for pair in pairs):
        # That of the machine's own engine is needed until it is pushed, and no longer.
        local = f"media-bed/molecule-{name}"
        lines = f"FROM media-bed/{base}\nLABEL version={version}\n"
        subprocess.run(["docker", "build", "--quiet", "--tag", local, "-"], input=lines, text=True, check=True)
        registry.push(local, f"ghcr.io/molecule/{name}:1")
        docker("rmi", local)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

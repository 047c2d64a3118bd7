# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the VPN provider and the news server of the bed give their customers, as files for the demo's inventory."""

from __future__ import annotations

from tests.bed import addresses as at
from tests.bed.shell import BUILD, docker, step

FOLDER = BUILD / "customer"


def ensure() -> None:
    """Copy the papers anew: a new internet has new keys."""
    with step("customer") as line:
        FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
        docker("cp", f"{at.INTERNET_NAME}:/srv/client/.", str(FOLDER))
        line.note = ", ".join(sorted(path.name for path in FOLDER.iterdir()))

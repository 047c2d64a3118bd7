# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the variables of Monitorr, all at once."""

from __future__ import annotations

import re

from ansible_collections.homelab.media.plugins.module_utils.monitorr import Settings
from ansible_collections.homelab.media.plugins.module_utils.monitorr_settings import LONGEST_TITLE
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem

_FOLDER = re.compile(r"(/[A-Za-z0-9._-]+)+/?")


def problems(settings: Settings) -> list[Problem]:
    """Return everything that cannot work; nothing while Monitorr is off."""
    if not settings["portal_monitorr"]:
        return []
    found = []
    title, folder = settings["portal_monitorr_title"], settings["portal_monitorr_web_root"]
    if not isinstance(title, str) or not 1 <= len(title.strip()) <= LONGEST_TITLE:
        found.append(Problem("portal_monitorr_title", f"is {title!r}", f"1 to {LONGEST_TITLE} characters"))
    if not isinstance(folder, str) or not _FOLDER.fullmatch(folder) or ".." in folder:
        expected = "the folder of the application in the image, such as /config/www/monitorr"
        found.append(Problem("portal_monitorr_web_root", f"is {folder!r}", expected))
    return found

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: portal_wiring
short_description: Draw the host's wiring
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Draws the networks, the VPN pod, the front door and the open ports of the host, from the plan alone.
positional: _input, settings, kind
options:
  _input:
    description: The fact media_plan, which the check phase leaves.
    type: dict
    required: true
  settings:
    description: The variables of the portal role, and those of the stack that it needs, under their own names.
    type: dict
    required: true
  kind:
    description:
      - V(page) is wiring.html, with the picture and the same in words.
      - V(picture) is the picture as a file of its own.
      - V(style) is the style sheet that the picture needs inside of a page.
    type: str
    choices: [page, picture, style]
    default: page
"""

EXAMPLES = r"""
page: "{{ media_plan | homelab.media.portal_wiring(__portal_settings) }}"
picture: "{{ media_plan | homelab.media.portal_wiring(__portal_settings, 'picture') }}"
"""

RETURN = r"""
_value:
  description: The text; none where O(settings) switch the picture off.
  type: str
"""

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import portal_wiring as wiring
from ansible_collections.homelab.media.plugins.module_utils import wiring_picture, wiring_picture_svg


def portal_wiring(plan: Mapping[str, Any], settings: Mapping[str, Any], kind: str = "page") -> str:
    """Draw the host's wiring."""
    if not isinstance(settings, Mapping):
        reason = f"portal_wiring takes the variables of the portal role, not a {type(settings).__name__}"
        raise AnsibleFilterError(reason)
    if kind not in ("page", "picture", "style"):
        raise AnsibleFilterError(f"portal_wiring draws a page, a picture or a style, and no {kind!r}")
    if not settings["portal_wiring"]:
        return ""
    if kind == "picture":
        return wiring_picture.svg(plan, alone=True)
    return wiring_picture_svg.style() if kind == "style" else wiring.page(plan, settings)


class FilterModule:
    """The filter under its name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"portal_wiring": portal_wiring}

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""nginx's text for a page that the front door serves itself, from folders of the host that are mounted into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import front_door

#: What such a page may load: its own files. No script and no style in its text, nothing of others, no form, no plug-in.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'"
)


def locations(page: Mapping[str, Any], extra: Sequence[str] = ()) -> list[str]:
    """Return a location for each folder. extra: a person's own lines for the page itself.

    Without a folder for "/" there is a location for it all the same: upstream adds its own where it misses one.
    """
    prefixes = sorted({"/", *page["static"]})
    return [line for prefix in prefixes for line in _location(page, prefix, extra if prefix == "/" else ())]


def _location(page: Mapping[str, Any], prefix: str, extra: Sequence[str]) -> list[str]:
    opening = "location / {" if prefix == "/" else f"location ^~ {prefix} {{"
    if prefix not in page["static"]:
        return [opening, *extra, "  return 404;", "}"]
    folder = front_door.place(page, prefix)
    return [
        opening,
        # With a slash at both ends nobody gets out of the folder by a path such as "/live../".
        f"  root {folder};" if prefix == "/" else f"  alias {folder}/;",
        # A file, or the index of a folder, and never the list of its files.
        "  try_files $uri ${uri}index.html =404;",
        "  autoindex off;",
        f"  disable_symlinks on from={folder};",
        "  charset utf-8;",
        # Every run may have written it anew: a browser asks, and is mostly told that nothing is new. No add_header
        # here, which would take away all headers of the server.
        "  expires -1;",
        *extra,
        "}",
    ]

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person sees of the stack: a table of its services."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ansible_collections.homelab.media.plugins.module_utils.containers import Container

COLUMNS = ("SERVICE", "IMAGE", "STATE", "HEALTH", "ADDRESS")


def rows(
    seen: Mapping[str, Container], declared: Iterable[str], pages: Mapping[str, str] | None = None
) -> list[dict[str, str]]:
    """Return a row for each service that is declared or has a container, in the order of their names.

    A service in another's namespace is reached where that one is.
    pages: where the front door publishes a service, which is told first.
    """
    pages = pages or {}
    by_id = {container.id: container for container in seen.values()}
    found = []
    for name in sorted({*declared, *seen}):
        container = seen.get(name)
        if container is None:
            found.append({"service": name, "image": "", "state": "absent", "health": "", "address": ""})
            continue
        owner = by_id.get(container.network_mode.partition(":")[2]) if ":" in container.network_mode else None
        if owner is not None:
            address = f"in {owner.service}"
        elif container.network_mode == "host":
            address = "host"
        else:
            address = ", ".join(container.published or container.addresses)
        found.append(
            {
                "service": name,
                "image": container.image,
                "state": container.state,
                "health": container.health or "-",
                "address": ", ".join(part for part in (pages.get(name), address) if part),
            }
        )
    return found


def table(found: Sequence[Mapping[str, str]]) -> str:
    """Return the rows as text in columns."""
    lines = [COLUMNS, *(tuple(row[column.lower()] for column in COLUMNS) for row in found)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(COLUMNS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)

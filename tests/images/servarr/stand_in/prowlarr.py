# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What only Prowlarr has: the proxied indexers, the sync to the applications, its search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .indexer_proxy import IndexerProxy
from .prowlarr_sync import Sync
from .web import answer

if TYPE_CHECKING:
    from .program import Program


def set_up(program: Program) -> None:
    root, routes = program.app.root, program.routes
    proxy = IndexerProxy(program)
    program.capabilities = proxy.capabilities
    program.commands.works["ApplicationIndexerSync"] = Sync(program, proxy).run
    for path in ("/{id}/api", root + "/indexer/{id}/newznab"):
        routes.add("GET", path, proxy.newznab)
    for path in ("/{id}/download", root + "/indexer/{id}/download"):
        routes.add("GET", path, proxy.download)
    routes.add("GET", root + "/search", proxy.search)
    routes.add("GET", root + "/history", proxy.history)
    routes.add("GET", root + "/indexerstats", proxy.stats)
    routes.add("GET", root + "/indexerstatus", lambda request: answer([]))

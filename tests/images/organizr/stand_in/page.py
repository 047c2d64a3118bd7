# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A page of the stand-in's own: the tabs by their categories, for whoever looks."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .organizr import Organizr, Request

_STYLE = """
body{margin:0;font:15px system-ui,sans-serif;background:#1f1f23;color:#eee;display:flex;min-height:100vh}
nav{width:15rem;background:#141417;padding:1rem;box-sizing:border-box}
h1{font-size:1.2rem;margin:0 0 1rem}h2{font-size:.75rem;text-transform:uppercase;color:#9a9aa5;margin:1.2rem 0 .3rem}
a{display:block;color:#d8d8e0;text-decoration:none;padding:.35rem .5rem;border-radius:4px}a:hover{background:#2a2a31}
main{flex:1;padding:2rem}small{color:#9a9aa5}
"""


def text(organizr: Organizr, request: Request) -> str:
    config = organizr.config.values()
    title = escape(str(config["title"]))
    if not organizr.config.is_there:
        return _whole(title, "", "<h1>Setup wizard</h1><p>Nobody has set it up yet.</p>")
    name, group = organizr.visitor(request)
    if group == 999:
        return _whole(title, "", "<h1>Login</h1><p>Nobody whom the front door names.</p>")
    lists = organizr.store.lists()
    parts = []
    for category in lists["categories"]:
        tabs = [tab for tab in lists["tabs"] if tab["category_id"] == category["category_id"]]
        links = [_link(tab) for tab in tabs if tab["enabled"] and tab["group_id"] >= group]
        if links:
            parts.append(f"<h2>{escape(category['category'])}</h2>{''.join(links)}")
    logout = escape(str(config["authProxyLogoutURL"]))
    leave = f'<p><a href="{logout}">Sign out</a></p>' if config["authProxyOverrideLogout"] else ""
    return _whole(title, "".join(parts), f"<h1>{title}</h1><p>Signed in as {escape(name)}.</p>{leave}")


def _link(tab: dict[str, object]) -> str:
    target = ' target="_blank"' if tab["type"] == 2 else ' target="frame"'
    return f'<a href="{escape(str(tab["url"]))}"{target}>{escape(str(tab["name"]))}</a>'


def _whole(title: str, menu: str, main: str) -> str:
    note = "<p><small>This is a stand-in for Organizr, not the upstream program.</small></p>"
    return (
        f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f'<nav><h1>{title}</h1>{menu}</nav><main>{main}{note}<iframe name="frame" title="tab" hidden></iframe></main>'
        "</html>"
    )

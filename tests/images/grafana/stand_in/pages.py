# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages: plain, and of its own making. A dashboard has its panels where its file says, with what they say now."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from .app import App
from .draw import panel_inside
from .prometheus import QueryError, ask
from .store import User

_STYLE = """
:root { color-scheme: dark; font: 13px/1.4 system-ui, sans-serif; color: #ccccdc; background: #111217; }
body { margin: 0; } a { color: #6e9fff; text-decoration: none; }
header { display: flex; gap: 1rem; align-items: center; padding: .6rem 1rem; background: #181b1f; flex-wrap: wrap; }
header b { color: #fff; } header i { margin-left: auto; font-style: normal; color: #8e8e8e; }
main { padding: 8px; } h1 { font-size: 1.2rem; margin: .6rem .4rem; } form { display: grid; gap: .5rem; width: 16rem; }
.grid { display: grid; grid-template-columns: repeat(24, minmax(0, 1fr)); grid-auto-rows: 32px; gap: 6px; }
.panel { background: #181b1f; border: 1px solid #25272c; border-radius: 3px; overflow: hidden; display: flex;
  flex-direction: column; } .panel h2 { font-size: 12px; margin: 4px 8px; font-weight: 500; }
.row { font-weight: 600; padding: 6px 4px; border-bottom: 1px solid #25272c; }
.inside { flex: 1; min-height: 0; overflow: hidden; padding: 0 8px 6px; } .nothing { color: #f2495c; }
.values { display: flex; height: 100%; gap: 4px; } .value { flex: 1; display: grid; place-content: center; color: #fff;
  text-align: center; border-radius: 2px; font-size: 1.4rem; } .value small { display: block; font-size: .7rem; }
table { width: 100%; border-collapse: collapse; } td, th { text-align: left; padding: 1px 6px; white-space: nowrap; }
th { color: #6e9fff; } .bar { display: grid; grid-template-columns: 9rem 1fr 5rem; gap: 6px; align-items: center; }
.bar span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .track { background: #25272c; }
.track div { height: 12px; } .band { display: flex; flex: 1; height: 12px; }
.legend { color: #8e8e8e; font-size: 11px; }
svg { width: 100%; height: calc(100% - 18px); }
"""

#: As upstream's page does: the server takes JSON alone.
_SEND = """
document.forms[0].onsubmit = async event => {
  event.preventDefault();
  const body = JSON.stringify(Object.fromEntries(new FormData(event.target)));
  const answer = await fetch('/login', {method: 'POST', headers: {'Content-Type': 'application/json'}, body});
  if (answer.ok) location = '/'; else document.querySelector('h1').textContent = (await answer.json()).message;
};
"""


def page(app: App, user: User, path: str) -> str | None:
    """Return the page under a path; nothing if there is none."""
    if path == "/":
        return _page(app, user, "Home", _dashboard(app, app.home()))
    if path == "/dashboards":
        return _page(app, user, "Dashboards", "<h1>Dashboards</h1>")
    if path.startswith("/d/"):
        found = app.dashboards.get(path.split("/")[2])
        return _page(app, user, found.title, _dashboard(app, found.document)) if found else None
    return None


def missing(app: App, user: User) -> str:
    return _page(app, user, "Page not found", "<h1>Page not found</h1>")


def sign_in(form: bool) -> str:
    fields = (
        '<form><input name="user" placeholder="email or username">'
        '<input name="password" type="password" placeholder="password"><button>Log in</button></form>'
        f"<script>{_SEND}</script>"
    )
    return _whole("Grafana", f"<main><h1>Welcome to Grafana</h1>{fields if form else ''}</main>")


def _page(app: App, user: User, title: str, inside: str) -> str:
    links = "".join(f'<a href="{item.url}">{html.escape(item.title)}</a>' for item in app.dashboards.all())
    who = f"<i>{html.escape(user.login)} ({user.role})</i>"
    header = f'<header><a href="/"><b>Grafana</b></a>{links}{who}</header>'
    return _whole(f"{title} - Grafana", f"{header}<main>{inside}</main>")


def _whole(title: str, body: str) -> str:
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{_STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'


def _dashboard(app: App, document: Mapping[str, Any]) -> str:
    panels = "".join(_panel(app, panel, document) for panel in document["panels"])
    return f'<h1>{html.escape(str(document["title"]))}</h1><div class="grid">{panels}</div>'


def _panel(app: App, panel: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    at = panel["gridPos"]
    place = f"grid-column: {at['x'] + 1} / span {at['w']}; grid-row: {at['y'] + 1} / span {at['h']}"
    title = html.escape(str(panel.get("title") or ""))
    if panel["type"] == "row":
        return f'<div class="row" style="{place}">{title}</div>'
    about = html.escape(str(panel.get("description") or ""))
    inside = _inside(app, panel, document)
    return (
        f'<div class="panel" style="{place}" title="{about}"><h2>{title}</h2><div class="inside">{inside}</div></div>'
    )


def _inside(app: App, panel: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    since = document.get("time", {}).get("from", "now-6h")
    frames: list[Mapping[str, Any]] = []
    try:
        for target in panel.get("targets") or ():
            source = app.sources[target["datasource"]["uid"]]
            frames += [frame for frame in ask(source, target, since, "now") if frame["schema"]["fields"]]
    except QueryError as error:
        return f'<p class="nothing">{html.escape(str(error))}</p>'
    return panel_inside(panel, frames) if frames else '<p class="nothing">No data</p>'

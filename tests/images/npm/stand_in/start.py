# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is done before nginx and the backend start: folders, the resolver, IPv6 on or off in what is there already."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from .layout import MODULES, Layout

FOLDERS = (
    *("/data/nginx", "/data/custom_ssl", "/data/logs", "/data/access", "/data/letsencrypt-acme-challenge"),
    *(f"/data/nginx/{name}" for name in ("default_host", "default_www", "proxy_host", "redirection_host", "stream")),
    *("/data/nginx/dead_host", "/data/nginx/temp", "/data/nginx/custom"),
    *("/run/nginx", "/tmp/nginx/body", "/var/lib/nginx/cache/public", "/var/lib/nginx/cache/private"),
)
PAGES = {
    "/var/www/html/index.html": "<title>Congratulations</title><h1>Nothing is configured for this name</h1>\n",
    "/app/frontend/index.html": "<title>Nginx Proxy Manager</title><p>A stand-in: the API is below /api/</p>\n",
}


def prepare(layout: Layout, files: Path, resolve: bool = True) -> None:
    """Make a folder fit to start in. `files` are nginx's own, which the image has in place already."""
    for folder in FOLDERS:
        layout.path(folder).mkdir(parents=True, exist_ok=True)
    # Upstream has no such folder before somebody makes it.
    custom = layout.path("/data/nginx/custom")
    if not any(custom.iterdir()):
        custom.rmdir()
    for page, text in PAGES.items():
        layout.path(page).parent.mkdir(parents=True, exist_ok=True)
        layout.path(page).write_text(text, encoding="utf-8")
    if layout.root:
        _install(layout, files)
    for file in (*layout.path("/etc/nginx/conf.d").glob("*.conf"), *layout.path("/data/nginx").glob("*/*.conf")):
        text = file.read_text(encoding="utf-8")
        if (placed := layout.place(text) if not layout.root else text) != text:
            file.write_text(placed, encoding="utf-8")
    resolvers = layout.resolver or _nameservers()
    quiet = "" if layout.ipv6 else " ipv6=off"
    line = f"resolver {resolvers}{quiet} valid=10s;\n" if resolve else "# off\n"
    layout.path("/etc/nginx/conf.d/include/resolvers.conf").write_text(line, encoding="utf-8")


def _nameservers() -> str:
    text = Path("/etc/resolv.conf").read_text(encoding="utf-8")
    found = re.findall(r"^nameserver\s+(\S+)", text, re.MULTILINE)
    return " ".join(f"[{one}]" if ":" in one else one for one in found)


def _install(layout: Layout, files: Path) -> None:
    target = layout.conf.parent
    shutil.copytree(files, target, dirs_exist_ok=True)
    # nginx-light has streams only with a module beside it; a test on loopback does without.
    streams = any("stream" in file.name for file in Path(MODULES).glob("*.conf"))
    for file in target.rglob("*.conf"):
        text = layout.place(file.read_text(encoding="utf-8"))
        text = text.replace("http://127.0.0.1:3000/", f"http://127.0.0.1:{layout.backend}/")
        if file == layout.conf and not streams:
            text = re.sub(r"^stream \{.*?^\}\n", "", text, flags=re.DOTALL | re.MULTILINE)
        file.write_text(text, encoding="utf-8")

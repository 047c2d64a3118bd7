# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where everything lies and which ports are taken: upstream's places, or a folder of its own for a test on loopback."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

# In the image these are the truth; on loopback they are put below one folder.
PLACES = ("/data", "/etc/letsencrypt", "/etc/nginx", "/run/nginx", "/tmp/nginx", "/var/lib/nginx/cache",
          "/var/www/html", "/app/frontend")  # fmt: skip
_PLACE = re.compile("|".join(rf"{re.escape(place)}(?=[/;\s]|$)" for place in PLACES))
MODULES = "/etc/nginx/modules-enabled"
TYPES = "/etc/nginx/mime.types"


def truth(text: str) -> bool:
    """Read a switch of the environment as upstream does."""
    return text.strip().lower() in ("on", "true", "1", "yes")


@dataclass(frozen=True)
class Layout:
    root: str = ""  # empty: upstream's places
    address: str = ""  # empty: every address
    http: int = 80
    https: int = 443
    admin: int = 81
    backend: int = 3000
    resolver: str = ""  # empty: what resolv.conf says
    ipv6: bool = True

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Layout:
        return cls(
            environ.get("STAND_IN_ROOT", ""),
            environ.get("STAND_IN_ADDRESS", ""),
            int(environ.get("STAND_IN_HTTP_PORT", "80")),
            int(environ.get("STAND_IN_HTTPS_PORT", "443")),
            int(environ.get("STAND_IN_ADMIN_PORT", "81")),
            int(environ.get("STAND_IN_BACKEND_PORT", "3000")),
            environ.get("STAND_IN_RESOLVER", ""),
            not truth(environ.get("DISABLE_IPV6", "")),
        )

    def path(self, place: str) -> Path:
        return Path(self.root + place)

    @property
    def data(self) -> Path:
        return self.path("/data")

    @property
    def conf(self) -> Path:
        return self.path("/etc/nginx/nginx.conf")

    def place(self, text: str) -> str:
        """Return nginx's configuration with this layout's folders and ports in it."""
        if self.root:
            text = _PLACE.sub(lambda found: self.root + found[0], text)
            # What belongs to the machine's nginx stays where it is.
            for own in (MODULES, TYPES):
                text = text.replace(self.root + own, own)
        return re.sub(r"^(\s*)#?listen (\[::\]:)?(80|443|81)\b", self._listen, text, flags=re.MULTILINE)

    def _listen(self, found: re.Match[str]) -> str:
        indent, six, port = found.groups()
        number = {"80": self.http, "443": self.https, "81": self.admin}[port]
        if six:
            silent = "" if self.ipv6 and not self.address else "#"
            return f"{indent}{silent}listen [::]:{number}"
        where = f"{self.address}:" if self.address else ""
        return f"{indent}listen {where}{number}"

    @cached_property
    def http2_switch(self) -> bool:
        """Whether this nginx knows the directive `http2`, as upstream's does; older ones say it with `listen`."""
        told = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True).stderr
        found = re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", told)
        return found is not None and tuple(map(int, found.groups())) >= (1, 25, 1)

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The address seen from outside, asked once each time the tunnel comes up."""

from __future__ import annotations

import http.client
import json
from pathlib import Path

from .dns import unverified
from .log import Log
from .settings import Settings

HOSTS = {
    "ipinfo": "ipinfo.io",
    "ifconfigco": "ifconfig.co",
    "ip2location": "api.ip2location.io",
    "cloudflare": "speed.cloudflare.com",
}
# The control server's names, and ipinfo's for the same.
FIELDS = {
    "public_ip": "ip",
    "region": "region",
    "country": "country",
    "city": "city",
    "hostname": "hostname",
    "location": "loc",
    "organization": "org",
    "postal_code": "postal",
    "timezone": "timezone",
}


class PublicIp:
    def __init__(self, settings: Settings) -> None:
        self.enabled = settings.public_ip
        self.host = HOSTS.get(settings.public_ip_api.split(",")[0], "ipinfo.io")
        self.file = Path(settings.public_ip_file)
        self.log = Log("ip getter")
        self.found: dict[str, str] = {}

    def fetch(self) -> None:
        if not self.enabled:
            return
        try:
            self.found = self._ask()
        except (OSError, ValueError, http.client.HTTPException) as error:
            self.log.error(f"fetching information: {error}")
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(self.found["public_ip"], encoding="utf-8")
        self.log.info(f"Public IP address is {self.found['public_ip']} (source: {self.host})")

    def clear(self) -> None:
        self.found = {}
        if self.file.exists():
            self.file.write_text("", encoding="utf-8")

    def data(self) -> dict[str, str]:
        return {name: self.found.get(name, "") for name in FIELDS}

    def _ask(self) -> dict[str, str]:
        client = http.client.HTTPSConnection(self.host, timeout=15, context=unverified())
        try:
            client.request("GET", "/", headers={"Accept": "application/json"})
            answer = client.getresponse()
            if answer.status != 200:
                raise OSError(f"{self.host} answered {answer.status}")
            said = json.loads(answer.read())
        finally:
            client.close()
        return {name: str(said.get(theirs, "")) for name, theirs in FIELDS.items()}

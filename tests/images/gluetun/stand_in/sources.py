# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a setting comes from: secret files first, then files under /gluetun, then the environment."""

from __future__ import annotations

import configparser
from collections.abc import Mapping
from pathlib import Path

# Settings whose secret file does not carry the setting's own name.
SECRET_NAMES = {"OPENVPN_CERT": "OPENVPN_CLIENTCRT", "OPENVPN_KEY": "OPENVPN_CLIENTKEY"}
FILE_NAMES = {"OPENVPN_CERT": "client.crt", "OPENVPN_KEY": "client.key"}
WIREGUARD_KEYS = {
    "WIREGUARD_PRIVATE_KEY": ("Interface", "PrivateKey"),
    "WIREGUARD_ADDRESSES": ("Interface", "Address"),
    "WIREGUARD_PRESHARED_KEY": ("Peer", "PresharedKey"),
    "WIREGUARD_PUBLIC_KEY": ("Peer", "PublicKey"),
}


class Sources:
    def __init__(
        self, env: Mapping[str, str], secrets: Path = Path("/run/secrets"), files: Path = Path("/gluetun")
    ) -> None:
        self.env = env
        self.secrets = secrets
        self.files = files

    def get(self, name: str) -> str | None:
        """The value, or nothing: an empty value is no value."""
        return self._secret(name) or self._file(name) or self.env.get(name) or None

    def origin(self, name: str) -> str:
        if self._secret(name):
            return f"secret file {name}"
        if self._file(name):
            return f"file {name}"
        return f"environment variable {name}"

    def _secret(self, name: str) -> str | None:
        conf = Path(self.env.get("WIREGUARD_CONF_SECRETFILE") or self.secrets / "wg0.conf")
        secret = SECRET_NAMES.get(name, name)
        path = Path(self.env.get(f"{secret}_SECRETFILE") or self.secrets / secret.lower())
        return _from_wireguard_conf(conf, name) or _content(path)

    def _file(self, name: str) -> str | None:
        conf = self.files / "wireguard" / "wg0.conf"
        path = self.files / FILE_NAMES.get(name, name.lower())
        return _from_wireguard_conf(conf, name) or _content(path)


def _content(path: Path) -> str | None:
    if not path.is_file():
        return None
    return path.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")


def _from_wireguard_conf(path: Path, name: str) -> str | None:
    if name not in WIREGUARD_KEYS and name not in ("WIREGUARD_ENDPOINT_IP", "WIREGUARD_ENDPOINT_PORT"):
        return None
    if not path.is_file():
        return None
    conf = configparser.ConfigParser(interpolation=None, strict=False)
    conf.read(path, encoding="utf-8")
    if name in WIREGUARD_KEYS:
        section, key = WIREGUARD_KEYS[name]
        return conf.get(section, key, fallback=None)
    host, _, port = conf.get("Peer", "Endpoint", fallback="").rpartition(":")
    return host.strip("[]") if name == "WIREGUARD_ENDPOINT_IP" else port

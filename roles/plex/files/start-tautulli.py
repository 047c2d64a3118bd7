# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Starts Tautulli with the settings that are secret, which its image takes from the environment alone.

An environment that a container is made with can be read by whoever may ask the engine. This one begins here, and the
password in it is a hash, as Tautulli wants it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path

ROUNDS = 600_000
BYTES = 24


def hashed(password: str) -> str:
    """Return the password as Tautulli stores one. The text of the salt is the salt."""
    salt = base64.b64encode(os.urandom(12)).decode()
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), ROUNDS, BYTES)
    return f"PBKDF2$sha256${ROUNDS}${salt}${base64.b64encode(key).decode()}"


def environment(secrets: dict[str, str]) -> dict[str, str]:
    """Return the secret settings under the names that Tautulli reads."""
    settings = {**secrets, "HTTP_PASSWORD": hashed(secrets["HTTP_PASSWORD"])}
    return {f"TAUTULLI_{name}": value for name, value in settings.items()}


if __name__ == "__main__":
    given = json.loads(Path(__file__).with_name("secrets.json").read_text(encoding="utf-8"))
    os.environ.update(environment(given))
    os.execvp("python", ["python", "Tautulli.py", "--datadir", "/config"])

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which users a run has put into Authelia's file, and which password each was given, in a file of root's.

A person may change a password in Authelia, and keeps it; a password that was declared anew since is set. What was last
set is known by an HMAC of its hash, under a key that stays on the host and bound to the user: nobody can try words.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import json
import os
import secrets
from pathlib import PurePosixPath

from ansible_collections.homelab.media.plugins.module_utils.atomic import NotAFileError, read_file, write_file
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem
from ansible_collections.homelab.media.plugins.module_utils.ownership import Ownership
from ansible_collections.homelab.media.plugins.module_utils.paths import LinkRefusedError, opened, reach

PRIVATE = Ownership(0, 0, 0o600)


class Ledger:
    """The file. It is written once, after the users."""

    def __init__(self, path: str, key: bytes) -> None:
        self._path = path
        self._key = key or secrets.token_bytes(32)
        self._users = _load(path)
        self._found = dict(self._users)

    def names(self) -> list[str]:
        """Return the users that a run has made."""
        return list(self._users)

    def knows(self, name: str, hashed: str) -> bool:
        """Tell whether this is the password that the user was last given."""
        return hmac.compare_digest(self._users.get(name, ""), self._digest(name, hashed))

    def remember(self, name: str, hashed: str) -> None:
        self._users[name] = self._digest(name, hashed)

    def forget(self, name: str) -> None:
        self._users.pop(name, None)

    def save(self) -> None:
        """Write what has changed, if anything has."""
        if self._users == self._found:
            return
        content = json.dumps({"users": self._users, "version": 1}, indent=1, sort_keys=True) + "\n"
        folder = str(PurePosixPath(self._path).parent)
        try:
            with reach(folder, folder) as (here, missing):
                if missing:
                    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
                with opened(here) as directory:
                    write_file(directory, PurePosixPath(self._path).name, content.encode(), PRIVATE)
        except OSError as error:
            expected = "a folder there, with room for it"
            raise MediaError([Problem(self._path, f"cannot be written ({error.strerror})", expected)]) from None

    def _digest(self, name: str, hashed: str) -> str:
        return hmac.new(self._key, f"{name}\0{hashed}".encode(), hashlib.sha256).hexdigest()


def _load(path: str) -> dict[str, str]:
    folder = str(PurePosixPath(path).parent)
    try:
        with reach(folder, folder) as (here, missing):
            file = None if missing else read_file(here, PurePosixPath(path).name)
        users = json.loads(file[0])["users"] if file else {}
        return {str(name): str(digest) for name, digest in users.items()}
    except (NotAFileError, LinkRefusedError) as error:
        raise MediaError([Problem(path, str(error), "the ledger, or nothing")]) from None
    except OSError as error:
        raise MediaError([Problem(path, f"cannot be read ({error.strerror})", "the ledger, or nothing")]) from None
    except (ValueError, AttributeError, KeyError, TypeError):
        expected = "the ledger as it was written, or nothing: every declared password is then set again"
        raise MediaError([Problem(path, "is not a ledger", expected)]) from None

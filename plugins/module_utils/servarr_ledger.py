# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was made in the applications, and which secrets were written to them, kept in a file of root's.

An application does not give a secret back, so that what it has is known by what was written last: as an HMAC under a
key that stays on the host, bound to its place. Two places with one secret do not look alike, and nobody can try words.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import json
import os
import secrets
import threading
from pathlib import PurePosixPath
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.atomic import NotAFileError, read_file, write_file
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem
from ansible_collections.homelab.media.plugins.module_utils.ownership import Ownership
from ansible_collections.homelab.media.plugins.module_utils.paths import opened, reach
from ansible_collections.homelab.media.plugins.module_utils.secret_seal import seal

PRIVATE = Ownership(0, 0, 0o600)


class Ledger:
    """The file, for all applications of a run. Written after each step, so that a killed run loses at most one."""

    def __init__(self, path: str, key: bytes, *, check: bool = False) -> None:
        self._path = path
        self._key = key or secrets.token_bytes(32)
        self._check = check
        self._lock = threading.Lock()
        self._applications: dict[str, Any] = _load(path)

    def has(self, application: str) -> bool:
        """Tell whether an earlier run has written anything to the application."""
        return bool(self._applications.get(application))

    def made(self, application: str, resource: str) -> dict[int, str]:
        """Return what was made in one list: its ids, and what each was called."""
        items = self._applications.get(application, {}).get("made", {}).get(resource, {})
        return {int(number): str(name) for number, name in items.items()}

    def lists(self, application: str) -> list[str]:
        """Return the lists in which something was made."""
        return sorted(self._applications.get(application, {}).get("made", {}))

    def add(self, application: str, resource: str, number: int, name: str) -> None:
        """Take down an item that was made. Another that had its name is no more."""
        if self.made(application, resource).get(number) != name:
            with self._lock:
                made = self._section(application, "made").setdefault(resource, {})
                for other in [other for other, called in made.items() if called == name]:
                    del made[other]
                made[str(number)] = name
                self._save()

    def drop(self, application: str, resource: str, number: int) -> None:
        """Forget an item with all that was written to it."""
        with self._lock:
            made, written = self._section(application, "made"), self._section(application, "written")
            known = made.get(resource, {}).pop(str(number), None) is not None
            if not made.get(resource, True):
                del made[resource]
            places = [place for place in written if place.startswith(f"{resource}/{number}/")]
            for place in places:
                del written[place]
            if known or places:
                self._save()

    def forget(self, application: str) -> None:
        """Forget all that was ever made in an application and written to it."""
        with self._lock:
            if self._applications.pop(application, None) is not None:
                self._save()

    def knows(self, application: str, place: str, secret: str) -> bool:
        """Tell whether this secret is the last one that was written to this place."""
        written = self._applications.get(application, {}).get("written", {}).get(place, "")
        return hmac.compare_digest(str(written), self._digest(application, place, secret))

    def remembers(self, application: str, place: str) -> bool:
        return place in self._applications.get(application, {}).get("written", {})

    def remember(self, application: str, place: str, secret: str) -> None:
        if not self.knows(application, place, secret):
            with self._lock:
                self._section(application, "written")[place] = self._digest(application, place, secret)
                self._save()

    def _digest(self, application: str, place: str, secret: str) -> str:
        text = "\0".join((application, place, seal(self._key, secret)))
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()

    def _section(self, application: str, name: str) -> dict[str, Any]:
        section: dict[str, Any] = self._applications.setdefault(application, {}).setdefault(name, {})
        return section

    def _save(self) -> None:
        if self._check:
            return
        document = {"applications": self._applications, "version": 1}
        content = json.dumps(document, indent=1, sort_keys=True) + "\n"
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


def _load(path: str) -> dict[str, Any]:
    folder = str(PurePosixPath(path).parent)
    try:
        with reach(folder, folder) as (here, missing):
            file = None if missing else read_file(here, PurePosixPath(path).name)
        document = json.loads(file[0]) if file else {}
        applications = document.get("applications", {})
        if not isinstance(applications, dict):
            raise ValueError("no applications")
        return applications
    except OSError as error:
        reason = str(error) if isinstance(error, NotAFileError) else f"cannot be read ({error.strerror})"
        raise MediaError([Problem(path, reason, "the ledger, or nothing")]) from None
    except (ValueError, AttributeError):
        expected = "the ledger as it was written, or nothing: every secret is then written again"
        raise MediaError([Problem(path, "is not a ledger", expected)]) from None

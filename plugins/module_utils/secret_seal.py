# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keyed digests of secrets: enough to tell whether two are the same, and nothing else.

Check mode cannot put a secret into its file, and another module may have to know whether that secret would differ from
what an application has. It is told the digest. The key never leaves the host.
"""

from __future__ import annotations

import hashlib
import hmac


class Sealed(str):
    """The digest of a secret, in the place of the secret itself."""

    __slots__ = ()


def seal(key: bytes, secret: str) -> Sealed:
    """Return the digest of a secret; of a digest, the digest itself."""
    if isinstance(secret, Sealed):
        return secret
    return Sealed(hmac.new(key, secret.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest())

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the blackbox exporter asks each published name, as somebody who is not signed in, and which answer is right.

A protected page that shows something to a stranger is a failed probe, not a healthy page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import proxy
from ansible_collections.homelab.media.plugins.module_utils.monitoring import AUTHORITY, Settings, signed_here

#: The probe of each kind of access; what somebody has to be signed in for has one and the same.
PROTECTED = "protected"
_PROBES = {"bypass": "open", "portal": "portal", "deny": "closed"}

_REFUSALS = [401, 403]
#: More than a refusal or a redirect has to say, and less than a page.
_NOTHING = "4KB"
#: Everything but an error. An application that asks for its own key is well.
_ANSWERS = [*range(200, 207), *range(300, 309), 401]


def probe_of(page: Mapping[str, Any]) -> str:
    """Return the name of the probe that a page is asked with."""
    return _PROBES.get(str(page["access"]), PROTECTED)


def addresses(page: Mapping[str, Any]) -> Iterator[str]:
    """Give the address of a page under each of its names."""
    for name in page["names"]:
        yield f"https://{name}{page.get('path') or '/'}"


def configuration(settings: Settings, plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return the blackbox exporter's configuration.

    plan: the fact media_plan, of which it takes sign_on.
    """
    portal = str((plan.get("sign_on") or {}).get("url") or "")
    return {
        "modules": {
            "open": _probe(settings, valid_status_codes=_ANSWERS),
            "portal": _probe(settings, valid_status_codes=[200]),
            "closed": _probe(settings, valid_status_codes=_REFUSALS, body_size_limit=_NOTHING),
            PROTECTED: _probe(settings, **_protected(portal), body_size_limit=_NOTHING),
        }
    }


def _protected(portal: str) -> dict[str, Any]:
    """A stranger is refused, or sent to the sign-in page: an application's own page for that is one too many."""
    if not portal:
        return {"valid_status_codes": _REFUSALS}
    place = {"header": "Location", "regexp": f"^{re.escape(portal)}([/?#]|$)", "allow_missing": True}
    return {"valid_status_codes": [302, *_REFUSALS], "fail_if_header_not_matches": [place]}


def _probe(settings: Settings, **expected: Any) -> dict[str, Any]:
    authority = f"{AUTHORITY}/{proxy.AUTHORITY.rpartition('/')[2]}"
    return {
        "prober": "http",
        "timeout": "10s",
        "http": {
            # As a browser: a program is told to go away where a person is sent to sign in.
            "headers": {"Accept": "text/html"},
            "follow_redirects": False,
            "fail_if_not_ssl": True,
            "preferred_ip_protocol": "ip4",
            **({"tls_config": {"ca_file": authority}} if signed_here(settings) else {}),
            **expected,
        },
    }

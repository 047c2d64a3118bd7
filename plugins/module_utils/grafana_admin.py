# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The password of Grafana's own administrator, which Grafana itself takes from its settings at its first start alone.

Asked by its API, with the declared password; only where that is refused, it is set by Grafana's own command in the
container, which needs no other one. It goes there by its standard input, past every list of processes.
"""

from __future__ import annotations

import base64
import http.client
import subprocess
import urllib.error
import urllib.request

from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome, Problem

VARIABLE = "monitoring_grafana_admin_password"
_COMMAND = ("grafana", "cli", "admin", "reset-admin-password", "--password-from-stdin")


def ensure(url: str, user: str, password: str, container: str, *, check: bool, timeout: float = 10) -> Outcome:
    """Have Grafana know its administrator by this password. container: its name or id."""
    outcome = Outcome()
    if _knows(url, user, password, timeout):
        return outcome
    outcome.add("grafana's administrator", "password: another one", "password: the declared one")
    if check:
        return outcome
    said = _reset(container, password)
    if not _knows(url, user, password, timeout):
        reason = f"is not what Grafana has for {user}, and could not be set: {said or 'its command said nothing'}"
        expected = "the name of Grafana's first start in monitoring_grafana_admin, which Grafana keeps"
        raise MediaError([Problem(VARIABLE, reason, expected)])
    return outcome


def _knows(url: str, user: str, password: str, timeout: float) -> bool:
    """Tell whether Grafana takes the password. One wrong answer is far from the five that shut the name out."""
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    request = urllib.request.Request(f"{url.rstrip('/')}/api/user", headers={"Authorization": f"Basic {token}"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=timeout):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 401:
            return False
        raise _silent(url, f"answered HTTP {error.code}") from None
    except (urllib.error.URLError, OSError, http.client.HTTPException) as error:
        raise _silent(url, f"does not answer ({getattr(error, 'reason', None) or error})") from None


def _silent(url: str, reason: str) -> MediaError:
    return MediaError([Problem(f"Grafana at {url}", reason, "a running Grafana on that port")])


def _reset(container: str, password: str) -> str:
    """Set the password, and return what was said of it, without the password."""
    command = ["docker", "exec", "--interactive", container, *_COMMAND]
    try:
        done = subprocess.run(command, input=f"{password}\n", capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error).replace(password, "...")
    said = (done.stderr or done.stdout).strip().splitlines()
    return "" if done.returncode == 0 or not said else said[-1].replace(password, "...")

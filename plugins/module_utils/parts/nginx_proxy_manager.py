# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module nginx_proxy_manager does."""

from __future__ import annotations

from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import authority, npm, npm_declared
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome
from ansible_collections.homelab.media.plugins.module_utils.part import Caller

CERTIFICATE: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "provider": {"type": "str", "choices": ["other", "letsencrypt"], "default": "other"},
    "certificate_file": {"type": "path"},
    "key_file": {"type": "path", "no_log": False},
    "domain_names": {"type": "list", "elements": "str", "default": []},
    "dns_provider": {"type": "str"},
    "dns_credentials_file": {"type": "path", "no_log": False},
    "propagation_seconds": {"type": "int"},
    "key_type": {"type": "str", "choices": ["ecdsa", "rsa"], "default": "ecdsa", "no_log": False},
}
USER: dict[str, Any] = {
    "username": {"type": "str", "required": True},
    "password_file": {"type": "path", "required": True, "no_log": False},
}
CLIENT: dict[str, Any] = {
    "address": {"type": "str", "required": True},
    "directive": {"type": "str", "choices": ["allow", "deny"], "default": "allow"},
}
ACCESS_LIST: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "satisfy_any": {"type": "bool", "default": False},
    "pass_auth": {"type": "bool", "default": False},
    "users": {"type": "list", "elements": "dict", "default": [], "options": USER},
    "clients": {"type": "list", "elements": "dict", "default": [], "options": CLIENT},
}
AUTHORITY: dict[str, Any] = {
    "domain": {"type": "str", "required": True},
    "names": {"type": "list", "elements": "str", "required": True},
    "ca_key_file": {"type": "path", "required": True, "no_log": False},
    "ca_file": {"type": "path", "required": True},
    "key_file": {"type": "path", "required": True, "no_log": False},
    "certificate_file": {"type": "path", "required": True},
}
HOSTS: dict[str, Any] = {"type": "list", "elements": "dict", "default": []}


SPEC: dict[str, Any] = {
    "argument_spec": {
        "url": {"type": "str", "default": "http://127.0.0.1:81"},
        "email": {"type": "str", "required": True},
        "password_file": {"type": "path", "required": True, "no_log": False},
        "in_force_file": {"type": "path", "required": True},
        "ledger": {"type": "path", "required": True},
        "ledger_key_file": {"type": "path", "required": True, "no_log": False},
        "planned_secrets": {"type": "dict", "default": {}, "no_log": False},
        "authority": {"type": "dict", "options": AUTHORITY},
        "data": {"type": "path", "required": True},
        "certificates": {"type": "list", "elements": "dict", "default": [], "options": CERTIFICATE},
        "access_lists": {"type": "list", "elements": "dict", "default": [], "options": ACCESS_LIST},
        "proxy_hosts": HOSTS,
        "redirection_hosts": HOSTS,
        "dead_hosts": HOSTS,
        "default_site": {"type": "dict", "default": {}},
        "timeout": {"type": "float", "default": 60},
        "certificate_timeout": {"type": "float", "default": 960},
    },
}


def run(module: Caller) -> None:
    outcome = Outcome()
    try:
        if module.params["authority"]:
            outcome.extend(signed(module.params["authority"], module.check_mode))
        made = [change.subject for change in outcome.changes]
        target, wanted, ledger = npm_declared.read(module.params, module.check_mode, planned=made)
        outcome.extend(npm.ensure(target, wanted, ledger, module.check_mode))
    except MediaError as error:
        # What was made before is there, and the next run has no reason to tell of it.
        module.fail_json(msg=str(error), **outcome.result())
    for name in outcome.facts["unguarded"]:
        module.warn(f"{name} was published by hand, and no sign-on stands before it; proxy_extra_hosts would guard it")
    module.exit_json(**outcome.result())


def signed(wanted: dict[str, Any], check: bool) -> Outcome:
    """Make the authority and the certificate that it signs, or renew them."""
    files = authority.Files(wanted["ca_key_file"], wanted["ca_file"], wanted["key_file"], wanted["certificate_file"])
    return authority.ensure(files, wanted["domain"].lower(), wanted["names"], check)

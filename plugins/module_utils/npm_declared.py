# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The parameters of the module nginx_proxy_manager, with their secrets read and all their problems told at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import openssl
from ansible_collections.homelab.media.plugins.module_utils.npm import Target, Wanted
from ansible_collections.homelab.media.plugins.module_utils.npm_access_lists import AccessList
from ansible_collections.homelab.media.plugins.module_utils.npm_admin import Admin
from ansible_collections.homelab.media.plugins.module_utils.npm_certificates import Certificate
from ansible_collections.homelab.media.plugins.module_utils.npm_hosts_values import (
    DEAD,
    KINDS,
    PROXY,
    REDIRECTION,
    Kind,
)
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem
from ansible_collections.homelab.media.plugins.module_utils.secret_seal import Sealed
from ansible_collections.homelab.media.plugins.module_utils.servarr_declared import Reader
from ansible_collections.homelab.media.plugins.module_utils.servarr_ledger import Ledger

#: The shortest and the longest password that the server takes.
PASSWORD = (8, 64)
SITES = ("congratulations", "404", "444", "redirect", "html")
#: What a host may say beside its fields.
NAMED = ("certificate", "access_list")
NEEDED = {
    PROXY.path: ("domain_names", "forward_host", "forward_port"),
    REDIRECTION.path: ("domain_names", "forward_domain_name"),
    DEAD.path: ("domain_names",),
}


def read(params: Mapping[str, Any], check: bool, planned: Sequence[str] = ()) -> tuple[Target, Wanted, Ledger]:
    """Return what the parameters mean. planned: files that check mode has only announced."""
    problems: list[Problem] = []
    now = Reader(check, {}, problems)
    later = Reader(check, {**params["planned_secrets"], **dict.fromkeys(planned, "")}, problems)
    key = now.now("ledger_key_file", params["ledger_key_file"])
    password = str(now.now("password_file", params["password_file"]) or "")
    if Path(params["password_file"]).exists() and not PASSWORD[0] <= len(password) <= PASSWORD[1]:
        expected = f"{PASSWORD[0]} to {PASSWORD[1]} characters"
        problems.append(Problem("password_file", "holds a password of a length that the server refuses", expected))
    certificates = [
        _certificate(f"certificates[{index}]", entry, later) for index, entry in enumerate(params["certificates"])
    ]
    lists = [_access_list(f"access_lists[{index}]", entry, later) for index, entry in enumerate(params["access_lists"])]
    hosts = {kind.path: params[kind.path.replace("-", "_")] for kind in KINDS}
    for kind in KINDS:
        problems += _host_problems(kind, hosts[kind.path])
    site = params["default_site"]
    if site and site.get("value") not in SITES:
        problems.append(Problem("default_site.value", f"is {site.get('value')!r}", f"one of {', '.join(SITES)}"))
    if problems:
        raise MediaError(problems)
    to_come = check and params["password_file"] in params["planned_secrets"]
    admin = Admin(params["email"].lower(), password, params["password_file"], params["in_force_file"], to_come=to_come)
    seen = str(PurePosixPath(params["ledger"]).with_suffix(".seen.json"))
    target = Target(params["url"], admin, params["data"], seen, params["timeout"], params["certificate_timeout"])
    ledger = Ledger(params["ledger"], str(key or "").encode("utf-8", "surrogateescape"), check=check)
    return target, Wanted(certificates, lists, hosts, site), ledger


def _certificate(label: str, entry: Mapping[str, Any], reader: Reader) -> Certificate:
    common = {"name": entry["name"], "provider": entry["provider"]}
    if entry["provider"] == "letsencrypt":
        if not entry["domain_names"]:
            reader.problems.append(Problem(f"{label}.domain_names", "is empty", "the names in the certificate"))
        credentials = ""
        if entry["dns_provider"]:
            credentials = _secret(reader, f"{label}.dns_credentials_file", entry["dns_credentials_file"] or "")
        return Certificate(
            **common,
            domain_names=tuple(sorted(entry["domain_names"])),
            dns_provider=entry["dns_provider"] or "",
            dns_credentials=credentials,
            propagation_seconds=entry["propagation_seconds"],
            key_type=entry["key_type"],
        )
    chain = _file(reader, f"{label}.certificate_file", entry["certificate_file"] or "")
    key = _file(reader, f"{label}.key_file", entry["key_file"] or "")
    # nginx would find out, and then for every host at once.
    if chain and key and (not openssl.public(key) or openssl.public(key) != openssl.public_of(chain)):
        expected = "the key that the certificate was made with, both as PEM"
        reader.problems.append(Problem(f"{label}.key_file", "holds no key that fits the certificate", expected))
    return Certificate(**common, chain=chain, key=key)


def _file(reader: Reader, label: str, path: str) -> str:
    """Return PEM. In check mode it may still have to be made or replaced: then it differs from whatever is there."""
    if reader.check and path in reader.planned:
        return ""
    try:
        return Path(path).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        if not (reader.check and path and isinstance(error, FileNotFoundError)):
            reader.problems.append(Problem(label, f"cannot be read from {path or 'nowhere'}", "a file with PEM in it"))
        return ""


def _secret(reader: Reader, label: str, path: str) -> str:
    if not path:
        reader.problems.append(Problem(label, "is not set", "a file with the secret"))
        return ""
    found = reader.soon(label, path)
    return found if isinstance(found, Sealed) else str(found or "")


def _access_list(label: str, entry: Mapping[str, Any], reader: Reader) -> AccessList:
    users = {}
    for index, user in enumerate(entry["users"]):
        users[user["username"]] = _secret(reader, f"{label}.users[{index}]", user["password_file"])
    clients = tuple((client["address"], client["directive"]) for client in entry["clients"])
    return AccessList(entry["name"], users, clients, entry["satisfy_any"], entry["pass_auth"])


def _host_problems(kind: Kind, entries: list[Mapping[str, Any]]) -> list[Problem]:
    found = []
    seen: dict[str, str] = {}
    for index, entry in enumerate(entries):
        label = f"{kind.path.replace('-', '_')}[{index}]"
        known = (*kind.fields, *NAMED)
        found += [
            Problem(f"{label}.{key}", "is not known", f"one of {', '.join(known)}") for key in entry if key not in known
        ]
        found += [Problem(f"{label}.{key}", "is missing", "a value") for key in NEEDED[kind.path] if not entry.get(key)]
        names = entry.get("domain_names") or []
        if not isinstance(names, list):
            found.append(Problem(f"{label}.domain_names", f"is a {type(names).__name__}", "a list of names"))
            continue
        for name in {str(name).lower() for name in names}:
            if name in seen:
                found.append(Problem(f"{label}.domain_names", f"has {name}, as {seen[name]} has", "a name once"))
            seen[name] = label
    return found

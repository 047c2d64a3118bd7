# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bringing the certificates of Nginx Proxy Manager to what is wanted: given ones, and those of Let's Encrypt.

A certificate that is given is compared with what the server has on disk, and put there. One of Let's Encrypt is asked
for once in a run, whatever comes of it: whoever asks too often is shut out there. The server renews them by itself.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.atomic import write_file
from ansible_collections.homelab.media.plugins.module_utils.npm_api import Client
from ansible_collections.homelab.media.plugins.module_utils.npm_hosts import APPLICATION
from ansible_collections.homelab.media.plugins.module_utils.outcome import Outcome
from ansible_collections.homelab.media.plugins.module_utils.ownership import Ownership
from ansible_collections.homelab.media.plugins.module_utils.servarr_ledger import Ledger

RESOURCE = "certificates"
PATH = f"/nginx/{RESOURCE}"


@dataclass(frozen=True)
class Certificate:
    """One certificate. chain and key: PEM of a given one, empty in check mode while they are not made."""

    name: str
    provider: str
    chain: str = ""
    key: str = field(default="", repr=False)
    domain_names: tuple[str, ...] = ()
    dns_provider: str = ""
    dns_credentials: str = field(default="", repr=False)
    propagation_seconds: int | None = None
    key_type: str = "ecdsa"


@dataclass
class Step:
    """One certificate that is to be made, or put in place anew. number: below zero while it is not there."""

    certificate: Certificate
    number: int
    needed: bool

    @property
    def text(self) -> str:
        if self.certificate.provider == "letsencrypt":
            return "asked of Let's Encrypt"
        return "put in place"


def plan(rows: Sequence[Mapping[str, Any]], wanted: Sequence[Certificate], data: str, ledger: Ledger) -> list[Step]:
    """Return a step for each wanted certificate. data: the server's /data as this host sees it."""
    found = []
    for index, certificate in enumerate(wanted):
        number = _find(rows, certificate)
        if number and certificate.provider == "letsencrypt" and not _same_credentials(certificate, number, ledger):
            number = 0
        needed = not number or (certificate.provider == "other" and not _same(certificate, number, data))
        found.append(Step(certificate, number or -1 - index, needed))
    return found


def _find(rows: Sequence[Mapping[str, Any]], certificate: Certificate) -> int:
    """Return the id of the latest such certificate."""
    numbers = [0]
    for row in rows:
        if row.get("provider") != certificate.provider:
            continue
        if certificate.provider == "letsencrypt":
            same = sorted(row.get("domain_names") or ()) == sorted(certificate.domain_names)
        else:
            same = row.get("nice_name") == certificate.name
        if same:
            numbers.append(int(row["id"]))
    return max(numbers)


def _same_credentials(certificate: Certificate, number: int, ledger: Ledger) -> bool:
    """Other credentials cannot be put into a certificate that is there; nobody knows those of one made by hand."""
    place = f"{RESOURCE}/{number}/credentials"
    known = not certificate.dns_provider or not ledger.remembers(APPLICATION, place)
    return known or ledger.knows(APPLICATION, place, certificate.dns_credentials)


def _same(certificate: Certificate, number: int, data: str) -> bool:
    folder = Path(data) / "custom_ssl" / f"npm-{number}"
    pairs = ((folder / "fullchain.pem", certificate.chain), (folder / "privkey.pem", certificate.key))
    try:
        return all(_lines(path.read_text(encoding="ascii", errors="replace")) == _lines(text) for path, text in pairs)
    except OSError:
        return False


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def tell(outcome: Outcome, steps: Sequence[Step]) -> None:
    for step in [step for step in steps if step.needed]:
        outcome.add(f"certificate {step.certificate.name}", "" if step.number < 0 else "another one", step.text)


def apply(client: Client, steps: Sequence[Step], data: str, ledger: Ledger, patience: float) -> None:
    """Make what is needed, and take down which ones a run has made."""
    for step in [step for step in steps if step.needed]:
        if step.certificate.provider == "letsencrypt":
            _ask(client, step, ledger, patience)
        else:
            _place(client, step, data, ledger)


def _ask(client: Client, step: Step, ledger: Ledger, patience: float) -> None:
    certificate = step.certificate
    meta: dict[str, Any] = {"dns_challenge": bool(certificate.dns_provider), "key_type": certificate.key_type}
    if certificate.dns_provider:
        client.hide(certificate.dns_credentials)
        for line in certificate.dns_credentials.splitlines():
            client.hide(line.partition("=")[2].strip())
        meta.update(dns_provider=certificate.dns_provider, dns_provider_credentials=certificate.dns_credentials)
        if certificate.propagation_seconds is not None:
            meta["propagation_seconds"] = certificate.propagation_seconds
    body = {"provider": "letsencrypt", "domain_names": list(certificate.domain_names), "meta": meta}
    step.number = int(client.item("POST", PATH, body, slowest=patience)["id"])
    ledger.add(APPLICATION, RESOURCE, step.number, f"{certificate.name} ({step.number})")
    if certificate.dns_provider:
        ledger.remember(APPLICATION, f"{RESOURCE}/{step.number}/credentials", certificate.dns_credentials)


def _place(client: Client, step: Step, data: str, ledger: Ledger) -> None:
    """Put a certificate where nginx reads it. An upload would write its key to the log of the container."""
    certificate = step.certificate
    if step.number < 0:
        body = {"provider": "other", "nice_name": certificate.name}
        step.number = int(client.item("POST", PATH, body)["id"])
        ledger.add(APPLICATION, RESOURCE, step.number, certificate.name)
    owner = Path(data).stat()
    folder = Path(data) / "custom_ssl" / f"npm-{step.number}"
    for place in (folder.parent, folder):
        place.mkdir(mode=0o750, exist_ok=True)
        os.chown(place, owner.st_uid, owner.st_gid)
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for name, text, mode in (("privkey.pem", certificate.key, 0o600), ("fullchain.pem", certificate.chain, 0o644)):
            write_file(directory, name, text.encode("ascii"), Ownership(owner.st_uid, owner.st_gid, mode))
    finally:
        os.close(directory)


def stale(rows: Sequence[Mapping[str, Any]], steps: Sequence[Step], ledger: Ledger) -> list[Mapping[str, Any]]:
    """Return the certificates that a run has made, and that nobody wants any more."""
    ours, kept = ledger.made(APPLICATION, RESOURCE), {step.number for step in steps}
    return [row for row in rows if int(row["id"]) in ours and int(row["id"]) not in kept]


def drop(client: Client, rows: Sequence[Mapping[str, Any]], ledger: Ledger) -> None:
    """Remove certificates that no host uses any more."""
    for row in rows:
        client.ask("DELETE", f"{PATH}/{row['id']}")
        ledger.drop(APPLICATION, RESOURCE, int(row["id"]))

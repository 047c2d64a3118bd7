# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A certificate authority of the host's own, and the certificate that it signs: kept while good, renewed in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ansible_collections.homelab.media.plugins.module_utils import openssl
from ansible_collections.homelab.media.plugins.module_utils.atomic import NotAFileError, read_file, write_file
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome, Problem
from ansible_collections.homelab.media.plugins.module_utils.ownership import Ownership
from ansible_collections.homelab.media.plugins.module_utils.paths import make_parents, opened, reach

SECRET = Ownership(0, 0, 0o600)
OPEN = Ownership(0, 0, 0o644)
#: Days. Devices refuse certificates that last much longer than a year; an authority has to be installed by hand.
CERTIFICATE_DAYS = 397
AUTHORITY_DAYS = 3650
RENEW_DAYS = 30


@dataclass(frozen=True)
class Files:
    """Where everything is."""

    ca_key: str
    ca: str
    key: str
    certificate: str


def ensure(files: Files, domain: str, names: Sequence[str], check: bool) -> Outcome:
    """Make what is missing, unusable, or about to end. The first name is the one that people are shown.

    Readers of a folder that is made here are all: what is secret goes into one that is there.
    """
    outcome = Outcome()
    found = {path: _read(path) for path in vars(files).values()}
    ca_key, key = found[files.ca_key], found[files.key]
    ca, certificate = found[files.ca], found[files.certificate]
    because = _authority_fault(ca, ca_key, domain)
    if because:
        outcome.add(files.ca, because if ca else "", f"an authority for {domain}, for {AUTHORITY_DAYS} days")
        if not check:
            # A key that is there stays: devices that trust it know the renewed authority too.
            ca_key = ca_key if openssl.public(ca_key) else _write(files.ca_key, openssl.key(), SECRET)
            ca = _write(files.ca, openssl.authority(ca_key, f"homelab.media {domain}", domain, AUTHORITY_DAYS), OPEN)
    because = "signed by another authority" if because else _certificate_fault(certificate, key, ca, names)
    if because:
        wanted = f"for {', '.join(names)}, for {CERTIFICATE_DAYS} days"
        outcome.add(files.certificate, because if certificate else "", wanted)
        if not check:
            key = key if openssl.public(key) else _write(files.key, openssl.key(), SECRET)
            made = openssl.certificate(key, ca_key, ca, names, CERTIFICATE_DAYS)
            _write(files.certificate, made, OPEN)
    return outcome


def _authority_fault(ca: str, key: str, domain: str) -> str:
    """Return why the authority is of no use; nothing where it is good."""
    if not ca or openssl.public_of(ca) != openssl.public(key):
        return "without its key"
    if openssl.permitted(ca) != [domain]:
        return "for another domain"
    # What it signs may not outlive it.
    return "" if openssl.lasts(ca, CERTIFICATE_DAYS + RENEW_DAYS) else "about to end"


def _certificate_fault(certificate: str, key: str, ca: str, names: Sequence[str]) -> str:
    if not certificate or openssl.public_of(certificate) != openssl.public(key):
        return "without its key"
    if openssl.dns_names(certificate) != sorted(names):
        return f"for {', '.join(openssl.dns_names(certificate))}"
    if not openssl.lasts(certificate, RENEW_DAYS):
        return "about to end"
    return "" if openssl.signed_by(certificate, ca) else "signed by another authority"


def _read(path: str) -> str:
    """Return the text of a file, nothing where there is none."""
    place = PurePosixPath(path)
    try:
        with reach(str(place.parent), str(place.parent)) as (here, missing):
            file = None if missing else read_file(here, place.name)
    except OSError as error:
        reason = str(error) if isinstance(error, NotAFileError) else f"cannot be read ({error.strerror})"
        raise MediaError([Problem(path, reason, "a file, or nothing")]) from None
    return file[0].decode("ascii", "replace") if file else ""


def _write(path: str, content: str, ownership: Ownership) -> str:
    place = PurePosixPath(path)
    folder = str(place.parent)
    try:
        make_parents(path, folder, check=False)
        with reach(folder, folder) as (here, _missing):
            _put(here, place.name, content.encode("ascii"), ownership)
    except OSError as error:
        raise MediaError([Problem(path, f"cannot be written ({error.strerror})", "a folder there")]) from None
    return content


def _put(here: int, name: str, content: bytes, ownership: Ownership) -> None:
    with opened(here) as directory:
        write_file(directory, name, content, ownership)

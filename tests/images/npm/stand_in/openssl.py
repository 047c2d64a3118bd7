# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What openssl says of certificates and keys."""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .errors import invalid


def openssl(*arguments: str) -> str:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(done.stderr.strip() or done.stdout.strip())
    return done.stdout


def about(text: str, refuse_expired: bool) -> dict[str, Any]:
    """Return the name, the issuer and the dates of the first certificate in a text."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(text)
        file.flush()
        try:
            return _about(file.name, refuse_expired)
        except ValueError as error:
            raise invalid(f"Certificate is not valid ({error})") from error


def _about(name: str, refuse_expired: bool) -> dict[str, Any]:
    found = re.search(r"(?:subject=)?[^=]+=\s*(\S+)", openssl("x509", "-in", name, "-subject", "-noout"))
    issuer = openssl("x509", "-in", name, "-issuer", "-noout").removeprefix("issuer=").strip()
    dates = dict(line.split("=", 1) for line in openssl("x509", "-in", name, "-dates", "-noout").splitlines())
    begins, ends = (_seconds(dates[which]) for which in ("notBefore", "notAfter"))
    if refuse_expired and ends < time.time():
        raise ValueError("Certificate has expired")
    told: dict[str, Any] = {"issuer": issuer, "dates": {"from": begins, "to": ends}}
    return {"cn": found[1], **told} if found else told


def _seconds(date: str) -> int:
    return int(datetime.strptime(date, "%b %d %H:%M:%S %Y GMT").replace(tzinfo=timezone.utc).timestamp())


def check_key(text: str) -> bool:
    """Refuse what is no private key. Whether it fits a certificate is not asked; nginx will."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(text)
        file.flush()
        try:
            # A passphrase is never asked for; upstream gives up after ten seconds.
            openssl("pkey", "-in", file.name, "-check", "-noout", "-passin", "pass:")
        except ValueError as error:
            raise invalid(f"Certificate Key is not valid ({error})") from error
    return True


def self_signed(folder: Path, names: list[str], days: int = 90) -> None:
    """Make a key and a certificate for these names, as fullchain.pem and privkey.pem."""
    folder.mkdir(parents=True, exist_ok=True)
    more = f"subjectAltName={','.join(f'DNS:{name}' for name in names)}"
    openssl(
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *("-days", str(days), "-subj", f"/CN={names[0]}", "-addext", more),
        *("-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")),
    )

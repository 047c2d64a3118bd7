# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked of the program openssl: keys, certificates, and what is in them. No key is ever on a command line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem

PROGRAM = "openssl"
_NAME = re.compile(r"DNS:([^,\s]+)")


def run(words: Sequence[str], given: str = "", *, may_fail: bool = False) -> str | None:
    """Return what openssl answers, None where it may fail and does."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise MediaError([Problem(PROGRAM, "is not on this host", "its package installed")])
    # Its messages are read.
    environment = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(
        [program, *words], input=given, capture_output=True, text=True, check=False, timeout=120, env=environment
    )
    if done.returncode == 0:
        return done.stdout
    if may_fail:
        return None
    lines = done.stderr.strip().splitlines() or ["no message"]
    raise MediaError([Problem(f"{PROGRAM} {words[0]}", f"failed ({lines[0]})", "a program that can do this")])


def key() -> str:
    """Return a new key."""
    words = [
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-pkeyopt",
        "ec_param_enc:named_curve",
    ]
    return run(words) or ""


def public(key_pem: str) -> str:
    """Return the public half of a key, nothing where it is no key."""
    return run(["pkey", "-pubout"], key_pem, may_fail=True) or ""


def public_of(certificate: str) -> str:
    """Return the public key in a certificate, nothing where it is none."""
    return run(["x509", "-pubkey", "-noout"], certificate, may_fail=True) or ""


def lasts(certificate: str, days: int) -> bool:
    """Tell whether a certificate is still good in so many days."""
    return run(["x509", "-noout", "-checkend", str(days * 86400)], certificate, may_fail=True) is not None


def dns_names(certificate: str) -> list[str]:
    """Return the names that a certificate is for."""
    text = run(["x509", "-noout", "-ext", "subjectAltName"], certificate, may_fail=True) or ""
    return sorted(_NAME.findall(text))


def permitted(certificate: str) -> list[str]:
    """Return the domains that an authority may sign for."""
    text = run(["x509", "-noout", "-ext", "nameConstraints"], certificate, may_fail=True) or ""
    return sorted(_NAME.findall(text))


def signed_by(certificate: str, authority: str) -> bool:
    """Tell whether the authority has signed the certificate."""
    with tempfile.TemporaryDirectory() as folder:
        names = _files(folder, {"ca.crt": authority, "tls.crt": certificate})
        words = ["verify", "-no-CApath", "-no-CAstore", "-CAfile", names["ca.crt"], names["tls.crt"]]
        return run(words, may_fail=True) is not None


def authority(key_pem: str, name: str, domain: str, days: int) -> str:
    """Return the certificate of an authority that can sign for one domain only."""
    with tempfile.TemporaryDirectory() as folder:
        names = _files(folder, {"ca.key": key_pem})
        words = ["req", "-x509", "-new", "-sha256", "-days", str(days), "-key", names["ca.key"], "-subj", f"/CN={name}"]
        extensions = (
            "basicConstraints=critical,CA:TRUE,pathlen:0",
            "keyUsage=critical,keyCertSign,cRLSign",
            f"nameConstraints=critical,permitted;DNS:{domain}",
        )
        return run([*words, *(word for entry in extensions for word in ("-addext", entry))]) or ""


def certificate(key_pem: str, ca_key: str, ca: str, names: Sequence[str], days: int) -> str:
    """Return a certificate for these names, signed by the authority."""
    lines = [
        "basicConstraints=critical,CA:FALSE",
        "keyUsage=critical,digitalSignature",
        "extendedKeyUsage=serverAuth",
        f"subjectAltName={','.join(f'DNS:{name}' for name in names)}",
        "subjectKeyIdentifier=hash",
        "authorityKeyIdentifier=keyid",
    ]
    with tempfile.TemporaryDirectory() as folder:
        files = {"tls.key": key_pem, "ca.key": ca_key, "ca.crt": ca, "extensions": "\n".join(lines) + "\n"}
        at = _files(folder, files)
        request = run(["req", "-new", "-sha256", "-key", at["tls.key"], "-subj", f"/CN={names[0]}"]) or ""
        words = ["x509", "-req", "-sha256", "-days", str(days), "-CA", at["ca.crt"], "-CAkey", at["ca.key"]]
        return run([*words, "-extfile", at["extensions"], "-set_serial", f"0x{os.urandom(16).hex()}"], request) or ""


def _files(folder: str, contents: dict[str, str]) -> dict[str, str]:
    """Put texts into a folder that only this user can enter, and return their paths."""
    for name, content in contents.items():
        Path(folder, name).write_text(content, encoding="ascii")
    return {name: str(Path(folder, name)) for name in contents}

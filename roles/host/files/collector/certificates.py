# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the certificates end that the front door hands out, and the authority that they are of, if it is this host's."""

from __future__ import annotations

import re
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .findings import Findings, Trouble
from .memory import Memory

SECTION = "certificates"
SECONDS = 3.0

_USED = re.compile(r"^\s*ssl_certificate\s+([^;\s]+)\s*;", re.MULTILINE)
_WORDS = ("-noout", "-enddate", "-subject_hash", "-issuer_hash", "-subject", "-nameopt", "multiline,utf8")


def collect(found: Findings, memory: Memory, config: Mapping[str, Any]) -> None:
    """Tell of every certificate that nginx's configuration names. What is in none of its files is handed out no more.

    config: the pattern of these files, where the folders of the container are on the host, and the authority.
    """
    known, read = memory.get(SECTION), {}
    failed = []
    for path in sorted({*_used(config), config["authority"]}):
        try:
            read[path] = _facts(path, known.get(path, {}))
        except FileNotFoundError:
            if path != config["authority"]:  # which is there only where it is this host's own
                failed.append(f"{path} is not there")
        except (OSError, Trouble) as error:
            failed.append(f"{path} cannot be read ({error})")
    memory.put(SECTION, read)
    issuers = {facts["issuer"] for path, facts in read.items() if path != config["authority"]}
    ends: dict[str, float] = {}
    for path, facts in read.items():
        if path != config["authority"] or facts["subject"] in issuers:
            ends[facts["name"]] = min(facts["ends"], ends.get(facts["name"], facts["ends"]))
    for name, when in ends.items():
        found.add("media_certificate_expiry_timestamp_seconds", when, certificate=name)
    if failed:
        raise Trouble("; ".join(failed))


def _used(config: Mapping[str, Any]) -> Iterator[str]:
    for file in Path("/").glob(config["nginx"].lstrip("/")):
        for inside in _USED.findall(file.read_text(encoding="utf-8", errors="replace")):
            for folder, place in config["folders"].items():
                if inside.startswith(f"{folder}/"):
                    yield place + inside[len(folder) :]


def _facts(path: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is in a certificate; as it was remembered while the file is the same one."""
    status = Path(path).stat()
    version = [status.st_ino, status.st_mtime_ns, status.st_size]
    return dict(known) if known.get("version") == version else {"version": version, **_read(path)}


def _read(path: str) -> dict[str, Any]:
    command = ["openssl", "x509", "-in", path, *_WORDS, "-ext", "subjectAltName"]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=SECONDS,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Trouble(f"openssl does not answer within {SECONDS:g} s") from None
    except OSError as error:
        raise Trouble(f"openssl cannot be run: {error.strerror}") from None
    if done.returncode != 0:
        raise Trouble("it is no certificate")
    return parse(done.stdout)


def parse(text: str) -> dict[str, Any]:
    """Read what openssl prints of a certificate. Its name is the first one that it is for, or its own."""
    end = re.search(r"^notAfter=(.+)$", text, re.MULTILINE)
    hashes = re.findall(r"^[0-9a-f]{8}$", text, re.MULTILINE)
    name = re.search(r"\bDNS:([^,\s]+)", text) or re.search(r"^\s+commonName\s+= (.+)$", text, re.MULTILINE)
    if end is None or len(hashes) != 2:
        raise Trouble("openssl tells something else than it should")
    ends = float(ssl.cert_time_to_seconds(end[1]))
    return {"ends": ends, "subject": hashes[0], "issuer": hashes[1], "name": name[1] if name else hashes[0]}

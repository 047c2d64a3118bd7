# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The render phase on the host, in one walk: account, folders, secrets, files, Compose fragments, units.

Nothing here knows of a service: what each one needs comes with the request. The digest of a service covers its
declaration, its configuration files and its secrets, under a key that never leaves the host, and is written into the
fragment as a label of its container.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import (
    files,
    identity,
    leftovers,
    run_record,
    secret_store,
    secret_tokens,
    tree,
    units,
)
from ansible_collections.homelab.media.plugins.module_utils.files import File
from ansible_collections.homelab.media.plugins.module_utils.outcome import Outcome
from ansible_collections.homelab.media.plugins.module_utils.secret_seal import seal
from ansible_collections.homelab.media.plugins.module_utils.secret_store import Secret
from ansible_collections.homelab.media.plugins.module_utils.tree import Entry, Tree
from ansible_collections.homelab.media.plugins.module_utils.units import Unit

DIGEST_KEY = "stack_digest_key"
UNIT_FOLDER = "/etc/systemd/system"
CATALOGUE = "catalogue.json"


@dataclass(frozen=True)
class Service:
    """What decides whether a service's container has to be another one.

    fingerprint: digest of its declaration, from the controller.
    kept: it belongs to a role that this run is not about; its configuration is as the last run left it.
    """

    image: str
    fingerprint: str
    secrets: tuple[str, ...] = ()
    kept: bool = False


@dataclass(frozen=True)
class Request:
    """Everything that the render phase puts on the host."""

    root: str
    identity: identity.Identity
    data: Tree
    state: tuple[Entry, ...]
    secrets: Mapping[str, Secret] = field(repr=False)
    files: Sequence[File] = field(repr=False)
    file_services: Mapping[str, str]  # path of a file -> the service that it configures
    file_roles: Mapping[str, str]  # path of a file -> the role that declares it
    reached: Sequence[str]  # the roles that this run is about
    active: Sequence[str]  # the roles that are on
    fragments: Mapping[str, str]  # role -> text of its Compose fragment
    environment: str
    declarations: Mapping[str, Any]
    pages: Mapping[str, str]  # service -> where the front door publishes it
    services: Mapping[str, Service]
    units: Sequence[Unit]
    ranges: Mapping[str, str]  # network -> its IPv4 range
    whole: bool
    complete: bool = False  # all services and all phases


def ensure(request: Request, *, check: bool) -> Outcome:
    """Make the host so, and return the digest and image of every service as a fact."""
    outcome = Outcome()
    outcome.extend(identity.ensure(request.identity, check=check))
    outcome.extend(tree.ensure(request.data, check=check))
    outcome.extend(tree.ensure(Tree(request.state), check=check))
    store = f"{request.root}/secrets"
    stored = secret_store.ensure(store, request.secrets, check=check)
    outcome.extend(stored)
    lookup = secret_store.lookup(store, request.secrets)

    last = _last_catalogue(request.root)
    rendered = leftovers.known(last.get("files") or {}, request.file_roles, request.reached, request.active)
    configured = configuration_digests(request, lookup)
    labels = {
        name: hashlib.sha256(f"{service.fingerprint} {configured[name]}".encode()).hexdigest()[:32]
        for name, service in request.services.items()
    }
    written = files.ensure(
        request.root,
        [*request.files, *_compose_files(request, labels), _catalogue_file(request, configured, labels, rendered)],
        check=check,
        lookup=lookup,
        planned=list(request.secrets),
        also=[UNIT_FOLDER],
    )
    outcome.extend(written)
    leftovers.remove(request.root, last.get("files") or {}, rendered, outcome, check=check)
    if request.whole:
        _prune_fragments(request, outcome, check)
    changed = [change.subject for change in written.changes]
    outcome.extend(units.ensure(request.units, changed, check=check))
    if request.complete and not check:
        run_record.begin(request.root)
    images = {name: service.image for name, service in request.services.items()}
    outcome.facts = {
        "services": {name: {"digest": labels[name], "image": images[name]} for name in sorted(labels)},
        "planned_secrets": _planned_secrets(request, stored, lookup) if check else {},
    }
    return outcome


def _planned_secrets(request: Request, stored: Outcome, lookup: secret_tokens.Lookup) -> dict[str, str]:
    """Return the digest of each given secret that check mode has not put into its file, by the file."""
    key = (lookup(DIGEST_KEY) or "").encode()
    differing = {change.subject for change in stored.changes}
    given = {f"{request.root}/secrets/{name}": secret.wanted() for name, secret in request.secrets.items()}
    if not key:  # a fresh host: nobody has written anything that a digest could be compared with
        return {}
    return {path: str(seal(key, value.decode())) for path, value in given.items() if value and path in differing}


def configuration_digests(request: Request, lookup: secret_tokens.Lookup) -> dict[str, str]:
    """Return a digest of each service's configuration files and secrets, keyed so that no secret can be guessed.

    In check mode a secret that is only planned counts as its name: its service has no container yet, or gets another.
    """
    key = (lookup(DIGEST_KEY) or "planned").encode()
    kept = _kept_digests(request.root)
    digests = {}
    for name, service in request.services.items():
        if service.kept and name in kept:
            digests[name] = kept[name]
            continue
        parts = [
            f"{file.path}\0{file.mode}\0{secret_tokens.replace(file.content, lambda secret: _value(lookup, secret))}"
            for file in sorted(request.files, key=lambda file: file.path)
            if request.file_services.get(file.path) == name and not file.seed
        ]
        parts += [f"{secret}\0{_value(lookup, secret)}" for secret in sorted(service.secrets)]
        digests[name] = hmac.new(key, "\0\0".join(parts).encode(), "sha256").hexdigest()[:32]
    return digests


def _value(lookup: secret_tokens.Lookup, name: str) -> str:
    return lookup(name) or f"planned:{name}"


def _kept_digests(root: str) -> dict[str, str]:
    return dict(_last_catalogue(root).get("digests") or {})


def _last_catalogue(root: str) -> dict[str, Any]:
    """Return what the last run left; whatever is wrong with it, this run writes it anew."""
    try:
        last = json.loads(Path(root, CATALOGUE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return last if isinstance(last, dict) else {}


def _former(last: Mapping[str, Any], declarations: Mapping[str, Any]) -> dict[str, Any]:
    """Return the services of earlier runs that are off now, with what a person may purge of them by name."""
    services = {name for declaration in declarations.values() for name in declaration.get("services", {})}
    known = dict(last.get("former") or {})
    for declaration in (last.get("declarations") or {}).values():
        for name, service in declaration.get("services", {}).items():
            extension = service.get("x-media") or {}
            known[name] = {"x-media": {key: extension[key] for key in ("state", "part_of") if key in extension}}
    return {name: service for name, service in known.items() if name not in services}


def _compose_files(request: Request, labels: Mapping[str, str]) -> list[File]:
    texts = {f"compose/{role}.yaml": text for role, text in request.fragments.items()}
    for path, text in texts.items():
        for name, label in labels.items():
            text = text.replace(f"@@digest:{name}@@", label)
        texts[path] = text
    # A person may have put a password into an environment: not for every eye.
    return [File(path, text, mode="0640") for path, text in {**texts, ".env": request.environment}.items()]


def _catalogue_file(
    request: Request, digests: Mapping[str, str], labels: Mapping[str, str], rendered: Mapping[str, str]
) -> File:
    content = {
        "declarations": request.declarations,
        "digests": digests,
        "files": rendered,
        "former": _former(_last_catalogue(request.root), request.declarations),
        "labels": labels,
        "pages": dict(request.pages),
        "ranges": dict(request.ranges),
    }
    return File(CATALOGUE, json.dumps(content, indent=1, sort_keys=True) + "\n", mode="0640")


def _prune_fragments(request: Request, outcome: Outcome, check: bool) -> None:
    """Remove the fragments of roles that are off: they were rendered, and are again when the role is back on."""
    for path in sorted(Path(request.root, "compose").glob("*.yaml")):
        if path.stem not in request.fragments:
            outcome.add(str(path), "a Compose fragment", "")
            if not check:
                path.unlink()

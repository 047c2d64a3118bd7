# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The commands that look into the database: second factors, bans, the encryption key, the schema."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from . import VERSION
from .cli_words import CommandError
from .config import Config
from .database import DatabaseError
from .storage import SCHEMA, Storage, StorageError
from .totp import generate

_MANUAL = "Manual Ban"
Load = Callable[[argparse.Namespace], Config]
Work = Callable[[Storage, Config, argparse.Namespace], None]


def add(parser: argparse.ArgumentParser, option: Callable[[argparse.ArgumentParser], None], load: Load) -> None:
    """Add everything below `storage`."""
    commands = parser.add_subparsers(required=True)

    def leaf(
        below: argparse._SubParsersAction[argparse.ArgumentParser], name: str, work: Work, key: bool = True
    ) -> argparse.ArgumentParser:
        made = below.add_parser(name)
        option(made)
        made.set_defaults(command=lambda options: _with_storage(load(options), options, work, key))
        return made

    totp = commands.add_parser("user").add_subparsers(required=True).add_parser("totp").add_subparsers(required=True)
    made = leaf(totp, "generate", _generate)
    made.add_argument("username")
    made.add_argument("--force", "-f", action="store_true")
    for name in ("issuer", "algorithm", "secret"):
        made.add_argument(f"--{name}")
    for name in ("digits", "period"):
        made.add_argument(f"--{name}", type=int)
    leaf(totp, "delete", _delete).add_argument("username")
    exported = leaf(totp, "export", _export)
    exported.add_argument("kind", nargs="?", choices=["uri", "yaml"], default="yaml")
    exported.add_argument("--file", default="authelia.export.totp.yml")

    bans = commands.add_parser("bans").add_subparsers(required=True)
    for kind in ("user", "ip"):
        each = bans.add_parser(kind).add_subparsers(required=True)
        leaf(each, "list", _bans_of(kind))
        revoke = leaf(each, "revoke", _revoke_of(kind))
        revoke.add_argument("value", nargs="?")
        revoke.add_argument("--id", "-i", type=int)
        banned = leaf(each, "add", _add_of(kind))
        banned.add_argument("value")
        banned.add_argument("--permanent", "-p", action="store_true")
        banned.add_argument("--duration", "-d", default="1 day")
        banned.add_argument("--reason", "-r", default="")

    encryption = commands.add_parser("encryption").add_subparsers(required=True)
    leaf(encryption, "check", _check_key, key=False).add_argument("--verbose", action="store_true")
    leaf(encryption, "change-key", _change_key).add_argument("--new-encryption-key", required=True)
    migrate = commands.add_parser("migrate").add_subparsers(required=True)
    leaf(migrate, "up", _migrate, key=False)
    leaf(commands, "schema-info", _schema, key=False)


def _with_storage(config: Config, options: argparse.Namespace, work: Work, key: bool) -> int:
    try:
        storage = Storage(config)
    except DatabaseError as error:
        raise CommandError(str(error)) from error
    try:
        if key:
            if storage.version < SCHEMA:
                raise CommandError(
                    "command requires the use of an up to date schema version: storage schema outdated: "
                    f"version {storage.version} is outdated please migrate to version {SCHEMA}"
                )
            storage.check_key()
        work(storage, config, options)
    except (StorageError, DatabaseError) as error:
        raise CommandError(str(error)) from error
    finally:
        storage.close()
    return 0


def _generate(storage: Storage, config: Config, options: argparse.Namespace) -> None:
    name = options.username
    if storage.totp(name) and not options.force:
        raise CommandError(f"{name} already has a TOTP configuration, use --force to overwrite")
    given = {each: getattr(options, each) for each in ("issuer", "algorithm", "secret", "digits", "period")}
    made = generate(config, name, **given)
    storage.put_totp(made)
    print(f"Successfully generated TOTP configuration for user '{name}' with URI '{made.uri}'")


def _delete(storage: Storage, _config: Config, options: argparse.Namespace) -> None:
    if not storage.drop_totp(options.username):
        raise CommandError(
            f"failed to delete TOTP configuration for user '{options.username}': no TOTP configuration for user"
        )
    print(f"Successfully deleted TOTP configuration for user '{options.username}'")


def _export(storage: Storage, _config: Config, options: argparse.Namespace) -> None:
    found = storage.totps()
    if options.kind == "uri":
        for each in found:
            print(each.uri)
        what = f"{len(found)} TOTP configuration's as TOTP URI's"
        print(f"\n\nSuccessfully exported {what} and printed them to the console\n")
        return
    lines = ["totp_configurations:"]
    for each in found:
        lines += [
            f"  - issuer: {each.issuer}",
            f"    username: {each.name}",
            f"    algorithm: {each.algorithm}",
            f"    digits: {each.digits}",
            f"    period: {each.period}",
            f"    secret: {each.secret}",
        ]
    file = Path(options.file)
    file.touch(mode=0o600, exist_ok=False)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"Successfully exported {len(found)} TOTP configuration's as YAML to the '{options.file}' file")


def _bans_of(kind: str) -> Work:
    def work(storage: Storage, _config: Config, _options: argparse.Namespace) -> None:
        found = storage.bans(kind, time.time())
        if not found:
            print("\nNo results.")
            return
        print(f"ID\t{'Username' if kind == 'user' else 'IP'}\tExpires\tSource\tReason")
        for ban in found:
            until = (
                "never"
                if ban.expires is None
                else f"{datetime.fromtimestamp(ban.expires).astimezone():%Y-%m-%d %H:%M:%S %Z}"
            )
            print(f"{ban.number}\t{ban.value}\t{until}\t{ban.source}\t{ban.reason}")

    return work


def _revoke_of(kind: str) -> Work:
    def work(storage: Storage, _config: Config, options: argparse.Namespace) -> None:
        if not options.id and not options.value:
            raise CommandError("either the ban id or the value is required")
        found = [
            ban for ban in storage.bans(kind, time.time()) if ban.number == options.id or ban.value == options.value
        ]
        if not found:
            raise CommandError(f"no ban found for the {kind} '{options.value or options.id}'")
        for ban in found:
            storage.revoke(kind, ban.number)
            print(f"SUCCESS: The ban with id '{ban.number}' for {kind} '{ban.value}' has been revoked.")

    return work


def _add_of(kind: str) -> Work:
    def work(storage: Storage, _config: Config, options: argparse.Namespace) -> None:
        from .durations import seconds

        until = None if options.permanent else time.time() + seconds(options.duration)
        storage.ban(kind, options.value, until, "cli", options.reason or _MANUAL)
        print(f"SUCCESS: The {kind} '{options.value}' has been banned.")

    return work


def _check_key(storage: Storage, _config: Config, _options: argparse.Namespace) -> None:
    try:
        if storage.version == 0:
            raise StorageError("the database has no schema yet")
        storage.check_key()
    except StorageError as error:
        print(f"Storage Encryption Key Validation: FAILURE\n\n\tCause: {error}.")
    else:
        print("Storage Encryption Key Validation: SUCCESS")


def _change_key(storage: Storage, config: Config, options: argparse.Namespace) -> None:
    new = options.new_encryption_key
    if len(new) < 20:
        raise CommandError("the new encryption key must be at least 20 characters")
    if new == config.get("storage.encryption_key"):
        raise CommandError("the new encryption key must not be the same as the old encryption key")
    storage.change_key(new)
    print("Completed the encryption key change. Please adjust your configuration to use the new key.")


def _migrate(storage: Storage, _config: Config, _options: argparse.Namespace) -> None:
    before = storage.migrate()
    if before == SCHEMA:
        raise CommandError("schema already up to date")
    print(f"Storage schema migration from {before} to {SCHEMA} is complete ({VERSION})")


def _schema(storage: Storage, _config: Config, _options: argparse.Namespace) -> None:
    version = storage.version
    print(f"Schema Version: {version or 'N/A'}")
    print(f"Schema Upgrade Available: {'no' if version == SCHEMA else f'yes - version {SCHEMA}'}")
    print(f"Schema Tables: {', '.join(sorted(storage.database.tables())) or 'N/A'}")
    try:
        storage.check_key()
        print("Schema Encryption Key: valid")
    except (StorageError, DatabaseError):
        print("Schema Encryption Key: invalid")

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line: without a command the service runs, with one something is checked, made or listed."""

from __future__ import annotations

import argparse
import os
import secrets
import string
import sys
from collections.abc import Callable
from pathlib import Path

from . import VERSION, cli_storage, program
from .access import Rules, Subject, Target
from .cli_words import CommandError
from .config import Config, load
from .passwords import hasher, matches
from .validate import validate

DEFAULT_FILE = "configuration.yml"
_ALPHANUMERIC = string.ascii_letters + string.digits


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except CommandError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1


def configured(options: argparse.Namespace) -> Config:
    named = options.config or [each for each in os.environ.get("X_AUTHELIA_CONFIG", "").split(",") if each]
    if os.environ.get("X_AUTHELIA_CONFIG_FILTERS"):
        raise CommandError("the stand-in knows no configuration filters (X_AUTHELIA_CONFIG_FILTERS)")
    return load([Path(each) for each in named or [DEFAULT_FILE]], os.environ)


def _valid(options: argparse.Namespace) -> Config:
    config = configured(options)
    validate(config)
    if config.errors:
        raise CommandError("errors occurred validating the configuration: " + ", ".join(config.errors))
    return config


def _run(options: argparse.Namespace) -> int:
    return program.run(configured(options))


def _validate(options: argparse.Namespace) -> int:
    config = configured(options)
    validate(config)
    for kind, found in (("errors", config.errors), ("warnings", config.warnings)):
        if found:
            listed = "".join(f"\t - {each}\n" for each in found)
            print(f"Configuration parsed and loaded with {kind}:\n\n{listed}")
    if config.errors:
        raise CommandError("configuration validation failed")
    if not config.warnings:
        print("Configuration parsed and loaded successfully without errors.\n")
    return 0


def _check_policy(options: argparse.Namespace) -> int:
    rules = Rules(_valid(options))
    who = Subject(options.username, tuple(options.groups.split(",")) if options.groups else (), options.ip)
    what = Target(options.url, options.method.upper())
    by = f" by user '{who.name}'" if who.name else ""
    groups = f" with groups '{','.join(who.groups)}'" if who.groups else ""
    print(f"Performing policy check for request to '{what.url}' method '{what.method}'{by}{groups}.\n")
    print("  #\tDomain\tResource\tQuery\tMethod\tNetwork\tSubject")
    applied = potential = 0
    for number, rule in enumerate(rules.rules, 1):
        found = rule.match(who, what)
        if found.all and not applied and not found.subject_certain:
            potential, mark = potential or number, "~"
        elif found.all and not applied:
            applied, mark = number, "*"
        else:
            mark = " "
        cells = (found.domain, found.resource, found.query, found.method, found.network)
        subject = "may" if found.subject and not found.subject_certain else _hit(found.subject)
        print("\t".join([f"{mark} {number}", *map(_hit, cells), subject]))
    of = [rule.policy for rule in rules.rules]
    if potential:
        rest = (
            f"If not policy '{of[applied - 1]}' from rule #{applied} will be."
            if applied
            else (f"Otherwise the policy '{rules.default}' from the default policy will be.")
        )
        first = f"The policy '{of[potential - 1]}' from rule #{potential}"
        print(f"\n{first} will potentially be applied to this request. {rest}\n")
    elif applied:
        print(f"\nThe policy '{of[applied - 1]}' from rule #{applied} will be applied to this request.\n")
    else:
        print(
            f"\nThe policy '{rules.default}' from the default policy will be applied to this request as no rules "
            "matched the request.\n"
        )
    return 0


def _hit(fits: bool) -> str:
    return "hit" if fits else "miss"


def _hash(options: argparse.Namespace) -> int:
    config = Config({})
    if options.password is None:
        raise CommandError("no password: the stand-in does not ask for one, use --password")
    given = {name: getattr(options, name) for name in ("iterations", "memory", "parallelism") if getattr(options, name)}
    config.values = {"authentication_backend": {"file": {"password": {"argon2": given}}}}
    print(f"Digest: {hasher(config).hash(options.password)}")
    return 0


def _check_hash(options: argparse.Namespace) -> int:
    fits = matches(options.digest, options.password)
    print("The password matches the digest." if fits else "The password does not match the digest.")
    return 0


def _random(options: argparse.Namespace) -> int:
    letters = options.characters or _ALPHANUMERIC
    print("Random Value: " + "".join(secrets.choice(letters) for _each in range(options.length)))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("authelia", description="A stand-in for Authelia, not the program itself")
    parser.add_argument("--version", "-v", action="version", version=f"authelia version {VERSION} (stand-in)")
    _config_option(parser)
    parser.set_defaults(command=_run)
    top = parser.add_subparsers()

    configuration = top.add_parser("config").add_subparsers(required=True)
    for each in (configuration.add_parser("validate"), top.add_parser("validate-config")):
        _config_option(each)
        each.set_defaults(command=_validate)

    policy = top.add_parser("access-control").add_subparsers(required=True).add_parser("check-policy")
    _config_option(policy)
    policy.add_argument("--url", required=True)
    policy.add_argument("--method", default="GET")
    policy.add_argument("--username", default="")
    policy.add_argument("--groups", default="")
    policy.add_argument("--ip", default="")
    policy.set_defaults(command=_check_policy)

    crypto = top.add_parser("crypto").add_subparsers(required=True)
    hashes = crypto.add_parser("hash").add_subparsers(required=True)
    argon2 = hashes.add_parser("generate").add_subparsers(required=True).add_parser("argon2")
    _config_option(argon2)
    argon2.add_argument("--password")
    argon2.add_argument("--no-confirm", action="store_true")
    for name in ("iterations", "memory", "parallelism"):
        argon2.add_argument(f"--{name}", type=int)
    argon2.set_defaults(command=_hash)
    checked = hashes.add_parser("validate")
    checked.add_argument("digest")
    checked.add_argument("--password", required=True)
    checked.set_defaults(command=_check_hash)
    random = crypto.add_parser("rand")
    random.add_argument("--length", type=int, default=72)
    random.add_argument("--charset", choices=["alphanumeric"], default="alphanumeric")
    random.add_argument("--characters", default="")
    random.set_defaults(command=_random)

    cli_storage.add(top.add_parser("storage"), _config_option, _valid)
    return parser


def _config_option(parser: argparse.ArgumentParser) -> None:
    # Without a default of its own: a command below must not take back what stood before it.
    def files(text: str) -> list[str]:
        return text.split(",")

    parser.add_argument("--config", "-c", type=files, default=argparse.SUPPRESS if parser.prog != "authelia" else None)

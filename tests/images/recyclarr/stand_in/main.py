# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line."""

from __future__ import annotations

import argparse
import os
import socket
import ssl
import sys
from pathlib import Path

from . import config
from .config import Instance
from .log import Log
from .problems import ConfigError, SyncError
from .sync import sync

VERSION = "v8.7.1"


def main(words: list[str]) -> int:
    asked = _parser().parse_args(words)
    if "RECYCLARR_APP_DATA" in os.environ:
        print("[ERR] RECYCLARR_APP_DATA has been removed in v8; use RECYCLARR_CONFIG_DIR", flush=True)
        return 1
    folder = Path(os.environ.get("RECYCLARR_CONFIG_DIR") or "/config")
    try:
        log = Log(folder / (os.environ.get("RECYCLARR_DATA_DIR") or folder))
    except OSError as error:
        print(f"[ERR] {error}", flush=True)
        return 1
    if asked.log and asked.log in ("debug", "info", "warn"):
        log.rank = ["debug", "info", "warn"].index(asked.log)
    try:
        instances = config.load(folder)
        return _sync(_chosen(instances, asked), folder, asked.preview, log)
    except ConfigError as error:
        log.say("error", f"Exiting due to exception: {error}")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="recyclarr")
    parser.add_argument("-v", "--version", action="version", version=f"{VERSION} (stand-in)")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("sync")
    command.add_argument("service", nargs="?", choices=config.KINDS)
    command.add_argument("-i", "--instance", action="append", default=[])
    command.add_argument("-p", "--preview", action="store_true")
    command.add_argument("--log", nargs="?", const="debug")
    return parser


def _chosen(instances: list[Instance], asked: argparse.Namespace) -> list[Instance]:
    names = {instance.name for instance in instances}
    unknown = [name for name in asked.instance if name not in names]
    if unknown:
        raise ConfigError(f"these instances do not exist: {', '.join(unknown)}")
    return [
        instance
        for instance in instances
        if (not asked.service or instance.kind == asked.service)
        and (not asked.instance or instance.name in asked.instance)
    ]


def _sync(instances: list[Instance], folder: Path, preview: bool, log: Log) -> int:
    if not instances:
        log.say("error", "No instances to sync: the configuration has none")
        return 1
    if not _guide_in_reach():
        log.say("error", "the guide's repository at github.com cannot be reached")
        return 1
    failed = 0
    for instance in instances:
        log.say("info", f"Processing {instance.kind.title()} server {instance.name} at {instance.base_url}")
        try:
            changes = sync(instance, folder, preview)
        except SyncError as error:
            log.say("error", f"{instance.name}: {error}")
            failed += 1
            continue
        for change in changes:
            log.say("info", f"{instance.name}: {change}{' (preview)' if preview else ''}")
        log.say("info", f"{instance.name}: {len(changes)} changes" if changes else f"{instance.name}: up to date")
    return 1 if failed else 0


def _guide_in_reach() -> bool:
    """Upstream clones two repositories. Here it is enough that their host takes a TLS connection, whoever signed it."""
    host, _colon, port = (os.environ.get("STAND_IN_GITHUB") or "github.com:443").partition(":")
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection((host, int(port)), 20) as raw:
            if host == "127.0.0.1":  # a test's own listener, without TLS
                return True
            with context.wrap_socket(raw, server_hostname=host):
                return True
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

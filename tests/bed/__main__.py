# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The test bed's commands. `python3 -m tests.bed --help` lists them."""

from __future__ import annotations

import argparse
import sys
import time

from tests.bed import addresses as at
from tests.bed import customer, engine, everything, host, images, lab, lock, manifest, registry
from tests.bed.shell import BedError


def up(arguments: argparse.Namespace) -> None:
    """Bring everything up that the host needs, then the host."""
    engine.ensure()
    image = manifest.load()[arguments.image]
    # A host of another kind comes beside all that the bed needs anyway.
    images.ensure([])
    images.ensure([image.key])
    lab.ensure()
    customer.ensure()
    registry.ensure(manifest.load().values())
    host.ensure(arguments.name, image.name)
    images.tidy()


def build(arguments: argparse.Namespace) -> None:
    """Build images, and do nothing else."""
    engine.ensure()
    images.ensure(arguments.key)
    images.tidy()


def down(arguments: argparse.Namespace) -> None:
    """Remove one host, and with the last one the lab; or everything."""
    if not engine.answers():
        print("no Docker Engine answers here: nothing to remove")
    elif arguments.all:
        everything.remove()
    elif arguments.name:
        print(f"{arguments.name}: {'removed' if host.remove(arguments.name) else 'not there'}")
        if not host.hosts():
            registry.remove()
            lab.remove()
            print("no host is left: registry, router, internet and networks removed; images kept")
    else:
        raise BedError("down: say which host (media-demo, for example), or --all")


def main() -> int:
    """Read the command line and do it; 1 with a plain message if it cannot be done."""
    parser = argparse.ArgumentParser(
        prog="python3 -m tests.bed", description="Disposable hosts to try the collection on."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("up", help="bring up a host and all that it needs (default: media-demo)")
    verb.add_argument("name", nargs="?", default=at.DEMO_NAME)
    verb.add_argument(
        "--image", default="host", choices=["host", "host-engine", "host-bookworm"], help="what the host is made from"
    )
    verb.set_defaults(do=up)
    verb = verbs.add_parser("down", help="remove a host; with the last host, the lab")
    verb.add_argument("name", nargs="?")
    verb.add_argument("--all", action="store_true", help="remove all whose name begins with media-, images too")
    verb.set_defaults(do=down)
    verb = verbs.add_parser("status", help="tell what runs")
    verb.set_defaults(do=lambda _: print(everything.status()))
    verb = verbs.add_parser("engine", help="only see that a Docker Engine answers")
    verb.set_defaults(do=lambda _: engine.ensure())
    verb = verbs.add_parser("images", help="only build images (default: all that are not optional)")
    verb.add_argument("key", nargs="*")
    verb.set_defaults(do=build)
    arguments = parser.parse_args()
    begin = time.monotonic()
    try:
        with lock.held():
            arguments.do(arguments)
    except BedError as error:
        print(f"bed: {error}", file=sys.stderr)
        return 1
    if arguments.verb in ("up", "images"):
        print(f"{time.monotonic() - begin:7.2f} s  in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())

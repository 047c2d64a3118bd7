# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small house on this machine's own engine, with a registry of its own, for whoever renews containers."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import containers, updates

BASE, REGISTRY = "media-bed/base-trixie", "media-bed/registry"
PROJECT = f"trial-updates-{os.getpid()}"
#: Who is in the house: the image of each has a name of its own, so that what moves for one says nothing of another.
MODES = {"plain": "update", "told": "notify", "quiet": "off", "pod": "off", "tenant": "off", "gate": "off"}
DIGESTS = {name: f"digest-of-{name}" for name in MODES}


def docker(*words: str) -> str:
    done = subprocess.run(["docker", *words], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def services() -> dict[str, dict[str, Any]]:
    """Return the house as it is declared; a person has said everything that would renew what must not be."""
    modes = {"plain": "update", "quiet": "off", **dict.fromkeys(("pod", "tenant", "gate"), "update")}
    return {
        "plain": {"x-media": {"egress": "direct"}},
        "told": {"x-media": {"egress": "direct"}},
        "quiet": {"x-media": {}},
        "pod": {"x-media": {"egress": "pod", "part_of": "vpn"}},
        "tenant": {"network_mode": "service:pod", "x-media": {"egress": "vpn"}},
        "gate": {"x-media": {"api": {"kind": "authelia"}}},
        "updater": {"x-media": {"api": {"kind": "watchtower", "updates": "notify", "modes": modes}}},
    }


def labels() -> dict[str, dict[str, str]]:
    """Return the labels of each service; what is told only is what pod, tenant and gate may be at most."""
    asked = services()
    told = asked["updater"]["x-media"]["api"]["modes"]
    refused = {problem.variable for problem in updates.problems(asked, asked, whole=True)}
    assert refused == {f"maintenance_update_modes.{name}" for name in ("pod", "tenant", "gate")}
    for name in ("pod", "tenant", "gate"):
        del told[name]
    assert updates.modes(asked) == {**MODES, "updater": "off"}
    return {name: service["labels"] for name, service in updates.labelled(asked).items()}


@dataclass
class House:
    """The containers, and the registry that their images come from."""

    registry: str
    hook: str
    messages: list[dict[str, str]] = field(default_factory=list)

    def image(self, name: str) -> str:
        return f"{self.registry}/{PROJECT}/{name}:1.0"

    def publish(self, version: str) -> dict[str, str]:
        """Put a version of every image into the registry under the same tag; return their numbers."""
        lines = f"FROM {BASE}\nLABEL version={version} org.example.of={PROJECT}\nENV FROM_IMAGE={version}\n"
        number = subprocess.run(
            ["docker", "build", "--quiet", "-"], input=lines, check=True, capture_output=True, text=True
        ).stdout.strip()
        for name in MODES:
            docker("tag", number, self.image(name))
            docker("push", "--quiet", self.image(name))
        return dict.fromkeys(MODES, number)

    def back_to(self, numbers: dict[str, str]) -> None:
        """Let the tags on this host stand for these images, as on a host that has not asked the registry."""
        for name, number in numbers.items():
            docker("tag", number, self.image(name))

    def container(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(docker("inspect", f"{PROJECT}-{name}"))[0]
        return found

    def start(self) -> None:
        """Start everybody as Compose would, labels and all."""
        for name, own in labels().items():
            if name == "updater":
                continue
            told = {
                **own,
                containers.LABEL_COMPOSE_PROJECT: PROJECT,
                containers.LABEL_COMPOSE_SERVICE: name,
                "com.docker.compose.oneoff": "False",
                "com.docker.compose.depends_on": "" if name != "told" else "plain:service_started:false",
                containers.LABEL_DIGEST: DIGESTS[name],
            }
            words = [word for key, value in told.items() for word in ("--label", f"{key}={value}")]
            network = f"container:{PROJECT}-pod" if name == "tenant" else PROJECT
            docker(
                *("run", "--detach", "--name", f"{PROJECT}-{name}", "--network", network, *words),
                *(["--network-alias", name, "--env", "MINE=1", "--cap-drop", "ALL"] if name != "tenant" else []),
                *("--memory", "64m", "--restart", "unless-stopped", "--stop-timeout", "0"),
                *(self.image(name), "sleep", "infinity"),
            )


@contextmanager
def house() -> Iterator[House]:
    """Give a house, and take everything down that was put up for it."""
    messages: list[dict[str, str]] = []
    server = _hook(messages)
    number = docker("run", "--detach", "--env", "NAMES=localhost", "--publish", "127.0.0.1::443", REGISTRY)
    made = House("", f"generic://127.0.0.1:{server.server_address[1]}/x?template=json&disabletls=Yes", messages)
    try:
        _wait_for(number)
        made.registry = f"127.0.0.1:{docker('port', number, '443/tcp').splitlines()[0].rpartition(':')[2]}"
        docker("network", "create", "--internal", PROJECT)
        yield made
    finally:
        server.shutdown()
        names = docker("ps", "--all", "--quiet", "--filter", f"label={containers.LABEL_COMPOSE_PROJECT}={PROJECT}")
        _quietly("rm", "--force", number, *names.split())
        _quietly("network", "rm", PROJECT)
        images = docker("images", "--all", "--quiet", "--filter", f"label=org.example.of={PROJECT}").split()
        _quietly("rmi", "--force", *dict.fromkeys(images))


def _quietly(*words: str) -> None:
    subprocess.run(["docker", *words], check=False, capture_output=True)


def _wait_for(registry: str) -> None:
    done = subprocess.run(
        ["docker", "exec", registry, "sh", "-c", "until test -e /run/bed-ready; do sleep 0.1; done"],
        check=False, capture_output=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, docker("logs", registry)


def _hook(messages: list[dict[str, str]]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server

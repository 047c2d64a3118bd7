# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody, or something, may have done to a host before the next run begins."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.bed.shell import ROOT, wait_for
from tests.trials.demo import Demo
from tests.trials.play import kill, play

ROOT_FOLDER = "/opt/media"


@dataclass(frozen=True)
class State:
    """How a host is brought to a state, and with which variables it is converged from there.

    names: a part of a change that has to be announced, or the state was not what it is called.
    """

    name: str
    disturb: Callable[[Demo], None]
    names: str
    variables: Mapping[str, Any] = field(default_factory=dict)


def shell(script: str) -> Callable[[Demo], None]:
    """Return what runs a script on the host."""

    def disturb(demo: Demo) -> None:
        demo.host.exec("sh", "-ec", script)

    return disturb


def nothing(demo: Demo) -> None:
    """What is declared has changed, not the host."""


def half_converged(demo: Demo) -> None:
    """A run that rendered, and went no further."""
    run = play("site.yml", "--tags", "render", variables={"plex_tautulli_port": 8282})
    assert run.code == 0, run.output


def killed(demo: Demo) -> None:
    """A run that was killed while containers were made anew."""
    begun = demo.container("lidarr").id
    words = ["-i", "inventories/demo", "site.yml", "--extra-vars", json.dumps({"arr_cpus": 1.5})]
    command = [str(ROOT / ".venv/bin/ansible-playbook"), *words]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, stdout=quiet, stderr=quiet) as run:
        wait_for(
            "a container made anew",
            lambda: begun not in demo.inner("ps", "--all", "--quiet", "--no-trunc"),
            seconds=120,
        )
        # The workers too, and on the host the module, which is the one Python there that reads its program from a pipe,
        # and Compose: all of them would come to their end by themselves.
        kill(run)
    demo.host.exec("sh", "-c", "pkill -KILL -f '^/usr/bin/python3$'; pkill -KILL docker-compose; true")
    wait_for("its last step ends", lambda: "docker-compose" not in demo.host.exec("ps", "-eo", "comm"), seconds=60)


GUEST = """
image=$(docker inspect --format '{{.Config.Image}}' media-authelia-redis-1)
compose=com.docker.compose
docker run --detach --name media-guest-1 --label $compose.project=media --label $compose.service=guest \\
  --label $compose.oneoff=False --label homelab.media.digest=old --entrypoint sleep $image 3600
"""
EDIT = f"""
echo '# mine' >> {ROOT_FOLDER}/config/prometheus/prometheus.yml
sed -i s/DROP/RETURN/ {ROOT_FOLDER}/config/vpn-pod/rules.v6
"""
RIGHTS = f"""
chmod 0777 /data/media/tv
chown 0:0 /data/usenet
chmod 0644 {ROOT_FOLDER}/secrets/nzbget_password
chmod 0755 {ROOT_FOLDER}/secrets
"""
NZBGET = f"""
sed -i 's/^Category2.Name=.*/Category2.Name=odd/' {ROOT_FOLDER}/state/nzbget/nzbget.conf
docker restart --time 5 media-nzbget-1
"""

STATES = (
    State("a container was stopped", shell("docker stop --time 1 media-radarr-1"), "radarr"),
    State("containers were removed", shell("docker rm --force media-grafana-1 media-unpackerr-1"), "unpackerr"),
    State("the pod was restarted below its tenants", shell("docker restart --time 1 media-vpn-pod-1"), "nzbget"),
    State("an engine that does not run", shell("systemctl stop docker.socket docker.service"), "Run the engine"),
    State("a container of ours that nobody declares", shell(GUEST), "guest"),
    State("configuration was edited", shell(EDIT), "rules.v6"),
    State("configuration was removed", shell(f"rm -r {ROOT_FOLDER}/config/unpackerr {ROOT_FOLDER}/compose/arr.yaml"),
          "arr.yaml"),
    State("rights and owners were changed", shell(RIGHTS), "/data/media/tv"),
    State("a folder of the library was removed", shell("rmdir /data/media/books"), "/data/media/books"),
    State("units were switched off", shell("systemctl disable media.service; systemctl stop media-collector.timer"),
          "media.service"),
    State("the catalogue was lost", shell(f"rm {ROOT_FOLDER}/catalogue.json"), "catalogue.json"),
    State("a secret was lost", shell(f"rm {ROOT_FOLDER}/secrets/maintenance_watchtower_token"),
          "maintenance_watchtower_token"),
    State("a user was let in by hand",
          shell(f"sed -i s/Guest/Boss/ {ROOT_FOLDER}/state/authelia/users_database.yml"), "guest"),
    State("NZBGet was changed by hand", shell(NZBGET), "Category2.Name"),
    State("a run ended half-way", half_converged, "tautulli", {"plex_tautulli_port": 8282}),
    State("a run was killed", killed, "lidarr", {"arr_cpus": 1.5}),
    State("settings were declared anew", nothing, "sonarr",
          {"arr_log_level": "info", "monitoring_scrape_interval": "45s", "media_extra_directories": ["media/x"]}),
    State("services were switched off", nothing, "tautulli",
          {"media_services_disabled": ["tautulli", "sonarr-4k", "recyclarr", "grafana"]}),
    State("services are switched on again", nothing, "tautulli"),
)  # fmt: skip

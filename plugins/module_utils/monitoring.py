# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the monitoring role's variables mean: Prometheus, and what tells it of the host.

The settings are the role's variables under their own names, so that every problem names the variable to correct.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.metrics import KIND, network_of

Settings = Mapping[str, Any]

PROMETHEUS, NODE, CADVISOR, BLACKBOX = "prometheus", "node-exporter", "cadvisor", "blackbox"
PORT, NODE_PORT, CADVISOR_PORT, BLACKBOX_PORT = 9090, 9100, 8080, 9115
#: The closed network on which those meet that belong to the monitoring.
NETWORK = "monitoring"
#: Where the blackbox exporter sees the certificate of the host's own authority, which the wire phase makes.
AUTHORITY = "/etc/authority"
#: Where the passwords of every Redis are rendered for its exporter.
PASSWORDS = "config/redis-exporter/passwords.json"
#: Below media_root: what the host itself has to tell, which the role host writes.
TEXTFILES = "state/collector/metrics"

#: What cAdvisor measures; the rest of what it could costs more than it tells.
MEASURED = ("cpu", "memory", "network", "diskIO", "oom_event")
#: File systems that are on no disk or are a container's own, and the ends of containers' networks, which come and go.
NO_DISKS = r"^/(dev|proc|run|sys|var/lib/(docker|containerd|containers)/.+)($|/)"
#: Kinds of file system that hold no files. Upstream's own list has overlay as well, which is the root of some
#: hosts; those of containers are told by their place.
NO_FILES = (
    r"^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|erofs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|proc"
    r"|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs)$"
)
NO_CARDS = r"^(veth.*|br-.*|docker0|lo)$"

_UNITS = {"b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)([bkmg])b?", re.IGNORECASE)


def signed_here(settings: Settings) -> bool:
    """Tell whether the certificate of the pages is signed by this host's own authority."""
    return settings["proxy_certificate"] == "self_signed"


def services(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return Prometheus, and what tells it of the host, of the containers and of the pages."""
    return {
        PROMETHEUS: _prometheus(settings),
        NODE: _node(settings),
        CADVISOR: _cadvisor(settings),
        BLACKBOX: _blackbox(settings),
    }


def _prometheus(settings: Settings) -> dict[str, Any]:
    root = settings["media_root"]
    return {
        "image": settings["monitoring_prometheus_image"],
        "command": [
            "--config.file=/etc/prometheus/prometheus.yml",
            "--storage.tsdb.path=/prometheus",
            f"--storage.tsdb.retention.time={settings['monitoring_retention_time']}",
            f"--storage.tsdb.retention.size={settings['monitoring_retention_size']}",
            # A question may not take all the memory.
            "--query.max-concurrency=4",
            "--query.max-samples=5000000",
            "--query.timeout=30s",
            "--web.enable-lifecycle",
            *_external_url(settings),
        ],
        "environment": go(settings["monitoring_prometheus_memory"]),
        "volumes": [f"{root}/state/prometheus:/prometheus", f"{root}/config/prometheus:/etc/prometheus:ro"],
        "read_only": True,
        "networks": {NETWORK: {}},
        "healthcheck": _health(f"127.0.0.1:{PORT}/-/ready"),
        "x-media": {
            "family": "rootless",
            # What a person adds may be anywhere.
            "egress": "direct",
            "web": {"port": PORT, "path": "/", "loopback": settings["monitoring_prometheus_port"]},
            "access": "two_factor",
            "groups": ["admins"],
            "api": {"kind": KIND},
            "metrics": {"port": PORT},
            "portal": {"title": "Prometheus", "section": "Monitoring", "text": "Every number, and the rules over them"},
            "state": ["state/prometheus"],
            "limits": limits(settings, "prometheus"),
        },
    }


def _node(settings: Settings) -> dict[str, Any]:
    # On the one network that it shares with Prometheus, and nowhere else.
    place = f"@@gateway:{network_of(NODE)}@@:{NODE_PORT}"
    return {
        "image": settings["monitoring_node_exporter_image"],
        "command": [
            f"--web.listen-address={place}",
            "--path.rootfs=/host",
            "--collector.textfile.directory=/textfile",
            f"--collector.filesystem.mount-points-exclude={NO_DISKS}",
            f"--collector.filesystem.fs-types-exclude={NO_FILES}",
            f"--collector.netdev.device-exclude={NO_CARDS}",
            f"--collector.netclass.ignored-devices={NO_CARDS}",
        ],
        "environment": go(settings["monitoring_node_exporter_memory"]),
        "network_mode": "host",
        "pid": "host",
        "volumes": ["/:/host:ro,rslave", f"{settings['media_root']}/{TEXTFILES}:/textfile:ro"],
        "read_only": True,
        "healthcheck": _health(f"{place}/"),
        "x-media": {
            "part_of": PROMETHEUS,
            "family": "rootless",
            "egress": "none",
            "metrics": {"port": NODE_PORT},
            "limits": limits(settings, "node_exporter"),
        },
    }


def _cadvisor(settings: Settings) -> dict[str, Any]:
    # It reads what is root's: it stays root, with no right beside those of the owner of a file.
    return {
        "image": settings["monitoring_cadvisor_image"],
        "command": [
            "--docker_only=true",
            "--store_container_labels=false",
            "--whitelisted_container_labels=homelab.media.service",
            f"--enable_metrics={','.join(MEASURED)}",
            f"--housekeeping_interval={settings['monitoring_scrape_interval']}",
            "--storage_duration=1m0s",
        ],
        "environment": go(settings["monitoring_cadvisor_memory"]),
        "volumes": [
            "/:/rootfs:ro",
            "/var/run:/var/run:ro",
            "/sys:/sys:ro",
            "/var/lib/docker:/var/lib/docker:ro",
            "/dev/disk:/dev/disk:ro",
        ],
        "read_only": True,
        "tmpfs": ["/tmp"],
        "networks": {NETWORK: {}},
        "healthcheck": _health(f"127.0.0.1:{CADVISOR_PORT}/healthz"),
        "x-media": {
            "part_of": PROMETHEUS,
            "egress": "none",
            "metrics": {"port": CADVISOR_PORT},
            # There the kernel says whom it has killed for want of memory.
            "kernel_log": settings["monitoring_cadvisor_kernel_log"],
            "limits": limits(settings, "cadvisor"),
        },
    }


def _blackbox(settings: Settings) -> dict[str, Any]:
    root = settings["media_root"]
    # The folder, not the file: the authority's certificate is made after the first start, and anew some day.
    authority = [f"{root}/config/proxy:{AUTHORITY}:ro"] if signed_here(settings) else []
    return {
        "image": settings["monitoring_blackbox_image"],
        "environment": go(settings["monitoring_blackbox_memory"]),
        "volumes": [f"{root}/config/blackbox:/etc/blackbox_exporter:ro", *authority],
        "read_only": True,
        "networks": {NETWORK: {}},
        "healthcheck": _health(f"127.0.0.1:{BLACKBOX_PORT}/-/healthy"),
        "x-media": {
            "part_of": PROMETHEUS,
            "family": "rootless",
            "egress": "none",
            "visits_pages": True,
            "metrics": {"port": BLACKBOX_PORT},
            "limits": limits(settings, "blackbox"),
        },
    }


def files(settings: Settings) -> list[dict[str, Any]]:
    """Return the files of these. Prometheus reads its own anew when it is told to, and so keeps its container."""
    return [
        {
            "path": "config/prometheus/prometheus.yml",
            "template": "prometheus.yml.j2",
            # What a person adds may hold a password.
            "secret": bool(settings["monitoring_extra_scrape_configs"]),
            "owner": "media",
            "mode": "0600",
        },
        {"path": "config/blackbox/config.yml", "template": "blackbox.yml.j2", "service": BLACKBOX},
        {
            "path": PASSWORDS,
            "template": "redis_passwords.json.j2",
            "secret": True,
            "owner": "media",
            "mode": "0600",
        },
    ]


def _external_url(settings: Settings) -> list[str]:
    """Return the option with the address of the page, which is in every alert."""
    domain = settings["media_domain"]
    if not domain:
        return []
    said = (settings["media_names"] or {}).get(PROMETHEUS) or PROMETHEUS
    name = said if isinstance(said, str) else str(said[0])
    return [f"--web.external-url=https://{name if '.' in name else f'{name}.{domain}'}/"]


def limits(settings: Settings, name: str) -> dict[str, Any]:
    return {"memory": settings[f"monitoring_{name}_memory"], "cpus": settings[f"monitoring_{name}_cpus"]}


def go(memory: Any) -> dict[str, str]:
    """Return what makes a program in Go tidy up before it meets the container's limit, rather than be killed there."""
    size = _SIZE.fullmatch(str(memory))
    # What has another form is told by the checks.
    return {"GOMEMLIMIT": f"{int(float(size[1]) * _UNITS[size[2].lower()] * 0.9)}B"} if size else {}


def _health(place: str) -> dict[str, Any]:
    return {
        "test": ["CMD", "wget", "-q", "-O", "/dev/null", "-T", "5", f"http://{place}"],
        "interval": "30s",
        "timeout": "5s",
        "retries": 3,
        "start_period": "120s",
        "start_interval": "1s",
    }

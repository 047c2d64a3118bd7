# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role renders, before the real promtool and the real blackbox exporter; and what they must refuse."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import monitoring, secret_tokens

from tests.contract.monitoring_house import SETTINGS, call, plan, target
from tests.contract.prometheus_on_loopback import run

EXTRA = [
    {
        "job_name": "nas",
        "basic_auth": {"username": "me", "password": 'a "secret" \\ one'},
        "static_configs": [{"targets": ["192.168.1.5:9100"], "labels": {"service": "nas"}}],
    }
]
#: What the bed, Debian 12 and people's hosts have between them.
HOUSES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "as it comes": ({}, {}),
    "with jobs of one's own": ({"monitoring_extra_scrape_configs": EXTRA}, {}),
    "a certificate that everybody knows": ({"proxy_certificate": "letsencrypt"}, {}),
    "another interval": ({"monitoring_scrape_interval": "1m"}, {}),
    "no front door": ({}, {"pages": [], "sign_on": {}}),
    "no sign-on": ({}, {"sign_on": {}}),
    "nobody who asks for pages": ({}, {"metrics": [target("prometheus", "localhost:9090")]}),
    "several keys of a kind": (
        {},
        {"metrics": [target(f"w-{name}", f"w-{name}:1", name, bearer=f"{name}_token") for name in ("a", "b")]},
    ),
}
SECRETS = {"watcher_token": 'a "token": with \\ all # of it', "a_token": "a", "b_token": "b"}


def rendered(folder: Path, name: str = "as it comes") -> tuple[Path, Path]:
    """Write both files as the host does, and return where they are."""
    settings, more = HOUSES[name]
    settings = {**SETTINGS, **settings}
    place = folder / "prometheus.yml", folder / "config.yml"
    for file, kind in zip(place, ("prometheus_config", "blackbox_config"), strict=True):
        file.write_text(secret_tokens.replace(call(kind, plan(**more), settings), SECRETS.__getitem__))
    return place


@pytest.mark.parametrize("house", HOUSES)
def test_promtool_and_the_exporter_take_what_is_rendered(tmp_path: Path, house: str) -> None:
    configuration, probes = rendered(tmp_path, house)
    done = run("promtool", "check", "config", "--lint=all", "--lint-fatal", str(configuration))
    assert done.returncode == 0, done.stdout
    done = run("prometheus-blackbox-exporter", "--config.check", f"--config.file={probes}")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("scrape_interval: 30s", "scrape_interval: 30", "not a valid duration"),
        ("job_name: cadvisor", "job_name: prometheus", "multiple scrape configs with job name"),
        ("honor_labels", "honour_labels", "field honour_labels not found"),
        ("scrape_timeout: 30s", "scrape_timeout: 31s", "scrape timeout greater than scrape interval"),
        ('credentials: "', 'credentials: "\\q', "unknown escape character"),
    ],
)
def test_control_promtool_refuses_what_is_wrong(tmp_path: Path, right: str, wrong: str, words: str) -> None:
    configuration, _probes = rendered(tmp_path)
    text = configuration.read_text()
    assert right in text
    configuration.write_text(text.replace(right, wrong))
    done = run("promtool", "check", "config", str(configuration))
    assert done.returncode != 0 and words in done.stdout


@pytest.mark.parametrize(("right", "wrong"), [("follow_redirects", "follow_redirect"), ("timeout: 10s", "timeout: 10")])
def test_control_the_exporter_refuses_what_is_wrong(tmp_path: Path, right: str, wrong: str) -> None:
    _configuration, probes = rendered(tmp_path)
    probes.write_text(probes.read_text().replace(right, wrong))
    assert run("prometheus-blackbox-exporter", "--config.check", f"--config.file={probes}").returncode != 0


def test_a_secret_arrives_as_it_is_and_is_in_no_text_before(tmp_path: Path) -> None:
    text = call("prometheus_config", plan(), SETTINGS)
    assert "@@secret:watcher_token:json@@" in text
    assert secret_tokens.malformed(text) == []
    jobs = {job["job_name"]: job for job in yaml.safe_load(rendered(tmp_path)[0].read_text())["scrape_configs"]}
    assert jobs["watcher"]["authorization"]["credentials"] == SECRETS["watcher_token"]


def test_the_files_are_the_media_users_alone_wherever_they_may_hold_a_secret() -> None:
    files = {item["path"]: item for item in monitoring.files({**SETTINGS, "monitoring_extra_scrape_configs": EXTRA})}
    for path in ("config/prometheus/prometheus.yml", monitoring.PASSWORDS):
        assert (files[path]["owner"], int(files[path]["mode"], 8) & ~stat.S_IRWXU) == ("media", 0)
        assert files[path]["secret"]

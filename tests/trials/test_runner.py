# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo host, converged as AWX does it: by ansible-runner, each time from a clean clone with nothing kept before."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.bed.customer import FOLDER
from tests.bed.shell import ROOT
from tests.trials import awx_events, awx_job
from tests.trials.demo import Demo

pytestmark = pytest.mark.long

#: What nobody but the host may know, by the paper that the provider gave it on.
SECRETS = {
    "news": ("password",),
    "wireguard": ("private_key", "preshared_key"),
    "plex": ("token",),
    "indexer": ("api_key",),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as a controller has it after an update."""
    return awx_job.clone(ROOT, tmp_path_factory.mktemp("project") / "homelab.media")


@pytest.fixture(scope="module")
def hosts(project: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return awx_job.inventory(project, "inventories/demo", tmp_path_factory.mktemp("home"))


def test_two_jobs_with_nothing_kept_between_them(
    demo: Demo, project: Path, hosts: dict[str, Any], tmp_path: Path, figures: list[str]
) -> None:
    # What the provider gave the customer is beside the lab. A person has it in a vault.
    variables = {"demo_customer": str(FOLDER)}
    jobs = []
    for number, (playbook, words) in enumerate(
        (("site.yml", ()), ("site.yml", ()), ("site.yml", ("--check", "--diff")), ("playbooks/verify.yml", ()))
    ):
        begun = time.monotonic()
        job = awx_job.run(tmp_path / str(number), project, playbook, hosts, *words, variables=variables)
        told = f"{playbook} {' '.join(words)}".strip()
        figures.append(f"AWX: {told}: {job.status}, changed={job.changed}, {time.monotonic() - begun:.0f} s")
        assert job.status == "successful", job.output[-6000:] or job.stream[-3000:]
        assert awx_events.faults(job.events) == []
        assert sorted(job.stats["processed"]) == sorted(hosts["_meta"]["hostvars"])
        jobs.append(job)
    assert [job.changed for job in jobs[1:]] == [0, 0, 0]
    streamed = "".join(job.stream for job in jobs)
    papers = {name: json.loads((FOLDER / f"{name}.json").read_text()) for name in SECRETS}
    secrets = {f"{name}.{key}": papers[name][key] for name, keys in SECRETS.items() for key in keys}
    assert [name for name, secret in secrets.items() if secret in streamed] == []

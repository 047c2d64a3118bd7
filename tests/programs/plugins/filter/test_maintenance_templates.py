# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the templates of the maintenance role make of its filters, rendered by Ansible."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.filter import unpackerr_conf

ROLE = Path(__file__).parents[4] / "roles" / "maintenance"
DEFAULTS = {**yaml.safe_load((ROLE / "defaults" / "main.yml").read_text()), "maintenance_receivers": []}
APIS = {
    "sonarr": {"kind": "sonarr", "key": "sonarr_api_key", "url": "http://sonarr:8989", "guide": None},
    "radarr-4k": {"kind": "radarr", "key": "radarr-4k_api_key", "url": "http://radarr-4k:7878", "guide": None},
}


class Tags(yaml.SafeLoader):
    """Reads !secret as a pair, so that a test sees it."""


Tags.add_constructor("!secret", lambda loader, node: ("secret", loader.construct_scalar(node)))


PLAY = """
- hosts: localhost
  gather_facts: false
  vars_files: [{role}/defaults/main.yml, {role}/vars/main.yml]
  tasks:
    - ansible.builtin.debug:
        msg: "{{{{ lookup('template', '{role}/templates/' ~ item.1 ~ '.j2') }}}}"
      vars: {{media_plan: {{apis: "{{{{ cases[item.0] }}}}"}}}}
      loop: "{{{{ cases | product(['recyclarr.yml', 'recyclarr-secrets.yml', 'unpackerr.conf']) }}}}"
"""
CASES: dict[str, dict[str, Any]] = {"some": APIS, "none": {}}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], str]:
    """Return the text of a template for a case, all rendered by Ansible in one go."""
    play = tmp_path_factory.mktemp("play") / "play.yml"
    play.write_text(PLAY.format(role=ROLE))
    shared = {"media_umask": "002", "media_root": "/opt/media", "media_data": "/data", "cases": CASES}
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "localhost,", "-c", "local", str(play)]
    root = ROLE.parents[1]
    told = {"ANSIBLE_CONFIG": str(root / "ansible.cfg"), "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"}
    done = subprocess.run(
        [*command, "--extra-vars", json.dumps(shared)],
        env={**os.environ, **told}, cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads(done.stdout)["plays"][0]["tasks"][0]["hosts"]["localhost"]["results"]
    texts = {tuple(result["item"]): result["msg"] for result in results}
    return lambda case, name: texts[case, name]


def test_recyclarr_gets_its_instances_and_no_secret(rendered: Callable[[str, str], str]) -> None:
    text = rendered("some", "recyclarr.yml")
    assert "@@secret" not in text
    content = yaml.load(text, Tags)
    assert content == {
        "sonarr": {
            "sonarr": {
                "base_url": "http://sonarr:8989",
                "api_key": ("secret", "sonarr_api_key"),
                **DEFAULTS["maintenance_recyclarr_sonarr"],
            }
        },
        "radarr": {
            "radarr-4k": {
                "base_url": "http://radarr-4k:7878",
                "api_key": ("secret", "radarr-4k_api_key"),
                **DEFAULTS["maintenance_recyclarr_radarr"],
            }
        },
    }


def test_recyclarr_finds_every_secret_that_it_is_referred_to(rendered: Callable[[str, str], str]) -> None:
    assert yaml.safe_load(rendered("some", "recyclarr-secrets.yml")) == {
        "sonarr_api_key": "@@secret:sonarr_api_key:json@@",
        "radarr-4k_api_key": "@@secret:radarr-4k_api_key:json@@",
    }


def test_without_an_application_the_files_are_empty_but_right(rendered: Callable[[str, str], str]) -> None:
    assert yaml.safe_load(rendered("none", "recyclarr.yml")) is None
    assert yaml.safe_load(rendered("none", "recyclarr-secrets.yml")) is None
    assert "[[" not in rendered("none", "unpackerr.conf")


def test_the_template_of_unpackerr_is_its_filter(rendered: Callable[[str, str], str]) -> None:
    expected = unpackerr_conf.FilterModule().filters()["unpackerr_conf"](APIS, {"media_umask": "002", **DEFAULTS})
    assert rendered("some", "unpackerr.conf").strip() == expected.strip()

"""The action plugins through a real ansible-playbook on this machine, in check mode: nothing is touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
PLAY = """
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_python_interpreter: "{{ ansible_playbook_python }}"
  tasks:
    - ansible.builtin.import_role: {name: homelab.media.stack, tasks_from: declare}
    - ansible.builtin.import_role: {name: homelab.media.host, tasks_from: declare}
    - ansible.builtin.import_role: {name: homelab.media.nzbget, tasks_from: declare}
    - ansible.builtin.import_role: {name: homelab.media.stack, tasks_from: check}
"""


def refused(folder: Path, **variables: object) -> str:
    """Run the declare phase and return what was refused."""
    (folder / "play.yml").write_text(PLAY)
    given = {"nzbget_egress": "direct", "media_root": f"{folder}/stack", "media_data": f"{folder}/data", **variables}
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "--check", "-i", "localhost,", "play.yml"]
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": f"{ROOT}/collections",
    }
    command += ["--extra-vars", json.dumps(given)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert sorted(path.name for path in folder.iterdir()) == ["play.yml"], "something was made"
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"media_services": ["nzbgett"]}, "media_services: names 'nzbgett'"),
        ({"media_cpus_limit": "many"}, "media_cpus_limit"),
        ({"media_puid": "{{ nowhere }}"}, "media_puid: cannot be worked out"),
        ({"nzbget_port": "high"}, "nzbget_port"),
        ({"media_extra_services": {"mine": {"x-media": {"egress": "direct"}}}}, "mine.image: is missing"),
        ({"media_extra_services": {"mine": "{{ nowhere }}"}}, "cannot be worked out"),
        ({"nzbget_prot": 7000, "media_extra_secrets": {"mine": {"kind": "word"}}}, "did you mean nzbget_port?"),
    ],
)
def test_what_is_wrong_is_told_by_name_and_nothing_is_made(
    tmp_path: Path, variables: dict[str, object], told: str
) -> None:
    output = refused(tmp_path, **variables)
    assert "Nothing was changed." in output
    assert told in output
    assert "Traceback" not in output

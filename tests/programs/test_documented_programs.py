# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands of README and handbook that need no host: run as they are written there, on this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest
import yaml

from tests.handbook import commands
from tests.handbook.commands import ROOT, Known

TOOLS = Path(sys.executable).parent
SETTINGS = {
    **os.environ,
    "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
    "ANSIBLE_NOCOLOR": "1",
    "NO_COLOR": "1",
    "PATH": f"{TOOLS}:{os.environ['PATH']}",
}
HERE = commands.run_at("here")


def run(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", command], cwd=ROOT, env=SETTINGS, capture_output=True, text=True, check=False, timeout=300
    )


def test_there_are_some() -> None:
    assert len(HERE) > 5


@pytest.mark.parametrize("known", HERE, ids=lambda known: known.text)
def test_a_command_does_what_it_is_said_to(known: Known) -> None:
    if known.text.startswith("jq ") and shutil.which("jq") is None:
        pytest.skip("there is no jq on this machine")
    try:
        done = run(commands.demonstrated(known))
        assert done.returncode in known.code, done.stdout + done.stderr
        assert re.search(known.says, done.stdout + done.stderr, re.MULTILINE), done.stdout + done.stderr
    finally:
        if known.undo:
            assert run(known.undo).returncode == 0


def test_a_vault_is_made_and_opened(tmp_path: Path) -> None:
    """ansible-vault create, with an editor that types what a person would, and the inventory that reads it."""
    group = tmp_path / "mine/group_vars/media"
    shutil.copytree(ROOT / "inventories/example", tmp_path / "mine")
    editor = tmp_path / "editor.sh"
    editor.write_text("#!/bin/sh\necho 'vault_news_password: one-of-the-tests' > \"$1\"\n")
    editor.chmod(0o700)
    environment = {**SETTINGS, "EDITOR": str(editor)}
    words = ["create", str(group / "vault.yml")]
    with pexpect.spawn(f"{TOOLS}/ansible-vault", words, env=environment, encoding="utf-8", timeout=60) as terminal:
        for prompt in ("New Vault password", "Confirm New Vault password"):
            terminal.expect(prompt)
            terminal.sendline("a vault password")
        terminal.expect(pexpect.EOF)
    assert terminal.exitstatus == 0
    assert (group / "vault.yml").read_text().startswith("$ANSIBLE_VAULT;")
    (tmp_path / "password").write_text("a vault password")
    opened = subprocess.run(
        [f"{TOOLS}/ansible-inventory", "-i", str(tmp_path / "mine"), "--host", "mediaserver", "--yaml"],
        cwd=ROOT,
        env={**SETTINGS, "ANSIBLE_VAULT_PASSWORD_FILE": str(tmp_path / "password")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert yaml.safe_load(opened.stdout)["vault_news_password"] == "one-of-the-tests"


def test_a_value_is_encrypted_at_a_prompt() -> None:
    """What docs/awx.md has for a repository: the value is asked for, and is nowhere in clear."""
    words = ["encrypt_string", "--prompt"]
    answers = (
        *(("New Vault password", "a vault password"), ("Confirm New Vault password", "a vault password")),
        *(("Variable name", "vpn_wireguard_private_key"), ("String to encrypt", "the key of the tests")),
    )
    with pexpect.spawn(f"{TOOLS}/ansible-vault", words, env=SETTINGS, encoding="utf-8", timeout=60) as terminal:
        for prompt, answer in answers:
            terminal.expect(prompt)
            terminal.sendline(answer)
        terminal.expect(pexpect.EOF)
        told = terminal.before
    assert terminal.exitstatus == 0, told
    assert re.search(r"vpn_wireguard_private_key: !vault \|\s+\$ANSIBLE_VAULT;1\.1;AES256", told), told
    assert "the key of the tests" not in told

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role writes for Unpackerr against upstream's own example: a key that it does not know, it passes over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tomllib
import yaml
from ansible_collections.homelab.media.plugins.module_utils import unpackerr

from tests.images.unpackerr.stand_in import settings

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT.parent / "shared" / "contracts" / "unpackerr" / "unpackerr.conf.example"
DEFAULTS = yaml.safe_load((ROOT / "roles" / "maintenance" / "defaults" / "main.yml").read_text())
RECEIVERS = [{"name": "group", "type": "telegram", "bot_token": f"123456:{'t' * 35}", "chat_id": -100}]
KEY = "0123456789abcdef0123456789abcdef"

pytestmark = pytest.mark.skipif(not EXAMPLE.is_file(), reason="Unpackerr's example is not here: ../shared/contracts")


def known() -> dict[str, dict[str, object]]:
    """Return every key of the example by section, the commented ones too, with the value shown."""
    found: dict[str, dict[str, object]] = {"": {}}
    section = ""
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        heading = re.match(r"^#?\[+([a-z]+)\]+\s*$", line)
        pair = re.match(r"^#? ?([a-z_]+) = (.*)$", line.rstrip())
        if heading:
            section = heading[1]
            found.setdefault(section, {})
        elif pair:
            found[section][pair[1]] = tomllib.loads(f"value = {pair[2]}")["value"]
    return found


def test_every_key_is_one_of_the_examples_with_a_value_of_its_type() -> None:
    apis = {
        kind: {"kind": kind, "url": f"http://{kind}:1", "key": f"{kind}_api_key"} for kind in unpackerr.KINDS
    }  # fmt: skip
    told = {"media_umask": "002", **DEFAULTS, "maintenance_receivers": RECEIVERS}
    table = tomllib.loads(unpackerr.render(apis, told))
    example = known()
    sections = {"": {key: value for key, value in table.items() if not isinstance(value, (dict, list))}}
    sections["webserver"] = table["webserver"]
    sections.update({kind: table[kind][0] for kind in (*unpackerr.KINDS, "webhook")})
    for section, values in sections.items():
        for key, value in values.items():
            assert key in example[section], (section, key)
            assert type(value) is type(example[section][key]), (section, key)


def test_the_stand_in_reads_the_example_and_has_its_defaults(tmp_path: Path) -> None:
    empty = tmp_path / "empty.conf"
    empty.write_text("")
    example = settings.read({"UN_CONFIG_FILE": str(EXAMPLE)})
    default = settings.read({"UN_CONFIG_FILE": str(empty)})
    # The example comes with a Sonarr and a Radarr whose address and key are commented out.
    assert len(example.skipped) == 2
    assert vars(example) == {**vars(default), "skipped": example.skipped}


def test_the_defaults_of_an_application_are_the_examples(tmp_path: Path) -> None:
    shown = known()["sonarr"]
    conf = tmp_path / "unpackerr.conf"
    conf.write_text(f'[[sonarr]]\nurl = "http://sonarr:8989"\napi_key = "{KEY}"\n')
    (app,) = settings.read({"UN_CONFIG_FILE": str(conf)}).apps
    assert ",".join(app.protocols) == shown["protocols"]
    assert (app.timeout, app.delete_delay, app.delete_orig) == (10, 300, shown["delete_orig"])
    assert (shown["timeout"], shown["delete_delay"]) == ("10s", "5m")

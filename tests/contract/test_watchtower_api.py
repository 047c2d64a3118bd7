# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where Watchtower's numbers are asked for, against what upstream publishes of its API, and the stand-in beside it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import watchtower

from tests.images.watchtower.stand_in import web

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT.parent / "shared" / "contracts" / "watchtower" / "swagger.json"
DEFAULTS = yaml.safe_load((ROOT / "roles" / "maintenance" / "defaults" / "main.yml").read_text())

pytestmark = pytest.mark.skipif(not PUBLISHED.is_file(), reason="Watchtower's API is not here: ../shared/contracts")


@pytest.fixture
def port() -> Iterator[int]:
    server = web.serve(web.Numbers(), 0, "a-token", "127.0.0.1")
    yield server.server_address[1]
    server.shutdown()


def metrics() -> dict[str, str]:
    shared = {"media_root": "/r", "media_timezone": "UTC", "media_domain": "", "media_project": "media"}
    told = {**shared, **DEFAULTS, "maintenance_receivers": []}
    found: dict[str, str] = watchtower.service(told)["x-media"]["metrics"]
    return found


def test_the_numbers_are_where_upstream_has_them_and_want_a_token() -> None:
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    (operation,) = [published["paths"][metrics()["path"]][method] for method in ("get",)]
    assert operation["produces"] == ["text/plain"]
    assert list(operation["security"][0]) == ["BearerAuth"]
    assert published["host"].endswith(f":{metrics()['port']}")


def test_the_stand_in_answers_as_published(port: int) -> None:
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))["paths"][metrics()["path"]]["get"]["responses"]

    def ask(**headers: str) -> int:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{metrics()['path']}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    assert {str(ask()), str(ask(Authorization="Bearer a-token"))} == set(published)

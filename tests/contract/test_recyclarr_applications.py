# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-ins for Recyclarr and Unpackerr against those for Sonarr and Radarr, all as programs on loopback."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.images.unpackerr.stand_in import queue, settings

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "tests" / "images"
DEFAULTS = yaml.safe_load((ROOT / "roles" / "maintenance" / "defaults" / "main.yml").read_text())
KEY = "0123456789abcdef0123456789abcdef"
PROFILES = {"sonarr": "WEB-1080p", "radarr": "HD Bluray + WEB"}


def free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Application:
    """Sonarr or Radarr, and what a person with its key can do."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self.folder, port = kind, folder, free_port()
        self.url = f"http://127.0.0.1:{port}"
        folder.mkdir()
        told = {"APP_NAME": kind.title(), "CONFIG_DIR": str(folder)}
        told.update({f"{kind.upper()}__AUTH__APIKEY": KEY, f"{kind.upper()}__SERVER__PORT": str(port)})
        told.update({f"{kind.upper()}__LOG__LEVEL": "debug"})
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stand_in"],
            cwd=IMAGES / "servarr", env={**os.environ, **told},
            stdout=(folder / "stdout").open("wb"), stderr=subprocess.STDOUT,
        )  # fmt: skip

    def call(self, path: str, method: str = "GET", body: Any = None) -> Any:
        request = urllib.request.Request(
            f"{self.url}/api/v3/{path}", None if body is None else json.dumps(body).encode(), method=method
        )
        request.add_header("X-Api-Key", KEY)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def wait(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if self.call("qualityprofile"):
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError((self.folder / "stdout").read_text())

    def profile(self) -> Any:
        (found,) = [item for item in self.call("qualityprofile") if item["name"] == PROFILES[self.kind]]
        return found


@pytest.fixture(scope="module")
def applications(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Application]]:
    folder = tmp_path_factory.mktemp("applications")
    started = {kind: Application(kind, folder / kind) for kind in PROFILES}
    try:
        for application in started.values():
            application.wait()
        yield started
    finally:
        for application in started.values():
            application.process.kill()
            application.process.wait(timeout=20)


@pytest.fixture
def recyclarr(tmp_path: Path, applications: dict[str, Application]) -> Iterator[Any]:
    """Return a function that runs the program with the role's defaults, changed as the test wants."""
    with closing(socket.socket()) as guide:
        guide.bind(("127.0.0.1", 0))
        guide.listen()

        def run(*words: str, swap: bool = False, key: str = KEY, **sonarr: Any) -> subprocess.CompletedProcess[str]:
            urls = {kind: applications[kind].url for kind in PROFILES}
            if swap:
                urls = dict(zip(urls, reversed(urls.values()), strict=True))
            document = {
                kind: {kind: {"base_url": urls[kind], "api_key": key, **DEFAULTS[f"maintenance_recyclarr_{kind}"]}}
                for kind in PROFILES
            }
            document["sonarr"]["sonarr"].update(sonarr)
            (tmp_path / "recyclarr.yml").write_text(yaml.safe_dump(document))
            told = {
                "RECYCLARR_CONFIG_DIR": str(tmp_path),
                "STAND_IN_GITHUB": f"127.0.0.1:{guide.getsockname()[1]}",
            }
            done = subprocess.run(
                [sys.executable, "-m", "stand_in.main", *(words or ("sync",))],
                cwd=IMAGES / "recyclarr", env={**os.environ, **told}, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert KEY not in done.stdout + done.stderr
            return done

        yield run


def changes(done: subprocess.CompletedProcess[str]) -> list[str]:
    assert done.returncode == 0, done.stdout + done.stderr
    marks = ("created", "updated", "deleted", "config/")
    return [line for line in done.stdout.splitlines() if any(mark in line for mark in marks)]


def test_a_sync_makes_what_the_guide_has_and_a_second_one_nothing(recyclarr, applications) -> None:
    announced = changes(recyclarr("sync", "--preview"))
    assert all(line.endswith("(preview)") for line in announced)
    assert applications["sonarr"].call("customformat") == []
    done = changes(recyclarr())
    assert [line.removesuffix(" (preview)") for line in announced] == done
    assert changes(recyclarr()) == []
    for application in applications.values():
        profile = application.profile()
        allowed = [item for item in profile["items"] if item["allowed"]]
        assert profile["upgradeAllowed"] and profile["cutoff"] in [
            item["id"] if item["items"] else item["quality"]["id"] for item in allowed
        ]
        assert any(item["score"] > 0 for item in profile["formatItems"])
        assert application.call("config/mediamanagement")["downloadPropersAndRepacks"] == "doNotPrefer"
    sizes = {item["quality"]["name"]: item for item in applications["sonarr"].call("qualitydefinition")}
    assert sizes["WEBDL-1080p"]["maxSize"] == 1000


def test_what_somebody_changed_is_put_back(recyclarr, applications) -> None:
    recyclarr()
    sonarr = applications["sonarr"]
    profile = sonarr.profile()
    profile["minFormatScore"] = 3
    profile["formatItems"][0]["score"] = 99
    sonarr.call(f"qualityprofile/{profile['id']}", "PUT", profile)
    sonarr.call(f"customformat/{sonarr.call('customformat')[-1]['id']}", "DELETE")
    done = changes(recyclarr())
    assert [line.split(": ", 1)[1].rsplit(": ", 1)[1] for line in done] == ["created", "updated"]
    assert sonarr.profile()["minFormatScore"] == 0
    assert changes(recyclarr()) == []


def test_formats_that_are_no_longer_wanted_go_when_that_is_asked_for(recyclarr, applications) -> None:
    more = {"custom_formats": [{"trash_ids": ["47435ece6b99a0b477caf360e79ba0bb"]}]}
    assert changes(recyclarr(**more))
    assert changes(recyclarr()) == []
    done = changes(recyclarr(delete_old_custom_formats=True))
    assert [line.rsplit(": ", 1)[1] for line in done] == ["deleted"]


def test_a_profile_of_ones_own_is_made(recyclarr, applications) -> None:
    own = {"name": "Mine", "upgrade": {"allowed": True, "until_quality": "HD"}}
    own["qualities"] = [{"name": "HD", "qualities": ["WEBDL-720p", "HDTV-720p"]}, {"name": "SDTV"}]
    assert changes(recyclarr(quality_profiles=[own]))
    assert changes(recyclarr(quality_profiles=[own])) == []
    assert "Mine" in [item["name"] for item in applications["sonarr"].call("qualityprofile")]


def test_one_instance_alone(recyclarr) -> None:
    done = recyclarr("sync", "-i", "radarr")
    assert done.returncode == 0
    assert "sonarr" not in done.stdout


def test_the_wrong_application_is_refused_and_so_is_a_wrong_key(recyclarr) -> None:
    done = recyclarr(swap=True)
    assert done.returncode == 1
    assert "expected Sonarr" in done.stdout and "but Radarr answers" in done.stdout
    done = recyclarr(key="f" * 32)
    assert done.returncode == 1
    assert "HTTP 401" in done.stdout


def test_unpackerr_reads_the_queue_of_both(applications, tmp_path: Path) -> None:
    conf = tmp_path / "unpackerr.conf"
    lines = [f'[[{kind}]]\nurl = "{item.url}"\napi_key = "{KEY}"\n' for kind, item in applications.items()]
    conf.write_text("".join(lines))
    for app in settings.read({"UN_CONFIG_FILE": str(conf)}).apps:
        assert queue.fetch(app).total == 0
    conf.write_text("".join(lines).replace(KEY, "f" * 32))
    for app in settings.read({"UN_CONFIG_FILE": str(conf)}).apps:
        with pytest.raises(queue.QueueError, match="HTTP 401"):
            queue.fetch(app)

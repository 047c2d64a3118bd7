# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whoever is to be told of an archive that cannot be unpacked is told, by the configuration that the role writes."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import (
    maintenance_receivers,
    secret_tokens,
    unpackerr,
)

from tests.images.unpackerr.stand_in import hooks, settings
from tests.images.unpackerr.stand_in.main import Unpackerr
from tests.images.unpackerr.stand_in.settings import SettingsError

KEY = "0123456789abcdef0123456789abcdef"
ROLE = Path(__file__).parents[3] / "roles" / "maintenance"
DEFAULTS = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())


class Web(ThreadingHTTPServer):
    """Sonarr with one finished download, and the one who is told."""

    folder: Path
    posted: list[tuple[str, str | None, dict[str, Any]]]


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    folder = tmp_path / "download"
    folder.mkdir()
    (folder / "packed.7z").write_bytes(b"7z\xbc\xaf\x27\x1cbroken")

    class Handler(BaseHTTPRequestHandler):
        server: Web

        def do_GET(self) -> None:
            record = {"title": "A", "status": "completed", "protocol": "usenet", "outputPath": str(folder)}
            self._answer({"records": [record]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.posted.append((self.path, self.headers.get("Authorization"), body))
            self._answer({})

        def _answer(self, said: dict[str, Any]) -> None:
            text = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *arguments: object) -> None:
            """Stay silent."""

    server = Web(("127.0.0.1", 0), Handler)
    server.folder, server.posted = folder, []
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def read(tmp_path: Path, web: Web, *receivers: dict[str, Any]) -> settings.Settings:
    """Return what Unpackerr reads of the role's file, secrets put in as on the host."""
    base = f"http://127.0.0.1:{web.server_port}"
    apis = {"sonarr": {"kind": "sonarr", "url": base, "key": "sonarr_api_key"}}
    told = {"media_umask": "002", **DEFAULTS, "maintenance_receivers": list(receivers)}
    told["maintenance_unpackerr_start_delay"] = "0s"
    secrets = {"sonarr_api_key": KEY, **maintenance_receivers.addresses(told)}
    file = tmp_path / "unpackerr.conf"
    file.write_text(secret_tokens.replace(unpackerr.render(apis, told), secrets.get))
    return settings.read({"UN_CONFIG_FILE": str(file)})


def test_a_failure_is_posted_with_a_login_and_a_success_is_not(tmp_path: Path, web: Web) -> None:
    login = {"username": "me", "password": 'p"w\\/@:'}
    hook = {"name": "hook", "type": "webhook", "url": f"http://127.0.0.1:{web.server_port}/hook", **login}
    phone = {"name": "phone", "type": "ntfy", "url": f"http://127.0.0.1:{web.server_port}", "topic": "house"}
    program = Unpackerr(read(tmp_path, web, hook, phone))
    program.poll(0)
    (one, two) = web.posted
    assert one[0] == "/hook"
    assert base64.b64decode(str(one[1]).removeprefix("Basic ")).decode() == 'me:p"w\\/@:'
    assert (one[2]["unpackerr_eventtype"], one[2]["app"]) == ("extractfailed", "Sonarr")
    assert one[2]["path"] == str(web.folder)
    assert two[0].startswith("/house?template=yes&title=Unpackerr")
    assert 'unpackerr_counters{name="hook_ok"} 2' in program.metrics.text()
    hooked = program.told.hooks[0]
    assert not hooked.wants("extracted")
    assert hooks.Hook("", "", "", "", (0,), 1).wants("extracted")


def test_the_templates_for_discord_and_telegram(tmp_path: Path, web: Web) -> None:
    chat = {"name": "chat", "type": "discord", "webhook_url": "https://discord.com/api/webhooks/1/t"}
    group = {"name": "group", "type": "telegram", "bot_token": f"123456:{'A' * 35}", "chat_id": -5}
    first, second = read(tmp_path, web, chat, group).hooks
    assert (first.template, second.template, second.nickname) == ("discord", "telegram", "-5")
    # What is named is what the address would have told as well.
    assert [hooks.guessed(one.url) for one in (first, second)] == ["discord", "telegram"]
    assert hooks.body(second, "extractfailed", "Sonarr", "/d/a", "x")["chat_id"] == "-5"
    assert hooks.body(first, "extractfailed", "Sonarr", "/d/a", "x")["embeds"][0]["title"] == "a"


@pytest.mark.parametrize(
    "text", ["name = 'x'", "url = 'http://a'\nevents = ['x']", "url = 'http://a'\nevents = [10]", "url = 5"]
)
def test_a_bad_webhook_ends_the_start(tmp_path: Path, text: str) -> None:
    file = tmp_path / "unpackerr.conf"
    file.write_text(f"[[webhook]]\n{text}\n")
    with pytest.raises(SettingsError):
        settings.read({"UN_CONFIG_FILE": str(file)})


def test_a_hook_that_does_not_answer_is_counted(tmp_path: Path, web: Web) -> None:
    program = Unpackerr(read(tmp_path, web, {"name": "hook", "type": "webhook", "url": "http://127.0.0.1:1/"}))
    program.poll(0)
    assert 'unpackerr_counters{name="hook_fail"} 1' in program.metrics.text()

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module against the real NZBGet, and against servers that are not NZBGet."""

from __future__ import annotations

import hashlib
import http.server
import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.homelab.media.plugins.module_utils import nzbget
from ansible_collections.homelab.media.plugins.module_utils.nzbget_api import Client, Refused, Unreachable
from ansible_collections.homelab.media.plugins.modules import nzbget_config

ROLE = Path(__file__).parents[4] / "roles" / "nzbget"
SECRETS = {
    "nzbget_password": "control-secret",
    "nzbget_restricted_password": "restricted-secret",
    "nzbget_news_main_password": "news-secret",
    "nzbget_news_fill_password": "fill-secret",
}
SERVERS = [
    {
        "name": name,
        "host": f"{name}.invalid",
        "username": "someone",
        "password": SECRETS[f"nzbget_news_{name}_password"],
    }
    for name in ("main", "fill")
]


def free_port() -> int:
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Program:
    """A real NZBGet on a port of its own, started with what the role seeds, and the module's options for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.conf = folder / "nzbget.conf"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings: dict[str, Any] = {
            **yaml.safe_load((ROLE / "defaults" / "main.yml").read_text()),
            "media_umask": "002",
            "media_categories": ["movies", "tv"],
            "nzbget_port": self.port,
            "nzbget_news_servers": SERVERS,
            # What differs from a container: its folders, and that nobody on this host is let in without a password.
            "nzbget_options": {
                **{name: str(folder / name) for name, value in nzbget.POLICY.items() if value.startswith(("/c", "/d"))},
                "ControlIP": "127.0.0.1",
                "AuthorizedIP": "",
            },
        }
        self.secrets = folder / "secrets"
        self.secrets.mkdir()
        for name, value in SECRETS.items():
            (self.secrets / name).write_text(value)
        self.process: subprocess.Popen[bytes] | None = None

    def seed(self) -> None:
        """Write the first configuration, the secrets put in as the host does it."""
        text = nzbget.render_conf(nzbget.desired_options(self.settings))
        for name, value in SECRETS.items():
            text = text.replace(f"@@secret:{name}@@", value)
        assert "@@" not in text
        self.conf.touch(mode=0o600)
        self.conf.write_text(text)

    def start(self, *arguments: str) -> None:
        program = shutil.which("nzbget")
        assert program, "these tests need the real NZBGet: install the packages of tests/requirements-apt.txt"
        command = [program, "--server", "--configfile", str(self.conf), "--option", "OutputMode=log", *arguments]
        self.process = subprocess.Popen(command, stdout=(self.folder / "stdout").open("wb"), stderr=subprocess.STDOUT)
        client = self.client()
        for _attempt in range(100):
            try:
                client.call("version")
                return
            except Refused:
                return
            except Unreachable:
                time.sleep(0.05)
        raise AssertionError((self.folder / "stdout").read_text())

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(timeout=20)
            self.process = None

    def client(self) -> Client:
        return Client(self.url, "nzbget", SECRETS["nzbget_password"])

    def edit(self, before: str, after: str) -> None:
        """Change the file as a person or the settings page does."""
        text = self.conf.read_text()
        assert text.count(before) == 1
        self.conf.write_text(text.replace(before, after))

    def values(self) -> dict[str, str]:
        return dict(self.client().options("loadconfig"))

    def arguments(self, **changed: Any) -> dict[str, Any]:
        options = nzbget.desired_options(self.settings)
        return {
            "url": self.url,
            "username": "nzbget",
            "password_file": str(self.secrets / "nzbget_password"),
            "config_file": str(self.conf),
            "options": nzbget.plain_options(options),
            "secret_options": nzbget.secret_options(options, str(self.secrets)),
            "timeout": 20,
            **changed,
        }


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """An NZBGet whose first file is written, and that is not started yet."""
    made = Program(tmp_path)
    made.seed()
    yield made
    made.stop()


@pytest.fixture
def running(program: Program) -> Program:
    program.start()
    return program


Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the module and return what it answers. No answer of any test may hold a secret."""

    def call(arguments: dict[str, Any], check: bool = False) -> dict[str, Any]:
        with (
            patch_module_args({**arguments, "_ansible_check_mode": check, "_ansible_diff": True}),
            pytest.raises(SystemExit),
        ):
            nzbget_config.main()
        output = capsys.readouterr().out
        assert [secret for secret in SECRETS.values() if secret in output] == []
        result: dict[str, Any] = json.loads(output)
        return result

    return call


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the module warned of. Ansible collects warnings for the whole process, so they are taken before that."""
    texts: list[str] = []
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, text, **_options: texts.append(text))
    return texts


def changes(result: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {
        item["after_header"].removeprefix("NZBGet option "): (item["before"].strip(), item["after"].strip())
        for item in result["diff"]
    }


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_seeded_nzbget_needs_nothing(running: Program, run: Run) -> None:
    before = digest(running.conf)
    result = run(running.arguments())
    assert (result["changed"], result["diff"]) == (False, [])
    assert result["reachable"] is True
    assert result["version"]
    assert result["config_errors"] == []
    assert result["not_in_force"] == []
    assert digest(running.conf) == before


def test_one_drifted_option_is_one_difference_and_comments_and_foreign_options_stay(running: Program, run: Run) -> None:
    running.edit("KeepHistory=30\n", '# A person\'s note.\nKeepHistory=7\nParBuffer=64\nMyScript.py:Level=é "3" \\\n')
    predicted = run(running.arguments(), check=True)
    result = run(running.arguments())
    assert changes(result) == {"KeepHistory": ("KeepHistory=7", "KeepHistory=30")} == changes(predicted)
    assert predicted["changed"] is result["changed"] is True
    text = running.conf.read_text()
    assert '# A person\'s note.\nKeepHistory=30\nParBuffer=64\nMyScript.py:Level=é "3" \\\n' in text
    assert dict(running.client().options("config"))["KeepHistory"] == "30"
    assert running.conf.stat().st_mode & 0o777 == 0o600
    assert run(running.arguments())["changed"] is False


def test_an_option_that_is_gone_from_the_file_comes_back(running: Program, run: Run) -> None:
    running.edit("UMask=0002\n", "")
    assert changes(run(running.arguments())) == {"UMask": ("", "UMask=0002")}
    assert running.values()["UMask"] == "0002"


def test_check_mode_writes_nothing_and_reloads_nothing(running: Program, run: Run) -> None:
    running.edit("DiskSpace=1024", "DiskSpace=1")
    running.edit("ControlUsername=nzbget", "ControlUsername=other")
    before = digest(running.conf)
    log = running.client().call("log", 0, 1000)
    result = run(running.arguments(), check=True)
    assert set(changes(result)) == {"DiskSpace", "ControlUsername"}
    assert digest(running.conf) == before
    assert running.client().call("log", 0, 1000) == log


def test_a_removed_server_goes_and_the_next_one_moves_up_with_its_notes(running: Program, run: Run) -> None:
    running.edit("Server2.Name=fill\n", "Server2.Name=fill\nServer2.Notes=paid until June\n")
    running.settings["nzbget_news_servers"] = SERVERS[1:]
    result = run(running.arguments())
    assert changes(result)["Server1.Host"] == ("Server1.Host=main.invalid", "Server1.Host=fill.invalid")
    assert changes(result)["Server1.Password"] == ("Server1.Password=(secret)", "Server1.Password=(secret) differs")
    assert changes(result)["Server2.Password"] == ("Server2.Password=(secret)", "")
    values = running.values()
    assert not any(name.startswith("Server2.") for name in values)
    assert values["Server1.Notes"] == "paid until June"
    assert values["Server1.Password"] == SECRETS["nzbget_news_fill_password"]
    assert len(running.client().call("status")["NewsServers"]) == 1
    assert run(running.arguments())["changed"] is False


def test_news_servers_of_the_settings_page_are_kept_where_none_is_declared(running: Program, run: Run) -> None:
    running.settings["nzbget_news_servers"] = []
    assert run(running.arguments())["changed"] is False
    assert running.values()["Server2.Host"] == "fill.invalid"


def test_a_password_that_was_changed_by_hand_is_put_back(program: Program, run: Run) -> None:
    program.edit("ControlPassword=control-secret", "ControlPassword=by-hand")
    program.edit("ControlUsername=nzbget", "ControlUsername=someone")
    program.start()
    predicted = run(program.arguments(), check=True)
    result = run(program.arguments())
    expected = {
        "ControlUsername": ("ControlUsername=someone", "ControlUsername=nzbget"),
        "ControlPassword": ("ControlPassword=(secret)", "ControlPassword=(secret) differs"),
    }
    assert changes(predicted) == changes(result) == expected
    assert "by-hand" not in json.dumps([predicted, result])
    assert program.client().call("version")
    assert run(program.arguments())["changed"] is False


def test_a_file_without_a_password_means_the_public_one_which_is_replaced(program: Program, run: Run) -> None:
    program.edit("ControlPassword=control-secret\n", "")
    program.start()
    assert changes(run(program.arguments())) == {"ControlPassword": ("", "ControlPassword=(secret) differs")}
    assert program.client().call("version")


def test_a_reload_that_an_interrupted_run_left_undone_is_done(running: Program, run: Run) -> None:
    while running.client().call("status")["UpTimeSec"] < 2:  # the interrupted run waited for it too
        time.sleep(0.1)
    options = [{"Name": name, "Value": value} for name, value in {**running.values(), "KeepHistory": "60"}.items()]
    assert running.client().call("saveconfig", options) is True
    running.settings["nzbget_keep_history"] = 60
    assert dict(running.client().options("config"))["KeepHistory"] == "30"
    written = running.conf.stat().st_mtime_ns
    predicted = run(running.arguments(), check=True)
    result = run(running.arguments())
    assert (
        changes(predicted)
        == changes(result)
        == {"NZBGet": ("runs with an older state of its configuration", "reloaded")}
    )
    assert dict(running.client().options("config"))["KeepHistory"] == "60"
    assert running.conf.stat().st_mtime_ns == written
    assert run(running.arguments())["changed"] is False


def test_an_option_of_the_command_line_is_told_and_does_not_reload_for_ever(
    program: Program, run: Run, warned: list[str]
) -> None:
    program.start("--option", "KeepHistory=5")
    assert run(program.arguments())["not_in_force"] == ["KeepHistory"]
    program.edit("DiskSpace=1024", "DiskSpace=1")
    assert set(changes(run(program.arguments()))) == {"DiskSpace"}
    result = run(program.arguments())
    assert result["changed"] is False
    assert result["not_in_force"] == ["KeepHistory"]
    assert "another KeepHistory" in warned[-1]


def test_what_nzbget_cannot_read_is_told(program: Program, run: Run, warned: list[str]) -> None:
    program.edit("KeepHistory=30", "KeepHistory=30\nNoSuchOption=1")
    program.start()
    result = run(program.arguments())
    assert result["changed"] is False
    assert len(result["config_errors"]) == 1
    assert 'Invalid option "NoSuchOption"' in result["config_errors"][0]
    assert "paused every download" in warned[-1]


def test_a_value_that_nzbget_converts_is_an_error_and_no_endless_change(running: Program, run: Run) -> None:
    running.settings["nzbget_options"]["ParCheck"] = "no"
    result = run(running.arguments())
    assert result["failed"] is True
    assert "saved another value for NZBGet option ParCheck" in result["msg"]


def test_in_check_mode_one_that_does_not_run_is_judged_by_its_file(program: Program, run: Run) -> None:
    result = run(program.arguments(), check=True)
    assert (result["changed"], result["reachable"]) == (False, False)
    program.edit("KeepHistory=30", "KeepHistory=7")
    result = run(program.arguments(), check=True)
    assert changes(result) == {"KeepHistory": ("KeepHistory=7", "KeepHistory=30")}
    program.start()
    assert changes(run(program.arguments(), check=True)) == changes(result)


def test_in_check_mode_on_a_fresh_host_nothing_is_to_be_done_after_the_seed(tmp_path: Path, run: Run) -> None:
    fresh = Program(tmp_path)
    shutil.rmtree(fresh.secrets)
    result = run(fresh.arguments(), check=True)
    assert (result["changed"], result["reachable"]) == (False, False)


def test_a_secret_that_is_not_made_yet_will_change_the_option(running: Program, run: Run) -> None:
    (running.secrets / "nzbget_restricted_password").unlink()
    assert set(changes(run(running.arguments(), check=True))) == {"RestrictedPassword"}
    result = run(running.arguments())
    assert result["failed"] is True
    assert "RestrictedPassword: cannot be read" in result["msg"]


def test_it_waits_for_an_nzbget_that_is_still_starting(program: Program, run: Run) -> None:
    timer = threading.Timer(0.5, program.start)
    timer.start()
    result = run(program.arguments())
    timer.join()
    assert (result["changed"], result["reachable"]) == (False, True)


def test_a_wrong_password_without_the_file_names_the_variables(running: Program, run: Run) -> None:
    (running.secrets / "nzbget_password").write_text("a-wrong-one")
    result = run(running.arguments(config_file=None))
    assert result["failed"] is True
    assert running.url in result["msg"]
    assert "refused the user 'nzbget' (HTTP 401)" in result["msg"]
    assert "nzbget_password" in result["msg"]
    assert "a-wrong-one" not in json.dumps(result)


def test_one_that_never_answers_is_told_after_the_timeout(program: Program, run: Run) -> None:
    result = run(program.arguments(timeout=0.3))
    assert result["failed"] is True
    assert f"NZBGet at {program.url}: does not answer" in result["msg"]
    assert "Connection refused" in result["msg"]


def test_a_secret_among_the_plain_options_is_refused(program: Program, run: Run) -> None:
    result = run(program.arguments(options={"AddPassword": "shown"}))
    assert result["failed"] is True
    assert "options.AddPassword: is a secret" in result["msg"]


def test_a_value_of_two_lines_never_reaches_the_file(running: Program, run: Run) -> None:
    before = digest(running.conf)
    (running.secrets / "nzbget_restricted_password").write_text("one\nControlPassword=")
    result = run(running.arguments())
    assert "RestrictedPassword: has more than one line" in result["msg"]
    assert digest(running.conf) == before


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers every request in the same way, as something does that is not NZBGet."""

    status = 200
    body = b""
    location = ""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        if self.location:
            self.send_header("Location", self.location)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    do_GET = do_POST

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    servers = []

    def make(status: int, body: str, location: str = "") -> str:
        handler = type("Handler", (Answer,), {"status": status, "body": body.encode(), "location": location})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (200, "<html>Welcome to nginx!</html>", "answered loadconfig with '<html>Welcome to nginx!</html>'"),
        (200, "", "answered loadconfig with ''"),
        (200, "[1, 2]", "NZBGet's JSON"),
        (200, '{"error": {"code": 2, "message": "Invalid parameter"}}', "with the error 'Invalid parameter'"),
        (200, '{"result": [{"Key": 1}]}', "something else than options"),
        (200, '{"result": true}', "something else than options"),
        (200, '{"result": []}', "answered status without"),
        (404, "", "answered HTTP 404"),
        (500, "oops", "answered HTTP 500"),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_what_is_not_nzbget_is_one_clear_error(
    program: Program, run: Run, serve: Callable[..., str], status: int, body: str, words: str, check: bool
) -> None:
    url = serve(status, body)
    result = run(program.arguments(url=url), check)
    assert result["failed"] is True
    assert f"NZBGet at {url}" in result["msg"]
    assert words in result["msg"]
    assert "Traceback" not in json.dumps(result)


def test_a_redirect_is_not_followed_and_the_password_not_given_away(
    program: Program, run: Run, serve: Callable[..., str]
) -> None:
    other = program.url
    result = run(program.arguments(url=serve(302, "", f"{other}/elsewhere")))
    assert "answered HTTP 302" in result["msg"]

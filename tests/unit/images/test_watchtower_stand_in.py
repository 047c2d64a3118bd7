# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for Watchtower reads settings, labels and templates as upstream does, and refuses as it does."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.images.watchtower.stand_in import cron, labels, main, recreate, settings, template
from tests.images.watchtower.stand_in.session import Report, Status
from tests.images.watchtower.stand_in.settings import SettingsError
from tests.images.watchtower.stand_in.template import TemplateError


def read(**values: str) -> settings.Settings:
    return settings.read({f"WATCHTOWER_{name}": value for name, value in values.items()}, "a-host")


def container(mode: str = "net", links: Any = None, **own: str) -> dict[str, Any]:
    said = {f"{labels.PREFIX}.{key.replace('_', '-')}": value for key, value in own.items()}
    return {
        "Id": "1" * 64,
        "Name": "/one",
        "Config": {"Labels": said},
        "HostConfig": {"NetworkMode": mode, "Links": links},
    }


def test_the_defaults_are_upstreams() -> None:
    told = read()
    assert (told.schedule, told.timeout, told.compose_depends_on) == ("@every 86400s", 30, True)
    assert not (told.label_enable or told.monitor_only or told.cleanup or told.rolling_restart or told.metrics)
    assert told.title == "Watchtower updates on a-host"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"SCHEDULE": "0 0 4 * * *", "POLL_INTERVAL": "60"}, "both interval and schedule"),
        ({"SCHEDULE": "30 4 * * *"}, "expected exactly 6 fields, found 5"),
        ({"SCHEDULE": "0 60 4 * * *"}, "failed to parse"),
        ({"HTTP_API_METRICS": "true"}, "api token is empty"),
        ({"LABEL_ENABLE": "yes"}, "is no boolean"),
        ({"TIMEOUT": "1x"}, "cannot be read"),
        ({"NOTIFICATIONS_LEVEL": "loud"}, "not a valid level"),
        ({"LABELS_ENABLE": "true"}, "not known"),
        ({"HTTP_API_ENDPOINTS": "update"}, "only metrics"),
    ],
)
def test_what_ends_the_start(values: dict[str, str], reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        read(**values)


def test_values_that_are_files(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(" a-token\n")
    (tmp_path / "urls").write_text("\nntfy://a/b\n generic://c \n")
    told = read(HTTP_API_METRICS="1", HTTP_API_TOKEN=str(tmp_path / "token"), NOTIFICATION_URL=str(tmp_path / "urls"))
    assert (told.token, told.urls) == ("a-token", ("ntfy://a/b", "generic://c"))
    # Two paths with a comma between them are one address that is none: as upstream splits them.
    assert settings.split_urls("/run/a,/run/b") == ["/run/a,/run/b"]
    assert settings.split_urls("smtp://a/?to=b,c,ntfy://d/e ntfy://f/g") == [
        "smtp://a/?to=b,c", "ntfy://d/e", "ntfy://f/g",
    ]  # fmt: skip


def test_times() -> None:
    assert (read(TIMEOUT="1m30s").timeout, read(TIMEOUT="45").timeout) == (90, 45)
    at = datetime.datetime(2026, 1, 1, 12, 0, 0, 5)
    assert cron.due("0 30 4 * * *", at) == datetime.datetime(2026, 1, 2, 4, 30)
    assert cron.due("*/20 * * * * *", at) == datetime.datetime(2026, 1, 1, 12, 0, 20)
    assert cron.due("@hourly", at) == datetime.datetime(2026, 1, 1, 13)
    assert cron.due("0 0 4 * * sun", at) == datetime.datetime(2026, 1, 4, 4)
    assert cron.due("@every 10s", at) == at + datetime.timedelta(seconds=10)


@pytest.mark.parametrize(
    ("own", "told", "watched"),
    [
        ({}, {}, True),
        ({}, {"LABEL_ENABLE": "true"}, False),
        ({"enable": "true"}, {"LABEL_ENABLE": "true"}, True),
        ({"enable": "false"}, {}, False),
        # A word that is no boolean counts as none.
        ({"enable": "yes"}, {"LABEL_ENABLE": "true"}, False),
        ({"enable": "yes"}, {}, True),
        ({"enable": "true"}, {"SCOPE": "mine"}, False),
        ({"enable": "true", "scope": "mine"}, {"SCOPE": "mine"}, True),
        ({"enable": "true", "scope": "mine"}, {}, True),
        ({"enable": "true", "scope": "mine"}, {"SCOPE": "none"}, False),
        ({"enable": "true"}, {"DISABLE_CONTAINERS": "o.e,two"}, False),
    ],
)
def test_who_is_looked_at(own: dict[str, str], told: dict[str, str], watched: bool) -> None:
    assert labels.watched(container(**own), read(**told)) is watched


def test_monitor_only_by_label_and_in_general() -> None:
    assert labels.monitor_only(container(monitor_only="true"), read())
    assert not labels.monitor_only(container(monitor_only="false"), read())
    assert labels.monitor_only(container(monitor_only="false"), read(MONITOR_ONLY="true"))
    assert not labels.monitor_only(
        container(monitor_only="false"), read(MONITOR_ONLY="true", LABEL_TAKE_PRECEDENCE="true")
    )


def test_whom_a_container_depends_on() -> None:
    assert labels.links(container("container:pod"), read()) == ["pod"]
    assert labels.links(container(links=["/db:/one/db"]), read()) == ["db"]
    compose = container()
    compose["Config"]["Labels"]["com.docker.compose.depends_on"] = "db:service_healthy:false,cache:service_started:true"
    assert labels.links(compose, read()) == ["db", "cache"]
    assert labels.links(compose, read(USE_COMPOSE_DEPENDS_ON="false")) == []
    assert labels.links(container("container:pod", depends_on="/a, b"), read()) == ["a", "b"]


def test_what_a_container_has_from_its_image_is_left_to_the_new_one() -> None:
    image = {
        "Config": {"Env": ["A=1", "PATH=x"], "Labels": {"v": "1"}, "Cmd": ["run"], "User": "me", "Volumes": {"/d": {}}}
    }
    own: dict[str, Any] = {
        "Id": "1" * 64,
        "Config": {
            "Env": ["A=1", "PATH=mine"], "Labels": {"v": "1", "w": "2"}, "Cmd": ["run"], "Entrypoint": None,
            "User": "me", "WorkingDir": "/w", "Hostname": "h", "Volumes": {"/d": {}, "/e": {}},
        },
        "HostConfig": {"NetworkMode": "container:pod", "PortBindings": {"80/tcp": []}},
    }  # fmt: skip
    found = recreate.config(own, image)
    assert (found["Env"], found["Labels"], found["Cmd"], found["User"]) == (["PATH=mine"], {"w": "2"}, None, "")
    assert (found["WorkingDir"], found["Hostname"], found["Volumes"]) == ("/w", "", {"/e": {}})
    assert found["ExposedPorts"] == {"80/tcp": {}}
    assert own["Config"]["Env"] == ["A=1", "PATH=mine"]


def test_templates() -> None:
    report = Report(updated=[Status("one", "i:1", "sha256:" + "a" * 64, "sha256:" + "b" * 64)], scanned=[])
    text = template.render(template.DEFAULT, main.data(report))
    assert text == f"0 Scanned, 1 Updated, 0 Failed\n- one (i:1): {'a' * 12} updated to {'b' * 12}"
    assert template.render("{{range .A}}{{.}},{{else}}none{{end}}", {"A": []}) == "none"
    assert template.render("x {{- if .A}} y {{- end}} z", {"A": 1}) == "x y z"


@pytest.mark.parametrize(
    "text", ["{{", "{{range .A}}", "{{end}}", "{{.Nothing}}", "{{printf .A}}", "{{if eq .A 1}}{{end}}", "{{.A.B}}"]
)
def test_templates_that_cannot_be_read(text: str) -> None:
    with pytest.raises(TemplateError):
        template.render(text, {"A": [1]})

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for Grafana takes what the role renders for it, and refuses what it should."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.grafana_on_loopback import environment, render
from tests.images.grafana.stand_in.app import App
from tests.images.grafana.stand_in.dashboards import DashboardError
from tests.images.grafana.stand_in.provisioning import ProvisioningError
from tests.images.grafana.stand_in.settings import SettingsError, read

SOURCES = "provisioning/datasources/media.yml"
PROVIDERS = "provisioning/dashboards/media.yml"
HOST = "dashboards/host.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    render(tmp_path)
    return tmp_path


def started(folder: Path, **more: Any) -> App:
    return App(read(environment(folder, **more)))


def test_what_the_role_renders_is_taken(folder: Path) -> None:
    app = started(folder)
    assert [item.title for item in app.dashboards.all()] == [
        *("Containers", "Converge", "Front door", "Host", "Overview", "Pipeline", "Playback", "Tunnel")
    ]
    assert app.folders == {"media": "Media"}
    assert app.home()["uid"] == "media-overview"
    assert app.settings.chatty == []
    # A control: upstream's own defaults ask the network four times.
    assert len(read({}).chatty) == 4


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"GF_SECURITY_ADMIN_PASSWORD": "x"}, "Both GF_SECURITY_ADMIN_PASSWORD and"),
        ({"GF_SECURITY_SECRET_KEY__FILE": "/nowhere"}, "No such file"),
        ({"GF_USERS_ALLOW_SIGNUP": "false"}, "GF_USERS_ALLOW_SIGNUP is no setting"),
        ({"GF_USERS_ALLOW_SIGN_UP": "never"}, "'never' is no truth value"),
        ({"GF_LOG_MODE": "console, journal"}, "GF_LOG_MODE names journal"),
        ({"GF_AUTH_PROXY_WHITELIST": "fd00::2"}, "has no length"),
        ({"GF_AUTH_PROXY_WHITELIST": "10.0.0.2,door"}, "could not parse the network"),
        ({"GF_AUTH_PROXY_HEADERS": "Name:Remote-Name Team:Remote-Groups"}, "'Team:Remote-Groups' is not one of"),
        ({"GF_AUTH_PROXY_HEADER_PROPERTY": "login"}, "neither username nor email"),
    ],
)
def test_settings_with_which_it_does_not_start(folder: Path, more: dict[str, str], reason: str) -> None:
    with pytest.raises(SettingsError, match=reason):
        started(folder, **more)


@pytest.mark.parametrize("password", ["with-${HOME}", "with-$__file{/etc/passwd}", "with-%(domain)s"])
def test_a_password_that_would_be_expanded_is_refused(folder: Path, password: str) -> None:
    (folder / "secrets/admin_password").write_text(password)
    with pytest.raises(SettingsError, match="would be expanded"):
        started(folder)


def test_an_empty_secret_is_refused(folder: Path) -> None:
    (folder / "secrets/admin_password").write_text("\n")
    with pytest.raises(SettingsError, match="is empty"):
        started(folder)


def put(place: tuple[Any, ...], value: Any) -> Callable[[Any], None]:
    """Return what sets one value in a document."""

    def change(document: Any) -> None:
        here = document
        for key in place[:-1]:
            here = here[key]
        if value is None:
            del here[place[-1]]
        else:
            here[place[-1]] = value

    return change


@pytest.mark.parametrize(
    ("file", "change", "reason"),
    [
        (SOURCES, put(("apiVersion",), 2), "apiVersion is not 1"),
        (SOURCES, put(("apiVersion",), None), "apiVersion is not 1"),
        (SOURCES, put(("sources",), []), "sources is not known"),
        (SOURCES, put(("datasources", 0, "uid"), None), "has uid ''"),
        (SOURCES, put(("datasources", 0, "uid"), "a uid"), "has uid 'a uid'"),
        (SOURCES, put(("datasources", 0, "type"), "promtheus"), "no plugin 'promtheus'"),
        (SOURCES, put(("datasources", 0, "url"), "prometheus:9090"), "url is 'prometheus:9090'"),
        (SOURCES, put(("datasources", 0, "default"), True), "default is not known"),
        (SOURCES, put(("datasources", 0, "jsonData", "timeInterval"), "often"), "timeInterval is 'often'"),
        (PROVIDERS, put(("apiVersion",), 0), "apiVersion is not 1"),
        (PROVIDERS, put(("providers", 0, "type"), "disk"), "of type 'disk'"),
        (PROVIDERS, put(("providers", 0, "options", "path"), "/nowhere"), "Cannot read directory"),
        (PROVIDERS, put(("providers", 0, "disableDelete"), True), "disableDelete is not known"),
    ],
)
def test_provisioning_with_which_it_does_not_start(folder: Path, file: str, change: Any, reason: str) -> None:
    document = yaml.safe_load((folder / file).read_text())
    change(document)
    (folder / file).write_text(yaml.safe_dump(document))
    with pytest.raises(ProvisioningError, match=reason):
        started(folder)


def test_two_files_with_one_source_and_a_file_that_is_no_yaml(folder: Path) -> None:
    text = (folder / SOURCES).read_text()
    (folder / "provisioning/datasources/other.yaml").write_text(text)
    with pytest.raises(ProvisioningError, match="is there twice"):
        started(folder)
    (folder / "provisioning/datasources/other.yaml").write_text("{")
    with pytest.raises(ProvisioningError):
        started(folder)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (put(("id",), 7), "has an id"),
        (put(("uid",), None), "uid is None"),
        (put(("title",), ""), "title cannot be empty"),
        (put(("title",), "Overview"), "used more than once"),
        (put(("uid",), "media-overview"), "used more than once"),
        (put(("schemaVersion",), None), "no schemaVersion"),
        (put(("panels",), []), "no panels"),
        (put(("__inputs",), []), "still has inputs"),
        (put(("panels", 1, "type"), "graph"), "no panel 'graph'"),
        (put(("panels", 1, "id"), 1), "ids of panels"),
        (put(("panels", 1, "gridPos", "x"), 22), "gridPos"),
        (put(("panels", 1, "gridPos", "x"), 1), "lies on panel"),
        (put(("panels", 0, "targets", 0, "expr"), " "), "a query is empty"),
        (put(("panels", 0, "targets", 0, "datasource", "uid"), "prom"), "'prom' was not found"),
        (put(("panels", 0, "targets", 0, "refId"), None), "refIds are"),
        (put(("panels", 0, "datasource"), "${DS_PROMETHEUS}"), "still has inputs"),
    ],
)
def test_dashboards_with_which_it_does_not_start(folder: Path, change: Any, reason: str) -> None:
    document = json.loads((folder / HOST).read_text())
    change(document)
    (folder / HOST).write_text(json.dumps(document))
    with pytest.raises(DashboardError, match=reason):
        started(folder)


def test_while_it_runs_dashboards_come_and_go_with_their_files(folder: Path) -> None:
    file = folder / PROVIDERS
    file.write_text(file.read_text().replace("updateIntervalSeconds: 10", "updateIntervalSeconds: 0.000001"))
    app = started(folder)
    text = (folder / HOST).read_text()
    (folder / HOST).unlink()
    assert app.dashboards.get("media-host") is None
    (folder / HOST).write_text(text.replace('"title": "Host"', '"title": "The host"'))
    found = app.dashboards.get("media-host")
    assert found and found.title == "The host"
    (folder / HOST).write_text("{")
    assert app.dashboards.get("media-host") == found
    assert "failed to load dashboard from" in (folder / "state/log/grafana.log").read_text()


def test_with_deletion_disabled_they_would_stay(folder: Path) -> None:
    file = folder / PROVIDERS
    text = file.read_text().replace("updateIntervalSeconds: 10", "updateIntervalSeconds: 0.000001")
    file.write_text(text.replace("disableDeletion: false", "disableDeletion: true"))
    app = started(folder)
    (folder / HOST).unlink()
    assert app.dashboards.get("media-host") is not None

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Servarr stand-in from the other side: by the client libraries that people use with the real ones."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pyarr import LidarrAPI, RadarrAPI, ReadarrAPI, SonarrAPI

from tests.contract.openapi import CONTRACTS, check_exchanges
from tests.contract.servarr_on_loopback import KEY, StandIn, until

APPS = ("Sonarr", "Radarr", "Lidarr", "Readarr", "Prowlarr")


@pytest.fixture(scope="module", params=APPS)
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    with StandIn(request.param, tmp_path_factory.mktemp(request.param)) as stand_in:
        yield stand_in


class Sdk:
    """One of the generated clients, which read every answer into typed models."""

    def __init__(self, app: StandIn) -> None:
        self.module: ModuleType = importlib.import_module(app.kind)
        configuration = self.module.Configuration(host=app.url)
        configuration.api_key["X-Api-Key"] = KEY
        self._client = self.module.ApiClient(configuration)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.module, f"{name}Api")(self._client)

    def model(self, model: str, **values: Any) -> Any:
        return getattr(self.module, model)(**values)


def test_the_generated_clients_read_every_list(app: StandIn) -> None:
    sdk = Sdk(app)
    assert sdk.System.get_system_status().app_name == app.name
    assert isinstance(sdk.Health.list_health(), list)
    assert sdk.DownloadClient.list_download_client_schema()
    assert sdk.Indexer.list_indexer_schema()
    assert sdk.Notification.list_notification_schema()
    assert sdk.HostConfig.get_host_config().api_key == KEY
    if app.kind == "prowlarr":
        assert [profile.name for profile in sdk.AppProfile.list_app_profile()] == ["Standard"]
        assert {offer.implementation for offer in sdk.Application.list_applications_schema()} >= {"Sonarr", "Radarr"}
        return
    assert sdk.QualityProfile.list_quality_profile()
    assert sdk.QualityDefinition.list_quality_definition()
    assert sdk.NamingConfig.get_naming_config().id == 1
    assert sdk.MediaManagementConfig.get_media_management_config().copy_using_hardlinks
    assert sdk.DelayProfile.list_delay_profile()[0].id == 1
    assert sdk.CustomFormat.list_custom_format() == []


def test_the_generated_clients_write(app: StandIn, tmp_path: Path) -> None:
    sdk = Sdk(app)
    tag = sdk.Tag.create_tag(sdk.model("TagResource", label="Sdk"))
    assert tag.label == "sdk"
    offers = sdk.DownloadClient.list_download_client_schema()
    offer = next(offer for offer in offers if offer.implementation == "Nzbget")
    offer.name, offer.enable, offer.tags = "By the SDK", False, [tag.id]
    made = sdk.DownloadClient.create_download_client(download_client_resource=offer)
    made.priority = 7
    # Their files do not agree on what a number in the path is.
    number = made.id if app.kind in ("sonarr", "radarr", "lidarr") else str(made.id)
    changed = sdk.DownloadClient.update_download_client(id=number, download_client_resource=made, force_save=True)
    assert (changed.priority, changed.tags) == (7, [tag.id])
    sdk.DownloadClient.delete_download_client(made.id)
    sdk.Tag.delete_tag(tag.id)
    command = sdk.Command.create_command(sdk.model("CommandResource", name="CheckHealth"))
    until(lambda: sdk.Command.get_command_by_id(command.id).status.value == "completed", "the command ends")


def test_errors_are_the_generated_clients_errors(app: StandIn) -> None:
    sdk = Sdk(app)
    refused = importlib.import_module(f"{app.kind}.exceptions").ApiException
    with pytest.raises(refused) as caught:
        sdk.Tag.get_tag_by_id(999)
    assert caught.value.status == 404
    sdk._client.configuration.api_key["X-Api-Key"] = "wrong"
    with pytest.raises(refused) as caught:
        sdk.Tag.list_tag()
    assert caught.value.status == 401


@pytest.mark.parametrize(
    ("name", "kind"), [("Sonarr", SonarrAPI), ("Radarr", RadarrAPI), ("Lidarr", LidarrAPI), ("Readarr", ReadarrAPI)]
)
def test_pyarr_reads_and_writes(tmp_path: Path, name: str, kind: Any) -> None:
    with StandIn(name, tmp_path / "app") as stand_in:
        client = kind(stand_in.url, KEY)
        assert client.get_system_status()["appName"] == name
        assert client.create_tag("kids")["label"] == "kids"
        assert len(client.get_quality_profile()) > 1
        root = tmp_path / "media"
        root.mkdir()
        if name == "Sonarr":
            client.add_root_folder(str(root))
            found = client.lookup_series("Harbour Lights")[0]
            made = client.add_series(found, quality_profile_id=1, language_profile_id=1, root_dir=str(root))
            assert client.get_episode(made["id"], series=True)[0]["title"] == "The First Lamp"
        elif name == "Radarr":
            client.add_root_folder(str(root))
            found = client.lookup_movie("The Paper Lighthouse")[0]
            assert client.add_movie(found, str(root), 1)["path"] == f"{root}/The Paper Lighthouse (2024)"
        assert client.get_queue()["totalRecords"] == 0


def test_all_of_it_kept_the_contract(app: StandIn) -> None:
    if not CONTRACTS.is_dir():
        pytest.skip("the contracts beside the project are not here: shared/contracts")
    assert check_exchanges(app.name, app.exchanges()) > 10

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for Exportarr takes and refuses what upstream does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.images.exportarr.stand_in.exposition import ExpositionError, Families
from tests.images.exportarr.stand_in.settings import SettingsError, read

KEY = "0123456789abcdef0123456789abcdef"
GIVEN = {"URL": "http://sonarr:8989/base/", "API_KEY": KEY, "PATH": "/usr/bin", "HOME": "/"}


def test_variables_make_it_start() -> None:
    told = read(["sonarr"], {**GIVEN, "PORT": "9707", "ENABLE_ADDITIONAL_METRICS": "True"})
    assert (told.port, told.interface, told.additional_metrics) == (9707, "0.0.0.0", True)
    assert told.api == "http://sonarr:8989/base/api/v3"
    assert told.url == GIVEN["URL"]
    assert read(["lidarr"], GIVEN).api.endswith("/api/v1")


def test_an_option_wins_over_its_variable() -> None:
    told = read(["--port", "1234", "radarr", "--url=http://r:1", "--enable-unknown-queue-items"], GIVEN)
    assert (told.kind, told.port, told.url, told.unknown_queue_items) == ("radarr", 1234, "http://r:1", True)


def test_names_of_older_versions_are_known() -> None:
    told = read(["s"], {"URL": "http://s:1", "APIKEY": KEY})
    assert (told.kind, told.api_key) == ("sonarr", KEY)


def test_a_key_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    assert read(["sonarr"], {"URL": "http://s:1", "API_KEY_FILE": str(file)}).api_key == KEY
    with pytest.raises(SettingsError, match="couldn't Read API Key file"):
        read(["sonarr"], {"URL": "http://s:1", "API_KEY_FILE": str(tmp_path / "none")})


@pytest.mark.parametrize(
    ("arguments", "changed", "text"),
    [
        (["sonarr"], {"API_KEY": "short"}, "20-32 character alphanumeric"),
        (["sonarr"], {"API_KEY": KEY[:-1] + "-"}, "20-32 character alphanumeric"),
        (["sonarr"], {"API_KEY": KEY + "0"}, "20-32 character alphanumeric"),
        (["sonarr"], {"API_KEY": ""}, "20-32 character alphanumeric"),
        (["sonarr"], {"URL": "sonarr:8989"}, "url is required"),
        (["sonarr"], {"URL": ""}, "url is required"),
        (["sonarr"], {"PORT": "x"}, "port is required"),
        (["sonarr"], {"INTERFACE": "eth0"}, "interface must be an IP address"),
        (["sonarr"], {"LOG_LEVEL": "loud"}, "log-level must be one of"),
        (["sonarr"], {"ENABLE_ADDITIONAL_METRICS": "yes"}, "cannot parse"),
        (["sonarr"], {"AUTH_USERNAME": "u"}, "auth-password is required"),
        (["sonarr"], {"CONFIG": "/config.xml"}, "does not play"),
        (["plex"], {}, "unknown command"),
        ([], {}, "unknown command"),
        (["sonarr", "radarr"], {}, "unknown command"),
        (["sonarr", "--nonsense"], {}, "unknown flag"),
        (["sonarr", "--url"], {}, "needs an argument"),
    ],
)
def test_what_upstream_refuses_is_refused(arguments: list[str], changed: dict[str, str], text: str) -> None:
    with pytest.raises(SettingsError, match=text) as error:
        read(arguments, {**GIVEN, **changed})
    assert KEY[:-1] not in str(error.value)


def test_text_and_numbers_of_a_series() -> None:
    families = Families('http://"x"')
    families.add("b", "B", 1.5, path="a\\b\nc")
    families.add("a", "A", 2.0)
    text = '# HELP a A\n# TYPE a gauge\na{url="http://\\"x\\""} 2\n'
    assert families.text().startswith(text)
    assert 'b{path="a\\\\b\\nc",url="http://\\"x\\""} 1.5' in families.text()
    with pytest.raises(ExpositionError, match="collected before"):
        families.add("a", "A", 3)

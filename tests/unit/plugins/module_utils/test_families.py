# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.homelab.media.plugins.module_utils.families import FAMILIES, NO_FAMILY
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError

SECRET_FILES = {
    "linuxserver": "FILE__API_KEY",
    "hotio": "FILE__API_KEY",
    "gluetun": "API_KEY_SECRETFILE",
    "authelia": "API_KEY_FILE",
    "grafana": "API_KEY__FILE",
    "npm": "API_KEY__FILE",
}


@pytest.mark.parametrize(("family", "variable"), SECRET_FILES.items())
def test_a_secret_file_is_named_as_the_family_wants_it(family, variable):
    assert FAMILIES[family].secret_variable("API_KEY") == variable


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - set(SECRET_FILES)))
def test_a_family_without_secret_files_says_what_to_do(family):
    with pytest.raises(MediaError, match=r"API_KEY: image family .* reads no secret from a file.*@@secret:NAME@@"):
        FAMILIES[family].secret_variable("API_KEY")


def test_what_starts_as_root_may_become_the_user_and_what_does_not_gets_nothing():
    become = {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}
    for name, family in FAMILIES.items():
        if name in ("grafana", "rootless"):
            assert family.capabilities == ()
        else:
            assert become <= set(family.capabilities), name
    assert NO_FAMILY.capabilities == ()


def test_only_the_tunnel_may_change_the_network():
    assert [name for name, family in FAMILIES.items() if "NET_ADMIN" in family.capabilities] == ["gluetun"]


def test_health_is_asked_with_what_the_image_has():
    url = "http://127.0.0.1:8989/ping"
    assert FAMILIES["linuxserver"].http_get(url) == ["curl", "-fsSL", "-o", "/dev/null", "--max-time", "5", url]
    assert FAMILIES["nzbgetcom"].http_get(url) == ["wget", "-q", "-O", "/dev/null", "-T", "5", url]
    with pytest.raises(MediaError, match="no HTTP client inside"):
        FAMILIES["rootless"].http_get(url)

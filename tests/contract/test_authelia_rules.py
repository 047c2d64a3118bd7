# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's configuration in the stand-in: it takes it with the role's environment, and decides as the pages ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import authelia, authelia_config

from tests.images.authelia.stand_in.access import Rules, Subject, Target
from tests.images.authelia.stand_in.config import Config, load
from tests.images.authelia.stand_in.validate import validate

ROLE = Path(__file__).resolve().parents[2] / "roles" / "authelia"
SETTINGS = {
    **yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8")),
    "media_root": "/opt/media",
    "media_domain": "media.test",
}
SMTP = {
    "authelia_notifier": "smtp",
    "authelia_smtp_address": "submissions://mail.example.org:465",
    "authelia_smtp_username": "home",
    "authelia_smtp_password": "in a file of its own",
    "authelia_smtp_sender": "Home <home@example.org>",
}
NOBODY, FAMILY = Subject(), Subject("ben", ("family",))
ADMIN = Subject("anna", ("admins", "family"))


def page(service: str, **more: Any) -> dict[str, Any]:
    base = {"service": service, "names": [f"{service}.media.test"], "access": "two_factor", "groups": [], "exempt": []}
    return {**base, **more}


PLAN = {
    "domain": "media.test",
    "sign_on": {"url": "https://auth.media.test"},
    "pages": [
        page("authelia", names=["auth.media.test"], access="portal"),
        page("proxy", groups=["admins"]),
        page("sonarr", exempt=["/api/"]),
        page("nzbget", exempt=["/jsonrpc"], groups=["admins"]),
        page("tautulli", access="one_factor"),
        page("plex", access="bypass"),
        page("tools", access="deny", groups=["admins"]),
    ],
}


@pytest.fixture
def loaded(tmp_path: Path):
    """Return a function that has the stand-in load the role's configuration, with secrets in files as on a host."""

    def load_it(**settings: Any) -> Config:
        everything = {**SETTINGS, **settings}
        file = tmp_path / "configuration.yml"
        file.write_text(yaml.safe_dump(authelia_config.configuration(everything, PLAN)), encoding="utf-8")
        environment = authelia.services(everything)["authelia"]["environment"]
        for item in authelia.files(everything):
            (tmp_path / Path(item["path"]).name).write_text("0123456789abcdef" * 4, encoding="utf-8")
        config = load(
            [file], {name: value.replace("/etc/authelia/secrets", str(tmp_path)) for name, value in environment.items()}
        )
        validate(config)
        return config

    return load_it


@pytest.mark.parametrize(
    "settings",
    [
        {},
        SMTP,
        {"authelia_storage": "postgres"},
        {"authelia_default_policy": "deny"},
        {"authelia_home": "https://home.media.test"},
        {"authelia_password_score": 0, "authelia_password_reset": False},
        {"authelia_configuration": {"totp": {"skew": 2}, "webauthn": {"enable_passkey_login": True}}},
    ],
    ids=lambda settings: ",".join(settings) or "defaults",
)
def test_the_configuration_is_taken_without_a_word(loaded, settings: dict[str, Any]) -> None:
    config = loaded(**settings)
    assert (config.errors, config.warnings) == ([], [])


def test_a_control_that_the_stand_in_refuses(loaded) -> None:
    assert loaded(authelia_find_time="20m").errors != []
    assert loaded(authelia_configuration={"totp": {"skews": 2}}).errors != []


@pytest.mark.parametrize(
    ("url", "who", "policy"),
    [
        ("https://auth.media.test/", NOBODY, "bypass"),
        ("https://sonarr.media.test/", NOBODY, "two_factor"),
        ("https://sonarr.media.test/", FAMILY, "two_factor"),
        ("https://sonarr.media.test/api/v3/series?x=1", NOBODY, "bypass"),
        *(
            (f"https://sonarr.media.test{path}", NOBODY, "two_factor")
            for path in (
                *("/api", "/apis/", "/API/x", "/settings?x=/api/", "/x/api/"),
                *("/api/../settings", "/api/%2e%2e/settings", "/api/..%2fsettings", "/api/./../settings/"),
            )
        ),
        ("https://nzbget.media.test/jsonrpc", NOBODY, "bypass"),
        ("https://nzbget.media.test/jsonrpc/version", FAMILY, "bypass"),
        ("https://nzbget.media.test/jsonrpcs", FAMILY, "deny"),
        ("https://nzbget.media.test/jsonrpc/..", FAMILY, "deny"),
        ("https://proxy.media.test/", NOBODY, "two_factor"),
        ("https://proxy.media.test/", FAMILY, "deny"),
        ("https://proxy.media.test/", ADMIN, "two_factor"),
        ("https://tautulli.media.test/", NOBODY, "one_factor"),
        ("https://plex.media.test/", NOBODY, "bypass"),
        ("https://tools.media.test/", ADMIN, "deny"),
        ("https://tools.media.test/", NOBODY, "deny"),
        ("https://forgotten.media.test/", NOBODY, "two_factor"),
        ("https://forgotten.media.test/api/", ADMIN, "two_factor"),
    ],
)
def test_it_decides_as_the_pages_ask(loaded, url: str, who: Subject, policy: str) -> None:
    assert Rules(loaded()).decide(who, Target(url, "GET")).policy == policy

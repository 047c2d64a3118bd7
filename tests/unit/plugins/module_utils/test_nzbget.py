# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the role's variables to NZBGet's options, and what is refused on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import nzbget, nzbget_checks, nzbget_names

ROLE = Path(__file__).parents[4] / "roles" / "nzbget"
DEFAULTS = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
SHARED = {"media_umask": "002", "media_categories": ["movies", "tv", "music", "books"]}


def settings(**changed: Any) -> dict[str, Any]:
    return {**SHARED, **DEFAULTS, **changed}


def told(**changed: Any) -> dict[str, str]:
    return {problem.variable: str(problem) for problem in nzbget_checks.problems(settings(**changed))}


def server(**changed: Any) -> dict[str, Any]:
    return {"name": "main", "host": "news.provider.net", "username": "someone", "password": "s3cr3t-value", **changed}


def test_the_defaults_have_no_problem() -> None:
    assert told() == {}


def test_defaults_and_argument_specs_name_the_same_variables_with_the_same_defaults() -> None:
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    assert {name: spec["default"] for name, spec in specs.items()} == DEFAULTS


def test_every_key_of_a_news_server_and_of_a_category_is_specified() -> None:
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    assert set(specs["nzbget_news_servers"]["options"]) == set(nzbget_checks.SERVER_KEYS)
    assert set(specs["nzbget_categories"]["options"]) == set(nzbget_checks.CATEGORY_KEYS)


def test_the_settings_of_the_role_hold_every_variable_that_is_read() -> None:
    variables = yaml.safe_load((ROLE / "vars" / "main.yml").read_text())
    elsewhere = {"nzbget_image", "nzbget_egress", "nzbget_cpus"}
    assert set(variables["__nzbget_settings"]) == set(settings()) - elsewhere


def test_every_option_that_the_role_sets_is_one_that_nzbget_knows() -> None:
    options = {**nzbget.RECOMMENDED, **nzbget.desired_options(settings(nzbget_news_servers=[server()]))}
    assert [name for name in options if not nzbget_names.is_known(name)] == []


def test_each_media_category_has_the_folder_of_its_name() -> None:
    options = nzbget.desired_options(settings(nzbget_categories=[{"name": "tv", "aliases": ["TV*", "Series*"]}]))
    assert options["Category2.Name"] == "tv"
    assert options["Category2.DestDir"] == "/data/usenet/complete/tv"
    assert options["Category2.Aliases"] == "TV*, Series*"
    assert options["Category2.Unpack"] == "yes"
    assert options["Category4.Name"] == "books"
    assert not any(name.startswith("Category5") for name in options)
    assert "Category1.Aliases" not in options


def test_the_umask_is_the_medias_and_no_public_password_is_in_force() -> None:
    options = nzbget.desired_options(settings())
    assert options["UMask"] == "0002"
    assert options["ControlPassword"] == "@@secret:nzbget_password@@"
    assert options["RestrictedPassword"] == "@@secret:nzbget_restricted_password@@"


def test_news_servers_are_numbered_without_gaps_and_their_ports_follow_the_encryption() -> None:
    servers = [server(), server(name="fill", encryption=False, level=1, optional=True)]
    options = nzbget.desired_options(settings(nzbget_news_servers=servers))
    assert (options["Server1.Port"], options["Server1.Encryption"]) == ("563", "yes")
    assert (options["Server2.Port"], options["Server2.Encryption"]) == ("119", "no")
    assert (options["Server2.Level"], options["Server2.Optional"]) == ("1", "yes")
    assert not any(name.startswith("Server3") for name in options)


def test_a_persons_options_win_and_booleans_are_yes_and_no() -> None:
    options = nzbget.desired_options(settings(nzbget_options={"DirectUnpack": False, "ParScan": "full"}))
    assert options["DirectUnpack"] == "no"
    assert options["ParScan"] == "full"


def test_no_given_secret_is_in_an_option_or_in_the_seed() -> None:
    given = settings(nzbget_password="given-control", nzbget_news_servers=[server()])
    options = nzbget.desired_options(given)
    for text in (str(options), nzbget.render_conf(options)):
        assert "given-control" not in text
        assert "s3cr3t-value" not in text
    assert nzbget.secret_options(options, "/s") == {
        "ControlPassword": "/s/nzbget_password",
        "RestrictedPassword": "/s/nzbget_restricted_password",
        "Server1.Password": "/s/nzbget_news_main_password",
    }
    assert not any("@@" in (value or "") for value in nzbget.plain_options(options).values())


def test_secrets_are_made_unless_they_are_given() -> None:
    given = settings(nzbget_password="given-control", nzbget_news_servers=[server(), server(name="B 2", password="")])
    assert nzbget.secrets(given) == {
        "nzbget_password": {"kind": "alnum", "length": 32, "variable": "nzbget_password", "value": "given-control"},
        "nzbget_restricted_password": {"kind": "alnum", "length": 32, "variable": "nzbget_restricted_password"},
        "nzbget_news_main_password": {
            "kind": "given",
            "value": "s3cr3t-value",
            "variable": "nzbget_news_servers[0].password",
        },
    }


def test_the_seed_names_the_main_folder_before_anything_that_may_refer_to_it() -> None:
    lines = [line for line in nzbget.render_conf(nzbget.desired_options(settings())).splitlines() if "=" in line]
    assert lines[0] == "MainDir=/config"
    assert "ContinuePartial=yes" in lines
    assert not any("CertVerification" in line for line in lines)


@pytest.mark.parametrize(
    ("changed", "variable", "words"),
    [
        ({"nzbget_port": 0}, "nzbget_port", "from 1 to 65535"),
        ({"nzbget_port": "http"}, "nzbget_port", "'http'"),
        ({"nzbget_port": True}, "nzbget_port", "True"),
        ({"nzbget_keep_history": 0}, "nzbget_keep_history", "from 1 to 25000"),
        ({"nzbget_keep_history": 25001}, "nzbget_keep_history", "25001"),
        ({"media_umask": "8"}, "media_umask", '"002"'),
        ({"media_umask": 7777}, "media_umask", "octal"),
        ({"nzbget_health_check": "stop"}, "nzbget_health_check", "park, pause, delete, none"),
        ({"nzbget_direct_unpack": "perhaps"}, "nzbget_direct_unpack", "true or false"),
        ({"nzbget_username": ""}, "nzbget_username", "such as nzbget"),
        ({"nzbget_username": "a:b"}, "nzbget_username", "colons"),
        ({"nzbget_username": "CHANGEME"}, "nzbget_username", "placeholder"),
        ({"nzbget_restricted_username": "nzbget"}, "nzbget_restricted_username", "same as nzbget_username"),
        ({"nzbget_password": "tegbzn6789"}, "nzbget_password", "everybody knows"),
        ({"nzbget_password": "<your password>"}, "nzbget_password", "placeholder"),
        ({"nzbget_password": " blank"}, "nzbget_password", "blanks around"),
        ({"nzbget_password": "a${MainDir}"}, "nzbget_password", "reference"),
        ({"nzbget_restricted_password": "CHANGE_ME"}, "nzbget_restricted_password", "placeholder"),
        ({"nzbget_article_cache": 600}, "nzbget_article_cache", "more than half of nzbget_memory (1g)"),
        ({"nzbget_news_servers": {}}, "nzbget_news_servers", "a list"),
        ({"nzbget_news_servers": ["x"]}, "nzbget_news_servers[0]", "is a str"),
        ({"nzbget_news_servers": [server(host="")]}, "nzbget_news_servers[0].host", "is missing"),
        ({"nzbget_news_servers": [server(host="news.example.com")]}, "nzbget_news_servers[0].host", "placeholder"),
        ({"nzbget_news_servers": [server(host="nntps://a.net")]}, "nzbget_news_servers[0].host", "no port or scheme"),
        ({"nzbget_news_servers": [server(port=70000)]}, "nzbget_news_servers[0].port", "70000"),
        ({"nzbget_news_servers": [server(connections=0)]}, "nzbget_news_servers[0].connections", "from 1 to 999"),
        ({"nzbget_news_servers": [server(level=100)]}, "nzbget_news_servers[0].level", "from 0 to 99"),
        ({"nzbget_news_servers": [server(ssl=True)]}, "nzbget_news_servers[0].ssl", "encryption"),
        ({"nzbget_news_servers": [server(encryption="tls")]}, "nzbget_news_servers[0].encryption", "true or false"),
        ({"nzbget_news_servers": [server(ip_version="4")]}, "nzbget_news_servers[0].ip_version", "ipv4"),
        ({"nzbget_news_servers": [server(password="changeme")]}, "nzbget_news_servers[0].password", "placeholder"),
        ({"nzbget_news_servers": [server(password="")]}, "nzbget_news_servers[0].password", "username is set"),
        ({"nzbget_news_servers": [server(username=None)]}, "nzbget_news_servers[0].username", "password is set"),
        ({"nzbget_news_servers": [server(), server()]}, "nzbget_news_servers[1].name", "no other server has"),
        ({"nzbget_categories": [{"name": "series"}]}, "nzbget_categories[0].name", "movies, tv, music, books"),
        ({"nzbget_categories": [{"name": "tv"}, {"name": "tv"}]}, "nzbget_categories[1].name", "second time"),
        ({"nzbget_categories": [{"name": "tv", "dir": "x"}]}, "nzbget_categories[0].dir", "aliases"),
        ({"nzbget_categories": [{"name": "tv", "aliases": "TV*"}]}, "nzbget_categories[0].aliases", "a list"),
        ({"nzbget_options": ["ParScan"]}, "nzbget_options", "a dictionary"),
        ({"nzbget_options": {"ParScann": "full"}}, "nzbget_options.ParScann", "such as ParScan"),
        ({"nzbget_options": {"Server1.Host": "x"}}, "nzbget_options.Server1.Host", "nzbget_news_servers"),
        ({"nzbget_options": {"category1.name": "x"}}, "nzbget_options.category1.name", "nzbget_categories"),
        ({"nzbget_options": {"controlpassword": "x"}}, "nzbget_options.controlpassword", "nzbget_password"),
        ({"nzbget_options": {"AddPassword": "x"}}, "nzbget_options.AddPassword", "settings page"),
        ({"nzbget_options": {"Task1.Hour": "x"}}, "nzbget_options.Task1.Hour", "no option"),
        ({"nzbget_options": {"ParScan": "a\nControlPassword="}}, "nzbget_options.ParScan", "more than one line"),
    ],
)
def test_a_wrong_value_is_told_with_its_variable(changed: dict[str, Any], variable: str, words: str) -> None:
    found = told(**changed)
    assert list(found) == [variable]
    assert words in found[variable]


def test_a_server_that_is_used_twice_is_fine_under_two_names() -> None:
    assert told(nzbget_news_servers=[server(), server(name="second account", group=1)]) == {}


def test_a_password_of_a_yaml_block_is_fine() -> None:
    assert told(nzbget_password="a-good-one\n") == {}


def test_everything_is_told_at_once_and_no_secret_with_it() -> None:
    servers = [{"host": "", "password": "CHANGEME-private"}, server(password="private\nvalue", port=0)]
    found = told(nzbget_port=0, nzbget_password="CHANGEME-private", nzbget_news_servers=servers)
    assert set(found) == {
        "nzbget_port",
        "nzbget_password",
        "nzbget_news_servers[0].host",
        "nzbget_news_servers[0].password",
        "nzbget_news_servers[0].username",
        "nzbget_news_servers[1].password",
        "nzbget_news_servers[1].port",
    }
    assert "private" not in str(found)

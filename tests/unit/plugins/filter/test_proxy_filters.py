# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters of the proxy role, each under its name, and what they say together."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.homelab.media.plugins.module_utils import npm_declared
from ansible_collections.homelab.media.plugins.module_utils.declaration import declaration_problems
from ansible_collections.homelab.media.plugins.module_utils.npm_hosts_values import KINDS

ROLE = Path(__file__).parents[4] / "roles" / "proxy"
SETTINGS: dict[str, Any] = {
    **yaml.safe_load((ROLE / "defaults" / "main.yml").read_text()),
    "media_root": "/opt/media",
    "media_domain": "media.test",
    "media_ipv6": False,
}
PAGE: dict[str, Any] = {
    "service": "sonarr",
    "names": ["sonarr.media.test", "TV.media.test"],
    "scheme": "http",
    "host": "sonarr",
    "port": 8989,
    "path": "/",
    "access": "two_factor",
    "groups": [],
    "exempt": ["/api"],
}
PLAN: dict[str, Any] = {
    "pages": [PAGE],
    "sign_on": {"service": "authelia", "url": "https://auth.media.test", "host": "authelia", "port": 9091},
    "domain": "media.test",
}
NAMES = ("proxy_problems", "proxy_services", "proxy_secrets", "proxy_files", "proxy_todo", "proxy_pages")
NAS = {"names": "nas.media.test", "host": "192.168.1.5", "port": 5001, "scheme": "https"}
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
KEY = "-----BEGIN EC PRIVATE KEY-----\nMIIB\n-----END EC PRIVATE KEY-----\n"


def call(name: str, *given: Any) -> Any:
    module = import_module(f"ansible_collections.homelab.media.plugins.filter.{name}")
    return module.FilterModule().filters()[name](*given)


def wanted(**more: Any) -> dict[str, Any]:
    found: dict[str, Any] = call("proxy_manager", PLAN, {**SETTINGS, **more})
    return found


def problems(**more: Any) -> list[str]:
    return [f"{entry['variable']}: {entry['reason']}" for entry in call("proxy_problems", {**SETTINGS, **more})]


@pytest.mark.parametrize("name", NAMES)
def test_something_else_than_the_variables_is_refused_by_name(name: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"{name} takes the variables of the proxy role, not a str"):
        call(name, "text")


def test_something_else_than_networks_or_settings_is_refused_too() -> None:
    with pytest.raises(AnsibleFilterError, match="takes the networks of the plan, not a str"):
        call("proxy_http_top", "text", [])
    with pytest.raises(AnsibleFilterError, match="proxy_manager takes the variables of the proxy role, not a str"):
        call("proxy_manager", PLAN, "text")


@pytest.mark.parametrize("certificate", ["self_signed", "own", "letsencrypt"])
def test_the_defaults_are_a_whole_declaration(certificate: str) -> None:
    settings = {**SETTINGS, "proxy_certificate": certificate, "proxy_certificate_chain": PEM}
    declaration = {
        key: call(f"proxy_{key}", settings)
        for key in ("services", "secrets", "files", "todo", "problems")
        if key != "problems"
    }
    assert declaration_problems("proxy", declaration) == []


def test_the_defaults_have_no_problem() -> None:
    assert problems() == []


def test_ports_are_those_of_ipv4_alone_unless_containers_have_ipv6() -> None:
    service = call("proxy_services", SETTINGS)["proxy"]
    assert service["ports"] == ["0.0.0.0:80:80", "0.0.0.0:443:443"]
    assert service["environment"]["DISABLE_IPV6"] == "true"
    service = call("proxy_services", {**SETTINGS, "media_ipv6": True})["proxy"]
    assert (service["ports"], service["environment"]["DISABLE_IPV6"]) == (["80:80", "443:443"], "false")


def test_the_administration_is_on_loopback_and_behind_the_sign_on() -> None:
    media = call("proxy_services", SETTINGS)["proxy"]["x-media"]
    assert media["web"] == {"port": 81, "path": "/", "loopback": 8081, "name": "proxy"}
    assert (media["access"], media["groups"]) == ("two_factor", ["admins"])
    assert media["api"] == {"kind": "proxy_manager", "username": "admin@media.test", "password": "proxy_admin_password"}


def test_every_parameter_is_one_that_the_module_takes() -> None:
    found = wanted(
        proxy_extra_hosts=[NAS],
        proxy_redirections=[{"names": "old.media.test", "to": "new.media.test"}],
        proxy_dead_hosts=["gone.media.test"],
        proxy_access_lists=[{"name": "home", "allow": ["192.168.1.0/24"]}],
        proxy_host_options={"sonarr": {"access_list": "home"}},
    )
    for kind in KINDS:
        entries = found[kind.path.replace("-", "_")]
        assert entries
        assert npm_declared._host_problems(kind, entries) == []


def test_a_page_becomes_a_host_under_all_its_names() -> None:
    (host,) = wanted()["proxy_hosts"]
    assert host["domain_names"] == ["sonarr.media.test", "tv.media.test"]
    assert (host["forward_scheme"], host["forward_host"], host["forward_port"]) == ("http", "sonarr", 8989)
    assert (host["certificate"], host["ssl_forced"]) == ("homelab.media media.test", True)
    assert 'set $media_sign_on "http://authelia:9091";' in host["advanced_config"]


def test_other_machines_are_behind_the_sign_on_unless_they_say_otherwise() -> None:
    assert [page["access"] for page in call("proxy_pages", {**SETTINGS, "proxy_extra_hosts": [NAS]})] == ["two_factor"]
    host = wanted(proxy_extra_hosts=[NAS])["proxy_hosts"][1]
    assert (host["forward_host"], host["forward_port"], host["domain_names"]) == (
        "192.168.1.5",
        5001,
        ["nas.media.test"],
    )
    assert "auth_request /internal" in host["advanced_config"]
    assert "proxy_ssl_name" in host["advanced_config"]
    # A plan that has them already has them once.
    plan = {**PLAN, "pages": call("proxy_pages", {**SETTINGS, "proxy_extra_hosts": [NAS]})}
    assert len(call("proxy_manager", plan, {**SETTINGS, "proxy_extra_hosts": [NAS]})["proxy_hosts"]) == 1
    open_one = {**NAS, "access": "bypass"}
    assert "auth_request" not in wanted(proxy_extra_hosts=[open_one])["proxy_hosts"][1]["advanced_config"]


def test_without_a_sign_on_nothing_behind_it_is_made() -> None:
    with pytest.raises(AnsibleFilterError, match=r"sonarr.media.test, TV.media.test: is two_factor, without a sign-on"):
        call("proxy_manager", {**PLAN, "sign_on": {}}, SETTINGS)
    plan = {"pages": [{**PAGE, "access": "bypass"}], "sign_on": {}}
    assert call("proxy_manager", plan, SETTINGS)["proxy_hosts"]


def test_a_list_that_lets_somebody_past_the_sign_on_is_refused() -> None:
    for more in ({"users": {"guest": "guests-password"}}, {"satisfy_any": True}):
        lists = [{"name": "home", "allow": ["192.168.1.0/24"], **more}]
        with pytest.raises(AnsibleFilterError, match=r"home: is the list of sonarr\.media\.test"):
            wanted(proxy_access_lists=lists, proxy_host_options={"sonarr": {"access_list": "home"}})
        found = problems(proxy_access_lists=lists, proxy_extra_hosts=[{**NAS, "access_list": "home"}])
        assert len(found) == 1
        assert found[0].startswith("proxy_access_lists: home: is the list of")


def test_options_of_a_service_without_a_page_are_told() -> None:
    with pytest.raises(AnsibleFilterError, match=r"options\.sonar: has no page\. Expected: one of sonarr"):
        wanted(proxy_host_options={"sonar": {"timeout": "60s"}})


def test_lets_encrypt_has_every_name_by_http_and_the_domain_by_dns() -> None:
    more = {"proxy_certificate": "letsencrypt", "proxy_dead_hosts": ["gone.media.test"]}
    (by_http,) = wanted(**more)["certificates"]
    assert by_http["domain_names"] == ["gone.media.test", "sonarr.media.test", "tv.media.test"]
    assert "dns_provider" not in by_http
    by_dns = wanted(**more, proxy_letsencrypt_challenge="dns", proxy_letsencrypt_dns_provider="desec")
    assert by_dns["certificates"][0]["domain_names"] == ["*.media.test", "media.test"]
    assert by_dns["certificates"][0]["dns_credentials_file"] == ("/opt/media/secrets/proxy_letsencrypt_dns_credentials")
    assert by_dns["proxy_hosts"][0]["certificate"] == by_dns["certificates"][0]["name"] == "*.media.test, media.test"


def test_a_certificate_has_what_the_asterisk_does_not_reach() -> None:
    plan = {**PLAN, "pages": [{**PAGE, "names": ["sonarr.media.test", "TV.living.media.test"]}]}
    assert call("proxy_manager", plan, SETTINGS)["names"] == ["media.test", "*.media.test", "tv.living.media.test"]
    elsewhere = {**SETTINGS, "proxy_dead_hosts": ["old.another.test"]}
    with pytest.raises(AnsibleFilterError, match=r"old\.another\.test: is not below media_domain, and the authority"):
        call("proxy_manager", PLAN, elsewhere)
    assert call("proxy_manager", PLAN, {**elsewhere, "proxy_certificate": "own"})["dead_hosts"]


def test_no_secret_is_in_what_travels() -> None:
    more = {
        "proxy_access_lists": [{"name": "home", "users": {"guest": "s3cr3t-password"}}],
        "proxy_certificate": "own",
        "proxy_certificate_key": KEY,
        "proxy_certificate_chain": PEM,
        "proxy_admin_password": "s3cr3t-password",
    }
    settings = {**SETTINGS, **more}
    told = [call(f"proxy_{name}", settings) for name in ("services", "secrets", "files", "todo")]
    text = str([*told, wanted(**more), problems(**more)])
    assert "s3cr3t-password" not in text
    assert "PRIVATE" not in text


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"proxy_admin_email": "admin"}, "proxy_admin_email: is 'admin'"),
    ({"proxy_admin_email": "you@example.com"}, "proxy_admin_email: still holds the placeholder"),
    ({"proxy_admin_password": "short"}, "proxy_admin_password: is no password"),
    ({"proxy_admin_password": "change-me-please"}, "proxy_admin_password: still holds a placeholder"),
    ({"proxy_admin_port": 0}, "proxy_admin_port: is 0"),
    ({"proxy_admin_port": 443}, "proxy_admin_port: is a port of the pages"),
    ({"proxy_certificate": "selfsigned"}, "proxy_certificate: is 'selfsigned'"),
    ({"proxy_certificate": "own"}, "proxy_certificate_chain: holds no PEM"),
    ({"proxy_certificate": "own", "proxy_certificate_chain": PEM}, "proxy_certificate_key: holds no PEM"),
    ({"proxy_certificate": "letsencrypt"}, "proxy_admin_email: is not set, and Let's Encrypt writes to it"),
    ({"proxy_trusted_proxies": ["0.0.0.0/0"]}, "proxy_trusted_proxies: has 0.0.0.0/0, which is everybody"),
    ({"proxy_trusted_proxies": ["cloudflare"]}, "proxy_trusted_proxies: has 'cloudflare'"),
    ({"proxy_trusted_proxies": "10.0.0.1"}, "proxy_trusted_proxies: is a str"),
    ({"proxy_real_ip_header": "X Real"}, "proxy_real_ip_header: is 'X Real'"),
    ({"proxy_extra_hosts": ["nas"]}, "proxy_extra_hosts[0]: is a str"),
    ({"proxy_access_lists": ["home"]}, "proxy_access_lists[0]: is a str"),
    ({"proxy_access_lists": [{"name": "a", "users": ["b"]}]}, "proxy_access_lists[0].users: is a list"),
    ({"proxy_extra_hosts": [{**NAS, "names": "nas"}]}, "proxy_extra_hosts[0].names: has 'nas'"),
    ({"proxy_extra_hosts": [{**NAS, "names": "nas.home.test"}]}, "nas.home.test, where no sign-on reaches"),
    ({"proxy_extra_hosts": [{**NAS, "host": "a b"}]}, "proxy_extra_hosts[0].host: is 'a b'"),
    ({"proxy_extra_hosts": [{**NAS, "host": "a;b"}]}, "proxy_extra_hosts[0].host: is 'a;b'"),
    ({"proxy_extra_hosts": [{**NAS, "port": "x"}]}, "proxy_extra_hosts[0].port: is 'x'"),
    ({"proxy_extra_hosts": [{**NAS, "access": "open"}]}, "proxy_extra_hosts[0].access: is 'open'"),
    ({"proxy_extra_hosts": [{**NAS, "scheme": "ftp"}]}, "proxy_extra_hosts[0].scheme: is 'ftp'"),
    ({"proxy_extra_hosts": [{**NAS, "policy": "bypass"}]}, "proxy_extra_hosts[0].policy: is not known"),
    ({"proxy_extra_hosts": [{**NAS, "access_list": "home"}]}, "proxy_extra_hosts[0].access_list: is 'home'"),
    ({"proxy_extra_hosts": [NAS, NAS]}, "proxy_extra_hosts[1].names: has nas.media.test, as"),
    ({"proxy_redirections": [{"names": "old.media.test"}]}, "proxy_redirections[0].to: is None"),
    ({"proxy_redirections": [{"names": "a.b", "to": "c.d", "code": 200}]}, "proxy_redirections[0].code: is 200"),
    ({"proxy_dead_hosts": ["x y"]}, "proxy_dead_hosts[0]: has 'x y'"),
    ({"proxy_access_lists": [{"name": "home"}]}, "proxy_access_lists[0]: lets nobody in"),
    ({"proxy_access_lists": [{"name": "home", "allow": ["lan"]}]}, "proxy_access_lists[0].allow: has 'lan'"),
    ({"proxy_access_lists": [{"name": "a", "users": {"b": ""}}]}, "proxy_access_lists[0].users.b: is no text"),
    ({"proxy_host_options": {"plex": {"max_body": "big"}}}, "proxy_host_options.plex.max_body: is 'big'"),
    ({"proxy_host_options": {"plex": {"timeout": "long"}}}, "proxy_host_options.plex.timeout: is 'long'"),
    ({"proxy_host_options": {"plex": {"size": 1}}}, "proxy_host_options.plex.size: is not known"),
]


@pytest.mark.parametrize(("more", "expected"), WRONG, ids=[expected for _more, expected in WRONG])
def test_what_cannot_work_is_told_by_its_variable(more: dict[str, Any], expected: str) -> None:
    found = problems(**more)
    assert [entry for entry in found if expected in entry], found
    # All problems of a run are told together, so that nothing else may stop at such a value.
    for name in ("services", "secrets", "files", "todo"):
        call(f"proxy_{name}", {**SETTINGS, **more})


def test_a_dns_challenge_wants_provider_and_credentials() -> None:
    more = {
        "proxy_certificate": "letsencrypt",
        "proxy_letsencrypt_challenge": "dns",
        "proxy_admin_email": "me@home.test",
    }
    assert len(problems(**more)) == 2
    more["proxy_letsencrypt_dns_provider"] = "desec"
    assert "still holds a placeholder" in problems(**more, proxy_letsencrypt_dns_credentials="token = <token>")[0]
    assert problems(**more, proxy_letsencrypt_dns_credentials="dns_desec_token = 0123456789") == []

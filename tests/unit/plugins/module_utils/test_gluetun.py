# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role's variables become for gluetun, and what is found wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import gluetun, gluetun_checks
from ansible_collections.homelab.media.plugins.module_utils.gluetun_facts import PROVIDERS
from ansible_collections.homelab.media.plugins.module_utils.kill_switch import Endpoint

ROOT = Path(__file__).resolve().parents[4]
KEY = "kIZFYDqiGaMVQNSHJZOBPKwWCmvTTpuJxAzqNsbrdEQ="
OTHER_KEY = "cD5fMYGo4Kg9wEwV8mlJKrq2fFzj3MPMH0QPYoAuiWA="
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
OVPN = "client\ndev tun\nproto udp\nremote 203.0.113.7 1194\n"

DEFAULTS = yaml.safe_load((ROOT / "roles/vpn/defaults/main.yml").read_text(encoding="utf-8"))
WIREGUARD = {
    "vpn_provider": "custom",
    "vpn_type": "wireguard",
    "vpn_wireguard_private_key": KEY,
    "vpn_wireguard_public_key": OTHER_KEY,
    "vpn_wireguard_addresses": ["10.64.0.2/32"],
    "vpn_wireguard_endpoint_ip": "203.0.113.7",
    "vpn_wireguard_endpoint_port": 51820,
}
OPENVPN = {
    "vpn_provider": "privado",
    "vpn_type": "openvpn",
    "vpn_openvpn_user": "someone",
    "vpn_openvpn_password": "a good one",
}


def settings(base: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    shared = {**DEFAULTS, "vpn_lan_subnets": ["192.168.1.0/24"], "vpn_ipv6": False}
    return {**shared, **(WIREGUARD if base is None else base), **changes}


def wrong(base: dict[str, Any] | None = None, **changes: Any) -> dict[str, str]:
    """Return what is wrong, as variable and reason."""
    return {problem.variable: problem.reason for problem in gluetun_checks.problems(settings(base, **changes))}


def test_the_role_hands_over_every_variable_that_gluetun_is_told_of() -> None:
    given = yaml.safe_load((ROOT / "roles/vpn/vars/main.yml").read_text(encoding="utf-8"))["__vpn_settings"]
    assert {name: f"{{{{ {name} }}}}" for name in given} == given
    not_for_gluetun = {"vpn_image", "vpn_memory", "vpn_cpus", "vpn_address_url"}
    assert set(given) == set(DEFAULTS) - not_for_gluetun


# --- environment


def test_wireguard_is_told_of_wireguard_alone() -> None:
    found = gluetun.environment(settings(vpn_wireguard_keepalive=25))
    assert found["VPN_SERVICE_PROVIDER"] == "custom"
    assert found["WIREGUARD_ADDRESSES"] == "10.64.0.2/32"
    assert found["WIREGUARD_ENDPOINT_IP"] == "203.0.113.7"
    assert found["WIREGUARD_ENDPOINT_PORT"] == "51820"
    assert found["WIREGUARD_PERSISTENT_KEEPALIVE_INTERVAL"] == "25s"
    assert found["FIREWALL_OUTBOUND_SUBNETS"] == "192.168.1.0/24"
    assert [name for name in found if name.startswith("OPENVPN")] == []


def test_openvpn_marks_its_packets_as_wireguard_does() -> None:
    found = gluetun.environment(settings(OPENVPN, vpn_openvpn_flags=["--ping", "10"]))
    assert found["OPENVPN_FLAGS"] == "--mark 51820 --ping 10"
    assert [name for name in found if name.startswith("WIREGUARD")] == []


def test_what_is_not_set_is_left_out_and_what_is_off_is_said() -> None:
    found = gluetun.environment(settings())
    assert "WIREGUARD_MTU" not in found
    assert "SERVER_COUNTRIES" not in found
    assert found["BLOCK_ADS"] == "off"
    assert found["BLOCK_MALICIOUS"] == "on"
    assert all(found.values())


def test_lists_filters_and_a_person_s_own_variables() -> None:
    found = gluetun.environment(
        settings(
            OPENVPN,
            vpn_provider="PIA",
            vpn_server_regions=["DE Berlin", "Netherlands"],
            vpn_server_only=["port_forward"],
            vpn_port_forwarding=True,
            vpn_extra_environment={"PUBLICIP_API": "ipinfo"},
        )
    )
    assert found["VPN_SERVICE_PROVIDER"] == "private internet access"
    assert found["SERVER_REGIONS"] == "DE Berlin,Netherlands"
    assert found["PORT_FORWARD_ONLY"] == "on"
    assert found["VPN_PORT_FORWARDING"] == "on"
    assert found["PUBLICIP_API"] == "ipinfo"


def test_a_resolver_behind_the_tunnel_takes_the_place_of_gluetun_s_own() -> None:
    found = gluetun.environment(settings(vpn_dns_address="10.64.0.1"))
    assert (found["DNS_SERVER"], found["DNS_ADDRESS"]) == ("off", "10.64.0.1")
    assert "DNS_SERVER" not in gluetun.environment(settings())


# --- secrets


def test_nothing_secret_is_in_the_environment() -> None:
    secret = {name: f"secret-of-{name}" for files in gluetun.SECRET_FILES.values() for name in files} | {
        name: f"secret-of-{name}" for name in (*gluetun.PORT_FORWARDING_SECRETS, gluetun.CONTROL_KEY)
    }
    for kind in ("wireguard", "openvpn"):
        given = settings({**secret, "vpn_type": kind, "vpn_port_forwarding": True})
        assert "secret-of-" not in str(gluetun.environment(given))
        assert {entry["variable"] for entry in gluetun.secrets(given).values()} <= set(secret)


def test_given_secrets_are_files_that_gluetun_finds_by_itself() -> None:
    given = settings(vpn_wireguard_preshared_key=OTHER_KEY)
    assert gluetun.secrets(given) == {
        "vpn_wireguard_private_key": {"kind": "given", "value": KEY, "variable": "vpn_wireguard_private_key"},
        "vpn_wireguard_preshared_key": {"kind": "given", "value": OTHER_KEY, "variable": "vpn_wireguard_preshared_key"},
        "vpn_control_key": {"kind": "alnum", "length": 32, "variable": "vpn_control_key"},
    }
    assert gluetun.secret_mounts(given) == [
        {"source": "vpn_wireguard_private_key", "target": "wireguard_private_key"},
        {"source": "vpn_wireguard_preshared_key", "target": "wireguard_preshared_key"},
    ]


def test_the_configuration_of_openvpn_is_a_secret_under_a_name_of_its_own() -> None:
    given = settings({**OPENVPN, "vpn_provider": "custom"}, vpn_openvpn_custom_config=OVPN)
    mounts = {mount["source"]: mount["target"] for mount in gluetun.secret_mounts(given)}
    assert gluetun.environment(given)["OPENVPN_CUSTOM_CONFIG"] == f"/run/secrets/{mounts['vpn_openvpn_custom_config']}"
    # gluetun takes /run/secrets/<name of a setting> for that setting's value, and this is a path.
    assert mounts["vpn_openvpn_custom_config"] != "openvpn_custom_config"


# --- endpoint


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (settings(), Endpoint("udp", "203.0.113.7", 51820)),
        (
            settings(vpn_provider="mullvad", vpn_wireguard_endpoint_ip="", vpn_wireguard_endpoint_port=0),
            Endpoint("udp"),
        ),
        (settings(OPENVPN), Endpoint("udp")),
        (settings(OPENVPN, vpn_openvpn_protocol="tcp", vpn_openvpn_endpoint_port=443), Endpoint("tcp", "", 443)),
        (settings(OPENVPN, vpn_openvpn_custom_config=OVPN), Endpoint("udp", "203.0.113.7", 1194)),
        (settings(vpn_type="amneziawg"), None),
    ],
)
def test_where_the_tunnel_goes(given: dict[str, Any], expected: Endpoint | None) -> None:
    assert gluetun.endpoint(given) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("remote 203.0.113.7 1195 tcp\n", Endpoint("tcp", "203.0.113.7", 1195)),
        ("proto tcp4\nremote 203.0.113.7\n", Endpoint("tcp", "203.0.113.7", 443)),
        ("remote 203.0.113.7\n", Endpoint("udp", "203.0.113.7", 1194)),
        ("remote 203.0.113.7 1300\nremote 203.0.113.8 1301\nproto udp\n", Endpoint("udp", "203.0.113.7", 1300)),
        ("# remote 203.0.113.7\nremote vpn.example.org 1194\n", None),
        ("", None),
    ],
)
def test_the_server_of_an_openvpn_configuration(lines: str, expected: Endpoint | None) -> None:
    assert gluetun.custom_endpoint(lines) == expected


# --- problems


def test_right_settings_have_no_problems() -> None:
    assert wrong() == {}
    assert wrong(OPENVPN) == {}


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_every_provider_can_be_set_right(name: str) -> None:
    """With all that its entry asks for, each provider passes with each of its tunnels."""
    everything = {
        **WIREGUARD,
        "vpn_provider": name,
        "vpn_wireguard_preshared_key": OTHER_KEY,
        "vpn_openvpn_user": "someone",
        "vpn_openvpn_password": "a good one",
        "vpn_openvpn_certificate": PEM,
        "vpn_openvpn_key": PEM,
        "vpn_openvpn_encrypted_key": PEM,
        "vpn_openvpn_key_passphrase": "a good one",
        "vpn_server_only": sorted(PROVIDERS[name].only),
    }
    if name == "custom":
        everything["vpn_openvpn_custom_config"] = OVPN
    else:
        everything.update(vpn_wireguard_endpoint_ip="", vpn_wireguard_endpoint_port=0)
    for kind in PROVIDERS[name].kinds:
        assert wrong({**everything, "vpn_type": kind}) == {}


@pytest.mark.parametrize("name", sorted(PROVIDERS))
def test_a_provider_with_nothing_set_says_what_it_needs(name: str) -> None:
    provider = PROVIDERS[name]
    for kind in provider.kinds:
        found = wrong({"vpn_provider": name, "vpn_type": kind})
        if kind == "wireguard":
            assert "vpn_wireguard_private_key" in found
            assert ("vpn_wireguard_addresses" in found) is not provider.addresses
            assert ("vpn_wireguard_preshared_key" in found) is provider.preshared_key
            assert ("vpn_wireguard_public_key" in found) is (name == "custom")
        else:
            assert ("vpn_openvpn_user" in found) is provider.login
            assert ("vpn_openvpn_certificate" in found) is provider.certificate
            assert ("vpn_openvpn_encrypted_key" in found) is provider.encrypted_key
            assert ("vpn_openvpn_custom_config" in found) is (name == "custom")


WRONG_WIREGUARD = [
    ("vpn_provider", "", "is not set"),
    ("vpn_provider", "mulvad", "does not know"),
    ("vpn_type", "ipsec", "ipsec"),
    ("vpn_wireguard_private_key", "", "custom needs it"),
    ("vpn_wireguard_private_key", KEY[:-5], "not Base64"),
    ("vpn_wireguard_private_key", "c2hvcnQ=", "5 bytes, not 32"),
    ("vpn_wireguard_private_key", "CHANGE_ME", "placeholder"),
    ("vpn_wireguard_private_key", "<private key>", "placeholder"),
    ("vpn_wireguard_private_key", "your-private-key-here", "words of an example"),
    ("vpn_wireguard_preshared_key", "changeme", "placeholder"),
    ("vpn_wireguard_addresses", [], "is empty"),
    ("vpn_wireguard_addresses", ["10.64.0.300"], "is no address"),
    ("vpn_wireguard_addresses", ["fd00:64::2/128"], "is IPv6"),
    ("vpn_wireguard_endpoint_ip", "vpn.example.org", "vpn.example.org"),
    ("vpn_wireguard_endpoint_ip", "0.0.0.0", "no server's"),
    ("vpn_wireguard_endpoint_port", 0, "custom needs it"),
    ("vpn_wireguard_endpoint_port", 70000, "70000"),
    ("vpn_wireguard_implementation", "fast", "fast"),
    ("vpn_lan_subnets", ["0.0.0.0/0"], "not your home's alone"),
    ("vpn_lan_subnets", ["8.8.8.0/24"], "not your home's alone"),
    ("vpn_lan_subnets", ["192.168.1.7/24"], "bits set behind its prefix"),
    ("vpn_lan_subnets", ["10.0.0.0/8"], "covers the tunnel's own address"),
    ("vpn_dns_type", "dnscrypt", "dnscrypt"),
    ("vpn_dns_resolvers", ["my-router"], "my-router"),
    ("vpn_dns_address", "resolver.lan", "resolver.lan"),
    ("vpn_dns_address", "192.168.1.1", "outside the tunnel"),
    ("vpn_dns_address", "127.0.0.1", "own resolver"),
    ("vpn_dns_update_period", "daily", "daily"),
    ("vpn_health_check_type", "http", "http"),
    ("vpn_control_address", "8000", "8000"),
    ("vpn_control_key", "short", "too short"),
    ("vpn_port_forwarding", True, "does not have for custom"),
    ("vpn_server_only", ["owned"], "no filter of custom"),
    ("vpn_server_only", ["fast"], "is not known"),
]


@pytest.mark.parametrize(("variable", "value", "reason"), WRONG_WIREGUARD)
def test_a_wrong_value_is_told_by_its_variable(variable: str, value: Any, reason: str) -> None:
    found = wrong(**{variable: value})
    assert list(found) == [variable]
    assert reason in found[variable]


@pytest.mark.parametrize(
    ("changes", "variable", "reason"),
    [
        ({"vpn_provider": "mullvad"}, "vpn_type", "does not have for mullvad"),
        ({"vpn_provider": "vyprvpn", "vpn_openvpn_protocol": "tcp"}, "vpn_openvpn_protocol", "is tcp"),
        ({"vpn_provider": "nordvpn", "vpn_openvpn_endpoint_port": 1194}, "vpn_openvpn_endpoint_port", "takes none"),
        ({"vpn_openvpn_endpoint_port": 1195}, "vpn_openvpn_endpoint_port", "is 1195"),
        ({"vpn_provider": "ivpn", "vpn_openvpn_endpoint_port": 53}, "vpn_openvpn_endpoint_port", "a resolver"),
        ({"vpn_openvpn_version": "2.4"}, "vpn_openvpn_version", "2.4"),
        ({"vpn_openvpn_flags": ["--mark", "1"]}, "vpn_openvpn_flags", "--mark"),
        ({"vpn_openvpn_flags": "--ping 10"}, "vpn_openvpn_flags", "--ping 10"),
        ({"vpn_openvpn_custom_config": OVPN}, "vpn_openvpn_custom_config", "for one provider alone"),
        ({"vpn_openvpn_password": "two\nlines"}, "vpn_openvpn_password", "more than one line"),
        ({"vpn_openvpn_certificate": "MIIB"}, "vpn_openvpn_certificate", "no PEM"),
        ({"vpn_openvpn_encrypted_key": PEM}, "vpn_openvpn_key_passphrase", "is not set"),
        (
            {"vpn_provider": "custom", "vpn_openvpn_custom_config": "remote vpn.example.org 1194"},
            "vpn_openvpn_custom_config",
            "IP address",
        ),
    ],
)
def test_a_wrong_value_of_openvpn(changes: dict[str, Any], variable: str, reason: str) -> None:
    found = wrong(OPENVPN, **changes)
    assert list(found) == [variable]
    assert reason in found[variable]


@pytest.mark.parametrize(
    ("provider", "port", "reason"),
    [("protonvpn", 51820, "takes none"), ("airvpn", 51820, "is 51820"), ("windscribe", 53, "a resolver")],
)
def test_a_port_that_a_wireguard_provider_does_not_have(provider: str, port: int, reason: str) -> None:
    found = wrong(
        vpn_provider=provider,
        vpn_wireguard_preshared_key=KEY,
        vpn_wireguard_endpoint_ip="",
        vpn_wireguard_endpoint_port=port,
    )
    assert list(found) == ["vpn_wireguard_endpoint_port"]
    assert reason in found["vpn_wireguard_endpoint_port"]


def test_a_port_of_name_servers_is_right_where_the_server_is_declared() -> None:
    assert wrong(vpn_provider="windscribe", vpn_wireguard_endpoint_port=53) == {}


def test_an_ivpn_account_needs_no_password() -> None:
    account = {"vpn_provider": "ivpn", "vpn_openvpn_user": "i-ab12-cd34-ef56", "vpn_openvpn_password": ""}
    assert wrong(OPENVPN, **account) == {}
    assert list(wrong(OPENVPN, **{**account, "vpn_openvpn_user": "someone"})) == ["vpn_openvpn_password"]


def test_networks_that_overlay_networks_use_may_be_a_home_s() -> None:
    assert wrong(vpn_lan_subnets=["100.64.0.0/10", "fd00:1::/64"]) == {}


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("VPN_INTERFACE", "tun0"),
        ("OPENVPN_PASSWORD", "vpn_openvpn_password"),
        ("WIREGUARD_PRIVATE_KEY", "vpn_wireguard_private_key"),
        ("WIREGUARD_PRIVATE_KEY_SECRETFILE", "vpn_wireguard_private_key"),
        ("FIREWALL_OUTBOUND_SUBNETS", "vpn_lan_subnets"),
        ("FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT", "firewall"),
        ("OWNED_ONLY", "vpn_server_only"),
        ("PUID", "media_puid"),
    ],
)
def test_variables_of_gluetun_that_belong_to_the_role_are_refused(name: str, instead: str) -> None:
    (problem,) = gluetun_checks.problems(settings(vpn_extra_environment={name: "x"}))
    assert problem.variable == f"vpn_extra_environment.{name}"
    assert instead in problem.expected


def test_every_name_that_the_role_gives_to_gluetun_is_refused_beside_it() -> None:
    for base in (WIREGUARD, OPENVPN):
        given = gluetun.environment(settings(base, vpn_dns_address="10.99.0.1", vpn_wireguard_keepalive=25))
        found = wrong(vpn_extra_environment=dict.fromkeys(given, "x"))
        assert set(found) == {f"vpn_extra_environment.{name}" for name in given}


def test_a_name_that_is_no_variable() -> None:
    assert list(wrong(vpn_extra_environment={"publicip": "x"})) == ["vpn_extra_environment.publicip"]


def test_no_problem_repeats_a_secret() -> None:
    secret = "not-a-key-but-a-secret"
    names = [name for files in gluetun.SECRET_FILES.values() for name in files]
    for base in (WIREGUARD, OPENVPN, {**OPENVPN, "vpn_provider": "custom"}):
        found = gluetun_checks.problems(settings(base, **dict.fromkeys(names, secret + "\nx")))
        assert found
        assert secret not in str(found)


def test_all_problems_are_told_at_once() -> None:
    found = wrong(vpn_wireguard_private_key="", vpn_dns_type="x", vpn_lan_subnets=["0.0.0.0/0"], vpn_server_only=["x"])
    assert set(found) == {"vpn_wireguard_private_key", "vpn_dns_type", "vpn_lan_subnets", "vpn_server_only"}

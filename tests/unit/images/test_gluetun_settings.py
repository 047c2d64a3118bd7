# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for gluetun refuses what gluetun refuses, and takes what it takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.images.gluetun.stand_in.settings import SettingsError, read_settings
from tests.images.gluetun.stand_in.sources import Sources
from tests.images.gluetun.stand_in.validation import validate

KEY = "A" * 43 + "="
CUSTOM = {
    "VPN_SERVICE_PROVIDER": "custom",
    "VPN_TYPE": "wireguard",
    "WIREGUARD_PRIVATE_KEY": KEY,
    "WIREGUARD_PUBLIC_KEY": KEY,
    "WIREGUARD_ADDRESSES": "10.64.0.2/32",
    "WIREGUARD_ENDPOINT_IP": "203.0.113.11",
    "WIREGUARD_ENDPOINT_PORT": "51820",
}
MULLVAD = {
    "VPN_SERVICE_PROVIDER": "Mullvad",
    "VPN_TYPE": "wireguard",
    "WIREGUARD_PRIVATE_KEY": KEY,
    "WIREGUARD_ADDRESSES": "10.64.0.2",
}
OPENVPN = {
    "VPN_SERVICE_PROVIDER": "custom",
    "VPN_TYPE": "openvpn",
}


@pytest.fixture
def judge(tmp_path: Path):
    def judge(env: dict[str, str], ipv6: bool = True):
        settings = read_settings(Sources(env, tmp_path / "secrets", tmp_path / "gluetun"))
        validate(settings, ipv6)
        return settings

    return judge


@pytest.mark.parametrize(
    "env",
    [
        CUSTOM,
        MULLVAD,
        {**CUSTOM, "WIREGUARD_ADDRESSES": "10.64.0.2/32,fd00:64::2/128"},
        {**CUSTOM, "DOT": "off", "HEALTH_SUCCESS_WAIT_DURATION": "5s"},
        {**MULLVAD, "WIREGUARD_ENDPOINT_PORT": "51820"},
        {**MULLVAD, "VPN_SERVICE_PROVIDER": "nordvpn", "WIREGUARD_ADDRESSES": ""},
        {**MULLVAD, "VPN_SERVICE_PROVIDER": "ivpn", "WIREGUARD_ENDPOINT_PORT": "2049"},
        {**MULLVAD, "VPN_SERVICE_PROVIDER": "airvpn", "WIREGUARD_PRESHARED_KEY": KEY},
        {"OPENVPN_USER": "me", "OPENVPN_PASSWORD": "secret"},
        {**CUSTOM, "FIREWALL_OUTBOUND_SUBNETS": "192.168.1.0/24, 10.0.0.0/8"},
        {**CUSTOM, "VPN_PORT_FORWARDING": "on", "VPN_PORT_FORWARDING_PROVIDER": "protonvpn"},
    ],
)
def test_takes(judge, env):
    assert judge(env).interface == "tun0"


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({**CUSTOM, "VPN_SERVICE_PROVIDER": "nowhere"}, "provider name is not valid.*nowhere must be one of airvpn"),
        ({**CUSTOM, "VPN_SERVICE_PROVIDER": ""}, "provider name is not valid.*private internet access"),
        ({**CUSTOM, "VPN_TYPE": "pptp"}, "VPN type is not valid"),
        ({**CUSTOM, "WIREGUARD_PRIVATE_KEY": ""}, "private key is not set"),
        ({**CUSTOM, "WIREGUARD_PRIVATE_KEY": "short"}, "private key is not valid"),
        ({**CUSTOM, "WIREGUARD_PUBLIC_KEY": "AAAA"}, "public key is not valid"),
        ({**CUSTOM, "WIREGUARD_PUBLIC_KEY": ""}, "public key is not set"),
        ({**CUSTOM, "WIREGUARD_ADDRESSES": ""}, "interface address is not set"),
        ({**CUSTOM, "WIREGUARD_ENDPOINT_IP": "vpn.example.com"}, "WIREGUARD_ENDPOINT_IP.*not an IP address"),
        ({**CUSTOM, "WIREGUARD_ENDPOINT_IP": ""}, "endpoint IP is not set"),
        ({**CUSTOM, "WIREGUARD_ENDPOINT_PORT": ""}, "endpoint port is not set"),
        ({**CUSTOM, "WIREGUARD_ENDPOINT_PORT": "70000"}, "WIREGUARD_ENDPOINT_PORT.*70000"),
        ({**CUSTOM, "WIREGUARD_ALLOWED_IPS": "10.0.0.1/8"}, "invalid argument"),
        ({**MULLVAD, "VPN_SERVICE_PROVIDER": "surfshark", "WIREGUARD_ENDPOINT_PORT": "51820"}, "endpoint port is set"),
        ({**MULLVAD, "VPN_SERVICE_PROVIDER": "ivpn", "WIREGUARD_ENDPOINT_PORT": "51820"}, "port is not allowed.*2049"),
        ({**MULLVAD, "VPN_SERVICE_PROVIDER": "airvpn"}, "pre-shared key is not set"),
        ({**MULLVAD, "VPN_SERVICE_PROVIDER": "pia"}, "provider name is not valid"),
        ({"OPENVPN_PASSWORD": "secret"}, "user is empty"),
        ({"OPENVPN_USER": "me"}, "password is empty"),
        (OPENVPN, "filepath is missing"),
        ({**OPENVPN, "OPENVPN_CUSTOM_CONFIG": "/nowhere.ovpn"}, "no such file"),
        ({"OPENVPN_USER": "me", "OPENVPN_PASSWORD": "s", "OPENVPN_VERSION": "2.4"}, "version is not valid"),
        ({**CUSTOM, "FIREWALL_OUTBOUND_SUBNETS": "0.0.0.0/0"}, "unspecified address"),
        ({**CUSTOM, "FIREWALL_OUTBOUND_SUBNETS": "192.168.1.5/24"}, "192.168.1.5/24: invalid argument"),
        ({**CUSTOM, "FIREWALL_OUTBOUND_SUBNETS": "192.168.1.0"}, "FIREWALL_OUTBOUND_SUBNETS.*no '/'"),
        ({**CUSTOM, "FIREWALL_INPUT_PORTS": "0"}, "zero port"),
        ({**CUSTOM, "DNS_UPSTREAM_RESOLVER_TYPE": "carrier pigeon"}, "upstream type is not valid"),
        ({**CUSTOM, "HEALTH_RESTART_VPN": "perhaps"}, "HEALTH_RESTART_VPN.*perhaps"),
        ({**CUSTOM, "VPN_PORT_FORWARDING": "on"}, "port forwarding cannot be enabled"),
    ],
)
def test_refuses(judge, env, said):
    with pytest.raises(SettingsError, match=said):
        judge(env)


def test_an_ipv6_address_needs_ipv6(judge):
    env = {**CUSTOM, "WIREGUARD_ADDRESSES": "fd00:64::2/128"}
    assert judge(env, ipv6=True).wireguard.addresses[0].version == 6
    with pytest.raises(SettingsError, match="IPv6 is not supported"):
        judge(env, ipv6=False)


def test_retired_names_are_told_and_ignored(judge):
    assert judge({**CUSTOM, "DOT": "off", "UNBLOCK": "x"}).retired == ("DOT", "UNBLOCK")


def sources(tmp_path: Path, env: dict[str, str]) -> Sources:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "gluetun" / "wireguard").mkdir(parents=True)
    return Sources(env, tmp_path / "secrets", tmp_path / "gluetun")


def test_a_secret_file_wins_over_a_file_and_that_over_the_environment(tmp_path):
    source = sources(tmp_path, {"WIREGUARD_PRIVATE_KEY": "from the environment"})
    assert source.get("WIREGUARD_PRIVATE_KEY") == "from the environment"
    (tmp_path / "gluetun" / "wireguard_private_key").write_text("from a file\n")
    assert source.get("WIREGUARD_PRIVATE_KEY") == "from a file"
    (tmp_path / "secrets" / "wireguard_private_key").write_text("from a secret\n")
    assert source.get("WIREGUARD_PRIVATE_KEY") == "from a secret"


def test_a_secret_file_may_lie_elsewhere(tmp_path):
    (tmp_path / "mine").write_text("secret")
    source = sources(tmp_path, {"OPENVPN_PASSWORD_SECRETFILE": str(tmp_path / "mine")})
    assert source.get("OPENVPN_PASSWORD") == "secret"


def test_wg0_conf_wins_over_the_single_secret(tmp_path):
    source = sources(tmp_path, {})
    (tmp_path / "secrets" / "wireguard_private_key").write_text("single")
    (tmp_path / "secrets" / "wg0.conf").write_text(
        f"[Interface]\nPrivateKey = {KEY}\nAddress = 10.0.0.2/32\n[Peer]\nPublicKey = {KEY}\n"
        "Endpoint = 203.0.113.11:1234\n"
    )
    assert source.get("WIREGUARD_PRIVATE_KEY") == KEY
    assert source.get("WIREGUARD_ENDPOINT_IP") == "203.0.113.11"
    assert source.get("WIREGUARD_ENDPOINT_PORT") == "1234"

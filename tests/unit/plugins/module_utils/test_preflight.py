from __future__ import annotations

from ansible_collections.homelab.media.plugins.module_utils import preflight
from ansible_collections.homelab.media.plugins.module_utils.catalogue import Catalogue

SPECS = {
    "vpn": {
        "vpn_type": {"type": "str", "choices": ["wireguard", "openvpn"], "description": "The kind of tunnel."},
        "vpn_key": {"type": "int", "no_log": True, "description": ["The key.", "More."]},
        "vpn_must": {"type": "str", "required": True, "description": "What has to be given."},
    }
}


def test_values_are_checked_against_the_argument_specification() -> None:
    found = preflight.spec_problems({"vpn_type": "carrier pigeon", "vpn_key": 1}, SPECS)
    assert [(problem.variable, problem.expected) for problem in found] == [
        ("vpn_type", "one of wireguard, openvpn"),
        ("vpn_must", "str: What has to be given"),
    ]
    assert "carrier pigeon" in found[0].reason


def test_a_secret_value_is_never_repeated() -> None:
    (found,) = preflight.spec_problems({"vpn_key": "hunter2", "vpn_must": "x"}, SPECS)
    assert "hunter2" not in str(found)


def test_right_values_are_no_problem() -> None:
    assert preflight.spec_problems({"vpn_type": "openvpn", "vpn_key": 3, "vpn_must": "x"}, SPECS) == []


def test_values_get_the_types_of_their_specification() -> None:
    options = {"count": {"type": "int", "default": 3}, "switch": {"type": "bool", "default": False}}
    assert preflight.typed({"count": "5", "switch": "yes"}, options) == {"count": 5, "switch": True}
    assert preflight.typed({"count": "many"}, options) == {"count": 3, "switch": False}


def test_the_host_is_asked_only_what_can_be_asked() -> None:
    asked = preflight.question({"media_root": "opt", "media_data": 5, "media_puid": "many"}, Catalogue())
    assert asked["paths"] == []
    assert asked["uids"] == []
    assert asked["catalogue"] is None


def test_the_host_is_asked_for_what_the_settings_name() -> None:
    asked = preflight.question({"media_root": "/opt/media", "media_data": "/data", "media_puid": "1000"}, Catalogue())
    assert asked["paths"] == ["/data/usenet", "/data/media", "/opt/media"]
    assert asked["uids"] == [1000]
    assert asked["catalogue"] == "/opt/media/catalogue.json"


def test_a_service_gets_what_the_host_has() -> None:
    for dri, devices in ((True, ["/dev/a", "/dev/dri:/dev/dri"]), (False, ["/dev/a"])):
        service = {"cpus": 4.0, "devices": ["/dev/a"], "x-media": {"gpu": True}}
        preflight.fit(service, {"cpus": 2, "devices": {"dri": dri, "kmsg": False}})
        assert (service["cpus"], service["devices"]) == (2.0, devices)
    plain = {"cpus": 1.0, "x-media": {}}
    preflight.fit(plain, {"cpus": 2, "devices": {"dri": True, "kmsg": True}})
    assert plain == {"cpus": 1.0, "x-media": {}}

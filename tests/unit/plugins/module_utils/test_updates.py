# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which service Watchtower may renew, of which it only tells, and which it never touches, whatever a person says."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import updates, wiring
from ansible_collections.homelab.media.plugins.module_utils.catalogue import Catalogue

ENABLE, MONITOR, SCOPE = (f"{updates.LABELS}.{name}" for name in ("enable", "monitor-only", "scope"))


def house(mode: Any = "update", said: Any = None, **declared: Any) -> dict[str, Any]:
    """Return the services of a small house, compiled as far as the labels need it. declared: updates of a service."""
    services: dict[str, Any] = {
        "sonarr": {"x-media": {"egress": "direct"}},
        "plex": {"network_mode": "host", "x-media": {}},
        "vpn": {"network_mode": "service:vpn-pod", "x-media": {"api": {"kind": "gluetun"}}},
        "vpn-pod": {"x-media": {"egress": "pod", "part_of": "vpn"}},
        "nzbget": {"network_mode": "service:vpn-pod", "x-media": {"egress": "vpn"}},
        "authelia": {"x-media": {"api": {"kind": "authelia"}}},
        "authelia-redis": {"x-media": {"part_of": "authelia", "api": {"kind": "redis"}}},
        "proxy": {"x-media": {"api": {"kind": "proxy_manager"}}},
        "database": {"x-media": {}},
        "watchtower": {"x-media": {"api": {"kind": "watchtower", "updates": mode, "modes": said or {}}}},
    }
    for name, value in declared.items():
        services[name]["x-media"]["updates"] = value
    return services


NEVER = {"vpn", "vpn-pod", "nzbget", "authelia", "authelia-redis", "proxy", "watchtower"}


def told(services: dict[str, Any], *, whole: bool = True, declared: dict[str, Any] | None = None) -> dict[str, str]:
    found = updates.problems(services, services if declared is None else declared, whole=whole)
    return {problem.variable: str(problem) for problem in found}


@pytest.mark.parametrize("mode", ["notify", "update"])
def test_plain_services_have_the_default_and_the_others_are_left_alone(mode: str) -> None:
    found = updates.modes(house(mode))
    assert {name for name, value in found.items() if value == "off"} == NEVER
    assert {name for name, value in found.items() if value == mode} == {"sonarr", "plex", "database"}
    assert told(house(mode)) == {}


@pytest.mark.parametrize("name", sorted(NEVER))
def test_nothing_that_a_person_says_lets_them_be_renewed(name: str) -> None:
    asked = house(said={name: "update"})
    assert updates.modes(asked)[name] == "notify"
    assert "Watchtower does not renew it. Expected: off or notify." in told(asked)[f"maintenance_update_modes.{name}"]
    declared = house(**{name.replace("-", "_"): "update"}) if name in house() and "-" not in name else None
    if declared:
        assert updates.modes(declared)[name] == "notify"
        assert set(told(declared)) == {f"{name}.x-media.updates"}
    # To be told of a new image does no harm.
    harmless = house(said={name: "notify"})
    assert (updates.modes(harmless)[name], told(harmless)) == ("notify", {})


def test_each_refusal_says_why() -> None:
    asked = told(house(said=dict.fromkeys(NEVER, "update")))
    reasons = {
        "vpn": "shares a namespace with vpn-pod",
        "vpn-pod": "is behind the VPN",
        "nzbget": "shares a namespace with vpn-pod",
        "authelia": "is the sign-on",
        "authelia-redis": "is part of authelia",
        "proxy": "is the front door",
        "watchtower": "is Watchtower itself",
    }
    assert {name: f"is update, and {name} {reason}:" for name, reason in reasons.items()} == {
        name: asked[f"maintenance_update_modes.{name}"].partition(": ")[2].partition(" Watchtower does")[0]
        for name in NEVER
    }


def test_a_tenant_that_has_not_moved_in_yet_is_known_too() -> None:
    services = house()
    del services["nzbget"]["network_mode"]
    assert updates.kept_out(services)["nzbget"] == "is behind the VPN"


@pytest.mark.parametrize("key", ["network_mode", "pid", "ipc"])
@pytest.mark.parametrize("kind", ["service", "container"])
def test_whoever_lends_a_namespace_is_kept_out_as_well(key: str, kind: str) -> None:
    services = house()
    services["plex"][key] = f"{kind}:sonarr"
    assert {"plex", "sonarr"} <= set(updates.kept_out(services))
    services["plex"][key] = "host"
    assert not {"plex", "sonarr"} & set(updates.kept_out(services))


def test_a_service_is_chosen_by_its_name_or_by_its_own_declaration() -> None:
    assert updates.modes(house("notify", {"sonarr": "update", "plex": False}))["sonarr"] == "update"
    assert updates.modes(house("notify", {"sonarr": "update", "plex": False}))["plex"] == "off"
    assert updates.modes(house("notify", sonarr="update"))["sonarr"] == "update"
    assert updates.modes(house("update", database=False))["database"] == "off"
    # What a person says of it by name comes before the default, and not beyond what it declares.
    lowered = house("update", {"sonarr": "off"}, sonarr="notify")
    assert (updates.modes(lowered)["sonarr"], told(lowered)) == ("off", {})


@pytest.mark.parametrize(("declared", "right"), [(False, "off"), ("off", "off"), ("notify", "off or notify")])
def test_nobody_goes_further_than_the_service_declares(declared: Any, right: str) -> None:
    asked = house("notify", {"database": "update"}, database=declared)
    assert updates.modes(asked)["database"] == (declared or "off")
    assert told(asked) == {
        "maintenance_update_modes.database": (
            f"maintenance_update_modes.database: is update, and database is declared with {declared or 'off'}: "
            f"Watchtower does not renew it. Expected: {right}."
        )
    }


def test_a_name_that_nobody_declares_is_told_with_the_nearest() -> None:
    asked = house(said={"sonar": "update"})
    assert "did you mean sonarr?" in told(asked)["maintenance_update_modes"]
    assert told(asked, whole=False) == {}
    # One that is switched off is no mistake.
    chosen = house(said={"plex": "update"})
    everything = copy.deepcopy(chosen)
    del chosen["plex"]
    assert told(chosen, declared=everything) == {}


@pytest.mark.parametrize("value", [True, "always", 1, "Off"])
def test_another_word_is_no_mode_and_counts_as_the_least(value: Any) -> None:
    asked = house("update", sonarr=value)
    assert "Expected: one of off, notify, update." in told(asked)["sonarr.x-media.updates"]
    assert updates.modes(asked)["sonarr"] == "off"


def test_labels_by_hand_would_go_round_it() -> None:
    services = house()
    services["nzbget"]["labels"] = {ENABLE: "true", "mine": "1"}
    assert set(told(services)) == {"nzbget.labels"}
    # Without our Watchtower they are somebody else's business, but not those of the VPN.
    del services["watchtower"]
    assert told(services) == {}
    assert updates.labelled(services)["nzbget"]["labels"] == {ENABLE: "false", "mine": "1"}


def test_the_labels_of_each_mode() -> None:
    found = {
        name: service["labels"]
        for name, service in updates.labelled(house("notify", {"sonarr": "update", "plex": "off"})).items()
    }
    assert found["sonarr"] == {ENABLE: "true", MONITOR: "false", SCOPE: "homelab.media"}
    assert found["database"] == {ENABLE: "true", MONITOR: "true", SCOPE: "homelab.media"}
    assert found["plex"] == found["nzbget"] == found["authelia-redis"] == {ENABLE: "false"}
    assert found["watchtower"] == {ENABLE: "false", SCOPE: "homelab.media"}


def test_what_is_kept_out_keeps_its_labels_when_watchtower_comes_and_goes() -> None:
    with_it, without = house("update"), house("update")
    del without["watchtower"]
    before, after = updates.labelled(without), updates.labelled(with_it)
    assert {name for name in without if before[name].get("labels") == after[name]["labels"]} == NEVER - {"watchtower"}
    assert "labels" not in before["sonarr"]


def test_the_services_are_not_changed_in_place() -> None:
    services = house()
    before = copy.deepcopy(services)
    updates.labelled(services)
    assert services == before


def test_a_compiled_house_and_its_fingerprints() -> None:
    """The pod's tenants are those that Compose puts there, and only who gets another label is another container."""
    services: dict[str, Any] = {
        "pod": {"image": "p:1", "x-media": {"egress": "pod"}},
        "fetcher": {"image": "f:1", "x-media": {"egress": "vpn"}},
        "plain": {"image": "a:1", "x-media": {"egress": "none"}},
        "watchtower": {"image": "w:1", "x-media": {"api": {"kind": "watchtower", "updates": "notify"}}},
    }
    networks = {"media": {"internal": True}}
    joined, found = wiring.join_pod(wiring.publish(wiring.attach(copy.deepcopy(services))), networks)
    assert found == []
    assert updates.kept_out(joined)["fetcher"] == "shares a namespace with pod"

    def prints(mode: str) -> dict[str, str]:
        joined["watchtower"]["x-media"]["api"]["updates"] = mode
        whole = Catalogue(services=updates.labelled(joined), networks={**networks, **wiring.uplinks(joined)})
        return {name: whole.fingerprint(name) for name in joined}

    before, after = prints("notify"), prints("update")
    assert {name for name in before if before[name] != after[name]} == {"plain"}

from __future__ import annotations

from ansible_collections.homelab.media.plugins.module_utils import selection

SERVICES = {
    "vpn-pod": {"x-media": {"part_of": "vpn"}},
    "vpn": {"x-media": {"needs": ["vpn-pod"]}},
    "nzbget": {"x-media": {"needs": ["vpn"]}},
    "sonarr": {},
}
ROLES = {"vpn-pod": "vpn", "vpn": "vpn", "nzbget": "nzbget", "sonarr": "arr"}
ALL = sorted(SERVICES)


def test_all_means_every_declared_service() -> None:
    assert selection.choose(SERVICES, "all", []) == (ALL, [])


def test_a_part_follows_the_service_it_belongs_to() -> None:
    assert selection.choose(SERVICES, ["vpn"], [])[0] == ["vpn", "vpn-pod"]
    assert selection.choose(SERVICES, "all", ["vpn"])[0] == ["nzbget", "sonarr"]


def test_an_unknown_name_is_told_with_the_nearest_known() -> None:
    _chosen, problems = selection.choose(SERVICES, ["nzbgett"], ["plexx"])
    assert [(problem.variable, problem.reason) for problem in problems] == [
        ("media_services", "names 'nzbgett', which no role declares"),
        ("media_services_disabled", "names 'plexx', which no role declares"),
    ]
    assert problems[0].expected == "did you mean nzbget? Known: nzbget, sonarr, vpn"


def test_a_part_cannot_be_chosen_by_itself() -> None:
    assert selection.choose(SERVICES, ["vpn-pod"], [])[1] != []


def test_media_services_is_all_or_a_list() -> None:
    assert selection.choose(SERVICES, "some", [])[1][0].variable == "media_services"


def test_a_needed_service_that_is_off_is_a_problem() -> None:
    assert selection.needs_problems(SERVICES, ["nzbget", "vpn", "vpn-pod"]) == []
    assert [problem.variable for problem in selection.needs_problems(SERVICES, ["nzbget"])] == ["nzbget.x-media.needs"]


def test_phases_follow_the_tags() -> None:
    assert selection.phases(["all"], []) == list(selection.PHASES)
    assert selection.phases(["verify"], []) == ["verify"]
    assert selection.phases(["nzbget"], []) == list(selection.PHASES)
    assert selection.phases(["up"], []) == ["render", "up"]
    assert selection.phases(["all"], ["up"]) == ["declare", "render", "wire", "verify"]


def test_scope_follows_the_tags() -> None:
    assert selection.scope(SERVICES, ROLES, ALL, ["all"]) == ALL
    assert selection.scope(SERVICES, ROLES, ALL, ["render"]) == ALL
    assert selection.scope(SERVICES, ROLES, ALL, ["vpn"]) == ["vpn", "vpn-pod"]
    assert selection.scope(SERVICES, ROLES, ALL, ["arr", "up"]) == ["sonarr"]
    assert selection.scope(SERVICES, ROLES, ["vpn"], ["nzbget"]) == []


def test_a_role_by_itself_does_not_know_the_others_names() -> None:
    chosen, problems = selection.choose(SERVICES, ["nzbget", "sonarr-4k"], ["plex"], whole=False)
    assert (chosen, problems) == (["nzbget"], [])


def test_a_page_is_not_changed_without_those_who_guard_it() -> None:
    services = {
        "proxy": {"x-media": {"web": {"port": 81}}},
        "authelia": {"x-media": {"web": {"port": 9091}}},
        "redis": {"x-media": {"part_of": "authelia"}},
        "sonarr": {"x-media": {"web": {"port": 8989}}},
        "recyclarr": {},
    }
    roles = {name: name for name in services}
    doors = ["proxy", "authelia"]
    assert selection.scope(services, roles, list(services), ["sonarr"], doors) == [
        "proxy", "authelia", "redis", "sonarr"
    ]  # fmt: skip
    assert selection.scope(services, roles, list(services), ["recyclarr"], doors) == ["recyclarr"]
    assert selection.scope(services, roles, list(services), ["wire"], doors) == list(services)

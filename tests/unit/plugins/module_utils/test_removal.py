from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import containers, removal
from ansible_collections.homelab.media.plugins.module_utils.docker_socket import EngineUnreachable
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError
from ansible_collections.homelab.media.plugins.module_utils.removal import Removal

KEPT: dict[str, Any] = {
    "vpn": {
        "services": {
            "vpn-pod": {"x-media": {"part_of": "vpn", "egress": "pod"}},
            "vpn": {"x-media": {"state": ["state/vpn"]}},
        },
        "secrets": {"vpn_control_key": {"kind": "hex"}},
    },
    "nzbget": {
        "services": {"nzbget": {"x-media": {"egress": "vpn", "state": ["state/nzbget"]}}},
        "secrets": {"nzbget_password": {"kind": "alnum"}},
    },
}

CATALOGUE: dict[str, Any] = {"declarations": KEPT, "former": {"sonarr": {"x-media": {"state": ["state/sonarr"]}}}}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stack's root with the state of both services, and an engine that does not answer."""

    def silent(_project: str) -> dict[str, Any]:
        raise EngineUnreachable("nobody there")

    monkeypatch.setattr(containers, "observe", silent)
    monkeypatch.setattr(removal, "UNITS", {})
    for name in (
        "state/nzbget/queue",
        "state/vpn/servers",
        "state/sonarr/config.xml",
        "config/vpn/auth",
        "secrets/nzbget_password",
        "secrets/other",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("kept")
    return tmp_path


def take(root: Path, remove: list[str], purge: list[str], check: bool = False) -> list[str]:
    going = Removal(str(root), "media", tuple(remove), tuple(purge))
    return [change.subject for change in removal.ensure(going, CATALOGUE, check=check).changes]


def left(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def test_state_stays_unless_it_is_purged_by_name(root: Path) -> None:
    before = left(root)
    assert take(root, ["nzbget"], []) == []
    assert left(root) == before


def test_a_purge_takes_state_and_secrets_of_that_service_alone(root: Path) -> None:
    take(root, ["nzbget"], ["nzbget"])
    assert left(root) == {"state/vpn/servers", "state/sonarr/config.xml", "config/vpn/auth", "secrets/other"}


def test_check_mode_tells_the_purge_and_deletes_nothing(root: Path) -> None:
    before = left(root)
    assert take(root, ["nzbget"], ["nzbget"], check=True) == [
        str(root / "secrets/nzbget_password"), str(root / "state/nzbget"),
    ]  # fmt: skip
    assert left(root) == before


@pytest.mark.parametrize(
    ("remove", "purge", "variable"),
    [
        (["nzbgett"], [], "media_remove"),
        (["nzbget"], ["radarr"], "media_purge"),
        (["nzbget"], ["vpn"], "media_purge"),
        (["stack", "nzbget"], [], "media_remove"),
        (["vpn"], [], "media_remove"),  # NZBGet would be left without its network
    ],
)
def test_what_cannot_be_meant_is_refused(root: Path, remove: list[str], purge: list[str], variable: str) -> None:
    before = left(root)
    with pytest.raises(MediaError) as refused:
        take(root, remove, purge)
    assert variable in {problem.variable for problem in refused.value.problems}
    assert left(root) == before


def test_the_vpn_goes_together_with_its_tenants(root: Path) -> None:
    assert take(root, ["vpn", "nzbget"], []) == []


def test_what_is_off_already_can_be_purged_by_name(root: Path) -> None:
    assert take(root, [], ["sonarr"]) == [str(root / "state/sonarr")]
    assert "state/sonarr/config.xml" not in left(root)
    assert take(root, [], ["sonarr"]) == []


def test_an_exporter_goes_with_the_service_whose_numbers_it_tells(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    declarations = {
        "arr": {"services": {"sonarr": {"x-media": {"metrics": {"exporter": "exportarr"}}}}},
        "monitoring": {
            "services": {"prometheus": {"x-media": {"api": {"kind": "prometheus"}}}},
            "exporters": {"exportarr": {"image": "exportarr:2"}},
        },
    }
    names = ("sonarr", "exportarr-sonarr", "prometheus")
    there = {name: SimpleNamespace(image=name, state="running") for name in names}
    monkeypatch.setattr(containers, "observe", lambda _project: there)
    going = Removal(str(root), "media", ("sonarr",), ())
    outcome = removal.ensure(going, {"declarations": declarations}, check=True)
    assert [change.subject for change in outcome.changes] == ["exportarr-sonarr", "sonarr"]

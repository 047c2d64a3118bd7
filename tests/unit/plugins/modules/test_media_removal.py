from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.homelab.media.plugins.modules import media_removal

from tests.unit.run_module import run_module

KEPT = {"declarations": {"nzbget": {"services": {"nzbget": {"x-media": {}}}, "secrets": {}}}, "digests": {}}


def test_a_name_that_nobody_declared_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "catalogue.json").write_text(json.dumps(KEPT))
    answer = run_module(media_removal.main, {"root": str(tmp_path), "project": "none", "remove": ["nzbgett"]})
    assert answer["failed"]
    assert "Nothing was changed." in answer["msg"]
    assert "did you mean nzbget" in answer["msg"]


def test_a_catalogue_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "catalogue.json").write_text("{")
    answer = run_module(media_removal.main, {"root": str(tmp_path), "project": "none", "remove": ["nzbget"]})
    assert answer["failed"]
    assert str(tmp_path / "catalogue.json") in answer["msg"]

from __future__ import annotations

from ansible_collections.homelab.media.plugins.modules import media_stack

from tests.unit.run_module import run_module

PROJECT = {"folder": "/nonexistent", "project": "media-that-nobody-has"}


def test_check_mode_tells_every_step_with_or_without_an_engine() -> None:
    services = {"redis": {"digest": "d", "image": "redis:8"}}
    answer = run_module(media_stack.main, {**PROJECT, "services": services}, check=True)
    assert answer["changed"]
    assert answer["steps"] == [{"service": "redis", "action": "create", "reason": "there is no container"}]
    assert [entry["after"] for entry in answer["diff"]] == ["create: there is no container\n"]


def test_nothing_wanted_is_nothing_to_do() -> None:
    answer = run_module(media_stack.main, {**PROJECT, "services": {}}, check=True)
    assert (answer["changed"], answer["steps"]) == (False, [])

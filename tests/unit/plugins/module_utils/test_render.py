from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.homelab.media.plugins.module_utils import identity, render
from ansible_collections.homelab.media.plugins.module_utils.files import File
from ansible_collections.homelab.media.plugins.module_utils.identity import Identity
from ansible_collections.homelab.media.plugins.module_utils.outcome import Outcome
from ansible_collections.homelab.media.plugins.module_utils.render import Request, Service
from ansible_collections.homelab.media.plugins.module_utils.secret_seal import seal
from ansible_collections.homelab.media.plugins.module_utils.secret_store import Secret
from ansible_collections.homelab.media.plugins.module_utils.tree import Entry, Tree

from tests.unit.real_host import need_root, snapshot

FRAGMENT = "services:\n  redis:\n    labels: {homelab.media.digest: '@@digest:redis@@'}\n"


@pytest.fixture
def request_(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Request:
    """What a run of one service renders, below a folder of its own. The account is tested where it is made."""
    need_root()
    monkeypatch.setattr(identity, "ensure", lambda _identity, check: Outcome())
    root = f"{tmp_path}/stack"
    return Request(
        root=root,
        identity=Identity("media", "media", 1000, 1000),
        data=Tree((Entry(f"{tmp_path}/data", 1000, 1000, "2775"),)),
        state=(Entry(f"{root}/state/redis", 1000, 1000, "0750"),),
        secrets={"stack_digest_key": Secret("hex", 64), "redis_password": Secret("alnum")},
        files=[File("config/redis/redis.conf", "requirepass @@secret:redis_password@@\n", mode="0600")],
        file_services={"config/redis/redis.conf": "redis"},
        file_roles={"config/redis/redis.conf": "redis"},
        reached=["redis"],
        active=["redis"],
        fragments={"redis": FRAGMENT},
        environment="COMPOSE_PROJECT_NAME=media\n",
        declarations={"redis": {"services": {"redis": {}}}},
        pages={"redis": "https://redis.media.test"},
        services={"redis": Service("redis:8", "f1", ("redis_password",))},
        units=[],
        ranges={"media": "10.213.1.0/26"},
        whole=True,
    )


def digest(outcome: Outcome) -> str:
    return str(outcome.facts["services"]["redis"]["digest"])


def test_a_run_renders_everything_and_the_next_one_nothing(request_: Request) -> None:
    first = render.ensure(request_, check=False)
    assert first.changed
    root = Path(request_.root)
    assert (root / "compose/redis.yaml").read_text() == FRAGMENT.replace("@@digest:redis@@", digest(first))
    password = (root / "secrets/redis_password").read_text()
    assert (root / "config/redis/redis.conf").read_text() == f"requirepass {password}\n"
    before = snapshot(root)
    second = render.ensure(request_, check=False)
    assert second.changes == []
    assert snapshot(root) == before
    assert digest(second) == digest(first)


def test_no_secret_is_in_what_a_run_tells(request_: Request) -> None:
    outcome = render.ensure(request_, check=False)
    password = (Path(request_.root) / "secrets/redis_password").read_text()
    key = (Path(request_.root) / "secrets/stack_digest_key").read_text()
    told = json.dumps(outcome.result()) + (Path(request_.root) / "catalogue.json").read_text()
    assert password not in told
    assert key not in told


def test_check_mode_writes_nothing_and_tells_what_the_run_then_does(request_: Request, tmp_path: Path) -> None:
    before = snapshot(tmp_path)
    planned = {change.subject for change in render.ensure(request_, check=True).changes}
    assert snapshot(tmp_path) == before
    assert {change.subject for change in render.ensure(request_, check=False).changes} == planned


@pytest.mark.parametrize(
    "change",
    [
        {"files": [File("config/redis/redis.conf", "other\n", mode="0600")]},
        {"services": {"redis": Service("redis:8", "f2", ("redis_password",))}},
        {
            "secrets": {
                "stack_digest_key": Secret("hex", 64),
                "redis_password": Secret("given", value="given-by-a-person"),
            }
        },
    ],
    ids=["its file", "its declaration", "its secret"],
)
def test_a_service_gets_another_digest_when_something_of_it_changes(
    request_: Request, change: dict[str, object]
) -> None:
    first = digest(render.ensure(request_, check=False))
    changed = replace(request_, **change)  # type: ignore[arg-type]
    planned = digest(render.ensure(changed, check=True))
    assert planned != first
    assert digest(render.ensure(changed, check=False)) == planned


def test_a_file_of_another_service_does_not_matter(request_: Request) -> None:
    first = digest(render.ensure(request_, check=False))
    more = [*request_.files, File("config/other/a", "x", mode="0644")]
    assert digest(render.ensure(replace(request_, files=more), check=False)) == first


def test_a_service_that_this_run_does_not_declare_keeps_its_digest(request_: Request) -> None:
    first = digest(render.ensure(request_, check=False))
    kept = Service("redis:8", "f1", ("redis_password",), kept=True)
    partial = replace(request_, files=[], file_services={}, secrets={}, services={"redis": kept}, whole=False)
    assert digest(render.ensure(partial, check=False)) == first


def test_only_a_whole_run_removes_the_fragment_of_a_role_that_is_off(request_: Request) -> None:
    render.ensure(request_, check=False)
    stray = Path(request_.root, "compose/old.yaml")
    stray.write_text("services: {}\n")
    render.ensure(replace(request_, whole=False), check=False)
    assert stray.exists()
    assert [change.subject for change in render.ensure(request_, check=True).changes] == [str(stray)]
    assert stray.exists()
    render.ensure(request_, check=False)
    assert not stray.exists()


def test_a_service_that_is_off_stays_known_by_name(request_: Request) -> None:
    kept = {"services": {"redis": {"x-media": {"state": ["state/redis"], "egress": "none"}}}}
    render.ensure(replace(request_, declarations={"redis": kept}), check=False)
    off = replace(request_, declarations={}, services={}, fragments={}, files=[], file_services={})
    for _each in range(2):
        render.ensure(off, check=False)
        catalogue = json.loads((Path(request_.root) / "catalogue.json").read_text())
        assert catalogue["former"] == {"redis": {"x-media": {"state": ["state/redis"]}}}
    render.ensure(request_, check=False)
    assert json.loads((Path(request_.root) / "catalogue.json").read_text())["former"] == {}


def test_check_mode_tells_the_digest_of_a_given_secret_that_it_did_not_write(request_: Request) -> None:
    render.ensure(request_, check=False)
    key = (Path(request_.root) / "secrets/stack_digest_key").read_text().encode()
    given = replace(request_, secrets={**request_.secrets, "redis_password": Secret("alnum", value="given-s3cr3t")})
    planned = render.ensure(given, check=True).facts["planned_secrets"]
    assert planned == {f"{request_.root}/secrets/redis_password": str(seal(key, "given-s3cr3t"))}
    assert render.ensure(given, check=False).facts["planned_secrets"] == {}
    assert render.ensure(given, check=True).facts["planned_secrets"] == {}


def test_what_a_run_has_rendered_goes_when_nobody_declares_it(request_: Request) -> None:
    root = Path(request_.root)
    extra = {"config/redis/more/extra.conf": "redis", "state/redis/seen.txt": "redis", "config/other/o.conf": "other"}
    files = [*request_.files, *(File(path, "text\n") for path in extra)]
    both = replace(request_, active=["redis", "other"])
    render.ensure(replace(both, files=files, file_roles={**request_.file_roles, **extra}), check=False)
    (root / "config/redis/mine.conf").write_text("a person's own\n")

    part = both  # as with tags: the other role is on, and this run is not about it
    planned = [change.subject for change in render.ensure(part, check=True).changes]
    assert f"{root}/config/redis/more/extra.conf" in planned
    assert (root / "config/redis/more/extra.conf").exists()
    render.ensure(part, check=False)
    assert not (root / "config/redis/more").exists()
    assert (root / "config/other/o.conf").exists(), "of a role that the run was not about"
    assert (root / "config/redis/mine.conf").exists()
    assert (root / "state/redis/seen.txt").exists()

    render.ensure(request_, check=False)
    assert not (root / "config/other").exists(), "the other role is off"
    assert render.ensure(request_, check=False).changes == []

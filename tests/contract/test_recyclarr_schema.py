# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recyclarr's own JSON schema against what the role gives it, what the stand-in takes, and what the checks know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import recyclarr, recyclarr_checks
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from tests.images.recyclarr.stand_in import form
from tests.images.recyclarr.stand_in.problems import ConfigError

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = ROOT.parent / "shared" / "contracts" / "recyclarr"
SCHEMAS = CONTRACT / "schemas"

pytestmark = pytest.mark.skipif(
    not SCHEMAS.is_dir(), reason="Recyclarr's schemas are not here: ../shared/contracts/recyclarr"
)

DEFAULTS = yaml.safe_load((ROOT / "roles" / "maintenance" / "defaults" / "main.yml").read_text())
SONARR = {"base_url": "http://sonarr:8989", "api_key": "k"}


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    """Return every schema by its place below the folder."""
    return {
        str(path.relative_to(SCHEMAS)): json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS.rglob("*.json")
    }


@pytest.fixture(scope="module")
def judge(schemas: dict[str, Any]):
    """Return what upstream's schema has against a configuration."""
    base = "https://schemas.test/"
    resources = [
        (base + name, Resource.from_contents({**schema, "$id": base + name})) for name, schema in schemas.items()
    ]
    registry = Registry().with_resources(resources)

    def errors(document: Any, name: str = "config-schema.json") -> list[str]:
        validator = Draft7Validator({"$ref": base + name}, registry=registry)
        return [error.message for error in validator.iter_errors(document)]

    return errors


def refused(document: Any) -> bool:
    """Tell whether the stand-in refuses a configuration for its form."""
    try:
        form.check(document, dict.fromkeys(("sonarr", "radarr"), dict), "test")
        for kind, instances in (document or {}).items():
            for name, instance in (instances or {}).items():
                form.check(instance, form.instance_form(kind), f"{kind}.{name}")
    except ConfigError:
        return True
    return False


def test_what_the_role_gives_recyclarr_is_what_the_schema_wants(judge) -> None:
    own = {
        "quality_profiles": [{"trash_id": "x", "name": "Mine", "upgrade": {"allowed": True, "until_quality": "y"}}],
        "custom_formats": [{"trash_ids": ["x"], "assign_scores_to": [{"name": "Mine", "score": 5}]}],
        "custom_format_groups": {"skip": ["x"], "add": [{"trash_id": "y", "select": ["z"]}]},
        "include": [{"config": "mine.yml"}],
        "media_naming": {"series": "default", "episodes": {"rename": True, "standard": "default"}},
        "quality_definition": {"type": "series", "qualities": [{"name": "HDTV-720p", "max": "unlimited"}]},
    }
    assert recyclarr_checks.guide_problems("guide", "sonarr", own) == []
    apis = {
        name: {"kind": kind, "key": f"{name}_api_key", "url": f"http://{name}:1", "guide": guide}
        for name, kind, guide in (("sonarr", "sonarr", None), ("radarr", "radarr", None), ("sonarr-4k", "sonarr", own))
    }
    found = recyclarr.instances(apis, DEFAULTS)
    document = {
        kind: {
            name: {"base_url": service["base_url"], "api_key": "k", **service["wanted"]}
            for name, service in services.items()
        }
        for kind, services in found.items()
    }
    assert set(document["sonarr"]) == {"sonarr", "sonarr-4k"}
    assert judge(document) == []
    assert not refused(document)
    # A control: the judge can say no.
    document["radarr"]["radarr"]["quality_definition"]["typ"] = "movie"
    assert judge(document) != []


BAD: list[dict[str, Any]] = [
    {"lidarr": {}},
    {"sonarr": []},
    {"sonarr": {"one": []}},
    *(
        {"sonarr": {"one": {**SONARR, **wrong}}}
        for wrong in (
            {"unknown": 1},
            {"replace_existing_custom_formats": True},
            {"delete_old_custom_formats": "yes"},
            {"quality_definition": {}},
            {"quality_definition": {"type": "series", "ratio": 1}},
            {"quality_definition": {"type": "series", "preferred_ratio": "much"}},
            {"quality_definition": {"type": "series", "qualities": [{"min": 1}]}},
            {"quality_definition": {"type": "series", "qualities": [{"name": "x", "max": "huge"}]}},
            {"quality_profiles": {}},
            {"quality_profiles": ["WEB-1080p"]},
            {"quality_profiles": [{"name": "x", "upgrade": {}}]},
            {"quality_profiles": [{"name": "x", "reset_unmatched_scores": True}]},
            {"quality_profiles": [{"name": "x", "reset_unmatched_scores": {}}]},
            {"quality_profiles": [{"name": "x", "quality_sort": "middle"}]},
            {"quality_profiles": [{"name": "x", "min_format_score": "low"}]},
            {"quality_profiles": [{"name": "x", "qualities": [{"enabled": True}]}]},
            {"custom_formats": [{}]},
            {"custom_formats": [{"trash_ids": ["x"], "score": 1.5}]},
            {"custom_formats": [{"trash_ids": ["x"], "quality_profiles": []}]},
            {"custom_formats": [{"trash_ids": "x"}]},
            {"custom_format_groups": {"add": [{}]}},
            {"custom_format_groups": {"remove": []}},
            {"include": [{}]},
            {"include": [{"config": "x", "template": "y"}]},
            {"include": ["x"]},
            {"media_naming": {"folder": "default"}},
            {"media_naming": {"episodes": {"rename": "yes"}}},
            {"media_management": {"propers_and_repacks": "never"}},
            {"media_management": {"recycle_bin": "x"}},
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize("document", BAD, ids=[json.dumps(document)[-60:] for document in BAD])
def test_what_the_schema_refuses_the_stand_in_refuses(judge, document: dict[str, Any]) -> None:
    assert judge(document) != []
    assert refused(document)


def test_upstreams_own_templates_are_taken(judge) -> None:
    templates = sorted((CONTRACT / "config-templates-v8").rglob("*.yml"))
    assert templates
    for path in templates:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert judge(document) == [], path
        assert not refused(document), path


def test_settings_are_judged_alike(judge) -> None:
    for good in ({}, {"log_janitor": {"max_files": 3}}, {"notifications": {"verbosity": "minimal"}}):
        assert judge(good, "settings-schema.json") == []
        form.check(good, form.SETTINGS, "settings.yml")
    for bad in ({"repositories": {}}, {"log_janitor": {"files": 3}}, {"notifications": {"apprise": {"mode": "x"}}}):
        assert judge(bad, "settings-schema.json") != []
        with pytest.raises(ConfigError):
            form.check(bad, form.SETTINGS, "settings.yml")


def keys(schema: dict[str, Any], name: str, schemas: dict[str, Any]) -> Any:
    """Reduce a schema to its keys and choices, in the form that the checks have."""
    if "$ref" in schema and not schema["$ref"].startswith("#"):
        name = str(Path(name).parent / schema["$ref"])
        return keys(schemas[name], name, schemas)
    if "allOf" in schema:
        merged: dict[str, Any] = {}
        for part in (*schema["allOf"], {"properties": schema.get("properties", {})}):
            merged.update(keys(part, name, schemas))
        return merged
    if "items" in schema:
        items = schema["items"]
        if "anyOf" in items and "properties" not in items:
            return [{key: inner for part in items["anyOf"] for key, inner in keys(part, name, schemas).items()}]
        return [keys(items, name, schemas)]
    if "properties" in schema:
        return {key: keys(inner, name, schemas) for key, inner in schema["properties"].items()}
    return tuple(schema["enum"]) if "enum" in schema else None


@pytest.mark.parametrize("kind", recyclarr.KINDS)
def test_the_checks_know_the_keys_of_the_schema_and_no_others(kind: str, schemas: dict[str, Any]) -> None:
    instance = schemas["config-schema.json"]["$defs"][f"{kind}_instance"]
    wanted = keys(instance, "config-schema.json", schemas)
    # What follows from the service, and what version 8 has a key for and nothing behind it.
    del wanted["base_url"], wanted["api_key"], wanted["include"][0]["template"]
    assert recyclarr_checks.FORMS[kind] == wanted

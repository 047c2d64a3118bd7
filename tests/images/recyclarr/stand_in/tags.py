# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""YAML with Recyclarr's own tags: a value from secrets.yml, from the environment, or from a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from .problems import ConfigError


def read(path: Path, secrets: Mapping[str, str]) -> Any:
    """Return the content of a YAML file; whatever is wrong with it is told with its place."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _loader(secrets))
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: {' '.join(str(error).split())}") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None


def read_secrets(folder: Path) -> dict[str, str]:
    """Return secrets.yml: a flat map of texts."""
    path = next((folder / name for name in ("secrets.yml", "secrets.yaml") if (folder / name).exists()), None)
    found = read(path, {}) if path else {}
    if not isinstance(found or {}, dict) or any(isinstance(value, (dict, list)) for value in (found or {}).values()):
        raise ConfigError(f"{path}: secrets have to be a flat map of names and texts")
    return {str(name): str(value) for name, value in (found or {}).items()}


def _loader(secrets: Mapping[str, str]) -> type[yaml.SafeLoader]:
    class Loader(yaml.SafeLoader):
        """A loader of its own for each file, because tags belong to the class."""

    def secret(loader: yaml.SafeLoader, node: Any) -> str:
        name = _words(loader, node)
        if name not in secrets:
            raise yaml.constructor.ConstructorError(
                None, None, f"{name} is not defined in secrets.yml.", node.start_mark
            )
        return secrets[name]

    def environment(loader: yaml.SafeLoader, node: Any) -> str:
        name, _space, default = _words(loader, node).partition(" ")
        value = os.environ.get(name, default.strip().strip("\"'"))
        if not value:
            raise yaml.constructor.ConstructorError(None, None, f"variable {name} is not set", node.start_mark)
        return value

    def file(loader: yaml.SafeLoader, node: Any) -> str:
        try:
            return Path(_words(loader, node)).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from None

    def mapping(loader: yaml.SafeLoader, node: Any) -> dict[Any, Any]:
        loader.flatten_mapping(node)
        keys = [loader.construct_object(key, deep=True) for key, _value in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise yaml.constructor.ConstructorError(None, None, f"duplicate key {twice[0]}", node.start_mark)
        return loader.construct_mapping(node, deep=True)

    for tag, constructor in (("!secret", secret), ("!env_var", environment), ("!file", file)):
        Loader.add_constructor(tag, constructor)
    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    return Loader


def _words(loader: yaml.SafeLoader, node: Any) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise yaml.constructor.ConstructorError(None, None, f"{node.tag} takes one text", node.start_mark)
    return str(loader.construct_scalar(node))

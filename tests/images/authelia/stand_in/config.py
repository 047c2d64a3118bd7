# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration: its files, its environment, its defaults, and what is wrong with it, all at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .durations import seconds
from .keys import ANY, DURATION, FLAG, KEYS, NUMBER, TEXT, TEXTS

PREFIX = "AUTHELIA_"
_SECRET = re.compile(r"(?:^|[._])(?:key|secret|password|token|certificate_chain)$")

DEFAULTS: dict[str, Any] = {
    "theme": "light",
    "server.address": "tcp://:9091/",
    "log.level": "info",
    "log.format": "text",
    "telemetry.metrics.address": "tcp://:9959/metrics",
    "totp.issuer": "Authelia",
    "totp.algorithm": "SHA1",
    "totp.digits": 6,
    "totp.period": 30,
    "totp.skew": 1,
    "totp.secret_size": 32,
    "webauthn.display_name": "Authelia",
    "authentication_backend.refresh_interval": "5m",
    "authentication_backend.file.password.algorithm": "argon2",
    "authentication_backend.file.password.argon2.iterations": 3,
    "authentication_backend.file.password.argon2.memory": 65536,
    "authentication_backend.file.password.argon2.parallelism": 4,
    "authentication_backend.file.password.argon2.key_length": 32,
    "authentication_backend.file.password.argon2.salt_length": 16,
    "access_control.default_policy": "deny",
    "session.name": "authelia_session",
    "session.same_site": "lax",
    "session.expiration": "1h",
    "session.inactivity": "5m",
    "session.remember_me": "1M",
    "session.redis.port": 6379,
    "session.redis.database_index": 0,
    "session.redis.timeout": "5s",
    "regulation.modes": ["user"],
    "regulation.max_retries": 3,
    "regulation.find_time": "2m",
    "regulation.ban_time": "5m",
    "ntp.version": 4,
    "storage.postgres.schema": "public",
    "notifier.smtp.identifier": "localhost",
    "notifier.smtp.subject": "[Authelia] {title}",
    "identity_validation.reset_password.jwt_algorithm": "HS256",
    "identity_validation.reset_password.jwt_lifespan": "5m",
    "identity_validation.elevated_session.code_lifespan": "5m",
    "identity_validation.elevated_session.elevation_lifespan": "10m",
    "identity_validation.elevated_session.characters": 8,
}


@dataclass
class Config:
    """What was configured. Reading falls back to the default."""

    values: dict[str, Any]
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def has(self, path: str) -> bool:
        return self._found(path) is not None

    def get(self, path: str, otherwise: Any = None) -> Any:
        found = self._found(path)
        return DEFAULTS.get(path, otherwise) if found is None else found

    def flag(self, path: str) -> bool:
        return _as_flag(self.get(path, False))

    def number(self, path: str) -> int:
        return int(self.get(path, 0))

    def seconds(self, path: str) -> float:
        return seconds(self.get(path, 0))

    def texts(self, path: str) -> list[str]:
        return as_texts(self.get(path))

    def _found(self, path: str) -> Any:
        at: Any = self.values
        for name in path.split("."):
            if not isinstance(at, Mapping) or name not in at:
                return None
            at = at[name]
        return at


def as_texts(value: Any) -> list[str]:
    """Return a list of what may be one text or a list of them."""
    if value is None:
        return []
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _as_flag(value: Any) -> bool:
    return value if isinstance(value, bool) else str(value).lower() in ("1", "t", "true")


def load(files: list[Path], environment: Mapping[str, str]) -> Config:
    """Read all files and the environment. What is wrong is in the result, and values are as far as they are right."""
    config = Config({})
    for file in _each_file(files, config.errors):
        _merge(config.values, _parse(file, config.errors))
    _environment(config, environment)
    _check(KEYS, config.values, "", config.errors)
    return config


def _each_file(paths: list[Path], errors: list[str]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.iterdir() if file.suffix in (".yml", ".yaml"))
        elif path.is_file():
            yield path
        else:
            errors.append(f"failed to load configuration from file path({path}) source: open {path}: no such file")


def _parse(file: Path, errors: list[str]) -> dict[str, Any]:
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        errors.append(f"failed to load configuration from file path({file}) source: {error}")
        return {}
    if found is None:
        return {}
    if not isinstance(found, dict):
        errors.append(f"failed to load configuration from file path({file}) source: it is no map of keys")
        return {}
    return found


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value


def _paths(keys: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """Yield every key that may come from the environment: neither lists nor free names may."""
    for name, kind in keys.items():
        if name == "*" or isinstance(kind, list):
            continue
        if isinstance(kind, dict):
            yield from _paths(kind, f"{above}{name}.")
        elif kind != ANY:
            yield f"{above}{name}"


def _environment(config: Config, environment: Mapping[str, str]) -> None:
    plain = {PREFIX + path.replace(".", "_").upper(): path for path in _paths(KEYS)}
    files = {f"{name}_FILE": path for name, path in plain.items() if _SECRET.search(path)}
    from_files: dict[str, str] = {}
    for name in sorted(environment):
        if not name.startswith(PREFIX):
            continue
        if name in plain:
            _set(config.values, plain[name], environment[name])
        elif name in files:
            from_files[files[name]] = environment[name]
        else:
            config.errors.append(f"configuration environment variable not expected: {name}")
    for path, file in from_files.items():
        if config.has(path):
            config.errors.append(
                f"secrets: error loading secret into key '{path}': it's already defined in other configuration sources"
            )
            continue
        try:
            _set(config.values, path, Path(file).read_text(encoding="utf-8").rstrip("\n"))
        except (OSError, UnicodeError) as error:
            config.errors.append(f"secrets: error loading secret path {file} into key '{path}': {error}")


def _set(values: dict[str, Any], path: str, value: str) -> None:
    *above, name = path.split(".")
    for section in above:
        inner = values.get(section)
        if not isinstance(inner, dict):
            inner = values[section] = {}
        values = inner
    values[name] = value


def _check(keys: Mapping[str, Any], values: Mapping[str, Any], above: str, errors: list[str]) -> None:
    for name, value in values.items():
        path = f"{above}{name}"
        kind = keys.get("*") or keys.get(str(name))
        if kind is None:
            errors.append(f"configuration key not expected: {path}")
        elif value is not None:
            _check_value(kind, value, path, errors)


def _check_value(kind: Any, value: Any, path: str, errors: list[str]) -> None:
    if isinstance(kind, dict):
        if isinstance(value, dict):
            _check(kind, value, f"{path}.", errors)
        else:
            errors.append(_decoding(path, "map", value))
    elif isinstance(kind, list):
        if not isinstance(value, list):
            errors.append(_decoding(path, "slice", value))
            return
        for item in value:
            _check_value(kind[0], item, f"{path}[]", errors)
    elif kind == DURATION:
        try:
            if not (path.endswith("refresh_interval") and value in ("always", "never")):
                seconds(value)
        except ValueError as error:
            errors.append(f"error occurred during unmarshalling configuration: '{path}': {error}")
    elif not _fits(kind, value):
        errors.append(_decoding(path, kind, value))


def _decoding(path: str, kind: str, value: Any) -> str:
    return (
        f"error occurred during unmarshalling configuration: decoding failed due to the following error(s): "
        f"'{path}' expected type '{kind}', got unconvertible type '{type(value).__name__}'"
    )


def _fits(kind: str, value: Any) -> bool:
    """Say whether a value is of a kind, as loosely as upstream decodes: a number given as text is one."""
    if kind == TEXT:
        return not isinstance(value, (list, dict))
    if kind == FLAG:
        return isinstance(value, bool) or str(value).lower() in ("0", "1", "f", "t", "false", "true")
    if kind == NUMBER:
        return not isinstance(value, bool) and str(value).lstrip("-").isdigit()
    if kind == TEXTS:
        return not isinstance(value, dict) and all(not isinstance(each, (list, dict)) for each in as_list(value))
    return True


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]

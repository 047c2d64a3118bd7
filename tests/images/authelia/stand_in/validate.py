# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules that a configuration has to keep beyond its keys and kinds. Everything wrong is told at once."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from .config import Config
from .validate_access import access_control
from .validate_session import session
from .words import one_of, words

_TCP = re.compile(r"(?:tcp[46]?://)?(?:\[[0-9a-fA-F:.]+\]|[^:/\[\]]*)(?::\d+)?(?:/[\w~.-]*)?")
_SMTP = re.compile(r"(?:(?:smtp|submissions?)://)?(?:[^:/]+(?::\d+)?|:\d+)")
_MINIMUM_SECRET = 20
_ONE_OF = {
    "theme": ("light", "dark", "grey", "oled", "auto"),
    "default_2fa_method": ("totp", "webauthn", "mobile_push"),
    "log.level": ("trace", "debug", "info", "warn", "error"),
    "log.format": ("text", "json"),
    "totp.algorithm": ("SHA1", "SHA256", "SHA512"),
    "authentication_backend.file.password.algorithm": ("sha2crypt", "pbkdf2", "scrypt", "bcrypt", "argon2"),
    "authentication_backend.file.password.argon2.variant": ("argon2id", "id", "argon2i", "i", "argon2d", "d"),
    "identity_validation.reset_password.jwt_algorithm": ("HS256", "HS384", "HS512"),
    "storage.postgres.ssl.mode": ("disable", "require", "verify-ca", "verify-full"),
    "webauthn.attestation_conveyance_preference": ("none", "indirect", "direct"),
    "webauthn.selection_criteria.user_verification": ("discouraged", "preferred", "required"),
}


def validate(config: Config) -> None:
    """Add to the configuration's errors and warnings."""
    # Values of a wrong kind have been told; the rules below could not read them.
    if any(error.startswith("error occurred during unmarshalling") for error in config.errors):
        return
    for path, permitted in _ONE_OF.items():
        if config.has(path) and config.get(path) not in permitted:
            *above, name = path.split(".")
            where = "".join(f"{section}: " for section in above)
            wanted = one_of(permitted)
            config.errors.append(
                f"{where}option '{name}' must be one of {wanted} but it's configured as '{config.get(path)}'"
            )
    _server(config)
    _backend(config)
    _totp(config)
    access_control(config)
    session(config)
    _regulation(config)
    _storage(config)
    _notifier(config)
    _identity(config)
    _rest(config)


def _server(config: Config) -> None:
    for section, path in (("server", "server.address"), ("telemetry: metrics", "telemetry.metrics.address")):
        address = str(config.get(path))
        if not _TCP.fullmatch(address):
            config.errors.append(f"{section}: option 'address' with value '{address}' is invalid: no tcp address")
    certificate, key = config.has("server.tls.certificate"), config.has("server.tls.key")
    if certificate and not key:
        config.errors.append("server: tls: option 'certificate' must also be accompanied by option 'key'")
    if key and not certificate:
        config.errors.append("server: tls: option 'key' must also be accompanied by option 'certificate'")
    if certificate and key:
        config.errors.append("server: tls: the stand-in speaks HTTP only")
    for name in config.get("server.endpoints.authz", {}):
        if not re.fullmatch(r"[a-zA-Z0-9](?:[a-zA-Z0-9/_.-]*[a-zA-Z0-9])?", str(name)):
            config.errors.append(f"server: endpoints: authz: {name}: contains invalid characters")


def _backend(config: Config) -> None:
    file, ldap = config.has("authentication_backend.file"), config.has("authentication_backend.ldap")
    if file and ldap:
        config.errors.append(
            "authentication_backend: please ensure only one of the 'file' or 'ldap' backend is configured"
        )
    elif not file and not ldap:
        config.errors.append(
            "authentication_backend: you must ensure either the 'file' or 'ldap' authentication backend is configured"
        )
    elif ldap:
        config.errors.append("authentication_backend: ldap: the stand-in has no directory, only the 'file' backend")
    elif not config.get("authentication_backend.file.path"):
        config.errors.append("authentication_backend: file: option 'path' is required")
    base = "authentication_backend.file.password.argon2"
    for name, least in (("iterations", 1), ("parallelism", 1), ("key_length", 4), ("salt_length", 1), ("memory", 8)):
        if (value := config.number(f"{base}.{name}")) < least:
            config.errors.append(
                f"authentication_backend: file: password: argon2: option '{name}' is configured as '{value}' "
                f"but must be greater than or equal to '{least}'"
            )
    memory, lanes = config.number(f"{base}.memory"), config.number(f"{base}.parallelism")
    if memory < 8 * lanes:
        config.errors.append(
            f"authentication_backend: file: password: argon2: option 'memory' is configured as '{memory}' but must be "
            f"greater than or equal to '{8 * lanes}' or '{lanes}' (the value of 'parallelism) multiplied by '8'"
        )
    url = config.get("authentication_backend.password_reset.custom_url")
    if url and urlsplit(str(url)).scheme not in ("http", "https"):
        config.errors.append(
            f"authentication_backend: password_reset: option 'custom_url' is configured to '{url}' which has the "
            f"scheme '{urlsplit(str(url)).scheme}' but the scheme must be either 'http' or 'https'"
        )


def _totp(config: Config) -> None:
    if config.number("totp.digits") not in (6, 8):
        config.errors.append(
            f"totp: option 'digits' must be 6 or 8 but it's configured as '{config.get('totp.digits')}'"
        )
    if config.number("totp.period") < 15:
        config.errors.append(
            f"totp: option 'period' option must be 15 or more but it's configured as '{config.get('totp.period')}'"
        )
    if config.number("totp.secret_size") < 20:
        config.errors.append(
            f"totp: option 'secret_size' must be 20 or higher but it's configured as '{config.get('totp.secret_size')}'"
        )


def _regulation(config: Config) -> None:
    if config.seconds("regulation.find_time") > config.seconds("regulation.ban_time"):
        config.errors.append("regulation: option 'find_time' must be less than or equal to option 'ban_time'")
    config.errors += [
        f"regulation: option 'modes' must only contain the values 'user' and 'ip' but contains the value '{mode}'"
        for mode in config.texts("regulation.modes")
        if mode not in ("user", "ip")
    ]


def _storage(config: Config) -> None:
    chosen = [name for name in ("local", "mysql", "postgres") if config.has(f"storage.{name}")]
    if not chosen:
        config.errors.append(
            "storage: configuration for a 'local', 'mysql' or 'postgres' database must be provided but it's absent"
        )
    elif len(chosen) > 1:
        config.errors.append(
            f"storage: option 'local', 'mysql' and 'postgres' are mutually exclusive but {words(chosen)} have been "
            "configured"
        )
    key = str(config.get("storage.encryption_key", ""))
    if not key:
        config.errors.append("storage: option 'encryption_key' is required")
    elif len(key) < _MINIMUM_SECRET:
        config.errors.append("storage: option 'encryption_key' must be 20 characters or longer")
    if chosen == ["local"] and not config.get("storage.local.path"):
        config.errors.append("storage: local: option 'path' is required")
    if chosen == ["mysql"]:
        config.errors.append("storage: mysql: the stand-in has no MySQL, only 'local' and 'postgres'")
    if chosen == ["postgres"]:
        _postgres(config)


def _postgres(config: Config) -> None:
    address = str(config.get("storage.postgres.address", ""))
    if not address:
        config.errors.append("storage: postgres: option 'address' is required")
    elif not _TCP.fullmatch(address):
        config.errors.append(f"storage: postgres: option 'address' with value '{address}' is invalid: no tcp address")
    if not config.get("storage.postgres.username") or not config.get("storage.postgres.password"):
        config.errors.append("storage: postgres: option 'username' and 'password' are required")
    if not config.get("storage.postgres.database"):
        config.errors.append("storage: postgres: option 'database' is required")


def _notifier(config: Config) -> None:
    file, smtp = config.has("notifier.filesystem"), config.has("notifier.smtp")
    if file and smtp:
        config.errors.append("notifier: please ensure only one of the 'smtp' or 'filesystem' notifier is configured")
    elif not file and not smtp:
        config.errors.append("notifier: you must ensure either the 'smtp' or 'filesystem' notifier is configured")
    elif file and not config.get("notifier.filesystem.filename"):
        config.errors.append("notifier: filesystem: option 'filename' is required")
    elif smtp:
        address = str(config.get("notifier.smtp.address", ""))
        if not address:
            config.errors.append("notifier: smtp: option 'address' is required")
        elif not _SMTP.fullmatch(address):
            config.errors.append(f"notifier: smtp: option 'address' with value '{address}' is invalid: no smtp address")
        if not config.get("notifier.smtp.sender"):
            config.errors.append("notifier: smtp: option 'sender' is required")
    folder = config.get("notifier.template_path")
    if folder and not Path(str(folder)).is_dir():
        config.errors.append(f"notifier: option 'template_path' refers to location '{folder}' which does not exist")


def _identity(config: Config) -> None:
    reset = "identity_validation.reset_password.jwt_secret"
    if not config.flag("authentication_backend.password_reset.disable") and not config.get(reset):
        config.errors.append(
            "identity_validation: reset_password: option 'jwt_secret' is required when the reset password "
            "functionality isn't disabled"
        )
    length = config.number("identity_validation.elevated_session.characters")
    if length > 20:
        config.errors.append(
            "identity_validation: elevated_session: option 'characters' must be 20 or less but it's configured as "
            f"{length}"
        )


def _rest(config: Config) -> None:
    if config.number("ntp.version") not in (3, 4):
        config.errors.append(
            f"ntp: option 'version' must be either 3 or 4 but it's configured as '{config.get('ntp.version')}'"
        )
    if config.flag("password_policy.standard.enabled") and config.flag("password_policy.zxcvbn.enabled"):
        config.errors.append("password_policy: only a single password policy mechanism can be specified")
    if config.flag("privacy_policy.enabled") and not config.get("privacy_policy.policy_url"):
        config.errors.append("privacy_policy: option 'policy_url' must be provided when the option 'enabled' is true")
    if config.has("identity_providers"):
        config.errors.append("identity_providers: the stand-in is no OpenID Connect provider")

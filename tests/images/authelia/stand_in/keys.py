# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keys that the configuration may have, each with the kind of its value.

A dictionary is a section, a list of one dictionary a list of such sections, and "*" a section whose names are free.
"""

from __future__ import annotations

from typing import Any

TEXT, FLAG, NUMBER, DURATION, TEXTS, ANY = "string", "bool", "int", "duration", "list", "any"


def _all(kind: str, names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), kind)


_TLS = {
    **_all(TEXT, "minimum_version maximum_version server_name private_key certificate_chain"),
    **_all(FLAG, "skip_verify"),
}
_LIMIT = {"enable": FLAG, "buckets": [{"period": DURATION, "requests": NUMBER}]}
_TIMES = _all(DURATION, "read write idle")
_BUFFERS = _all(NUMBER, "read write")
_COOKIE = {**_all(TEXT, "name same_site"), **_all(DURATION, "expiration inactivity remember_me")}
_SQL = {**_all(TEXT, "address database username password"), "timeout": DURATION, "tls": _TLS}
_LIMITS = (
    "reset_password_start reset_password_finish second_factor_totp second_factor_duo session_elevation_start "
    "session_elevation_finish openid_connect_token openid_connect_pushed_authorization_request "
    "openid_connect_userinfo openid_connect_introspection openid_connect_revocation"
)

_SERVER = {
    **_all(TEXT, "address asset_path"),
    "disable_healthcheck": FLAG,
    "tls": {**_all(TEXT, "certificate key"), "client_certificates": TEXTS},
    "headers": {"csp_template": TEXT},
    "endpoints": {
        **_all(FLAG, "enable_pprof enable_expvars"),
        "rate_limits": dict.fromkeys(_LIMITS.split(), _LIMIT),
        "authz": {
            "*": {
                "implementation": TEXT,
                "authn_strategies": [{"name": TEXT, "schemes": TEXTS, "scheme_basic_cache_lifespan": DURATION}],
            }
        },
    },
    "buffers": _BUFFERS,
    "timeouts": _TIMES,
}

_HASHES = {
    "algorithm": TEXT,
    "argon2": {"variant": TEXT, **_all(NUMBER, "iterations memory parallelism key_length salt_length")},
    "sha2crypt": {"variant": TEXT, **_all(NUMBER, "iterations salt_length")},
    "pbkdf2": {"variant": TEXT, **_all(NUMBER, "iterations salt_length")},
    "bcrypt": {"variant": TEXT, "cost": NUMBER},
    "scrypt": {
        "variant": TEXT,
        **_all(NUMBER, "iterations block_size parallelism key_length salt_length"),
    },
    **_all(NUMBER, "iterations memory parallelism key_length salt_length"),
}

_BACKEND = {
    "password_reset": {"disable": FLAG, "custom_url": TEXT},
    "password_change": {"disable": FLAG},
    "refresh_interval": DURATION,
    "file": {
        "path": TEXT,
        "watch": FLAG,
        "password": _HASHES,
        "search": _all(FLAG, "email case_insensitive"),
        "extra_attributes": {"*": {"multi_valued": FLAG, "value_type": TEXT}},
    },
    # The stand-in has no directory: what lies below is not looked at, the section itself is refused.
    "ldap": ANY,
}

_ACCESS = {
    "default_policy": TEXT,
    "networks": [{"name": TEXT, "networks": TEXTS}],
    "rules": [
        {
            "policy": TEXT,
            **_all(TEXTS, "domain domain_regex networks resources methods"),
            "subject": ANY,
            "query": ANY,
        }
    ],
}

_SESSION = {
    **_COOKIE,
    **_all(TEXT, "secret domain"),
    "cookies": [{**_COOKIE, **_all(TEXT, "domain authelia_url default_redirection_url")}],
    "redis": {
        **_all(TEXT, "host username password"),
        **_all(NUMBER, "port max_retries database_index maximum_active_connections minimum_idle_connections"),
        "timeout": DURATION,
        "tls": _TLS,
        "high_availability": {
            **_all(TEXT, "sentinel_name sentinel_username sentinel_password"),
            **_all(FLAG, "route_by_latency route_randomly"),
            "nodes": [{"host": TEXT, "port": NUMBER}],
        },
    },
}

_STORAGE = {
    "encryption_key": TEXT,
    "local": {"path": TEXT},
    "mysql": _SQL,
    "postgres": {
        **_SQL,
        "schema": TEXT,
        "servers": [{"address": TEXT, "tls": _TLS}],
        "ssl": _all(TEXT, "mode root_certificate certificate key"),
    },
}

_SMTP = {
    **_all(TEXT, "address host username password identifier sender subject startup_check_address"),
    **_all(FLAG, "disable_require_tls disable_html_emails disable_starttls"),
    "port": NUMBER,
    "timeout": DURATION,
    "tls": _TLS,
}

_WEBAUTHN = {
    **_all(FLAG, "disable enable_passkey_login experimental_enable_passkey_uv_two_factors"),
    **_all(FLAG, "experimental_enable_passkey_upgrade"),
    **_all(TEXT, "display_name attestation_conveyance_preference"),
    "timeout": DURATION,
    "filtering": {"prohibit_backup_eligibility": FLAG, "permitted_aaguids": ANY, "prohibited_aaguids": ANY},
    "selection_criteria": _all(TEXT, "attachment discoverability user_verification"),
    "metadata": {
        **_all(FLAG, "enabled validate_trust_anchor validate_entry validate_entry_permit_zero_aaguid validate_status"),
        "cache_policy": TEXT,
        **_all(TEXTS, "validate_status_permitted validate_status_prohibited"),
    },
}

KEYS: dict[str, Any] = {
    **_all(TEXT, "theme certificates_directory default_2fa_method default_redirection_url"),
    "log": {**_all(TEXT, "level format file_path"), "keep_stdout": FLAG},
    "identity_providers": ANY,
    "authentication_backend": _BACKEND,
    "session": _SESSION,
    "totp": {
        **_all(FLAG, "disable disable_reuse_security_policy"),
        **_all(TEXT, "issuer algorithm"),
        **_all(NUMBER, "digits period skew secret_size"),
        **_all(TEXTS, "allowed_algorithms allowed_digits allowed_periods"),
    },
    "duo_api": {
        **_all(FLAG, "disable enable_self_enrollment"),
        **_all(TEXT, "hostname integration_key secret_key"),
    },
    "access_control": _ACCESS,
    "ntp": {
        "address": TEXT,
        "version": NUMBER,
        "max_desync": DURATION,
        **_all(FLAG, "disable_startup_check disable_failure"),
    },
    "regulation": {"modes": TEXTS, "max_retries": NUMBER, **_all(DURATION, "find_time ban_time")},
    "storage": _STORAGE,
    "notifier": {
        "disable_startup_check": FLAG,
        "filesystem": {"filename": TEXT},
        "smtp": _SMTP,
        "template_path": TEXT,
    },
    "server": _SERVER,
    "telemetry": {"metrics": {"enabled": FLAG, "address": TEXT, "buffers": _BUFFERS, "timeouts": _TIMES}},
    "webauthn": _WEBAUTHN,
    "password_policy": {
        "standard": {
            **_all(FLAG, "enabled require_uppercase require_lowercase require_number require_special"),
            **_all(NUMBER, "min_length max_length"),
        },
        "zxcvbn": {"enabled": FLAG, "min_score": NUMBER},
    },
    "privacy_policy": {**_all(FLAG, "enabled require_user_acceptance"), "policy_url": TEXT},
    "identity_validation": {
        "reset_password": {"jwt_lifespan": DURATION, **_all(TEXT, "jwt_algorithm jwt_secret")},
        "elevated_session": {
            **_all(DURATION, "code_lifespan elevation_lifespan"),
            "characters": NUMBER,
            **_all(FLAG, "require_second_factor skip_second_factor"),
        },
    },
    "definitions": ANY,
}

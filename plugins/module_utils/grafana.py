# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the monitoring role's variables mean for Grafana: its service, its secrets, and what it finds at its start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import grafana_dashboards
from ansible_collections.homelab.media.plugins.module_utils.dashboard_panels import SOURCE

Settings = Mapping[str, Any]

SERVICE, PORT = "grafana", 3000
#: Where Grafana keeps its own, inside its container, and where it finds what a run rendered for it.
STATE, RENDERED = "/var/lib/grafana", "/rendered"
#: Where it looks for data sources and for who provides dashboards. What else is there is the image's.
PROVISIONING = "/etc/grafana/provisioning"
FOLDER = "Media"

#: Nothing is asked of the network, nobody makes an account, and alerts are Alertmanager's.
POLICY = {
    "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
    "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
    "GF_ANALYTICS_FEEDBACK_LINKS_ENABLED": "false",
    "GF_ANALYTICS_REPORTING_ENABLED": "false",
    "GF_NEWS_NEWS_FEED_ENABLED": "false",
    "GF_PLUGINS_PLUGIN_ADMIN_ENABLED": "false",
    "GF_PLUGINS_PREINSTALL_DISABLED": "true",
    "GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED": "true",
    "GF_SECURITY_DISABLE_GRAVATAR": "true",
    "GF_SNAPSHOTS_EXTERNAL_ENABLED": "false",
    "GF_UNIFIED_ALERTING_ENABLED": "false",
    "GF_USERS_ALLOW_ORG_CREATE": "false",
    "GF_USERS_ALLOW_SIGN_UP": "false",
    # Telling each other what changes would work under one address alone; dashboards ask for themselves.
    "GF_LIVE_MAX_CONNECTIONS": "0",
}


def secrets(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return the declaration of the secrets. The key is made on the host, once: with it Grafana seals what it keeps."""
    password: dict[str, Any] = {"kind": "alnum", "length": 32, "variable": "monitoring_grafana_admin_password"}
    if settings["monitoring_grafana_admin_password"]:
        password["value"] = settings["monitoring_grafana_admin_password"]
    return {"grafana_admin_password": password, "grafana_secret_key": {"kind": "alnum", "length": 32}}


def files(settings: Settings) -> list[dict[str, Any]]:
    """Return the files. Dashboards are read anew while it runs; for everything else it has to start again."""
    config = f"config/{SERVICE}"
    start = {"service": SERVICE}
    return [
        *(
            {
                "path": f"{config}/secrets/{name}",
                "content": f"@@secret:grafana_{name}@@",
                "secret": True,
                "owner": "media",
                "mode": "0600",
                **start,
            }
            for name in ("admin_password", "secret_key")
        ),
        {"path": f"{config}/provisioning/datasources/media.yml", "content": _sources(settings), **start},
        {"path": f"{config}/provisioning/dashboards/media.yml", "content": _PROVIDER, **start},
        *(
            {"path": f"{config}/dashboards/{name}.json", "template": f"grafana/{name}.json.j2"}
            for name in grafana_dashboards.NAMES
        ),
    ]


def _sources(settings: Settings) -> str:
    """Return the data sources; one that was provisioned before and is not here any more goes."""
    return f"""\
# Rendered for Grafana. Every run writes it anew.
apiVersion: 1
prune: true
datasources:
  - name: Prometheus
    uid: {SOURCE["uid"]}
    type: {SOURCE["type"]}
    access: proxy
    orgId: 1
    url: http://prometheus:9090
    isDefault: true
    editable: false
    jsonData:
      httpMethod: POST
      timeInterval: {settings["monitoring_scrape_interval"]}
      manageAlerts: false
"""


#: A dashboard whose file goes, goes; and what the files say is what there is, whoever changes it on the page.
_PROVIDER = f"""\
# Rendered for Grafana. Every run writes it anew.
apiVersion: 1
providers:
  - name: media
    orgId: 1
    folder: {FOLDER}
    folderUid: media
    type: file
    disableDeletion: false
    allowUiUpdates: false
    updateIntervalSeconds: 10
    options:
      path: {RENDERED}/dashboards
      foldersFromFilesStructure: false
"""


def services(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return Grafana."""
    root = settings["media_root"]
    config = f"{root}/config/{SERVICE}"
    service = {
        "image": settings["monitoring_grafana_image"],
        "environment": _environment(settings),
        "volumes": [
            f"{root}/state/{SERVICE}:{STATE}",
            f"{config}:{RENDERED}:ro",
            *(f"{config}/provisioning/{kind}:{PROVISIONING}/{kind}:ro" for kind in ("dashboards", "datasources")),
        ],
        "read_only": True,
        "tmpfs": ["/tmp"],
        "networks": {"monitoring": {}},
        "healthcheck": {
            "test": ["CMD", "wget", "-q", "-O", "/dev/null", "-T", "5", f"http://127.0.0.1:{PORT}/api/health"],
            "interval": "30s",
            "timeout": "10s",
            "retries": 3,
            "start_period": "120s",
            "start_interval": "1s",
        },
        "x-media": {
            "family": "rootless",
            "egress": "direct",
            "web": {"port": PORT, "path": "/", "loopback": settings["monitoring_grafana_port"]},
            "behind_sign_on": {"environment": dict(SIGNED_ON)},
            "needs": ["prometheus"],
            "portal": {"title": "Grafana", "section": "Monitoring", "text": "How the house was, and how it is"},
            "state": [f"state/{SERVICE}"],
            "metrics": {"port": PORT},
            "auth_log": {"path": f"state/{SERVICE}/log/grafana.log", "filter": "grafana"},
            "limits": {"memory": settings["monitoring_grafana_memory"], "cpus": settings["monitoring_grafana_cpus"]},
        },
    }
    return {SERVICE: service}


def _environment(settings: Settings) -> dict[str, str]:
    address = _address(settings)
    return {
        **POLICY,
        **({"GF_SERVER_ROOT_URL": f"https://{address}/"} if address else {}),
        "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH": f"{RENDERED}/dashboards/{grafana_dashboards.FIRST}.json",
        "GF_LOG_MODE": "console file",
        "GF_LOG_FILE_MAX_DAYS": "7",
        # 2 to the power of this is as large as one file gets.
        "GF_LOG_FILE_MAX_SIZE_SHIFT": "24",
        "GF_PATHS_LOGS": f"{STATE}/log",
        # Both count when the database is made. Later a run sets the password by Grafana's own command.
        "GF_SECURITY_ADMIN_USER": str(settings["monitoring_grafana_admin"]),
        "GF_SECURITY_ADMIN_PASSWORD__FILE": f"{RENDERED}/secrets/admin_password",
        "GF_SECURITY_SECRET_KEY__FILE": f"{RENDERED}/secrets/secret_key",
        "GF_USERS_DEFAULT_THEME": str(settings["monitoring_grafana_theme"]),
    }


def _address(settings: Settings) -> str:
    """Return the name that Grafana's page is published under; nothing without a domain."""
    domain, said = settings["media_domain"], (settings["media_names"] or {}).get(SERVICE) or SERVICE
    first = str(said[0]) if isinstance(said, list) else str(said)
    return first if "." in first else f"{first}.{domain}" if domain else ""


#: Whoever comes from the front door is whom it names: it has asked the sign-on. From anywhere else such headers are
#: refused. Remote-Role is Admin for the groups in proxy_admin_groups, and Viewer for everybody else.
SIGNED_ON = {
    "GF_AUTH_DISABLE_LOGIN_FORM": "true",
    "GF_AUTH_DISABLE_SIGNOUT_MENU": "true",
    "GF_AUTH_PROXY_ENABLED": "true",
    "GF_AUTH_PROXY_AUTO_SIGN_UP": "true",
    "GF_AUTH_PROXY_ENABLE_LOGIN_TOKEN": "false",
    "GF_AUTH_PROXY_HEADER_NAME": "Remote-User",
    "GF_AUTH_PROXY_HEADER_PROPERTY": "username",
    "GF_AUTH_PROXY_HEADERS": "Name:Remote-Name Email:Remote-Email Role:Remote-Role",
    "GF_AUTH_PROXY_SYNC_TTL": "15",
    # With their lengths: an IPv6 address without one counts as a /32, in which everybody is.
    "GF_AUTH_PROXY_WHITELIST": f"@@door:proxy-{SERVICE}@@",
}

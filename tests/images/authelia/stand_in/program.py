# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The start and the end of the service."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

from .address import host_and_port, path_of, scheme_of
from .app import App, StartError
from .config import Config
from .log import Log
from .validate import validate
from .web import listen, listen_for_metrics

_HEALTH = Path("/app/.healthcheck.env")


def run(config: Config) -> int:
    validate(config)
    if config.errors:
        # Where to log to may be among what is wrong.
        early = Log()
        for error in config.errors:
            early("error", f"Configuration: {error}")
        early("fatal", "Can't continue due to the errors loading the configuration")
        return 1
    try:
        log = log_of(config)
    except OSError as error:
        Log()("fatal", "Cannot initialize logger", error=str(error))
        return 1
    for warning in config.warnings:
        log("warn", f"Configuration: {warning}")
    try:
        app = App(config, log)
    except StartError:
        return 1
    try:
        server, metrics = listen(app), listen_for_metrics(app)
        _health(config)
    except OSError as error:
        log("fatal", "Error occurred opening a port or writing the health check's settings", error=str(error))
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: threading.Thread(target=server.shutdown).start())
    if metrics:
        threading.Thread(target=metrics.serve_forever, daemon=True).start()
        at = metrics.server_address[1]
        log(
            "info",
            f"Listening for non-TLS connections on '[::]:{at}' path '/metrics'",
            server="metrics",
            service="server",
        )
    log(
        "info",
        f"Listening for non-TLS connections on '[::]:{server.server_address[1]}' path '/'",
        server="main",
        service="server",
    )
    log("info", "Startup complete")
    server.serve_forever(poll_interval=0.1)
    log("info", "Shutdown initiated due to process signal", signal="terminated")
    app.close()
    log("info", "Shutdown complete")
    return 0


def log_of(config: Config) -> Log:
    return Log(
        str(config.get("log.level")),
        str(config.get("log.format")),
        str(config.get("log.file_path", "")),
        config.flag("log.keep_stdout"),
    )


def _health(config: Config) -> None:
    """Write what the image's health check reads. Outside of the image there is none."""
    if config.flag("server.disable_healthcheck") or not _HEALTH.parent.is_dir():
        return
    address = str(config.get("server.address"))
    host, port = host_and_port(address, 9091)
    settings = {
        "X_AUTHELIA_HEALTHCHECK": "1",
        "X_AUTHELIA_HEALTHCHECK_SCHEME": "http" if scheme_of(address, "tcp").startswith("tcp") else "https",
        "X_AUTHELIA_HEALTHCHECK_HOST": host or "localhost",
        "X_AUTHELIA_HEALTHCHECK_PORT": str(port),
        "X_AUTHELIA_HEALTHCHECK_PATH": path_of(address).rstrip("/"),
    }
    lines = ["# Written by the stand-in's process", *(f"{name}={value}" for name, value in settings.items())]
    _HEALTH.write_text("\n".join(lines) + "\n", encoding="utf-8")

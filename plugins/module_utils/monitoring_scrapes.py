# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prometheus's configuration: what it asks for numbers, which rules it goes through, and whom it tells of alerts.

Everything in it is understood by Prometheus 2.42 as well as by 3.x, which reads no numbers from an answer that does not
say what it is: each of these targets does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils import grafana as grafana_role
from ansible_collections.homelab.media.plugins.module_utils import monitoring_pages
from ansible_collections.homelab.media.plugins.module_utils.monitoring import BLACKBOX, NODE, Settings
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem

#: The job in which the published names are asked for.
PAGES = "pages"
ALERTMANAGER = "alertmanager"
#: Where the rules are, beside the configuration.
RULES = "rules/*.yml"
#: What one answer may hold: something that has gone wild is not to take the memory of all.
_BOUNDS = {"sample_limit": 20000, "body_size_limit": "16MB"}


def configuration(settings: Settings, plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole configuration.

    plan: the fact media_plan, of which it takes metrics and pages.
    """
    interval = settings["monitoring_scrape_interval"]
    metrics = plan.get("metrics") or ()
    jobs = [*_jobs(metrics), *_pages(metrics, plan.get("pages") or ())]
    extra = list(settings["monitoring_extra_scrape_configs"])
    _check_names(jobs, extra)
    return {
        # An application with a large library needs its time.
        "global": {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval},
        "rule_files": [RULES],
        **_alerting(metrics),
        "scrape_configs": [*jobs, *extra],
    }


def _alerting(metrics: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    targets = [str(item["target"]) for item in metrics if item["container"] == ALERTMANAGER]
    return {"alerting": {"alertmanagers": [{"static_configs": [{"targets": targets}]}]}} if targets else {}


def _jobs(metrics: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a job for each kind of target. Those of a kind that are opened by keys of their own are one job each."""
    jobs: dict[str, dict[str, Any]] = {}
    for item in metrics:
        keys = {other["bearer"] for other in metrics if other["job"] == item["job"]}
        name = f"{item['job']}-{item['service']}" if len(keys) > 1 else str(item["job"])
        job = jobs.setdefault(name, _job(name, item))
        path = {"__metrics_path__": item["path"]} if item["path"] != "/metrics" else {}
        job["static_configs"].append({"targets": [item["target"]], "labels": {"service": item["service"], **path}})
    return [jobs[name] for name in sorted(jobs)]


def _job(name: str, item: Mapping[str, Any]) -> dict[str, Any]:
    job: dict[str, Any] = {"job_name": name, **_BOUNDS}
    if item["bearer"]:
        job["authorization"] = {"type": "Bearer", "credentials": f"@@secret:{item['bearer']}:json@@"}
    if item["container"] == NODE:
        # What the host writes down for it is about other services, by their own names.
        job["honor_labels"] = True
    return {**job, "static_configs": []}


def _pages(metrics: Sequence[Mapping[str, Any]], pages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the job that has every published name asked for; none without somebody who asks."""
    asks = [str(item["target"]) for item in metrics if item["container"] == BLACKBOX]
    targets = [
        {
            "targets": [address],
            "labels": {
                "service": page["service"] or name,
                "access": page["access"],
                "__param_module": monitoring_pages.probe_of(page),
            },
        }
        for page in pages
        for name, address in zip(page["names"], monitoring_pages.addresses(page))
    ]
    if not asks or not targets:
        return []
    relabelled = [
        {"source_labels": ["__address__"], "target_label": "__param_target"},
        {"source_labels": ["__address__"], "target_label": "instance"},
        {"target_label": "__address__", "replacement": asks[0]},
    ]
    job = {"job_name": PAGES, "metrics_path": "/probe", **_BOUNDS}
    return [{**job, "static_configs": targets, "relabel_configs": relabelled}]


def expected(settings: Settings, plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return what there has to be, as the modules monitoring and monitoring_info take it.

    A machine that is not the host's own may be off: its page is asked for, and need not answer.
    """
    root, metrics = settings["media_root"], plan["metrics"]
    asks = any(item["container"] == BLACKBOX for item in metrics)
    grafana = {
        "url": f"http://127.0.0.1:{settings['monitoring_grafana_port']}",
        "username": str(settings["monitoring_grafana_admin"]),
        "password_file": f"{root}/secrets/grafana_admin_password",
        "source": grafana_role.SOURCE["uid"],
    }
    return {
        "url": f"http://127.0.0.1:{settings['monitoring_prometheus_port']}",
        "targets": [{"service": item["service"], "target": item["target"]} for item in metrics],
        "pages": [
            {"service": page["service"], "address": address}
            for page in plan["pages"]
            if asks and page["service"]
            for address in monitoring_pages.addresses(page)
        ],
        "alertmanager": any(item["container"] == ALERTMANAGER for item in metrics),
        "grafana": grafana if grafana_role.SERVICE in plan["services"] else {},
    }


def _check_names(jobs: Sequence[Mapping[str, Any]], extra: Sequence[Mapping[str, Any]]) -> None:
    taken = {job["job_name"] for job in jobs}
    found = [
        Problem(
            f"monitoring_extra_scrape_configs[{index}].job_name",
            f"is {job['job_name']!r}, which is a job of the collection's own",
            "a name that is not one of " + ", ".join(sorted(taken)),
        )
        for index, job in enumerate(extra)
        if job["job_name"] in taken
    ]
    if found:
        raise MediaError(found)

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run did, by service, from what its tasks have told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.homelab.media.plugins.module_utils import plan_report, plan_text
from ansible_collections.homelab.media.plugins.module_utils.plan_report import Run, Told
from ansible_collections.homelab.media.plugins.module_utils.plan_subjects import HOST, House, about, failed

from tests.unit.plan_recorded import RUN, plan, recorded, told

MADE_ANEW = "container made anew"


@pytest.fixture(scope="module")
def house() -> House:
    return House.of(plan("drift"), ["plex", "sonarr-4k", "grafana"])


def subjects(report: dict[str, Any], service: str) -> list[str]:
    return [change["what"] for change in report["services"][service]["changes"]]


def text(report: dict[str, Any], reasons: int | None = None) -> str:
    return "\n".join(line for line, _state in plan_text.lines(report, reasons))


@pytest.mark.parametrize(
    ("subject", "role", "service"),
    [
        ("nzbget", "stack", "nzbget"),
        ("plex", "stack", "plex"),  # switched off by this run
        ("/opt/media/config/authelia/configuration.yml", "stack", "authelia"),
        ("/opt/media/config/authelia-redis/redis.conf", "stack", "authelia-redis"),
        ("/opt/media/config/vpn-pod/guard.nft", "stack", "vpn-pod"),
        ("/opt/media/config/grafana/dashboards/host.json", "stack", "grafana"),
        ("/opt/media/state/proxy", "stack", "proxy"),
        ("/opt/media/state/nzbget (contents)", "stack", "nzbget"),
        ("/opt/media/state/sonarr-4k/logs", "stack", "sonarr-4k"),
        ("/opt/media/secrets/sonarr_api_key", "stack", "sonarr"),
        ("/opt/media/secrets/vpn_wireguard_private_key", "stack", "vpn"),
        ("/opt/media/secrets/authelia_redis_password", "stack", "authelia-redis"),
        ("/opt/media/secrets/nzbget_news_news_provider_test_password", "stack", "nzbget"),
        ("/opt/media/secrets/plex_token", "stack", "plex"),
        ("/opt/media/secrets/maintenance_unpackerr_hook", "stack", "unpackerr"),
        ("/opt/media/secrets/arr_password", "stack", HOST),
        ("/opt/media/compose/proxy.yaml", "stack", "proxy"),
        ("/opt/media/compose/arr.yaml", "stack", HOST),  # of seven services
        ("/opt/media/config/networks/networks.nft", "stack", HOST),
        ("/opt/media/config", "stack", HOST),
        ("/opt/media/catalogue.json", "stack", HOST),
        ("/opt/media", "stack", HOST),
        ("/opt/media-old/state/nzbget", "stack", HOST),
        ("/data/media/tv", "stack", HOST),
        ("/etc/systemd/system/media-guard.service", "stack", HOST),
        ("media-guard.service", "stack", HOST),
        ("user media", "stack", HOST),
        ("user guest", "authelia", "authelia"),
        ("proxy host sonarr.media.test: hsts_enabled", "proxy", "sonarr"),
        ("proxy host auth.media.test", "proxy", "authelia"),
        ("proxy host sonarr-4k.media.test", "proxy", "sonarr-4k"),  # its page is in no plan any more
        ("proxy host printer.media.test", "proxy", "proxy"),
        ("administrator admin@media.test", "proxy", "proxy"),
        ("sonarr: notification Plex", "arr", "sonarr"),
        ("sonarr-4k: indexer Provider: priority", "arr", "sonarr-4k"),
        ("NZBGet option DownloadRate", "nzbget", "nzbget"),
        ("Plex library TV Shows", "plex", "plex"),
        ("recyclarr sonarr-4k", "maintenance", "recyclarr"),
        ("grafana's administrator", "monitoring", "grafana"),
        ("a thing of nobody", "maintenance", HOST),
        ("Something of a task that a person has added", "", HOST),
    ],
)
def test_a_subject_is_about_a_service_or_the_host(house: House, subject: str, role: str, service: str) -> None:
    assert about(subject, role, house) == service


def test_a_file_is_its_only_reader_s_where_its_folder_is_called_otherwise() -> None:
    services = {
        name: {"volumes": [f"/srv/m/state/{name}:/config", "/srv/m/config/shared:/shared:ro", *own]}
        for name, own in {"one": ["/srv/m/config/rules:/rules:ro"], "two": []}.items()
    }
    services["one"]["x-media"] = {"state": ["state/one"]}
    house = House.of({"services": services, "roles": {"one": "stack", "two": "stack"}})
    assert about("/srv/m/config/rules/a.conf", "stack", house) == "one"
    assert about("/srv/m/config/shared/a.conf", "stack", house) == HOST, "of both, so of neither"


def test_without_a_plan_everything_is_about_the_host() -> None:
    assert about("/opt/media/state/nzbget", "stack", House()) == HOST
    assert failed("media_puid: is wrong", "stack", House()) == [HOST]


@pytest.mark.parametrize(
    ("message", "role", "services"),
    [
        (
            "2 problems found:\n  - sonarr: has no container. Expected: x.\n  - vpn: is exited",
            "stack",
            ["sonarr", "vpn"],
        ),
        ("1 problem found:\n  - radarr: indexer Provider: refused", "arr", ["radarr"]),
        ("The proxy answers: True. What differs: proxy host a: b.", "proxy", ["proxy"]),
        ("Plex at http://127.0.0.1:32400: refused the token", "plex", ["plex"]),
        ("NZBGet at http://127.0.0.1:6789: is not there", "nzbget", ["nzbget"]),
        ("docker: does not answer", "stack", [HOST]),
        ("", "stack", [HOST]),
    ],
)
def test_a_failure_is_of_the_services_that_it_names(house: House, message: str, role: str, services: list[str]) -> None:
    assert failed(message, role, house) == services


def test_every_item_of_a_run_is_in_its_report_once() -> None:
    for name in ("drift", "fresh"):
        announced = sum(len(each.result.get("diff") or ()) for each in told(name))
        report = recorded(name)
        listed = [item for part in [*report["services"].values(), report["machine"]] for item in part["changes"]]
        assert report["totals"]["changes"] == len(listed) == announced > 50


def test_what_becomes_of_each_service_is_told_with_the_reason() -> None:
    report = recorded("drift")
    nzbget = report["services"]["nzbget"]
    assert nzbget["state"] == "would_change"
    [container] = [change for change in nzbget["changes"] if change["how"] == MADE_ANEW]
    assert container == {
        "what": "nzbget",
        "how": MADE_ANEW,
        "why": "the namespace that it shares is renewed",
        "task": "Bring the Compose project up",
    }
    assert {"NZBGet option DownloadRate", "proxy host nzbget.media.test: hsts_enabled"} <= set(
        subjects(report, "nzbget")
    )
    assert subjects(report, "sonarr-4k") == ["sonarr-4k", "proxy host sonarr-4k.media.test"]
    assert [change["how"] for change in report["services"]["sonarr-4k"]["changes"]] == ["container removed", "removed"]
    assert "/opt/media/config/grafana/secrets/admin_password" in subjects(report, "grafana")
    assert "user guest" in subjects(report, "authelia")
    assert "media-networks.service" in [change["what"] for change in report["machine"]["changes"]]
    assert report["totals"]["unchanged"] == report["totals"]["failed"] == 0


def test_a_run_that_changes_nothing_says_so_of_every_service_that_it_looked_at() -> None:
    looked_at = plan("drift")["scope"]
    report = plan_report.report("host", plan("drift"), [], Run(0, 1, check=True))
    assert {name: item["state"] for name, item in report["services"].items()} == dict.fromkeys(looked_at, "unchanged")
    assert report["totals"] == {
        "unchanged": len(looked_at), "unknown": 0, "would_change": 0, "changed": 0, "failed": 0,
        "services": len(looked_at), "changes": 0, "seconds": 1,
    }  # fmt: skip


def test_a_real_run_has_changed_what_check_mode_said_it_would() -> None:
    planned, done = recorded("drift"), recorded("drift", Run(0, 1, check=False), check=False)
    assert {name for name, item in done["services"].items() if item["state"] == "changed"} == {
        name for name, item in planned["services"].items() if item["state"] == "would_change"
    }
    assert done["totals"]["would_change"] == 0


def test_after_a_failure_nobody_is_called_unchanged() -> None:
    report = recorded("refused")
    assert report["services"]["plex"]["state"] == "failed"
    assert report["machine"]["state"] == report["services"]["vpn"]["state"] == "unknown"
    [error] = report["failed"]
    assert error["services"] == ["plex"]
    assert "refused the token" in error["msg"]
    cut = plan_report.report("host", plan("drift"), [], Run(0, 1, check=True, cut=True))
    assert cut["totals"]["unknown"] == len(plan("drift")["scope"])


def test_a_failure_that_the_run_got_over_is_none() -> None:
    results = told("refused")
    assert [each.failed for each in plan_report.rescued(results, {"failures": 0, "unreachable": 0})] == [False]
    assert [each.failed for each in plan_report.rescued(results, {"failures": 1, "unreachable": 0})] == [True]


def test_texts_are_told_only_in_diff_mode() -> None:
    assert "displayname: Boss" not in json.dumps(recorded("drift"))
    assert "DownloadRate=5000" not in json.dumps(recorded("drift"))
    shown = recorded("drift", diff=True)
    [rate] = [change for change in shown["services"]["nzbget"]["changes"] if change["what"].endswith("DownloadRate")]
    assert (rate["before"], rate["after"]) == ("DownloadRate=0\n", "DownloadRate=5000\n")


def test_what_was_hidden_stays_hidden_and_still_counts() -> None:
    censored = {"changed": True, "censored": "the output has been hidden"}
    loop = {"changed": True, "results": [{"changed": True, "item": "s3cret"}, {"changed": False, "item": "t"}]}
    results = [Told("Store it", "", "x", censored), Told("Write them", "", "x", loop)]
    report = plan_report.report("host", {}, results, RUN)
    assert report["machine"]["changes"] == [
        {"what": "Store it", "how": "changed", "task": "Store it"},
        {"what": "Write them", "how": "changed", "task": "Write them"},
    ]
    assert "s3cret" not in json.dumps(report)


def test_the_log_of_a_container_is_in_no_report() -> None:
    message = "1 problem found:\n  - vpn: is exited; the end of its log:\n      | key=s3cret\n     . Expected: running."
    results = [Told("Bring it up", "stack", "x", {"failed": True, "msg": message}, failed=True)]
    report = plan_report.report("host", plan("drift"), results, RUN)
    assert "s3cret" not in json.dumps(report) + text(report)
    assert report["services"]["vpn"]["state"] == "failed"


def test_what_is_taken_off_is_told_without_a_plan() -> None:
    entry = {"before_header": "nzbget", "after_header": "nzbget", "before": "image running\n", "after": ""}
    result = {"changed": True, "diff": [entry]}
    report = plan_report.report("host", {}, [Told("Take it off", "stack", plan_report.REMOVAL, result)], RUN)
    assert report["services"]["nzbget"]["changes"][0]["how"] == "removed"


def test_a_person_reads_one_line_a_service_and_why() -> None:
    shown = text(recorded("drift"))
    assert "would change  nzbget                container made anew: the namespace that it shares is renewed\n" in shown
    assert "\n                                    notification Plex removed\n" in shown, "without the name again"
    assert "30 services" in shown and "announced; nothing was done; 1 min 23 s" in shown
    assert shown.rstrip().endswith("slowest: Bring the Compose project up 1 min 1 s")
    assert "changed=" not in shown, "that is how a recap is recognised"


def test_few_reasons_are_shown_and_the_rest_is_counted() -> None:
    report = recorded("fresh")
    number = len(report["machine"]["changes"]) + 1  # the failure comes first, where it is the host's
    full, short = text(report), text(report, 2)
    assert "more" not in full
    assert f"and {number - 1 - 2} more" in short
    assert len(short.splitlines()) < len(full.splitlines())


def test_what_a_terminal_would_obey_is_not_shown() -> None:
    entry = {"after_header": "sonarr: indexer \x1b[2J\nProvider", "before": "", "after": "x"}
    results = [Told("Wire", "arr", "x", {"changed": True, "diff": [entry]})]
    shown = text(plan_report.report("host", plan("drift"), results, RUN))
    assert "indexer ?[2J Provider added" in shown


def test_a_host_with_the_name_of_a_service_hides_nothing() -> None:
    report = plan_report.report("nzbget", plan("drift"), told("drift"), RUN)
    shown = text(report)
    assert "NZBGet option DownloadRate" in shown and "media-networks.service" in shown


def test_one_task_of_many_roles_is_told_by_role() -> None:
    plan = {
        "scope": ["nzbget", "plex"],
        "roles": {"nzbget": "nzbget", "plex": "plex"},
        "services": {"nzbget": {}, "plex": {}},
    }
    wired = {"role": "nzbget", "module": "nzbget_config", "name": "Keep NZBGet's options", "changed": True}
    entry = {"after_header": "NZBGet option UMask", "before": "0022", "after": "0002"}
    broken = {"role": "plex", "module": "plex_server", "name": "Keep Plex", "changed": False, "failed": True}
    message = "Plex: does not answer. Expected: a running Plex."
    result = {"failed": True, "msg": message, "results": [{**wired, "diff": [entry]}, {**broken, "msg": message}]}
    told = Told("Keep all", "stack", "homelab.media.media_phase", result, failed=True)
    report = plan_report.report("host", plan, [told], RUN)
    assert {name: item["state"] for name, item in report["services"].items()} == {"nzbget": "changed", "plex": "failed"}
    [change] = report["services"]["nzbget"]["changes"]
    assert (change["what"], change["task"]) == ("NZBGet option UMask", "Keep NZBGet's options")
    assert report["failed"] == [{"task": "Keep all", "msg": message, "services": ["plex"]}]

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jails from what services declare, the container, and what is wrong with the role's variables."""

from __future__ import annotations

import configparser
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.homelab.media.plugins.module_utils import fail2ban, fail2ban_checks

ROLE = Path(__file__).parents[4] / "roles" / "fail2ban"
SETTINGS: dict[str, Any] = {
    **yaml.safe_load((ROLE / "defaults" / "main.yml").read_text()),
    "media_root": "/opt/media",
    "media_timezone": "Europe/Berlin",
    "media_lan_subnets": ["192.168.7.0/24"],
    "media_ipv4_prefix": "10.213.0.0/16",
    "media_ipv6": True,
    "media_ipv6_prefix": "fd6d:6564:6961::/48",
}
LOGS = {
    "sonarr-4k": {"path": "state/sonarr-4k/logs/sonarr.txt", "filter": "servarr"},
    "proxy": {"path": "state/proxy/data/logs/proxy-host-*_access.log", "filter": "npm"},
}
NETWORKS = {"uplink": {"ipam": {"config": [{"subnet": "172.31.9.0/26"}, {"subnet": "fd00:9::/64"}]}}, "media": {}}


def jails(**more: Any) -> dict[str, dict[str, str]]:
    return fail2ban.jails(LOGS, {**SETTINGS, **more}, NETWORKS)


def test_every_log_has_a_jail_of_its_services_name() -> None:
    found = jails()
    assert list(found) == ["DEFAULT", "sshd", "sonarr-4k", "proxy", "recidive"]
    assert found["sonarr-4k"] == {
        "filter": "servarr",
        "logpath": "/opt/media/state/sonarr-4k/logs/sonarr.txt",
        "enabled": "true",
    }
    assert found["proxy"]["logpath"] == "/opt/media/state/proxy/data/logs/proxy-host-*_access.log"
    assert found["proxy"]["maxretry"] == "10"


def test_no_jail_is_left_with_an_action_of_the_distribution() -> None:
    """In 1.1.1 that one shuts nobody out of a container."""
    found = jails()
    assert {found["DEFAULT"][key] for key in ("banaction", "banaction_allports")} == {"media-drop"}
    assert found["DEFAULT"]["action"] == "media-drop[name=%(__name__)s]"
    assert not any(key.startswith(("action", "banaction")) for name in set(found) - {"DEFAULT"} for key in found[name])


def test_gateways_and_neighbours_are_nobody_to_ban() -> None:
    ignored = jails(fail2ban_ignore=["203.0.113.9"])["DEFAULT"]["ignoreip"].split()
    assert ignored == [
        *("127.0.0.0/8", "::1/128", "192.168.7.0/24", "10.213.0.0/16", "fd6d:6564:6961::/48", "203.0.113.9/32"),
        *("172.31.9.0/26", "fd00:9::/64"),
    ]
    assert "fd6d:6564:6961::/48" not in jails(media_ipv6=False)["DEFAULT"]["ignoreip"]
    never = fail2ban.services(SETTINGS)["fail2ban"]["environment"]["BANS_NEVER"]
    assert never == "127.0.0.0/8 ::1/128 192.168.7.0/24 10.213.0.0/16 fd6d:6564:6961::/48"


def test_a_person_may_set_a_jail_and_switch_it_off() -> None:
    found = jails(fail2ban_jails={"proxy": {"maxretry": 20, "enabled": False}, "absent": {"maxretry": 1}})
    assert (found["proxy"]["maxretry"], found["proxy"]["enabled"]) == ("20", "false")
    assert "absent" not in found
    assert "proxy" not in fail2ban.logs_of(found)


def test_who_waits_for_what() -> None:
    assert fail2ban.logs_of(jails()) == {
        "sshd": [],
        "sonarr-4k": ["/opt/media/state/sonarr-4k/logs/sonarr.txt"],
        "proxy": ["/opt/media/state/proxy/data/logs/proxy-host-*_access.log"],
        "recidive": [],
    }


@pytest.mark.parametrize(
    ("source", "jail", "mounts"),
    [
        ("journal", {"backend": "systemd"}, ["/var/log:/var/log:ro", "/run/log:/run/log:ro", "/etc/machine-id"]),
        ("/srv/log/auth.log", {"logpath": "/srv/log/auth.log"}, ["/srv/log:/srv/log:ro"]),
        ("off", None, []),
        (False, None, []),  # what YAML makes of the word
    ],
)
def test_sshd_is_read_where_it_tells(source: Any, jail: dict[str, str] | None, mounts: list[str]) -> None:
    found = jails(fail2ban_sshd=source).get("sshd")
    assert (found is None) == (jail is None)
    assert {**(found or {}), **(jail or {})} == (found or {})
    volumes = fail2ban.services({**SETTINGS, "fail2ban_sshd": source})["fail2ban"]["volumes"]
    own = [volume for volume in volumes if not volume.startswith("/opt/media/")]
    assert [volume.startswith(mount) for volume, mount in zip(own, mounts)] == [True] * len(own) == [True] * len(mounts)
    assert all(volume.endswith(":ro") for volume in volumes if volume != "/opt/media/state/fail2ban:/data")


def test_the_one_who_comes_back_is_no_jail_without_being_wanted() -> None:
    assert "recidive" not in jails(fail2ban_recidive=False)


def test_the_container_has_these_rights_and_no_more() -> None:
    service = fail2ban.services(SETTINGS)["fail2ban"]
    assert service["cap_add"] == ["NET_ADMIN", "NET_RAW", "DAC_OVERRIDE"]
    assert "privileged" not in service
    assert service["network_mode"] == "host"
    assert service["environment"]["TZ"] == "Europe/Berlin"


def test_every_file_is_there_and_makes_the_container_anew() -> None:
    found = fail2ban.files({**SETTINGS, "fail2ban_extra_filters": {"mine": "[Definition]\nfailregex = <ADDR>\n"}})
    assert all(item["service"] == "fail2ban" for item in found)
    sources = {item["source"] for item in found if "source" in item}
    assert sources == {str(path.relative_to(ROLE)) for path in (ROLE / "files").rglob("*.*") if path.is_file()}
    assert {"path": "config/fail2ban/filter.d/mine.conf", "service": "fail2ban"}.items() <= found[-1].items()


def test_the_filters_are_those_that_are_known() -> None:
    assert {path.stem for path in (ROLE / "files" / "filter.d").glob("*.conf")} == set(fail2ban.FILTERS)


def test_the_action_calls_the_program_that_is_there() -> None:
    parser = configparser.RawConfigParser()
    parser.read(ROLE / "files" / "action.d" / f"{fail2ban.ACTION}.conf")
    commands = {key: value for key, value in parser["Definition"].items() if value}
    assert {value.split()[1] for value in commands.values()} == {"/config/firewall.py"}
    assert set(commands) == {"actionban", "actionunban", "actionflush", "actionstop"}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(600, 600), ("600", 600), ("10m", 600), ("1d 12h", 129600), ("2w", 1209600), ("90s", 90)]
    + [(value, None) for value in ("", "ten", "10 minutes", "-1", "1.5h", None, True, "m")],
)
def test_durations(value: Any, seconds: int | None) -> None:
    assert fail2ban.seconds(value) == seconds


def told(**more: Any) -> list[str]:
    return [problem.variable for problem in fail2ban_checks.problems({**SETTINGS, **more})]


def test_the_defaults_are_right() -> None:
    assert told() == []


FILTER = "[Definition]\nfailregex = ^failed <ADDR>$\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("fail2ban_bantime", value) for value in ("soon", "", 0, None)),
        ("fail2ban_findtime", "-10m"),
        ("fail2ban_maxretry", 0),
        ("fail2ban_maxretry", True),
        ("fail2ban_look_every", 0),
        ("fail2ban_log_level", "info"),
        ("fail2ban_iptables_mode", "nftables"),
        *(("fail2ban_sshd", value) for value in ("auth.log", "/auth.log", "/var/log/*.log", True, "")),
        ("fail2ban_ignore", "192.0.2.1"),
        ("fail2ban_ignore", ["office.example.org"]),
        ("fail2ban_ignore", ["0.0.0.0/0"]),
        ("fail2ban_ignore", ["::/0"]),
        ("fail2ban_jails", []),
        ("fail2ban_extra_filters", []),
    ],
)  # fmt: skip
def test_a_value_that_cannot_work_is_named(name: str, value: Any) -> None:
    assert name in told(**{name: value})


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({"fail2ban_database_age": "1d"}, "fail2ban_database_age"),
        ({"fail2ban_recidive_bantime": "60d"}, "fail2ban_database_age"),
        ({"fail2ban_bantime": "2d", "fail2ban_bantime_maximum": "1d"}, "fail2ban_bantime_maximum"),
        ({"fail2ban_jails": {"proxy": 3}}, "fail2ban_jails.proxy"),
        ({"fail2ban_jails": {"proxy": {"logpath": "/x"}}}, "fail2ban_jails.proxy.logpath"),
        ({"fail2ban_jails": {"proxy": {"maxretry": "3\nenabled = false"}}}, "fail2ban_jails.proxy.maxretry"),
        ({"fail2ban_extra_filters": {"../x": FILTER}}, "fail2ban_extra_filters.../x"),
        ({"fail2ban_extra_filters": {"servarr": FILTER}}, "fail2ban_extra_filters.servarr"),
        ({"fail2ban_extra_filters": {"mine": "failregex = <ADDR>"}}, "fail2ban_extra_filters.mine"),
        ({"fail2ban_extra_filters": {"mine": FILTER.replace("<ADDR>", "x")}}, "fail2ban_extra_filters.mine"),
    ],
)
def test_so_are_those_that_do_not_fit(variables: dict[str, Any], place: str) -> None:
    assert set(told(**variables)) == {place}


def test_what_is_right_is_taken() -> None:
    more = {"fail2ban_ignore": ["192.0.2.1", "2001:db8::/48"], "fail2ban_jails": {"sshd": {"bantime": "1d"}}}
    assert told(**more, fail2ban_extra_filters={"mine": FILTER}, fail2ban_sshd="/var/log/auth.log") == []
    assert told(fail2ban_sshd=False) == told(fail2ban_sshd="off") == []
    assert told(fail2ban_recidive=False, fail2ban_recidive_bantime="60d") == []

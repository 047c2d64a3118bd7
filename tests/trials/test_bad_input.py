# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input is refused before the host is touched, all of it at once, each with what a right value looks like."""

from __future__ import annotations

import re

from tests.trials.demo import Demo
from tests.trials.play import play

BAD = {
    "media_services": ["vpn", "nzbget", "nzbgett", "mine"],  # unknown service
    "media_puid": 0,
    "media_root": "opt/media",  # relative path
    "media_timezone": "Europe/Berlinn",
    "media_data": "/srv/split",  # downloads and library on two file systems
    "vpn_provider": "mullvard",  # unknown provider
    "vpn_wireguard_private_key": "",  # missing key
    "nzbget_port": 6789,
    "nzbget_prot": 7000,  # misspelt
    "media_uid": 1000,  # as it is called elsewhere
    "nzbget_news_servers": [{"host": "news.provider.test", "username": "CHANGE_ME", "password": "x"}],  # placeholder
    "media_extra_services": {
        "mine": {"image": "redis:8", "x-media": {"egress": "vpn", "web": {"port": 6789}}},  # overlapping ports
    },
}

EXPECTED = {
    "media_services": "did you mean nzbget",
    "media_puid": "such as 1000",
    "media_root": "",
    "media_timezone": "Europe/Berlin",
    "media_data": "one file system",
    "vpn_provider": "mullvad",
    "vpn_wireguard_private_key": "",
    "nzbget_news_servers": "your own value",
    "mine.x-media.web.port": "nobody else",
    "nzbget_prot": "nzbget_port",
    "media_uid": "media_puid",
}


def test_everything_that_is_wrong_is_listed_and_the_host_is_untouched(demo: Demo, figures: list[str]) -> None:
    demo.host.exec("sh", "-c", "mkdir -p /srv/split/usenet && mount -t tmpfs none /srv/split/usenet")
    try:
        before = snapshot(demo)
        run = play("site.yml", variables=BAD)
        after = snapshot(demo)
    finally:
        demo.host.exec("umount", "/srv/split/usenet")
        demo.host.exec("rm", "-r", "/srv/split")
    assert run.code != 0
    assert run.changed == 0
    assert after == before
    listed = run.output[run.output.index("Nothing was changed.") :].split("Origin:")[0]
    problems = re.findall(r"^\s+- ([^:]+): (.+)\. Expected: (.+)\.$", listed, re.MULTILINE)
    told = {variable: f"{reason}. {expected}" for variable, reason, expected in problems}
    for variable, hint in EXPECTED.items():
        found = [
            text for name, text in told.items() if name == variable or name.startswith((f"{variable}[", f"{variable}."))
        ]
        assert found, f"{variable} is not in:\n{listed}"
        assert any(hint in text for text in found), f"no right value for {variable} in:\n{listed}"
    figures.append(f"bad input: {len(problems)} problems in one list, exit {run.code}, host untouched")


def snapshot(demo: Demo) -> str:
    """Return all that a run could touch: files with their times, containers, accounts."""
    look = "find /opt/media /data /srv /etc -xdev -printf '%p %u %g %m %s %T@\\n' | sort | grep -v /opt/media/state/"
    files = demo.host.exec("sh", "-c", look)
    containers = demo.inner("ps", "--all", "--no-trunc", "--format", "{{.ID}} {{.Names}}")
    return "\n".join([files, containers])

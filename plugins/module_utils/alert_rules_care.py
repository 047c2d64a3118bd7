# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Alerts about what keeps a house in order: backups, converges, and the services of the role maintenance."""

from __future__ import annotations

from ansible_collections.homelab.media.plugins.module_utils.alert_house import House
from ansible_collections.homelab.media.plugins.module_utils.alert_rule import Rule

_STARTED = "max(media_converge_started_timestamp_seconds)"
_FINISHED = "(max(media_converge_finished_timestamp_seconds) > 0)"
#: Counted since Watchtower started; one that is new on a host has had no time to look.
_SCANS = "watchtower_scans_total"
_MADE = "(max by (backup) (media_backup_timestamp_seconds) > 0)"


def _host(house: House) -> bool:
    return house.host


def _backups(house: House) -> bool:
    return house.host and house.backups


RULES = (
    Rule(
        "BackupTooOld",
        _backups,
        f"(time() - {_MADE}) > max by (backup) (media_backup_max_age_seconds)",
        "10m",
        "warning",
        "The backup {{ $labels.backup }} is {{ $value | humanizeDuration }} old",
        "Its newest file is older than you said that it may be.",
        "Does the job that makes it still run, and has it room to write to?",
    ),
    Rule(
        "BackupMissing",
        _backups,
        f"max by (backup) (media_backup_max_age_seconds) unless {_MADE}",
        "10m",
        "warning",
        "There is no backup {{ $labels.backup }}",
        "In the folder that media_backups names for it there is no file.",
        "Is the folder's name right, is it mounted, and has the job that makes the backup ever run?",
    ),
    Rule(
        "ConvergeFailed",
        _host,
        "max(media_converge_failed) == 1",
        "0s",
        "warning",
        "The last converge failed",
        "The last run of site.yml ended with an error, and the host may be half-way between two states.",
        "Run it again; it takes up where the last one ended, and tells what is wrong.",
    ),
    Rule(
        "ConvergeUnfinished",
        _host,
        f"(time() - {_STARTED}) / 3600 > @threshold@"
        f" and ({_STARTED} > {_FINISHED} or ({_STARTED} unless {_FINISHED}))"
        " unless max(media_converge_failed) == 1",
        "0s",
        "warning",
        "A converge began and did not end",
        "A run of site.yml began {{ $value | humanize }} hours ago, and never said that it was done.",
        "Was it broken off? Run it again; it takes up where that one ended.",
        threshold=2,
    ),
    Rule(
        "ConvergeDrifted",
        _host,
        "max(media_converge_changing_runs) >= @threshold@",
        "0s",
        "warning",
        "Each of the last {{ $value }} converges changed something",
        "A second run should change nothing. Somebody, or something, undoes what a run does.",
        "Run site.yml with --check --diff: it shows what differs. Then find out who changes it.",
        threshold=3,
    ),
    Rule(
        "ConvergeTooOld",
        _host,
        f"(time() - {_FINISHED}) / 86400 > @threshold@",
        "0s",
        "info",
        'The last converge was {{ $value | printf "%.0f" }} days ago',
        "What was changed by hand since then, nobody has noticed.",
        "Run site.yml.",
        threshold=30,
        enabled=False,
    ),
    Rule(
        "RecyclarrFailed",
        lambda house: house.guide,
        "max(media_recyclarr_sync_failed) == 1",
        "1h",
        "warning",
        "Recyclarr could not sync",
        "Profiles and formats of the applications stay as they were at the last sync that went well.",
        "Run site.yml: it syncs again, and tells what Recyclarr says.",
    ),
    Rule(
        "UnpackFailed",
        lambda house: house.unpacker,
        'max(unpackerr_gauges{name="failed"}) > @threshold@',
        "30m",
        "warning",
        "{{ $value }} downloads cannot be unpacked",
        "Unpackerr has tried it as often as it may, and the applications wait for what is inside.",
        "Look into Unpackerr's log. Is the disk full, is an archive broken, or does it have a password?",
        threshold=0,
    ),
    Rule(
        "UpdateFailed",
        lambda house: house.updater,
        "max(watchtower_containers_failed) > 0",
        "0s",
        "warning",
        "Watchtower could not renew {{ $value }} containers",
        "It stops and removes a container before it makes it anew, so one may be gone.",
        "Run site.yml: it makes the container again. Watchtower's log says what was wrong.",
        service=lambda house: house.updater,
    ),
    Rule(
        "UpdatesStopped",
        lambda house: house.updater,
        f"absent_over_time({_SCANS}[3d]) or max(increase({_SCANS}[3d])) == 0 and count({_SCANS} offset 3d) > 0",
        "1h",
        "info",
        "Watchtower has not looked for new images for three days",
        "Nobody is told of them, and nobody takes them.",
        "Is maintenance_watchtower_schedule as it should be? Its log says why it does not look.",
        service=lambda house: house.updater,
    ),
)

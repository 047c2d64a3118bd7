# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What NZBGet calls its options, and which of them hold a secret."""

from __future__ import annotations

import difflib
import re


def words(text: str) -> list[str]:
    """Split a list that is written as text, for its shortness."""
    return text.split()


#: The options of NZBGet 26 that stand alone. A name it does not know makes NZBGet pause every download.
SINGLE = frozenset(
    words("""
    AddPassword AddUsername AppendCategoryDir ArticleCache ArticleInterval ArticleReadChunkSize ArticleRetries
    ArticleTimeout AuthorizedIP CertCheck CertStore ConfigTemplate ContinuePartial ControlIP ControlPassword
    ControlPort ControlUsername CrashDump CrashTrace CrcCheck CursesGroup CursesNzbName CursesTime DaemonUsername
    DailyQuota DebugTarget DestDir DetailTarget DirectRename DirectUnpack DirectWrite DiskSpace DownloadRate DupeCheck
    ErrorTarget EventInterval ExtCleanupDisk Extensions FeedHistory FileNaming FlushQueue FormAuth HardLinking
    HardLinkingIgnoreExt HealthCheck InfoTarget InterDir KeepHistory LockFile LogBuffer LogFile MainDir MonthlyQuota
    NzbCleanupDisk NzbDir NzbDirFileAge NzbDirInterval NzbLog OutputMode ParBuffer ParCheck ParIgnoreExt ParPauseQueue
    ParQuick ParRename ParRepair ParScan ParThreads ParTimeLimit PostStrategy PropagationDelay QueueDir QuotaStartDay
    RarRename RawArticle RemoteTimeout RenameAfterUnpack RenameIgnoreExt ReorderFiles RequiredDir RestrictedPassword
    RestrictedUsername RotateLog ScriptDir ScriptOrder ScriptPauseQueue SecureCert SecureControl SecureKey SecurePort
    SevenZipCmd ShellOverride SkipWrite SystemHealthCheck TempDir TimeCorrection UMask Unpack UnpackCleanupDisk
    UnpackIgnoreExt UnpackPassFile UnpackPauseQueue UnrarCmd UpdateCheck UpdateInterval UrlConnections UrlForce
    UrlInterval UrlRetries UrlTimeout UseTempUnpackDir WarningTarget WebDir WriteBuffer WriteLog
    """)
)

#: The options of numbered entries, such as Task1.Time.
NUMBERED = {
    "Server": words(
        "Active Name Level Optional Group Host Encryption Port Username Password JoinGroup Cipher Connections "
        "Retention CertVerification IpVersion Notes"
    ),
    "Category": words("Name DestDir Unpack Extensions Aliases"),
    "Feed": words("Name URL Filter Interval Backlog PauseNzb Category CategorySource Priority Extensions"),
    "Task": words("Time WeekDays Command Param"),
}

_ENTRY = re.compile(r"^(Server|Category|Feed|Task)([1-9]\d*)\.([A-Za-z]+)$", re.IGNORECASE)
_SECRET = re.compile(r"password|passwd|api_?key|token|secret|^feed\d+\.url$", re.IGNORECASE)
_PREFIXES = {prefix.lower(): prefix for prefix in NUMBERED}


def entry(name: str) -> tuple[str, int, str] | None:
    """Split the name of a numbered option: ``server2.Host`` is ("Server", 2, "Host"). None for any other name."""
    match = _ENTRY.match(name)
    return (_PREFIXES[match[1].lower()], int(match[2]), match[3]) if match else None


def is_secret(name: str) -> bool:
    """Tell whether the value of the option must never be shown. Feed addresses carry the indexer's key."""
    return bool(_SECRET.search(name))


def is_known(name: str) -> bool:
    """Tell whether NZBGet knows the option. Those of extension scripts (``Script:Option``) are theirs to check."""
    lower = name.lower()
    numbered = entry(name)
    if numbered:
        return numbered[2].lower() in {option.lower() for option in NUMBERED[numbered[0]]}
    return ":" in name or lower in {option.lower() for option in SINGLE}


def suggestion(name: str) -> str:
    """Say in words which option was probably meant."""
    close = difflib.get_close_matches(name, SINGLE, n=1)
    return f"the name of an NZBGet option, such as {close[0] if close else 'ParScan'}"

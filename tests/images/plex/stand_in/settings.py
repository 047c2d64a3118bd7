# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The settings that the stand-in knows: a part of upstream's, each with its type, default and permitted values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class BadValueError(ValueError):
    """The value is none that the setting can have."""


@dataclass(frozen=True)
class Setting:
    name: str
    kind: str  # bool | int | double | text
    default: Any
    group: str
    choices: str = ""  # as upstream writes them: value:label|value:label

    def value(self, text: str) -> Any:
        """Return the value that the text stands for, in the file and in requests alike."""
        try:
            found = _CASTS[self.kind](text)
        except (KeyError, ValueError):
            raise BadValueError(f"{self.name}: {text!r} is no {self.kind}") from None
        if self.choices and str(found) not in [choice.split(":")[0] for choice in self.choices.split("|")]:
            raise BadValueError(f"{self.name}: {text!r} is none of {self.choices}")
        return found


_CASTS: dict[str, Any] = {
    "bool": {"0": False, "1": True, "false": False, "true": True}.__getitem__,
    "int": int,
    "double": float,
    "text": str,
}
_INTERVALS = "900:every 15 minutes|1800:every 30 minutes|3600:hourly|7200:every 2 hours|21600:every 6 hours"
_INTERVALS += "|43200:every 12 hours|86400:daily"
_BEHAVIOUR = "never:never|scheduled:as a scheduled task|asap:as a scheduled task and when media is added"
_HOURS = "|".join(f"{hour}:{hour:02d}.00" for hour in range(24))

_ALL = (
    Setting("FriendlyName", "text", "", "general"),
    Setting("acceptedEULA", "bool", False, ""),
    Setting("sendCrashReports", "bool", True, "general"),
    Setting("PublishServerOnPlexOnlineKey", "bool", True, "general"),
    Setting("PushNotificationsEnabled", "bool", False, "general"),
    Setting("logDebug", "bool", True, "general"),
    Setting("FSEventLibraryUpdatesEnabled", "bool", False, "library"),
    Setting("FSEventLibraryPartialScanEnabled", "bool", False, "library"),
    Setting("ScheduledLibraryUpdatesEnabled", "bool", False, "library"),
    Setting("ScheduledLibraryUpdateInterval", "int", 3600, "library", _INTERVALS),
    Setting("autoEmptyTrash", "bool", True, "library"),
    Setting("allowMediaDeletion", "bool", True, "library"),
    Setting("OnDeckWindow", "int", 16, "library"),
    Setting("GenerateBIFBehavior", "text", "never", "library", _BEHAVIOUR),
    Setting("GenerateChapterThumbBehavior", "text", "scheduled", "library", _BEHAVIOUR),
    Setting("LoudnessAnalysisBehavior", "text", "scheduled", "library", _BEHAVIOUR),
    Setting("EnableIPv6", "bool", False, "network"),
    Setting("secureConnections", "int", 1, "network", "0:Required|1:Preferred|2:Disabled"),
    Setting("customConnections", "text", "", "network"),
    Setting("allowedNetworks", "text", "", "network"),
    Setting("LanNetworksBandwidth", "text", "", "network"),
    Setting("GdmEnabled", "bool", True, "network"),
    Setting("WebHooksEnabled", "bool", True, "network"),
    Setting("RelayEnabled", "bool", True, "network"),
    Setting("ManualPortMappingMode", "bool", False, "network"),
    Setting("ManualPortMappingPort", "int", 32400, "network"),
    Setting("TranscoderTempDirectory", "text", "", "transcoder"),
    Setting("TranscoderQuality", "int", 0, "transcoder", "0:Automatic|1:Faster|2:Higher quality|3:Slower"),
    Setting("TranscoderThrottleBuffer", "int", 60, "transcoder"),
    Setting("HardwareAcceleratedCodecs", "bool", False, "transcoder"),
    Setting("DlnaEnabled", "bool", False, "dlna"),
    Setting("ButlerStartHour", "int", 2, "butler", _HOURS),
    Setting("ButlerEndHour", "int", 5, "butler", _HOURS),
    Setting("MinutesAllowedPaused", "double", 0.0, "general"),
)

SETTINGS = {setting.name: setting for setting in _ALL}

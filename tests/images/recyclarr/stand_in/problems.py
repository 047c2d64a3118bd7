# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ends a command with exit code 1, as a text for a person."""

from __future__ import annotations


class ConfigError(Exception):
    """The configuration is refused."""


class SyncError(Exception):
    """An instance could not be brought to its configuration."""

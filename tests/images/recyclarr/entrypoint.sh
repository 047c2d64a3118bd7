#!/bin/sh
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# With words: that command, once. Without: cron mode.
set -e
if [ "$#" -gt 0 ]; then
    exec recyclarr "$@"
fi
cd /app/recyclarr
exec python3 -m stand_in.daemon

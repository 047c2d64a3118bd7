#!/bin/bash
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What upstream's entry point does: become the user that the environment names, and give them what they lack.
set -eu
if [ "$(id -u)" -ne 0 ] || [ -z "${PUID:-}" ]; then
    exec "$@"
fi
groupmod --non-unique --gid "${PGID:-1000}" tautulli
usermod --non-unique --uid "$PUID" tautulli
find /config \! \( -uid "$PUID" -gid "${PGID:-1000}" \) -print0 | xargs -0r chown -h tautulli:tautulli
echo "Running Tautulli using user tautulli (uid=$PUID) and group tautulli (gid=${PGID:-1000})"
exec gosu tautulli "$@"

#!/bin/sh
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Asks where the program has written that it listens. With the check switched off there is nothing, and all is well.
# shellcheck source=/dev/null
. /app/.healthcheck.env
[ -n "${X_AUTHELIA_HEALTHCHECK:-}" ] || exit 0
base=$X_AUTHELIA_HEALTHCHECK_SCHEME://$X_AUTHELIA_HEALTHCHECK_HOST:$X_AUTHELIA_HEALTHCHECK_PORT
exec wget -q -O /dev/null -T 3 "$base$X_AUTHELIA_HEALTHCHECK_PATH/api/health"

#!/bin/sh
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# As upstream's: a folder for plugins, and the server in the place of this shell. Secrets by file are read by the server.
[ -d "$GF_PATHS_PLUGINS" ] || mkdir "$GF_PATHS_PLUGINS" || exit 1
exec grafana server "$@"

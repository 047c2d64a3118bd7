#!/bin/sh
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# As upstream's: another command runs as it is; without root there is nothing to give away; else /config is given to the
# user that the environment names, and the program becomes that user.
[ -z "${UMASK:-}" ] || umask "$UMASK"
case ${1:-} in
    '' | --config) ;;
    *) exec "$@" ;;
esac
if [ "$(id -u)" != 0 ] || [ "$(id -g)" != 0 ]; then
    exec authelia "$@"
fi
chown -R "$PUID:$PGID" /config
exec setpriv --reuid="$PUID" --regid="$PGID" --clear-groups authelia "$@"

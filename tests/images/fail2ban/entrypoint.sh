#!/bin/bash
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# What upstream's entrypoint does before it becomes the command: settings out of the environment, jails, filters and
# actions out of /data, and the flavour of iptables.
: "${TZ:=UTC}" "${F2B_LOG_TARGET:=STDOUT}" "${F2B_LOG_LEVEL:=INFO}" "${F2B_DB_PURGE_AGE:=1d}" "${IPTABLES_MODE:=auto}"
conf=/etc/fail2ban/fail2ban.conf

echo "Setting timezone to $TZ..."
ln -snf "/usr/share/zoneinfo/$TZ" /etc/localtime
echo "$TZ" > /etc/timezone

echo "Initializing files and folders..."
mkdir -p /data/db /data/action.d /data/filter.d /data/jail.d
ln -sf /data/jail.d /etc/fail2ban/

echo "Setting Fail2ban configuration..."
set_option() {
    sed -i "s|^#\?$1 =.*|$1 = $2|" "$conf"
}
set_option logtarget "$F2B_LOG_TARGET"
set_option loglevel "$F2B_LOG_LEVEL"
set_option dbfile /data/db/fail2ban.sqlite3
set_option dbpurgeage "$F2B_DB_PURGE_AGE"
set_option allowipv6 auto

# Upstream takes plain files alone, and only here: a file that comes later is not seen before the next start.
for kind in action filter; do
    echo "Checking for custom ${kind}s in /data/$kind.d..."
    find "/data/$kind.d" -maxdepth 1 -type f -printf '%f\n' | sort | while read -r name; do
        if [ -f "/etc/fail2ban/$kind.d/$name" ]; then
            echo "  WARNING: $name already exists and will be overriden"
            rm -f "/etc/fail2ban/$kind.d/$name"
        fi
        echo "  Add custom $kind $name..."
        ln -sf "/data/$kind.d/$name" "/etc/fail2ban/$kind.d/"
    done
done

legacy=
if [ "$IPTABLES_MODE" = legacy ]; then
    echo "WARNING: iptables-legacy enforced"
    legacy=yes
elif [ "$IPTABLES_MODE" = auto ] && ! iptables -L > /dev/null 2>&1; then
    echo "WARNING: iptables-nft is not supported by the host, falling back to iptables-legacy"
    legacy=yes
fi
if [ "$legacy" ]; then
    update-alternatives --set iptables /usr/sbin/iptables-legacy
    update-alternatives --set ip6tables /usr/sbin/ip6tables-legacy
fi
iptables -V
nft -v
exec "$@"

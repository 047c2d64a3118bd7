# shellcheck shell=bash
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# In the lab's internet: a second device of the VPN provider's customer. A WireGuard key has one place in the world at a
# time, and the demo may be up while the scenarios run. Prints what it needs to know, as JSON.
set -euo pipefail
umask 077
key=/srv/pki/wg-second.key
[ -s "$key" ] || wg genkey > "$key"
wg set wg0 peer "$(wg pubkey < "$key")" preshared-key /srv/pki/wg-preshared.key \
    allowed-ips 10.64.0.3/32,fd00:64::3/128
echo "{\"private_key\": \"$(cat "$key")\", \"addresses\": [\"10.64.0.3/32\", \"fd00:64::3/128\"]}"

#!/bin/sh
# Starts the VPN client in a namespace as clean as it takes it to be.
#
# A client that was killed leaves its policy rules, routes, firewall chains and, with WireGuard in the kernel, its
# device behind, and would end at "adding IPv4 rule: file exists" at every start from then on. All of that is removed
# here; the mangle table (the kill switch) and the nat table (Docker's name server) are not touched.

# shellcheck source-path=SCRIPTDIR source=kill-switch.sh
. "${POD:-/pod}/kill-switch.sh"

# The kill switch comes first. It is in place when the container starts, by depends_on; after a reboot Docker starts
# containers in any order.
guarded() {
    for family in $(families); do
        tables=$(program "$family") && hooked_first "$tables" &&
            "$tables" -t mangle -S "$CHAIN" 2>/dev/null | tail -n 1 | grep -qx -- "-A $CHAIN -j DROP" || return 1
    done
}
tries=${TRIES:-30}
until guarded; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || { echo "client: the kill switch is not loaded; not starting" >&2; exit 1; }
    sleep 1
done

# Policy rules other than the kernel's own three. Deleted by priority, of which several rules may have the same.
for family in -4 -6; do
    ip $family rule show 2>/dev/null | while IFS=: read -r priority _; do
        case $priority in 0 | 32766 | 32767 | '') ;; *) ip $family rule del pref "$priority" ;; esac
    done
    for table in 199 200 51820; do
        # An old busybox knows no table above 255; what 51820 holds goes with the device.
        ip $family route flush table "$table" 2>/dev/null
    done
    # Routes by a gateway, other than the default one: neither the kernel nor Docker makes those.
    ip $family route show | while read -r target via rest; do
        [ "$via" = via ] && [ "$target" != default ] && ip $family route del "$target" via "${rest%% *}"
    done
done

if [ -e "/sys/class/net/$TUNNEL" ]; then
    ip link del "$TUNNEL"
fi

for tables in iptables ip6tables iptables-legacy ip6tables-legacy; do
    case $tables in
        # To look into a legacy table is to create it: look only where there is one.
        iptables-legacy) grep -qsx filter /proc/net/ip_tables_names || continue ;;
        ip6tables-legacy) grep -qsx filter /proc/net/ip6_tables_names || continue ;;
    esac
    for chain in INPUT FORWARD OUTPUT; do
        $tables -P $chain ACCEPT
    done
    $tables -F && $tables -X
done 2>/dev/null

# The client takes the name server that it finds for Docker's, and leaves itself behind as the name server.
if other_lines=$(grep -v '^nameserver ' "${RESOLV_CONF:-/etc/resolv.conf}"); then
    printf 'nameserver 127.0.0.11\n%s\n' "$other_lines" >"${RESOLV_CONF:-/etc/resolv.conf}"
fi

exec "${@:-/gluetun-entrypoint}"

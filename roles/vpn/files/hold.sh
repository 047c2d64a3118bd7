#!/bin/sh
# Holds the network namespace of the VPN pod: loads the kill switch, then keeps it in force until told to stop.
# It outlives the VPN client and everything else in the pod, and never opens anything.

# shellcheck source-path=SCRIPTDIR source=kill-switch.sh
. "${POD:-/pod}/kill-switch.sh"

# The first process of a container is sent no default signals: without this, every stop would take ten seconds.
trap 'exit 0' TERM INT

mkdir -p "$STATE"
rm -f "$STATE"/*

while :; do
    for family in $(families); do
        # Without a program there are no rules: end, so that the restart is seen and nothing joins this namespace.
        tables=$(program "$family") || exit 1
        if [ ! -e "$STATE/loaded.v$family" ]; then
            load "$family" "$tables" || exit 1
            echo "kill switch: IPv$family rules loaded with $tables"
        elif ! in_force "$family" "$tables"; then
            load "$family" "$tables" && echo "kill switch: IPv$family rules were changed by another hand; put back"
        elif ! up_to_date "$family"; then
            load "$family" "$tables" && echo "kill switch: IPv$family rules brought up to date"
        fi
    done
    # A signal ends "wait" at once, but would only be seen after "sleep".
    sleep "${INTERVAL:-1}" &
    wait $!
done

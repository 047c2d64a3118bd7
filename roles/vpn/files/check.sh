#!/bin/sh
# Says whether the kill switch is in force, and how many packets it has stopped: the health check of the VPN pod.

# shellcheck source-path=SCRIPTDIR source=kill-switch.sh
. "${POD:-/pod}/kill-switch.sh"

status=0
for family in $(families); do
    tables=$(program "$family") || exit 1
    if in_force "$family" "$tables"; then
        echo "IPv$family: in force, $(dropped "$tables") packets stopped"
    else
        echo "IPv$family: NOT in force"
        status=1
    fi
done
exit $status

# shellcheck shell=sh
# The kill switch of the VPN pod: the functions that hold.sh and check.sh share.
#
# It lives in the network namespace that the pod holds, in a chain of its own in the mangle table, hooked first in
# POSTROUTING. Every packet that leaves passes there, after routing has chosen its device, whoever sent it. The VPN
# client writes to the filter table alone, so neither its start nor its death touches these rules.
#
# /pod/rules.v4 and /pod/rules.v6 hold what is known before the start. Their lines @replies@ and @neighbours@ stand for
# the rules of the networks that the pod is attached to, which only the running pod can see.

CHAIN=MEDIA-KILL-SWITCH
TUNNEL=tun0
POD=${POD:-/pod}
STATE=${STATE:-/run/kill-switch}

# Print "device address" for each address that the pod has on its networks. $1: 4 or 6
addresses() {
    ip -o "-$1" addr show scope global | while read -r _ device _ address _; do
        [ "$device" = lo ] || [ "$device" = "$TUNNEL" ] || echo "$device ${address%/*}"
    done
}

# Print the devices that lead out, towards the internet.
ways_out() {
    ip "-$1" route show | while read -r target _ _ _ device _; do
        [ "$target" = default ] && echo "$device"
    done
}

# Print "device network" for each network that the pod is attached to and that has no way out.
neighbourhoods() {
    out=" $(ways_out "$1" | tr '\n' ' ')"
    ip "-$1" route show | while read -r network word device _; do
        [ "$word" = dev ] || continue
        case $network in default | fe80:* | ff00:*) continue ;; esac
        case $device in lo | "$TUNNEL") continue ;; esac
        case $out in *" $device "*) continue ;; esac
        echo "$device $network"
    done
}

# Print the address that Docker gives to the bridge, that is to the host: the first of the network.
# Fails where the network is written in a way that leaves no room for it.
first_address() {
    address=${1%/*}
    case $address in
        *::) echo "${address}1" ;;
        *:*) return 1 ;;
        *) echo "${address%.*}.$((${address##*.} + 1))" ;;
    esac
}

# Answers to connections that came in by the same device, to the pod's own address there. A connection that the pod
# opened itself never matches, nor does one that came in through the tunnel and lost it.
reply_rules() {
    addresses "$1" | while read -r device address; do
        echo "-A $CHAIN -o $device -m conntrack --ctdir REPLY --ctorigdst $address -j RETURN"
    done
}

# New connections to the other containers of a network without a way out, and to nobody else: not to the bridge,
# which is the host, where a resolver may listen.
neighbour_rules() {
    neighbourhoods "$1" | while read -r device network; do
        host=$(first_address "$network") || continue
        echo "-A $CHAIN -o $device -d $host -j DROP"
        echo "-A $CHAIN -o $device -d $network -j RETURN"
    done
}

# Print the chain as it must be, in the form that iptables-restore reads. $1: 4 or 6
compose() {
    echo "*mangle"
    echo ":$CHAIN - [0:0]"
    while read -r line; do
        case $line in
            @replies@) reply_rules "$1" ;;
            @neighbours@) neighbour_rules "$1" ;;
            -A*) echo "$line" ;;
        esac
    done <"$POD/rules.v$1"
}

# Print the name of the program for one family that works with this kernel. $1: 4 or 6
program() {
    [ "$1" = 4 ] && name=iptables || name=ip6tables
    for candidate in "$name" "$name-legacy"; do
        "$candidate" -t mangle -S POSTROUTING >/dev/null 2>&1 && echo "$candidate" && return
    done
    echo "kill switch: neither $name nor $name-legacy works here" >&2
    return 1
}

# The families that this kernel can send packets of.
families() {
    echo 4
    [ ! -e /proc/net/if_inet6 ] || echo 6
}

# Tell whether the chain is hooked in as the first rule. $1: program
hooked_first() {
    [ "$("$1" -t mangle -S POSTROUTING 2>/dev/null | sed -n 2p)" = "-A POSTROUTING -j $CHAIN" ]
}

# Load the composed rules in one step: at no moment is the chain missing or half filled. $1: family  $2: program
load() {
    hook=
    hooked_first "$2" || hook="-I POSTROUTING 1 -j $CHAIN"
    compose "$1" >"$STATE/composed.v$1"
    { cat "$STATE/composed.v$1" && echo "$hook" && echo COMMIT; } | "$2-restore" --noflush || return 1
    "$2" -t mangle -S "$CHAIN" 2>/dev/null >"$STATE/loaded.v$1"
}

# Tell whether the rules in force are those that were loaded last. $1: family  $2: program
in_force() {
    [ -s "$STATE/loaded.v$1" ] && hooked_first "$2" &&
        "$2" -t mangle -S "$CHAIN" 2>/dev/null | cmp -s - "$STATE/loaded.v$1"
}

# Tell whether the rules loaded last are still the ones to have: the declared ones, for the networks attached now.
up_to_date() {
    compose "$1" | cmp -s - "$STATE/composed.v$1"
}

# Print how many packets the last rule of the chain has stopped. $1: program
dropped() {
    "$1" -t mangle -nvxL "$CHAIN" 2>/dev/null | tail -n 1 | while read -r packets _; do echo "$packets"; done
}

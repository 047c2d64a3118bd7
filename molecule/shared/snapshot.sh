#!/bin/sh
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# A line for each thing on a host that a run could touch: files with the time of their last change of any kind, containers
# with that of their start, images, networks, rules, units. What runs there writes for itself is left out, such as the
# list in which the engine tidies up a while after it has lost a container.
set -eu
{
    find / -xdev \( -path /proc -o -path /run -o -path /tmp -o -path /var/tmp -o -path /root/.ansible -o -path /var/log \
        -o -path /var/lib/systemd -o -path /var/lib/containerd/io.containerd.metadata.v1.bolt -o -path /opt/media/state \) \
        -prune -o -printf '%p %y %m %U:%G %s %C@ %l\n'
    if [ -d /opt/media/state ]; then
        find /opt/media/state \( -type d -o -name '*.conf' -o -name '*.crt' \) -printf '%p %y %m %U:%G %i\n'
    fi
    systemctl list-unit-files --no-legend --plain
    systemctl show --property Id,ActiveState,ActiveEnterTimestamp docker.service media.service media-guard.service
    if command -v nft > /dev/null; then nft --stateless list ruleset; fi
    if command -v docker > /dev/null; then
        docker ps --all --quiet | xargs --no-run-if-empty \
            docker inspect --format '{{.Name}} {{.Id}} {{.State.Status}} {{.State.StartedAt}}'
        docker images --quiet --no-trunc
        docker network ls --quiet --no-trunc
        docker volume ls --quiet
    fi
} | sort

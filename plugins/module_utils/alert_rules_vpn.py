# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Alerts about the tunnel, by the collector's numbers."""

from __future__ import annotations

from ansible_collections.homelab.media.plugins.module_utils.alert_house import House
from ansible_collections.homelab.media.plugins.module_utils.alert_rule import Rule


def _vpn(house: House) -> bool:
    return house.host and bool(house.vpn)


def _name(house: House) -> str:
    return house.vpn


RULES = (
    Rule(
        "VpnPodDown",
        _vpn,
        "min(media_vpn_pod_up) == 0",
        "1m",
        "critical",
        "The VPN pod is down",
        "The container that holds the VPN's network does not run, and nothing behind the VPN has a network.",
        "Run site.yml: it starts the pod, and lets everybody who belongs there join it again.",
        service=_name,
    ),
    Rule(
        "TunnelDown",
        _vpn,
        "min(media_vpn_up) == 0",
        "2m",
        "critical",
        "The VPN tunnel is down",
        "What is behind the VPN has no way out. Nothing leaks: the kill switch holds it.",
        "Read the VPN client's log. If the provider is well, its key or the account may have run out.",
        service=_name,
    ),
    Rule(
        "TunnelCheckStale",
        _vpn,
        "(time() - max(media_vpn_checked_timestamp_seconds)) / 60 > @threshold@"
        " or absent(media_vpn_checked_timestamp_seconds)",
        "5m",
        "warning",
        "Nobody has looked at the VPN tunnel for a while",
        "The last look at the tunnel is more than @threshold@ minutes ago. Whether it is tight is not known.",
        "On the host: systemctl status media-collector.timer media-collector.service.",
        threshold=10,
        service=_name,
    ),
    Rule(
        "TunnelLeak",
        _vpn,
        # What a counter begins with is no increase to Prometheus: packets of the first look would not count.
        "sum by (chain) (increase(media_vpn_guard_packets_total[15m])) > @threshold@"
        " or (sum by (chain) (media_vpn_guard_packets_total) > @threshold@"
        " unless sum by (chain) (media_vpn_guard_packets_total offset 15m))",
        "0s",
        "critical",
        "Packets got past the VPN pod's own kill switch",
        "The host's rules ({{ $labels.chain }}) had to stop packets that the pod's rules should have stopped."
        " They did not get out, but one of the two walls has a hole.",
        "Stop what is behind the VPN, run playbooks/verify.yml, and look for who changed rules in the pod.",
        threshold=0,
        service=_name,
    ),
    Rule(
        "ExitIsHome",
        _vpn,
        "max(media_vpn_exit_is_home) == 1",
        "0s",
        "critical",
        "What is behind the VPN comes out at home",
        "Seen from the internet, services behind the VPN have the address of your own line.",
        "Stop what is behind the VPN, then run playbooks/verify.yml. Is the VPN's server at home?",
        service=_name,
    ),
    Rule(
        "TenantOutside",
        lambda house: _vpn(house) and house.tenants,
        "min by (service) (media_vpn_tenant_up) == 0",
        "2m",
        "critical",
        "{{ $labels.service }} is not in the VPN pod",
        "{{ $labels.service }} should share the pod's network, and does not: it has none, or another one.",
        "Run site.yml: it lets the service join the pod again.",
    ),
    Rule(
        "KillSwitchMissing",
        _vpn,
        "min(media_vpn_rules_loaded) == 0",
        "1m",
        "critical",
        "The VPN's kill switch is not loaded",
        "Rules that shut in what is behind the VPN are missing, in the pod or on the host.",
        "Stop what is behind the VPN, then run site.yml: it loads them again.",
        service=_name,
    ),
)

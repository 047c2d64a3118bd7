#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vpn_check
short_description: Prove that what is behind the VPN stays behind it
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Looks at the VPN pod from the host and from inside, and changes nothing. It sees the address that the pod has for
    the outside and that of the host, where names are looked up, whether the kill switch of the pod and the host's own
    rules are in force, and whether every tenant is in the pod's network namespace.
  - Fails when one of them is not as it must be, and names all that are not.
  - Run as root on the host that has the Docker Engine.
extends_documentation_fragment:
  - homelab.media.attributes
  - homelab.media.attributes.info_module
options:
  project:
    description: The name of the Compose project.
    type: str
    default: media
  pod:
    description: The service that holds the network namespace.
    type: str
    default: vpn-pod
  client:
    description: The service that brings up the tunnel.
    type: str
    default: vpn
  tenants:
    description: The services that must be in the pod.
    type: list
    elements: str
    default: []
  address_url:
    description:
      - A page that holds the address of who asks for it.
      - It is asked for from inside the pod and from the host. Neither is, if this is empty.
    type: str
    default: ""
  ipv6:
    description: Also ask for it by IPv6.
    type: bool
    default: false
  control_address:
    description: Where the client's control server listens, inside the pod.
    type: str
    default: 127.0.0.1:8000
  control_key_file:
    description: The file on the host that holds the control server's key.
    type: path
    required: true
  guard_file:
    description: The file on the host that the host's own rules are loaded from.
    type: path
    required: true
  timeout:
    description: Seconds to wait for each answer.
    type: float
    default: 10
  report_only:
    description: Report problems without failing.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Nothing behind the VPN leaks
  homelab.media.vpn_check:
    tenants: [nzbget]
    address_url: https://ifconfig.me/ip
    control_key_file: /opt/media/secrets/vpn_control_key
    guard_file: /opt/media/config/vpn-pod/guard.nft
"""

RETURN = r"""
exit_address:
  description: The address under which the outside sees what is behind the VPN; empty when there is no way out.
  returned: always
  type: str
  sample: 203.0.113.7
host_address:
  description: The address under which the outside sees the host; empty when the host has no way out itself.
  returned: always
  type: str
exit_address_ipv6:
  description: The same as RV(exit_address) by IPv6.
  returned: always
  type: str
host_address_ipv6:
  description: The same as RV(host_address) by IPv6.
  returned: always
  type: str
leaking:
  description: The outside sees what is behind the VPN under the host's own address.
  returned: always
  type: bool
tunnel:
  description: What the client says of its tunnel, its C(status), and the C(address) that it was told.
  returned: always
  type: dict
dns:
  description:
    - Where names are looked up. C(servers) is what everybody in the pod asks, C(own) those of them inside the pod.
    - C(passes_on) is what Docker's name server asks in turn, and C(by_host) what it asks from the host's own network.
  returned: always
  type: dict
kill_switch:
  description: Whether the pod's rules are C(in_force), and a C(detail) for each IP version.
  returned: always
  type: dict
guard:
  description: Whether the host's own rules are C(in_force), and how many packets they have C(stopped).
  returned: always
  type: dict
tenants:
  description: For each tenant its C(state), its C(health), and whether it is C(inside) the pod's namespace.
  returned: always
  type: dict
problems:
  description: What is not as it must be, each with C(variable), C(reason) and C(expected).
  returned: always
  type: list
  elements: dict
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils.parts import vpn_check


def main() -> None:
    vpn_check.run(AnsibleModule(**vpn_check.SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()

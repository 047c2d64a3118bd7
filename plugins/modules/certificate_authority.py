#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_authority
short_description: Keep a certificate authority of the host's own, and a certificate that it signs
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Makes the authority and the certificate with the program openssl, and renews each when it is about to end, when it
    is for other names, or when its key is not there.
  - The authority can sign for one domain only, so that a device which trusts it believes nothing else of it.
  - Keys are readable by root alone. A key that is there stays.
extends_documentation_fragment:
  - homelab.media.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  domain:
    description: The domain that the authority may sign for, with all below it.
    type: str
    required: true
  names:
    description: The names in the certificate. If not set, the domain and every name right below it.
    type: list
    elements: str
  ca_key_file:
    description: The key of the authority.
    type: path
    required: true
  ca_file:
    description: The certificate of the authority, which devices have to trust.
    type: path
    required: true
  key_file:
    description: The key of the certificate.
    type: path
    required: true
  certificate_file:
    description: The certificate.
    type: path
    required: true
"""

EXAMPLES = r"""
- name: Have a certificate for all names of the home
  homelab.media.certificate_authority:
    domain: home.example.org
    ca_key_file: /opt/media/secrets/proxy_ca_key
    ca_file: /opt/media/config/proxy/ca.crt
    key_file: /opt/media/secrets/proxy_tls_key
    certificate_file: /opt/media/config/proxy/tls.crt
"""

RETURN = r"""
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils import authority
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "domain": {"type": "str", "required": True},
            "names": {"type": "list", "elements": "str"},
            "ca_key_file": {"type": "path", "required": True, "no_log": False},
            "ca_file": {"type": "path", "required": True},
            "key_file": {"type": "path", "required": True, "no_log": False},
            "certificate_file": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    params = module.params
    files = authority.Files(params["ca_key_file"], params["ca_file"], params["key_file"], params["certificate_file"])
    domain = params["domain"].lower()
    names = params["names"] or [domain, f"*.{domain}"]
    try:
        outcome = authority.ensure(files, domain, names, module.check_mode)
    except MediaError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**outcome.result())


if __name__ == "__main__":
    main()

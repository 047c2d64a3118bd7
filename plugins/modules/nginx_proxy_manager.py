#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nginx_proxy_manager
short_description: Keep a running Nginx Proxy Manager as declared
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Claims the administrator while nobody has, and brings certificates, access lists, hosts and the default site to what
    is wanted. Compares with what the server makes of what it is told, writes only what differs, and reads it again.
  - The server answers a configuration that nginx does not take with success. This module fails with nginx's own words
    then, and puts the earlier configuration of that host back.
  - Only what a run has made is removed when it is no longer wanted. What a person made in the web interface stays; a
    host of theirs that has one of the declared names becomes a declared one.
  - In check mode, a server that does not run, or that nobody has claimed, needs everything.
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
  url:
    description: The address of the administration, as the host reaches it.
    type: str
    default: http://127.0.0.1:81
  email:
    description: The name that the administrator signs in with. Let's Encrypt writes to it.
    type: str
    required: true
  password_file:
    description: The file on the host that holds the administrator's password, of 8 to 64 characters.
    type: path
    required: true
  in_force_file:
    description: A file of root's for the pair that the server knows now, which a later change needs.
    type: path
    required: true
  ledger:
    description:
      - A file of root's with what was made, and keyed fingerprints of the secrets that were written.
      - Beside it (C(.seen.json)) is what the server had last, for a check mode in which it does not run.
    type: path
    required: true
  ledger_key_file:
    description: The file with the key of these fingerprints.
    type: path
    required: true
  planned_secrets:
    description: For check mode. Digests of the secrets that a real run would have stored before, by their files.
    type: dict
    default: {}
  authority:
    description:
      - A certificate authority of the host's own, which makes and renews the files of a certificate with the program
        openssl before anything asks for them. Keys are readable by root alone; one that is there stays.
      - It can sign for one domain only, so that a device which trusts it believes nothing else of it.
    type: dict
    suboptions:
      domain:
        description: The domain that the authority may sign for, with all below it.
        type: str
        required: true
      names:
        description: The names in the certificate.
        type: list
        elements: str
        required: true
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
  data:
    description: The server's C(/data), as this host sees it. Uploaded certificates are compared there.
    type: path
    required: true
  certificates:
    description: The certificates.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name that hosts call it by. For Let's Encrypt, the names joined by comma and blank.
        type: str
        required: true
      provider:
        description: V(other) is uploaded, V(letsencrypt) is asked for by the server, once in a run.
        type: str
        choices: [other, letsencrypt]
        default: other
      certificate_file:
        description: PEM of the certificate with all between it and its authority, for V(other).
        type: path
      key_file:
        description: PEM of its key, without a passphrase, for V(other).
        type: path
      domain_names:
        description: The names in it, for V(letsencrypt).
        type: list
        elements: str
        default: []
      dns_provider:
        description: The name of the server's plugin that proves the domain by DNS. If not set, HTTP proves each name.
        type: str
      dns_credentials_file:
        description: The file with the credentials of that plugin.
        type: path
      propagation_seconds:
        description: How long the DNS needs to know.
        type: int
      key_type:
        description: The kind of its key.
        type: str
        choices: [ecdsa, rsa]
        default: ecdsa
  access_lists:
    description: The access lists.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name that hosts call it by.
        type: str
        required: true
      satisfy_any:
        description: Whether a right address or a right password is enough.
        type: bool
        default: false
      pass_auth:
        description: Whether the application is told the password.
        type: bool
        default: false
      users:
        description: Who may pass by a password.
        type: list
        elements: dict
        default: []
        suboptions:
          username:
            description: The name.
            type: str
            required: true
          password_file:
            description: The file on the host that holds the password.
            type: path
            required: true
      clients:
        description: Which addresses may pass, in the order in which they are asked.
        type: list
        elements: dict
        default: []
        suboptions:
          address:
            description: An address, a network, or V(all).
            type: str
            required: true
          directive:
            description: What happens to them.
            type: str
            choices: [allow, deny]
            default: allow
  proxy_hosts:
    description:
      - The proxy hosts, by the server's own fields, but C(certificate) and C(access_list) are names.
      - Each has at least C(domain_names), C(forward_host) and C(forward_port).
      - "@@access_list_id@@ in C(advanced_config) becomes the id of the access list."
    type: list
    elements: dict
    default: []
  redirection_hosts:
    description: The redirections, by the server's own fields. Each has C(domain_names) and C(forward_domain_name).
    type: list
    elements: dict
    default: []
  dead_hosts:
    description: The hosts that answer 404, by the server's own fields. Each has C(domain_names).
    type: list
    elements: dict
    default: []
  default_site:
    description: What unknown names get, with C(value), and C(redirect) or C(html) where it needs them.
    type: dict
    default: {}
  timeout:
    description: Seconds to wait for the server.
    type: float
    default: 60
  certificate_timeout:
    description: Seconds to wait for Let's Encrypt. The server itself gives up after fifteen minutes.
    type: float
    default: 960
"""

EXAMPLES = r"""
- name: Publish a page with a certificate of one's own
  homelab.media.nginx_proxy_manager:
    email: admin@example.org
    password_file: /opt/media/secrets/proxy_admin_password
    in_force_file: /opt/media/secrets/proxy_admin_in_force
    ledger: /opt/media/proxy.json
    ledger_key_file: /opt/media/secrets/stack_digest_key
    data: /opt/media/state/proxy/data
    certificates:
      - name: home
        certificate_file: /opt/media/config/proxy/tls.crt
        key_file: /opt/media/secrets/proxy_tls_key
    proxy_hosts:
      - domain_names: [sonarr.example.org]
        forward_host: sonarr
        forward_port: 8989
        certificate: home
        ssl_forced: true
    default_site: {value: "444"}
"""

RETURN = r"""
reachable:
  description: Whether the server answered. Only in check mode can it be false.
  returned: success
  type: bool
version:
  description: The server's version, empty if it did not answer.
  returned: success
  type: str
unguarded:
  description: Names of proxy hosts that were made by hand, and that ask nobody who comes. Each is warned of.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils.parts import nginx_proxy_manager


def main() -> None:
    nginx_proxy_manager.run(AnsibleModule(**nginx_proxy_manager.SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()

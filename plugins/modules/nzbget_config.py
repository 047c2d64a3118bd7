#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nzbget_config
short_description: Keep the options of a running NZBGet true
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Reads NZBGet's configuration file through its JSON-RPC, lays the given options over it, and saves, reloads and reads
    it again when something differs. Options that it is not told of are kept.
  - Numbered entries are a list. If one of a kind is given, such as C(Server1.Host), all of that kind are taken from the
    options. Surplus entries go, and what an entry holds besides, such as C(Server1.Notes), follows its name.
  - Reports each option that differs. Values of secret options are never shown.
  - In check mode, an NZBGet that does not run is judged by its configuration file, and by nothing where there is none.
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
    description: The address of NZBGet, without C(/jsonrpc).
    type: str
    default: http://127.0.0.1:6789
  username:
    description: The control user's name. It is not set by this; give C(ControlUsername) in O(options) as well.
    type: str
    default: nzbget
  password:
    description: The control user's password.
    type: str
  password_file:
    description: The file on the host that holds the control user's password.
    type: path
  config_file:
    description:
      - NZBGet's configuration file as the host sees it.
      - It tells a password that was changed by hand, so that the declared one can be put back, whether an interrupted
        run left a reload undone, and, in check mode, what an NZBGet that does not run would need.
    type: path
  options:
    description:
      - NZBGet's options by name, each as a value.
      - Null leaves the option out of the file, so that NZBGet's own default holds.
      - Options that hold a secret belong into O(secret_options).
    type: dict
    default: {}
  secret_options:
    description: Options that hold a secret, each as the path of the file on the host that its value is in.
    type: dict
    default: {}
  timeout:
    description: Seconds to wait for NZBGet to answer, and for it to be back after a reload.
    type: float
    default: 60
"""

EXAMPLES = r"""
- name: Keep NZBGet's folders, login and news server
  homelab.media.nzbget_config:
    password_file: /opt/media/secrets/nzbget_password
    config_file: /opt/media/state/nzbget/nzbget.conf
    options:
      ControlUsername: nzbget
      DestDir: /data/usenet/complete
      Server1.Name: main
      Server1.Host: news.provider.net
      Server1.Port: 563
      Server1.Encryption: true
      Server1.Connections: 20
      Server1.Username: someone
    secret_options:
      ControlPassword: /opt/media/secrets/nzbget_password
      Server1.Password: /opt/media/secrets/nzbget_news_main_password

- name: Tell whether NZBGet is as declared, and change nothing
  homelab.media.nzbget_config:
    password_file: /opt/media/secrets/nzbget_password
    options:
      UMask: "0002"
  check_mode: true
"""

RETURN = r"""
reachable:
  description: Whether NZBGet answered. Only in check mode can it be false.
  returned: success
  type: bool
version:
  description: NZBGet's version, empty if it did not answer.
  returned: success
  type: str
  sample: "26.2"
not_in_force:
  description: Given options that NZBGet runs with another value for than its file has, as from its command line.
  returned: success
  type: list
  elements: str
config_errors:
  description: What NZBGet could not read in its configuration. It pauses every download until that is corrected.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils.parts import nzbget_config


def main() -> None:
    nzbget_config.run(AnsibleModule(**nzbget_config.SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()

#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: plex_server
short_description: Keep preferences, libraries and owner of a running Plex Media Server
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Compares preferences and libraries with what is wanted, writes only what differs, and reads it again.
  - Finds a library by its type and folders, then by its type and name, before it makes one. Plex itself would make the
    same library twice. Nothing is removed unless O(libraries[].state) says so, and what is not named is kept.
  - Claims the server when it has no owner and an account's token is given. The claim code, which lives four minutes, is
    asked for at the last moment. Everything else is done before, because the claim alone needs the internet.
  - In check mode, a Plex that does not run is judged by its Preferences.xml, and needs everything where there is none.
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
    description: The address of Plex. An unclaimed server lets in only its own machine.
    type: str
    default: http://127.0.0.1:32400
  token_file:
    description:
      - The file on the host that holds the token of the owner's account. Not a claim code, which is soon dead.
      - With none, a server without owner stays so, and a claimed one is asked with its own token from O(config_file).
    type: path
  config_file:
    description: Plex's Preferences.xml as the host sees it.
    type: path
  plex_tv:
    description: Where claim codes come from.
    type: str
    default: https://plex.tv
  preferences:
    description:
      - Preferences by the names that Plex lists, in any case, each as a value of its type.
      - A name or a value that this Plex does not know is refused before anything is written.
    type: dict
    default: {}
  preferences_if_known:
    description: Preferences of the same form, for a Plex that has them. Those that it does not know are left out.
    type: dict
    default: {}
  libraries:
    description: The libraries. Those that are not named are left alone.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name that Plex shows.
        type: str
        required: true
      type:
        description: What is in it.
        type: str
        choices: [movie, show, artist, photo]
        required: true
      locations:
        description: Its folders, as Plex sees them. These are all that it has.
        type: list
        elements: str
        default: []
      agent:
        description: Where its metadata comes from. If not set, Plex's usual one for a new library, and else unchanged.
        type: str
      scanner:
        description: How its files are read. If not set, Plex's usual one for a new library, and else unchanged.
        type: str
      language:
        description: The language of its metadata. If not set, V(en-US) for a new library, and else unchanged.
        type: str
      state:
        description: V(absent) removes the library of this type and name. Its files stay.
        type: str
        choices: [present, absent]
        default: present
  timeout:
    description: Seconds to wait for Plex to answer, and for plex.tv.
    type: float
    default: 60
"""

EXAMPLES = r"""
- name: Keep Plex's name, owner and libraries
  homelab.media.plex_server:
    token_file: /opt/media/secrets/plex_token
    config_file: /opt/media/state/plex/Library/Application Support/Plex Media Server/Preferences.xml
    preferences:
      FriendlyName: cellar
      allowMediaDeletion: false
      ScheduledLibraryUpdateInterval: 86400
    libraries:
      - {name: Movies, type: movie, locations: [/data/media/movies]}
      - {name: TV Shows, type: show, locations: [/data/media/tv], language: de-DE}

- name: Take a library out of Plex
  homelab.media.plex_server:
    token_file: /opt/media/secrets/plex_token
    libraries:
      - {name: Old films, type: movie, state: absent}
"""

RETURN = r"""
reachable:
  description: Whether Plex answered. Only in check mode can it be false.
  returned: success
  type: bool
claimed:
  description: Whether the server has an owner.
  returned: success
  type: bool
version:
  description: Plex's version, empty if it did not answer.
  returned: success
  type: str
identifier:
  description: The id by which clients know the server.
  returned: success
  type: str
libraries:
  description: Each library with its C(key), C(name), C(type) and C(locations).
  returned: success
  type: list
  elements: dict
doubles:
  description: Libraries that have type and folders of another one.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils.parts import plex_server


def main() -> None:
    plex_server.run(AnsibleModule(**plex_server.SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()

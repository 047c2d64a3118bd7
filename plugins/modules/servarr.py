#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: servarr
short_description: Keep Sonarr, Radarr, Lidarr, Readarr, Bookshelf and Prowlarr as declared
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Brings many applications, all at once, to what is declared for each. Prowlarr comes after the others, for it calls
    them whenever something is saved in it.
  - What is declared is laid over what an application has, or over the application's own pattern for what it has not
    yet. Only what differs is written, as a whole object; what is not declared is kept.
  - An application that fails is reported with the others' problems, and does not keep these from being converged. The
    same is true of one item of an application.
  - Secrets come from files on the host, and are never shown. An application does not give them back, so that a ledger
    keeps a keyed digest of what was written.
extends_documentation_fragment:
  - homelab.media.attributes
attributes:
  check_mode:
    support: full
    details:
      - Sends no request that writes, and no test either. So that a secret was changed in an application is only found
        by a real run, and only when the application itself complains, except in Readarr and Bookshelf, which show them.
      - An application that does not answer, as on a host where nothing runs yet, is judged to need all that is
        declared. Of one that an earlier run has wired, nothing is told but a warning.
      - One that refuses its key is left out with a warning. The key's file may be newer than the container.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  applications:
    description: The applications, each under a name of its own. Names are free; several may be of one kind.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What messages, the results and the ledger call it.
        type: str
        required: true
      kind:
        description: What it is. V(bookshelf) has Readarr's API.
        type: str
        choices: [sonarr, radarr, lidarr, readarr, bookshelf, prowlarr]
        required: true
      url:
        description: Its address as this host reaches it, with its URL base if it has one.
        type: str
        required: true
      api_key_file:
        description: The file on the host that holds its API key.
        type: path
        required: true
      settings:
        description:
          - Settings that there is one of each, by the last part of their path, such as C(host) for C(/config/host).
          - Secrets have no place here. The sign-in password is O(applications[].password_file).
        type: dict
        default: {}
      password_file:
        description:
          - The file on the host that holds the sign-in password of C(settings.host.username).
          - It is written when the file has another one than was written last, or when somebody has set one since.
        type: path
      resources:
        description:
          - Lists by the last part of their path, such as C(downloadclient), each with its items, which have the
            application's own keys.
          - An item is found by its C(name) in any case; a root folder by its C(path), a tag by its C(label), a remote
            path mapping by C(host) and C(remotePath), a delay profile by its C(tags).
          - C(state=absent) removes an item. C(fields) are names and values, C(secret_fields) are names and files on the
            host.
          - Text in place of an id is a name, as in C(tags), C(qualityProfileId), C(metadataProfileId), C(appProfileId),
            C(downloadClientId) and those that start with C(default).
          - A C(tag) may be just its label.
          - A C(qualityprofile) has C(qualities) by name, best first, a group as C(name) and C(qualities); C(cutoff) and
            Radarr's C(language) by name; and the C(formats) that it scores, by name.
          - A C(metadataprofile) of Lidarr has the allowed C(primaryAlbumTypes), C(secondaryAlbumTypes) and
            C(releaseStatuses) by name.
          - A C(customformat) has C(specifications), each with C(name), C(implementation) and C(fields).
          - Whatever was made in an earlier run and is not declared any more is removed. What was there before is not.
        type: dict
        default: {}
      prune:
        description:
          - Lists in which nothing else may be than what is declared, each with the names that may stay nevertheless.
        type: dict
        default: {}
  ledger:
    description:
      - The file on the host that keeps what was made, and keyed digests of the secrets that were written.
      - Without it nothing is removed, and every secret is written once more.
    type: path
    required: true
  ledger_key_file:
    description: The file on the host that holds the key of those digests.
    type: path
    required: true
  planned_secrets:
    description:
      - Digests of secrets that a real run would have put into their files by now, by the file.
      - What M(homelab.media.media_render) returns in check mode.
    type: dict
    default: {}
  timeout:
    description:
      - Seconds to wait for an application to answer. A new version may be busy with its database for minutes.
      - In check mode an application that does not answer is not waited for.
    type: float
    default: 120
seealso:
  - module: homelab.media.servarr_info
"""

EXAMPLES = r"""
- name: Connect Sonarr to NZBGet, and Prowlarr to Sonarr
  homelab.media.servarr:
    ledger: /opt/media/wired.json
    ledger_key_file: /opt/media/secrets/stack_digest_key
    applications:
      - name: sonarr
        kind: sonarr
        url: http://127.0.0.1:8989
        api_key_file: /opt/media/secrets/sonarr_api_key
        password_file: /opt/media/secrets/arr_password
        settings:
          host: {username: admin, logLevel: info}
          mediamanagement: {copyUsingHardlinks: true}
        resources:
          rootfolder:
            - path: /data/media/tv
          tag: [4k]
          downloadclient:
            - name: NZBGet
              implementation: Nzbget
              enable: true
              tags: [4k]
              fields: {host: nzbget, port: 6789, username: apps, tvCategory: tv}
              secret_fields: {password: /opt/media/secrets/nzbget_restricted_password}
        prune:
          downloadclient: []
      - name: prowlarr
        kind: prowlarr
        url: http://127.0.0.1:9696
        api_key_file: /opt/media/secrets/prowlarr_api_key
        resources:
          applications:
            - name: sonarr
              implementation: Sonarr
              syncLevel: fullSync
              fields: {prowlarrUrl: "http://prowlarr:9696", baseUrl: "http://sonarr:8989"}
              secret_fields: {apiKey: /opt/media/secrets/sonarr_api_key}

- name: Keep a quality profile of Radarr's, and take an indexer away
  homelab.media.servarr:
    ledger: /opt/media/wired.json
    ledger_key_file: /opt/media/secrets/stack_digest_key
    applications:
      - name: radarr
        kind: radarr
        url: http://127.0.0.1:7878
        api_key_file: /opt/media/secrets/radarr_api_key
        resources:
          customformat:
            - name: Remaster
              specifications:
                - name: Remaster
                  implementation: ReleaseTitleSpecification
                  fields: {value: "Remaster"}
          qualityprofile:
            - name: HD
              upgradeAllowed: true
              cutoff: WEB 1080p
              qualities:
                - Bluray-1080p
                - name: WEB 1080p
                  qualities: [WEBDL-1080p, WEBRip-1080p]
              formats: {Remaster: 25}
          indexer:
            - name: Retired
              state: absent
"""

RETURN = r"""
applications:
  description: What became of each application, by its name.
  returned: always
  type: dict
  contains:
    reachable:
      description: Whether it answered and took its key.
      type: bool
    version:
      description: Its version, empty if it did not answer.
      type: str
    changed:
      description: Whether something was written to it, or in check mode would be.
      type: bool
  sample:
    sonarr:
      reachable: true
      version: 4.0.19.2979
      changed: false
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils.parts import servarr


def main() -> None:
    servarr.run(AnsibleModule(**servarr.SPEC, supports_check_mode=True))


if __name__ == "__main__":
    main()

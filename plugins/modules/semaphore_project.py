#!/usr/bin/python
# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: semaphore_project
short_description: Keep a project of Semaphore UI
version_added: 0.1.0
author:
  - Contributors to the homelab.media project (@homelab-media)
description:
  - Makes one project of Semaphore as it is declared, by its API, and keeps it so. Keys, one repository, one inventory,
    one environment (which newer versions call a variable group), task templates and schedules. Only what differs is
    written.
  - Names are not unique in Semaphore. A thing is found by its name; two of one declared name are refused, with both
    ids.
  - What a run has made and nobody declares any more is removed, a template together with the history of its tasks.
    What others have made stays; a thing of theirs that has a declared name becomes a declared one. Fields that are not
    declared keep their values.
  - Semaphore never tells a secret. What was written last is known by keyed fingerprints, which are kept in the project,
    in a variable group that no template uses, so that a controller that forgets everything needs no file of its own.
  - It runs where Ansible runs. Problems are told by the variables of the role P(homelab.media.semaphore#role).
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
    description: Where the pages of Semaphore are.
    type: str
    required: true
  token:
    description: An API token. Without one, O(user) and O(password) begin a session that ends with the module.
    type: str
  user:
    description: The name or the mail address of a user.
    type: str
  password:
    description: The user's password.
    type: str
  validate_certs:
    description: Whether the certificate of the server has to be right.
    type: bool
    default: true
  ca_path:
    description: A file with the certificates of authorities to trust instead of those of the system.
    type: path
  timeout:
    description: Seconds to wait for an answer.
    type: float
    default: 30
  fingerprint_key:
    description:
      - What the fingerprints are made with; by default O(token), or else O(password).
      - Another key writes every secret once more. Give it where several controllers have a token each.
    type: str
  rewrite_secrets:
    description: Whether secrets are written even where the last ones were the same, which is always a change.
    type: bool
    default: false
  project:
    description: The name of the project.
    type: str
    required: true
  alert:
    description: Whether Semaphore tells of tasks by its alerts.
    type: bool
    default: false
  max_parallel_tasks:
    description: How many tasks may run at once; V(0) is any number.
    type: int
    default: 1
  keys:
    description: The keys.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: What it is called by other options.
        type: str
        required: true
      type:
        description: What it holds.
        type: str
        choices: [ssh, login_password, none]
        required: true
      login:
        description: The user that it is for.
        type: str
      password:
        description: The password, for V(login_password); of an Ansible vault too.
        type: str
      private_key:
        description: The private key, for V(ssh).
        type: str
      passphrase:
        description: What opens the private key.
        type: str
  repository:
    description: The repository with the playbooks.
    type: dict
    required: true
    suboptions:
      name:
        description: Its name; by default the project's.
        type: str
      url:
        description: Its address, or a path on the machine that Semaphore runs on.
        type: str
      branch:
        description: The branch.
        type: str
        default: main
      key:
        description: The name of the key that opens it. Without one it is open.
        type: str
  inventory:
    description: The inventory.
    type: dict
    required: true
    suboptions:
      name:
        description: Its name; by default the project's.
        type: str
      type:
        description: Whether it is a file in the repository, or the text itself.
        type: str
        choices: [file, static, static-yaml]
        default: file
      inventory:
        description: The path, or the text.
        type: str
        required: true
      key:
        description: The name of the key that opens the hosts.
        type: str
      become_key:
        description: The name of the key with the password for becoming root.
        type: str
  environment:
    description: The variables that all templates get.
    type: dict
    default: {}
    suboptions:
      name:
        description: Its name; by default the project's.
        type: str
      variables:
        description: Extra variables.
        type: dict
        default: {}
      env:
        description: Variables of the process.
        type: dict
        default: {}
      secret_variables:
        description: Extra variables that are secret.
        type: dict
        default: {}
      secret_env:
        description: Variables of the process that are secret.
        type: dict
        default: {}
  vaults:
    description: Names of keys whose passwords open the vaults of all templates.
    type: list
    elements: str
    default: []
  templates:
    description: The task templates.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The name.
        type: str
        required: true
      playbook:
        description: The path of the playbook in the repository.
        type: str
        required: true
      arguments:
        description: What C(ansible-playbook) gets beside that.
        type: list
        elements: str
        default: []
      description:
        description: What Semaphore shows with it.
        type: str
      git_branch:
        description: Another branch than the repository's.
        type: str
      allow_override_args_in_task:
        description: Whether who starts it may give other arguments.
        type: bool
      suppress_success_alerts:
        description: Whether only failures are told of.
        type: bool
      survey_vars:
        description: What who starts it is asked.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: The variable.
            type: str
            required: true
          title:
            description: How it is asked for.
            type: str
            required: true
          description:
            description: What is said with it.
            type: str
            default: ""
          type:
            description: What is asked for; without it, text.
            type: str
            choices: ["", int, enum, secret, text]
            default: ""
          required:
            description: Whether there has to be an answer.
            type: bool
            default: false
          default_value:
            description: The answer if there is none.
            type: str
            default: ""
          values:
            description: What to choose from, for V(enum).
            type: list
            elements: dict
            default: []
            suboptions:
              name:
                description: What is shown.
                type: str
                required: true
              value:
                description: What is meant.
                type: str
                required: true
  schedules:
    description:
      - When templates run by themselves, in cron's five fields by the names of templates.
      - Semaphore takes them in its own time zone, C(SEMAPHORE_SCHEDULE_TIMEZONE), which is UTC if nobody has set it.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Converge the media host every hour
  homelab.media.semaphore_project:
    url: https://semaphore.example.org
    token: "{{ vault_semaphore_token }}"
    project: media
    keys:
      - name: host
        type: ssh
        login: ansible
        private_key: "{{ vault_ssh_key }}"
      - name: vault
        type: login_password
        password: "{{ vault_password }}"
    repository:
      url: https://git.example.org/media.git
    inventory:
      inventory: hosts.yml
      key: host
    vaults: [vault]
    templates:
      - name: converge
        playbook: site.yml
      - name: check
        playbook: site.yml
        arguments: [--check, --diff]
    schedules:
      converge: 17 * * * *
  delegate_to: localhost
"""

RETURN = r"""
project_id:
  description: The number of the project. V(0) in check mode, if there is none yet.
  returned: success
  type: int
  sample: 1
templates:
  description: The numbers of the declared templates by their names, of those that are there.
  returned: success
  type: dict
  sample: {converge: 3}
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.homelab.media.plugins.module_utils import semaphore, semaphore_declared
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError

TEXT: dict[str, Any] = {"type": "str"}
NAME: dict[str, Any] = {"type": "str", "required": True}
SECRET: dict[str, Any] = {"type": "str", "no_log": True}
VARIABLES: dict[str, Any] = {"type": "dict", "default": {}}
# The name of a key is no secret, and what is no secret is told.
KEY_NAME: dict[str, Any] = {"type": "str", "no_log": False}
KEY: dict[str, Any] = {
    "name": NAME,
    "type": {"type": "str", "choices": ["ssh", "login_password", "none"], "required": True},
    "login": TEXT,
    "password": SECRET,
    "private_key": SECRET,
    "passphrase": SECRET,
}
REPOSITORY: dict[str, Any] = {"name": TEXT, "url": TEXT, "branch": {"type": "str", "default": "main"}, "key": KEY_NAME}
INVENTORY: dict[str, Any] = {
    "name": TEXT,
    "type": {"type": "str", "choices": ["file", "static", "static-yaml"], "default": "file"},
    "inventory": NAME,
    "key": KEY_NAME,
    "become_key": KEY_NAME,
}
ENVIRONMENT: dict[str, Any] = {
    "name": TEXT,
    "variables": VARIABLES,
    "env": VARIABLES,
    "secret_variables": {**VARIABLES, "no_log": True},
    "secret_env": {**VARIABLES, "no_log": True},
}
SURVEY: dict[str, Any] = {
    "name": NAME,
    "title": NAME,
    "description": {"type": "str", "default": ""},
    "type": {"type": "str", "choices": ["", "int", "enum", "secret", "text"], "default": ""},
    "required": {"type": "bool", "default": False},
    "default_value": {"type": "str", "default": ""},
    "values": {"type": "list", "elements": "dict", "default": [], "options": {"name": NAME, "value": NAME}},
}
TEMPLATE: dict[str, Any] = {
    "name": NAME,
    "playbook": NAME,
    "arguments": {"type": "list", "elements": "str", "default": []},
    "description": TEXT,
    "git_branch": TEXT,
    "allow_override_args_in_task": {"type": "bool"},
    "suppress_success_alerts": {"type": "bool"},
    "survey_vars": {"type": "list", "elements": "dict", "default": [], "options": SURVEY},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "url": NAME,
            "token": SECRET,
            "user": TEXT,
            "password": SECRET,
            "validate_certs": {"type": "bool", "default": True},
            "ca_path": {"type": "path"},
            "timeout": {"type": "float", "default": 30},
            "fingerprint_key": SECRET,
            "rewrite_secrets": {"type": "bool", "default": False, "no_log": False},
            "project": NAME,
            "alert": {"type": "bool", "default": False},
            "max_parallel_tasks": {"type": "int", "default": 1},
            "keys": {"type": "list", "elements": "dict", "default": [], "options": KEY, "no_log": False},
            "repository": {"type": "dict", "required": True, "options": REPOSITORY},
            "inventory": {"type": "dict", "required": True, "options": INVENTORY},
            "environment": {"type": "dict", "default": {}, "options": ENVIRONMENT},
            "vaults": {"type": "list", "elements": "str", "default": []},
            "templates": {"type": "list", "elements": "dict", "default": [], "options": TEMPLATE},
            "schedules": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    try:
        target, wanted = semaphore_declared.read(module.params)
        outcome = semaphore.ensure(target, wanted, module.check_mode)
    except MediaError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**outcome.result())


if __name__ == "__main__":
    main()

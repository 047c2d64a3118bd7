# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Data as the text of a YAML file, in which the host can put in secrets."""

from __future__ import annotations

from typing import Any

import yaml
from ansible_collections.homelab.media.plugins.module_utils.secret_tokens import has_token
from ansible_collections.homelab.media.plugins.plugin_utils.compose_files import plain


class _Dumper(yaml.SafeDumper):
    """Writes a text with a token between double quotes: what stands for it is escaped for these."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write a list that is there twice out twice: people read this."""
        return True


def _represent_text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = '"' if has_token(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _represent_text)


def text(value: Any) -> str:
    """Return plain data as YAML. A token in it has to be one for text between double quotes (secret_tokens.py)."""
    return yaml.dump(plain(value), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the image families want: names of identity variables, secrets as files, start capabilities, HTTP client.

A family is a group of images that share an entrypoint convention. These are facts of upstream's images; a new family
is a new entry here and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Problem

#: What an entrypoint needs that starts as root, gives folders to the user it was told of, and becomes that user.
_BECOME_USER = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID")

#: s6 stays root while the application runs as another user: without KILL it could not pass the stop signal on,
#: and every stop would end in the engine's SIGKILL.
_S6 = (*_BECOME_USER, "KILL")

#: NET_RAW: iptables opens a raw socket, and the health check pings.
_TUNNEL = (*_BECOME_USER, "NET_ADMIN", "NET_RAW")

_HTTP_GET = {
    "curl": ("curl", "-fsSL", "-o", "/dev/null", "--max-time", "5"),
    "wget": ("wget", "-q", "-O", "/dev/null", "-T", "5"),  # busybox knows these options too
}


@dataclass(frozen=True)
class Family:
    """One image family.

    uid, gid, umask: the environment variables that carry them; None where the image reads none.
    compose_user: the container has to be started as the user (Compose's "user"), it cannot become it.
    file_secret: how the variable is called that names the file which holds variable "{name}".
    capabilities: what the entrypoint needs once all capabilities were dropped.
    http_client: what the image can ask its own health with.
    """

    name: str
    uid: str | None = None
    gid: str | None = None
    umask: str | None = None
    compose_user: bool = False
    file_secret: str | None = None
    capabilities: tuple[str, ...] = ()
    http_client: str | None = None

    def http_get(self, url: str) -> list[str]:
        """Return the command that asks for the URL inside a container and fails on an HTTP error."""
        if self.http_client is None:
            reason = f"image family {self.name!r} has no HTTP client inside"
            raise MediaError([Problem("x-media.health.http", reason, "a healthcheck of the service's own")])
        return [*_HTTP_GET[self.http_client], url]

    def secret_variable(self, name: str) -> str:
        """Return the environment variable that names the file which holds the secret variable."""
        if self.file_secret is None:
            reason = f"image family {self.name!r} reads no secret from a file"
            raise MediaError([Problem(name, reason, "the secret in a configuration file, as @@secret:NAME@@")])
        return self.file_secret.format(name=name)


#: A service that names no family: nothing is known of its image.
NO_FAMILY = Family("none")

_ALL = (
    Family("linuxserver", "PUID", "PGID", "UMASK", False, "FILE__{name}", _S6, "curl"),
    Family("hotio", "PUID", "PGID", "UMASK", False, "FILE__{name}", _S6, "curl"),
    # Its one secret that may come from a file is the claim (PLEX_CLAIM_FILE): no convention to build on.
    Family("plexinc", "PLEX_UID", "PLEX_GID", None, False, None, _S6, "curl"),
    Family("nzbgetcom", "PUID", "PGID", None, False, None, _BECOME_USER, "wget"),
    Family("tautulli", "PUID", "PGID", None, False, None, _BECOME_USER, "curl"),
    Family("authelia", "PUID", "PGID", "UMASK", False, "{name}_FILE", _BECOME_USER, "wget"),
    Family("npm", "PUID", "PGID", None, False, "{name}__FILE", _S6, "curl"),
    Family("gluetun", "PUID", "PGID", None, False, "{name}_SECRETFILE", _TUNNEL, "wget"),
    # Runs as its own user (472, group 0), whoever owns the library.
    Family("grafana", None, None, None, False, "{name}__FILE", (), "curl"),
    Family("rootless", None, None, None, True, None, (), None),
)

FAMILIES = {family.name: family for family in _ALL}

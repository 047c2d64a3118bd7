# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The declaration: what a role says of its services, and the checks that it is well-formed.

A declaration is a dictionary with the keys of DECLARATION_KEYS. Its services are Compose services, word for word,
with one extension key, ``x-media``, for what Compose has no word for; MEDIA_KEYS lists what it may hold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.homelab.media.plugins.module_utils.compose_forms import form_problems, normal
from ansible_collections.homelab.media.plugins.module_utils.families import FAMILIES
from ansible_collections.homelab.media.plugins.module_utils.outcome import Problem
from ansible_collections.homelab.media.plugins.module_utils.ownership import parse_mode

#: What a role may declare. "path" is the role's folder on the controller, set by media_declare.
DECLARATION_KEYS: dict[str, type] = {
    "problems": list,
    "secrets": dict,
    "files": list,
    "units": list,
    "packages": list,
    "networks": dict,
    "services": dict,
    "exporters": dict,  # kind -> Compose service, made once for each service whose metrics name the kind
    "pages": list,  # without a service: of other machines, as media_plan.pages has them, or static (STATIC_KEYS)
    "todo": list,  # what is left for a person to do, as status tells it: service and text of each
    "path": str,
}

#: What x-media may hold, and the type of each.
MEDIA_KEYS: dict[str, tuple[type, ...]] = {
    "part_of": (str,),  # the service that this one belongs to: chosen, tagged and removed with it
    "family": (str,),  # image family: identity variables, start capabilities, health client
    "identity": (bool,),  # give the container PUID, PGID, UMASK and TZ; default: yes where the family knows them
    "egress": (str,),  # vpn | direct | none | pod
    "web": (dict,),  # port, path, loopback, name, scheme, keyed
    "listens": (list,),  # further ports that it listens on in its namespace, not published
    "access": (str,),  # bypass | one_factor | two_factor | deny; default: two_factor
    "groups": (list,),  # the groups that may see its page; default: everybody who is signed in
    "behind_sign_on": (dict,),  # environment: laid over its own where a sign-on stands before its page
    "needs": (list,),  # services that must be up before
    "talks_to": (list,),  # services that this one opens connections to
    "api": (dict,),  # kind, the names of the secrets that open it, and what its users have to know
    "uses": (list,),  # kinds of API that it talks to, whoever offers them
    "library": (dict,),  # name, type, title: the library that it keeps, and the download category of the same name
    "health": (dict,),  # http, port
    "limits": (dict,),  # memory, cpus, pids
    "gpu": (bool,),  # give it the host's graphics processors, where there are any
    "kernel_log": (bool,),  # let it read the kernel's log, where there is one
    "state": (list,),  # folders below media_root that hold the application's own state
    "metrics": (dict,),  # port, path, job, bearer: its own numbers; or exporter: the kind of whoever tells them
    "exports": (str,),  # the service whose numbers it tells, and whose network it is on for that
    "visits_pages": (bool,),  # it asks the published names at the front door, from inside
    "portal": (dict,),  # title, section, text: how it is shown to people
    "auth_log": (dict,),  # path (below media_root) and filter: where it tells who failed to sign in
    "updates": (str, bool),  # off | notify | update: how far Watchtower goes with it; YAML makes a boolean of off
    "reads_auth_logs": (bool,),  # it gets every folder with such a log, read-only, under its path on the host
}

EGRESS = ("vpn", "direct", "none", "pod")
SCHEMES = ("http", "https")
ACCESS = ("bypass", "one_factor", "two_factor", "deny")
#: name: its place below media_domain. keyed: paths that the application itself guards by a key of its own.
WEB_KEYS = ("port", "path", "loopback", "name", "scheme", "keyed")
AUTH_LOG_KEYS = ("path", "filter")
#: bearer: the name of a secret that opens the numbers.
METRICS_KEYS = ("port", "path", "job", "bearer", "exporter")
PORTAL_KEYS = ("title", "section", "text")
#: A page that the front door serves itself. static: folders below media_root by the paths that they are served under.
STATIC_KEYS = ("service", "names", "static", "access", "groups")
HEALTH_KEYS = ("http", "port")
LIMIT_KEYS = ("memory", "cpus", "pids")
#: What an API is opened with, by its kind: names of secrets, and a user's name.
API_KEYS = {
    **dict.fromkeys(("sonarr", "radarr", "lidarr", "readarr", "prowlarr", "tautulli"), ("key",)),
    "nzbget": ("username", "password"),
    "plex": ("token",),
    "proxy_manager": ("username", "password"),
}
LIBRARY_KEYS = ("name", "type", "title")
FILE_SOURCES = ("content", "template", "source")
FILE_KEYS = ("path", *FILE_SOURCES, "mode", "owner", "secret", "seed", "service")
STATE = re.compile(r"^state(/[A-Za-z0-9][A-Za-z0-9._-]*)+$")
#: A log file below a state folder; its last part may be a pattern.
LOG = re.compile(r"^state(/[A-Za-z0-9][A-Za-z0-9._-]*)+/[A-Za-z0-9*?][A-Za-z0-9._*?-]*$")
#: What a static page serves, and under which paths.
SERVED = re.compile(r"^(config|state)(/[A-Za-z0-9][A-Za-z0-9._-]*)+$")
PREFIX = re.compile(r"^/([A-Za-z0-9][A-Za-z0-9._-]*/)*$")
RESERVED = re.compile(r"^(\.env|catalogue\.json|compose(/.*)?|secrets(/.*)?)$|(^|/)\.\.(/|$)")
SIZE = re.compile(r"^\d+(\.\d+)?[bkmg]b?$", re.IGNORECASE)
NUMBER = re.compile(r"^\d+(\.\d+)?$")
NAME = re.compile(r"^[a-z0-9][a-z0-9_-]*$")
SERVICE_NAME = re.compile(r"^[a-z0-9][a-z0-9-]*$")


def media(service: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a service's x-media, empty where it has none."""
    return service.get("x-media") or {}


def is_published(service: Mapping[str, Any]) -> bool:
    """Tell whether the page of a service is published on the host's own 127.0.0.1."""
    web = media(service).get("web") or {}
    return media(service).get("egress") in ("vpn", "direct") and web.get("loopback") is not False


def state_folders(service: Mapping[str, Any]) -> list[str]:
    """Return the folders below media_root that a service writes to; its log's is made before others mount it."""
    log = (media(service).get("auth_log") or {}).get("path")
    folders = [*(media(service).get("state") or ()), *([log.rpartition("/")[0]] if log else [])]
    return list(dict.fromkeys(folders))


def declaration_problems(role: str, declaration: Mapping[str, Any]) -> list[Problem]:
    """Return what is malformed in the declaration of one role (not what clashes with other roles)."""
    found = []
    for key, value in declaration.items():
        wanted = DECLARATION_KEYS.get(key)
        if wanted is None:
            found.append(Problem(f"{role}.{key}", "is no key of a declaration", _one_of(DECLARATION_KEYS)))
        elif not isinstance(value, wanted):
            found.append(Problem(f"{role}.{key}", f"is a {type(value).__name__}", f"a {wanted.__name__}"))
    services = declaration.get("services")
    services = services if isinstance(services, dict) else {}
    for name, service in services.items():
        found.extend(service_problems(str(name), service))
    pages = declaration.get("pages")
    found.extend(_static_pages(role, pages if isinstance(pages, list) else []))
    exporters = declaration.get("exporters")
    for kind, service in (exporters if isinstance(exporters, dict) else {}).items():
        found.extend(service_problems(str(kind), service))
    files = declaration.get("files")
    found.extend(file_problems(role, files if isinstance(files, list) else [], services))
    return found


def service_problems(name: str, service: Any) -> list[Problem]:
    """Return what is malformed in one declared service."""
    if not SERVICE_NAME.match(name):
        return [Problem(name, "is no service name", "lower-case letters, digits and hyphens, such as sonarr-4k")]
    if not isinstance(service, dict):
        return [Problem(name, f"is a {type(service).__name__}", "a Compose service: image, volumes, x-media")]
    found = []
    if not service.get("image"):
        found.append(Problem(f"{name}.image", "is missing", "an image with its tag, such as redis:8-alpine"))
    found.extend(form_problems(name, normal(service)))
    extension = service.get("x-media") or {}
    if not isinstance(extension, dict):
        return [*found, Problem(f"{name}.x-media", f"is a {type(extension).__name__}", _one_of(MEDIA_KEYS))]
    for key, value in extension.items():
        if value is None:
            continue
        wanted = MEDIA_KEYS.get(key)
        if wanted is None:
            found.append(Problem(f"{name}.x-media.{key}", "is not known", _one_of(MEDIA_KEYS)))
        elif not isinstance(value, wanted):
            found.append(Problem(f"{name}.x-media.{key}", f"is a {type(value).__name__}", f"a {wanted[0].__name__}"))
    if found:
        return found
    found.extend(_choice(name, "egress", extension, EGRESS))
    found.extend(_choice(name, "access", extension, ACCESS))
    found.extend(_keys(name, "web", extension, WEB_KEYS))
    found.extend(_choice(f"{name}", "web.scheme", {"web.scheme": (extension.get("web") or {}).get("scheme")}, SCHEMES))
    found.extend(_keys(name, "health", extension, HEALTH_KEYS))
    found.extend(_keys(name, "auth_log", extension, AUTH_LOG_KEYS))
    found.extend(_keys(name, "behind_sign_on", extension, ("environment",)))
    found.extend(_keys(name, "metrics", extension, METRICS_KEYS))
    found.extend(_metrics(name, extension.get("metrics")))
    found.extend(_keys(name, "portal", extension, PORTAL_KEYS))
    found.extend(_auth_log(name, extension.get("auth_log") or {}))
    found.extend(_keys(name, "limits", extension, LIMIT_KEYS))
    found.extend(_keys(name, "library", extension, LIBRARY_KEYS))
    found.extend(_named(name, "api", extension, "kind"))
    found.extend(_api(name, extension.get("api") or {}))
    found.extend(_named(name, "library", extension, "name"))
    found.extend(_family(name, extension))
    found.extend(_ports(name, extension))
    found.extend(_state(name, extension.get("state") or ()))
    found.extend(_limits(name, extension.get("limits") or {}))
    for key in ("needs", "talks_to", "uses", "state", "groups"):
        entries = extension.get(key) or ()
        if any(not isinstance(entry, str) or not entry for entry in entries):
            found.append(Problem(f"{name}.x-media.{key}", f"is {entries!r}", "a list of names"))
        elif key in ("needs", "talks_to") and name in entries:
            found.append(Problem(f"{name}.x-media.{key}", "names the service itself", "other services"))
    return found


def _state(name: str, state: Any) -> list[Problem]:
    """A state folder is made, kept and purged with its service: it has to be that service's alone."""
    return [
        Problem(f"{name}.x-media.state", f"names {path!r}", f"a folder below state/, such as state/{name}")
        for path in state
        if isinstance(path, str) and not STATE.match(path)
    ]


def _auth_log(name: str, log: Mapping[str, Any]) -> list[Problem]:
    """Whoever reads the log finds it below the state of the service."""
    if not log:
        return []
    found = []
    if not LOG.match(str(log.get("path") or "")):
        expected = f"a file below state/, such as state/{name}/logs/{name}.txt"
        found.append(Problem(f"{name}.x-media.auth_log.path", f"is {log.get('path')!r}", expected))
    if not NAME.match(str(log.get("filter") or "")):
        found.append(Problem(f"{name}.x-media.auth_log.filter", f"is {log.get('filter')!r}", "the name of a filter"))
    return found


def _static_pages(role: str, pages: list[Any]) -> list[Problem]:
    """A static page has a name by which people speak of it, and serves folders that are made for being served."""
    found = []
    for page in pages:
        if not isinstance(page, dict) or "static" not in page:
            continue
        place = f"{role}.pages: {page.get('service')}"
        found += [Problem(place, f"has {key!r}", _one_of(STATIC_KEYS)) for key in page if key not in STATIC_KEYS]
        if not SERVICE_NAME.match(str(page.get("service"))):
            found.append(Problem(place, "has no service", "a name by which people speak of it, such as portal"))
        folders = page["static"]
        if not isinstance(folders, dict) or not folders:
            found.append(Problem(f"{place}.static", f"is {folders!r}", "folders by their paths: {/: config/portal}"))
            continue
        for prefix, folder in folders.items():
            if not PREFIX.match(str(prefix)):
                found.append(Problem(f"{place}.static", f"has {prefix!r}", "a path such as / or /live/"))
            if not SERVED.match(str(folder)):
                found.append(Problem(f"{place}.static", f"serves {folder!r}", "a folder below config/ or state/"))
    return found


def _metrics(name: str, metrics: Mapping[str, Any] | None) -> list[Problem]:
    """Numbers come from the service itself, or from an exporter."""
    if metrics is None:
        return []
    place = f"{name}.x-media.metrics"
    if ("port" in metrics) == ("exporter" in metrics):
        return [Problem(place, f"is {dict(metrics)!r}", "the port that it tells them on, or the kind of an exporter")]
    if "port" in metrics and not is_port(metrics["port"]):
        return [Problem(f"{place}.port", f"is {metrics['port']!r}", "a port from 1 to 65535")]
    if "exporter" in metrics and not NAME.match(str(metrics["exporter"])):
        return [Problem(f"{place}.exporter", f"is {metrics['exporter']!r}", "the kind of an exporter, such as redis")]
    return []


def _family(name: str, extension: Mapping[str, Any]) -> list[Problem]:
    family = extension.get("family")
    if family is not None and family != "none" and family not in FAMILIES:
        return [Problem(f"{name}.x-media.family", f"is {family!r}", _one_of(["none", *FAMILIES]))]
    health = extension.get("health") or {}
    if "http" not in health:
        return []
    found = []
    if family in (None, "none") or FAMILIES[family].http_client is None:
        reason = "is asked by HTTP, and nothing is known to be in the image that could ask"
        found.append(Problem(f"{name}.x-media.health", reason, "a family with a client, or a healthcheck of its own"))
    if not health.get("port") and not (extension.get("web") or {}).get("port"):
        found.append(Problem(f"{name}.x-media.health", "is asked by HTTP, and has no port", "health.port or web.port"))
    return found


def _limits(name: str, limits: Mapping[str, Any]) -> list[Problem]:
    found = []
    memory, cpus, pids = limits.get("memory"), limits.get("cpus"), limits.get("pids")
    if memory is not None and not SIZE.match(str(memory)):
        found.append(Problem(f"{name}.x-media.limits.memory", f"is {memory!r}", "a size such as 512m or 2g"))
    if cpus is not None and not NUMBER.match(str(cpus)):
        found.append(Problem(f"{name}.x-media.limits.cpus", f"is {cpus!r}", "a number such as 0.5 or 2"))
    if pids is not None and not str(pids).isdigit():
        found.append(Problem(f"{name}.x-media.limits.pids", f"is {pids!r}", "a whole number such as 200"))
    return found


def file_problems(role: str, files: Any, services: Mapping[str, Any]) -> list[Problem]:
    """Return what is malformed in the files that a role declares. services: its own, which a file may configure."""
    found = []
    for index, item in enumerate(files):
        place = f"{role}.files[{index}]"
        if not isinstance(item, dict) or not isinstance(item.get("path"), str):
            found.append(Problem(place, "has no path", "a dictionary with path and content"))
            continue
        place = f"{role}.files: {item['path']}"
        found += [Problem(place, f"has {key!r}", _one_of(FILE_KEYS)) for key in item if key not in FILE_KEYS]
        if RESERVED.search(item["path"]):
            found.append(Problem(place, "is a path of the stack's own", "a path below config/ or state/"))
        if sum(key in item for key in FILE_SOURCES) != 1:
            found.append(Problem(place, "has not exactly one source", _one_of(FILE_SOURCES)))
        if item.get("owner", "root") not in ("root", "media"):
            found.append(Problem(place, f"has owner {item['owner']!r}", "root or media"))
        if item.get("service") and item["service"] not in services:
            found.append(Problem(place, f"names service {item['service']!r}", _one_of(services)))
        try:
            parse_mode(item.get("mode", "0644"))
        except ValueError:
            found.append(Problem(place, f"has mode {item['mode']!r}", 'quoted octal text such as "0644"'))
    return found


def _choice(name: str, key: str, extension: Mapping[str, Any], choices: tuple[str, ...]) -> list[Problem]:
    value = extension.get(key)
    if value is None or value in choices:
        return []
    return [Problem(f"{name}.x-media.{key}", f"is {value!r}", _one_of(choices))]


def _keys(name: str, key: str, extension: Mapping[str, Any], known: tuple[str, ...]) -> list[Problem]:
    return [
        Problem(f"{name}.x-media.{key}.{inner}", "is not known", _one_of(known))
        for inner in extension.get(key) or {}
        if inner not in known
    ]


def _api(name: str, api: Mapping[str, Any]) -> list[Problem]:
    """What others open the API with has to be there, or each of them would trip over it."""
    needed = API_KEYS.get(str(api.get("kind")), ())
    return [
        Problem(f"{name}.x-media.api.{key}", "is missing", f"with kind {api['kind']}: {', '.join(needed)}")
        for key in needed
        if key not in api
    ]


def _named(name: str, key: str, extension: Mapping[str, Any], inner: str) -> list[Problem]:
    value = extension.get(key)
    if value is None or (isinstance(value.get(inner), str) and NAME.match(value[inner])):
        return []
    reason = f"is {value.get(inner)!r}"
    return [Problem(f"{name}.x-media.{key}.{inner}", reason, "a name of lower-case letters, digits, - and _")]


def _ports(name: str, extension: Mapping[str, Any]) -> list[Problem]:
    web = extension.get("web")
    if web is None:
        return []
    found = []
    for key in ("port", "loopback"):
        value = web.get(key)
        if value in (None, False) and key == "loopback":
            continue
        if not is_port(value):
            found.append(Problem(f"{name}.x-media.web.{key}", f"is {value!r}", "a port from 1 to 65535"))
    return found


def is_port(value: Any) -> bool:
    """Tell whether the value is a TCP or UDP port, as a number or as text (Jinja makes text of numbers)."""
    return not isinstance(value, bool) and str(value).isdigit() and 1 <= int(value) <= 65535


def _one_of(names: Any) -> str:
    return "one of " + ", ".join(str(name) for name in names)

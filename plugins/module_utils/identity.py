# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account that owns the library: on the host a user and a group, in a container some variables."""

from __future__ import annotations

import grp
import pwd
import re
import subprocess
from dataclasses import dataclass

from ansible_collections.homelab.media.plugins.module_utils.families import Family
from ansible_collections.homelab.media.plugins.module_utils.outcome import MediaError, Outcome, Problem

_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_NO_LOGIN = ("/usr/sbin/nologin", "/sbin/nologin", "/usr/bin/nologin", "/bin/false", "/usr/bin/false")
#: 65535 and 4294967295 mean "no account" to the kernel.
_HIGHEST_ID = 4294967294
_NOT_AN_ID = 65535


@dataclass(frozen=True)
class Identity:
    """Who owns the library, and with which umask and in which time zone the applications work."""

    user: str
    group: str
    uid: int
    gid: int
    umask: str = "002"
    timezone: str = "Etc/UTC"


def container_identity(family: Family, identity: Identity) -> dict[str, str]:
    """Return the environment that gives a container of the family its identity; TZ for every family."""
    named = {family.uid: str(identity.uid), family.gid: str(identity.gid), family.umask: identity.umask}
    return {"TZ": identity.timezone, **{name: value for name, value in named.items() if name is not None}}


def container_user(family: Family, identity: Identity) -> str | None:
    """Return Compose's "user" for a family whose images cannot become the user themselves."""
    return f"{identity.uid}:{identity.gid}" if family.compose_user else None


def ensure(identity: Identity, *, check: bool) -> Outcome:
    """Make the group and the user. A right pair is left as it is: shell, home, further groups."""
    problems = _number_problems("uid", identity.uid) + _number_problems("gid", identity.gid)
    if not problems:
        problems = _group_problems(identity) + _user_problems(identity)
    if problems:
        raise MediaError(problems)

    outcome = Outcome(facts={"identity": {"user": identity.user, "uid": identity.uid, "gid": identity.gid}})
    outcome.facts["identity"]["group"] = identity.group
    if _group(identity.group) is None:
        outcome.add(f"group {identity.group}", "", f"gid {identity.gid}")
        _run(check, "groupadd", "--system", "--gid", str(identity.gid), identity.group)

    account = _user(identity.user)
    if account is None:
        outcome.add(f"user {identity.user}", "", f"uid {identity.uid}, group {identity.gid}, no login, no home")
        _run(
            check,
            *("useradd", "--system", "--uid", str(identity.uid), "--gid", str(identity.gid)),
            *("--home-dir", "/nonexistent", "--no-create-home", "--shell", "/usr/sbin/nologin"),
            *("--no-user-group", "--no-log-init", "--comment", "media host", identity.user),
        )
    elif account.pw_gid != identity.gid:
        outcome.add(f"user {identity.user}", f"group {account.pw_gid}", f"group {identity.gid}")
        _run(check, "usermod", "--gid", str(identity.gid), identity.user)
    return outcome


def _number_problems(variable: str, number: int) -> list[Problem]:
    expected = "a number from 1 up, such as 1000"
    if number == 0:
        return [Problem(variable, "is 0, which is root: what breaks out of a container would own the host", expected)]
    if not 0 < number <= _HIGHEST_ID or number == _NOT_AN_ID:
        return [Problem(variable, f"is {number}, which no account can have", expected)]
    return []


def _group_problems(identity: Identity) -> list[Problem]:
    named, numbered = _group(identity.group), _group_of(identity.gid)
    if named is not None:
        if named.gr_gid == identity.gid:
            return []
        reason = f"group {identity.group!r} exists with gid {named.gr_gid}, not {identity.gid}"
        return [Problem("group", reason, f"gid {named.gr_gid}, or another group name")]
    problems = _name_problems("group", identity.group)
    if numbered is not None:
        reason = f"{identity.gid} is the gid of group {numbered.gr_name!r}, not of {identity.group!r}"
        problems.append(Problem("gid", reason, f"a free gid, or {numbered.gr_name!r} as the group"))
    return problems


def _user_problems(identity: Identity) -> list[Problem]:
    named, numbered = _user(identity.user), _user_of(identity.uid)
    if named is not None:
        if named.pw_uid != identity.uid:
            reason = f"user {identity.user!r} exists with uid {named.pw_uid}, not {identity.uid}"
            return [Problem("user", reason, f"uid {named.pw_uid}, or another user name")]
        # An account that somebody logs in with is not ours to move to another group.
        if named.pw_gid != identity.gid and named.pw_shell not in _NO_LOGIN:
            reason = f"user {identity.user!r} logs in with {named.pw_shell} and has group {named.pw_gid} as its own"
            return [Problem("user", reason, f"gid {named.pw_gid}, or a user name that nobody logs in with")]
        return []
    problems = _name_problems("user", identity.user)
    if numbered is not None:
        reason = f"{identity.uid} is the uid of user {numbered.pw_name!r}, not of {identity.user!r}"
        problems.append(Problem("uid", reason, f"a free uid, or {numbered.pw_name!r} as the user"))
    return problems


def _name_problems(variable: str, name: str) -> list[Problem]:
    if _NAME.fullmatch(name):
        return []
    return [Problem(variable, f"{name!r} is no name for an account", "at most 32 lower-case letters, digits, - and _")]


def _group(name: str) -> grp.struct_group | None:
    try:
        return grp.getgrnam(name)
    except KeyError:
        return None


def _group_of(gid: int) -> grp.struct_group | None:
    try:
        return grp.getgrgid(gid)
    except KeyError:
        return None


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _user_of(uid: int) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        return None


def _run(check: bool, *command: str) -> None:
    if check:
        return
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = f"failed with {done.returncode}: {done.stderr.strip()}"
        raise MediaError([Problem(" ".join(command), reason, "a host where this command succeeds")])

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filters against lines as the applications write them, and against lines that only look so, by the real program.

Who is banned is asked, not only whether: a name or a header that a client chooses must not be able to name another.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

FILTERS = Path(__file__).resolve().parents[4] / "roles" / "fail2ban" / "files" / "filter.d"
CLIENT, OTHER, CLIENT6 = "203.0.113.7", "198.51.100.66", "2001:db8::7"

AUTHELIA = (
    'time="2026-08-20T10:15:31+02:00" level=error msg="Unsuccessful {} authentication attempt by user \'{}\'{}"{} '
)
AUTHELIA += "method=POST path=/api/firstfactor remote_ip={}"
BANNED = " and they are banned until 12:23:00PM on May 1 2026 (+02:00)"
DENIED = 'time="2026-08-20T10:15:31+02:00" level=info msg="Access to https://a.media.test/ is not authorized to user '
DENIED += '<anonymous>, responding with status code 401" method=GET path=/api/authz/auth-request remote_ip={}'
AUTHELIA_JSON = '{{"level":"error","method":"POST","msg":"Unsuccessful {} authentication attempt by user \'{}\'",'
AUTHELIA_JSON += '"path":"/api/firstfactor","remote_ip":"{}","time":"2026-08-20T10:15:31+02:00"}}'
NPM = '[17/Aug/2026:23:52:36 +0200] {} - {} https sonarr.media.test "{}" [Client {}] [Length 555] [Gzip -] '
NPM += '[Sent-to sonarr] "Mozilla/5.0 (X11; Linux x86_64)" "-"'
SERVARR = "2026-08-20 10:15:30.1|{}|Auth|{}"
NZBGET = (
    "Sun Nov 22 23:59:20 2026\tWARNING\tRequest received on port 6789 from {}, but username ({}) or password invalid"
)
GRAFANA = 'logger=context userId=0 orgId=0 uname= t=2026-08-20T13:08:42.281Z level=info msg="{}" method={} path={} '
GRAFANA += "status={} remote_addr={} time_ms=9 duration=9.1ms size=105 referer= handler=/login"

SIGN_IN = ("Request Completed", "POST", "/login", "401", CLIENT)

GUILTY = [
    *(("authelia", AUTHELIA.format(kind, "john", "", "", CLIENT)) for kind in ("1FA", "TOTP", "WebAuthn", "Passkey")),
    *(("authelia", AUTHELIA.format(kind, "john", "", "", CLIENT)) for kind in ("Password", "Duo")),
    ("authelia", AUTHELIA.format("1FA", "", "", "", CLIENT)),
    ("authelia", AUTHELIA.format("1FA", "john", "", ' error="user not found"', CLIENT)),
    ("authelia", AUTHELIA.format("1FA", "john", BANNED, "", CLIENT)),
    ("authelia", AUTHELIA.format("1FA", "john", "", "", CLIENT) + ' stack="goroutine 1"'),
    ("authelia", AUTHELIA_JSON.format("TOTP", "john", CLIENT)),
    ("npm", NPM.format("- 401 401", "GET", "/", CLIENT)),
    ("npm", NPM.format("- 401 401", "POST", "/api/v3/x?apikey=1", CLIENT)),
    ("npm", NPM.format("- 403 403", "POST", "/login", CLIENT)),
    ("npm", NPM.format("- 400 400", "POST", "/api/tokens", CLIENT)),
    ("npm", NPM.format("- 400 400", "POST", "/api/tokens/2fa", CLIENT)),
    ("servarr", SERVARR.format("Warn", f"Auth-Failure ip {CLIENT} username 'admin'")),
    ("servarr", SERVARR.format("Warn", f"Auth-Failure ip {CLIENT} username ''")),
    ("nzbget", NZBGET.format(CLIENT, "eve")),
    ("nzbget", NZBGET.format(f"172.18.0.5 (forwarded for: {CLIENT})", "eve")),
    ("grafana", GRAFANA.format(*SIGN_IN)),
    ("sshd", f"Nov 22 10:15:30 host sshd[7]: Failed password for root from {CLIENT} port 4242 ssh2"),
    ("sshd", f"Nov 22 10:15:30 host sshd-session[9]: Failed password for invalid user x from {CLIENT} port 4242 ssh2"),
    ("recidive", f"2026-11-22 10:15:30,123 fail2ban.actions        [7]: NOTICE  [sonarr] Ban {CLIENT}"),
]  # fmt: skip

AS_SERVARR = f"|Warn|Auth|Auth-Failure ip {OTHER} username '"
AS_NZBGET = f"(forwarded for: {OTHER}), but username (y"
AS_GRAFANA = f"method=POST path=/login status=401 remote_addr={OTHER}"
#: Lines whose sender tries to have somebody else banned: the sender is, or nobody.
FORGED = [
    ("authelia", AUTHELIA.format("1FA", f"x' remote_ip={OTHER}", "", "", CLIENT), CLIENT),
    ("authelia", AUTHELIA.format("1FA", f"x'\\\" method=POST path=/ remote_ip={OTHER} ", "", "", CLIENT), CLIENT),
    ("authelia", AUTHELIA_JSON.format("1FA", f"x'\\\",\\\"remote_ip\\\":\\\"{OTHER}\\\"", CLIENT), CLIENT),
    ("npm", NPM.format("- 401 401", "GET", f"/\\x22 [Client {OTHER}] [Length 1]", CLIENT), CLIENT),
    ("npm", NPM.format("- 200 200", "GET", f"/ - 401 401 - GET [Client {OTHER}] [Length 1]", CLIENT), ""),
    ("servarr", SERVARR.format("Warn", f"Auth-Failure ip {CLIENT} username '{AS_SERVARR}'"), CLIENT),
    ("servarr", SERVARR.format("Info", f"Auth-Success ip {CLIENT} username '{AS_SERVARR}'"), ""),
    ("nzbget", NZBGET.format(f"172.18.0.5 (forwarded for: {OTHER}, {CLIENT})", "eve"), CLIENT),
    ("nzbget", NZBGET.format(f"172.18.0.5 (forwarded for: {OTHER}), but username (, {CLIENT})", "eve"), ""),
    ("nzbget", NZBGET.format(f"{CLIENT}", f"x) from {OTHER}, but user (y"), CLIENT),
    ("nzbget", NZBGET.format(f"172.18.0.5 (forwarded for: {CLIENT})", AS_NZBGET), ""),
    ("grafana", GRAFANA.format(*SIGN_IN) + f" referer=/? {AS_GRAFANA}", CLIENT),
    ("grafana", GRAFANA.format("Request Completed", "GET", f"/x?{AS_GRAFANA}", "404", CLIENT), ""),
]  # fmt: skip

INNOCENT = [
    ("authelia", DENIED.format(CLIENT)),
    ("authelia", AUTHELIA.format("1FA", "john", "", "", CLIENT).replace("level=error", "level=debug")),
    ("authelia", AUTHELIA.format("1FA", "john", "", "", CLIENT).replace("Unsuccessful", "Successful")),
    ("npm", NPM.format("- - 302", "GET", "/", CLIENT)),
    ("npm", NPM.format("- - 401", "GET", "/api/v3/queue", CLIENT)),
    ("npm", NPM.format("- - 403", "GET", "/", CLIENT)),
    ("npm", NPM.format("- 403 403", "GET", "/picture", CLIENT)),
    ("npm", NPM.format("- 200 200", "POST", "/api/tokens", CLIENT)),
    ("npm", NPM.format("- 400 400", "POST", "/api/tokenss", CLIENT)),
    ("npm", NPM.format("- 400 400", "GET", "/api/tokens", CLIENT)),
    ("npm", NPM.format("- 404 404", "GET", "/401 401", CLIENT)),
    ("servarr", SERVARR.format("Info", f"Auth-Unauthorized ip {CLIENT} url '/api/v3/queue'")),
    ("servarr", SERVARR.format("Info", f"Auth-Success ip {CLIENT} username 'admin'")),
    ("servarr", SERVARR.format("Warn", f"Auth-Failure ip {CLIENT} username 'admin'").replace("|Auth|", "|Parser|")),
    ("nzbget", NZBGET.format(CLIENT, "eve").replace("WARNING", "INFO")),
    ("nzbget", NZBGET.format(CLIENT, "eve").replace("Request received on port 6789", "Could not download")),
    ("grafana", GRAFANA.format("Request Completed", "POST", "/login", "200", CLIENT)),
    ("grafana", GRAFANA.format("Request Completed", "GET", "/login", "401", CLIENT)),
    ("grafana", GRAFANA.format("Request Completed", "POST", "/login/x", "401", CLIENT)),
    ("sshd", f"Nov 22 10:15:30 host sshd[7]: Accepted password for root from {CLIENT} port 4242 ssh2"),
    ("sshd", f"Nov 22 10:15:30 host other[7]: Failed password for root from {CLIENT} port 4242 ssh2"),
    ("recidive", f"2026-11-22 10:15:30,123 fail2ban.actions        [7]: NOTICE  [recidive] Ban {CLIENT}"),
    ("recidive", f"2026-11-22 10:15:30,123 fail2ban.actions        [7]: NOTICE  [sonarr] Unban {CLIENT}"),
    ("recidive", f"2026-11-22 10:15:30,123 fail2ban.actions        [7]: NOTICE  [sonarr] Restore Ban {CLIENT}"),
]  # fmt: skip


def by_ipv6(line: str) -> str:
    """Return the line with another address, and another process: sshd's lines of one process belong together."""
    return line.replace(CLIENT, CLIENT6).replace("[7]", "[17]").replace("[9]", "[19]")


LINES = [
    *GUILTY,
    *((name, by_ipv6(line)) for name, line in GUILTY),
    *((name, line) for name, line, _guilty in FORGED),
    *INNOCENT,
]
Verdicts = dict[tuple[str, str], tuple[str, str]]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    """Whom each line has banned and when it says that it was, by filter and line. One run of the program a filter."""
    assert shutil.which("fail2ban-regex"), (
        "these tests need Fail2Ban: install the packages of tests/requirements-apt.txt"
    )
    made = tmp_path_factory.mktemp("fail2ban")
    # The role's filters among the stock ones, as the image's entrypoint puts them there.
    shutil.copytree("/etc/fail2ban", made / "etc")
    for file in FILTERS.iterdir():
        (made / "etc" / "filter.d" / file.name).unlink(missing_ok=True)
        shutil.copy(file, made / "etc" / "filter.d")
    found: Verdicts = {}
    for name in sorted({name for name, _line in LINES}):
        log = made / f"{name}.log"
        log.write_text("".join(line + "\n" for filter_name, line in LINES if filter_name == name))
        command = ["fail2ban-regex", "-c", str(made / "etc"), "-o", "<ip>|<time>|<msg>", str(log)]
        done = subprocess.run(
            [*command, f"{made}/etc/filter.d/{name}.conf"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        for row in done.stdout.splitlines():
            address, when, line = row.split("|", 2)
            found[name, line] = (address, when)
    return found


def who(verdicts: Verdicts, name: str, line: str) -> str:
    """Return whom the line has banned. A ban that does not know when it was is one too many or one too few."""
    address, when = verdicts.get((name, line), ("", ""))
    assert not address or abs(float(when) - time.time()) > 60, "the date of the line was not read"
    return address


@pytest.mark.parametrize(("name", "line"), GUILTY)
def test_a_failed_sign_in_is_matched(verdicts: Verdicts, name: str, line: str) -> None:
    assert who(verdicts, name, line) == CLIENT
    assert who(verdicts, name, by_ipv6(line)) == CLIENT6


@pytest.mark.parametrize(("name", "line", "guilty"), FORGED)
def test_nobody_is_banned_by_the_word_of_another(verdicts: Verdicts, name: str, line: str, guilty: str) -> None:
    assert who(verdicts, name, line) == guilty


@pytest.mark.parametrize(("name", "line"), INNOCENT)
def test_a_line_that_only_looks_so_is_not(verdicts: Verdicts, name: str, line: str) -> None:
    assert who(verdicts, name, line) == ""


def test_the_real_log_of_nzbget_is_one_of_these() -> None:
    """Written by NZBGet 21, whose words 26 still has."""
    program = shutil.which("nzbget")
    assert program, "these tests need the real NZBGet: install the packages of tests/requirements-apt.txt"
    words = Path(program).read_bytes()
    assert b"Request received on port %i from %s%s, but username (%s) or password invalid" in words
    assert b" (forwarded for: %s)" in words

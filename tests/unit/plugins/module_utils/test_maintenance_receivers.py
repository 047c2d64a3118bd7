# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Receivers as addresses: for Watchtower as Shoutrrr reads them, for Unpackerr as it posts to them."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from ansible_collections.homelab.media.plugins.module_utils import (
    alert_receiver_checks,
    maintenance_receivers,
    shoutrrr,
    unpackerr_hooks,
)

from tests.images.watchtower.stand_in import shoutrrr as reader

#: A password in which every character means something somewhere.
HARD = "p@ss:w/o?r#d&%41+=, ;\"'\\{}$é"
MAIL: dict[str, Any] = {
    "name": "post",
    "type": "mail",
    "to": ["a+b@media.test", "c@media.test"],
    "server": "mail.media.test:587",
}
MAIL["from"] = "The House <house@media.test>"
PHONE: dict[str, Any] = {"name": "phone", "type": "ntfy", "topic": "house-1"}
CHAT: dict[str, Any] = {
    "name": "chat",
    "type": "discord",
    "webhook_url": "https://discord.com/api/webhooks/123/To-ken_1",
}
GROUP: dict[str, Any] = {"name": "group", "type": "telegram", "bot_token": f"123456:{'A_-1' * 9}", "chat_id": -1001}
HOOK: dict[str, Any] = {"name": "hook", "type": "webhook", "url": "https://hooks.media.test:8443/a/b"}
ALL = [MAIL, PHONE, CHAT, GROUP, HOOK]


def read(receiver: dict[str, Any]) -> reader.Address:
    assert alert_receiver_checks.problems([receiver]) == []
    return reader.read(shoutrrr.url(receiver))


@pytest.mark.parametrize("receiver", ALL, ids=lambda one: str(one["type"]))
def test_shoutrrr_takes_every_type(receiver: dict[str, Any]) -> None:
    services = {"mail": "smtp", "webhook": "generic"}
    assert read(receiver).service == services.get(receiver["type"], receiver["type"])


def test_the_reader_refuses_what_shoutrrr_would() -> None:
    """The control: none of the above could fail if anything were an address."""
    for wrong in (
        *("ntfy://ntfy.sh/", "discord://123/To", "telegram://12:ab@telegram", "smtp://m.test/?fromaddress=a@b.test"),
        *("ntfy://ntfy.sh/x?colour=red", "telegram://nothing@telegram?chats=1", "other://x", "ntfy://a:%zz@b/c"),
        *("ntfy://ntfy.sh/to pic", "generic://x.test/?template=xml", "ntfy://ntfy.sh/x?scheme=ftp"),
    ):
        with pytest.raises(reader.AddressError):
            reader.read(wrong)


def test_mail() -> None:
    found = read({**MAIL, "username": "house", "password": HARD})
    assert (found.parts.hostname, found.parts.port, found.login) == ("mail.media.test", 587, ("house", HARD))
    assert found.options["fromaddress"] == "house@media.test"
    assert found.options["fromname"] == "The House"
    assert found.options["toaddresses"] == "a+b@media.test,c@media.test"
    # A password does not go to a server that offers no TLS.
    assert found.options["requirestarttls"] == "Yes"
    assert read({**MAIL, "server": "m.test:465"}).options["encryption"] == "ImplicitTLS"
    plain = read({**MAIL, "tls": False, "to": "a@media.test", "from": "b@media.test"}).options
    assert (plain["encryption"], plain["usestarttls"]) == ("None", "No")
    assert (plain["toaddresses"], plain["fromaddress"]) == ("a@media.test", "b@media.test")
    assert "fromname" not in plain


def test_ntfy() -> None:
    found = read({**PHONE, "username": "me", "password": HARD})
    assert (found.parts.hostname, found.parts.path, found.login) == ("ntfy.sh", "/house-1", ("me", HARD))
    assert found.options["scheme"] == "https"
    token = read({**PHONE, "token": "tk_#/%@x1", "url": "http://ntfy.media.test:8080/sub/"})
    assert token.login == ("", "tk_#/%@x1")
    assert (token.parts.hostname, token.parts.port, token.parts.path) == ("ntfy.media.test", 8080, "/sub/house-1")
    assert token.options["scheme"] == "http"


def test_discord_and_telegram() -> None:
    found = read(CHAT)
    assert (found.parts.hostname, found.login) == ("123", ("To-ken_1", ""))
    older = read({**CHAT, "webhook_url": "https://discordapp.com/api/webhooks/123/To-ken_1"})
    assert older.login == found.login
    chat = read(GROUP)
    assert (":".join(chat.login), chat.options["chats"]) == (GROUP["bot_token"], "-1001")


def test_a_webhook_keeps_its_own_query() -> None:
    found = read({**HOOK, "url": "http://h.test/a?key=1%2B2&title=mine&Template=x", "token": HARD.replace(" ", "")[:9]})
    assert found.passed_on == (("key", "1+2"), ("title", "mine"), ("Template", "x"))
    assert (found.options["template"], found.options["disabletls"]) == ("json", "Yes")
    assert found.headers["Authorization"].startswith("Bearer p@ss:")
    login = read({**HOOK, "username": "me", "password": HARD}).headers["Authorization"]
    assert base64.b64decode(login.removeprefix("Basic ")).decode() == f"me:{HARD}"
    assert read(HOOK).options["disabletls"] == "No"


def settings(*receivers: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "maintenance_receivers": list(receivers), "monitoring_receivers": [],
        "maintenance_unpackerr_notifications": True, **changed,
    }  # fmt: skip


def test_who_is_told() -> None:
    others = [
        {**HOOK, "name": "heartbeat", "watchdog": True},
        {**HOOK, "name": "tunnel", "alerts": ["TunnelDown"]},
        {**HOOK, "name": "disasters", "severities": ["critical"]},
    ]
    assert alert_receiver_checks.problems([HOOK, *others]) == []
    assert maintenance_receivers.told(settings(HOOK, *others)) == [HOOK]
    assert maintenance_receivers.told(settings({**HOOK, "severities": ["warning"]})) != []


def test_what_is_wrong_is_told_under_the_variable_that_was_set() -> None:
    wrong = {**HOOK, "url": "x"}
    own = maintenance_receivers.problems(settings(wrong))
    assert [problem.variable for problem in own] == ["maintenance_receivers[0].url"]
    both = maintenance_receivers.problems(settings(wrong, monitoring_receivers=[wrong]))
    assert [problem.variable for problem in both] == ["monitoring_receivers[0].url"]
    assert [
        problem.variable for problem in maintenance_receivers.problems({**settings(), "maintenance_receivers": "x"})
    ] == ["maintenance_receivers"]


def test_each_address_is_a_secret_and_the_file_holds_none() -> None:
    told = settings(*ALL)
    found = maintenance_receivers.addresses(told)
    assert set(found) == set(maintenance_receivers.secrets(told))
    assert {name for name in found if "unpackerr" in name} == {
        f"maintenance_unpackerr_{name}" for name in ("phone", "chat", "group", "hook")
    }
    lines = maintenance_receivers.watchtower_lines(told).splitlines()
    assert lines == [f"@@secret:maintenance_watchtower_{receiver['name']}@@" for receiver in ALL]
    quiet = maintenance_receivers.addresses(settings(*ALL, maintenance_unpackerr_notifications=False))
    assert len(quiet) == len(ALL)
    assert maintenance_receivers.watchtower_lines(settings()) == ""


def test_unpackerr_posts_where_it_can() -> None:
    assert unpackerr_hooks.url(CHAT) == CHAT["webhook_url"]
    assert unpackerr_hooks.url(GROUP) == f"https://api.telegram.org/bot{GROUP['bot_token']}/sendMessage"
    assert unpackerr_hooks.url(HOOK) == HOOK["url"]
    login = urlsplit(unpackerr_hooks.url({**HOOK, "username": "me", "password": HARD}))
    assert reader.read(login._replace(scheme="generic").geturl()).login == ("me", HARD)
    assert login.hostname == "hooks.media.test"
    assert not unpackerr_hooks.can({**HOOK, "token": "x"})
    assert not unpackerr_hooks.can(MAIL)


def test_ntfy_makes_a_message_of_what_unpackerr_posts() -> None:
    found = urlsplit(unpackerr_hooks.url({**PHONE, "token": "tk_1", "url": "https://n.test/sub/"}))
    query = {key: value[0] for key, value in parse_qs(found.query).items()}
    assert (found.netloc, found.path, query["template"]) == ("n.test", "/sub/house-1", "yes")
    assert "{{.unpackerr_eventtype}}" in query["title"]
    assert base64.urlsafe_b64decode(query["auth"] + "==").decode() == "Bearer tk_1"
    assert "auth" not in parse_qs(urlsplit(unpackerr_hooks.url(PHONE)).query)


def test_the_sections_of_unpackerr() -> None:
    receivers = [PHONE, CHAT, GROUP]
    found = unpackerr_hooks.sections(receivers, ["a", "b", "c"])
    assert [section["template"] for section in found] == ["notifiarr", "discord", "telegram"]
    assert [section["nickname"] for section in found] == ["Unpackerr", "Unpackerr", "-1001"]
    # The log shows the name, and not the address.
    assert [section["name"] for section in found] == ["phone", "chat", "group"]
    assert found[0]["url"] == "@@secret:a:json@@"
    assert {tuple(section["events"]) for section in found} == {(3,)}

# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Access lists and certificates in the API of the stand-in for Nginx Proxy Manager."""

from __future__ import annotations

import time
from pathlib import Path

from tests.contract.npm_on_loopback import Npm
from tests.images.npm.stand_in.openssl import self_signed

pytest_plugins = ["tests.contract.npm_fixtures"]

HOST = {"domain_names": ["a.test"], "forward_scheme": "http", "forward_host": "127.0.0.1", "forward_port": 1}
PATH = "/nginx/proxy-hosts"
LISTS = "/nginx/access-lists"
CERTIFICATES = "/nginx/certificates"
REQUEST = {"provider": "letsencrypt", "domain_names": ["b.test", "a.test"], "meta": {}}


def pair(folder: Path) -> dict[str, str]:
    self_signed(folder, ["own.test"])
    return {
        "certificate": (folder / "fullchain.pem").read_text(encoding="ascii"),
        "certificate_key": (folder / "privkey.pem").read_text(encoding="ascii"),
    }


# Access lists


def test_an_access_list_without_items_is_half_made(npm: Npm) -> None:
    answer = npm.ask("POST", LISTS, {"name": "half"})
    assert answer.status == 500
    assert [one["name"] for one in npm.get(LISTS)] == ["half"]


def test_the_passwords_of_an_access_list_are_hidden_and_kept(npm: Npm) -> None:
    items = [{"username": "a", "password": "secret-a"}, {"username": "b", "password": "secret-b"}]
    number = npm.make(LISTS, {"name": "l", "satisfy_any": True, "items": items, "clients": []})["id"]
    file = npm.data / "access" / str(number)

    def shown() -> list[tuple[str, str, str]]:
        row = npm.get(f"{LISTS}/{number}?expand=items")
        return [(item["username"], item["password"], item["hint"]) for item in row["items"]]

    assert shown() == [("a", "", "s*******"), ("b", "", "s*******")]
    before = file.read_text(encoding="utf-8")
    assert before.startswith("a:$apr1$") and "secret" not in before
    npm.ask("PUT", f"{LISTS}/{number}", {"items": [{"username": "a", "password": ""}]})
    assert [name for name, _password, _hint in shown()] == ["a"]
    # The switches are only taken beside a name.
    assert npm.ask("PUT", f"{LISTS}/{number}", {"satisfy_any": False}).body["satisfy_any"] is True
    assert npm.ask("PUT", f"{LISTS}/{number}", {"name": "l", "satisfy_any": False}).body["satisfy_any"] is False


def test_a_list_that_is_deleted_leaves_its_hosts(npm: Npm) -> None:
    body = {"name": "l", "items": [], "clients": [{"address": "192.0.2.1", "directive": "allow"}]}
    number = npm.make(LISTS, body)["id"]
    npm.make(PATH, {**HOST, "access_list_id": number})
    file = npm.data / "nginx" / "proxy_host" / "1.conf"
    assert npm.get(f"{LISTS}/{number}")["proxy_host_count"] == 1
    assert "allow 192.0.2.1;" in file.read_text(encoding="utf-8")
    assert npm.ask("DELETE", f"{LISTS}/{number}").body is True
    assert npm.get(f"{PATH}/1")["access_list_id"] == 0
    assert "deny all" not in file.read_text(encoding="utf-8")


# Certificates


def test_an_own_certificate(npm: Npm, tmp_path: Path) -> None:
    number = npm.make(CERTIFICATES, {"provider": "other", "nice_name": "own"})["id"]
    files = pair(tmp_path / "pair")
    answer = npm.upload(f"{CERTIFICATES}/{number}/upload", files)
    assert answer.body.keys() == files.keys()
    kept = npm.get(f"{CERTIFICATES}/{number}")
    assert kept["domain_names"] == ["own.test"]
    assert "PRIVATE KEY" in kept["meta"]["certificate_key"], "the key is in every answer"
    folder = npm.data / "custom_ssl" / f"npm-{number}"
    assert (folder / "fullchain.pem").read_text(encoding="ascii").strip() == files["certificate"].strip()
    told = npm.upload(f"{CERTIFICATES}/validate", files).body
    assert told["certificate_key"] is True and told["certificate"]["cn"] == "own.test"
    for name in files:
        bad = npm.upload(f"{CERTIFICATES}/{number}/upload", {**files, name: "nothing"})
        assert bad.status == 400 and "is not valid" in bad.body["error"]["message"]
    alone = npm.upload(f"{CERTIFICATES}/{number}/upload", {"certificate_key": files["certificate_key"]})
    assert alone.body["error"]["message"] == "Certificate file was not provided"
    nothing = npm.ask("POST", f"{CERTIFICATES}/{number}/upload", {})
    assert (nothing.status, nothing.body["error"]) == (400, "No files were uploaded"), "a text, and not an object"
    assert npm.ask("POST", f"{CERTIFICATES}/{number}/renew").status == 400
    assert npm.ask("DELETE", f"{CERTIFICATES}/{number}").body is True
    assert npm.ask("GET", f"{CERTIFICATES}/{number}").status == 404


def test_a_request_that_no_authority_answers_leaves_nothing(npm: Npm) -> None:
    npm.make(PATH, HOST)
    assert npm.ask("POST", CERTIFICATES, REQUEST).status == 500
    assert npm.get(CERTIFICATES) == []
    assert (npm.data / "nginx" / "proxy_host" / "1.conf").exists(), "the host of that name is back"
    refused = npm.ask("POST", CERTIFICATES, {**REQUEST, "meta": {"letsencrypt_email": "a@example.com"}})
    assert refused.status == 400, "not since 2.13"


def test_certificates_of_an_authority(tmp_path: Path) -> None:
    with Npm(tmp_path, environ={"STAND_IN_AUTHORITY": "on"}) as npm:
        npm.make(PATH, HOST)
        made = npm.make(CERTIFICATES, REQUEST)
        assert made["nice_name"] == "b.test, a.test" and made["expires_on"] > time.strftime("%Y-%m-%d")
        assert (tmp_path / f"etc/letsencrypt/live/npm-{made['id']}/fullchain.pem").exists()
        assert npm.ask("PUT", f"{PATH}/1", {"certificate_id": made["id"]}).body["meta"]["nginx_online"]
        assert npm.visit("a.test", tls=True).status == 502
        assert npm.ask("POST", f"{CERTIFICATES}/{made['id']}/renew").status == 200
        wild = {**REQUEST, "domain_names": ["*.w.test"]}
        assert npm.ask("POST", CERTIFICATES, wild).status == 500, "a wildcard needs a DNS challenge"
        dns = {"dns_challenge": True, "dns_provider": "desec", "dns_provider_credentials": "dns_desec_token=t"}
        number = npm.make(CERTIFICATES, {**wild, "meta": dns})["id"]
        credentials = tmp_path / f"etc/letsencrypt/credentials/credentials-{number}"
        assert credentials.stat().st_mode & 0o777 == 0o600
        assert npm.ask("POST", CERTIFICATES, {**wild, "meta": {**dns, "dns_provider": "nobody"}}).status == 500
        assert npm.ask("DELETE", f"{CERTIFICATES}/{number}").status == 200 and not credentials.exists()
        quick = npm.make(PATH, {**HOST, "domain_names": ["q.test"], "certificate_id": "new"})
        assert quick["certificate"]["provider"] == "letsencrypt" and quick["certificate_id"] > number

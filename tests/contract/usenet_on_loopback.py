# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A news server, an indexer and the real NZBGet on loopback, with which a download is a real one."""

from __future__ import annotations

import shutil
import socketserver
import subprocess
import threading
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from xml.sax.saxutils import escape

import requests

from tests.contract.servarr_on_loopback import free_port, until
from tests.images.internet.lib import usenet

KEY = "indexer-key"
ACCOUNT = ("apps", "apps-password")
CAPS = (
    '<caps><searching><search available="yes" supportedParams="q"/></searching><categories>'
    '<category id="2000" name="Movies"><subcat id="2040" name="HD"/></category>'
    '<category id="3000" name="Audio"><subcat id="3040" name="Lossless"/></category>'
    '<category id="5000" name="TV"><subcat id="5040" name="HD"/></category>'
    '<category id="7000" name="Books"><subcat id="7020" name="EBook"/></category>'
    "</categories></caps>"
)


class Usenet:
    """What is posted can be found at the indexer and fetched from the news server."""

    def __init__(self) -> None:
        self.articles: dict[str, bytes] = {}
        self.nzbs: dict[str, tuple[bytes, int, dict[str, str]]] = {}
        self.asked: list[dict[str, str]] = []
        self.news = _News(("127.0.0.1", 0), self)
        self.indexer = _Indexer(("127.0.0.1", 0), self)
        for server in (self.news, self.indexer):
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.indexer.server_address[1]}"

    def close(self) -> None:
        for server in (self.news, self.indexer):
            server.shutdown()
            server.server_close()

    def post(self, title: str, file: str, data: bytes, category: int, **attributes: str) -> None:
        numbers = iter(f"{len(self.articles)}.{part}@loopback.test" for part in range(1000))
        posted = usenet.articles_of(file, data, title, numbers)
        for article in posted.articles:
            self.articles[article.message_id] = article.body
        nzb = usenet.nzb([posted], "alt.binaries.test", "poster@loopback.test", 1_700_000_000)
        size = sum(len(article.body) for article in posted.articles)
        self.nzbs[title] = (nzb, category, {"size": str(size), "category": str(category), **attributes})


class _News(socketserver.ThreadingTCPServer):
    daemon_threads, allow_reuse_address = True, True

    def __init__(self, address: tuple[str, int], site: Usenet) -> None:
        self.site = site
        super().__init__(address, _NewsConnection)


class _NewsConnection(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"200 loopback\r\n")
        for line in self.rfile:
            word, _blank, rest = line.decode().strip().partition(" ")
            if word.upper() in ("ARTICLE", "BODY"):
                self._article(word.upper(), rest.strip("<> "))
            elif word.upper() == "QUIT":
                self.wfile.write(b"205 bye\r\n")
                return
            else:
                self.wfile.write(b"211 1 1 1 alt.binaries.test\r\n" if word.upper() == "GROUP" else b"281 yes\r\n")

    def _article(self, word: str, number: str) -> None:
        site: Usenet = self.server.site  # type: ignore[attr-defined]
        body = site.articles.get(number)
        if body is None:
            self.wfile.write(b"430 no such article\r\n")
            return
        head = f"Message-ID: <{number}>\r\nSubject: s\r\n\r\n".encode() if word == "ARTICLE" else b""
        code = b"220" if word == "ARTICLE" else b"222"
        self.wfile.write(code + f" 0 <{number}>\r\n".encode() + head + usenet.stuffed(body) + b"\r\n.\r\n")


class _Indexer(ThreadingHTTPServer):
    def __init__(self, address: tuple[str, int], site: Usenet) -> None:
        self.site = site
        super().__init__(address, _IndexerConnection)


class _IndexerConnection(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""

    def do_GET(self) -> None:
        site: Usenet = self.server.site  # type: ignore[attr-defined]
        words = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        if words.get("t") == "caps":
            return self._send(CAPS)
        if words.get("apikey") != KEY:
            return self._send('<error code="100" description="Incorrect user credentials"/>')
        if words.get("t") == "get":
            return self._send(site.nzbs[words["id"]][0].decode())
        site.asked.append(words)
        return self._send(self._feed(site, words))

    def _feed(self, site: Usenet, words: dict[str, str]) -> str:
        items = []
        for title, (_nzb, _size, attributes) in site.nzbs.items():
            if not self._wanted(title, attributes, words):
                continue
            link = escape(f"{site.url}/api?t=get&id={quote(title)}&apikey={KEY}")
            told = "".join(f'<newznab:attr name="{name}" value="{value}"/>' for name, value in attributes.items())
            items.append(
                f'<item><title>{title}</title><guid isPermaLink="true">{link}</guid><link>{link}</link>'
                f"<pubDate>{formatdate()}</pubDate>"
                f'<enclosure url="{link}" length="{attributes["size"]}" type="application/x-nzb"/>{told}</item>'
            )
        space = 'xmlns:newznab="http://www.newznab.com/DTD/2010/feeds/attributes/"'
        return f'<rss version="2.0" {space}><channel><title>loopback</title>{"".join(items)}</channel></rss>'

    def _wanted(self, title: str, attributes: dict[str, str], words: dict[str, str]) -> bool:
        for name in ("tvdbid", "season", "episode", "tmdb", "imdb"):
            asked = words.get({"episode": "ep", "tmdb": "tmdbid", "imdb": "imdbid"}.get(name, name))
            if asked and attributes.get(name) != asked:
                return False
        return all(word.lower() in title.lower() for word in words.get("q", "").split())

    def _send(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


class Downloader:
    """The real NZBGet, with one news server and a category for each kind of media."""

    def __init__(self, folder: Path, news_port: int) -> None:
        self.folder, self.port = folder, free_port()
        self.log = folder / "nzbget.log"
        folder.mkdir(parents=True)
        options = {
            "MainDir": folder,
            "DestDir": folder / "complete",
            "InterDir": folder / "incomplete",
            "NzbDir": folder / "nzb",
            "QueueDir": folder / "queue",
            "TempDir": folder / "tmp",
            "LogFile": self.log,
            "LockFile": folder / "nzbget.lock",
            "ControlIP": "127.0.0.1",
            "ControlPort": self.port,
            "ControlUsername": ACCOUNT[0],
            "ControlPassword": ACCOUNT[1],
            "DaemonUsername": "root",
            "WebDir": "",
            "OutputMode": "log",
            "KeepHistory": 30,
            "AppendCategoryDir": "yes",
            "HealthCheck": "park",
            "DiskSpace": 0,
            "Server1.Active": "yes",
            "Server1.Level": 0,
            "Server1.Host": "127.0.0.1",
            "Server1.Port": news_port,
            "Server1.Connections": 2,
            **{f"Category{number}.Name": name for number, name in enumerate(("tv", "movies", "music", "books"), 1)},
        }
        conf = folder / "nzbget.conf"
        conf.write_text("".join(f"{name}={value}\n" for name, value in options.items()))
        program = shutil.which("nzbget")
        assert program, "these tests need the real NZBGet: install the packages of tests/requirements-apt.txt"
        with (folder / "stdout").open("wb") as stdout:
            self._process = subprocess.Popen([program, "-s", "-c", str(conf)], stdout=stdout, stderr=stdout)
        until(self._answers, lambda: f"NZBGet answers: {(folder / 'stdout').read_text()}")

    def _answers(self) -> bool:
        try:
            return self.call("version") is not None
        except requests.ConnectionError:
            return False

    def call(self, method: str, *parameters: Any) -> Any:
        body = {"method": method, "params": list(parameters), "id": 1}
        url = f"http://127.0.0.1:{self.port}/jsonrpc"
        return requests.post(url, json=body, auth=ACCOUNT, timeout=10).json()["result"]

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(20)

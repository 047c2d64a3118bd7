# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who gets the numbers of the stand-in for Watchtower."""

from __future__ import annotations

import http.client

from tests.images.watchtower.stand_in import web
from tests.images.watchtower.stand_in.session import Report, Status


def test_the_numbers_are_for_who_has_the_token() -> None:
    numbers = web.Numbers()
    one = Status("one", "i:1", "sha256:a", "sha256:b")
    numbers.take(Report(scanned=[one, one], updated=[one], stale=[one]))
    server = web.serve(numbers, 0, "a-token", "127.0.0.1")

    def ask(path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=5)
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    try:
        assert ask("/v1/metrics")[0] == 401
        assert ask("/v1/metrics", Authorization="Bearer other")[0] == 401
        assert ask("/v1/metrics", "POST", Authorization="Bearer a-token")[0] == 405
        assert ask("/v1/update", Authorization="Bearer a-token")[0] == 404
        status, text = ask("/v1/metrics", Authorization="Bearer a-token")
        assert status == 200
        assert "watchtower_containers_scanned 2\n" in text
        assert "watchtower_containers_updated 2\n" in text
        assert "watchtower_scans_total 1\n" in text
    finally:
        server.shutdown()

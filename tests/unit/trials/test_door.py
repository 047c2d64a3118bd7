# Copyright: Contributors to the homelab.media project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from tests.trials import door


@pytest.mark.parametrize(
    ("seconds", "password"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_one_time_passwords_are_those_of_the_standard(seconds: int, password: str) -> None:
    """The vectors of RFC 6238, cut to six digits; the key is "12345678901234567890" in base 32."""
    assert door.password_of("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", seconds // door.PERIOD) == password


def test_no_password_is_used_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([90.0, 91.0, 100.0, 119.9, 120.0])
    monkeypatch.setattr(door.time, "time", lambda: next(times))
    monkeypatch.setattr(door, "_used", [0])
    secret, another = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "ORSXG5A"
    assert door.one_time_password(secret) == door.password_of(secret, 3)
    # A new authenticator of the same person has no other period.
    assert door.one_time_password(another) == door.password_of(another, 4)

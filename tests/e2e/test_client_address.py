"""
Whom the limits count: what a client writes into its own headers changes nothing.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.server import TodoServer


@pytest.mark.parametrize(("hops", "proxys"), [("0", ""), ("1", ", 192.0.2.7")])
def test_a_forged_address_is_no_way_around_a_limit(
    settings: dict[str, str], tmp_path: Path, hops: str, proxys: str
) -> None:
    """
    Neither without a proxy nor behind one, and not even if the server below us is told to believe everybody.
    """
    settings |= {"RATE_LIMIT_RESET_CLIENT": "3/hour", "TRUSTED_PROXY_HOPS": hops, "FORWARDED_ALLOW_IPS": "*"}
    with TodoServer(tmp_path, settings) as server, server.client() as client:
        statuses = [
            client.post(
                "/auth/password-reset",
                json={"email": f"person{number}@example.org"},
                headers={
                    "X-Forwarded-For": f"203.0.113.{number}{proxys}",
                    "X-Real-IP": f"203.0.113.{number}",
                    "Forwarded": f"for=203.0.113.{number}",
                },
            ).status_code
            for number in range(4)
        ]
    assert statuses == [202, 202, 202, 429]

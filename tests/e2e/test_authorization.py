"""
Who may ask for what.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from tests.support.app import client_of, container_for
from todo_web.operations import Access
from todo_web.routes import OPERATIONS


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer "}, {"Authorization": "Basic YW5uOmFubg=="}, {"Cookie": "__Host-session=x.y.z"}],
)
def test_what_needs_a_session_is_refused_without(database_url: str, headers: dict[str, str]) -> None:
    """
    Each operation that is for whoever is logged in answers 401 to all others, before it looks at what is asked.
    """
    refused: dict[str, tuple[int, Any]] = {}
    with client_of(container_for(database_url, COURIER="apart")[0]) as client:
        for operation in OPERATIONS:
            if operation.access is Access.SESSION:
                path = re.sub(r"\{\w+:uuid\}", str(UUID(int=1)), operation.path)
                answer = client.request(
                    operation.method, path, content=b"{", headers=headers | {"Sec-Fetch-Site": "same-origin"}
                )
                refused[operation.name] = answer.status_code, answer.headers.get("www-authenticate")
    assert refused
    assert {name for name, answer in refused.items() if answer[0] != 401} == set()
    assert all(challenge.startswith("Bearer") for _, challenge in refused.values())

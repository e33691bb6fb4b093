from uuid import UUID

import pytest
from starlette.requests import Request

from todo_core.errors import InvalidInput
from todo_core.model.answer import KeptAnswer
from todo_core.model.ids import UserId
from todo_web.idempotency import Told, answer_once, digest_of, retry_key_of, retry_of


def request(*keys: str, method="POST", path="/api/v1/todos", query=b""):
    """
    Return a request with these keys.
    """
    headers = [(b"idempotency-key", key.encode()) for key in keys]
    return Request({"type": "http", "method": method, "path": path, "query_string": query, "headers": headers})


def tell(outcome):
    """
    Tell of it.
    """
    return Told(201, {"ETag": '"1"', "Location": "/there"}, outcome.encode())


@pytest.mark.parametrize("key", ["a", "~!", '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "x" * 255])
def test_a_key_is_visible_ascii(key):
    """
    1 to 255 characters of the client's choice; without one nothing is made known.
    """
    assert retry_key_of(request(key)) == key
    assert retry_key_of(request()) is None
    assert retry_of(request(), b"{}", tell) is None


@pytest.mark.parametrize("keys", [("",), (" ",), ("a b",), ("x" * 256,), ("\x7f",), ("é",), ("a\n",), ("a", "a")])
def test_any_other_key_is_refused(keys):
    """
    By the name of its header; so are several.
    """
    with pytest.raises(InvalidInput) as refusal:
        retry_key_of(request(*keys))
    assert refusal.value.field == "Idempotency-Key"


def test_what_is_asked_is_method_path_query_and_body():
    """
    Each of them makes another wish, and nothing else does.
    """
    digests = {
        digest_of(request("a"), b"{}"),
        digest_of(request("a", method="PATCH"), b"{}"),
        digest_of(request("a", path="/api/v1/lists"), b"{}"),
        digest_of(request("a", query=b"dry_run=true"), b"{}"),
        digest_of(request("a"), b"{ }"),
    }
    assert len(digests) == 5
    assert digest_of(request("b"), b"{}") in digests
    assert {len(digest) for digest in digests} == {32}


def test_an_answer_is_told_again_byte_for_byte(clock):
    """
    With its status and headers, and one more that says so.
    """
    retry = retry_of(request("a"), b"{}", tell)
    first = answer_once("Grüße", tell)
    again = answer_once(KeptAnswer(UserId(UUID(int=1)), "a", retry.digest, clock.now(), retry.encode("Grüße")), tell)
    assert (again.status_code, again.body) == (first.status_code, first.body) == (201, "Grüße".encode())
    assert dict(again.headers) == dict(first.headers) | {"idempotency-replayed": "true"}
    assert (first.headers["etag"], first.headers["location"]) == ('"1"', "/there")
    assert "idempotency-replayed" not in first.headers

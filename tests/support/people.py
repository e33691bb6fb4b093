"""
People who use the service, as stories need them.
"""

from __future__ import annotations

from attrs import frozen

from tests.support.server import PASSWORD, TodoServer, eventually, token_in
from tests.support.smtp import Letter, SmtpServer


@frozen
class Person:
    """
    Somebody with an address, at a server, whose mail arrives at another.
    """

    server: TodoServer
    mail: SmtpServer
    email: str = "ann@example.org"

    def letters(self, subject: str) -> list[Letter]:
        """
        Return the letters that came with *subject* in theirs.
        """
        return [
            letter
            for letter in list(self.mail.letters)
            if letter.recipients == (self.email,) and subject in letter.mime["Subject"]
        ]

    def link_token(self, subject: str, *, number: int = 1) -> str:
        """
        Return the token in the *number*-th letter about *subject*, once it has come.
        """
        letters = eventually(lambda: found if len(found := self.letters(subject)) >= number else None)
        body = letters[number - 1].mime.get_body(("plain",))
        assert body is not None
        return token_in(body.get_content())

    def sign_up(self, password: str = PASSWORD) -> None:
        """
        Register, and verify the address by the link in the mail.
        """
        with self.server.client() as client:
            assert client.post("/auth/register", json={"email": self.email, "password": password}).status_code == 202
            token = self.link_token("Verify")
            assert client.post("/auth/verify-email", json={"token": token}).status_code == 204

    def log_in(self, password: str = PASSWORD) -> str:
        """
        Return a new access token.
        """
        with self.server.client() as client:
            answer = client.post("/auth/login", json={"email": self.email, "password": password})
            assert answer.status_code == 200, answer.text
            token: str = answer.json()["access_token"]
            return token

    def forget_password(self, *, number: int = 1) -> str:
        """
        Ask for a reset, and return the token in the mail: the *number*-th that came.
        """
        with self.server.client() as client:
            assert client.post("/auth/password-reset", json={"email": self.email}).status_code == 202
        return self.link_token("Reset", number=number)

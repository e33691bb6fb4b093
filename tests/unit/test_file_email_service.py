from __future__ import annotations

import stat
from pathlib import Path

import pytest
from attrs import evolve

from tests.unit.driving import run
from todo_adapters.email import load_email_service
from todo_adapters.email.file import FileEmailService
from todo_core.contracts.expectations import raises
from todo_core.errors import EmailMisconfigured, EmailRejected
from todo_core.model.email import EmailAddress, EmailMessage

_MESSAGE = EmailMessage(
    to=EmailAddress("ann@example.org"), message_id="1@todo.example", subject="Hello", text="Hello", html="<p>Hello</p>"
)


def _service(folder: Path) -> FileEmailService:
    service = load_email_service("file", {"EMAIL_FILE_DIR": str(folder), "SMTP_FROM_EMAIL": "todo@todo.example"})
    assert isinstance(service, FileEmailService)
    return service


def test_only_the_owner_can_read_it(tmp_path):
    """
    The links are live: neither the folder nor a file in it is open to anybody else.
    """
    run(_service(tmp_path / "deep/mail").send(_MESSAGE))
    (file,) = (tmp_path / "deep/mail").iterdir()
    assert file.name == "1@todo.example.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_message_has_one_file(tmp_path):
    """
    A message that is sent again takes its file's place, and another has another file.
    """
    service = _service(tmp_path)
    run(service.send(_MESSAGE))
    run(service.send(evolve(_MESSAGE, subject="Again")))
    run(service.send(evolve(_MESSAGE, message_id="2@todo.example")))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["1@todo.example.eml", "2@todo.example.eml"]
    assert b"\r\nSubject: Again\r\n" in (tmp_path / "1@todo.example.eml").read_bytes()


@pytest.mark.parametrize("message_id", ["../../etc/passwd", "/etc/passwd", "..", f"1@{'x' * 300}.example"])
def test_no_message_id_leads_astray(tmp_path, message_id):
    """
    Whatever the id, the file is in the folder.
    """
    folder = tmp_path / "a/b/c"
    run(_service(folder).send(evolve(_MESSAGE, message_id=message_id)))
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [file.parent for file in files] == [folder]


def test_half_a_file_is_never_seen(tmp_path, monkeypatch):
    """
    When it cannot be put into its place, nothing is left, and what was there stays.
    """
    service = _service(tmp_path)
    run(service.send(_MESSAGE))
    before = (tmp_path / "1@todo.example.eml").read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path))

    monkeypatch.setattr(Path, "replace", fail)
    with raises(EmailMisconfigured) as raised:
        run(service.send(evolve(_MESSAGE, subject="Again")))
    assert raised.error.code == "write No space left on device"
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [before]


def test_a_folder_that_cannot_be_one(tmp_path):
    """
    A file in the way is an operator's business, for a check as for a message.
    """
    (tmp_path / "mail").write_text("in the way")
    service = _service(tmp_path / "mail")
    for attempt in (service.check(), service.send(_MESSAGE)):
        with raises(EmailMisconfigured) as raised:
            run(attempt)
        assert raised.error.code == "write File exists"


def test_a_check_leaves_nothing(tmp_path):
    """
    A check makes the folder, if need be, and no file.
    """
    run(_service(tmp_path / "mail").check())
    assert list((tmp_path / "mail").iterdir()) == []


def test_a_message_that_is_none(tmp_path):
    """
    What could not travel is not written either.
    """
    with raises(EmailRejected):
        run(_service(tmp_path).send(evolve(_MESSAGE, subject="Hi\r\nBcc: eve@example.org")))
    assert list(tmp_path.iterdir()) == []

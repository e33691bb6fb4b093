"""
The commands an operator uses.
"""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.people import Person
from tests.support.server import PASSWORD, TodoServer, eventually, run_todo, token_in
from tests.support.smtp import SmtpServer
from todo_adapters.postgres import migrate
from todo_core.model.mail import MailKind
from todo_web.cli.mail import MADE_UP

NEW_PASSWORD = "a different one, quite long"
ENDINGS = ("html", "txt")


def test_an_operator_opens_an_account_and_hands_a_link_over(
    server: TodoServer, mail: SmtpServer, settings: dict[str, str], tmp_path: Path
) -> None:
    """
    create-user opens a verified account, send-reset mails a link, reset-link prints one that supersedes it.
    """
    made = run_todo("create-user", "Ann@Example.org", settings=settings, folder=tmp_path, stdin=f"{PASSWORD}\n")
    assert (made.returncode, made.stdout) == (0, "ann@example.org can log in.\n"), made.stderr
    ann = Person(server, mail)
    assert ann.log_in()
    sent = run_todo("send-reset", ann.email, settings=settings, folder=tmp_path)
    assert sent.returncode == 0, sent.stderr
    mailed = ann.link_token("Reset")
    printed = run_todo("reset-link", ann.email, settings=settings, folder=tmp_path)
    assert printed.returncode == 0, printed.stderr
    with server.client() as client:
        body = {"token": mailed, "new_password": NEW_PASSWORD}
        assert client.post("/auth/password-reset/confirm", json=body).status_code == 400
        body["token"] = token_in(printed.stdout)
        assert client.post("/auth/password-reset/confirm", json=body).status_code == 204
    assert ann.log_in(NEW_PASSWORD)


def test_what_cannot_be_done_is_said_in_a_sentence(settings: dict[str, str], tmp_path: Path) -> None:
    """
    An unknown address, a taken one, a weak password and a text that is no address end with code 1 and a sentence.
    """

    def complaint(*arguments: str, stdin: str = "") -> str:
        run = run_todo(*arguments, settings=settings, folder=tmp_path, stdin=stdin)
        assert (run.returncode, run.stdout) == (1, ""), run.stderr
        return run.stderr

    assert complaint("send-reset", "nobody@example.org") == "No account has that address.\n"
    assert complaint("reset-link", "nobody@example.org") == "No account has that address.\n"
    assert complaint("reset-link", "nobody") == "This is not an e-mail address.\n"
    assert "at least 12 characters" in complaint("create-user", "ann@example.org", stdin="short\n")
    assert run_todo("create-user", "a@example.org", settings=settings, folder=tmp_path, stdin=PASSWORD).returncode == 0
    assert "already" in complaint("create-user", "a@example.org", stdin=f"{PASSWORD}\n")


def test_check_tells_what_is_wrong(settings: dict[str, str], tmp_path: Path, mail: SmtpServer) -> None:
    """
    A line for each of settings, database, schema, outbox and mail; the exit code is 0 only when all are sound.
    """
    sound = run_todo("check", settings=settings, folder=tmp_path)
    assert sound.returncode == 0, sound.stdout + sound.stderr
    assert [line.split() for line in sound.stdout.splitlines()] == [
        [name, "ok"] for name in ("settings", "database", "schema", "outbox", "mail")
    ]
    wrong_password = run_todo("check", settings={**settings, "SMTP_PASSWORD": "wrong"}, folder=tmp_path)
    assert wrong_password.returncode == 1
    assert "mail" in wrong_password.stdout
    assert "wrong" not in wrong_password.stdout + wrong_password.stderr
    mail.stop()
    try:
        away = run_todo("check", settings=settings, folder=tmp_path)
    finally:
        mail.start()
    assert away.returncode == 1
    nowhere = run_todo("check", settings={**settings, "DATABASE_URL": "postgresql://127.0.0.1:1/x"}, folder=tmp_path)
    assert nowhere.returncode == 1
    assert "database  ok" not in nowhere.stdout


def test_wrong_settings_are_told_all_at_once(tmp_path: Path) -> None:
    """
    Each wrong variable is named, none of their values is shown, and nothing starts.
    """
    settings = {
        "ENVIRONMENT": "production",
        "JWT_SECRET_KEY": "hunter2hunter2",
        "PORT": "99999999",
        "FRONTEND_URL": "ftp://localhost",
        "RESET_LINK_MINUTES": "100000",
    }
    run = run_todo("serve", settings=settings, folder=tmp_path)
    assert run.returncode == 1
    for name in ("PORT", "FRONTEND_URL", "RESET_LINK_MINUTES"):
        assert name in run.stderr
    for value in ("hunter2", "99999999", "ftp:", "100000"):
        assert value not in run.stderr


def test_migrations_go_up_and_tell_where_they_stand(settings: dict[str, str], tmp_path: Path) -> None:
    """
    Status says whether the schema is behind, by its exit code too; down and up go there and back.
    """

    def migrate_to(*arguments: str) -> tuple[int, str]:
        run = run_todo("migrate", *arguments, settings=settings, folder=tmp_path)
        return run.returncode, run.stdout + run.stderr

    head = migrate.head()
    assert migrate_to("status") == (0, f"The schema is at {head}; this program expects {head}.\n")
    assert migrate_to("down", "base", "--yes")[0] == 0
    assert migrate_to("status") == (1, f"The schema is at nothing; this program expects {head}.\n")
    assert migrate_to("up") == (0, f"The schema is at {head}.\n")


def test_a_database_out_of_reach_is_said_in_a_sentence(settings: dict[str, str], tmp_path: Path) -> None:
    """
    Every command that needs the database ends with code 1, without a traceback, and without its URL.
    """
    settings |= {"DATABASE_URL": "postgresql://todo:hunter2hunter2@127.0.0.1:1/todo"}
    for command in (["migrate", "status"], ["migrate", "up"], ["send-reset", "ann@example.org"], ["serve"]):
        run = run_todo(*command, settings=settings, folder=tmp_path)
        assert run.returncode == 1, command
        assert run.stderr == "The database cannot be reached: look at DATABASE_URL, or try again.\n", command


def test_the_openapi_document_can_be_exported(settings: dict[str, str], tmp_path: Path) -> None:
    """
    export-openapi prints the document, and nothing else, as JSON.
    """
    run = run_todo("export-openapi", settings=settings, folder=tmp_path)
    assert run.returncode == 0
    assert json.loads(run.stdout)["openapi"] == "3.1.0"


def test_several_workers_share_the_work(settings: dict[str, str], mail: SmtpServer, tmp_path: Path) -> None:
    """
    With WORKERS=2 requests are served, mail is sent once, and SIGTERM ends all of them cleanly.
    """
    with TodoServer(tmp_path, {**settings, "WORKERS": "2"}) as server:
        ann = Person(server, mail)
        ann.sign_up()
        session = ann.log_in()
        with server.client(session) as client:
            assert all(client.get("/me").status_code == 200 for _ in range(20))
        assert len(ann.letters("Verify")) == 1
        assert server.stop() == 0
    assert eventually(lambda: "Traceback" not in server.output)


def test_the_messages_can_be_looked_at(settings: dict[str, str], tmp_path: Path) -> None:
    """
    `mail preview` writes each message in each language, or those asked for, an operator's own words among them.
    """
    own = tmp_path / "own"
    (own / "fr" / "password_reset").mkdir(parents=True)
    (own / "fr" / "password_reset" / "subject.txt").write_text("Votre mot de passe", encoding="utf-8")
    settings = settings | {"TEMPLATES_DIR": str(own)}

    def preview(*arguments: str) -> set[str]:
        run = run_todo("mail", "preview", *arguments, settings=settings, folder=tmp_path)
        assert run.returncode == 0, run.stderr
        return set(run.stdout.splitlines())

    kinds = [kind.value for kind in MailKind]
    assert preview("--to", "all") == {
        f"all/{locale}/{kind}.{ending}" for locale in ("en", "de", "es", "fr") for kind in kinds for ending in ENDINGS
    }
    assert preview("password_reset", "--locale", "fr", "--to", "one") == {
        f"one/fr/password_reset.{ending}" for ending in ENDINGS
    }
    text = (tmp_path / "one" / "fr" / "password_reset.txt").read_text("utf-8")
    assert text.startswith("Subject: Votre mot de passe\n\nTodo App")
    assert MADE_UP["link"] in text
    assert MADE_UP["link"] in (tmp_path / "all" / "es" / "verify_email.html").read_text("utf-8")


def test_a_preview_that_cannot_be_made_is_said_in_a_sentence(settings: dict[str, str], tmp_path: Path) -> None:
    """
    A language without words, and a template that names a fact there is not.
    """
    own = tmp_path / "own"
    (own / "de" / "password_reset").mkdir(parents=True)
    (own / "de" / "password_reset" / "subject.txt").write_text("{{ nickname }}", encoding="utf-8")

    def complaint(*arguments: str) -> str:
        run = run_todo("mail", "preview", *arguments, settings=settings | {"TEMPLATES_DIR": str(own)}, folder=tmp_path)
        assert (run.returncode, run.stdout) == (1, "")
        return run.stderr

    assert complaint("--locale", "fr") == "There are no words in fr; there are some in en, de, es.\n"
    assert complaint("password_reset", "--locale", "de") == (
        "password_reset in de cannot be rendered: 'nickname' is undefined\n"
    )

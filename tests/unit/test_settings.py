"""
Settings: what is wrong is told all at once, by name, never by value.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from attrs import asdict, evolve

from tests.support.server import KEY
from todo_core.model.password import PasswordRules
from todo_core.model.policy import Limits
from todo_web.settings import InvalidSettings, kinds, load_settings, surroundings, with_development_key

SOUND = {
    "ENVIRONMENT": "production",
    "DATABASE_URL": "postgresql://todo:hunter2hunter2@db.internal/todo",
    "JWT_SECRET_KEY": KEY,
    "FRONTEND_URL": "https://todo.acme.org",
    "EMAIL_PROVIDER": "smtp",
    "SMTP_HOST": "smtp.acme.org",
    "SMTP_FROM_EMAIL": "todo@acme.org",
}


def problems_of(settings: dict[str, str]) -> list[str]:
    """
    Return what is said about *settings*, and see that it shows none of their values.
    """
    with pytest.raises(InvalidSettings) as caught:
        load_settings(settings)
    told = "\n".join(caught.value.problems)
    assert not [name for name, value in settings.items() if name != "ENVIRONMENT" and len(value) > 9 and value in told]
    return caught.value.problems


def names_in(problems: list[str]) -> set[str]:
    """
    Return the names of the variables that are complained about.
    """
    return {problem.partition(":")[0] for problem in problems}


def test_secrets_of_mail_hooks_are_checked_too() -> None:
    """
    A secret that no report could be verified with is named with everything else that is wrong.
    """
    wrong = {"PORT": "none", "RESEND_WEBHOOK_SECRET": "not the secret", "POSTMARK_WEBHOOK_PASSWORD": "too short"}
    assert names_in(problems_of(wrong)) == set(wrong)


def test_nothing_needs_to_be_set_in_development() -> None:
    """
    An empty environment is a sound one.
    """
    settings = load_settings({})
    assert (settings.mail_provider, settings.logs, settings.port) == ("console", "text", 8000)
    assert settings.frontend.url == settings.backend == "http://localhost:8000"
    assert settings.policy.limits.reset.amount == 3
    assert settings.policy.limits.reset.window == timedelta(hours=1)
    assert settings.policy.limits == Limits()


def test_sound_production_settings_are_taken() -> None:
    """
    A production environment with everything said is a sound one.
    """
    settings = load_settings(SOUND)
    assert settings.logs == "json"
    assert settings.origins == ("https://todo.acme.org",)
    assert settings.hosts == ("todo.acme.org", "todo.acme.org")


def test_everything_wrong_is_told_at_once() -> None:
    """
    Faults of several settings, the provider's too, come in one answer.
    """
    settings = SOUND | {
        "PORT": "none",
        "RATE_LIMIT_LOGIN": "sometimes",
        "PASSWORD_MIN_LENGTH": "7",
        "RESET_LINK_MINUTES": "1441",
        "JWT_ALGORITHM": "none",
        "SMTP_PORT": "http",
        "SMTP_FROM_EMAIL": "nobody",
        "BACKEND_URL": "todo.acme.org",
    }
    assert names_in(problems_of(settings)) == {
        "PORT",
        "RATE_LIMIT_LOGIN",
        "PASSWORD_MIN_LENGTH",
        "RESET_LINK_MINUTES",
        "JWT_ALGORITHM",
        "SMTP_PORT",
        "SMTP_FROM_EMAIL",
        "BACKEND_URL",
    }


@pytest.mark.parametrize(
    "missing", ["DATABASE_URL", "JWT_SECRET_KEY", "FRONTEND_URL", "EMAIL_PROVIDER", "SMTP_HOST", "SMTP_FROM_EMAIL"]
)
def test_production_asks_for_what_it_needs(missing: str) -> None:
    """
    Each of these must be said in production.
    """
    settings = {name: value for name, value in SOUND.items() if name != missing}
    assert names_in(problems_of(settings)) == {missing}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FRONTEND_URL", "http://todo.acme.org"),
        ("FRONTEND_URL", "https://localhost"),
        ("FRONTEND_URL", "https://127.0.0.1:8443"),
        ("FRONTEND_URL", "https://todo"),
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", "https://todo.acme.org,https://*.acme.org"),
        ("ALLOWED_ORIGINS", "http://todo.acme.org"),
        ("EMAIL_PROVIDER", "console"),
        ("EMAIL_PROVIDER", "file"),
        ("EMAIL_PROVIDER", "smtp,console"),
        ("EMAIL_PROVIDER", "file, smtp"),
        ("EMAIL_PROVIDER", "pigeon"),
        ("JWT_SECRET_KEY", "too short"),
        ("JWT_SECRET_KEY", "changeme-changeme-changeme-changeme"),
        ("JWT_SECRET_KEY", "your-32-character-secret-key-here"),
        ("JWT_SECRET_KEY", "a" * 64),
        ("LINK_SECRET_KEYS", f"{KEY},too short"),
        ("JWT_ALGORITHM", "HS512"),
        ("DATABASE_URL", "mysql://todo:hunter2hunter2@db.internal/todo"),
        ("PASSWORD_HASH_MEMORY_KIB", "19455"),
        ("PASSWORD_HASH_PASSES", "1"),
        ("PASSWORD_BREACH_URL", "pwned.acme.org"),
        ("REDIS_URL", "redis://todo:hunter2hunter2@redis.acme.org:6379/0"),
        ("REDIS_URL", "redis://203.0.114.7"),
        ("REDIS_URL", "redis://[2a00:1450::1]:6379"),
    ],
)
def test_production_refuses_what_is_only_good_for_trying_out(name: str, value: str) -> None:
    """
    Plain http, this machine, bare names, wildcards, the console mailer and weak or placeholder secrets are refused.

    A key is weak, too, when it is shorter than the hash it is used with.
    """
    blamed = "JWT_SECRET_KEY" if name == "JWT_ALGORITHM" else name
    assert blamed in names_in(problems_of(SOUND | {name: value}))


_FAR = "postgresql://todo:hunter2hunter2@db.acme.org/todo"


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_LISTEN_URL"])
@pytest.mark.parametrize(
    ("url", "unverified", "sound"),
    [
        (_FAR, "no", False),
        (f"{_FAR}?sslmode=require", "no", False),
        (f"{_FAR}?sslmode=verify-ca", "no", False),
        (f"{_FAR}?sslmode=verify-full", "no", True),
        (f"{_FAR}?ssl=verify-full", "no", True),
        (f"{_FAR}?sslmode=verify-full&sslmode=disable", "no", False),
        (_FAR, "yes", False),
        (f"{_FAR}?sslmode=prefer", "yes", False),
        (f"{_FAR}?sslmode=disable", "yes", False),
        (f"{_FAR}?sslmode=require", "yes", True),
        (f"{_FAR}?sslmode=verify-ca", "yes", True),
        ("postgresql://todo:hunter2hunter2@203.0.114.7/todo", "no", False),
        ("postgresql://todo:hunter2hunter2@[2a00:1450::1]:5432/todo", "no", False),
        ("postgresql://todo:hunter2hunter2@db,db.acme.org/todo", "no", False),
        ("postgresql://todo:hunter2hunter2@203.0.114.7,db.internal/todo", "no", False),
        ("postgresql://todo:hunter2hunter2@10.1.2.3,10.1.2.4/todo", "no", True),
        ("postgresql:///todo?user=todo&host=db:5432&host=db.acme.org:5432", "no", False),
        ("postgresql://todo:hunter2hunter2@db/todo?hostaddr=203.0.114.7", "no", False),
        ("postgresql://todo:hunter2hunter2@localhost.acme.org/todo", "no", False),
        ("postgresql://todo:hunter2hunter2@db/todo", "no", True),
        ("postgresql://todo:hunter2hunter2@db.todo.svc.cluster.local/todo", "no", True),
        ("postgresql://todo:hunter2hunter2@127.0.0.1:5432/todo", "no", True),
        ("postgresql://todo:hunter2hunter2@10.1.2.3/todo", "no", True),
        ("postgresql://todo:hunter2hunter2@[::1]/todo", "no", True),
        ("postgresql:///todo?user=todo", "no", True),
        ("postgresql:///todo?host=/var/run/postgresql", "no", True),
    ],
)
def test_production_sees_to_whom_it_talks(name: str, url: str, unverified: str, *, sound: bool) -> None:
    """
    A database beyond the own network must show a certificate for its name, in whatever way its URL is written.

    Where an operator says that it cannot, it must be encrypted all the same.
    """
    settings = SOUND | {name: url, "DATABASE_TLS_UNVERIFIED": unverified}
    if sound:
        load_settings(settings)
    else:
        assert names_in(problems_of(settings)) == {name}
    load_settings({name: url})


@pytest.mark.parametrize(
    "url",
    [
        "rediss://todo:hunter2hunter2@redis.acme.org:6379/0",
        "redis://localhost",
        "redis://redis:6379",
        "redis://:hunter2hunter2@10.1.2.3:6379/1",
        "redis://[::1]",
    ],
)
def test_redis_may_count(url: str) -> None:
    """
    At a URL with or without a user, port and number, encrypted where it leaves the own network; it is never shown.
    """
    settings = load_settings(SOUND | {"REDIS_URL": url})
    assert settings.redis_url == url
    assert "redis://" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost",
        "redis://",
        "localhost:6379",
        "unix:///run/redis.sock",
        "rediss://redis.acme.org?ssl_cert_reqs=none",
        "redis://localhost?socket_timeout=900",
        "redis://localhost#",
        "redis://one,other",
        "redis://todo:hunter2hunter2@\u2100",
    ],
)
def test_not_every_url_is_one_of_redis(url: str) -> None:
    """
    Neither another scheme nor a URL with parameters, which could undo the deadline or the check of the certificate.
    """
    problems = problems_of({"REDIS_URL": url})
    assert names_in(problems) == {"REDIS_URL"}
    assert "hunter2" not in "".join(problems)


def test_redis_needs_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Without the package the program says how to get it, and does not start; without the setting nobody misses it.
    """
    monkeypatch.setattr(kinds, "find_spec", lambda _: None)
    (problem,) = problems_of({"REDIS_URL": "redis://localhost"})
    assert problem == "REDIS_URL: needs the package redis: install todo-app[redis]"
    load_settings({})


def test_an_operator_chooses_how_often_and_not_what_fails_open() -> None:
    """
    Each limit is the setting's in amount and window, and otherwise as it was decided.
    """
    usual = asdict(Limits(), recurse=False)
    rates = {f"RATE_LIMIT_{name}": "7/day" for name in ("LOGIN", "LOGIN_DAY", "REGISTER", "VERIFY", "RESET")}
    rates |= {"RATE_LIMIT_RESET_CLIENT": "7/day", "RATE_LIMIT_BAD_TOKENS": "7/day", "RATE_LIMIT_PER_MINUTE": "7"}
    chosen = asdict(load_settings(rates).policy.limits, recurse=False)
    for name, limit in chosen.items():
        window = timedelta(minutes=1) if name == "requests" else timedelta(days=1)
        assert limit == evolve(usual[name], amount=7, window=window)
    assert set(chosen) == set(usual)


def test_passwords_are_judged_as_the_operator_says() -> None:
    """
    The length, the name that people know the service by, and whether anybody else is asked.
    """
    settings = load_settings(SOUND | {"PASSWORD_MIN_LENGTH": "15", "PASSWORD_HASH_PASSES": "3"})
    assert settings.policy.password_rules == PasswordRules(shortest=15, names=("todo.acme.org",))
    assert (settings.password_hash_memory_kib, settings.password_hash_passes) == (19_456, 3)
    assert settings.password_breach_check is False


@pytest.mark.parametrize(
    ("production", "said", "shown"),
    [(False, "", True), (False, "no", False), (True, "", False), (True, "yes", True)],
)
def test_docs_are_for_developers(*, production: bool, said: str, shown: bool) -> None:
    """
    /docs is there in development and not in production, unless the operator says otherwise.
    """
    assert load_settings((SOUND if production else {}) | {"SHOW_DOCS": said}).shows_docs is shown


def test_the_seeds_placeholders_are_refused_in_development_too() -> None:
    """
    A weak secret is a fault wherever it is used.
    """
    assert names_in(problems_of({"JWT_SECRET_KEY": "changeme"})) == {"JWT_SECRET_KEY"}


@pytest.mark.parametrize("environment", [{}, SOUND])
@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*.acme.org",
        "https://*",
        "null",
        "todo.acme.org",
        "https://todo.acme.org/",
        "https://todo.acme.org/app",
        "https://Todo.acme.org",
        "https://ann@todo.acme.org",
        "https://todo.acme.org?",
        "https://todo.acme.org https://acme.org",
        "ftp://todo.acme.org",
        "chrome-extension://abcdefgh",
    ],
)
def test_an_origin_is_one_that_a_browser_can_send(environment: dict[str, str], origin: str) -> None:
    """
    A wildcard, and what no page's origin looks like, is refused at start, in development too.

    Origins are told with credentials, so `*` would let every page in (ASVS 3.4.2).
    """
    told = problems_of(environment | {"ALLOWED_ORIGINS": f"https://acme.org,{origin}"})
    assert names_in(told) == {"ALLOWED_ORIGINS"}
    assert ("wildcard" in told[0]) == ("*" in origin)


def test_origins_are_taken_as_they_are() -> None:
    """
    With a port, on this machine, and several of them.
    """
    origins = ("https://todo.acme.org", "http://localhost:5173", "http://[::1]:8000")
    assert load_settings({"ALLOWED_ORIGINS": ", ".join(origins)}).origins == origins


def test_an_idle_session_lasts_for_the_hours_that_are_set() -> None:
    """
    Three days unless it is said, one hour at the least.
    """
    assert load_settings({}).policy.session_idle == timedelta(hours=72)
    assert load_settings({"SESSION_IDLE_HOURS": "1"}).policy.session_idle == timedelta(hours=1)
    assert names_in(problems_of({"SESSION_IDLE_HOURS": "0"})) == {"SESSION_IDLE_HOURS"}


def test_a_secret_can_be_in_a_file(tmp_path: Path) -> None:
    """
    NAME_FILE names a file with the value; a file that is not there is a fault of that setting.
    """
    (tmp_path / "key").write_text(f"{KEY}\n")
    settings = {name: value for name, value in SOUND.items() if name != "JWT_SECRET_KEY"}
    assert load_settings(settings | {"JWT_SECRET_KEY_FILE": str(tmp_path / "key")}).jwt_secret_key == KEY
    missing = settings | {"JWT_SECRET_KEY_FILE": str(tmp_path / "nothing")}
    assert names_in(problems_of(missing)) == {"JWT_SECRET_KEY"}


def test_no_secret_is_shown_by_repr() -> None:
    """
    Printing the settings shows none of their secrets.
    """
    shown = repr(load_settings(SOUND | {"LINK_SECRET_KEYS": KEY[::-1], "DATABASE_LISTEN_URL": SOUND["DATABASE_URL"]}))
    assert KEY not in shown
    assert KEY[::-1] not in shown
    assert "hunter2" not in shown


def test_links_and_pseudonyms_have_keys_of_their_own() -> None:
    """
    What is derived from JWT_SECRET_KEY is neither the key itself nor the same for two purposes.
    """
    settings = load_settings(SOUND)
    derived = {settings.link_keys[0], settings.pseudonym_key.decode(), KEY}
    assert len(derived) == 3
    assert load_settings(SOUND | {"LINK_SECRET_KEYS": f"{KEY[::-1]},{KEY}"}).link_keys == (KEY[::-1], KEY)


def test_the_general_limit_can_be_switched_off_and_no_other() -> None:
    """
    RATE_LIMIT_ENABLED=false leaves those on log-in and mail in place.
    """
    limits = load_settings({"RATE_LIMIT_ENABLED": "false"}).policy.limits
    assert limits.requests is None
    assert limits.log_in.amount == 5


def test_a_file_beside_the_program_is_read_outside_production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    .env is read in development, the environment wins over it, and production ignores it.
    """
    (tmp_path / ".env").write_text("PORT=9000\nHOST=0.0.0.0\n")
    monkeypatch.setenv("HOST", "127.0.0.2")
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.delenv("ENVIRONMENT", raising=False)
    found = surroundings(tmp_path)
    assert (found["PORT"], found["HOST"]) == ("9000", "127.0.0.2")
    monkeypatch.setenv("ENVIRONMENT", "production")
    assert "PORT" not in surroundings(tmp_path)


def test_development_keeps_the_key_it_made(tmp_path: Path) -> None:
    """
    Without JWT_SECRET_KEY a key is made once, readable by nobody else, and used again.
    """
    settings = load_settings({"TODO_DATA_DIR": str(tmp_path)})
    first = with_development_key(settings).jwt_secret_key
    assert first == with_development_key(settings).jwt_secret_key
    assert first is not None
    assert len(first) >= 32
    assert (tmp_path / "development.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "value", "module", "extra"),
    [
        ("METRICS_PORT", "9000", "prometheus_client", "metrics"),
        ("METRICS_TOKEN", KEY, "prometheus_client", "metrics"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318", "opentelemetry", "opentelemetry"),
        ("SENTRY_DSN", "https://public@sentry.acme.org/1", "sentry_sdk", "sentry"),
    ],
)
def test_what_needs_an_extra_says_which(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, module: str, extra: str
) -> None:
    """
    With the packages it is taken; without, the extra is named that brings them.
    """
    assert str(getattr(load_settings({name: value}), name.lower())) == value
    find = kinds.find_spec
    monkeypatch.setattr(kinds, "find_spec", lambda sought: None if sought.startswith(module) else find(sought))
    assert problems_of({name: value}) == [f"{name}: needs more packages: install todo-app[{extra}]"]


def test_a_package_whose_parent_is_missing_is_missing() -> None:
    """
    Nothing is raised by looking for it.
    """
    with pytest.raises(ValueError, match="install todo-app"):
        kinds.needs("nowhere.at.all", "nothing")(None, None, "wanted")
    kinds.needs("nowhere.at.all", "nothing")(None, None, None)


@pytest.mark.parametrize(
    "token", ["short", "your-secret-key-your-secret-key-1234", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
)
def test_a_token_for_metrics_must_be_a_secret(token: str) -> None:
    """
    What can be guessed is refused, as it is for other secrets, and no token is ever shown.
    """
    assert names_in(problems_of({"METRICS_TOKEN": token})) == {"METRICS_TOKEN"}
    settings = load_settings({"METRICS_TOKEN": KEY, "SENTRY_DSN": "https://hunter2@sentry.acme.org/1"})
    assert KEY not in repr(settings)
    assert "hunter2" not in repr(settings)


def test_metrics_have_a_port_of_their_own() -> None:
    """
    They cannot share the service's, and are counted only where somebody can ask for them.
    """
    assert problems_of({"PORT": "9000", "METRICS_PORT": "9000"}) == ["METRICS_PORT: is the same as PORT"]
    assert names_in(problems_of({"METRICS_PORT": "0"})) == {"METRICS_PORT"}
    assert not load_settings({}).is_watched
    assert load_settings({"METRICS_PORT": "9000"}).is_watched
    assert load_settings({"METRICS_TOKEN": KEY}).is_watched

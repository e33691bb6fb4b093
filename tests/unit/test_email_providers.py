from __future__ import annotations

import pytest

from todo_adapters.email import known_providers, load_email_service
from todo_adapters.email.console import ConsoleEmailService
from todo_adapters.email.smtp import SmtpEmailService
from todo_adapters.email.smtp.settings import Security, SmtpSettings
from todo_adapters.environment import InvalidEnvironment, read

_SMTP = {"SMTP_HOST": "mail.example", "SMTP_FROM_EMAIL": "todo@todo.example"}
_ACCOUNT = {"SMTP_USERNAME": "ann", "SMTP_PASSWORD": "pa55word"}


def _problems(provider: str, environment: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(InvalidEnvironment) as raised:
        load_email_service(provider, environment)
    return raised.value.problems


def test_a_provider_is_found_by_the_name_of_its_module():
    """
    Modules of the package are known by their names.
    """
    assert isinstance(load_email_service("console", {}), ConsoleEmailService)
    assert isinstance(load_email_service("smtp", _SMTP), SmtpEmailService)
    assert known_providers() == ["console", "file", "postmark", "resend", "sendgrid", "smtp"]


def test_a_dotted_name_is_a_module_elsewhere(monkeypatch, tmp_path):
    """
    A provider may live in another package.
    """
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "pigeons.py").write_text("def build(environment): return environment['PIGEONS']\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert load_email_service("elsewhere.pigeons", {"PIGEONS": "3"}) == "3"


@pytest.mark.parametrize("provider", ["pigeons", "", "__init__", "smtp2"])
def test_an_unknown_name(provider):
    """
    An unknown name is told together with those that are known.
    """
    known = "console, file, postmark, resend, sendgrid, smtp"
    assert _problems(provider, {}) == (f"EMAIL_PROVIDER: must be one of {known}, or the dotted name of a module",)


@pytest.mark.parametrize("provider", ["no.such.module", "json.decoder", ".", "smtp.", ".smtp"])
def test_an_unknown_module(provider):
    """
    A module that is missing, or is not a provider, is told as such.
    """
    assert _problems(provider, {}) == (
        "EMAIL_PROVIDER: names a module that is not installed, or that has no build(environment)",
    )


def test_a_provider_that_lacks_a_library_says_which(monkeypatch, tmp_path):
    """
    A module that is there but cannot be imported is not taken for an unknown one.
    """
    (tmp_path / "half_installed").mkdir()
    (tmp_path / "half_installed" / "provider.py").write_text("import a_library_nobody_has\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="a_library_nobody_has"):
        load_email_service("half_installed.provider", {})


def test_settings_that_cannot_be_used_are_told_at_once():
    """
    All that is wrong with the settings is told at once, by name.
    """
    assert _problems("smtp", {"SMTP_FROM_EMAIL": "nobody", "SMTP_PORT": "x", "SMTP_TIMEOUT": "0"}) == (
        "SMTP_FROM_EMAIL: This is not an e-mail address.",
        "SMTP_TIMEOUT: must be a number > 0.0",
        "SMTP_HOST: is required",
        "SMTP_PORT: must be a whole number",
    )


@pytest.mark.parametrize(
    ("environment", "problem"),
    [
        ({"SMTP_PORT": "465"}, "SMTP_SECURITY: must be tls when SMTP_PORT is 465, where encryption starts at once"),
        (
            {"SMTP_PORT": "465", "SMTP_USE_TLS": "true"},
            "SMTP_SECURITY: must be tls when SMTP_PORT is 465, where encryption starts at once",
        ),
        (
            {"SMTP_SECURITY": "tls"},
            "SMTP_SECURITY: must be starttls when SMTP_PORT is 587; servers that encrypt at once listen on 465",
        ),
        (
            _ACCOUNT | {"SMTP_SECURITY": "none"},
            "SMTP_SECURITY: must be starttls or tls, or SMTP_PASSWORD would cross the network in the clear",
        ),
        (
            _ACCOUNT | {"SMTP_USE_TLS": "false", "SMTP_HOST": "10.0.0.1"},
            "SMTP_SECURITY: must be starttls or tls, or SMTP_PASSWORD would cross the network in the clear",
        ),
        (
            {"SMTP_SECURITY": "starttls", "SMTP_USE_TLS": "false"},
            "SMTP_USE_TLS: contradicts SMTP_SECURITY; remove SMTP_USE_TLS",
        ),
        ({"SMTP_USERNAME": "ann"}, "SMTP_PASSWORD: must be set when SMTP_USERNAME is, and only then"),
        ({"SMTP_PASSWORD": "pa55word"}, "SMTP_PASSWORD: must be set when SMTP_USERNAME is, and only then"),
        ({"SMTP_FROM_NAME": "Todo\r\nBcc: eve"}, "SMTP_FROM_NAME: must be one line"),
    ],
)
def test_settings_that_do_not_fit_together(environment, problem):
    """
    Settings that cannot work, or would show a password to the network, are refused with what to set instead.
    """
    assert _problems("smtp", _SMTP | environment) == (problem,)


@pytest.mark.parametrize(
    ("environment", "security"),
    [
        ({}, Security.STARTTLS),
        ({"SMTP_USE_TLS": "true"}, Security.STARTTLS),
        ({"SMTP_USE_TLS": "false"}, Security.NONE),
        ({"SMTP_SECURITY": "none"}, Security.NONE),
        ({"SMTP_SECURITY": "tls", "SMTP_PORT": "465"}, Security.TLS),
        ({"SMTP_SECURITY": "tls", "SMTP_PORT": "465", "SMTP_USE_TLS": "true"}, Security.TLS),
        (_ACCOUNT | {"SMTP_SECURITY": "none", "SMTP_HOST": "localhost"}, Security.NONE),
        (_ACCOUNT | {"SMTP_SECURITY": "none", "SMTP_HOST": "127.0.0.1"}, Security.NONE),
        (_ACCOUNT | {"SMTP_SECURITY": "none", "SMTP_HOST": "::1"}, Security.NONE),
    ],
)
def test_one_setting_decides_the_encryption(environment, security):
    """
    SMTP_SECURITY decides, SMTP_USE_TLS is understood, and a password may stay in the clear on this machine only.
    """
    assert read(SmtpSettings, _SMTP | environment, prefix="SMTP_").encryption is security


def test_the_password_stays_out_of_repr():
    """
    Settings can be printed without showing the password.
    """
    assert "pa55word" not in repr(read(SmtpSettings, _SMTP | _ACCOUNT, prefix="SMTP_"))

"""
What to do about a step that failed: from what was found to a cause and a remedy.

A mail server's failures tell ``step reason`` (``login 535``), those of an API its status (``401``), and in a chain
of providers the name stands before that. Of the rows of the provider's table that fit, the one that says most counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from todo_core.errors import EmailError, EmailMisconfigured, EmailRejected, EmailUnavailable
from todo_web.doctor.findings import Advice

_TRY_LATER = "Nothing has to be changed if it passes: mail waits and is tried again. If it lasts, ask whoever runs it."
_OTHER_END = "Compare SMTP_HOST and SMTP_PORT with what your mail provider tells you to use."

_PLACES: Mapping[str, Advice] = {
    "database": Advice(
        "The database does not answer: it is not running, cannot be reached from here, or does not know us.",
        "Compare host, port, user, password and name in DATABASE_URL with the database's own.",
    ),
    "clock": Advice(
        "This machine's clock and the database's differ, so one of them is wrong: links and sessions end too early"
        " or too late.",
        "Let both machines take their time from the network (NTP). No setting has to be changed.",
    ),
    "schema": Advice(
        "The database's tables are not those of this version of the program.",
        "Run `todo migrate up` with this DATABASE_URL.",
    ),
    "outbox": Advice(
        "Mail waits that should have gone out: no courier runs, or the mail provider takes none.",
        "If the steps of mail below pass, see that a courier runs: `todo serve` with COURIER=beside, or `todo worker`.",
    ),
    "redis": Advice(
        "Redis, which counts for the limits, does not answer: mail still goes out, but nobody can log in or sign up.",
        "Compare host, port, user and password in REDIS_URL with Redis's own; without REDIS_URL the database counts.",
    ),
}

_SMTP: Mapping[str, Advice] = {
    "resolve failed": Advice(
        "There is no host of that name, or this machine cannot ask the DNS.",
        "Look for a typing mistake in SMTP_HOST. If it is right, the DNS of this machine or container is wrong.",
    ),
    "resolve timeout": Advice(
        "The DNS did not answer in time.",
        "Mend the DNS of this machine or container; SMTP_HOST may also be an address, if the certificate has it.",
    ),
    "resolve unsupported": Advice("That cannot be the name of a host.", "Correct SMTP_HOST."),
    "connect refused": Advice(
        "The host is there, but no mail server listens on that port.",
        "Correct SMTP_PORT (587 with STARTTLS, 465 with TLS), or SMTP_HOST, if it is another machine.",
    ),
    "connect timeout": Advice(
        "Nothing comes back, not even a refusal: the port is blocked. Some hosts let out only the ports 80, 443 and"
        " 8080 (Hugging Face Spaces do), and many block 25.",
        "Where SMTP is blocked no SMTP setting helps: choose a provider that is reached by HTTPS, with EMAIL_PROVIDER."
        " Elsewhere open the port in the firewall, or try another that the server has (587, 465, 2525) as SMTP_PORT.",
    ),
    "connect lost": Advice(
        "The network has no way to that host.", "Correct SMTP_HOST, or mend this machine's network."
    ),
    "tls failed": Advice(
        "The server does not encrypt from the first byte on this port, or only in ways that are no longer safe.",
        "Set SMTP_SECURITY=starttls and SMTP_PORT=587; or SMTP_PORT=465, if it was another.",
    ),
    "tls timeout": Advice(
        "The port is open, but whatever listens there does not begin to encrypt.",
        "Set SMTP_SECURITY=starttls and SMTP_PORT=587, or correct SMTP_HOST. If the server is only slow, raise"
        " SMTP_TIMEOUT.",
    ),
    "tls lost": Advice(
        "The server hung up instead of encrypting.",
        "Set SMTP_SECURITY=starttls and SMTP_PORT=587, if the server encrypts after STARTTLS.",
    ),
    "greeting timeout": Advice(
        "The port is open, but the server says nothing. One that encrypts from the first byte waits for us to begin.",
        "Set SMTP_SECURITY=tls and SMTP_PORT=465. If the server is only slow, raise SMTP_TIMEOUT.",
    ),
    "greeting lost": Advice(
        "The server hung up at once: it does not want this machine's address, or another program listens there.",
        f"{_OTHER_END} If they are right, ask the provider whether this machine's address is blocked.",
    ),
    "greeting 5xx": Advice(
        "The server turns us away before we have said anything: it does not want this machine's address, or takes"
        " no mail.",
        f"{_OTHER_END} If they are right, ask the provider to let this machine's address in.",
    ),
    "starttls unsupported": Advice(
        "The server offers no STARTTLS, so neither password nor mail would be encrypted; nothing was sent.",
        "Use a port where it encrypts: SMTP_PORT=587, or SMTP_PORT=465 with SMTP_SECURITY=tls. Only for a server on"
        " this machine, SMTP_SECURITY=none will do.",
    ),
    "starttls failed": Advice(
        "Encryption was offered but could not be agreed on; the server may only know ways that are no longer safe.",
        "Ask whoever runs the server for TLS 1.2 or newer, or try SMTP_SECURITY=tls with SMTP_PORT=465.",
    ),
    "certificate expired": Advice(
        "The server's certificate has expired, so it cannot be told from an impostor; nothing was sent.",
        "Whoever runs the server must renew it. If your provider has moved, correct SMTP_HOST. Also see that this"
        " machine's clock is right.",
    ),
    "certificate premature": Advice(
        "The server's certificate is not valid yet; most likely this machine's clock is slow. Nothing was sent.",
        "Set this machine's clock right; then see whether SMTP_HOST is the server you meant.",
    ),
    "certificate misnamed": Advice(
        "The server's certificate is for another name than the one we called it by; nothing was sent.",
        "Set SMTP_HOST to a name that stands in the certificate: usually the one your provider documents, not an"
        " address or an alias of your own.",
    ),
    "certificate untrusted": Advice(
        "The server's certificate was signed by an authority that this machine does not know; nothing was sent.",
        "For an authority of your own, let SSL_CERT_FILE name its certificate. Otherwise correct SMTP_HOST: a public"
        " server has a public certificate, and somebody may be listening in.",
    ),
    "certificate invalid": Advice(
        "The server's certificate does not verify; nothing was sent.",
        "Whoever runs the server must replace it, or SMTP_HOST names the wrong one.",
    ),
    "ehlo 5xx": Advice(
        "The server does not like the name by which we introduced ourselves, the domain of the sender.",
        "Set SMTP_FROM_EMAIL to an address in a domain of yours.",
    ),
    "login 535": Advice(
        "The server does not accept this user name with this password.",
        "Correct SMTP_USERNAME and SMTP_PASSWORD. Large providers want a password made for programs, not the one of"
        " the mailbox; some want the whole address as user name.",
    ),
    "login 5xx": Advice(
        "The server does not let us log in like this.",
        "Correct SMTP_USERNAME and SMTP_PASSWORD; large providers want a password made for programs, and that SMTP is"
        " switched on for the account.",
    ),
    "login unsupported": Advice(
        "The server offers no log-in on this port, at least none that we know.",
        "Use the port for sending, usually SMTP_PORT=587; or remove SMTP_USERNAME and SMTP_PASSWORD, if it wants none.",
    ),
    "mail 5xx": Advice(
        "The server does not let this account send in the name of that sender.",
        "Set SMTP_FROM_EMAIL to an address that belongs to the account, or have the provider confirm it there.",
    ),
    "rcpt 5xx": Advice(
        "The server does not take mail for that recipient: there is no such mailbox, or it takes mail for its own"
        " domains only from whoever does not log in.",
        "Try another address of yours. If every one is refused, set SMTP_USERNAME and SMTP_PASSWORD, or use another"
        " SMTP_HOST.",
    ),
    "data 5xx": Advice(
        "The server read the message and refused it, as spam or by a rule of its own.",
        "Set SMTP_FROM_EMAIL to an address in a domain whose SPF, DKIM and DMARC records name this server; its own log"
        " tells more.",
    ),
    "smtputf8 unsupported": Advice(
        "The server cannot carry addresses with letters outside ASCII before the @.",
        "Try another recipient; if SMTP_FROM_EMAIL has such letters, choose another.",
    ),
    "message invalid": Advice(
        "An address in the message cannot travel by mail.", "Try another recipient, and look at SMTP_FROM_EMAIL."
    ),
    "* 530": Advice(
        "The server wants us to log in, or to encrypt, before it takes mail.",
        "Set SMTP_USERNAME and SMTP_PASSWORD, and SMTP_SECURITY to starttls or tls.",
    ),
    "* -1": Advice("Whatever answered there does not speak SMTP.", _OTHER_END),
    "* 4xx": Advice("The server cannot at the moment, or makes strangers wait (greylisting).", _TRY_LATER),
    "* 5xx": Advice("The server refuses to go on at this step.", f"{_OTHER_END} Its own log tells more."),
    "* timeout": Advice(
        "The server stopped answering in the middle of the conversation.",
        f"If the server is only slow, raise SMTP_TIMEOUT. {_TRY_LATER}",
    ),
    "* lost": Advice("The server hung up in the middle of the conversation.", f"{_OTHER_END} {_TRY_LATER}"),
}

_MAY_NOT_SEND = Advice(
    "The provider knows the key, but does not let it send, or not as this sender.",
    "Let {key} send, and confirm the domain of SMTP_FROM_EMAIL, both in your account at the provider.",
)
_NOT_THIS_RECIPIENT = Advice(
    "The provider cannot send to such an address.", "Try another recipient, and look at SMTP_FROM_EMAIL."
)

_API: Mapping[str, Advice] = {
    "401": Advice("The provider does not know our key.", "Correct {key}; it may have been replaced or withdrawn."),
    "403": _MAY_NOT_SEND,
    "scopes mail.send": _MAY_NOT_SEND,
    "429": Advice("The provider wants to be left alone for a while, or the account has used up its share.", _TRY_LATER),
    "3xx": Advice(
        "The API has moved, or something in between answers in its place.",
        "See that this machine reaches the Internet without a log-in page; if you changed the API's URL, correct it.",
    ),
    "5xx": Advice("The provider has trouble of its own.", _TRY_LATER),
    "connect timeout": Advice(
        "Nothing comes back from the provider's API: HTTPS is blocked on the way.",
        "Let this machine reach the provider at port 443. No setting has to be changed.",
    ),
    "connect lost": Advice(
        "The provider's API cannot be reached: its name is not found, or the connection is refused.",
        "Mend this machine's DNS or network; if you changed the API's URL, correct it.",
    ),
    "certificate untrusted": Advice(
        "Whoever answers for the API cannot prove its name: a proxy in between, or this machine knows no authorities.",
        "Let SSL_CERT_FILE name the authorities to trust, those of your proxy among them.",
    ),
    "* timeout": Advice("The provider took the request and did not answer in time.", _TRY_LATER),
    "* lost": Advice("The provider took the request and hung up without an answer.", _TRY_LATER),
    "smtputf8 unsupported": _NOT_THIS_RECIPIENT,
    "address invalid": _NOT_THIS_RECIPIENT,
    "message invalid": _NOT_THIS_RECIPIENT,
    "write": Advice("The folder for mail cannot be written to.", "Correct EMAIL_FILE_DIR, or let us write there."),
}

_KEYS = {"postmark": "POSTMARK_SERVER_TOKEN", "resend": "RESEND_API_KEY", "sendgrid": "SENDGRID_API_KEY"}
_SOME_KEY = "the provider's key"

_FAILURES: Mapping[type[EmailError], Advice] = {
    EmailMisconfigured: Advice(
        "The mail provider does not know us, or does not let us send.",
        "Correct {key}, and the sender's address, SMTP_FROM_EMAIL, which most providers want confirmed.",
    ),
    EmailUnavailable: Advice("The mail provider cannot be reached, or cannot at the moment.", _TRY_LATER),
    EmailRejected: Advice(
        "The mail provider will never take this message, though it may take others.", "Try another recipient."
    ),
}

_UNKNOWN = Advice(
    "Something went wrong that this program does not know.",
    "With LOG_LEVEL=DEBUG the log may tell more; please report it.",
)


def advice_on_place(step: str) -> Advice:
    """
    Return the advice when *step*, which is none of mail's, has failed.
    """
    return _PLACES.get(step, _UNKNOWN)


def advice_on_mail(error: Exception, *, provider: str) -> Advice:
    """
    Return the advice when mail has failed with *error* at the *provider*, or at one of a chain with commas.
    """
    if not isinstance(error, EmailError):
        return _UNKNOWN
    name, code = (provider, error.code) if "," not in provider else _split(error.code)
    table = _SMTP if name == "smtp" else _API
    rows = (table[row] for row in _rows_that_fit(code) if row in table)
    advice = next(rows, _FAILURES.get(type(error), _UNKNOWN))
    return Advice(advice.cause, advice.remedy.format(key=_KEYS.get(name, _SOME_KEY)))


def _split(code: str) -> tuple[str, str]:
    name, _, rest = code.partition(" ")
    return name, rest


def _rows_that_fit(code: str) -> Iterator[str]:
    step, reason = _split(code)
    yield from (code, f"* {reason}", f"{step} {_kind(reason)}", f"* {_kind(reason)}", step, _kind(step))


def _kind(reason: str) -> str:
    return f"{reason[:1]}xx" if reason.isdigit() else reason

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from attrs import frozen
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.mail_reports import Postmark, Resend, Sendgrid
from todo_adapters.environment import InvalidEnvironment
from todo_adapters.fakes import PlainMailHook
from todo_adapters.mail_hooks import load_mail_hooks
from todo_core.contracts.expectations import raises
from todo_core.contracts.mail_hook import MailHookContract, News, Report, Reporter, SignedMailHookContract
from todo_core.contracts.samples import NOW
from todo_core.errors import InvalidInput, InvalidSignature
from todo_core.model.email import EmailAddress
from todo_core.model.suppression import MailEventKind
from todo_core.ports import MailHook


def _hook(provider: str, **environment: str) -> MailHook:
    return load_mail_hooks(environment)[provider]


class TestSendgrid(SignedMailHookContract):
    @pytest.fixture
    def reporter(self):
        return Sendgrid()

    @pytest.fixture
    def stranger(self):
        return Sendgrid()

    @pytest.fixture
    def secret(self, reporter):
        return reporter.verification_key

    @pytest.fixture
    def mail_hook(self, reporter):
        return _hook("sendgrid", SENDGRID_WEBHOOK_PUBLIC_KEY=reporter.verification_key)

    def test_the_documented_signature(self):
        """
        What SendGrid's own libraries are tested with is believed, up to the line break at its end.
        """
        event = {
            "email": "hello@world.com",
            "event": "dropped",
            "reason": "Bounced Address",
            "sg_event_id": "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",
            "sg_message_id": "LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",
            "smtp-id": "<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>",
            "timestamp": 1600112492,
        }
        body = json.dumps([event], separators=(",", ":")).encode() + b"\r\n"
        headers = {
            "x-twilio-email-event-webhook-timestamp": "1600112502",
            "x-twilio-email-event-webhook-signature": "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM"
            "+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=",
        }
        public_key = (
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVp"
            "iglSI8eNEc6wEA3F+g=="
        )
        hook = _hook("sendgrid", SENDGRID_WEBHOOK_PUBLIC_KEY=public_key)
        then = datetime.fromtimestamp(1600112502, UTC)
        (told,) = hook.read(headers, body, now=then)
        expected = (event["sg_event_id"], EmailAddress("hello@world.com"), MailEventKind.BOUNCE)
        assert (told.id, told.address, told.kind) == expected
        with raises(InvalidSignature):
            hook.read(headers, body.rstrip(), now=then)

    def test_of_many_events_those_that_end_deliveries(self, mail_hook, reporter):
        """
        A report can tell of many mails, and of the account itself; drops repeat what SendGrid knows already.
        """
        told = [
            {"event": "processed", "email": "a@example.org"},
            {"event": "bounce", "type": "bounce", "email": "b@example.org"},
            {"event": "bounce", "type": "blocked", "email": "c@example.org"},
            {"event": "bounce", "email": "d@example.org"},
            {"event": "dropped", "reason": "Bounced Address", "email": "e@example.org"},
            {"event": "dropped", "reason": "Spam Reporting Address", "email": "f@example.org"},
            {"event": "dropped", "reason": "Unsubscribed Address", "email": "g@example.org"},
            {"event": "spamreport", "email": "h@example.org"},
            {"event": "deferred", "email": "i@example.org"},
            {"event": "account_status_change", "type": "compliance_suspend"},
        ]
        events = [{"sg_event_id": str(number), "timestamp": 1774785600, **event} for number, event in enumerate(told)]
        report = reporter.sign(json.dumps(events).encode())
        found = {event.address.text[0]: event.kind for event in mail_hook.read(report.headers, report.body, now=NOW)}
        bounce, complaint = MailEventKind
        assert found == {"b": bounce, "e": bounce, "f": complaint, "h": complaint}

    @pytest.mark.parametrize("wrong", [{"timestamp": -1}, {"timestamp": 10**12}, {"timestamp": "now"}, {"event": 1}])
    def test_an_event_of_another_form(self, mail_hook, reporter, wrong):
        """
        An event whose fields are not what SendGrid documents is refused.
        """
        event = {"sg_event_id": "1", "timestamp": 1, "event": "bounce", "type": "bounce", "email": "a@example.org"}
        report = reporter.sign(json.dumps([event | wrong]).encode())
        with raises(InvalidInput):
            mail_hook.read(report.headers, report.body, now=NOW)

    @pytest.mark.parametrize("key", ["x", "AAAA", "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="])
    def test_a_key_that_is_none(self, key):
        """
        What is not a key on P-256 is told when the program starts, without quoting it.
        """
        with pytest.raises(
            InvalidEnvironment, match="SENDGRID_WEBHOOK_PUBLIC_KEY: must be the verification key"
        ) as error:
            _hook("sendgrid", SENDGRID_WEBHOOK_PUBLIC_KEY=key)
        assert key not in str(error.value).split()

    def test_a_key_on_another_curve(self):
        """
        A key on P-384 is none of SendGrid's.
        """
        key = Sendgrid(key=ec.generate_private_key(ec.SECP384R1())).verification_key
        with pytest.raises(InvalidEnvironment, match="must be the verification key"):
            _hook("sendgrid", SENDGRID_WEBHOOK_PUBLIC_KEY=key)


class TestPostmark(MailHookContract):
    @pytest.fixture
    def reporter(self):
        return Postmark()

    @pytest.fixture
    def stranger(self):
        return Postmark(password="another password")

    @pytest.fixture
    def secret(self, reporter):
        return reporter.password

    @pytest.fixture
    def mail_hook(self, reporter):
        return _hook("postmark", POSTMARK_WEBHOOK_PASSWORD=reporter.password)

    def test_a_report_of_any_age(self, mail_hook, reporter):
        """
        Postmark repeats a report for hours with nothing in it that tells so: its age does not count.
        """
        report = reporter.tell(News.HARD_BOUNCE)
        assert mail_hook.read(report.headers, report.body, now=NOW + timedelta(hours=11))

    def test_the_user_name_does_not_count(self, mail_hook, reporter):
        """
        Only the password is a secret.
        """
        report = reporter.tell(News.HARD_BOUNCE)
        for credentials in ("OmEgcGFzc3dvcmQgb2YgdGhlIGhvb2sncyBvd24=", "eDphIHBhc3N3b3JkIG9mIHRoZSBob29rJ3Mgb3du"):
            assert mail_hook.read({"authorization": f"basic {credentials}"}, report.body, now=NOW)

    @pytest.mark.parametrize("kind", ["BadEmailAddress", "SpamComplaint"])
    def test_other_types_that_end_deliveries(self, mail_hook, reporter, kind):
        """
        An address that is none bounces for good; a complaint can come as a bounce.
        """
        report = reporter.tell(News.HARD_BOUNCE)
        body = report.body.replace(b"HardBounce", kind.encode())
        assert mail_hook.read(report.headers, body, now=NOW)

    @pytest.mark.parametrize(
        "kind", ["Transient", "DnsError", "SpamNotification", "Blocked", "AutoResponder", "Unknown"]
    )
    def test_types_that_end_nothing(self, mail_hook, reporter, kind):
        """
        What is temporary, or says nothing about the address, is passed over.
        """
        report = reporter.tell(News.HARD_BOUNCE)
        assert mail_hook.read(report.headers, report.body.replace(b"HardBounce", kind.encode()), now=NOW) == []

    def test_a_password_with_colons(self):
        """
        The user name ends at the first colon (RFC 7617), so a password may hold some.
        """
        reporter = Postmark(password="a:password:with:colons")
        report = reporter.tell(News.HARD_BOUNCE)
        hook = _hook("postmark", POSTMARK_WEBHOOK_PASSWORD=reporter.password)
        assert hook.read(report.headers, report.body, now=NOW)

    def test_a_short_password(self):
        """
        A password that could be guessed is refused when the program starts, without quoting it.
        """
        with pytest.raises(InvalidEnvironment, match="at least 16 characters") as error:
            _hook("postmark", POSTMARK_WEBHOOK_PASSWORD="hunter2hunter2x")
        assert "hunter2" not in str(error.value)


class TestResend(SignedMailHookContract):
    @pytest.fixture
    def reporter(self):
        return Resend()

    @pytest.fixture
    def stranger(self):
        return Resend(secret="whsec_c29tZSBvdGhlciBzZWNyZXQ=")

    @pytest.fixture
    def secret(self, reporter):
        return reporter.secret

    @pytest.fixture
    def mail_hook(self, reporter):
        return _hook("resend", RESEND_WEBHOOK_SECRET=reporter.secret)

    def test_the_documented_signature(self):
        """
        The example in Svix's documents verifies: it is refused for what it says, and altered for its signature.
        """
        hook = _hook("resend", RESEND_WEBHOOK_SECRET="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        headers = {
            "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "svix-timestamp": "1614265330",
            "svix-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        }
        then = datetime.fromtimestamp(1614265330, UTC)
        with raises(InvalidInput):
            hook.read(headers, b'{"test": 2432232314}', now=then)
        with raises(InvalidSignature):
            hook.read(headers, b'{"test": 2432232315}', now=then)

    def test_one_of_several_signatures(self, mail_hook, reporter):
        """
        While the secret is being changed, a report bears one signature by each; other versions do not count.
        """
        report = reporter.tell(News.HARD_BOUNCE)
        right = report.headers["svix-signature"]
        for signatures in (f"v1,AAAA {right}", f"{right} v1a,AAAA"):
            assert mail_hook.read({**report.headers, "svix-signature": signatures}, report.body, now=NOW)
        with raises(InvalidSignature):
            another_version = {**report.headers, "svix-signature": right.replace("v1,", "v2,")}
            mail_hook.read(another_version, report.body, now=NOW)

    @pytest.mark.parametrize("name", ["svix-id", "svix-timestamp"])
    def test_an_altered_id_or_time(self, mail_hook, reporter, name):
        """
        The id and the time are signed with the body.
        """
        report = reporter.tell(News.HARD_BOUNCE)
        altered = {**report.headers, name: report.headers[name][:-1] + "9"}
        assert altered != report.headers
        with raises(InvalidSignature):
            mail_hook.read(altered, report.body, now=NOW)

    @pytest.mark.parametrize(
        "data",
        [
            {"to": ["ann@example.org"]},
            {"to": ["ann@example.org"], "bounce": {"type": "Undetermined"}},
            {"to": ["ann@example.org", "bob@example.org"], "bounce": {"type": "Permanent"}},
            {"to": [], "bounce": {"type": "Permanent"}},
            {},
        ],
    )
    def test_a_bounce_of_nobody_in_particular(self, mail_hook, reporter, data):
        """
        A bounce that is not known to be hard, or is not about one recipient, ends nothing.
        """
        body = json.dumps({"type": "email.bounced", "created_at": "2026-03-29T11:57:00Z", "data": data}).encode()
        report = reporter.sign(body)
        assert mail_hook.read(report.headers, report.body, now=NOW) == []

    def test_a_name_before_the_address(self, mail_hook, reporter):
        """
        The recipient may be written with a name.
        """
        report = reporter.tell(News.COMPLAINT, address="Ann <Ann@Example.org>")
        (event,) = mail_hook.read(report.headers, report.body, now=NOW)
        assert event.address == EmailAddress("ann@example.org")

    @pytest.mark.parametrize(
        "secret", ["whsec_", "whsec_c2hvcnQ=", "c29tZSBvdGhlciBzZWNyZXQgaGVyZQ==", "whsec_no base64!"]
    )
    def test_a_secret_that_is_none(self, secret):
        """
        What is not a signing secret is told when the program starts, without quoting it.
        """
        with pytest.raises(InvalidEnvironment, match="RESEND_WEBHOOK_SECRET: must be the signing secret"):
            _hook("resend", RESEND_WEBHOOK_SECRET=secret)


@frozen
class _Plain(Reporter):
    hook: PlainMailHook
    salt: bytes = b""

    def tell(self, news: News, *, number: int = 1, address: str = "ann@example.org") -> Report:
        kind = {News.HARD_BOUNCE: "bounce", News.COMPLAINT: "complaint"}.get(news, "other")
        return self.sign(f"{kind} {number} {address} {(NOW - timedelta(minutes=3)).isoformat()}".encode())

    def sign(self, body: bytes) -> Report:
        return Report(self.hook.sign(self.salt + body, at=NOW), body)


class TestPlain(SignedMailHookContract):
    @pytest.fixture
    def mail_hook(self):
        return PlainMailHook()

    @pytest.fixture
    def reporter(self, mail_hook):
        return _Plain(mail_hook)

    @pytest.fixture
    def stranger(self, mail_hook):
        return _Plain(mail_hook, salt=b"another secret")

    @pytest.fixture
    def secret(self):
        return "another secret"


def test_only_hooks_whose_secrets_are_set():
    """
    A provider without a secret has no hook; all that is wrong with secrets is told at once.
    """
    assert load_mail_hooks({}) == {}
    assert set(load_mail_hooks({"POSTMARK_WEBHOOK_PASSWORD": Postmark().password})) == {"postmark"}
    wrong = {"RESEND_WEBHOOK_SECRET": "x", "POSTMARK_WEBHOOK_PASSWORD": "x", "SENDGRID_WEBHOOK_PUBLIC_KEY": "x"}
    with pytest.raises(InvalidEnvironment) as error:
        load_mail_hooks(wrong)
    assert {problem.partition(":")[0] for problem in error.value.problems} == set(wrong)

"""
Mail providers as the other end of a hook: they write the reports that they document, and sign them.

Signatures are made here by other means than they are verified with: what the providers' documents say, and keys
of the test's own.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from datetime import datetime, timedelta

from attrs import evolve, field, frozen
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from todo_core.contracts.mail_hook import News, Report, Reporter
from todo_core.contracts.samples import NOW

_A_WHILE = timedelta(minutes=3)
_WEST = timedelta(hours=4)


@frozen
class Sendgrid(Reporter):
    """
    SendGrid: a list of events, ECDSA over the time and the body.
    """

    now: datetime = NOW
    key: ec.EllipticCurvePrivateKey = field(factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False)

    @property
    def verification_key(self) -> str:
        """
        The public key as SendGrid's pages show it.
        """
        return b64encode(self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()

    def tell(self, news: News, *, number: int = 1, address: str = "ann@example.org") -> Report:
        """
        SendGrid tells it by the event, and a bounce's kind by its type.
        """
        told = {
            News.HARD_BOUNCE: {"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 unknown"},
            News.SOFT_BOUNCE: {"event": "bounce", "type": "blocked", "status": "4.7.1", "reason": "try later"},
            News.COMPLAINT: {"event": "spamreport"},
            News.DELIVERY: {"event": "delivered", "response": "250 OK"},
        }[news]
        common = {
            "email": address,
            "timestamp": int((self.now - _A_WHILE).timestamp()),
            "sg_event_id": f"sg-event-{number}",
            "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
            "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
        }
        return self.sign(json.dumps([common | told]).encode())

    def sign(self, body: bytes) -> Report:
        """
        Sign the time and the body, as they stand.
        """
        timestamp = str(int(self.now.timestamp()))
        signature = self.key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        prefix = "x-twilio-email-event-webhook-"
        return Report({f"{prefix}signature": b64encode(signature).decode(), f"{prefix}timestamp": timestamp}, body)


@frozen
class Postmark(Reporter):
    """
    Postmark: one record a report, and a password.
    """

    now: datetime = NOW
    password: str = field(default="a password of the hook's own", repr=False)

    def tell(self, news: News, *, number: int = 1, address: str = "ann@example.org") -> Report:
        """
        Postmark tells it by the record's type.
        """
        if news is News.DELIVERY:
            record = {"RecordType": "Delivery", "Recipient": address, "DeliveredAt": "2026-03-29T11:57:00Z"}
            return self.sign(json.dumps(record).encode())
        told = {
            News.HARD_BOUNCE: {"RecordType": "Bounce", "Type": "HardBounce", "TypeCode": 1, "Inactive": True},
            News.SOFT_BOUNCE: {"RecordType": "Bounce", "Type": "SoftBounce", "TypeCode": 4096, "Inactive": False},
            News.COMPLAINT: {"RecordType": "SpamComplaint", "Type": "SpamComplaint", "TypeCode": 512},
        }[news]
        common = {
            "ID": 4323372036854775800 + number,
            "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
            "Email": address,
            "BouncedAt": f"{self.now - _A_WHILE - _WEST:%Y-%m-%dT%H:%M:%S}.0000000-04:00",
        }
        return self.sign(json.dumps(common | told).encode())

    def sign(self, body: bytes) -> Report:
        """
        Send the password along; nothing is signed.
        """
        credentials = b64encode(f"postmark:{self.password}".encode()).decode()
        return Report({"authorization": f"Basic {credentials}"}, body)


@frozen
class Resend(Reporter):
    """
    Resend: one event a report, HMAC over the id, the time and the body, as Svix does it.
    """

    now: datetime = NOW
    secret: str = field(default="whsec_" + b64encode(b"a secret of the test's own").decode(), repr=False)
    report_id: str = "msg_of_no_event"

    def tell(self, news: News, *, number: int = 1, address: str = "ann@example.org") -> Report:
        """
        Resend tells it by the event's type, and a bounce's kind by the bounce's own.
        """
        kind, told = {
            News.HARD_BOUNCE: ("email.bounced", {"bounce": {"type": "Permanent", "subType": "General"}}),
            News.SOFT_BOUNCE: ("email.bounced", {"bounce": {"type": "Transient", "subType": "MailboxFull"}}),
            News.COMPLAINT: ("email.complained", {}),
            News.DELIVERY: ("email.delivered", {}),
        }[news]
        data = {"email_id": "56761188-7520-42d8-8898-ff6fc54ce618", "to": [address], **told}
        report = {"type": kind, "created_at": f"{self.now - _A_WHILE:%Y-%m-%dT%H:%M:%S}.000Z", "data": data}
        return evolve(self, report_id=f"msg_{number}").sign(json.dumps(report).encode())

    def sign(self, body: bytes) -> Report:
        """
        Sign the id, the time and the body, with dots between them.
        """
        timestamp = str(int(self.now.timestamp()))
        key = b64decode(self.secret.removeprefix("whsec_"))
        mac = hmac.new(key, f"{self.report_id}.{timestamp}.".encode() + body, hashlib.sha256)
        signature = f"v1,{b64encode(mac.digest()).decode()}"
        return Report({"svix-id": self.report_id, "svix-timestamp": timestamp, "svix-signature": signature}, body)

from __future__ import annotations

import base64
import smtplib
import subprocess
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from pathlib import Path

import dkim
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from survey_app.config import Settings
from survey_app.invite.signing import make_signer
from tests.conftest import free_port

PLAIN = Settings(
    home=Path("/nowhere"),
    database_url="sqlite:///nowhere",
    secret_key="a key for tests only, of sufficient length",
    mail_from="Example Ltd <feedback@example.org>",
)


@pytest.fixture(scope="session", params=["pkcs1", "pkcs8"])
def key_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A private key in each of the forms that openssl writes."""
    path: Path = tmp_path_factory.mktemp("dkim") / f"{request.param}.pem"
    older = ["-traditional"] if request.param == "pkcs1" else []
    subprocess.run(["openssl", "genrsa", *older, "-out", path, "2048"], check=True)
    return path


@pytest.fixture
def settings(key_file: Path) -> Settings:
    return replace(PLAIN, dkim_key=str(key_file), dkim_selector="s2026")


@pytest.fixture
def ask_dns(key_file: Path) -> Callable[..., bytes | None]:
    """What a name server would answer, with the public key as openssl has it."""
    made = ["openssl", "rsa", "-in", key_file, "-pubout", "-outform", "DER"]
    public = base64.b64encode(subprocess.run(made, check=True, capture_output=True).stdout)

    def ask(name: bytes, timeout: int = 5) -> bytes | None:
        record = b"v=DKIM1; k=rsa; p=" + public
        return record if name.rstrip(b".") == b"s2026._domainkey.example.org" else None

    return ask


def written(subject: str = "How was your visit?") -> bytes:
    mail = EmailMessage()
    mail["From"] = "Example Ltd <feedback@example.org>"
    mail["To"] = "Mia Müller <mia@example.org>"
    mail["Subject"] = subject
    mail["Date"] = "Wed, 01 Jul 2026 08:00:00 +0000"
    mail["Message-ID"] = "<12.0123456789@example.org>"
    mail["List-Unsubscribe"] = "<https://surveys.example.org/r/x/unsubscribe>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content("Grüezi\n.\n.. dots at the line's start\nFrom here on\n" * 3, cte="8bit")
    mail.add_alternative("<p>Grüezi</p>", subtype="html", cte="quoted-printable")
    return mail.as_bytes(policy=WIRE.clone(cte_type="7bit"))


def test_a_signed_mail_verifies_with_the_published_key(
    settings: Settings, ask_dns: Callable[..., bytes | None]
) -> None:
    mail = written()
    signed = make_signer(settings)(mail)
    assert signed.startswith(b"DKIM-Signature: ")
    assert signed.endswith(mail)
    assert b"\n" not in signed.replace(b"\r\n", b"")
    assert dkim.verify(signed, dnsfunc=ask_dns)


def test_the_signature_says_whose_it_is_and_what_it_holds_for(settings: Settings) -> None:
    mail = written()
    signature = make_signer(settings)(mail).removesuffix(mail)
    told = b"".join(signature.split())
    for part in (b"a=rsa-sha256;", b"c=relaxed/relaxed;", b"d=example.org;", b"s=s2026;"):
        assert part in told
    assert (
        b"h=from:from:to:subject:date:message-id:mime-version:content-type:"
        b"list-unsubscribe:list-unsubscribe-post;"
    ) in told


@pytest.mark.parametrize(
    ("found", "put"),
    [
        (b"<p>Gr", b"<p>gr"),
        (b"Subject: How", b"Subject: Who"),
        (b"<mia@example.org>", b"<eve@example.org>"),
        (b"/r/x/", b"/r/y/"),
        (b"List-Unsubscribe-Post", b"X-Post"),
        (b"MIME-Version", b"From: eve@example.org\r\nMIME-Version"),
    ],
)
def test_a_mail_that_was_changed_does_not_verify(
    settings: Settings, ask_dns: Callable[..., bytes | None], found: bytes, put: bytes
) -> None:
    mail = written()
    signature = make_signer(settings)(mail).removesuffix(mail)
    assert mail.replace(found, put) != mail
    changed = signature + mail.replace(found, put)
    assert dkim.verify(signature + mail, dnsfunc=ask_dns)
    assert not dkim.verify(changed, dnsfunc=ask_dns)


def test_without_a_key_a_mail_stays_as_it_is() -> None:
    mail = written()
    assert make_signer(PLAIN)(mail) == mail


class Kept:
    """What a mail server was sent, byte by byte."""

    contents: bytes = b""

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep the message."""
        assert isinstance(envelope.content, bytes)
        self.contents = envelope.content
        return "250 OK"


def test_the_signature_holds_after_the_way_through_a_mail_server(
    settings: Settings, ask_dns: Callable[..., bytes | None]
) -> None:
    kept, port = Kept(), free_port()
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as server:
            signed = make_signer(settings)(written("Wie war Ihr Besuch, Frau Müller? " * 4))
            server.sendmail("bounces@example.org", ["mia@example.org"], signed)
    finally:
        controller.stop()
    assert kept.contents
    passed_on = b"Received: from x by y; Wed, 01 Jul 2026 08:00:01 +0000\r\n" + kept.contents
    assert dkim.verify(passed_on, dnsfunc=ask_dns)
    assert not dkim.verify(passed_on.replace(b"Besuch", b"Versuch"), dnsfunc=ask_dns)

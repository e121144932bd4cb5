from __future__ import annotations

import mailbox
from email.message import EmailMessage
from pathlib import Path

import pytest

from survey_app.domain.problems import NotFound
from survey_app.invite.delivering import LocalOutbox, Unreachable, WireMail
from survey_app.invite.outbox import MAILS_A_PAGE, list_mails, read_mail
from tests.factories.campaigns import NOW


def mail(subject: str) -> WireMail:
    message = EmailMessage()
    message["To"] = "mia@example.org"
    message["Subject"] = subject
    message["Date"] = NOW
    message.set_content("Dear Zoë\n")
    message.add_alternative("<p>Dear Zoë</p>", subtype="html")
    return WireMail("ask@example.org", "mia@example.org", message.as_bytes())


def test_kept_mails_are_listed_newest_first_in_pages(tmp_path: Path) -> None:
    outbox = LocalOutbox(tmp_path / "outbox")
    for number in range(MAILS_A_PAGE + 2):
        outbox.send(mail(f"Mail {number}"))
    first, total = list_mails(tmp_path / "outbox", 1)
    second, _ = list_mails(tmp_path / "outbox", 2)
    assert total == MAILS_A_PAGE + 2
    assert len(first) == MAILS_A_PAGE
    assert {one.subject for one in first + second} == {
        f"Mail {number}" for number in range(MAILS_A_PAGE + 2)
    }
    assert (first[0].to, first[0].date) == ("mia@example.org", NOW)


def test_one_mail_is_read_as_its_plain_text(tmp_path: Path) -> None:
    LocalOutbox(tmp_path / "outbox").send(mail("Zoë?"))
    (listed,), _ = list_mails(tmp_path / "outbox", 1)
    read = read_mail(tmp_path / "outbox", listed.key)
    assert (read.subject, read.text) == ("Zoë?", "Dear Zoë\n")


def test_looking_makes_no_outbox(tmp_path: Path) -> None:
    assert list_mails(tmp_path / "outbox", 1) == ([], 0)
    with pytest.raises(NotFound):
        read_mail(tmp_path / "outbox", "x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["../secret", "new/../../secret", "/etc/passwd", "x"])
def test_a_key_leads_to_no_other_file(key: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("Subject: secret\n\n")
    mailbox.Maildir(tmp_path / "outbox", create=True)
    with pytest.raises(NotFound):
        read_mail(tmp_path / "outbox", key)


def test_an_outbox_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file, not a folder")
    with pytest.raises(Unreachable, match="cannot be written"):
        LocalOutbox(tmp_path / "outbox").send(mail("x"))

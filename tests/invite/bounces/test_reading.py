from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from survey_app.config import Settings
from survey_app.invite.bounces.reading import LONGEST_DETAIL, read_report
from survey_app.invite.return_paths import message_id, return_path
from tests.factories.returned_mails import returned

PLAIN = Settings(
    home=Path("/nowhere"),
    database_url="sqlite:///nowhere",
    secret_key="a key for tests only, of sufficient length",
    mail_from="Example Ltd <feedback@example.org>",
)
OWN = replace(PLAIN, bounce_address="bounces@example.org")
NOBODY = "bounces@example.org"
FOREIGN = "<20260701.77@shop.example>"


@pytest.mark.parametrize(
    ("name", "kind", "detail"),
    [
        ("postfix", "hard", "5.1.1 smtp; 550 5.1.1 <mia@example.org>: Recipient address rejected"),
        ("exim", "hard", "5.1.1 smtp; 550 5.1.1 No such user"),
        ("exim_words", "hard", "host mail.customer.example [198.51.100.7]: 550 Unknown user"),
        ("exchange", "hard", "5.1.10 smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound"),
        ("gmail_full", "soft", "5.2.2 smtp; 552-5.2.2 The recipient's inbox is out of storage"),
        ("qmail", "hard", "Sorry, no mailbox here by that name. (#5.1.1)"),
        ("policy", "soft", "5.7.1 smtp; 554 5.7.1 Service unavailable; Client host [203.0.113.5]"),
        ("expired", "soft", "4.4.1 X-Postfix; connect to mx.customer.example"),
    ],
)
def test_a_bounce_is_read_in_the_form_of_each_server(name: str, kind: str, detail: str) -> None:
    report = read_report(returned(name, 12, OWN), OWN)
    assert report is not None
    assert (report.kind, report.mail_id) == (kind, 12)
    assert report.addresses == ("mia@example.org",)
    assert report.detail.startswith(detail)


def test_a_complaint_is_read_and_known_by_the_mail_it_repeats() -> None:
    report = read_report(returned("complaint", 12, OWN), OWN)
    assert report is not None
    assert (report.kind, report.mail_id, report.detail) == ("complaint", 12, "Complaint: abuse")


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure", "virus", "dmarc", ""])
def test_feedback_that_is_no_complaint_is_none(kind: str) -> None:
    content = returned("complaint", 12, OWN).replace(b"Type: abuse", f"Type: {kind}".encode())
    assert read_report(content, OWN) is None


@pytest.mark.parametrize("name", ["delayed", "delayed_words", "delivered", "vacation", "no_spam"])
def test_what_is_no_failure_is_no_report(name: str) -> None:
    assert read_report(returned(name, 12, OWN), OWN) is None


def test_the_answer_of_a_person_is_no_report() -> None:
    mail = (
        b"From: mia@example.org\r\nTo: %s\r\nSubject: Re: How was your visit?\r\n\r\n"
        b"<mia@example.org>: 550 5.1.1 user unknown is what my colleague gets.\r\n"
    )
    assert read_report(mail % return_path(12, OWN).encode(), OWN) is None


@pytest.mark.parametrize("added", [b"", b"Return-Path: <>\r\nAuto-Submitted: auto-replied\r\n"])
def test_the_words_of_a_bounce_in_the_mail_of_a_person_are_no_report(added: bytes) -> None:
    content = returned("words_only", 12, OWN, sender=return_path(12, OWN))
    assert read_report(content, OWN) is not None
    from_a_person = content.replace(b"MAILER-DAEMON@old.customer", b"mia@old.customer")
    assert read_report(added + from_a_person, OWN) is None


NAMES = ["postfix", "exim", "exim_words", "exchange", "gmail_full", "qmail"]


@pytest.mark.parametrize("name", NAMES)
def test_the_envelope_sender_alone_proves_which_mail_it_was(name: str) -> None:
    report = read_report(returned(name, 12, OWN, original=FOREIGN), OWN)
    assert report is not None
    assert report.mail_id == 12


@pytest.mark.parametrize("name", NAMES)
def test_the_message_id_alone_proves_which_mail_it_was(name: str) -> None:
    report = read_report(returned(name, 12, OWN, sender=NOBODY), OWN)
    assert report is not None
    assert report.mail_id == 12


@pytest.mark.parametrize("header", ["To", "Delivered-To", "X-Original-To", "Envelope-To"])
def test_the_envelope_sender_is_found_wherever_servers_write_it_down(header: str) -> None:
    content = returned("words_only", 12, OWN).replace(b"To: feedback@example.org\r\n", b"", 1)
    sender = return_path(12, OWN).upper()
    report = read_report(f"{header}: <{sender}>\r\n".encode() + content, OWN)
    assert report is not None
    assert report.mail_id == 12


@pytest.mark.parametrize("name", [*NAMES, "complaint"])
@pytest.mark.parametrize(
    ("sender", "original"),
    [
        ("bounces+12-0123456789@example.org", FOREIGN),
        ("bounces+12-0123456789@example.org", "<12.0123456789@example.org>"),
        (NOBODY, FOREIGN),
        (NOBODY, message_id(12, replace(OWN, secret_key="k" * 32))),
    ],
)
def test_what_is_forged_or_about_somebody_elses_mail_is_no_report(
    name: str, sender: str, original: str
) -> None:
    assert read_report(returned(name, 12, OWN, sender=sender, original=original), OWN) is None


def test_where_nothing_is_said_of_the_mail_the_address_is_all_that_is_known() -> None:
    report = read_report(returned("words_only", 12, OWN, address="Mia@Example.org"), OWN)
    assert report is not None
    assert (report.kind, report.mail_id) == ("hard", None)
    assert report.addresses == ("mia@example.org",)


def with_status(status: str, diagnostic: str, action: str = "failed") -> bytes:
    content = returned("policy", 12, OWN).decode()
    before, _status, rest = content.partition("Action: failed\r\nStatus: 5.7.1\r\n")
    after = rest.partition("[203.0.113.5] blocked using dnsbl.example\r\n")[2]
    fields = f"Action: {action}\r\n{status}Diagnostic-Code: {diagnostic}\r\n"
    return (before + fields + after).encode()


@pytest.mark.parametrize(
    ("status", "diagnostic", "kind"),
    [
        ("5.1.1", "smtp; 550 5.1.1 unknown", "hard"),
        ("5.1.2", "smtp; 550 bad domain", "hard"),
        ("5.1.8", "smtp; 501 5.1.8 sender's domain", "soft"),
        ("5.2.1", "smtp; 550 5.2.1 mailbox disabled", "hard"),
        ("5.2.2", "smtp; 552 5.2.2 full", "soft"),
        ("5.2.3", "smtp; 552 5.2.3 too long", "soft"),
        ("5.3.4", "smtp; 552 5.3.4 too big for the system", "soft"),
        ("5.4.1", "smtp; 550 5.4.1 Recipient address rejected", "hard"),
        ("5.4.4", "X-Postfix; host not found", "hard"),
        ("5.4.6", "smtp; loop", "soft"),
        ("5.5.2", "smtp; 502 not understood", "soft"),
        ("5.6.0", "smtp; 554 content", "soft"),
        ("5.7.26", "smtp; 550 5.7.26 not authenticated", "soft"),
        ("5.0.0", "smtp; 550 user unknown", "hard"),
        ("5.0.0", "smtp; 552 no room", "soft"),
        ("5.0.0", "smtp; 554 failed", "soft"),
        ("5.0.0", "smtp; 550 5.7.1 blocked", "soft"),
        ("5.0.0 (permanent)", "smtp; 550-5.1.1 unknown", "hard"),
        ("4.2.2", "smtp; 452 4.2.2 full for days", "soft"),
        ("4.0.0", "smtp; 550 5.1.1 unknown", "hard"),
        ("", "smtp; 550 5.1.1 unknown", "hard"),
        ("", "smtp; 450 try later", "soft"),
        ("", "smtp; it did not work", "soft"),
        ("unknown", "X-Notes; 192.5.1.1 answers nothing", "soft"),
    ],
)
def test_the_status_tells_a_dead_address_from_a_mail_that_failed(
    status: str, diagnostic: str, kind: str
) -> None:
    told = f"Status: {status}\r\n" if status else ""
    report = read_report(with_status(told, diagnostic), OWN)
    assert report is not None
    assert report.kind == kind


def test_one_of_several_recipients_that_may_yet_be_reached_makes_it_soft() -> None:
    second = (
        b"\r\nFinal-Recipient: rfc822; second@customer.example\r\nAction: failed\r\n"
        b"Status: 5.2.2\r\n\r\n--4XJ2Qj6zVhz9t.1782892807/mx1.example.org\r\n"
        b"Content-Description: Undelivered"
    )
    boundary = b"\r\n--4XJ2Qj6zVhz9t.1782892807/mx1.example.org\r\nContent-Description: Undelivered"
    report = read_report(returned("postfix", 12, OWN).replace(boundary, second), OWN)
    assert report is not None
    assert (report.kind, report.detail) == ("soft", "5.2.2")
    assert report.addresses == ("mia@example.org", "second@customer.example")


def test_what_a_server_said_is_kept_in_a_form_that_can_be_stored_and_shown() -> None:
    said = "smtp; 550 5.1.1 no\0thing \u202e here " + "x" * 1000
    content = with_status("Status: 5.1.1\r\n", said).replace(b"here", b"h\xffre")
    report = read_report(content, OWN)
    assert report is not None
    assert len(report.detail) == LONGEST_DETAIL
    assert report.detail.isprintable()
    report.detail.encode("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_report_that_was_cut_off_anywhere_is_read_or_is_none(name: str) -> None:
    content = returned(name, 12, OWN)
    for end in range(0, len(content), 7):
        report = read_report(content[:end], OWN)
        assert report is None or report.mail_id in (12, None)


@pytest.mark.parametrize(
    "sender", [b"", b"From:\r\n", b"From: Fr\xf6hlich <mailer-daemon@x.example>\r\n"]
)
def test_a_sender_that_is_missing_or_not_in_ascii_keeps_no_report_from_being_read(
    sender: bytes,
) -> None:
    content = returned("exim_words", 12, OWN)
    before, _from, after = content.partition(b"From: Mail Delivery System ")
    report = read_report(before + sender + after.partition(b"\r\n")[2], OWN)
    assert report is not None
    assert (report.kind, report.mail_id) == ("hard", 12)


@pytest.mark.parametrize(
    "content", [b"", b"\r\n", b"\0\xff\xfe", b"From: \xff\r\n\r\n\xff", b":" * 99]
)
def test_rubbish_is_no_report(content: bytes) -> None:
    assert read_report(content, OWN) is None

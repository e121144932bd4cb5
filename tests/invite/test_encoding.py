from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from survey_app.config import Settings
from survey_app.invite.composing import Letter
from survey_app.invite.encoding import mail_address, make_writer
from tests.conftest import make_settings
from tests.factories.campaigns import NOW

LINK = "https://surveys.example.org/r/AAAAAAAAAAAAAAAAAAAAAA"


@pytest.fixture
def plain_settings(tmp_path: Path) -> Settings:
    return make_settings(
        tmp_path, "sqlite://", mail_from="ask@example.org", organisation="Zoë & Co"
    )


def letter(message: str, name: str = "Mia", subject: str = "How was it?") -> Letter:
    return Letter(name, "mia@example.org", subject, message, LINK)


def test_a_mail_has_both_parts_and_the_headers_that_servers_ask_for(
    plain_settings: Settings,
) -> None:
    sent = make_writer(plain_settings).write(
        letter("Dear {name},\n{link}", name="Mia Müller, Dr."), NOW
    )
    mail = message_from_bytes(sent.content, policy=policy.default)
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail["From"].addresses[0].display_name == "Zoë & Co"
    assert mail["From"].addresses[0].addr_spec == "ask@example.org"
    assert mail["To"].addresses[0].display_name == "Mia Müller, Dr."
    assert mail["To"].addresses[0].addr_spec == "mia@example.org"
    assert mail["Date"].datetime == NOW
    assert mail["Message-ID"].endswith("@example.org>")
    text = mail.get_body(("plain",))
    assert text is not None
    assert text.get_content().splitlines() == ["Dear Mia Müller, Dr.,", LINK]


@pytest.mark.parametrize("name", ["Mia\r\nBcc: all@example.org", "Mia\nX: y"])
def test_a_line_break_cannot_become_a_header(name: str, plain_settings: Settings) -> None:
    with pytest.raises(ValueError, match=r"(?i)header|newline|CR or LF"):
        make_writer(plain_settings).write(letter("{link}", name=name), NOW)
    with pytest.raises(ValueError, match=r"(?i)header|newline|linefeed"):
        make_writer(plain_settings).write(letter("{link}", subject=name), NOW)


def test_a_domain_with_other_letters_is_written_as_servers_take_it() -> None:
    assert mail_address("mia@bücher.example.org") == "mia@xn--bcher-kva.example.org"


INJECTED = "=?utf-8?q?x=0D=0ABcc:_evil=40evil.test=0D=0A=0D=0AYour_account_is_locked?="


@pytest.mark.parametrize("text", [INJECTED, f"Mia {INJECTED}", "=?"])
def test_an_encoded_word_cannot_bring_a_header_or_a_body_of_its_own(
    text: str, plain_settings: Settings
) -> None:
    whole = letter("{link}")
    address = "=?utf-8?q?x=0d=0abcc=3ae?=@example.org"
    for spoilt, settings, place in (
        (replace(whole, to_name=text), plain_settings, "name"),
        (replace(whole, subject=text), plain_settings, "subject"),
        (replace(whole, to_address=address), plain_settings, "address"),
        (whole, replace(plain_settings, organisation=text), "SOUNDINGS_ORGANISATION"),
        (
            whole,
            replace(plain_settings, mail_from=f"{text} <ask@example.org>"),
            "SOUNDINGS_MAIL_FROM",
        ),
    ):
        with pytest.raises(ValueError, match=f"header line .* {place}"):
            make_writer(settings).write(spoilt, NOW)

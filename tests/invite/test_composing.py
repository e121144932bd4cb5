from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.config import Settings
from survey_app.invite.composing import Letter, check_words, compose, html_of, mail_address, text_of
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


def codes(subject: str, message: str) -> list[str]:
    return [problem.code for problem in check_words(subject, message)]


def test_name_and_link_are_filled_in() -> None:
    assert text_of(letter("Dear {name},\n{link}")) == f"Dear Mia,\n{LINK}"


def test_without_a_name_the_space_before_it_goes_too() -> None:
    assert text_of(letter("Dear {name},\n{link}", name="")) == f"Dear,\n{LINK}"


def test_a_name_that_looks_like_a_placeholder_stays_a_name() -> None:
    assert text_of(letter("{name}: {link}", name="{link}")) == "{link}: " + LINK


def test_html_is_escaped_and_its_link_can_be_clicked() -> None:
    page = html_of(letter("A <b> & {name}\n\n{link}", name="<script>"))
    assert "A &lt;b&gt; &amp; &lt;script&gt;" in page
    assert f'<a href="{LINK}"' in page
    assert "<script>" not in page


def test_a_message_needs_the_link() -> None:
    assert codes("Hello", "Dear {name}") == ["no_link"]


def test_an_unknown_placeholder_is_named_with_the_one_meant() -> None:
    problems = check_words("Hello", "{nmae} {link} {price} {nmae}")
    assert [problem.code for problem in problems] == ["unknown_placeholder"] * 2
    assert 'Did you mean "name"?' in problems[0].message


def test_a_subject_is_one_line_without_placeholders() -> None:
    assert codes("Hello\nBcc: all@example.org", "{link}") == ["control"]
    assert codes("Hello {name}", "{link}") == ["placeholder"]
    assert codes("", "{link}") == ["empty"]
    assert codes("x" * 201, "{link}") == ["too_long"]


def test_braces_that_are_no_placeholder_are_text() -> None:
    assert codes("Hello", "{link} } {") == []
    assert text_of(letter("{link} } {")) == LINK + " } {"


def test_a_mail_has_both_parts_and_the_headers_that_servers_ask_for(
    plain_settings: Settings,
) -> None:
    sent = compose(letter("Dear {name},\n{link}", name="Mia Müller, Dr."), plain_settings, NOW)
    mail = message_from_bytes(sent.as_bytes(policy=policy.SMTP), policy=policy.default)
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
        compose(letter("{link}", name=name), plain_settings, NOW)
    with pytest.raises(ValueError, match=r"(?i)header|newline|linefeed"):
        compose(letter("{link}", subject=name), plain_settings, NOW)


def test_a_domain_with_other_letters_is_written_as_servers_take_it() -> None:
    assert mail_address("mia@bücher.example.org") == "mia@xn--bcher-kva.example.org"


@given(name=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"])))
def test_every_name_arrives_as_it_was_written(name: str) -> None:
    assert text_of(letter("[{name}]{link}", name=name)) == f"[{name}]{LINK}"


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
            compose(spoilt, settings, NOW)


def test_a_subject_is_not_encoded_by_hand() -> None:
    assert codes(INJECTED, "{link}") == ["encoded"]
    assert codes("Why? 1 + 1 = 2?", "{link}") == []

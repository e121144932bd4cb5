from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from survey_app.invite.composing import Letter, check_words, html_of, text_of

LINK = "https://surveys.example.org/r/AAAAAAAAAAAAAAAAAAAAAA"


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


@given(name=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"])))
def test_every_name_arrives_as_it_was_written(name: str) -> None:
    assert text_of(letter("[{name}]{link}", name=name)) == f"[{name}]{LINK}"


INJECTED = "=?utf-8?q?x=0D=0ABcc:_evil=40evil.test=0D=0A=0D=0AYour_account_is_locked?="


def test_a_subject_is_not_encoded_by_hand() -> None:
    assert codes(INJECTED, "{link}") == ["encoded"]
    assert codes("Why? 1 + 1 = 2?", "{link}") == []

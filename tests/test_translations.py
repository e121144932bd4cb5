"""The translations of what customers read: complete, true to the original, compiled."""

from __future__ import annotations

import gettext
import io
import re

import pytest
from babel.messages.catalog import Message
from babel.messages.plurals import get_plural

from scripts.messages import KEYWORDS, LANGUAGES, compile_catalog, extract, path_of, read
from survey_app.respond.languages import INTERFACE

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}|%(?!\()|[{}]")
ISOLATED = re.compile("[\u2066\u2068][^\u2066-\u2069]+\u2069")


def texts(one: str | tuple[str, ...] | list[str]) -> list[str]:
    """The forms of a message: one, or as many as there are plurals."""
    return [one] if isinstance(one, str) else list(one)


def entries(language: str) -> list[Message]:
    return [message for message in read(language) if message.id]


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def test_there_is_a_translation_for_each_language_of_the_interface() -> None:
    assert set(INTERFACE) == {"en", *LANGUAGES}
    for language in LANGUAGES:
        assert path_of(language).is_file()
        assert path_of(language).with_suffix(".mo").is_file()


def test_the_extractor_finds_marks_in_templates_and_in_code() -> None:
    found = extract()
    for text in (
        "Send my answers",
        ("%(num)s answer needs another look", "%(num)s answers need another look"),
        "Please use the form on this page to answer.",
        "This survey has ended and takes no more answers. Thank you for coming by.",
        # Parted over two lines in the code.
        "{given} has a comma. Write it with a decimal point, {pointed}, and without thousands "
        "separators.",
        "The text has a NUL character. Remove it.",
    ):
        assert found.get(text) is not None, text
    assert KEYWORDS["told"] == (3,)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_every_text_that_is_marked_and_no_other(language: str) -> None:
    kept = {tuple(texts(message.id)) for message in entries(language)}
    marked = {tuple(texts(message.id)) for message in extract() if message.id}
    assert kept == marked, "run `make messages`, then translate what is new"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_complete(language: str) -> None:
    forms = get_plural(language).num_plurals
    for message in entries(language):
        assert not message.fuzzy, message.id
        wanted = 1 if isinstance(message.id, str) else forms
        assert len(texts(message.string)) == wanted, message.id
        assert all(text.strip() == text and text for text in texts(message.string)), message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_form_has_the_placeholders_of_the_original(language: str) -> None:
    plural = gettext.c2py(read(language).plural_expr)
    for message in entries(language):
        wanted = placeholders(texts(message.id)[-1])
        for number, text in enumerate(texts(message.string)):
            # A form for one number alone may say it in words.
            meant = [count for count in range(2000) if plural(count) == number]
            spelled_out = not isinstance(message.id, str) and len(meant) == 1
            assert placeholders(text) in ([wanted, set()] if spelled_out else [wanted]), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    with path_of(language).with_suffix(".mo").open("rb") as file:
        kept = gettext.GNUTranslations(file)
    fresh = gettext.GNUTranslations(io.BytesIO(compile_catalog(read(language))))
    # The head names the version of the compiler.
    one, other = (dict(translations._catalog, **{"": ""}) for translations in (kept, fresh))
    assert one == other, "run `make messages`"
    assert [kept.plural(count) for count in range(200)] == [
        fresh.plural(count) for count in range(200)
    ]


def test_arabic_holds_apart_what_is_written_from_left_to_right() -> None:
    """Else the punctuation of names, and the order of dates, would be turned round."""
    for message in entries("ar"):
        for text in texts(message.string):
            outside = ISOLATED.sub("", text)
            assert not placeholders(outside), text
            assert not re.search(r"[\u2066-\u2069]", outside), text
            assert text == "PDF" or not re.search("[A-Za-z]|[0-9][^ ]*[0-9]", outside), text


def test_arabic_has_its_six_plurals() -> None:
    with path_of("ar").with_suffix(".mo").open("rb") as file:
        arabic = gettext.GNUTranslations(file)
    one, many = "%(num)s answer needs another look", "%(num)s answers need another look"
    assert len({arabic.ngettext(one, many, count) for count in (0, 1, 2, 3, 11, 100)}) == 5
    assert "%(num)s" in arabic.ngettext(one, many, 11)

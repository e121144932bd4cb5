"""Languages by code, by name, and by the direction in which they are written."""

from __future__ import annotations

from functools import cache

from babel import Locale, UnknownLocaleError
from babel.localedata import locale_identifiers

from survey_app.domain.definition_fields import LANGUAGE
from survey_app.domain.problems import Problem, quoted

# Regional forms that are often asked for, beside all plain languages.
REGIONAL = ("de-AT", "de-CH", "en-GB", "en-US", "es-MX", "fr-CA", "fr-CH", "pt-BR", "pt-PT")
ENGLISH = Locale("en")


def name_of(code: str) -> str:
    """The English name of a language, or its code where it has none."""
    locale = locale_of(code)
    return (locale.english_name if locale else None) or _plain_name(code) or code


def own_name_of(code: str) -> str:
    """What its speakers call it, or ''."""
    locale = locale_of(code)
    name = (locale.display_name if locale else None) or ""
    return name[:1].upper() + name[1:]


def direction_of(code: str) -> str:
    """How it is written: 'rtl' or 'ltr'."""
    locale = locale_of(code)
    return "rtl" if locale and locale.character_order == "right-to-left" else "ltr"


@cache
def offered_languages() -> dict[str, str]:
    """Codes and English names that a form suggests, by name.

    Not what their speakers call them: the data of all languages would fill the process with some
    150 MB, and stay.
    """
    codes = {code for code in locale_identifiers() if "_" not in code} - {"root"}
    names = {code: _plain_name(code) for code in codes if _plain_name(code)}
    names |= {code: name_of(code) for code in REGIONAL}
    return dict(sorted(names.items(), key=lambda pair: pair[1].casefold()))


def read_language(typed: str) -> str | Problem:
    """The code of a language given by its code or its name."""
    text = typed.strip()
    wanted = text.casefold()
    for code, name in offered_languages().items():
        if wanted == name.casefold():
            return code
    parts = text.replace("_", "-").split("-")
    if not LANGUAGE.fullmatch("-".join(parts)) or not _plain_name(parts[0]):
        return Problem(
            "language",
            "unknown_language",
            f"{quoted(text)} is no language that is known. Write its code, like de or pt-BR, or "
            "its English name.",
        )
    return "-".join([parts[0].lower(), *(_usual(part) for part in parts[1:])])


def _usual(part: str) -> str:
    """A script like Hans, a country like BR."""
    return part.title() if len(part) == 4 and part.isalpha() else part.upper()


def _plain_name(code: str) -> str:
    return str(ENGLISH.languages.get(code.split("-")[0].lower(), ""))


@cache
def locale_of(code: str) -> Locale | None:
    """How a language writes numbers and dates; None where that is not known."""
    try:
        return Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return None

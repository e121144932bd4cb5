"""Collect the texts that customers read, update their translations and compile these.

    make messages

A text is marked by `_()` and `ngettext()` in templates, `gettext()` in code that answers requests
and `Problem.told()` elsewhere. What is new gets an empty entry in each `messages.po`, to be filled
in by hand; then run it once more. What is gone is left out.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from survey_app.respond.languages import INTERFACE

ROOT = Path(__file__).resolve().parents[1]
TRANSLATIONS = ROOT / "survey_app/translations"
LANGUAGES = tuple(language for language in INTERFACE if language != "en")
PYTHON = (
    "survey_app/domain/**.py",
    "survey_app/invite/**.py",
    "survey_app/respond/**.py",
    "survey_app/web.py",
)
PAGES = ("templates/invite/opt_out.html", "templates/respond/**.html")
SOURCES = [
    *((pattern, "python") for pattern in PYTHON),
    *((pattern, "jinja2") for pattern in PAGES),
]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "told": (3,)}
# Dates would change the files at every run; when a text changed, the history of the tree tells.
NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)


def extract() -> Catalog:
    """All texts that are marked, each with the files that say it."""
    found = Catalog()
    # Not the whole tree: an environment within it holds the sources of many others.
    for folder in ("survey_app", "templates"):
        methods = [
            (pattern.removeprefix(f"{folder}/"), method)
            for pattern, method in SOURCES
            if pattern.startswith(f"{folder}/")
        ]
        texts = extract_from_dir(ROOT / folder, methods, {"**.html": {"silent": "no"}}, KEYWORDS)
        for name, _line, text, _comments, context in texts:
            found.add(text, locations=[(f"{folder}/{name}", 0)], context=context)
    return found


def path_of(language: str) -> Path:
    """The translations into a language."""
    return TRANSLATIONS / language / "LC_MESSAGES/messages.po"


def read(language: str) -> Catalog:
    """The translations into a language as they are kept."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def compile_catalog(catalog: Catalog) -> bytes:
    """The translations as they are read by the running product."""
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    return compiled.getvalue()


def update(language: str, found: Catalog) -> int:
    """Bring a language up to date with the texts found; gives how many lack a translation."""
    catalog = read(language)
    catalog.update(found, no_fuzzy_matching=True)
    catalog.fuzzy = False
    catalog.project, catalog.version = "Soundings", "1"
    catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = ""
    catalog.header_comment = "# What customers read; written by `make messages` but for the words."
    catalog.creation_date = catalog.revision_date = NO_DATE
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(
            file, catalog, width=100, sort_output=True, ignore_obsolete=True, include_lineno=False
        )
    path.with_suffix(".mo").write_bytes(compile_catalog(read(language)))
    return sum(1 for message in catalog if message.id and not all(_texts(message.string)))


def _texts(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (string,)


def main() -> None:
    """Update all languages."""
    found = extract()
    for language in LANGUAGES:
        lacking = update(language, found)
        print(f"{language}: {len(found)} texts, {lacking} without a translation")


if __name__ == "__main__":
    main()

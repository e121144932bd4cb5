"""In which language a page speaks: its questions and, where it is translated, all the rest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from flask import Request, has_request_context, request

from survey_app.web import is_for_customers

# What the interface itself is translated into; see `survey_app/translations`.
INTERFACE = ("en", "de", "es", "fr", "ar")


def choose_locale() -> str:
    """The language of a page that belongs to no questionnaire: for customers their browser's."""
    if has_request_context() and is_for_customers():
        return choose_language(INTERFACE, (), request)
    return INTERFACE[0]


def choose_language(offered: Sequence[str], wished: Sequence[str | None], request: Request) -> str:
    """The language of a page: the first wish that is offered, else the browser's, else the first.

    A wish for de-CH is met by de, and one for de by de-CH.
    """
    for wish in wished:
        if wish and (found := _match(wish, offered)):
            return found
    if len(offered) > 1:
        for wish in request.accept_languages.values():
            if found := _match(wish, offered):
                return found
    return offered[0]


@cache
def interface_locale(language: str) -> str:
    """The translation of the interface that goes with a language of questions."""
    spoken = language.split("-")[0].lower()
    return spoken if spoken in INTERFACE else INTERFACE[0]


def _match(wish: str, offered: Sequence[str]) -> str | None:
    by_code = {code.lower(): code for code in reversed(offered)}
    if found := by_code.get(wish.lower()):
        return found
    spoken = wish.lower().split("-")[0]
    by_spoken = {code.split("-")[0]: original for code, original in by_code.items()}
    return by_spoken.get(spoken)

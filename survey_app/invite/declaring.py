"""Declaring what is known of contacts: attributes with a type, which new values must have."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from survey_app.accounts.auditing import record
from survey_app.db import db
from survey_app.domain.problems import Problem, quoted
from survey_app.invite.contact_fields import FIELDS, UNFIT, column_problems
from survey_app.invite.contact_models import ContactAttribute
from survey_app.invite.declared import Declared

KINDS = {
    "text": "text",
    "number": "a number, like 12.5",
    "date": "a date, like 2026-07-31",
    "choice": "one of some values",
}
MOST_CHOICES = 200
LONGEST_KEY = 120
LONGEST_CHOICE = 500


def declare_attribute(
    key: str, declared: Declared, now: datetime, present: ContactAttribute | None = None
) -> tuple[ContactAttribute | None, list[Problem]]:
    """Declare a new attribute, or change what a `present` one is.

    Values that contacts have already stay as they are; what is typed or imported from now on is
    checked.
    """
    choices = tuple(dict.fromkeys(filter(None, (choice.strip() for choice in declared.choices))))
    problems = _problems(declared, choices)
    if present is None:
        problems += _key_problems(key)
    if problems:
        return None, problems
    row = present or ContactAttribute(key=key)
    row.label = declared.label.strip() or key
    row.kind = declared.kind
    row.choices = list(choices) if declared.kind == "choice" else []
    db.session.add(row)
    db.session.flush()
    record("contact attribute declared", key, now, kind=row.kind)
    return row, []


def drop_attribute(present: ContactAttribute, now: datetime) -> None:
    """Forget what an attribute must be; the values that contacts have stay, as text."""
    db.session.delete(present)
    record("contact attribute no longer declared", present.key, now)


def _key_problems(key: str) -> list[Problem]:
    if not key or key != key.strip() or len(key) > LONGEST_KEY or UNFIT.search(key):
        message = (
            f"{quoted(key)} cannot be a column's name. Write 1 to {LONGEST_KEY} characters "
            "without a line break, as the files have it."
        )
        return [Problem("name", "key", message)]
    if key in FIELDS or column_problems([key]):
        message = f"{quoted(key)} stands for a field that every contact has. Choose another name."
        return [Problem("name", "column_name", message)]
    if db.session.get(ContactAttribute, key) is not None:
        message = f"{quoted(key)} is declared already. Open it in the list to change it."
        return [Problem("name", "taken", message)]
    return []


def _problems(declared: Declared, choices: Sequence[str]) -> list[Problem]:
    if declared.kind not in KINDS:
        message = f"{quoted(declared.kind)} is no kind. Choose one of {', '.join(KINDS)}."
        return [Problem("kind", "unknown_kind", message)]
    if declared.kind != "choice":
        return []
    if not choices:
        message = "A choice needs its values. Write one a line."
        return [Problem("values", "no_choices", message)]
    if len(choices) > MOST_CHOICES or max(map(len, choices)) > LONGEST_CHOICE:
        message = (
            f"At most {MOST_CHOICES} values of {LONGEST_CHOICE} characters are kept. Shorten the "
            "list, or let the attribute be text."
        )
        return [Problem("values", "too_many", message)]
    return []

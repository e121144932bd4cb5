"""Defining measures: what is counted, in which unit of measurement, and how it adds up."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.figures.models import KINDS, Measure
from survey_app.organisation.arranging import key_problems

LONGEST_NAME = 120
LONGEST_UNIT = 60


def define_measure(
    key: str, name: str, unit_of_measure: str, kind: str
) -> tuple[Measure | None, list[Problem]]:
    """Define a measure; `kind` is 'flow' (adds up over months) or 'stock' (a level)."""
    name, unit_of_measure = name.strip(), unit_of_measure.strip()
    problems = key_problems(key)
    for place, text, longest in (
        ("name", name, LONGEST_NAME),
        ("unit of measure", unit_of_measure, LONGEST_UNIT),
    ):
        if not 0 < len(text) <= longest:
            message = f"Say it in 1 to {longest} characters; these are {len(text)}."
            problems.append(Problem(place, "length", message))
    if kind not in KINDS:
        message = f"{kind!r} is no kind of measure; choose one of {', '.join(KINDS)}."
        problems.append(Problem("kind", "unknown", message))
    if problems:
        return None, problems
    measure = Measure(key=key, name=name, unit_of_measure=unit_of_measure, kind=kind)
    try:
        with db.session.begin_nested():
            db.session.add(measure)
            db.session.flush()
    except IntegrityError:
        return None, [Problem("key", "taken", f"The key {key!r} is taken; choose another.")]
    return measure, []

"""A questionnaire with every type of question and its responses, for tests of downloads.

All inside an app context.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
from flask import current_app

from survey_app.config import Settings
from survey_app.db import db
from survey_app.organisation.models import Representative, Unit
from survey_app.report.answers.choosing import Choice
from survey_app.report.answers.copies import answers_folder
from survey_app.report.answers.downloading import stream_answers
from survey_app.report.answers.preparing import bring_up_to_date, make_rules
from survey_app.respond.models import AnswerBatch, Response
from tests.factories.campaigns import make_version
from tests.factories.workplaces import make_workplace

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
JULY = datetime(2026, 7, 10, 9, 0, tzinfo=UTC)
KEY = "every_type"
SCALE = {"lowest": 1, "highest": 5, "anchors": {"1": "poor", "5": "good"}}
OPTIONS = [
    {"code": "=1+1", "label": "A sum"},
    {"code": "a,b", "label": 'With a "comma"'},
    {"code": "Zürich", "label": "Zürich"},
]
MISSING = ["not_applicable", "dont_know", "refused"]

QUESTIONS: list[dict[str, Any]] = [
    {"id": "rate", "type": "rating", "scale": SCALE},
    {"id": "nps", "type": "nps"},
    {
        "id": "grid",
        "type": "matrix",
        "rows": [{"code": "speed", "label": "Speed"}, {"code": "care", "label": "Care"}],
        "scale": SCALE,
    },
    {
        "id": "one",
        "type": "choice",
        "options": [*OPTIONS, {"code": "other", "label": "Other", "other": True}],
    },
    {"id": "some", "type": "choice", "multiple": True, "options": OPTIONS},
    {"id": "yes", "type": "yes_no"},
    {"id": "order", "type": "ranking", "options": OPTIONS, "places": 2},
    {"id": "points", "type": "constant_sum", "options": OPTIONS, "total": 10},
    {"id": "number", "type": "number"},
    {"id": "whole", "type": "number", "whole": True, "lowest": 0, "highest": 600},
    {"id": "day", "type": "date"},
    {"id": "clock", "type": "time"},
    {"id": "took", "type": "duration"},
    {"id": "words", "type": "text"},
    {"id": "agree", "type": "consent", "statement": "You may call me."},
    {"id": "read", "type": "info"},
    {"id": "proof", "type": "file"},
]
ITEMS = [
    *("rate", "nps", "grid.speed", "grid.care", "one", "some", "yes", "order", "points", "number"),
    *("whole", "day", "clock", "took", "words", "agree", "proof"),
]

FULL: dict[str, Any] = {
    "rate": {"value": 4},
    "nps": {"value": 0},
    "grid.speed": {"value": 1},
    "grid.care": {"value": 5},
    "one": {"value": "=1+1"},
    "some": {"value": ["=1+1", "Zürich"]},
    "yes": {"value": "no"},
    "order": {"value": ["Zürich", "a,b"]},
    "points": {"value": {"=1+1": 10, "a,b": 0, "Zürich": 0}},
    "number": {"value": -5.0},
    "whole": {"value": 7},
    "day": {"value": "2026-02-28"},
    "clock": {"value": "09:30"},
    "took": {"value": 5400},
    "words": {"value": '=1+1, "they" said\nand left'},
    "agree": {"value": "given"},
    "proof": {"value": {"id": "f1", "name": "-bill.pdf", "size": 3, "type": "application/pdf"}},
}


def all_missing(code: str) -> dict[str, Any]:
    """A document in which every item lacks its value for one reason."""
    return {item: {"missing": code} for item in ITEMS}


def definition(questions: list[dict[str, Any]] = QUESTIONS) -> dict[str, Any]:
    """A definition with these questions."""
    asked = [
        {"text": f"About {one['id']}?", **({} if one["type"] == "info" else {"missing": MISSING})}
        | one
        for one in questions
    ]
    return {
        "format": "soundings-questionnaire/1",
        "key": KEY,
        "title": "Every type",
        "sections": [{"id": "all", "title": "All", "questions": asked}],
    }


def make_answered(questions: list[dict[str, Any]] = QUESTIONS) -> None:
    """The workplace and version 1."""
    make_workplace()
    make_version(definition(questions), 1, NOW)
    db.session.add(
        AnswerBatch(
            id=1,
            questionnaire_key=KEY,
            filename="answers.csv",
            sha256="0" * 64,
            row_count=0,
            imported_at=NOW,
        )
    )
    db.session.flush()


def respond(
    number: int,
    answers: dict[str, Any],
    version: int = 1,
    revision: int = 1,
    moment: datetime = JULY,
    unit: str | None = "leasing",
    person: str | None = "anna",
    **named: Any,
) -> None:
    """One response; `number` says which person's."""
    unit_id = db.session.query(Unit.id).filter_by(key=unit).scalar() if unit else None
    person_id = (
        db.session.query(Representative.id).filter_by(key=person).scalar() if person else None
    )
    fields = {"customer": f"customer-{number}", "attributes": {"segment": "gold"}, "language": "en"}
    db.session.add(
        Response(
            source="import",
            source_id=f"{KEY}/{number}",
            revision=revision,
            batch_id=1,
            questionnaire_key=KEY,
            version_number=version,
            answers=answers,
            unit_id=unit_id,
            representative_id=person_id,
            submitted_at=moment,
            stored_at=NOW + timedelta(seconds=number),
            **(fields | named),
        )
    )
    db.session.flush()


def take(**chosen: Any) -> bytes:
    """The bytes of a download that sees everything, unless `within` says otherwise."""
    within = chosen.pop("within", None)
    bom = chosen.pop("bom", False)
    db.session.commit()
    settings: Settings = current_app.config["SETTINGS"]
    choice = Choice(KEY, **chosen)
    bring_up_to_date(KEY, choice.versions or _numbers(), NOW)
    rules = make_rules(choice, within, NOW)
    db.session.commit()
    return b"".join(stream_answers(rules, answers_folder(settings), "Every type", bom))


def table(**chosen: Any) -> pd.DataFrame:
    """A CSV download as pandas reads it by itself."""
    return pd.read_csv(io.BytesIO(take(**chosen)))


def _numbers() -> list[int]:
    from survey_app.report.answers.choosing import versions_of

    return [one.number for one in versions_of(KEY)]

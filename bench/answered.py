"""An installation whose questionnaire of twenty questions was answered a million times."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select

from bench.installation import accept
from survey_app.accounts.enrolling import add_roles, enrol_user
from survey_app.app import create_app
from survey_app.config import read_settings
from survey_app.db import db, utc_now
from survey_app.design.editing import create_questionnaire
from survey_app.design.publishing import publish
from survey_app.migrating import upgrade_database
from survey_app.organisation.arranging import add_representative, add_unit, set_sight
from survey_app.organisation.models import Representative
from survey_app.organisation.queries import root_unit
from survey_app.respond.models import AnswerBatch, Response

KEY = "yearly_feedback"
ADDRESS = "analyst@bench.example.org"
UNITS = 20
PEOPLE_PER_UNIT = 5
FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 731
ROWS_AT_ONCE = 20_000
SEGMENTS = ("private", "business", "public")
REGIONS = ("north", "east", "south", "west")


@dataclass(frozen=True)
class Answered:
    """Where it is, as environment variables, and how its analyst signs in."""

    environment: dict[str, str]
    email: str
    password: str


def install_answered(home: Path, responses: int, days: int = DAYS) -> Answered:
    """Set up an installation in SQLite and put so many responses of so many days into its table."""
    environment = {"SOUNDINGS_HOME": str(home), "SOUNDINGS_DATABASE_URL": ""}
    password = secrets.token_urlsafe(16)
    with create_app(read_settings(environment)).app_context():
        upgrade_database()
        add_roles()
        now = utc_now()
        accept(add_unit("company", "Example Ltd", None))
        user = accept(enrol_user(ADDRESS, "Analyst", password, ["analyst"]))
        company = root_unit()
        assert company is not None
        set_sight(user, [company])
        for number in range(UNITS):
            unit = accept(add_unit(f"branch{number:02d}", f"Branch {number}", company))
            for person in range(PEOPLE_PER_UNIT):
                key = f"person{number:02d}_{person}"
                accept(add_representative(key, f"Person {number} {person}", unit))
        accept(publish(accept(create_questionnaire(_definition(), now)), now))
        batch = AnswerBatch(
            questionnaire_key=KEY,
            filename="answers.csv",
            sha256="0" * 64,
            row_count=responses,
            imported_at=now,
        )
        db.session.add(batch)
        db.session.flush()
        _fill(batch.id, responses, days, now)
        db.session.commit()
        db.engine.dispose()
    return Answered(environment, ADDRESS, password)


def _fill(batch: int, responses: int, days: int, now: datetime) -> None:
    """Add the rows, by time as they would have come, through the driver's own bulk insert."""
    draw = np.random.default_rng(1)
    people = db.session.execute(select(Representative.id, Representative.unit_id)).all()
    columns = (
        *("source", "source_id", "revision", "batch_id", "questionnaire_key", "version_number"),
        *("answers", "unit_id", "representative_id", "customer", "attributes", "language"),
        *("submitted_at", "stored_at"),
    )
    table = Response.__tablename__
    statement = (
        f"INSERT INTO {table} ({', '.join(columns)}, seed) "
        f"VALUES ({', '.join('?' * len(columns))}, '')"
    )
    stored_at = now.strftime("%Y-%m-%d %H:%M:%S.%f")
    moments = np.sort(draw.integers(0, days * 86_400, responses))
    cursor = db.session.connection().connection.cursor()
    for first in range(0, responses, ROWS_AT_ONCE):
        count = min(ROWS_AT_ONCE, responses - first)
        documents = _documents(draw, count)
        who = draw.integers(0, len(people), count)
        customers = draw.integers(0, responses // 2 + 1, count)
        sort = draw.integers(0, len(SEGMENTS) * len(REGIONS), count)
        language = draw.choice(["en", "de", "fr"], count, p=[0.6, 0.3, 0.1]).tolist()
        rows = []
        for row in range(count):
            person, unit = people[who[row]]
            moment = FIRST_DAY + timedelta(seconds=int(moments[first + row]))
            segment, region = divmod(int(sort[row]), len(REGIONS))
            attributes = {"segment": SEGMENTS[segment], "region": REGIONS[region]}
            rows.append(
                (
                    *("import", f"{KEY}/{first + row}", 1, batch, KEY, 1, documents[row]),
                    *(unit, person, f"customer-{customers[row]}", json.dumps(attributes)),
                    *(language[row], moment.strftime("%Y-%m-%d %H:%M:%S.%f"), stored_at),
                )
            )
        cursor.executemany(statement, rows)
    cursor.close()


def _documents(draw: np.random.Generator, count: int) -> list[str]:
    """Answers documents as the product stores them: a value or a missing code for every item."""
    columns = []
    for question in _definition()["sections"][0]["questions"]:
        values = [json.dumps({"value": value}) for value in _values(question, draw)]
        missing = [json.dumps({"missing": code}) for code in ("skipped", *question["missing"])]
        cells = np.array([f'"{question["id"]}": {text}' for text in (*values, *missing)])
        weights = np.array(
            [0.95 / len(values)] * len(values) + [0.05 / len(missing)] * len(missing)
        )
        columns.append(draw.choice(cells, count, p=weights / weights.sum()).tolist())
    return ["{" + ", ".join(cells) + "}" for cells in zip(*columns, strict=True)]


def _values(question: dict[str, Any], draw: np.random.Generator) -> list[Any]:
    """Values that are answered, each as often as the others."""
    if question["type"] == "rating":
        return list(range(question["scale"]["lowest"], question["scale"]["highest"] + 1))
    if question["type"] == "nps":
        return list(range(11))
    if question["type"] == "yes_no":
        return ["yes", "no"]
    if question["type"] == "choice":
        codes = [option["code"] for option in question["options"]]
        return [codes[:1], codes[1:3], codes] if question.get("multiple") else codes
    if question["type"] == "number":
        if question.get("whole"):
            return list(range(-5, 120))
        return [round(float(one), 2) for one in draw.normal(250, 80, 2000)]
    return [f"It took {number} days, and nobody said why." for number in range(200)]


def _definition() -> dict[str, Any]:
    scale = {"lowest": 1, "highest": 5}
    letters = [{"code": letter, "label": f"Answer {letter}"} for letter in "abcd"]
    kinds: list[dict[str, Any]] = [
        *({"type": "rating", "scale": scale} for _ in range(12)),
        {"type": "nps"},
        *({"type": "choice", "options": letters} for _ in range(3)),
        {"type": "choice", "options": letters, "multiple": True},
        {"type": "yes_no"},
        {"type": "number", "whole": True, "lowest": -5, "highest": 119},
        {"type": "number"},
        {"type": "text"},
    ]
    questions = [
        {
            "id": f"q{number}",
            "text": f"Question {number}?",
            "missing": ["not_applicable", "dont_know"],
            **kind,
        }
        for number, kind in enumerate(kinds, 1)
    ]
    return {
        "format": "soundings-questionnaire/1",
        "key": KEY,
        "title": "How was your year with us?",
        "sections": [{"id": "year", "title": "Your year", "questions": questions}],
    }

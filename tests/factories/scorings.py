"""A small organisation with answers, visits and figures of July 2026, for tests of scores."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from survey_app.db import db
from survey_app.figures.models import Figure, FigureBatch, Measure
from survey_app.goals.exchange import import_scorebook
from survey_app.organisation.arranging import add_representative, add_unit
from survey_app.organisation.models import Representative, Unit
from survey_app.respond.models import AnswerBatch, Response
from survey_app.visits.models import Process, ProcessStage, StageEvent, Visit
from tests.factories.campaigns import make_version

ZONE = ZoneInfo("Europe/Zurich")
JULY = datetime(2026, 7, 10, 9, 0, tzinfo=UTC)
NOW = datetime(2026, 8, 2, 8, 0, tzinfo=UTC)

DEFINITION: dict[str, Any] = {
    "format": "soundings-questionnaire/1",
    "key": "feedback",
    "title": "How was your visit?",
    "language": "en",
    "introduction": "",
    "thanks": "Thank you.",
    "sections": [
        {
            "id": "visit",
            "title": "Your visit",
            "questions": [
                {
                    "id": "q1",
                    "type": "rating",
                    "text": "How was it?",
                    "scale": {"lowest": 1, "highest": 5, "direction": "higher_is_better"},
                },
                {
                    "id": "q9",
                    "type": "rating",
                    "text": "Would you recommend us?",
                    "scale": {"lowest": 0, "highest": 10, "direction": "higher_is_better"},
                    "missing": ["dont_know"],
                },
            ],
        }
    ],
}

SCOREBOOK = """
format: soundings-scorebook/1
time_zone: Europe/Zurich
units:
  - {id: company, name: Example Ltd}
  - {id: leasing, name: Leasing, parent: company}
  - {id: sales, name: Sales, parent: company}
representatives:
  - {id: anna, name: Anna Weber, unit: leasing}
  - {id: ben, name: Ben Roth, unit: sales}
goals:
  - {id: quality, name: Quality, aim: Customers come back., vision: The best known name in town.}
  - {id: trade, name: Trade, aim: More sales., weight: 2}
kpis:
  - id: mean_q1
    goal: quality
    name: Rating of the visit
    unit: points
    direction: higher_is_better
    statistic: mean
    source: {questionnaire: feedback, question: q1}
    score: {rule: goalposts, worst: 1, best: 5}
  - id: top_q1
    goal: quality
    name: Good visits
    unit: share
    direction: higher_is_better
    statistic: top_box
    cut: 4
    source: {questionnaire: feedback, question: q1}
    score: {rule: goalposts, worst: 0, best: 1}
  - id: recommend
    goal: quality
    name: Would recommend us
    unit: points
    direction: higher_is_better
    statistic: net_score
    source: {questionnaire: feedback, question: q9}
    score: {rule: goalposts, worst: -100, best: 100}
  - id: shown
    goal: quality
    name: Time to the product
    unit: seconds
    direction: lower_is_better
    statistic: km_median
    source: {process: visit, milestone: product}
    score: {rule: goalposts, worst: 3600, best: 0}
  - id: sales
    goal: trade
    name: Sales
    unit: CHF
    direction: higher_is_better
    statistic: sum
    source: {measure: sales}
    score: {rule: goalposts, worst: 0, best: 200}
  - id: margin
    goal: trade
    name: Profit of referrals
    unit: share
    direction: higher_is_better
    statistic: ratio
    source: {numerator: profit, denominator: sales}
    score: {rule: goalposts, worst: 0, best: 0.5}
targets:
  - {kpi: mean_q1, scope_type: all, value: 4.9, valid_from: 2026-01-01}
  - {kpi: sales, scope_type: all, value: 120, valid_from: 2026-01-01}
  - {kpi: sales, scope_type: representative, scope_id: ben, value: 60, valid_from: 2026-01-01}
"""


def make_organisation() -> None:
    """The company, Leasing with Anna, Sales with Ben; nobody signs in yet."""
    company = _made(add_unit("company", "Example Ltd", None))
    leasing = _made(add_unit("leasing", "Leasing", company))
    sales = _made(add_unit("sales", "Sales", company))
    _made(add_representative("anna", "Anna Weber", leasing))
    _made(add_representative("ben", "Ben Roth", sales))


def make_sources() -> None:
    """Seven answers, five visits and four figures of July 2026, and the scorebook for them."""
    make_version(DEFINITION)
    batch = AnswerBatch(
        questionnaire_key="feedback",
        filename="a.csv",
        sha256="0" * 64,
        row_count=7,
        imported_at=NOW,
    )
    db.session.add(batch)
    db.session.flush()
    for person, q1, q9 in (
        ("anna", 5, 10),
        ("anna", 4, 9),
        ("anna", 4, 8),
        ("anna", 2, 3),
        ("ben", 3, 7),
        ("ben", 1, None),
        (None, 5, 10),
    ):
        add_response(person, q1, q9)
    make_process()
    for person, outcome, minutes, product in (
        ("anna", "completed", 40, 10),
        ("anna", "completed", 40, 20),
        ("anna", "completed", 40, 30),
        ("ben", "left", 15, None),
        ("ben", None, None, None),
    ):
        add_visit(person, outcome, minutes, product)
    for key, unit in (("sales", "CHF"), ("profit", "CHF")):
        db.session.add(Measure(key=key, name=key.title(), unit_of_measure=unit, kind="flow"))
    db.session.flush()
    add_figures(
        [
            ("sales", "anna", 100.0),
            ("sales", "ben", 50.0),
            ("profit", "anna", 30.0),
            ("profit", "ben", 10.0),
        ]
    )
    _imported, problems = import_scorebook(SCOREBOOK, datetime(2026, 1, 5, tzinfo=UTC), ZONE)
    assert problems == []


def make_company() -> None:
    """The organisation and its sources: a starting point of tests."""
    make_organisation()
    make_sources()


def add_response(person: str | None, q1: int, q9: int | None, moment: datetime = JULY) -> Response:
    """One imported answer."""
    batch = db.session.query(AnswerBatch).first()
    assert batch is not None
    served = db.session.query(Representative).filter_by(key=person).one() if person else None
    response = Response(
        source="import",
        source_id=f"feedback/{db.session.query(Response).count() + 1}",
        batch_id=batch.id,
        questionnaire_key="feedback",
        version_number=1,
        answers={
            "q1": {"value": q1},
            "q9": {"missing": "dont_know"} if q9 is None else {"value": q9},
        },
        unit_id=served.unit_id if served else None,
        representative_id=served.id if served else None,
        submitted_at=moment,
        stored_at=NOW,
    )
    db.session.add(response)
    db.session.flush()
    return response


def make_process() -> Process:
    """A process of two stages."""
    process = Process(key="visit", name="Sales visit")
    process.stages = [
        ProcessStage(position=1, key="arrived", name="Arrived"),
        ProcessStage(position=2, key="product", name="Product shown"),
    ]
    db.session.add(process)
    db.session.flush()
    return process


def add_visit(
    person: str, outcome: str | None, minutes: float | None, product: float | None
) -> Visit:
    """One visit that ends after so many minutes (None: seen open for 1000 seconds)."""
    served = db.session.query(Representative).filter_by(key=person).one()
    process = db.session.query(Process).one()
    visit = Visit(
        public_id=str(uuid.UUID(int=db.session.query(Visit).count() + 1)),
        process=process,
        unit_id=served.unit_id,
        representative_id=served.id,
        started_at=JULY,
        ended_at=None if minutes is None else JULY + timedelta(minutes=minutes),
        outcome=outcome,
        observed_until=JULY + timedelta(seconds=1000) if minutes is None else None,
        updated_at=NOW,
    )
    db.session.add(visit)
    db.session.flush()
    if product is not None:
        at = JULY + timedelta(minutes=product)
        db.session.add(StageEvent(visit_id=visit.id, stage_id=process.stages[1].id, at=at))
    db.session.flush()
    return visit


def add_figures(
    values: list[tuple[str, str, float]], month: date = date(2026, 7, 1)
) -> FigureBatch:
    """A batch of (measure, representative, value)."""
    batch = FigureBatch(filename="f.csv", sha256="0" * 64, row_count=len(values), imported_at=NOW)
    db.session.add(batch)
    db.session.flush()
    for number, (measure, person, value) in enumerate(values, start=2):
        served = db.session.query(Representative).filter_by(key=person).one()
        db.session.add(
            Figure(
                batch_id=batch.id,
                row_number=number,
                measure_id=db.session.query(Measure).filter_by(key=measure).one().id,
                unit_id=served.unit_id,
                representative_id=served.id,
                representative_key=person,
                period_start=month,
                value=value,
            )
        )
    db.session.flush()
    return batch


def unit(key: str) -> Unit:
    """The unit with this key."""
    return db.session.query(Unit).filter_by(key=key).one()


def _made(result: tuple[Any, list[Any]]) -> Any:
    made, problems = result
    assert problems == []
    return made

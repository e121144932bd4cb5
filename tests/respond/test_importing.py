"""Answers of another survey: all rows or none, each once, in about a second."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from survey_app.accounts.models import AuditEntry
from survey_app.db import db
from survey_app.design.queries import version_by_number
from survey_app.domain.problems import Problem
from survey_app.organisation.arranging import add_representative, add_unit
from survey_app.respond.importing import import_answers
from survey_app.respond.models import AnswerBatch, Response
from tests.factories.questionnaires import NOW, add_version, definition
from tests.factories.statements import counted_statements

ZONE = ZoneInfo("Europe/Zurich")
MAPPING: dict[str, Any] = {
    "respondent": "id",
    "answered_at": {"column": "when"},
    "unit": {"column": "place", "names": {"Head office": "company"}},
    "representative": {"column": "who"},
    "customer": {"column": "account"},
    "attributes": ["segment"],
    "questions": {
        "q1": {"column": "score", "not_applicable": {"column": "na", "equals": 1}},
        "q3": {"column": "seen"},
        "q5": "said",
    },
}
HEADER = "id,when,place,who,account,segment,score,na,seen,said,unused\n"
ROWS = (
    '1,2026-07-01 14:00,Head office,anna,k7,gold,4,0,a|b,"Nice, really",x\n'
    "2,2026-07-01T14:00:00Z,,,,,,1,,,x\n"
    "3,2026-07-02 09:30,,anna,,,,0,,,x\n"
)


def prepare() -> None:
    """Version 1 of the questionnaire, the company, and Anna who works there."""
    add_version()
    company, _ = add_unit("company", "Example Ltd", None)
    assert company is not None
    add_representative("anna", "Anna", company)


def bring(rows: str, **mapped: Any) -> list[Problem]:
    """Import rows below the header; the problems."""
    version = version_by_number("visit_feedback", 1)
    data = (HEADER + rows).encode()
    batch, problems = import_answers(version, data, MAPPING | mapped, "old.csv", NOW, ZONE)
    assert (batch is None) == bool(problems)
    return problems


def test_rows_become_responses(app: Flask) -> None:
    with app.app_context():
        prepare()
        assert bring(ROWS) == []
        first, second, third = db.session.query(Response).order_by(Response.id)
        assert first.answers == {
            "q1": {"value": 4},
            "q2": {"missing": "not_shown"},
            "q3": {"value": ["a", "b"]},
            "q4": {"missing": "not_shown"},
            "q5": {"value": "Nice, really"},
        }
        assert first.submitted_at == datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
        assert (first.source, first.source_id) == ("import", "visit_feedback/1")
        assert (first.customer, first.attributes) == ("k7", {"segment": "gold"})
        assert first.unit_id is not None
        assert first.representative_id is not None
        assert second.answers["q1"] == {"missing": "not_applicable"}
        assert second.answers["q3"] == {"missing": "skipped"}
        assert second.submitted_at == datetime(2026, 7, 1, 14, 0, tzinfo=UTC)
        assert (second.unit_id, second.representative_id, second.customer) == (None, None, "")
        # A representative belongs to a unit; so does what customers say about them.
        assert third.unit_id == first.unit_id
        batch = db.session.query(AnswerBatch).one()
        assert (batch.row_count, batch.filename) == (3, "old.csv")
        assert {response.batch_id for response in (first, second, third)} == {batch.id}
        assert db.session.query(AuditEntry).filter_by(action="answers imported").count() == 1


def test_constants_stand_for_every_row(app: Flask) -> None:
    with app.app_context():
        prepare()
        when = {"constant": "2021-02-28T12:00", "why": "middle of the survey"}
        assert bring(ROWS, answered_at=when, unit={"constant": "company"}) == []
        moments = {response.submitted_at for response in db.session.query(Response)}
        assert moments == {datetime(2021, 2, 28, 11, 0, tzinfo=UTC)}
        assert db.session.query(Response).filter_by(unit_id=None).count() == 0


def test_several_columns_may_name_a_respondent(app: Flask) -> None:
    with app.app_context():
        prepare()
        rows = ROWS + "1,2026-07-01 14:00,,,k8,,4,0,,,x\n"
        rows = rows.replace("2,2026-07-01T14:00:00Z,,,,", "2,2026-07-01T14:00:00Z,,,k7,")
        rows = rows.replace("3,2026-07-02 09:30,,anna,,", "3,2026-07-02 09:30,,anna,k7,")
        assert bring(rows, respondent=["id", "account"]) == []
        names = {response.source_id for response in db.session.query(Response)}
        assert "visit_feedback/1/k8" in names


BROKEN = [
    ("4,2026-07-01 14:00,,,,,9,0,,,x", "row 5, column score", "outside_scale"),
    ("4,2026-07-01 14:00,,,,,3,1,,,x", "row 5, column score", "value_and_missing"),
    ("4,2026-07-01 14:00,,,,,3,0,c,,x", "row 5, column seen", "unknown_option"),
    ("4,2026-07-01 14:00,,,,,3,0,," + "x" * 2001 + ",x", "row 5, column said", "too_long"),
    ("4,yesterday,,,,,3,0,,,x", "row 5, column when", "not_a_moment"),
    ("4,2026-03-29 02:30,,,,,3,0,,,x", "row 5, column when", "skipped_by_clocks"),
    ("4,2027-01-01 00:00,,,,,3,0,,,x", "row 5, column when", "in_the_future"),
    ("4,,,,,,3,0,,,x", "row 5, column when", "empty"),
    (",2026-07-01 14:00,,,,,3,0,,,x", "row 5, column id", "empty"),
    ("1,2026-07-01 14:00,,,,,3,0,,,x", "row 5, column id", "duplicate_respondent"),
    ("x" * 201 + ",2026-07-01 14:00,,,,,3,0,,,x", "row 5, column id", "too_long"),
    ("4,2026-07-01 14:00,Mars,,,,3,0,,,x", "row 5, column place", "unknown_unit"),
    ("4,2026-07-01 14:00,,otto,,,3,0,,,x", "row 5, column who", "unknown_representative"),
    ("4,2026-07-01 14:00,,," + "k" * 201 + ",,3,0,,,x", "row 5, column account", "too_long"),
    ("4,2026-07-01 14:00,,,,,3,0,,x", "row 5", "wrong_width"),
]


def test_one_bad_row_is_named_and_nothing_at_all_is_stored(app: Flask) -> None:
    with app.app_context():
        prepare()
        for row, place, code in BROKEN:
            problems = bring(ROWS + row + "\n")
            assert [(problem.place, problem.code) for problem in problems] == [(place, code)]
            assert problems[0].message.endswith(".")
        assert db.session.query(Response).count() == 0
        assert db.session.query(AnswerBatch).count() == 0


def test_reading_stops_after_a_hundred_problems(app: Flask) -> None:
    with app.app_context():
        prepare()
        rows = "".join(f"{number},2026-07-01 14:00,,,,,9,0,,,x\n" for number in range(500))
        problems = bring(rows)
        assert len(problems) == 101
        assert problems[-1].code == "too_many_problems"


def test_a_respondent_answers_a_questionnaire_once_over_all_files(app: Flask) -> None:
    with app.app_context():
        prepare()
        assert bring(ROWS) == []

        def again(rows: str) -> list[tuple[str, str]]:
            return [(problem.place, problem.code) for problem in bring(rows)]

        assert again(ROWS) == [("file", "imported_before")]
        later = "4,2026-07-03 10:00,,,,,5,0,,,x\n"
        assert again(later + ROWS[-34:]) == [("row 3, column id", "duplicate_respondent")]
        assert again(later) == []
        assert db.session.query(Response).count() == 4


WRONG_MAPPINGS: list[tuple[dict[str, Any], str, str]] = [
    ({"respondant": "id"}, "mapping", "unknown_key"),
    ({"respondent": 5}, "mapping, respondent", "not_columns"),
    ({"answered_at": {"column": "when", "constant": "x"}}, "mapping, answered_at", "unknown_rule"),
    ({"unit": {"column": ["a"]}}, "mapping, unit", "unknown_rule"),
    ({"unit": {"constant": "company", "names": {}}}, "mapping, unit", "unknown_key"),
    ({"questions": []}, "mapping, questions", "not_a_mapping"),
    ({"questions": {"q9": "x"}}, "mapping, questions", "unknown_key"),
    ({"questions": {"q1": {}}}, "mapping, questions, q1", "unknown_rule"),
    (
        {"questions": {"q1": {"column": "score", "refused": {}}}},
        "mapping, questions, q1",
        "unknown_key",
    ),
    (
        {"questions": {"q1": {"column": "score", "dont_know": "na"}}},
        "mapping, questions, q1",
        "unknown_rule",
    ),
    ({"questions": {"q1": "points"}}, "row 1", "missing_header"),
]


def test_a_wrong_mapping_is_explained(app: Flask) -> None:
    with app.app_context():
        version = add_version()
        for changed, place, code in WRONG_MAPPINGS:
            data = (HEADER + ROWS).encode()
            batch, problems = import_answers(version, data, MAPPING | changed, "f", NOW, ZONE)
            assert batch is None
            assert [(problem.place, problem.code) for problem in problems] == [(place, code)]
        problems = import_answers(version, data, {}, "f", NOW, ZONE)[1]
        assert [problem.code for problem in problems] == ["missing_key"] * 3
        assert db.session.query(Response).count() == 0


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"id\n", b"id,when\n1,\xe9\n", b"a\0"])
def test_a_file_that_is_no_table_is_explained(app: Flask, data: bytes) -> None:
    with app.app_context():
        version = add_version()
        batch, problems = import_answers(version, data, MAPPING, "f", NOW, ZONE)
        assert batch is None
        assert problems


def test_a_thousand_rows_of_22_questions_take_a_few_statements(app: Flask) -> None:
    questions = [
        {
            "id": f"q{number}",
            "type": "rating",
            "text": "How bad?",
            "scale": {"lowest": 0, "highest": 4},
            "missing": ["not_applicable"],
        }
        for number in range(22)
    ]
    stream = io.StringIO()
    writer = csv.writer(stream)
    names = [name for q in questions for name in (q["id"], f"na_{q['id']}")]
    writer.writerow(["respondent", *names])
    for row in range(1135):
        cells = [cell for number in range(22) for cell in (str((row + number) % 5), "0")]
        writer.writerow([row, *cells])
    mapping = {
        "respondent": "respondent",
        "answered_at": {"constant": "2021-02-28T12:00"},
        "questions": {
            q["id"]: {
                "column": q["id"],
                "not_applicable": {"column": f"na_{q['id']}", "equals": "1"},
            }
            for q in questions
        },
    }
    with app.app_context():
        version = add_version(definition(sections=[{"id": "a", "questions": questions}]))
        with counted_statements() as statements:
            batch, problems = import_answers(
                version, stream.getvalue().encode(), mapping, "f", NOW, ZONE
            )
        assert problems == []
        assert batch is not None
        assert batch.row_count == 1135
        assert len(statements) < 12


def test_answers_for_a_unit_beyond_ones_sight_are_refused(app: Flask) -> None:
    with app.app_context():
        prepare()
        version = version_by_number("visit_feedback", 1)
        data = (HEADER + ROWS).encode()
        batch, problems = import_answers(version, data, MAPPING, "old.csv", NOW, ZONE, within=set())
        assert batch is None
        assert {problem.place for problem in problems} >= {"row 2, column place"}
        assert db.session.query(Response).count() == 0

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.organisation.queries import unit_by_key
from survey_app.visits.correcting import cells_of, correct_visit, state_mark
from survey_app.visits.importing import Imported, import_visits
from survey_app.visits.models import Process, StageEvent, Visit, VisitBatch
from survey_app.visits.timing import reach_stage
from survey_app.visits.told_visits import state_of
from tests.factories.workplaces import NOW, make_process, make_visit, make_workplace

ZURICH = ZoneInfo("Europe/Zurich")
HEADER = (
    "external_id,started_at,ended_at,outcome,observed_until,unit,representative,customer,"
    "idle_seconds,arrived,answered,shown\n"
)
SOUND = (
    "V1,2026-06-01 10:00,2026-06-01 10:30,completed,,leasing,anna,Miller,60,"
    "2026-06-01 10:01,2026-06-01 10:20,2026-06-01 10:30\n"
    "V2,2026-06-01 11:00,2026-06-01 11:05,called_back,,leasing,anna,,,2026-06-01 11:01,,\n"
    "V3,2026-06-01 12:00,,,2026-06-02 00:00,credit,,,,,,\n"
    "V4,2026-07-01T09:59:00+02:00,,,,company,,,,,,\n"
)
INCIDENTS = """\
incident,opened_at,resolved_at,priority,category,assignment_group,reassignments,minutes,resolved
INC0000045,2016-02-29 01:16,2016-02-29 11:29,moderate,Category 55,Group 56,0,613,1
INC0000047,2016-02-29 04:40,2016-03-01 09:52,moderate,Category 40,Group 24,1,1752,1
INC0000074,2016-02-29 08:23,,moderate,Category 45,Group 66,0,12457,0
"""
INCIDENT_MAPPING = {
    "external_id": "incident",
    "started_at": "opened_at",
    "ended_at": "resolved_at",
    "outcome": {"if_ended": "completed"},
    "observed_until": {"constant": "2016-03-09 00:00"},
    "unit": {"constant": "company"},
}
REAL_FILE = Path(__file__).parents[2] / "examples" / "service_desk" / "incident_resolution.csv"


def load(process: Process, text: str, **named: Any) -> tuple[Imported | None, list[Problem]]:
    return import_visits(process, text.encode(), "visits.csv", NOW, ZURICH, **named)


def start() -> Process:
    make_workplace()
    return make_process()


def test_a_file_of_visits_is_stored_with_its_stages_and_its_origin(app: Flask) -> None:
    with app.app_context():
        imported, problems = load(start(), HEADER + SOUND)
        assert imported is not None, problems
        batch = imported.batch
        assert (batch.filename, batch.row_count, batch.imported_at) == ("visits.csv", 4, NOW)
        assert len(batch.sha256) == 64
        db.session.expire_all()
        first, second, third, fourth = db.session.query(Visit).order_by(Visit.external_id)
        assert first.started_at == datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
        assert (first.outcome, first.customer, first.idle_seconds) == ("completed", "Miller", 60)
        assert first.representative is not None
        assert [event.stage.key for event in first.events] == ["arrived", "answered", "shown"]
        assert first.events[1].at - first.started_at == timedelta(minutes=20)
        assert (second.outcome, len(second.events)) == ("called_back", 1)
        assert third.observed_until == datetime(2026, 6, 1, 22, 0, tzinfo=UTC)
        assert (third.ended_at, third.representative) == (None, None)
        # Without a cut-off it is still running.
        assert (fourth.ended_at, fourth.observed_until) == (None, None)
        assert {visit.batch_id for visit in (first, second, third, fourth)} == {batch.id}


def test_the_completed_visits_last_stage_is_reached_at_its_end(app: Flask) -> None:
    text = (
        "external_id,started_at,ended_at,outcome,unit,arrived,answered\n"
        "V1,2026-06-01 10:00,2026-06-01 10:30,completed,leasing,2026-06-01 10:01,2026-06-01 10:20\n"
    )
    with app.app_context():
        batch, problems = load(start(), text)
        assert batch is not None, problems
        visit = db.session.query(Visit).one()
        assert visit.events[-1].stage.key == "shown"
        assert visit.events[-1].at == visit.ended_at


def test_an_export_of_another_system_is_read_through_a_mapping(app: Flask) -> None:
    with app.app_context():
        make_workplace()
        process = make_process("incident", [("resolved", "Resolved")])
        batch, problems = load(process, INCIDENTS, mapping=INCIDENT_MAPPING)
        assert batch is not None, problems
        first, _second, open_one = db.session.query(Visit).order_by(Visit.external_id)
        assert first.outcome == "completed"
        assert first.ended_at is not None
        assert first.ended_at - first.started_at == timedelta(minutes=613)
        assert first.events[0].stage.key == "resolved"
        assert open_one.outcome is None
        assert open_one.observed_until is not None
        assert open_one.observed_until - open_one.started_at == timedelta(minutes=12457)


def test_the_real_incidents_are_read_whole(app: Flask) -> None:
    with app.app_context():
        make_workplace()
        process = make_process("incident", [("resolved", "Resolved")])
        data = REAL_FILE.read_bytes()
        batch, problems = import_visits(
            process, data, REAL_FILE.name, NOW, ZoneInfo("UTC"), INCIDENT_MAPPING
        )
        assert batch is not None, problems
        rows = [line.rsplit(",", 2) for line in data.decode().splitlines()[1:]]
        assert batch.added == len(rows) == db.session.query(Visit).count()
        finished = sum(resolved == "1" for _, _, resolved in rows)
        assert db.session.query(Visit).filter(Visit.outcome == "completed").count() == finished
        assert db.session.query(StageEvent).count() == finished
        minutes = {row[0].split(",")[0]: int(row[1]) for row in rows}
        for visit in db.session.query(Visit):
            until = visit.ended_at or visit.observed_until
            assert until is not None
            assert visit.external_id is not None
            told = (until - visit.started_at).total_seconds() / 60
            assert told == minutes[visit.external_id]


def test_one_bad_row_keeps_the_whole_file_out(app: Flask) -> None:
    with app.app_context():
        batch, problems = load(start(), HEADER + SOUND + "V9,yesterday,,,,leasng,,,,,,\n")
        assert batch is None
        assert [problem.place for problem in problems] == [
            "row 6, column started_at",
            "row 6, column unit",
        ]
        assert 'Did you mean "leasing"?' in problems[1].message
        assert db.session.query(Visit).count() == 0
        assert db.session.query(VisitBatch).count() == 0


def counts(imported: Imported | None) -> tuple[int, ...]:
    assert imported is not None
    told = imported
    return told.added, told.gone_on, told.unchanged, told.behind, told.corrected


def test_the_same_file_again_changes_nothing(app: Flask) -> None:
    with app.app_context():
        process = start()
        first, _ = load(process, HEADER + SOUND)
        assert counts(first) == (4, 0, 0, 0, 0)
        assert first is not None
        db.session.commit()
        before = [(one.public_id, one.batch_id, one.updated_at) for one in db.session.query(Visit)]
        again, problems = load(process, HEADER + SOUND)
        assert counts(again) == (0, 0, 4, 0, 0), problems
        db.session.commit()
        assert before == [
            (one.public_id, one.batch_id, one.updated_at) for one in db.session.query(Visit)
        ]
        assert db.session.query(StageEvent).count() == 4
        # Another process has ids of its own.
        other, problems = load(make_process("other"), HEADER + SOUND)
        assert counts(other) == (4, 0, 0, 0, 0), problems


def test_open_visits_are_brought_to_where_the_next_file_says_they_have_got(app: Flask) -> None:
    later = (
        # V3 was seen open until the end of June 2; by now it was completed.
        "V3,2026-06-01 12:00,2026-06-03 09:00,completed,,credit,bruno,,,"
        "2026-06-01 12:05,2026-06-02 10:00,2026-06-03 09:00\n"
        # V4 still runs, and has reached a stage.
        "V4,2026-07-01T09:59:00+02:00,,,,company,,,,2026-07-01T09:59:30+02:00,,\n"
        "V5,2026-06-30 10:00,,,2026-07-01 00:00,leasing,,,,,,\n"
    )
    with app.app_context():
        process = start()
        load(process, HEADER + SOUND)
        imported, problems = load(process, HEADER + later)
        assert counts(imported) == (1, 2, 0, 0, 0), problems
        assert str(imported) == "Visits of visits.csv: 1 added, 2 brought up to date."
        assert imported is not None
        db.session.commit()
        db.session.expire_all()
        third, fourth = (
            db.session.query(Visit).filter_by(external_id=one).one() for one in ("V3", "V4")
        )
        assert (third.outcome, third.observed_until) == ("completed", None)
        assert third.ended_at == datetime(2026, 6, 3, 7, 0, tzinfo=UTC)
        assert third.representative is not None
        assert [event.stage.key for event in third.events] == ["arrived", "answered", "shown"]
        assert third.batch_id == imported.batch.id
        assert (fourth.outcome, [event.stage.key for event in fourth.events]) == (None, ["arrived"])


@pytest.mark.parametrize(
    ("row", "place", "code"),
    [
        (
            "V2,2026-06-01 11:00,2026-06-01 11:06,called_back,,leasing,anna,,,2026-06-01 11:01,,",
            "external_id",
            "ended_otherwise",
        ),
        (
            "V2,2026-06-01 11:00,,,2026-06-05 00:00,leasing,anna,,,2026-06-01 11:01,,",
            "external_id",
            "ended_otherwise",
        ),
        ("V3,2026-06-01 12:00,2026-06-01 13:00,left,,credit,,,,,,", "ended_at", "ended_while_open"),
        (
            "V4,2026-07-01T09:59:00+02:00,2026-07-01T09:59:50+02:00,left,,company,,,,"
            "2026-07-01T09:59:20+02:00,,",
            "arrived",
            "reached_otherwise",
        ),
    ],
)
def test_what_contradicts_the_record_is_refused_and_nothing_stored(
    app: Flask, row: str, place: str, code: str
) -> None:
    with app.app_context():
        process = start()
        load(process, HEADER + SOUND)
        fourth = db.session.query(Visit).filter_by(external_id="V4").one()
        reach_stage(fourth, process.stages[0], 30, NOW)
        db.session.commit()
        imported, problems = load(process, f"{HEADER}V9,2026-06-05 10:00,,,,leasing,,,,,,\n{row}\n")
        assert imported is None
        assert [(one.place, one.code) for one in problems] == [(f"row 3, column {place}", code)]
        assert db.session.query(Visit).count() == 4


def test_an_open_visit_of_another_unit_is_not_taken_over(app: Flask) -> None:
    with app.app_context():
        process = start()
        load(process, HEADER + SOUND)
        row = "V3,2026-06-01 12:00,,,2026-06-03 00:00,leasing,,,,,,\n"
        imported, problems = load(process, HEADER + row, within={unit_by_key("leasing").id})
        assert imported is None
        assert [problem.code for problem in problems] == ["out_of_sight"]


def test_a_file_takes_nothing_back_that_is_known_of_an_open_visit(app: Flask) -> None:
    with app.app_context():
        process = start()
        load(process, HEADER + SOUND)
        load(
            process,
            HEADER
            + "V3,2026-06-01 12:00,,,2026-06-03 00:00,credit,bruno,Meyer,30,2026-06-02 09:00,,\n",
        )
        fourth = db.session.query(Visit).filter_by(external_id="V4").one()
        reach_stage(fourth, process.stages[0], 30, NOW)
        db.session.commit()

        def known() -> list[tuple[object, ...]]:
            db.session.expire_all()
            return [state_of(one) for one in db.session.query(Visit).order_by(Visit.external_id)]

        before = known()
        # The first file again: of V3 it knows less, of V4 not the tap that came after it.
        imported, problems = load(process, HEADER + SOUND)
        assert counts(imported) == (0, 0, 3, 1, 0), problems
        assert "1 known further than this file tells" in str(imported)
        assert known() == before
        # Columns that a file lacks tell nothing.
        short = "external_id,started_at,unit\nV3,2026-06-01 12:00,credit\n"
        imported, problems = load(process, short)
        assert counts(imported) == (0, 0, 1, 0, 0), problems
        assert known() == before
        # Nor does the empty cell of who may not name the representative take them away.
        row = "V3,2026-06-01 12:00,,,2026-06-04 00:00,leasing,,Meyer,30,2026-06-02 09:00,,\n"
        third = db.session.query(Visit).filter_by(external_id="V3").one()
        third.unit = unit_by_key("leasing")
        imported, problems = load(process, HEADER + row, within={unit_by_key("leasing").id})
        assert counts(imported) == (0, 1, 0, 0, 0), problems
        assert third.representative is not None


def test_a_corrected_visit_that_is_open_still_takes_its_end(app: Flask) -> None:
    with app.app_context():
        process = start()
        load(process, HEADER + SOUND)
        third = db.session.query(Visit).filter_by(external_id="V3").one()
        cells = cells_of(third, ZURICH) | {"customer": "Meyer"}
        _, problems = correct_visit(third, cells, False, "Name", state_mark(third), ZURICH, NOW)
        assert not problems
        row = "V3,2026-06-01 12:00,2026-06-03 12:00,left,,credit,,Maier,,,,\n"
        imported, problems = load(process, HEADER + row)
        assert counts(imported) == (0, 1, 0, 0, 0), problems
        assert (third.outcome, third.customer) == ("left", "Meyer")
        imported, problems = load(process, HEADER + row.replace("06-03", "06-04"))
        assert counts(imported) == (0, 0, 0, 0, 1), problems


def test_the_same_file_brings_nothing_back_that_was_corrected_away(app: Flask) -> None:
    with app.app_context():
        process = start()
        load(process, HEADER + SOUND)
        first, second = (
            db.session.query(Visit).filter_by(external_id=one).one() for one in ("V1", "V2")
        )
        for visit, changes in (
            (first, {"ended_at": "", "outcome": "", "shown": ""}),
            (second, {"ended_at": "", "outcome": "", "arrived": "2026-06-01 11:02"}),
        ):
            cells = cells_of(visit, ZURICH) | changes
            _, problems = correct_visit(
                visit, cells, False, "Went on", state_mark(visit), ZURICH, NOW
            )
            assert not problems
        before = [state_of(first), state_of(second)]
        imported, problems = load(process, HEADER + SOUND)
        assert counts(imported) == (0, 0, 4, 0, 0), problems
        assert [state_of(first), state_of(second)] == before
        # An end that is new is taken; the stage stays as it was corrected.
        row = "V2,2026-06-01 11:00,2026-06-01 12:00,left,,leasing,anna,,,2026-06-01 11:01,,\n"
        imported, problems = load(process, HEADER + row)
        assert counts(imported) == (0, 1, 0, 0, 0), problems
        assert second.ended_at == datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
        assert second.events[0].at == datetime(2026, 6, 1, 9, 2, tzinfo=UTC)


def test_a_corrected_visit_out_of_sight_is_refused_like_any_other(app: Flask) -> None:
    with app.app_context():
        process = start()
        load(process, HEADER + SOUND)
        third = db.session.query(Visit).filter_by(external_id="V3").one()
        correct_visit(third, {}, True, "Never", state_mark(third), ZURICH, NOW)
        row = "V3,2026-06-01 12:00,,,2026-06-03 00:00,leasing,,,,,,\n"
        _, problems = load(process, HEADER + row, within={unit_by_key("leasing").id})
        assert [problem.code for problem in problems] == ["out_of_sight"]


def test_of_two_rows_with_one_id_both_are_named(app: Flask) -> None:
    with app.app_context():
        rows = "V1,2026-06-01 10:00,,,,leasing,,,,,,\n" * 2
        batch, problems = load(start(), HEADER + rows)
        assert batch is None
        assert problems[0].place == "row 3, column external_id"
        assert "stands in row 2" in problems[0].message


def test_visits_timed_here_are_not_in_the_way_of_an_import(app: Flask) -> None:
    with app.app_context():
        process = start()
        for _visit in range(2):
            make_visit(process, unit_by_key("leasing"))
        batch, problems = load(process, HEADER + SOUND)
        assert batch is not None, problems


def test_a_wrong_constant_is_told_once(app: Flask) -> None:
    with app.app_context():
        process = start()
        mapping = INCIDENT_MAPPING | {"unit": {"constant": "nowhere"}}
        batch, problems = load(process, INCIDENTS, mapping=mapping)
        assert batch is None
        assert [problem.place for problem in problems] == ["mapping, unit"]


def test_one_imports_only_for_units_that_one_looks_after(app: Flask) -> None:
    with app.app_context():
        process = start()
        batch, problems = load(process, HEADER + SOUND, within={unit_by_key("leasing").id})
        assert batch is None
        assert [(problem.place, problem.code) for problem in problems] == [
            ("row 4, column unit", "unknown"),
            ("row 5, column unit", "unknown"),
        ]

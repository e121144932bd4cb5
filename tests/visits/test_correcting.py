"""Corrections: a new revision with its reason, by the same rules as an import."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from survey_app.accounts.models import AuditEntry
from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.visits.correcting import cells_of, correct_visit, history_of, state_mark
from survey_app.visits.importing import import_visits
from survey_app.visits.models import Visit, VisitCorrection
from survey_app.visits.queries import running_visits
from survey_app.visits.timing import end_visit, reach_stage
from tests.factories.people import add_user
from tests.factories.workplaces import NOW, let_see, make_process, make_visit, make_workplace

ZURICH = ZoneInfo("Europe/Zurich")
LATER = NOW + timedelta(days=2)


def ended_visit() -> Visit:
    """Arrived after 1.5 minutes, left after 5; NOW is 10:00 in Zurich."""
    place = make_workplace()
    visit = make_visit(make_process(), place.leasing, place.anna, "Miller")
    reach_stage(visit, visit.process.stages[0], 90.5, NOW + timedelta(minutes=2))
    end_visit(visit, "left", 300, NOW + timedelta(minutes=5))
    db.session.commit()
    return visit


def correct(
    visit: Visit, void: bool = False, reason: str = "Tapped too late", **changes: str
) -> tuple[VisitCorrection | None, list[Problem]]:
    cells = cells_of(visit, ZURICH) | changes
    return correct_visit(visit, cells, void, reason, state_mark(visit), ZURICH, LATER)


def test_a_correction_keeps_what_was_before_and_why(app: Flask) -> None:
    with app.app_context():
        visit = ended_visit()
        correction, problems = correct(visit, ended_at="2026-07-01 10:04:00")
        assert correction is not None, problems
        db.session.commit()
        visit = db.session.query(Visit).one()
        assert visit.ended_at == NOW + timedelta(minutes=4)
        assert visit.outcome == "left"
        # What was not typed anew keeps its milliseconds.
        assert visit.events[0].at == NOW + timedelta(seconds=90.5)
        assert visit.updated_at == LATER
        (kept,) = visit.corrections
        assert (kept.revision, kept.reason) == (2, "Tapped too late")
        assert kept.before["ended_at"] == "2026-07-01 08:05:00"
        assert db.session.query(AuditEntry).filter_by(action="visit corrected").count() == 1
        (change,) = history_of(visit, ZURICH)
        assert change.cells == [("ended", "2026-07-01 10:05:00", "2026-07-01 10:04:00")]


def test_history_tells_each_correction_against_the_one_after_it(app: Flask) -> None:
    with app.app_context():
        visit = ended_visit()
        correct(visit, customer="20260101")
        correct(visit, outcome="called_back", customer="Meyer", arrived="")
        latest, first = history_of(visit, ZURICH)
        assert first.cells == [("customer", "Miller", "20260101")]
        assert latest.cells == [
            ("outcome", "customer left", "called back"),
            ("customer", "20260101", "Meyer"),
            ("Arrived", "2026-07-01 10:01:30.500000", "–"),
        ]
        assert visit.events == []


def test_a_forgotten_visit_is_ended_when_it_ended(app: Flask) -> None:
    with app.app_context():
        place = make_workplace()
        visit = make_visit(make_process(), place.leasing, place.anna)
        stages = {"arrived": "2026-07-01 10:01", "answered": "2026-07-01 10:20"}
        _, problems = correct(
            visit, ended_at="2026-07-01 10:30", outcome="completed", **stages, shown=""
        )
        assert not problems
        # As in an import, the last stage of a completed visit was reached at its end.
        assert [event.at for event in visit.events][-1] == visit.ended_at
        assert len(visit.events) == 3


def test_a_visit_that_never_took_place_runs_no_more_and_comes_back(app: Flask) -> None:
    with app.app_context():
        place = make_workplace()
        visit = make_visit(make_process(), place.leasing)
        admin = add_user("admin")
        assert running_visits(admin) == [visit]
        correct(visit, void=True, reason="Tapped by mistake")
        assert visit.void
        assert running_visits(admin) == []
        _, problems = end_visit(visit, "left", 60, LATER)
        assert "never took place" in problems[0].message
        _, problems = correct(visit, reason="It did")
        assert not problems
        assert not visit.void
        assert running_visits(admin) == [visit]
        assert [one.revision for one in visit.corrections] == [2, 3]


@pytest.mark.parametrize(
    ("changes", "place", "code"),
    [
        ({"started_at": "yesterday"}, "started", "not_a_moment"),
        ({"started_at": ""}, "started", "empty"),
        ({"ended_at": "2026-07-01 09:00"}, "ended", "ended_before_start"),
        ({"ended_at": "2026-08-01 09:00"}, "ended", "future"),
        ({"outcome": ""}, "outcome", "end_without_outcome"),
        ({"outcome": "completed"}, "Questions answered", "stage_skipped"),
        ({"arrived": "", "answered": "2026-07-01 10:02"}, "Arrived", "stage_skipped"),
        ({"representative": "nobody"}, "representative", "unknown"),
        ({"reason": "  "}, "reason", "empty"),
        ({"reason": "x" * 1001}, "reason", "too_long"),
        ({}, "", "unchanged"),
    ],
)
def test_what_cannot_have_been_is_refused_with_its_place(
    app: Flask, changes: dict[str, Any], place: str, code: str
) -> None:
    with app.app_context():
        visit = ended_visit()
        before = cells_of(visit, ZURICH)
        correction, problems = correct(visit, **changes)
        assert correction is None
        assert (place, code) in [(one.place, one.code) for one in problems]
        db.session.rollback()
        assert cells_of(db.session.query(Visit).one(), ZURICH) == before
        assert db.session.query(VisitCorrection).count() == 0


def test_an_hour_that_passes_twice_is_kept_apart(app: Flask) -> None:
    # The clocks of Zurich go back at 01:00 UTC on 2026-10-25: 02:30 comes at 00:30 and at 01:30.
    with app.app_context():
        place = make_workplace()
        second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
        visit = make_visit(make_process(), place.leasing, now=second)
        cells = cells_of(visit, ZURICH) | {"customer": "Miller"}
        assert cells["started_at"] == "2026-10-25 02:30:00+01:00"
        later = second + timedelta(days=1)
        _, problems = correct_visit(visit, cells, False, "Name", state_mark(visit), ZURICH, later)
        assert not problems
        assert visit.started_at == second
        (change,) = history_of(visit, ZURICH)
        assert change.cells == [("customer", "–", "Miller")]


def test_two_who_correct_at_once_do_not_overwrite_each_other(app: Flask) -> None:
    with app.app_context():
        visit = ended_visit()
        seen, mark = cells_of(visit, ZURICH), state_mark(visit)
        correct_visit(visit, seen | {"customer": "Meyer"}, False, "Name", mark, ZURICH, LATER)
        second, problems = correct_visit(
            visit, seen | {"customer": "Maier"}, False, "Name", mark, ZURICH, LATER
        )
        assert second is None
        assert [problem.code for problem in problems] == ["changed_meanwhile"]
        assert visit.customer == "Meyer"


def test_an_import_leaves_a_corrected_visit_as_it_was_corrected(app: Flask) -> None:
    text = (
        "external_id,started_at,ended_at,outcome,unit\n"
        "V1,2026-06-01 10:00,2026-06-01 10:30,left,leasing\n"
    )
    with app.app_context():
        make_workplace()
        process = make_process()
        import_visits(process, text.encode(), "v.csv", NOW, ZURICH)
        visit = db.session.query(Visit).one()
        correct(visit, ended_at="2026-06-01 10:20")
        imported, problems = import_visits(process, text.encode(), "v.csv", LATER, ZURICH)
        assert imported is not None, problems
        assert (imported.unchanged, imported.corrected) == (0, 1)
        assert visit.ended_at == datetime(2026, 6, 1, 8, 20, tzinfo=UTC)


def test_a_visit_imported_open_keeps_its_cut_off_until_it_ends(app: Flask) -> None:
    text = (
        "external_id,started_at,observed_until,unit\nV1,2026-06-01 10:00,2026-06-02 10:00,leasing\n"
    )
    with app.app_context():
        make_workplace()
        import_visits(make_process(), text.encode(), "v.csv", NOW, ZURICH)
        visit = db.session.query(Visit).one()
        correct(visit, customer="Miller")
        assert visit.observed_until == datetime(2026, 6, 2, 8, 0, tzinfo=UTC)
        # It may have ended after the file was made: the cut-off is then no news any more.
        _, problems = correct(visit, ended_at="2026-06-03 10:00", outcome="left")
        assert not problems
        assert visit.observed_until is None


def test_a_tap_counts_from_the_start_that_its_page_knew(app: Flask) -> None:
    with app.app_context():
        place = make_workplace()
        visit = make_visit(make_process(), place.leasing)
        correct(visit, started_at="2026-07-01 09:50", reason="Began earlier")
        assert visit.started_at == NOW - timedelta(minutes=10)
        event, problems = reach_stage(
            visit, visit.process.stages[0], 600, NOW + timedelta(minutes=10), since=NOW
        )
        assert event is not None, problems
        assert event.at == NOW + timedelta(minutes=10)


def test_an_end_by_mistake_is_taken_back_with_the_cut_off_that_it_had(app: Flask) -> None:
    text = (
        "external_id,started_at,observed_until,unit,idle_seconds\n"
        "V1,2026-06-01 10:00,2026-06-02 10:00,leasing,7200\n"
    )
    with app.app_context():
        make_workplace()
        import_visits(make_process(), text.encode(), "v.csv", NOW, ZURICH)
        visit = db.session.query(Visit).one()
        # Less time than was idle cannot have passed; the idle time is corrected with the end.
        short = {"ended_at": "2026-06-01 11:00", "outcome": "left"}
        _, problems = correct(visit, **short)
        assert [problem.place for problem in problems] == ["idle seconds"]
        correct(visit, **short, idle_seconds="60.5")
        assert (visit.observed_until, visit.idle_seconds) == (None, 60.5)
        (change,) = history_of(visit, ZURICH)
        assert ("seen open until", "2026-06-02 10:00:00", "–") in change.cells
        assert ("idle seconds", "7200", "60.5") in change.cells
        correct(visit, ended_at="", outcome="", observed_until="2026-06-02 10:00")
        assert visit.observed_until == datetime(2026, 6, 2, 8, 0, tzinfo=UTC)


def test_a_visit_is_not_moved_out_of_sight(app: Flask) -> None:
    with app.app_context():
        visit = ended_visit()
        seen = {visit.unit_id}
        for changes, place in (({"unit": "credit"}, "unit"), ({"representative": "bruno"}, "repr")):
            cells = cells_of(visit, ZURICH) | changes
            _, problems = correct_visit(
                visit, cells, False, "x", state_mark(visit), ZURICH, LATER, within=seen
            )
            assert [problem.code for problem in problems] == ["unknown"]
            assert problems[0].place.startswith(place)


def test_a_visit_is_made_void_once(app: Flask) -> None:
    with app.app_context():
        visit = ended_visit()
        correct(visit, void=True)
        _, problems = correct(visit, void=True)
        assert [problem.code for problem in problems] == ["unchanged"]


def test_a_manager_corrects_on_the_page_and_the_visit_shows_it(
    app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    manager = signed_in("manager")
    with app.app_context():
        visit = ended_visit()
        let_see("manager@example.org", "leasing")
        db.session.commit()
        address = f"/visits/{visit.public_id}"
        typed = {f"stage-{key}": "" for key in ("answered", "shown")} | {
            "based_on": state_mark(visit),
            "started_at": "2026-07-01 08:00:00",
            "stage-arrived": "2026-07-01 08:01:00",
            "ended_at": "2026-07-01 08:04:00",
            "outcome": "called_back",
            "unit": "leasing",
            "representative": "anna",
            "customer": "Miller",
            "observed_until": "",
            "idle_seconds": "",
        }
    page = manager.get(f"{address}/correct").text
    assert 'value="2026-07-01 08:01:30.500000"' in page
    assert "Questions answered" in page
    refused = manager.post(f"{address}/correct", data=typed)
    assert refused.status_code == 422
    assert "Say why it is corrected" in refused.text
    assert 'value="2026-07-01 08:04:00"' in refused.text
    done = manager.post(f"{address}/correct", data=typed | {"reason": "He called"})
    assert done.status_code == 302
    shown = manager.get(address).text
    assert "He called" in shown
    assert "<del>customer left</del> → called back" in shown
    # From a page that was open since before, the change is not taken and the present state shown.
    stale = manager.post(
        f"{address}/correct", data=typed | {"reason": "Again", "customer": "Maier"}
    )
    assert stale.status_code == 422
    assert "has changed since you opened the page" in stale.text
    assert 'value="Miller"' in stale.text
    assert ">Again</textarea>" in stale.text.replace("\r\n", "").replace("\n", "")


def test_only_who_manages_the_unit_corrects(
    app: Flask, signed_in: Callable[[str], FlaskClient]
) -> None:
    manager, person = signed_in("manager"), signed_in("representative")
    with app.app_context():
        address = f"/visits/{ended_visit().public_id}/correct"
        let_see("manager@example.org", "credit")
        db.session.commit()
    assert manager.get(address).status_code == 403
    assert manager.post(address, data={"void": "y", "reason": "x"}).status_code == 403
    assert person.get(address).status_code == 403
    assert person.get("/visits/3f0e0bd4-0000-4000-8000-000000000000/correct").status_code == 403

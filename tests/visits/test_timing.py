from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import TypeVar
from uuid import uuid4

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.domain.problems import Problem
from survey_app.organisation.models import Representative, Unit
from survey_app.visits.models import Process, StageEvent, Visit
from survey_app.visits.timing import end_visit, reach_stage, start_visit
from tests.factories.workplaces import NOW, make_process, make_visit, make_workplace

Result = TypeVar("Result")


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def codes(answer: tuple[object, list[Problem]]) -> list[str]:
    result, problems = answer
    assert (result is None) == bool(problems)
    return [problem.code for problem in problems]


def new_visit() -> Visit:
    return make_visit(make_process(), make_workplace().leasing)


def at_once(times: int, act: Callable[[], Result]) -> list[Result]:
    """Do the same in several threads that begin together."""
    barrier = Barrier(times)

    def wait_and_act() -> Result:
        barrier.wait()
        return act()

    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(wait_and_act) for _ in range(times)]]


def test_a_visit_is_timed_from_the_devices_tap_in_elapsed_seconds(app: Flask) -> None:
    with app.app_context():
        process, place = make_process(), make_workplace()
        tapped = NOW - timedelta(seconds=5)
        visit, problems = start_visit(
            process, place.leasing, place.anna, " Miller AG ", str(uuid4()), tapped, NOW
        )
        assert visit is not None, problems
        assert (visit.started_at, visit.customer) == (tapped, "Miller AG")
        event, problems = reach_stage(visit, process.stages[0], 90.5, later(5))
        assert event is not None, problems
        assert event.at == tapped + timedelta(seconds=90.5)
        # Without a script there is no elapsed time: the server's clock counts.
        event, problems = reach_stage(visit, process.stages[1], None, later(6))
        assert event is not None, problems
        assert event.at == later(6)


def test_the_tap_on_the_last_stage_reaches_it_and_completes_the_visit(app: Flask) -> None:
    with app.app_context():
        visit = new_visit()
        for number in range(2):
            reach_stage(visit, visit.process.stages[number], 60.0 * number, later(number))
        ended, problems = end_visit(visit, "completed", 120.0, later(2))
        assert ended is visit, problems
        db.session.expire_all()
        assert visit.outcome == "completed"
        assert visit.ended_at == later(2) == visit.events[-1].at
        assert [event.stage.key for event in visit.events] == ["arrived", "answered", "shown"]


@pytest.mark.parametrize("outcome", ["called_back", "left"])
def test_a_visit_may_end_before_its_last_stage(app: Flask, outcome: str) -> None:
    with app.app_context():
        visit = new_visit()
        reach_stage(visit, visit.process.stages[0], None, later(1))
        assert codes(end_visit(visit, outcome, 75.0, later(2))) == []
        assert visit.outcome == outcome
        assert visit.ended_at == later(1.25)
        assert len(visit.events) == 1


def test_stages_come_in_their_order(app: Flask) -> None:
    with app.app_context():
        visit = new_visit()
        stages = visit.process.stages
        assert codes(reach_stage(visit, stages[1], None, later(1))) == ["skipped"]
        assert codes(end_visit(visit, "completed", None, later(1))) == ["stages_left"]
        other = make_process("other", [("greeted", "Greeted")])
        assert codes(reach_stage(visit, other.stages[0], None, later(1))) == ["unknown"]
        assert db.session.query(StageEvent).count() == 0
        assert visit.outcome is None


def test_a_visit_with_all_its_stages_was_not_broken_off(app: Flask) -> None:
    with app.app_context():
        visit = new_visit()
        for stage in visit.process.stages:
            reach_stage(visit, stage, None, later(1))
        assert codes(end_visit(visit, "left", None, later(2))) == ["no_stage_left"]
        assert codes(end_visit(visit, "asleep", None, later(2))) == ["unknown"]
        assert codes(end_visit(visit, "completed", None, later(2))) == []


def test_a_second_tap_on_a_stage_leaves_the_first_ones_time(app: Flask) -> None:
    with app.app_context():
        visit = new_visit()
        stage = visit.process.stages[0]
        first, _ = reach_stage(visit, stage, 10, later(1))
        second, _ = reach_stage(visit, stage, 50, later(1))
        assert second is first
        assert visit.events[0].at == NOW + timedelta(seconds=10)


def test_an_ended_visit_stays_as_it_ended_and_says_so(app: Flask) -> None:
    with app.app_context():
        visit = new_visit()
        end_visit(visit, "left", None, later(1))
        for again in ("left", "completed", "called_back"):
            ended, problems = end_visit(visit, again, None, later(2))
            assert ended is None
            assert problems[0].code == "ended"
            assert "customer left" in problems[0].message
        assert codes(reach_stage(visit, visit.process.stages[0], None, later(2))) == ["ended"]
        assert (visit.outcome, visit.ended_at) == ("left", later(1))


def test_a_visit_seen_open_by_an_import_is_not_timed_on(app: Flask) -> None:
    with app.app_context():
        visit = new_visit()
        visit.observed_until = later(1)
        db.session.flush()
        assert codes(reach_stage(visit, visit.process.stages[0], None, later(2))) == ["imported"]
        assert codes(end_visit(visit, "left", None, later(2))) == ["imported"]


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [
        (-0.001, ["negative"]),
        (math.nan, ["negative"]),
        (math.inf, ["negative"]),
        (1e300, ["clock"]),
        (60 + 86401, ["clock"]),
        (20, ["before_last"]),
        (30, []),
    ],
)
def test_a_time_that_cannot_be_is_refused(app: Flask, elapsed: float, expected: list[str]) -> None:
    with app.app_context():
        visit = new_visit()
        reach_stage(visit, visit.process.stages[0], 30, later(0.5))
        assert codes(reach_stage(visit, visit.process.stages[1], elapsed, later(1))) == expected
        assert len(visit.events) == 2 - bool(expected)


def test_a_tap_that_was_kept_for_more_than_a_day_is_refused(app: Flask) -> None:
    with app.app_context():
        visit = new_visit()
        answer = end_visit(visit, "left", 60.0, NOW + timedelta(hours=24, seconds=61))
        assert codes(answer) == ["clock"]
        assert codes(end_visit(visit, "left", 60.0, NOW + timedelta(hours=24))) == []
        assert visit.ended_at == later(1)


def test_nothing_lies_in_the_future_when_a_device_is_ahead(app: Flask) -> None:
    with app.app_context():
        process, place = make_process(), make_workplace()
        visit, _ = start_visit(
            process, place.leasing, None, "", str(uuid4()), NOW + timedelta(hours=3), NOW
        )
        assert visit is not None
        assert visit.started_at == NOW
        event, _ = reach_stage(visit, process.stages[0], 3600.0, later(1))
        assert event is not None
        assert event.at == later(1)


@pytest.mark.parametrize("hours", [-24.1, 24.1])
def test_a_device_that_is_a_day_off_cannot_start_a_visit(app: Flask, hours: float) -> None:
    with app.app_context():
        process, place = make_process(), make_workplace()
        answer = start_visit(
            process, place.leasing, None, "", str(uuid4()), NOW + timedelta(hours=hours), NOW
        )
        assert codes(answer) == ["clock"]
        assert db.session.query(Visit).count() == 0


def test_a_start_that_cannot_be_is_refused_with_every_reason(app: Flask) -> None:
    with app.app_context():
        process, place = make_process(), make_workplace()
        place.anna.active = False
        answer = start_visit(process, place.credit, place.anna, "x" * 201, "no uuid", None, NOW)
        assert codes(answer) == ["form", "too_long", "inactive", "other_unit"]


def test_a_representative_also_visits_for_the_units_above_their_own(app: Flask) -> None:
    with app.app_context():
        place = make_workplace()
        assert make_visit(make_process(), place.company, place.anna).unit is place.company


def test_the_same_form_starts_one_visit(app: Flask) -> None:
    with app.app_context():
        process, place = make_process(), make_workplace()
        mark = str(uuid4())
        first, _ = start_visit(process, place.leasing, place.anna, "Miller", mark, None, NOW)
        again, _ = start_visit(
            process, place.leasing, place.anna, "Miller ", mark.upper(), None, later(1)
        )
        assert again is first
        assert first is not None
        assert first.started_at == NOW
        other = start_visit(process, place.leasing, place.anna, "Baker", mark, None, later(1))
        assert codes(other) == ["taken"]
        assert db.session.query(Visit).count() == 1


def test_starts_at_the_same_moment_start_one_visit(app: Flask) -> None:
    with app.app_context():
        make_process()
        make_workplace()
        db.session.commit()
    mark = str(uuid4())

    def start() -> int:
        with app.app_context():
            visit, problems = start_visit(
                db.session.query(Process).one(),
                db.session.query(Unit).filter_by(key="leasing").one(),
                db.session.query(Representative).filter_by(key="anna").one(),
                "Miller",
                mark,
                None,
                NOW,
            )
            assert visit is not None, problems
            db.session.commit()
            return visit.id

    assert len(set(at_once(4, start))) == 1
    with app.app_context():
        assert db.session.query(Visit).count() == 1


def test_of_taps_at_the_same_moment_one_counts(app: Flask) -> None:
    with app.app_context():
        visit_id = new_visit().id
        db.session.commit()

    def tap() -> tuple[list[str], list[str]]:
        with app.app_context():
            visit = db.session.get(Visit, visit_id)
            assert visit is not None
            reached = codes(reach_stage(visit, visit.process.stages[0], None, later(1)))
            ended = codes(end_visit(visit, "left", None, later(2)))
            db.session.commit()
            return reached, ended

    answers = at_once(4, tap)
    assert sorted(ended for _reached, ended in answers) == [[], ["ended"], ["ended"], ["ended"]]
    assert all(reached == [] for reached, _ended in answers)
    with app.app_context():
        assert db.session.query(StageEvent).count() == 1

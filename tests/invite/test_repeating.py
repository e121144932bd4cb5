from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from survey_app.accounts.models import AuditEntry
from survey_app.db import db, mark_of
from survey_app.invite.inviting import launch
from survey_app.invite.models import CampaignSeries
from survey_app.invite.repeating import (
    next_turns,
    plan_series,
    resume_series,
    revise_series,
    stop_series,
    window_ends,
)
from tests.factories.campaigns import NOW, make_campaign, make_contact
from tests.factories.series import ZURICH, after_visit, make_series, monthly


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_first_turn_is_the_next_one_in_local_time(app: Flask) -> None:
    with app.app_context():
        # NOW is 1 July, 10:00 in Zurich: nine o'clock of this day is over.
        series = make_series()
        assert series.next_at == utc("2026-08-01 07:00")
        assert next_turns(series, ZURICH) == [
            utc("2026-08-01 07:00"),
            utc("2026-09-01 07:00"),
            utc("2026-10-01 07:00"),
        ]
        assert series.since is None
        entry = db.session.query(AuditEntry).filter_by(action="series added").one()
        assert (entry.subject, entry.detail) == ("Pulse", {"pattern": "Pattern"})


def test_turns_keep_their_local_time_over_the_change_of_the_clocks(app: Flask) -> None:
    with app.app_context():
        plan = monthly(make_campaign(), day=31, at=2 * 60 + 30)
        series = make_series(plan, utc("2027-02-10 12:00"))
        assert next_turns(series, ZURICH) == [
            utc("2027-02-28 01:30"),
            utc("2027-03-31 00:30"),
            utc("2027-04-30 00:30"),
        ]


def test_after_visits_there_is_a_turn_each_day(app: Flask) -> None:
    with app.app_context():
        series = make_series(after_visit(make_campaign()), utc("2026-10-23 12:00"))
        assert series.since == utc("2026-10-23 12:00")
        assert next_turns(series, ZURICH) == [
            utc("2026-10-24 07:00"),
            utc("2026-10-25 08:00"),
            utc("2026-10-26 08:00"),
        ]


def test_links_work_until_the_end_of_the_local_day() -> None:
    # 14 days after 15 October is 29 October, whose end is 23:00 UTC: summer time is over.
    assert window_ends(utc("2026-10-15 07:00"), 14, ZURICH) == utc("2026-10-29 23:00")
    assert window_ends(utc("2026-10-15 07:00"), 1, ZoneInfo("UTC")) == utc("2026-10-17 00:00")


@pytest.mark.parametrize(
    ("fields", "place", "code"),
    [
        ({"name": "  "}, "name", "empty"),
        ({"name": "x" * 91}, "name", "too_long"),
        ({"day": 0}, "day of the month", "out_of_range"),
        ({"day": 32}, "day of the month", "out_of_range"),
        ({"at": 1440}, "time of day", "out_of_range"),
        ({"open_days": 0}, "days open", "out_of_range"),
        ({"open_days": 366}, "days open", "out_of_range"),
    ],
)
def test_what_cannot_be_is_told_with_its_place_and_nothing_is_stored(
    fields: dict[str, Any], place: str, code: str, app: Flask
) -> None:
    with app.app_context():
        series, problems = plan_series(monthly(make_campaign(), **fields), ZURICH, NOW)
        assert series is None
        assert [(problem.place, problem.code) for problem in problems] == [(place, code)]
        assert db.session.query(CampaignSeries).count() == 0


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"days": 0}, "days after the visit"),
        ({"days": 91}, "days after the visit"),
        ({"process_key": ""}, "kind of visit"),
    ],
)
def test_what_cannot_be_after_a_visit_is_told(
    fields: dict[str, Any], place: str, app: Flask
) -> None:
    with app.app_context():
        series, problems = plan_series(after_visit(make_campaign(), **fields), ZURICH, NOW)
        assert series is None
        assert [problem.place for problem in problems] == [place]


def test_after_a_visit_no_sample_is_drawn(app: Flask) -> None:
    with app.app_context():
        pattern = make_campaign()
        pattern.sample_size = 10
        db.session.flush()
        _, problems = plan_series(after_visit(pattern), ZURICH, NOW)
        assert [problem.code for problem in problems] == ["sample"]
        assert make_series(monthly(pattern)).pattern_id == pattern.id


def test_a_campaign_that_was_sent_is_no_pattern(app: Flask) -> None:
    with app.app_context():
        make_contact()
        campaign = make_campaign()
        launch(campaign, NOW)
        _, problems = plan_series(monthly(campaign), ZURICH, NOW)
        assert [(problem.place, problem.code) for problem in problems] == [("pattern", "launched")]


def test_two_series_have_two_names(app: Flask) -> None:
    with app.app_context():
        first = make_series()
        second, problems = plan_series(monthly(first.pattern, name=" Pulse "), ZURICH, NOW)
        assert second is None
        assert [(problem.place, problem.code) for problem in problems] == [("name", "taken")]
        other = make_series(monthly(first.pattern, name="Other"))
        revised, problems = revise_series(other, monthly(first.pattern), ZURICH, NOW)
        assert revised is None
        assert [problem.code for problem in problems] == ["taken"]
        assert db.session.get_one(CampaignSeries, other.id).name == "Other"


def test_another_day_counts_from_the_next_turn_on(app: Flask) -> None:
    with app.app_context():
        series = make_series()
        plan = replace(monthly(series.pattern), day=20, open_days=3)
        revised, problems = revise_series(series, plan, ZURICH, NOW, mark_of(series))
        assert problems == []
        assert revised is series
        assert (series.day, series.open_days) == (20, 3)
        assert series.next_at == utc("2026-07-20 07:00")


def test_a_turn_that_is_due_is_not_lost_by_a_change(app: Flask) -> None:
    with app.app_context():
        series = make_series()
        due = series.next_at
        assert due is not None
        revise_series(series, monthly(series.pattern, day=20), ZURICH, due + timedelta(seconds=30))
        assert series.next_at == due


def test_nobody_elses_change_is_lost(app: Flask) -> None:
    with app.app_context():
        series = make_series()
        seen = mark_of(series)
        revise_series(series, monthly(series.pattern, day=20), ZURICH, NOW)
        revised, problems = revise_series(series, monthly(series.pattern), ZURICH, NOW, seen)
        assert revised is None
        assert [problem.code for problem in problems] == ["changed_meanwhile"]
        assert series.day == 20


def test_a_stopped_series_has_no_turn_until_it_goes_on_and_what_came_meanwhile_is_left_out(
    app: Flask,
) -> None:
    with app.app_context():
        series = make_series(after_visit(make_campaign()))
        stop_series(series, NOW)
        stop_series(series, NOW + timedelta(days=1))
        assert (series.stopped_at, series.next_at) == (NOW, None)
        assert next_turns(series, ZURICH) == []
        revise_series(series, after_visit(series.pattern, days=2), ZURICH, NOW)
        assert series.next_at is None
        later = NOW + timedelta(days=30)
        resume_series(series, ZURICH, later)
        assert (series.stopped_at, series.since) == (None, later)
        assert series.next_at == utc("2026-08-01 07:00")
        resume_series(series, ZURICH, later + timedelta(days=30))
        assert series.since == later
        actions = [entry.action for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)]
        assert actions[-3:] == ["series stopped", "series changed", "series resumed"]

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import inspect

from survey_app.accounts.models import AuditEntry
from survey_app.config import Settings
from survey_app.db import db
from survey_app.design.models import QuestionnaireVersion
from survey_app.invite import sending_series
from survey_app.invite import series_jobs as jobs
from survey_app.invite.contact_models import rules
from survey_app.invite.models import Campaign, CampaignSeries, Invitation, OutboxMail
from survey_app.invite.repeating import MONTHLY, stop_series
from survey_app.invite.sending_series import OWN, due_series, free_name, send_turn, take_series
from tests.factories.campaigns import NOW, make_campaign, make_contacts
from tests.factories.databases import make_settings
from tests.factories.series import ZURICH, make_series, monthly

DUE = datetime(2026, 8, 1, 7, 0, tzinfo=UTC)


def notes(action: str) -> list[dict[str, object]]:
    return [entry.detail for entry in db.session.query(AuditEntry).filter_by(action=action)]


def copies() -> list[Campaign]:
    return (
        db.session.query(Campaign)
        .filter(Campaign.series_id.is_not(None))
        .order_by(Campaign.id)
        .all()
    )


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """An organisation in Zurich."""
    return make_settings(tmp_path, database_url, time_zone="Europe/Zurich")


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """The jobs are told that it is this moment."""

    def tell(moment: datetime) -> None:
        monkeypatch.setattr(jobs, "utc_now", lambda: moment)

    return tell


@pytest.fixture
def series_id(app: Flask) -> int:
    """A series on the first of each month at nine for three contacts; open for 14 days."""
    with app.app_context():
        make_contacts(3)
        series_id = make_series().id
        db.session.commit()
    return series_id


def test_a_turn_sends_a_copy_of_the_pattern_once(
    app: Flask, series_id: int, at: Callable[[datetime], None]
) -> None:
    for moment in (DUE - timedelta(seconds=1), DUE, DUE + timedelta(minutes=1)):
        at(moment)
        with app.app_context():
            jobs.send_series()
    with app.app_context():
        [campaign] = copies()
        assert (campaign.name, campaign.series_id) == ("Pulse, August 2026", series_id)
        assert (campaign.launched_at, campaign.opens_at) == (DUE, DUE)
        # The end of 15 August in Zurich.
        assert campaign.closes_at == datetime(2026, 8, 15, 22, 0, tzinfo=UTC)
        assert db.session.query(Invitation).filter_by(campaign_id=campaign.id).count() == 3
        assert {mail.not_before for mail in db.session.query(OutboxMail)} == {DUE}
        assert {one.expires_at for one in db.session.query(Invitation)} == {campaign.closes_at}
        series = db.session.get_one(CampaignSeries, series_id)
        assert series.next_at == datetime(2026, 9, 1, 7, 0, tzinfo=UTC)
        assert series.pattern.launched_at is None


def test_a_copy_has_everything_of_the_pattern_but_what_is_its_own(app: Flask) -> None:
    with app.app_context():
        make_contacts(3)
        pattern = make_campaign(name="Pattern", closes_at=NOW + timedelta(days=1))
        pattern.audience_filter = {"language": ["en", ""]}
        pattern.sample_size, pattern.sample_seed = 2, "seed"
        pattern.reminders, pattern.reminder_days = 2, 3
        pattern.send_from, pattern.send_until, pattern.send_days = 480, 1080, "1111100"
        pattern.quotas = [{"attribute": "language", "value": "en", "limit": 5}]
        pattern.paused_at, pattern.pause_reason = NOW, "Something"
        db.session.flush()
        series = make_series(monthly(pattern))
        campaign = send_turn(series, ZURICH, DUE)
        assert campaign is not None
        names = [column.key for column in inspect(Campaign).column_attrs]
        assert set(names) >= OWN
        for name in set(names) - OWN:
            assert getattr(campaign, name) == getattr(pattern, name), name
        assert campaign.quotas is not pattern.quotas
        assert (campaign.paused_at, campaign.pause_reason) == (None, "")
        assert campaign.sample_seed not in ("", "seed")
        assert db.session.query(Invitation).count() == 2


def test_each_turn_draws_its_own_sample(app: Flask, series_id: int) -> None:
    with app.app_context():
        series = db.session.get_one(CampaignSeries, series_id)
        for _month in range(2):
            assert series.next_at is not None
            send_turn(series, ZURICH, series.next_at)
        first, second = copies()
        assert first.sample_seed != second.sample_seed


def test_where_the_name_is_taken_the_day_is_named(app: Flask, series_id: int) -> None:
    with app.app_context():
        make_campaign(db.session.query(QuestionnaireVersion).one(), name="Pulse, August 2026")
        series = db.session.get_one(CampaignSeries, series_id)
        send_turn(series, ZURICH, DUE)
        assert [campaign.name for campaign in copies()] == ["Pulse, 1 August 2026"]
        assert free_name("Pulse, August 2026", "Pulse, 1 August 2026") == "Pulse, 1 August 2026 (2)"


def test_of_missed_turns_the_latest_is_sent_late_and_the_others_are_noted(
    app: Flask, series_id: int
) -> None:
    with app.app_context():
        series = db.session.get_one(CampaignSeries, series_id)
        now = datetime(2026, 10, 15, 12, 0, tzinfo=UTC)
        campaign = send_turn(series, ZURICH, now)
        assert campaign is not None
        assert campaign.name == "Pulse, October 2026"
        assert campaign.closes_at == datetime(2026, 10, 15, 22, 0, tzinfo=UTC)
        # Nobody is written to in the past.
        assert {mail.not_before for mail in db.session.query(OutboxMail)} == {now}
        assert notes("series missed turns") == [
            {"due": ["2026-08-01T07:00:00+00:00", "2026-09-01T07:00:00+00:00"]}
        ]
        # Summer time is over by then.
        assert series.next_at == datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


def test_a_turn_whose_links_would_not_work_any_more_is_missed(app: Flask, series_id: int) -> None:
    with app.app_context():
        series = db.session.get_one(CampaignSeries, series_id)
        assert send_turn(series, ZURICH, datetime(2026, 8, 15, 22, 0, tzinfo=UTC)) is None
        assert copies() == []
        assert notes("series missed turns") == [{"due": ["2026-08-01T07:00:00+00:00"]}]
        assert series.next_at == datetime(2026, 9, 1, 7, 0, tzinfo=UTC)


def test_a_month_with_nobody_to_ask_is_noted_and_leaves_no_campaign(app: Flask) -> None:
    with app.app_context():
        series = make_series()
        assert send_turn(series, ZURICH, DUE) is None
        assert copies() == []
        [note] = notes("series not sent")
        assert note["due"] == "2026-08-01T07:00:00+00:00"
        assert "no contacts who may be invited" in str(note["reasons"])
        assert notes("campaign sent") == []
        assert series.next_at == datetime(2026, 9, 1, 7, 0, tzinfo=UTC)


def test_who_was_asked_lately_is_not_asked_by_the_next_turn(app: Flask, series_id: int) -> None:
    with app.app_context():
        rules().fatigue_days = 40
        series = db.session.get_one(CampaignSeries, series_id)
        assert send_turn(series, ZURICH, DUE) is not None
        assert send_turn(series, ZURICH, datetime(2026, 9, 1, 7, 0, tzinfo=UTC)) is None
        assert send_turn(series, ZURICH, datetime(2026, 10, 1, 7, 0, tzinfo=UTC)) is not None


def test_a_stopped_series_sends_nothing(
    app: Flask, series_id: int, at: Callable[[datetime], None]
) -> None:
    with app.app_context():
        stop_series(db.session.get_one(CampaignSeries, series_id), NOW)
        db.session.commit()
        at(DUE)
        jobs.send_series()
        assert copies() == []


def test_a_worker_that_dies_before_the_commit_leaves_the_turn_due_and_whole(
    app: Flask, series_id: int, at: Callable[[datetime], None]
) -> None:
    with app.app_context():
        series = take_series(series_id, DUE)
        assert series is not None
        assert send_turn(series, ZURICH, DUE) is not None
        # As when the connection goes: nothing of it was there.
        db.session.rollback()
        assert copies() == []
        assert due_series(MONTHLY, DUE) == [series_id]
        db.session.rollback()
        at(DUE)
        jobs.send_series()
        assert len(copies()) == 1
        assert db.session.query(Invitation).count() == 3


def test_two_workers_send_a_turn_once(
    app: Flask, series_id: int, at: Callable[[datetime], None]
) -> None:
    at(DUE)
    start = threading.Barrier(2)

    def work() -> None:
        with app.app_context():
            start.wait()
            jobs.send_series()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    with app.app_context():
        assert len(copies()) == 1
        assert db.session.query(Invitation).count() == 3
        assert db.session.query(OutboxMail).count() == 3


def test_a_series_that_one_worker_is_at_is_passed_over_by_another(
    app: Flask, series_id: int
) -> None:
    def look() -> bool:
        with app.app_context():
            return take_series(series_id, DUE) is not None

    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            pytest.skip("SQLite has one writer at a time, so the other one waits.")
        assert take_series(series_id, DUE) is not None
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(look).result() is False
        db.session.rollback()
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(look).result() is True


def test_a_series_that_fails_keeps_no_other_waiting(
    app: Flask,
    series_id: int,
    at: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with app.app_context():
        pattern = db.session.get_one(CampaignSeries, series_id).pattern
        other_id = make_series(monthly(pattern, name="Other")).id
        db.session.commit()
    whole = sending_series.send_turn

    def fail_for_one(series: CampaignSeries, *arguments: object) -> Campaign | None:
        if series.id == series_id:
            raise RuntimeError("broken")
        return whole(series, *arguments)

    monkeypatch.setattr(jobs, "send_turn", fail_for_one)
    at(DUE)
    with app.app_context():
        jobs.send_series()
        assert [campaign.series_id for campaign in copies()] == [other_id]
        assert f"The turn of the series {series_id} could not be sent" in caplog.text
        assert due_series(MONTHLY, DUE) == [series_id]

"""What runs raise and resolve, in whichever order they are made; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.invite.contact_models import Contact
from survey_app.invite.models import Invitation
from survey_app.report.alerts.kinds import DEFAULTS, VERDICT_TURNED
from survey_app.report.alerts.looking import look_at_run, read_numbers
from survey_app.report.alerts.models import Alert, AlertEvent
from survey_app.report.alerts.ruling import change_rule
from survey_app.report.alerts.watching import next_run, note_look
from survey_app.report.closing import close_period
from survey_app.report.models import ScoreRun
from tests.factories.campaigns import make_campaign, make_version
from tests.factories.scorings import DEFINITION as QUESTIONNAIRE
from tests.factories.scorings import SCOREBOOK
from tests.report.alerts.stored_runs import (
    DEFINITION,
    make_goal_row,
    make_row,
    store_run,
    store_values,
    store_verdicts,
    verdict_row,
)

ZONE = ZoneInfo("Europe/Zurich")
NOW = datetime(2026, 9, 2, 8, tzinfo=UTC)
# As computed by hand in test_signalling, their limits are 10 ± 9.668.
STEADY = [10.0, *([12.0, 8.0] * 5), 10.0]


@pytest.fixture(autouse=True)
def _context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def look() -> list[tuple[str, str, str]]:
    """Look at all that is due, as the job does; what is new: direction, scope and period."""
    raised = []
    while (run := next_run()) is not None:
        judge = read_numbers(run, ZONE)
        if judge is not None:
            raised += look_at_run(run, judge, NOW)
        note_look(run, NOW)
        db.session.commit()
    return [(one.direction, one.scope_id, one.period_label) for one in raised]


def standing() -> list[tuple[str, str]]:
    """Direction and period of the alerts that are open."""
    found = db.session.query(Alert).filter(Alert.resolved_at.is_(None)).order_by(Alert.id)
    return [(one.direction, one.period_label) for one in found]


def events() -> list[str]:
    """What became of all alerts, in order."""
    return [one.what for one in db.session.query(AlertEvent).order_by(AlertEvent.id)]


def test_a_verdict_that_turned_is_told_once_with_its_words() -> None:
    store_verdicts(june="met", july="not_met")
    assert look() == [("not_met", "", "2026-07")]
    alert = db.session.query(Alert).one()
    assert alert.title == "Sales misses its target in 2026-07; in 2026-06 it met it"
    assert alert.sentence == "Counted in full: 30.0 CHF worse than the target of 120 CHF."
    assert alert.run is not None
    assert alert.run.period_label == "2026-07"
    assert events() == ["raised"]
    assert look() == []


def test_an_undetermined_month_between_does_not_hide_it() -> None:
    store_verdicts(may="not_met", june="undetermined", july="met")
    assert look() == [("met", "", "2026-07")]
    alert = db.session.query(Alert).one()
    assert "Since 2026-05 nothing was certain." in alert.sentence


@pytest.mark.parametrize("verdict", ["undetermined", "suppressed", "no_data", "no_target", "met"])
def test_nothing_is_raised_where_nothing_turned_for_certain(verdict: str) -> None:
    store_verdicts(june="met", july=verdict)
    assert look() == []


def test_a_run_from_before_the_end_of_its_period_raises_nothing() -> None:
    store_verdicts(june="met")
    began = datetime(2026, 7, 31, 21, 59, tzinfo=UTC)
    store_run("2026-07", [verdict_row("2026-07", "not_met")], started_at=began)
    assert look() == []
    # In Zurich July ends at 22:00 UTC.
    began += timedelta(minutes=1)
    store_run("2026-07", [verdict_row("2026-07", "not_met")], started_at=began)
    assert look() == [("not_met", "", "2026-07")]


def test_the_window_of_twelve_months_and_rows_of_a_dimension_raise_nothing() -> None:
    for label, verdict in (("2026-06", "met"), ("2026-07", "not_met")):
        store_run(
            label,
            [
                verdict_row(label, "undetermined"),
                verdict_row(label, verdict, window="trailing_12_months"),
                verdict_row(label, verdict, dim_channel="web"),
            ],
        )
    assert look() == []


def test_the_companys_own_unit_is_not_told_twice() -> None:
    for label, verdict in (("2026-06", "met"), ("2026-07", "not_met")):
        of_unit = {"scope_type": "unit", "scope_id": "company"}
        rows = [verdict_row(label, verdict), verdict_row(label, verdict, **of_unit)]
        store_run(label, rows)
    assert look() == [("not_met", "", "2026-07")]


def test_goals_turn_like_kpis() -> None:
    store_run("2026-06", [], [make_goal_row("2026-06", "met")])
    store_run("2026-07", [], [make_goal_row("2026-07", "not_met")])
    assert look() == [("not_met", "", "2026-07")]
    alert = db.session.query(Alert).one()
    assert (alert.subject_type, alert.subject_name) == ("goal", "Trade")
    assert "Its score is 62.0 of 100" in alert.sentence


def test_months_are_not_compared_with_quarters() -> None:
    store_run("2026-Q2", [verdict_row("2026-Q2", "met")])
    store_run("2026-07", [verdict_row("2026-07", "not_met")])
    assert look() == []


def test_a_changed_target_and_definition_are_told() -> None:
    store_run("2026-06", [verdict_row("2026-06", "met", target=100.0)])
    other = DEFINITION | {"statistic": "last"}
    store_run("2026-07", [verdict_row("2026-07", "not_met")], definition=other)
    assert look() == [("not_met", "", "2026-07")]
    sentence = db.session.query(Alert).one().sentence
    assert "The target was 100 CHF then and is 120 CHF now." in sentence
    assert "its definition was changed" in sentence


def test_a_period_scored_again_raises_nothing_twice() -> None:
    store_verdicts(june="met", july="not_met")
    look()
    store_verdicts(july="not_met")
    assert look() == []
    assert db.session.query(Alert).count() == 1
    assert events() == ["raised"]


def test_what_a_newer_run_of_the_period_does_not_say_any_more_is_resolved() -> None:
    store_verdicts(june="met", july="not_met")
    look()
    store_verdicts(july="undetermined")
    assert look() == []
    alert = db.session.query(Alert).one()
    newest = db.session.query(ScoreRun).order_by(ScoreRun.id.desc()).first()
    assert newest is not None
    assert (standing(), alert.resolved_by_id) == ([], newest.id)
    # And a third one finds it again: it is open, and nobody is told twice.
    store_verdicts(july="not_met")
    assert look() == []
    assert standing() == [("not_met", "2026-07")]
    assert events() == ["raised", "resolved", "reopened"]


def test_a_later_period_that_says_otherwise_resolves_and_raises_the_opposite() -> None:
    store_verdicts(may="met", june="not_met")
    look()
    store_verdicts(july="met")
    assert look() == [("met", "", "2026-07")]
    assert standing() == [("met", "2026-07")]
    last = db.session.query(AlertEvent).filter_by(what="resolved").one()
    assert last.note == "2026-07 says otherwise."


def test_when_the_later_period_does_not_say_otherwise_any_more_it_is_open_again() -> None:
    store_verdicts(may="met", june="not_met", july="undetermined")
    look()
    store_verdicts(july="met")
    assert look() == [("met", "", "2026-07")]
    store_verdicts(july="undetermined")
    assert look() == []
    assert standing() == [("not_met", "2026-06")]


def test_an_undetermined_later_period_leaves_it_open() -> None:
    store_verdicts(may="met", june="not_met", july="undetermined")
    assert look() == [("not_met", "", "2026-06")]
    assert standing() == [("not_met", "2026-06")]


def test_when_the_period_before_is_scored_again_what_rested_on_it_is_judged_anew() -> None:
    store_verdicts(june="met", july="not_met")
    assert look() == [("not_met", "", "2026-07")]
    store_verdicts(june="not_met")
    assert look() == []
    assert standing() == []


def test_a_late_look_back_raises_nothing_that_a_later_period_has_settled() -> None:
    store_verdicts(may="met", july="met")
    look()
    store_verdicts(june="not_met")
    # July is met after June was not: that is news; June itself is not any more.
    assert look() == [("met", "", "2026-07")]


def test_the_run_that_a_period_is_closed_with_counts_not_the_newest() -> None:
    store_verdicts(june="met", july="met")
    first = db.session.query(ScoreRun).filter_by(period_label="2026-07").one()
    store_verdicts(july="not_met")
    assert look() == [("not_met", "", "2026-07")]
    closing, problems = close_period(first, "", NOW, ZONE)
    assert (closing is not None, problems) == (True, [])
    db.session.commit()
    assert look() == []
    assert standing() == []


def test_a_run_of_a_closed_period_counts_as_the_period_before() -> None:
    store_verdicts(june="met")
    close_period(db.session.query(ScoreRun).one(), "", NOW, ZONE)
    db.session.commit()
    store_verdicts(july="not_met")
    assert look() == [("not_met", "", "2026-07")]


def test_a_value_outside_its_limits_and_back_again() -> None:
    store_values(STEADY)
    assert look() == []
    store_run("2026-01", [make_row("2026-01", value=20.0)])
    assert look() == [("above", "", "2026-01")]
    alert = db.session.query(Alert).one()
    assert alert.title == "Sales lies above its limits in 2026-01"
    assert alert.sentence == (
        "The value is 20.0 CHF. The 12 months before it have a mean of 10.0 CHF and lead to expect "
        "0.3 CHF to 19.7 CHF."
    )
    store_run("2026-02", [make_row("2026-02", value=11.0)])
    assert look() == []
    assert standing() == []


@pytest.mark.parametrize("withheld", [{"verdict": "suppressed"}, {"suppressed_reason": "few"}])
def test_a_withheld_value_is_never_told(withheld: dict[str, Any]) -> None:
    store_values(STEADY)
    store_run("2026-01", [make_row("2026-01", value=20.0, **withheld)])
    assert look() == []


def test_a_row_of_values_on_one_side_is_one_alert_however_long_it_grows() -> None:
    values = [5.0, 7.0] * 6 + [12.0, 11.0, 13.0, 12.0, 12.0, 11.0, 13.0]
    store_values(values)
    look()
    labels = [("2026-08", 12.0), ("2026-09", 11.0), ("2026-10", 12.0)]
    found = []
    for label, value in labels:
        store_run(label, [make_row(label, value=value)])
        found += [one for one in look() if one[0] == "run_above"]
    assert found == [("run_above", "", "2026-08")]
    alert = db.session.query(Alert).filter_by(direction="run_above").one()
    assert alert.title == "Sales lies above its mean for the eighth month in a row in 2026-08"


def test_limits_of_a_representative_are_not_watched_unless_wanted() -> None:
    of_anna = {"scope_type": "representative", "scope_id": "anna", "scope_name": "Anna Weber"}
    for month, value in enumerate([*STEADY, 50.0]):
        label = f"{2025 + month // 12}-{month % 12 + 1:02d}"
        store_run(label, [make_row(label, value=value, **of_anna)])
    assert look() == []


def invite(count: int) -> None:
    """So many invitations of July to the questionnaire that 'mean_q1' asks."""
    campaign = make_campaign(make_version(QUESTIONNAIRE))
    for number in range(count):
        contact = Contact(email=f"p{number}@example.org", name="P", created_at=NOW)
        db.session.add(contact)
        db.session.flush()
        db.session.add(
            Invitation(
                campaign_id=campaign.id,
                contact_id=contact.id,
                questionnaire_key=campaign.questionnaire_key,
                version_number=campaign.version_number,
                attributes={},
                created_at=datetime(2026, 7, 10, tzinfo=UTC),
            )
        )
    db.session.commit()


@pytest.mark.parametrize(("rate", "found"), [(0.08, True), (0.16, False), (0.3, False)])
def test_few_answers_of_many_invited_are_told(rate: float, found: bool) -> None:
    # Of 50 invited: the upper ends are 18.8 % of 4, and 28.5 % of 8 answers.
    invite(50)
    row = verdict_row("2026-07", "met", kpi_id="mean_q1", kpi_name="Rating", response_rate=rate)
    definition = DEFINITION | {"id": "mean_q1"}
    store_run("2026-07", [row], definition=definition, scorebook=SCOREBOOK)
    assert look() == ([("low", "", "2026-07")] if found else [])
    if found:
        alert = db.session.query(Alert).one()
        assert alert.title == "Few answers to Rating in 2026-07: 8.00 % of those invited"
        assert alert.sentence.startswith("4 of 50 invited have answered.")


def test_a_kind_that_is_switched_off_raises_and_resolves_nothing() -> None:
    store_verdicts(may="met", june="not_met")
    look()
    off = replace(DEFAULTS[VERDICT_TURNED], enabled=False)
    assert change_rule(off, {"all", "unit", "representative"}, NOW) == []
    store_verdicts(july="met")
    assert look() == []
    assert standing() == [("not_met", "2026-06")]


@pytest.mark.parametrize(
    ("subjects", "found"), [(("kpi:sales",), 1), (("goal:trade",), 1), (("kpi:other",), 0)]
)
def test_a_rule_may_be_for_some_kpis_or_goals_alone(subjects: tuple[str, ...], found: int) -> None:
    narrow = replace(DEFAULTS[VERDICT_TURNED], subjects=subjects, scopes=("all",))
    assert change_rule(narrow, {"all"}, NOW) == []
    store_verdicts(june="met", july="not_met")
    assert len(look()) == found

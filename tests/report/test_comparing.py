"""Every number that differs between two runs is told with why; nothing is unexplained."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from survey_app.db import db
from survey_app.goals.defining import store_kpi
from survey_app.goals.queries import build_scorebook, kpi_versions
from survey_app.goals.targeting import set_target
from survey_app.goals.wanted import WantedTarget
from survey_app.organisation.arranging import add_representative, grant_sight
from survey_app.organisation.models import Representative
from survey_app.report import running
from survey_app.report.causes import Explainer
from survey_app.report.comparing import Comparison, compare_runs
from survey_app.report.jobs import score_now
from survey_app.report.models import ScoreRun
from survey_app.report.queries import SeenResults, stream_rows
from tests.factories.people import add_user, sign_in
from tests.factories.reports import make_scored_july
from tests.factories.scorings import (
    NOW,
    ZONE,
    add_figures,
    add_response,
    unit,
)

EVERYTHING = SeenResults(True, ())


@pytest.fixture
def starting_point() -> Callable[[], None]:
    return make_scored_july


@pytest.fixture
def first(app: Flask) -> str:
    """A scored July."""
    with app.app_context():
        grant_sight(add_user("analyst"), unit("company"))
        grant_sight(add_user("analyst", "sales@example.org"), unit("sales"))
        db.session.commit()
        return db.session.query(ScoreRun).one().public_id


def run_of(public_id: str) -> ScoreRun:
    return db.session.query(ScoreRun).filter_by(public_id=public_id).one()


def compare_again(first: str, period: str = "2026-07") -> Comparison:
    """Score again after a change, and compare."""
    db.session.commit()
    return compare_runs(run_of(first), score_now(period, NOW), EVERYTHING)


def kinds(comparison: Comparison) -> dict[tuple[str, str], set[str]]:
    """By KPI and scope, the kinds of cause for its number over the period."""
    return {
        (one.row["kpi_id"], one.row["scope_id"]): {cause.kind for cause in one.causes}
        for one in comparison.differences
        if one.row["window"] == "period"
    }


def change_definition() -> None:
    book = build_scorebook("UTC")
    kpi = next(one for one in book.kpis if one.id == "top_q1")
    changed = {**vars(kpi), "cut": 3.0}
    kpi_, problems = store_kpi(type(kpi)(**changed), kpi_versions("top_q1")[0].version, NOW)
    assert kpi_ is not None, problems


def change_target() -> None:
    target, problems = set_target(
        WantedTarget("sales", "all", "", 170, datetime(2026, 7, 1).date()),
        datetime(2026, 7, 5, tzinfo=UTC),
        ZONE,
    )
    assert target is not None, problems


def change_answers() -> None:
    add_response("anna", 1, 0)


def change_figures() -> None:
    add_figures([("sales", "anna", 90.0)])


def change_organisation() -> None:
    db.session.query(Representative).filter_by(key="ben").one().unit_id = unit("leasing").id


def test_a_run_made_again_without_any_change_differs_in_nothing(app: Flask, first: str) -> None:
    with app.app_context():
        comparison = compare_again(first)
        assert comparison.differences == ()
        assert comparison.general == ()
        assert comparison.alike == 72


@pytest.mark.parametrize(
    ("change", "kind", "kpis"),
    [
        (change_definition, "definition", {"top_q1"}),
        (change_target, "target", {"sales"}),
        (change_answers, "facts", {"mean_q1", "top_q1", "recommend"}),
        (change_figures, "facts", {"sales", "margin"}),
    ],
)
def test_each_change_alone_explains_what_differs(
    app: Flask, first: str, change: Callable[[], Any], kind: str, kpis: set[str]
) -> None:
    with app.app_context():
        change()
        found = kinds(compare_again(first))
        assert {kpi for kpi, _scope in found} == kpis
        assert set().union(*found.values()) == {kind}


def test_the_sentences_say_what_changed_from_what_to_what(app: Flask, first: str) -> None:
    with app.app_context():
        change_definition()
        change_target()
        change_answers()
        told = {
            cause.sentence
            for one in compare_again(first).differences
            if one.row["scope_type"] == "all" and one.row["window"] == "period"
            for cause in one.causes
        }
        assert "The definition changed from version 1 to 2 (cut: 4 → 3)." in told
        assert "The target changed: 120 (version 1 for all), then 170 (version 2 for all)." in told
        # 7 responses of two rated questions, then 8.
        assert (
            "New or changed facts: ratings of 2026-07 (14 rows, then 16). n was 7 and is 8." in told
        )


def test_a_representative_who_moves_or_comes_explains_rows(app: Flask, first: str) -> None:
    with app.app_context():
        add_representative("cleo", "Cleo Berg", unit("sales"))
        change_organisation()
        comparison = compare_again(first)
        found = kinds(comparison)
        assert found["mean_q1", "cleo"] == {"organisation"}
        assert all("unexplained" not in causes for causes in found.values())


def test_other_code_and_another_period_are_told_of_everything(
    app: Flask, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        monkeypatch.setattr(running, "code_version", lambda: "0.2.0+abc")
        comparison = compare_again(first, "2026-Q3")
        assert [cause.kind for cause in comparison.general] == ["period", "code"]
        assert all({"period", "code"} <= causes for causes in kinds(comparison).values())


def test_the_page_shows_the_differences_in_sight_alone(app: Flask, first: str) -> None:
    with app.app_context():
        change_figures()
        db.session.commit()
        second = score_now("2026-07", NOW).public_id
    address = f"/report/compare?first={first}&second={second}"
    page = sign_in(app, "analyst@example.org").get(address).text
    assert "Anna Weber" in page
    assert "figures of 2026-07" in page
    part = sign_in(app, "sales@example.org").get(address).text
    assert "Anna Weber" not in part
    assert "Nothing differs" in part


def test_two_runs_must_be_chosen_and_done(app: Flask, first: str) -> None:
    client = sign_in(app, "analyst@example.org")
    assert "There are no two runs to compare yet" in client.get("/report/compare").text
    assert client.get(f"/report/compare?first={first}&second=x").status_code == 404


def test_turned_verdicts_come_first_and_what_is_not_told_is_counted(app: Flask, first: str) -> None:
    with app.app_context():
        change_target()
        change_answers()
        told = compare_again(first)
        turned = [
            one.row["verdict"] != (one.first or {}).get("verdict") for one in told.differences
        ]
        assert turned == sorted(turned, reverse=True)
        assert 0 < sum(turned) < len(turned)
        assert told.count == len(told.differences)
        newest = db.session.query(ScoreRun).order_by(ScoreRun.id.desc()).first()
        assert newest is not None
        some = compare_runs(run_of(first), newest, EVERYTHING, most=2)
        assert some.differences == told.differences[:2]
        assert (some.count, some.alike) == (told.count, told.alike)


def test_a_kpi_declared_for_more_explains_what_is_withheld_of_others(
    app: Flask, first: str
) -> None:
    with app.app_context():
        explain = Explainer(run_of(first), run_of(first))
        row, *_others = stream_rows(run_of(first).id, EVERYTHING)
        wider = deepcopy(explain.cards[1])
        wider["kpis"][row["kpi_id"]]["definition"]["scopes"] = ["all"]
        explain.cards = (explain.cards[0], wider)
        withheld = row | {"suppressed_reason": "confidential", "value": None}
        assert {one.kind for one in explain.causes_of(row, withheld)} == {"definition"}
        assert {one.kind for one in explain.causes_of(row, row)} == {"unexplained"}

"""Goals of a run, from facts to verdict."""

import pytest

from analysis.goals import GOAL_COLUMNS
from analysis.periods import Period
from analysis.pipeline import score_kpis
from tests.analysis.building import AFTER, answers, book, figure_kpi, kpi, median_kpi, write_facts

JULY = Period.parse("2026-07")
SECOND = {"questionnaire": "feedback", "question": "q2"}


def goal(**changes):
    return {"id": "quality", "name": "Quality"} | changes


def score(folder, *entries, seed=1, **changes):
    return score_kpis(folder, book(*entries, **changes), JULY, now=AFTER, seed=seed)


def everybody(scores):
    """The goals of everybody over the period itself, by id."""
    rows = scores.goals.to_pylist()
    return {
        row["goal_id"]: row
        for row in rows
        if row["scope_type"] == "all" and row["window"] == "period"
    }


@pytest.fixture
def folder(tmp_path):
    """Question 1: mean 8; question 2: mean 4; a sum of 5."""
    first = answers([7.0, 8.0, 9.0, 8.0], unit="berne", representative="anna")
    second = answers([4.0, 3.0, 5.0], unit="leasing", question="q2")
    write_facts(tmp_path, "ratings", first + second)
    return write_facts(tmp_path, "figures", [{"value": 5.0, "unit": "sales"}])


def test_a_goal_is_the_weighted_mean_of_its_kpis_scores(folder):
    found = everybody(score(folder, kpi(weight=3), kpi(id="two", source=SECOND)))["quality"]
    # Scores 80 and 40, weights 3 and 1.
    assert found["score"] == pytest.approx(70)
    assert found["score_low"] < 70 < found["score_high"]
    assert (found["ci_level"], found["coverage"], found["kpis"]) == (0.9, 1, 2)
    assert (found["worst_kpi_id"], found["worst_score"]) == ("two", pytest.approx(40))


def test_a_geometric_goal_lets_no_good_kpi_buy_off_a_bad_one(folder):
    goals = [goal(aggregation="geometric")]
    found = everybody(score(folder, kpi(), kpi(id="two", source=SECOND), goals=goals))["quality"]
    assert found["score"] == pytest.approx((80 * 40) ** 0.5)


def test_what_is_missing_is_reweighted_and_told_by_the_coverage(folder):
    missing = kpi(id="three", weight=1, source={"questionnaire": "feedback", "question": "q3"})
    scores = score(folder, kpi(weight=3), missing)
    found = everybody(scores)["quality"]
    assert (found["score"], found["coverage"]) == (pytest.approx(80), 0.75)
    assert {row["coverage"] for row in scores if row["scope_type"] == "all"} == {0.75}


def test_under_its_least_coverage_a_goal_has_no_score_and_says_so(folder):
    missing = kpi(id="three", weight=3, source={"questionnaire": "feedback", "question": "q3"})
    found = everybody(score(folder, kpi(), missing))["quality"]
    assert (found["score"], found["verdict"]) == (None, "no_data")
    assert found["verdict_reason"] == (
        "Only 25% of the weight of its KPIs has a score; 50% are needed."
    )


def test_a_goal_without_any_score_is_no_data(folder):
    nothing = kpi(source={"questionnaire": "feedback", "question": "q3"})
    found = everybody(score(folder, nothing))["quality"]
    assert (found["score"], found["verdict"], found["worst_kpi_id"]) == (None, "no_data", "")
    assert found["verdict_reason"] == "None of its KPIs has a score."


@pytest.mark.parametrize(
    ("aim", "verdict"), [(20, "met"), (80, "undetermined"), (99, "not_met"), (None, "no_target")]
)
def test_a_goal_is_judged_by_the_interval_of_its_score(folder, aim, verdict):
    goals = [goal() if aim is None else goal(target=aim)]
    found = everybody(score(folder, kpi(), goals=goals))["quality"]
    assert found["verdict"] == verdict
    if aim is not None:
        assert (found["chance_met"] > 0.95) == (verdict == "met")
        assert (found["chance_met"] < 0.05) == (verdict == "not_met")


def test_complete_counts_alone_are_judged_without_an_interval(folder):
    goals = [goal(target=40)]
    found = everybody(score(folder, figure_kpi(score={"worst": 0, "best": 10}), goals=goals))
    assert (found["quality"]["score"], found["quality"]["verdict"]) == (50, "met")


def test_a_goal_of_an_unfinished_period_is_provisional(folder):
    scores = score_kpis(folder, book(kpi()), JULY, now=AFTER.replace(month=7, day=20), seed=1)
    found = everybody(scores)["quality"]
    assert found["verdict"] == "provisional"
    assert found["verdict_reason"].startswith("The period is not over yet. So far: ")


def test_only_kpis_that_are_declared_for_a_scope_count_there(folder):
    """Anna has a KPI of her own, and it is no part of anybody else's goal."""
    own = kpi(id="own", source=SECOND, scopes=["representative"], **{"for": ["anna"]})
    rows = score(folder, kpi(), own).goals.to_pylist()
    kpis = {row["scope_id"]: row["kpis"] for row in rows if row["window"] == "period"}
    assert kpis == {"": 1, "company": 1, "leasing": 1, "berne": 1, "sales": 1, "anna": 2, "ben": 1}


def test_a_scope_without_any_kpi_of_a_goal_has_no_row(folder):
    rows = score(folder, kpi(scopes=["all"])).goals.to_pylist()
    assert {row["scope_type"] for row in rows} == {"all"}
    assert [len(row) for row in rows] == [len(GOAL_COLUMNS)] * 2


def test_a_median_that_never_comes_counts_as_the_worst_score(tmp_path):
    write_facts(tmp_path, "durations", [{"seconds": 5.0, "event": "left"}] * 60)
    write_facts(tmp_path, "ratings", answers([7.0, 8.0, 9.0]))
    found = everybody(score(tmp_path, kpi(), median_kpi(id="m")))["quality"]
    assert (found["score"], found["worst_kpi_id"]) == (pytest.approx(40), "m")


def test_the_seed_decides_the_draws(folder):
    first, again, other = (
        everybody(score(folder, kpi(), kpi(id="two", source=SECOND), seed=seed))["quality"]
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first["score"] == other["score"]
    assert first["score_low"] != other["score_low"]
    assert first["score_low"] == pytest.approx(other["score_low"], abs=0.5)

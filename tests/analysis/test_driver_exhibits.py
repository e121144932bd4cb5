"""Drivers: which question is the outcome, and the numbers of the importance functions."""

import numpy as np
import pytest
from scipy import stats

from analysis.driver_exhibits import choose_drivers
from analysis.drivers import complete_rows
from analysis.importance import bootstrap_interval, importance, lmg
from tests.analysis.building import book, kpi, write_facts
from tests.analysis.test_exhibits import exhibits


def asking(question, **changes):
    source = {"questionnaire": "feedback", "question": question}
    return kpi(id=question, name=question.title(), source=source, **changes)


NET = asking("q9", statistic="net_score", score={"worst": -100, "best": 100})
LOWER = {"direction": "lower_is_better", "score": {"worst": 10, "best": 0}}


def respond(folder, answers, unit="sales", month="2026-07"):
    """Rows of responses: {question: values}, NaN for skipped."""
    rows = [
        {"response": f"r{number:03d}", "question": question, "unit": unit}
        | ({"missing": "skipped"} if np.isnan(value) else {"value": float(value)})
        for question, values in answers.items()
        for number, value in enumerate(values)
    ]
    return write_facts(folder, "ratings", rows, month)


@pytest.fixture
def given():
    random = np.random.default_rng(3)
    first, second = random.integers(0, 11, (2, 80)).astype(float)
    outcome = np.clip(np.rint(0.6 * first + 0.2 * second + random.normal(0, 1, 80)), 0, 10)
    second[:4] = np.nan
    return {"q9": outcome, "q1": first, "q2": second}


def test_the_outcome_is_the_net_score_or_else_the_first():
    (one,) = choose_drivers(book(asking("q1"), asking("q2"), NET))
    assert (one.outcome.key, [driver.key for driver in one.drivers]) == ("q9", ["q1", "q2"])
    (one,) = choose_drivers(book(asking("q1"), asking("q2"), asking("q3")))
    assert (one.outcome.key, [driver.key for driver in one.drivers]) == ("q1", ["q2", "q3"])
    assert choose_drivers(book(asking("q1"), NET)) == []


def test_importance_and_performance_are_those_of_the_complete_responses(tmp_path, given):
    found = exhibits(respond(tmp_path, given), book(asking("q1"), asking("q2", **LOWER), NET))
    told = found["drivers", "q9", "all"]
    # On the 0-10 scale ten times an answer is per cent of it; of q2 low answers are the good ones.
    columns = 10 * np.column_stack([given["q1"], 10 - given["q2"]])
    rows = complete_rows(["Q1", "Q2"], columns, 10 * given["q9"])
    expected = importance(rows)
    assert (told["n"], told["n_rows"]) == (76, 80)
    assert told["r2"] == pytest.approx(expected.r2)
    assert [one["importance"] for one in told["drivers"]] == pytest.approx(expected.lmg)
    assert [one["performance"] for one in told["drivers"]] == pytest.approx(
        columns[4:].mean(axis=0)
    )
    first = told["drivers"][0]
    mean, error = columns[4:, 0].mean(), stats.sem(columns[4:, 0])
    low, high = stats.t.interval(0.95, 75, mean, error)
    assert (first["performance_low"], first["performance_high"]) == pytest.approx((low, high))
    bounds = bootstrap_interval(rows, lmg, 1, 400)
    assert (first["low"], first["high"]) == pytest.approx((bounds.low[0], bounds.high[0]))


def test_the_newest_series_of_each_question_counts(tmp_path, given):
    respond(tmp_path, given)
    respond(tmp_path, {"q9": [0.0], "q1": [10.0], "q2": [10.0]}, month="2026-06")
    told = exhibits(tmp_path, book(asking("q1"), asking("q2"), NET))["drivers", "q9", "all"]
    assert told["n"] == 77


def test_too_few_complete_responses_have_a_reason(tmp_path, given):
    few = {question: values[:30] for question, values in given.items()}
    found = exhibits(respond(tmp_path, few), book(asking("q1"), asking("q2"), NET))
    told = found["drivers", "q9", "all"]
    assert told["status"] == "empty"
    assert "50 complete responses" in told["reason"]


def test_a_question_that_few_answer_is_left_out_and_named(tmp_path, given):
    given["q3"] = np.where(np.arange(80) < 20, 5.0, np.nan)
    entries = [asking("q1"), asking("q2"), asking("q3"), NET]
    told = exhibits(respond(tmp_path, given), book(*entries))["drivers", "q9", "all"]
    assert (told["left_out"], len(told["drivers"])) == (["Q3"], 2)


def test_units_have_their_own_and_representatives_none(tmp_path, given):
    found = exhibits(respond(tmp_path, given), book(asking("q1"), asking("q2"), NET))
    scopes = {scope for kind, _, scope in found if kind == "drivers"}
    assert scopes == {"all", "unit:company", "unit:sales"}


def test_where_a_kpi_is_suppressed_its_drivers_are(tmp_path, given):
    respond(tmp_path, given)
    few = {question: [5.0, 6.0, 7.0] for question in ("q9", "q1", "q2")}
    respond(tmp_path, few, unit="leasing", month="2026-06")
    told = exhibits(tmp_path, book(asking("q1"), asking("q2"), NET, minimum_n=5))
    assert told["drivers", "q9", "unit:leasing"] == {"status": "suppressed"}

"""Answers of two series of one question are never pooled."""

import numpy as np
import pytest

from analysis.definitions import RatingSource
from analysis.periods import Period
from analysis.pipeline import score_kpis
from analysis.series import CountedSeries, newest_series
from tests.analysis.building import AFTER, MONTH, answers, book, kpi, write_facts


def score(folder, scorebook):
    return score_kpis(folder, scorebook, Period.parse(MONTH), now=AFTER, seed=1)


def newest(*rows, versions=()):
    """Of rows (version, series, answered)."""
    columns = [np.array(column) for column in zip(*rows, strict=True)] or [np.array([])] * 3
    version, series, answered = columns
    source = RatingSource("feedback", "q1", versions)
    return newest_series(source, version, series, answered.astype(bool))


def test_the_newest_series_with_an_answer_counts_and_what_it_leaves_out_is_told():
    found = newest((1, 1, True), (2, 2, True), (3, 3, False))
    assert found.number == 2
    assert "Only series 2 of the question counts" in found.note


def test_nothing_is_told_where_nothing_is_left_out():
    assert newest((1, 4, True), (2, 4, True), (1, 3, False)) == CountedSeries(4)
    assert newest((1, 1, False)) == newest() == CountedSeries(None)


def test_only_versions_that_are_asked_for_decide():
    assert newest((1, 1, True), (2, 2, True), versions=(1,)) == CountedSeries(1)


BOTH = [
    *answers([2.0, 4.0], customer="a", representative="anna"),
    *answers([8.0, 9.0], customer="a", version=2, series=2),
    *answers(["skipped"], customer="b", version=2, series=2),
    *answers(["skipped"], customer="c", version=3, series=3),
]


@pytest.mark.parametrize(("by", "n"), [("response", 2), ("customer", 1)])
def test_within_a_period_only_the_newest_series_counts_in_all_scopes(tmp_path, by, n):
    write_facts(tmp_path, "ratings", BOTH)
    counted = kpi(unit_of_analysis=by, scopes=["all", "representative"])
    rows = {row["scope_id"]: row for row in score(tmp_path, book(counted))}
    assert (rows[""]["value"], rows[""]["n"]) == (8.5, n)
    assert "Only series 2 of the question counts" in rows[""]["verdict_reason"]
    # All of Anna's answers are of the first series: pooled with nobody's, they count nowhere.
    assert (rows["anna"]["value"], rows["anna"]["verdict"]) == (None, "no_data")
    assert "from before the question changed are left out" in rows["anna"]["verdict_reason"]


@pytest.mark.parametrize("by", ["response", "customer"])
def test_an_earlier_version_asked_for_by_number_is_its_own_series(tmp_path, by):
    write_facts(tmp_path, "ratings", BOTH)
    source = {"questionnaire": "feedback", "question": "q1", "versions": [1]}
    counted = kpi(unit_of_analysis=by, source=source)
    (row,) = score(tmp_path, book(counted, units=[], representatives=[]))
    assert row["value"] == 3
    assert "series" not in row["verdict_reason"]


@pytest.mark.parametrize("by", ["response", "customer"])
def test_versions_of_one_series_are_pooled(tmp_path, by):
    rows = answers([2.0], customer="a") + answers([4.0], customer="b", version=2)
    write_facts(tmp_path, "ratings", rows)
    counted = kpi(unit_of_analysis=by)
    (row,) = score(tmp_path, book(counted, units=[], representatives=[]))
    assert (row["value"], row["n"]) == (3, 2)
    assert "series" not in row["verdict_reason"]


def test_a_series_of_one_question_leaves_another_question_alone(tmp_path):
    rows = answers([8.0], version=2, series=2) + answers([3.0], question="q2")
    write_facts(tmp_path, "ratings", rows)
    source = {"questionnaire": "feedback", "question": "q2"}
    found = score(tmp_path, book(kpi(), kpi(id="two", source=source), units=[], representatives=[]))
    assert [row["value"] for row in found] == [8, 3]

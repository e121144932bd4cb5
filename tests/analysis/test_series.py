"""Answers of two series of one question are never pooled."""

import pytest

from analysis.periods import Period, WindowType
from analysis.pipeline import score_kpis
from tests.analysis.building import AFTER, MONTH, answers, book, kpi, write_facts


def score(folder, scorebook):
    return score_kpis(
        folder, scorebook, Period.parse(MONTH), now=AFTER, seed=1, windows=[WindowType.PERIOD]
    )


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

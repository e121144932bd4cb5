"""What was perceived less what was expected, respondent by respondent."""

import numpy as np
import pytest
import scipy.stats

from analysis.facts import FactsError
from analysis.kpi import ScorebookError
from analysis.periods import Period
from analysis.pipeline import score_kpis
from tests.analysis.building import AFTER, answers, book, kpi, write_facts

SOURCE = {"questionnaire": "feedback", "question": "q1", "expected": "q2"}
GAP = {"statistic": "gap", "source": SOURCE, "score": {"worst": -4, "best": 2}}
PERCEIVED, EXPECTED = [7.0, 8.0, 5.0, 9.0, 6.0], [9.0, 8.0, 9.0, 10.0, 5.0]


def score(folder, *entries, **changes):
    scorebook = book(*entries, **({"units": [], "representatives": []} | changes))
    return score_kpis(folder, scorebook, Period.parse("2026-07"), now=AFTER, seed=1).rows()


def pairs(perceived, expected, **common):
    return answers(perceived, **common) + answers(expected, question="q2", **common)


def test_a_gap_has_the_paired_interval(tmp_path):
    write_facts(tmp_path, "ratings", pairs(PERCEIVED, EXPECTED))
    row = score(tmp_path, kpi(**GAP))[0]
    expected = scipy.stats.ttest_rel(PERCEIVED, EXPECTED)
    interval = expected.confidence_interval(0.95)
    assert row["value"] == pytest.approx(np.mean(PERCEIVED) - np.mean(EXPECTED))
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((interval.low, interval.high))
    assert row["n"] == 5


def test_who_answered_one_question_only_is_eligible_and_in_neither_side(tmp_path):
    rows = pairs([*PERCEIVED, 1.0, "dont_know"], [*EXPECTED, "skipped", 2.0])
    rows += answers(["not_shown"], response="alone")
    write_facts(tmp_path, "ratings", rows)
    row = score(tmp_path, kpi(**GAP))[0]
    assert (row["value"], row["n"], row["n_eligible"]) == (pytest.approx(-1.2), 5, 7)


def test_every_unit_has_the_gap_of_its_own_respondents(tmp_path):
    here = pairs([7.0, 8.0], [9.0, 9.0], unit="berne")
    there = [row | {"response": f"s{row['response']}"} for row in pairs([5.0], [5.0], unit="sales")]
    write_facts(tmp_path, "ratings", here + there)
    rows = score_kpis(tmp_path, book(kpi(**GAP)), Period.parse("2026-07"), now=AFTER, seed=1)
    values = {row["scope_id"]: row["value"] for row in rows if row["window"] == "period"}
    assert (values["berne"], values["sales"], values[""]) == (-1.5, 0, -1)


def test_an_answer_that_is_there_twice_is_refused(tmp_path):
    rows = pairs(PERCEIVED, EXPECTED)
    write_facts(tmp_path, "ratings", [*rows, rows[0], rows[1], rows[-1]])
    with pytest.raises(FactsError, match="2 responses answer the question q1 more than once"):
        score(tmp_path, kpi(**GAP))
    write_facts(tmp_path, "ratings", [*rows, rows[-1]])
    with pytest.raises(FactsError, match="1 response answers the question q2 more than once"):
        score(tmp_path, kpi(**GAP))


def test_a_gap_may_leave_the_scale_of_its_questions(tmp_path):
    write_facts(tmp_path, "ratings", pairs([0.0, 1.0], [10.0, 10.0]))
    assert score(tmp_path, kpi(**GAP))[0]["value"] == -9.5


def test_a_gap_of_questions_nobody_answered_is_no_data(tmp_path):
    write_facts(tmp_path, "ratings", answers([5.0], question="q9"))
    assert score(tmp_path, kpi(**GAP))[0]["verdict"] == "no_data"


def test_a_break_of_either_question_begins_a_new_series_of_the_gap(tmp_path):
    write_facts(tmp_path, "ratings", pairs(PERCEIVED, EXPECTED), "2026-06")
    changed = answers(PERCEIVED) + answers(EXPECTED, question="q2", version=2, series=2)
    write_facts(tmp_path, "ratings", changed)
    row = score(tmp_path, kpi(**GAP))[0]
    assert (row["value"], row["change_abs"]) == (pytest.approx(-1.2), None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"source": SOURCE | {"expected": "q1"}}, "same_question"),
        ({"source": {"questionnaire": "feedback", "question": "q1"}}, "missing_key"),
        ({"unit_of_analysis": "customer"}, "option_of_another_statistic"),
    ],
)
def test_a_gap_that_cannot_be_computed_is_refused(changes, code):
    with pytest.raises(ScorebookError) as told:
        book(kpi(**(GAP | changes)))
    assert code in [problem.code for problem in told.value.problems]


def test_a_gap_comes_out_of_a_scorebook_as_it_went_in():
    entry = book(kpi(**GAP)).kpis[0].to_dict()
    assert entry["source"] == SOURCE

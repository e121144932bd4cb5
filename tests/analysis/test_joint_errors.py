"""Errors of KPIs that the same people answer, against NumPy's correlations and by hand."""

import shutil

import numpy as np
import pytest

from analysis.engines import EngineError
from analysis.facts import FactsError, find_facts
from analysis.joint_errors import correlate_kpis, correlate_votes
from analysis.periods import Period
from analysis.pipeline import score_kpis
from tests.analysis.building import AFTER, MONTH, answers, book, figure_kpi, kpi, write_facts

ENGINE = "duckdb"
RANDOM = np.random.default_rng(3)
# Two questions of 200 people, from 0 to 10, alike to each other; and another of nobody's.
COMMON = RANDOM.normal(size=200)
FIRST, SECOND = (
    np.clip(np.rint(6 + 2 * (COMMON + RANDOM.normal(size=200))), 0, 10) for _ in range(2)
)
THIRD = RANDOM.integers(0, 11, 200).astype(float)


def asked(question, **more):
    return {"questionnaire": "feedback", "question": question} | more


def rows(**values):
    """Each person's answers to some questions; a text is a missing code, NaN was not asked."""
    return [
        row
        for question, given in values.items()
        for row in answers(given, question=question)
        if row["value"] is None or not np.isnan(row["value"])
    ]


def found_in(folder, *kpis, months=(MONTH,)):
    return correlate_kpis(ENGINE, find_facts(folder), months, book(*kpis).kpis)


def test_where_everybody_answers_both_it_is_pearsons_correlation():
    found = correlate_votes(np.stack([FIRST, SECOND, THIRD]))
    assert found == pytest.approx(np.corrcoef([FIRST, SECOND, THIRD]), rel=1e-12)


def test_who_answers_one_question_only_makes_errors_less_alike():
    # 120 have both answers, 160 the one and 160 the other.
    first, second = FIRST.copy(), SECOND.copy()
    first[:40], second[160:] = np.nan, np.nan
    x, y = first[40:] - first[40:].mean(), second[:160] - second[:160].mean()
    found = correlate_votes(np.stack([first, second]))[0, 1]
    assert found == pytest.approx(x[:120] @ y[40:] / np.sqrt(x @ x * (y @ y)))
    first[:100], second[100:] = np.nan, np.nan
    assert correlate_votes(np.stack([first, second])).tolist() == [[1, 0], [0, 1]]


def test_it_is_the_correlation_of_the_two_means_where_a_question_is_asked_of_some_only():
    # The second question goes to those whose first answer is in the middle: they hardly make the
    # first mean err. Against the correlation of the means in many samples.
    samples, n = 4000, 200
    first = RANDOM.normal(size=(samples, n))
    second = first + 0.1 * RANDOM.normal(size=(samples, n))
    second[np.abs(first) > 0.4] = np.nan
    wanted = np.corrcoef(first.mean(axis=1), np.nanmean(second, axis=1))[0, 1]
    found = correlate_votes(np.stack([first.ravel(), second.ravel()]))[0, 1]
    assert found == pytest.approx(wanted, abs=0.05)
    assert wanted < 0.25
    assert np.corrcoef(first[~np.isnan(second)], second[~np.isnan(second)])[0, 1] > 0.9


def test_few_answers_and_answers_all_alike_tell_no_correlation():
    alike = np.stack([FIRST, np.full(200, 4.0)])
    assert correlate_votes(alike).tolist() == [[1, 0], [0, 1]]
    for many, told in ((29, 0.0), (30, 1.0)):
        few = FIRST[:many]
        assert correlate_votes(np.stack([few, few]))[0, 1] == pytest.approx(told)


def test_votes_are_those_of_the_statistic(tmp_path):
    given = [float(one) for one in FIRST]
    given[:20] = ["dont_know"] * 20
    write_facts(tmp_path, "ratings", rows(q1=given, q2=SECOND))
    found = found_in(
        tmp_path,
        kpi(id="mean"),
        kpi(
            id="top",
            statistic="top_box",
            cut=8,
            source=asked("q2"),
            in_denominator=["dont_know"],
            score={"worst": 0, "best": 1},
        ),
        kpi(
            id="also",
            statistic="top_box",
            cut=6,
            in_denominator=["dont_know"],
            score={"worst": 0, "best": 1},
        ),
        kpi(
            id="net", statistic="net_score", source=asked("q2"), score={"worst": -100, "best": 100}
        ),
    )
    net = (SECOND >= 9).astype(float) - (SECOND <= 6)
    votes = np.stack([FIRST, (SECOND >= 8).astype(float), (FIRST >= 6).astype(float), net])
    votes[0, :20], votes[2, :20] = np.nan, 0.0
    assert found == pytest.approx(correlate_votes(votes), rel=1e-12)
    assert found[1, 3] == pytest.approx(np.corrcoef(votes[1], votes[3])[0, 1])


def test_a_gap_votes_with_the_difference(tmp_path):
    write_facts(tmp_path, "ratings", rows(q1=FIRST, q2=SECOND, q3=THIRD))
    gap = kpi(
        id="gap",
        statistic="gap",
        source=asked("q1", expected="q3"),
        score={"worst": -10, "best": 10},
    )
    found = found_in(tmp_path, gap, kpi(id="mean", source=asked("q2")))
    assert found[0, 1] == pytest.approx(np.corrcoef(FIRST - THIRD, SECOND)[0, 1])


def test_only_versions_that_count_for_a_kpi_vote(tmp_path):
    first, second = (
        [row | {"version": 1 + number % 2} for number, row in enumerate(answers(one, question=q))]
        for one, q in ((FIRST, "q1"), (SECOND, "q2"))
    )
    write_facts(tmp_path, "ratings", first + second)
    found = found_in(
        tmp_path,
        kpi(id="a", source=asked("q1", versions=[2])),
        kpi(id="b", source=asked("q2", versions=[2])),
    )
    assert found[0, 1] == pytest.approx(np.corrcoef(FIRST[1::2], SECOND[1::2])[0, 1])


def test_answers_from_before_a_breaking_change_are_not_pooled(tmp_path):
    # Both questions went from 0 to 100 to 0 to 10: their answers fell together.
    before = rows(q1=10 * THIRD, q2=10 * FIRST)
    write_facts(tmp_path, "ratings", [one | {"scale_high": 100.0} for one in before], "2026-06")
    now = [one | {"series": 2} for one in rows(q1=FIRST, q2=SECOND)]
    write_facts(tmp_path, "ratings", now)
    kpis = kpi(id="a"), kpi(id="b", source=asked("q2"))
    found = found_in(tmp_path, *kpis, months=("2026-06", MONTH))[0, 1]
    assert found == pytest.approx(np.corrcoef(FIRST, SECOND)[0, 1])


def test_other_questionnaires_other_goals_and_figures_are_independent(tmp_path):
    other = [row | {"questionnaire": "other"} for row in rows(q1=SECOND)]
    write_facts(tmp_path, "ratings", rows(q1=FIRST, q2=SECOND) + other)
    goals = [{"id": "quality", "name": "Quality"}, {"id": "speed", "name": "Speed"}]
    kpis = [
        kpi(id="a"),
        kpi(id="b", source={"questionnaire": "other", "question": "q1"}),
        kpi(id="c", source=asked("q2"), goal="speed"),
        figure_kpi(id="d"),
    ]
    scorebook = book(*kpis, goals=goals)
    found = correlate_kpis(ENGINE, find_facts(tmp_path), [MONTH], scorebook.kpis)
    assert found.tolist() == np.eye(4).tolist()


def test_the_newest_months_are_read_until_there_are_enough(tmp_path, monkeypatch):
    write_facts(tmp_path, "ratings", rows(q1=FIRST, q2=SECOND), month="2026-06")
    write_facts(tmp_path, "ratings", rows(q1=FIRST, q2=THIRD))
    kpis = kpi(id="a"), kpi(id="b", source=asked("q2"))

    def found(most):
        monkeypatch.setattr("analysis.joint_errors.RESPONSES", most)
        return found_in(tmp_path, *kpis, months=("2026-06", MONTH))[0, 1]

    # r0, r1, r10, r100, ...: of a month, the first in the order of words.
    some = np.array(sorted(range(200), key=lambda number: f"r{number}")[:50])
    assert found(50) == pytest.approx(np.corrcoef(FIRST[some], THIRD[some])[0, 1])
    assert found(200) == pytest.approx(np.corrcoef(FIRST, THIRD)[0, 1])
    first, second = np.append(FIRST, FIRST[some]), np.append(THIRD, SECOND[some])
    assert found(250) == pytest.approx(np.corrcoef(first, second)[0, 1])
    first, second = np.tile(FIRST, 2), np.append(THIRD, SECOND)
    assert found(1000) == pytest.approx(np.corrcoef(first, second)[0, 1])


def test_a_questionnaire_of_older_months_is_found_there(tmp_path):
    write_facts(tmp_path, "ratings", rows(q1=FIRST, q2=SECOND), month="2026-06")
    other = [row | {"questionnaire": "other"} for row in rows(q1=THIRD)]
    write_facts(tmp_path, "ratings", other)
    kpis = kpi(id="a"), kpi(id="b", source=asked("q2"))
    found = found_in(tmp_path, *kpis, months=("2026-06", MONTH))[0, 1]
    assert found == pytest.approx(np.corrcoef(FIRST, SECOND)[0, 1])


def test_without_answers_in_the_months_kpis_are_independent(tmp_path):
    write_facts(tmp_path, "ratings", rows(q1=FIRST, q2=SECOND))
    kpis = kpi(id="a"), kpi(id="b", source=asked("q2"))
    assert found_in(tmp_path, *kpis, months=["2025-01"]).tolist() == [[1, 0], [0, 1]]
    unasked = kpi(id="a", source=asked("q8")), kpi(id="b", source=asked("q9"))
    assert found_in(tmp_path, *unasked).tolist() == [[1, 0], [0, 1]]


def test_facts_that_are_gone_when_goals_are_asked_for_are_told(tmp_path):
    write_facts(tmp_path, "ratings", rows(q1=FIRST, q2=SECOND))
    kpis = book(kpi(id="a"), kpi(id="b", source=asked("q2")))
    scores = score_kpis(tmp_path, kpis, Period.parse(MONTH), now=AFTER, seed=1, engine=ENGINE)
    shutil.rmtree(tmp_path / "ratings")
    with pytest.raises((EngineError, FactsError)):
        _ = scores.goals


def goal_of(folder, *kpis):
    scores = score_kpis(folder, book(*kpis), Period.parse(MONTH), now=AFTER, seed=1, engine=ENGINE)
    return next(row for row in scores.goals.to_pylist() if row["scope_type"] == "all")


def test_a_goal_of_one_question_asked_twice_is_as_sure_as_of_one(tmp_path):
    write_facts(tmp_path, "ratings", rows(q1=FIRST, q2=FIRST))
    one = goal_of(tmp_path, kpi(id="a"))
    two = goal_of(tmp_path, kpi(id="a"), kpi(id="b", source=asked("q2")))
    for end in ("score_low", "score_high"):
        assert two[end] == pytest.approx(one[end], abs=0.01)


def test_a_goal_of_two_that_err_in_opposite_directions_is_sure(tmp_path):
    # One counts how high answers are, the other how low: a goal of both is always 50.
    write_facts(tmp_path, "ratings", rows(q1=FIRST))
    lower = kpi(id="b", direction="lower_is_better", score={"worst": 10, "best": 0})
    goal = goal_of(tmp_path, kpi(id="a"), lower)
    assert goal["score"] == pytest.approx(50)
    assert goal["score_high"] - goal["score_low"] < 0.01


def test_a_goal_of_answers_that_are_alike_is_less_sure_than_one_of_different_people(tmp_path):
    (tmp_path / "same").mkdir()
    (tmp_path / "others").mkdir()
    write_facts(tmp_path / "same", "ratings", rows(q1=FIRST, q2=SECOND))
    others = [row | {"response": f"s{row['response']}"} for row in rows(q2=SECOND)]
    write_facts(tmp_path / "others", "ratings", rows(q1=FIRST) + others)
    kpis = kpi(id="a"), kpi(id="b", source=asked("q2"))
    same, apart = (goal_of(tmp_path / name, *kpis) for name in ("same", "others"))
    assert same["score"] == apart["score"]
    # The variance of a sum of two: 1 + r times that of independent ones, both spread alike.
    r = np.corrcoef(FIRST, SECOND)[0, 1]
    longer = (same["score_high"] - same["score_low"]) / (apart["score_high"] - apart["score_low"])
    share = 2 * FIRST.std() * SECOND.std() / (FIRST.var() + SECOND.var())
    assert longer == pytest.approx(np.sqrt(1 + share * r), rel=0.02)

"""Errors of KPIs that the same people answer, against NumPy's correlations and by hand."""

import numpy as np
import pytest

from analysis.facts import find_facts
from analysis.joint_errors import correlate_kpis, correlate_votes
from analysis.periods import Period
from analysis.pipeline import score_kpis
from tests.analysis.building import AFTER, MONTH, answers, book, figure_kpi, kpi, write_facts

ENGINE = "duckdb"
NOWHERE = np.zeros(200, np.int64)
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
    found = correlate_votes(np.stack([FIRST, SECOND, THIRD]), NOWHERE)
    assert found == pytest.approx(np.corrcoef([FIRST, SECOND, THIRD]), rel=1e-12)


def test_who_answers_one_question_only_makes_errors_less_alike():
    # 120 have both answers, 160 the one and 160 the other: r x 120 / sqrt(160 x 160).
    first, second = FIRST.copy(), SECOND.copy()
    first[:40], second[160:] = np.nan, np.nan
    r = np.corrcoef(first[40:160] - first[40:].mean(), second[40:160] - second[:160].mean())
    found = correlate_votes(np.stack([first, second]), NOWHERE)[0, 1]
    assert found == pytest.approx(r[0, 1] * 120 / 160, abs=0.01)
    first, second = FIRST.copy(), SECOND.copy()
    first[:100], second[100:] = np.nan, np.nan
    assert correlate_votes(np.stack([first, second]), NOWHERE).tolist() == [[1, 0], [0, 1]]


def test_what_differs_between_places_is_no_error_that_answers_share():
    # Within each place the two are unrelated; one place is far better in both.
    place = np.arange(200) % 2
    found = correlate_votes(np.stack([THIRD + 100 * place, FIRST + 100 * place]), place)
    assert abs(found[0, 1]) < 0.2
    assert (
        correlate_votes(np.stack([THIRD + 100 * place, FIRST + 100 * place]), NOWHERE)[0, 1] > 0.9
    )


def test_few_answers_and_answers_all_alike_tell_no_correlation():
    alike = np.stack([FIRST, np.full(200, 4.0)])
    assert correlate_votes(alike, NOWHERE).tolist() == [[1, 0], [0, 1]]
    for many, told in ((9, 0.0), (10, 1.0)):
        few = FIRST[:many]
        assert correlate_votes(np.stack([few, few]), NOWHERE[:many])[0, 1] == pytest.approx(told)


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
    assert found == pytest.approx(correlate_votes(votes, NOWHERE), rel=1e-12)
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


def test_units_are_compared_within_themselves(tmp_path):
    place = np.arange(200) % 2
    given = rows(q1=np.minimum(THIRD / 2 + 5 * place, 10), q2=np.minimum(FIRST / 2 + 5 * place, 10))
    for row in given:
        row["unit"] = ("berne", "sales")[int(row["response"][1:]) % 2]
    write_facts(tmp_path, "ratings", given)
    assert abs(found_in(tmp_path, kpi(id="a"), kpi(id="b", source=asked("q2")))[0, 1]) < 0.2


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


def test_the_newest_months_tell_it(tmp_path, monkeypatch):
    write_facts(tmp_path, "ratings", rows(q1=FIRST, q2=SECOND), month="2026-06")
    write_facts(tmp_path, "ratings", rows(q1=FIRST, q2=THIRD))
    kpis = kpi(id="a"), kpi(id="b", source=asked("q2"))
    months = ("2026-06", MONTH)
    both = found_in(tmp_path, *kpis, months=months)[0, 1]
    pooled = np.corrcoef(np.tile(FIRST, 2), np.concatenate([SECOND, THIRD]))[0, 1]
    assert both == pytest.approx(pooled)
    monkeypatch.setattr("analysis.joint_errors.ROWS", 500)
    newest = found_in(tmp_path, *kpis, months=months)[0, 1]
    assert newest == pytest.approx(np.corrcoef(FIRST, THIRD)[0, 1])
    older = found_in(tmp_path, *kpis, months=months[:1])[0, 1]
    assert older == pytest.approx(np.corrcoef(FIRST, SECOND)[0, 1])


def test_of_many_responses_the_first_ones_are_read(tmp_path, monkeypatch):
    write_facts(tmp_path, "ratings", rows(q1=FIRST, q2=SECOND))
    monkeypatch.setattr("analysis.joint_errors.RESPONSES", 50)
    # r0, r1, r10, r100, ...: in the order of words.
    first = np.array(sorted(range(200), key=lambda number: f"r{number}")[:50])
    found = found_in(tmp_path, kpi(id="a"), kpi(id="b", source=asked("q2")))[0, 1]
    assert found == pytest.approx(np.corrcoef(FIRST[first], SECOND[first])[0, 1])


def test_without_answers_in_the_months_kpis_are_independent(tmp_path):
    write_facts(tmp_path, "ratings", rows(q1=FIRST, q2=SECOND))
    kpis = kpi(id="a"), kpi(id="b", source=asked("q2"))
    assert found_in(tmp_path, *kpis, months=["2025-01"]).tolist() == [[1, 0], [0, 1]]


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

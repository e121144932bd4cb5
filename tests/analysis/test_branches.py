"""Goals below goals: a goal's score is the mean of what stands right below it."""

import numpy as np
import pytest

from analysis.aggregation import Aggregation
from analysis.branches import Branch, mix
from analysis.children import Children
from analysis.periods import Period
from analysis.pipeline import score_kpis
from analysis.roll_up import roll_up, roll_up_tree
from tests.analysis.building import AFTER, answers, book, kpi, write_facts

JULY = Period.parse("2026-07")
ARITHMETIC, GEOMETRIC = Aggregation.ARITHMETIC, Aggregation.GEOMETRIC


class Percent:
    def score(self, values):
        return np.clip(values, 0.0, 100.0)


def children(*values, half=5.0, weights=None):
    value = np.array(values, float)[:, None]
    weight = np.ones(len(values)) if weights is None else np.array(weights, float)
    return Children(value, value - half, value + half, [Percent()] * len(values), weight)


@pytest.fixture
def folder(tmp_path):
    """Means 8, 4 and 6 of questions 1, 2 and 3, on a scale from 0 to 10."""
    rows = answers([7.0, 8.0, 9.0, 8.0], unit="berne", representative="anna")
    for question, values in (("q2", [4.0, 3.0, 5.0]), ("q3", [6.0, 5.0, 7.0])):
        rows += answers(values, unit="leasing", question=question)
    return write_facts(tmp_path, "ratings", rows)


def of(number, goal, **changes):
    source = {"questionnaire": "feedback", "question": f"q{number}"}
    return kpi(id=f"k{number}", goal=goal, source=source, **changes)


TREE = [
    {"id": "top", "name": "Top"},
    {"id": "left", "name": "Left", "parent": "top", "weight": 3},
    {"id": "right", "name": "Right", "parent": "top", "weight": 1},
]


def everybody(folder, *kpis, goals=TREE, **changes):
    scores = score_kpis(folder, book(*kpis, goals=goals, **changes), JULY, now=AFTER, seed=1)
    goals_rows = [row for row in scores.goals.to_pylist() if row["window"] == "period"]
    by_goal = {row["goal_id"]: row for row in goals_rows if row["scope_type"] == "all"}
    return by_goal, [row for row in scores if row["window"] == "period"]


def test_a_parent_is_the_weighted_mean_of_the_goals_below(folder):
    found, _ = everybody(folder, of(1, "left"), of(2, "left"), of(3, "right"))
    # Left: (80 + 40) / 2 = 60; right: 60; top: (3 x 60 + 1 x 60) / 4 = 60.
    assert found["left"]["score"] == pytest.approx(60)
    assert found["top"]["score"] == pytest.approx(60)
    found, _ = everybody(folder, of(1, "left"), of(2, "right"))
    # (3 x 80 + 1 x 40) / 4
    assert found["top"]["score"] == pytest.approx(70)
    assert found["top"]["score_low"] < 70 < found["top"]["score_high"]
    assert (found["top"]["kpis"], found["top"]["worst_kpi_id"]) == (2, "k2")


def test_a_parents_own_kpis_stand_beside_the_goals_below(folder):
    found, _ = everybody(folder, of(1, "left"), of(2, "right"), of(3, "top", weight=4))
    # (3 x 80 + 1 x 40 + 4 x 60) / 8
    assert found["top"]["score"] == pytest.approx(65)


def test_what_is_missing_below_is_reweighted_among_its_own_siblings(folder):
    found, rows = everybody(folder, of(1, "left"), of(9, "left"), of(2, "right"))
    # Left rests on one KPI of two and keeps its weight of 3: (3 x 80 + 1 x 40) / 4.
    assert found["left"]["coverage"] == 0.5
    assert found["top"]["score"] == pytest.approx(70)
    # 3/4 of the weight is half there, 1/4 wholly.
    assert found["top"]["coverage"] == pytest.approx(0.625)
    own = {row["kpi_id"]: row["coverage"] for row in rows if row["scope_type"] == "all"}
    assert own == {"k1": 0.5, "k9": 0.5, "k2": 1}


def test_a_goal_below_without_a_score_counts_as_missing(folder):
    left = TREE[1] | {"least_coverage": 0.6}
    found, _ = everybody(
        folder, of(1, "left"), of(9, "left"), of(2, "right"), goals=[TREE[0], left, TREE[2]]
    )
    assert found["left"]["score"] is None
    # A quarter of the weight is there; half is needed.
    assert (found["top"]["score"], found["top"]["coverage"]) == (None, 0.25)


def test_a_kpi_of_a_goal_below_that_is_declared_for_nobody_here_is_not_missing(folder):
    found, _ = everybody(folder, of(1, "left"), of(2, "right", scopes=["representative"]))
    assert (found["top"]["score"], found["top"]["coverage"]) == (pytest.approx(80), 1)


def test_each_goal_is_mixed_by_its_own_mean(folder):
    left = TREE[1] | {"aggregation": "geometric"}
    found, _ = everybody(
        folder, of(1, "left"), of(2, "left"), of(3, "right"), goals=[TREE[0], left, TREE[2]]
    )
    # (3 x sqrt(80 x 40) + 1 x 60) / 4
    assert found["top"]["score"] == pytest.approx((3 * 3200**0.5 + 60) / 4)


def test_goals_without_kpis_are_left_out_wherever_they_stand(folder):
    goals = [*TREE, {"id": "later", "name": "Later", "parent": "left"}]
    found, _ = everybody(folder, of(1, "left"), goals=goals)
    assert set(found) == {"top", "left"}
    assert (found["top"]["score"], found["top"]["coverage"]) == (pytest.approx(80), 1)


def test_a_goal_over_one_goal_is_that_goal(folder):
    one = everybody(folder, of(1, "left"), of(2, "left"))[0]
    for column in ("score", "score_low", "score_high", "worst_kpi_id"):
        assert one["top"][column] == one["left"][column]


def test_draws_are_mixed_as_scores_are():
    """A tree of arithmetic means is the flat mean with nested weights, draw by draw."""
    some = children(80, 40, 60)
    below = Branch(ARITHMETIC, 0.5, (0, 1))
    tree = roll_up_tree(some, Branch(ARITHMETIC, 0.5, (2,), ((1.0, below),)), 55, seed=3)
    flat = roll_up(
        children(80, 40, 60, weights=[0.25, 0.25, 0.5]), ARITHMETIC, 0.5, target=55, seed=3
    )
    assert tree.score == pytest.approx(flat.score)
    assert tree.interval.low == pytest.approx(flat.interval.low)
    assert tree.interval.high == pytest.approx(flat.interval.high)
    assert tree.chance_met == flat.chance_met


def test_a_goal_of_weight_nothing_moves_nothing():
    below = Branch(ARITHMETIC, 0.5, (0,))
    mixed = mix(Branch(GEOMETRIC, 0.5, (1,), ((0.0, below),)), np.array([[1.0], [90.0]]),
                np.ones((2, 1)))  # fmt: skip
    assert (mixed.score, mixed.coverage) == (pytest.approx(90), 1)
    assert mixed.counted.tolist() == [[False], [True]]


@pytest.mark.parametrize("least", [-0.1, 1.1])
def test_a_least_coverage_below_that_is_no_share_is_refused(least):
    wrong = Branch(ARITHMETIC, 0.5, (), ((1.0, Branch(ARITHMETIC, least, (0,))),))
    with pytest.raises(ValueError, match="least_coverage"):
        roll_up_tree(children(50), wrong, None, seed=1)

"""Limits of goals by profile, against hand calculation and the normal distribution."""

from dataclasses import dataclass

import numpy as np
import pytest
import scipy.stats

from analysis.aggregation import Aggregation, scaled
from analysis.children import Children
from analysis.profile_limits import Profile
from analysis.roll_up import LimitRule, roll_up
from tests.analysis.test_roll_up import INF, NAN, Z90, Z95, Goalposts, random_children, spread

ARITHMETIC, GEOMETRIC = Aggregation.ARITHMETIC, Aggregation.GEOMETRIC


def goal(children, aggregation=ARITHMETIC, least=0.0, target=None, seed=7, level=0.95):
    return roll_up(children, aggregation, least, target, seed, level=level, rule=LimitRule.PROFILE)


def test_the_interval_of_a_sum_of_straight_scores_is_that_of_the_sum():
    # Equal shares of the way: 8 = 2 x 4 parts of 48 and 3 equal ones come out even.
    found = goal(spread([[40], [50], [60]], 6, 9), level=0.95)
    assert found.interval.low == pytest.approx([50 - np.sqrt(3 * 6**2) / 3])
    assert found.interval.high == pytest.approx([50 + np.sqrt(3 * 9**2) / 3])
    assert (found.interval.level, found.interval.rule) == (0.95, "profile")
    # sd = sqrt(6^2 + (2 x 9)^2 + (3 x 3)^2) / 6 = 3.5 at 1.96; nearly, as parts are whole.
    children = spread([[40], [50], [60]], [[6], [9], [3]], [[6], [9], [3]], [1, 2, 3])
    for level, z in ((0.95, Z95), (0.90, Z90)):
        found = goal(children, level=level)
        assert found.interval.low == pytest.approx([320 / 6 - 3.5 * z / Z95], abs=0.03)
        assert found.interval.high == pytest.approx([320 / 6 + 3.5 * z / Z95], abs=0.03)


def test_parts_cost_little_of_the_width():
    random = np.random.default_rng(1)
    distance, weights = random.lognormal(0, 1, (11, 200)), random.uniform(0.2, 3, (11, 200))
    found = goal(spread(np.full((11, 200), 50.0), distance, distance, weights))
    exact = np.sqrt(np.sum((weights * distance) ** 2, axis=0)) / weights.sum(axis=0)
    ratio = (found.interval.high - 50) / exact
    assert ratio.max() < 1 + 1e-6
    assert ratio.min() > 0.98
    assert ratio.mean() > 0.99


@pytest.mark.parametrize("aggregation", Aggregation)
def test_a_goal_of_one_child_has_the_scores_of_its_interval_at_the_childs_level(aggregation):
    for rule, ends in ((Goalposts(0, 10), (40, 85)), (Goalposts(10, 0), (15, 60))):
        found = goal(spread([[6]], 2, 2.5, rules=[rule]), aggregation)
        assert found.interval.low == pytest.approx([ends[0]])
        assert found.interval.high == pytest.approx([ends[1]])


def test_clipped_scores_may_all_be_what_clipping_hides():
    # 95 reaches 100 half way to its end, at z = 0.98; two of them cost 2 x 0.98^2 < 1.96^2.
    found = goal(spread([[95], [95]], 10, 10))
    assert found.interval.high == pytest.approx([100])
    assert found.interval.low == pytest.approx([95 - 10 / np.sqrt(2)])
    # 86 would need 1.4 x 1.96 each: it gains as an unclipped score does.
    found = goal(spread([[86], [86]], 10, 10))
    assert found.interval.high == pytest.approx([86 + 10 / np.sqrt(2)])
    # Far beyond the post a score is sure of 100.
    found = goal(spread([[120], [50]], 10, 10))
    assert found.interval.low == pytest.approx([70])
    assert found.interval.high == pytest.approx([80])


def test_the_score_lies_in_its_interval_where_draws_lose_it():
    children = spread([[100]] * 8, 10, 10)
    drawn = roll_up(children, ARITHMETIC, 0, None, seed=1, draws=1000)
    assert drawn.interval.high < drawn.score
    *columns, weights = random_children(cells=50)
    children = Children(*columns, [Goalposts(30, 70)] * len(weights), weights)
    for aggregation in Aggregation:
        for some in (children, spread([[100]] * 8, 10, 10)):
            found = goal(some, aggregation, level=0.5)
            assert (found.interval.low <= found.score + 1e-9).all()
            assert (found.interval.high >= found.score - 1e-9).all()


def test_two_kpis_just_at_the_best_post_are_covered_as_often_as_theory_says():
    # The truth is missed where the squares of those drawn below it exceed 1.96^2: both are below
    # with chance 1/4, one with chance 1/2. 1 - (P(chi2_2 > 3.84) + 2 P(chi2_1 > 3.84)) / 4.
    misses = (scipy.stats.chi2.sf(Z95**2, 2) + 2 * scipy.stats.chi2.sf(Z95**2, 1)) / 4
    random = np.random.default_rng(5)
    children = spread(random.normal(100, 5, (2, 4000)), 5 * Z95, 5 * Z95)
    found = goal(children)
    assert np.mean(found.interval.high < 100 - 1e-9) == pytest.approx(misses, abs=0.012)
    drawn = roll_up(children, ARITHMETIC, 0, None, seed=1, draws=1000, level=0.95)
    assert np.mean(drawn.interval.high < 100 - 1e-9) > misses + 0.03


def test_a_rule_with_a_peak_is_looked_at_on_both_sides():
    @dataclass(frozen=True)
    class Peak:
        def score(self, values):
            return np.clip(100 - 10 * np.abs(values - 5), 0, 100)

    # From 4 the peak at 5 is nearer than the end at 8, which scores 70; the end at 1 scores 60.
    found = goal(spread([[4]], 3, 4, rules=[Peak()]))
    assert found.score == [90]
    assert found.interval.low == pytest.approx([60])
    assert found.interval.high == pytest.approx([100], abs=2)


def test_scores_are_floored_and_averaged_like_the_goal():
    # The second child goes below and above 1, of which what is below counts as 1.
    found = goal(spread([[100], [1]], [[0], [0.5]], [[0], [0.5]], [3, 1]), GEOMETRIC)
    assert found.interval.low == pytest.approx([(100**3) ** 0.25])
    assert found.interval.high == pytest.approx([(100**3 * 1.5) ** 0.25])


def test_chances_are_those_of_the_normal_distribution():
    children = spread([[40], [50], [60]], [[6], [9], [3]], [[6], [9], [3]], [1, 2, 3])
    for target in (46, 50, 53, 54, 58):
        chance = scipy.stats.norm.sf(target, 320 / 6, 3.5 / Z95)
        assert goal(children, target=target).chance_met == pytest.approx([chance], abs=0.004)
    assert goal(children, target=80).chance_met == [0]
    assert goal(children, target=20).chance_met == [1]
    assert goal(children, target=320 / 6).chance_met == pytest.approx([0.5], abs=0.004)


def test_the_chance_agrees_with_the_interval():
    children = spread([[97], [60]], 12, 15)
    for level in (0.5, 0.9):
        interval = goal(children, level=level).interval
        low, high = float(interval.low[0]), float(interval.high[0])
        assert goal(children, target=low).chance_met == pytest.approx([0.5 + level / 2], abs=0.01)
        assert goal(children, target=high).chance_met == pytest.approx([0.5 - level / 2], abs=0.01)


def test_without_a_target_there_is_no_chance_and_a_floor_is_always_met():
    children = spread([[60, 60, 60]], 5, 5)
    found = goal(children, target=np.array([NAN, 60.0, 55.0]))
    assert np.isnan(found.chance_met).tolist() == [True, False, False]
    assert found.chance_met[1:] == pytest.approx([0.5, 0.975], abs=0.004)
    assert goal(spread([[0.2]], 0.1, 0.1), GEOMETRIC, target=1).chance_met == [1]


def test_missing_children_and_points_are_as_in_the_score():
    value = np.array([[50.0, 50.0], [70.0, 70.0], [90.0, NAN]])
    ends = np.array([[10.0, NAN], [0.0, 0.0], [NAN, NAN]])
    found = goal(Children(value, value - ends, value + ends, [Goalposts()] * 3, np.ones(3)))
    assert found.without_interval.tolist() == [1, 1]
    assert found.score == pytest.approx([70, 60])
    assert found.interval.low == pytest.approx([70 - 10 / 3, 60])
    assert found.interval.high == pytest.approx([70 + 10 / 3, 60])
    nothing = goal(Children(value, value * NAN, value * NAN, [Goalposts()] * 3, np.ones(3)))
    assert np.isnan(nothing.interval.low).all()


@pytest.mark.parametrize("infinite", [False, True])
def test_an_open_end_bounds_the_interval_and_the_chance(infinite):
    # A median of 40 days with limits from 30 to unknown; 0 days is best, 100 worst: score 60.
    lower = Goalposts(100, 0)
    value, low = np.array([[40.0], [40.0]]), np.array([[30.0], [40.0]])
    high = np.array([[INF if infinite else NAN], [40.0]])
    found = goal(Children(value, low, high, [lower, lower], np.ones(2)), target=50)
    assert found.interval.low == pytest.approx([30])
    assert found.interval.high == pytest.approx([65])
    assert found.chance_met == [0.5]
    # Where more is better: at best 100, at worst as the value.
    found = goal(Children(value, low, high, [Goalposts(), Goalposts()], np.ones(2)), target=50)
    assert found.interval.low == pytest.approx([35])
    assert found.interval.high == pytest.approx([70])
    assert found.chance_met == [0]


def test_a_median_that_is_never_reached_has_limits():
    value = np.array([[INF], [50.0]])
    ends = np.array([[0.0], [10.0]])
    children = Children(
        value, value - ends, value + ends, [Goalposts(100, 0), Goalposts()], np.ones(2)
    )
    found = goal(children, target=25)
    assert (found.score, found.chance_met) == ([25], [0.5])
    assert found.interval.low == pytest.approx([20])
    assert found.interval.high == pytest.approx([30])


@pytest.mark.parametrize("aggregation", Aggregation)
def test_a_cell_is_the_same_to_the_last_digit_in_any_company_and_with_any_seed(aggregation):
    *columns, weights = random_children(cells=90)
    rules = [Goalposts()] * len(weights)
    together = goal(Children(*columns, rules, weights), aggregation, target=50)
    for cells in ([41], [0, 89], list(range(3, 77))):
        few = [column[:, cells] for column in columns]
        alone = goal(Children(*few, rules, weights), aggregation, target=50, seed=8)
        np.testing.assert_array_equal(alone.interval.low, together.interval.low[cells])
        np.testing.assert_array_equal(alone.interval.high, together.interval.high[cells])
        np.testing.assert_array_equal(alone.chance_met, together.chance_met[cells])


def test_more_cells_than_are_held_at_a_time_have_the_limits_of_each():
    value = np.linspace(20, 80, 3000)[None]
    profile = Profile(
        spread(value, 10, 10), np.ones(value.shape), lambda scores: scaled(scores, ARITHMETIC)
    )
    low, high = profile.limits(0.95)
    assert low == pytest.approx(value[0] - 10)
    assert high == pytest.approx(value[0] + 10)


def test_no_cells_are_no_limits():
    found = goal(spread(np.empty((2, 0)), 0, 0), target=50)
    assert found.interval.low.shape == found.chance_met.shape == (0,)

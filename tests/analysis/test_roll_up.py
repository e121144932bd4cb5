"""Goals against hand calculation, the normal distribution and a simulation of samples."""

import tracemalloc
from dataclasses import dataclass

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from analysis.aggregation import Aggregation, aggregate, weighted_mean
from analysis.children import Children
from analysis.roll_up import NO_CHILD, roll_up

ARITHMETIC, GEOMETRIC = Aggregation.ARITHMETIC, Aggregation.GEOMETRIC
NAN, INF = np.nan, np.inf
# Distance of the 2.5 and of the 5 per cent point from the median, in standard deviations.
Z95, Z90 = scipy.stats.norm.ppf([0.975, 0.95])


@dataclass(frozen=True)
class Goalposts:
    worst: float = 0.0
    best: float = 100.0

    def score(self, values):
        return 100 * np.clip((values - self.worst) / (self.best - self.worst), 0, 1)


def points(values, weights=None, rules=None):
    """Children that are complete counts; values (children, cells)."""
    return spread(values, 0.0, 0.0, weights, rules)


def spread(values, below, above, weights=None, rules=None):
    """Children with their distances to the ends of the interval."""
    value = np.array(values, np.float64)
    weights = np.ones(len(value)) if weights is None else np.array(weights, np.float64)
    rules = rules or [Goalposts()] * len(value)
    return Children(value, value - np.array(below), value + np.array(above), rules, weights)


def goal(children, aggregation=ARITHMETIC, least=0.0, target=None, seed=7, draws=1000, **options):
    return roll_up(children, aggregation, least, target, seed, draws, **options)


def test_the_score_is_the_weighted_mean_of_the_childrens_scores():
    # 20 to 40 scores 30 as 50; 1 to 0 scores 0.2 as 80; (3 x 50 + 1 x 80) / 4 = 57.5.
    rules = [Goalposts(20, 40), Goalposts(1, 0)]
    found = goal(points([[30], [0.2]], [3, 1], rules))
    assert found.score == pytest.approx([57.5])
    assert found.coverage == pytest.approx([1])
    # exp((3 log 50 + log 80) / 4) = 56.23
    assert goal(points([[30], [0.2]], [3, 1], rules), GEOMETRIC).score == pytest.approx(
        [(50**3 * 80) ** 0.25]
    )


def test_missing_children_give_their_weight_to_the_others():
    values = [[30, NAN, 30, NAN], [60, 60, NAN, NAN], [90, 90, 90, NAN]]
    found = goal(points(values, [1, 2, 3]))
    assert found.coverage == pytest.approx([1, 5 / 6, 4 / 6, 0])
    assert found.score[:3] == pytest.approx([(30 + 120 + 270) / 6, 390 / 5, 300 / 4])
    assert np.isnan(found.score[3])
    found = goal(points(values, [1, 2, 3]), GEOMETRIC)
    assert found.score[1:3] == pytest.approx([(60**2 * 90**3) ** 0.2, (30 * 90**3) ** 0.25])


def test_missing_is_not_zero_and_not_the_best_of_a_lower_is_better_kpi():
    lower = [Goalposts(10, 0), Goalposts(10, 0)]
    assert goal(points([[5], [NAN]], rules=lower)).score == pytest.approx([50])


def test_under_the_least_coverage_there_is_no_score_and_at_it_there_is():
    values = [[NAN, NAN], [NAN, 50], [50, 50]]
    # 0.3 / (0.1 + 0.2 + 0.3) is half, though not in floating point.
    found = goal(points(values, [0.1, 0.2, 0.3]), least=0.5, target=40)
    assert found.coverage[0] < 0.5
    assert found.score == pytest.approx([50, 50])
    found = goal(points(values, [0.1, 0.2, 0.3]), least=0.51, target=40)
    assert np.isnan(found.score).tolist() == [True, False]
    assert np.isnan(found.interval.low).tolist() == [True, False]
    assert np.isnan(found.interval.high).tolist() == [True, False]
    assert np.isnan(found.chance_met).tolist() == [True, False]
    opened = points(values)
    opened.high[:] = NAN
    assert np.isnan(goal(opened, least=0.51).interval.high).tolist() == [True, False]
    # What is present is still told.
    assert found.coverage == pytest.approx([0.5, 5 / 6])
    assert found.worst.tolist() == [2, 1]


@pytest.mark.parametrize("aggregation", Aggregation)
def test_where_nothing_is_present_all_is_unknown(aggregation):
    found = goal(points([[NAN], [NAN]]), aggregation, least=0, target=50)
    assert found.coverage == [0]
    for unknown in (found.score, found.interval.low, found.interval.high, found.chance_met):
        assert np.isnan(unknown).all()
    assert found.worst == [NO_CHILD] == [-1]
    assert np.isnan(found.worst_score).all()
    assert (found.without_interval, found.open_ended) == ([0], [0])


def test_without_any_weight_there_is_no_goal():
    found = goal(points([[20], [80]], [0, 0]), target=10)
    assert np.isnan([found.score, found.coverage, found.interval.low, found.chance_met]).all()
    assert found.worst == [NO_CHILD]


def test_a_child_of_no_weight_counts_nowhere():
    alone = goal(spread([[40]], 5, 5), target=40)
    children = spread([[40], [1], [2], [NAN]], [[5], [NAN], [1], [1]], 5, [1, 0, 0, 0])
    found = goal(children, target=40)
    assert (found.score, found.coverage, found.worst) == ([40], [1], [0])
    assert (found.without_interval, found.open_ended) == ([0], [0])
    assert found.interval.low == alone.interval.low
    assert found.chance_met == alone.chance_met
    # Its spread is not taken for knowledge about those that count.
    value = np.array([[40.0], [1.0]])
    ends = np.array([[NAN], [1.0]])
    found = goal(Children(value, ends, ends, [Goalposts()] * 2, np.array([1.0, 0.0])))
    assert np.isnan(found.interval.low).all()


def test_weights_may_differ_from_cell_to_cell():
    found = goal(points([[20, 20], [80, NAN]], [[1, 1], [3, 0]]), least=0.9)
    assert found.score == pytest.approx([65, 20])
    assert found.coverage == pytest.approx([1, 1])


def test_a_geometric_mean_is_not_bought_off_and_not_wiped_out():
    scores, weights = np.array([[100.0, 100.0], [0.0, 1.0]]), np.ones((2, 2))
    assert aggregate(scores, weights, ARITHMETIC) == pytest.approx([50, 50.5])
    assert aggregate(scores, weights, GEOMETRIC) == pytest.approx([10, 10])


def test_the_mean_of_nothing_is_unknown():
    nothing = weighted_mean(np.array([[NAN, 4.0], [NAN, 6.0]]), np.ones((2, 2)))
    assert np.isnan(nothing).tolist() == [True, False]
    assert nothing[1] == 5


def test_the_worst_child_is_the_first_of_the_lowest_scores_with_weight():
    values = [[50, 50, NAN, 0.5], [40, 50, 30, 0.2], [45, 60, 20, 0.9], [1, 1, 1, 0]]
    children = points(values, [1, 1, 5, 0])
    found = goal(children)
    assert found.worst.tolist() == [1, 0, 2, 1]
    assert found.worst_score == pytest.approx([40, 50, 20, 0.2])
    # As they count in a geometric mean, where the worst is the same child.
    found = goal(children, GEOMETRIC)
    assert found.worst.tolist() == [1, 0, 2, 1]
    assert found.worst_score == pytest.approx([40, 50, 20, 1])


@pytest.mark.parametrize("aggregation", Aggregation)
def test_a_goal_of_one_child_has_the_scores_of_its_interval_at_the_childs_level(aggregation):
    for rule, ends in ((Goalposts(0, 10), (40, 85)), (Goalposts(10, 0), (15, 60))):
        found = goal(spread([[6]], 2, 2.5, rules=[rule]), aggregation, level=0.95)
        assert found.interval.low == pytest.approx([ends[0]], abs=0.05)
        assert found.interval.high == pytest.approx([ends[1]], abs=0.05)
        assert (found.interval.level, found.interval.rule) == (0.95, "monte_carlo")


def test_the_interval_has_the_5_and_95_per_cent_points_as_its_ends():
    found = goal(spread([[60]], 10, 20), draws=100)
    assert found.interval.low == pytest.approx([60 - 10 * Z90 / Z95], abs=0.02)
    assert found.interval.high == pytest.approx([60 + 20 * Z90 / Z95], abs=0.04)
    assert found.interval.level == 0.90


def test_the_value_is_the_median_of_what_is_drawn_however_skew():
    found = goal(spread([[60]], 1, 30), target=60 + 1e-6)
    assert found.chance_met == [0.5]


def test_children_err_independently_of_each_other():
    # The weighted mean of normals is normal: sd = sqrt(sum (w s)^2) / sum w.
    children = spread([[40], [50], [60]], [[6], [9], [3]], [[6], [9], [3]], [1, 2, 3])
    sd = np.sqrt(6**2 + 18**2 + 9**2) / 6 / Z95
    found = goal(children, target=50, draws=10_000)
    centre = 320 / 6
    assert found.interval.low == pytest.approx([centre - Z90 * sd], abs=0.05)
    assert found.interval.high == pytest.approx([centre + Z90 * sd], abs=0.05)
    chance = scipy.stats.norm.sf(50, centre, sd)
    assert found.chance_met == pytest.approx([chance], abs=0.005)


def test_drawn_scores_are_floored_and_aggregated_like_the_score():
    # The second child is drawn under and over 1: half of its draws count as 1.
    found = goal(spread([[100], [1]], [[0], [0.5]], [[0], [0.5]], [3, 1]), GEOMETRIC, level=0.95)
    assert found.interval.low == pytest.approx([(100**3) ** 0.25])
    assert found.interval.high == pytest.approx([(100**3 * 1.5) ** 0.25], abs=0.01)


def test_the_uncertainty_is_that_of_the_present_children_reweighted():
    found = goal(spread([[40, 40], [NAN, NAN]], 10, 10, [1, 9]), target=40)
    alone = goal(spread([[40]], 10, 10), target=40)
    assert found.interval.low == pytest.approx([alone.interval.low[0]] * 2)
    assert found.chance_met.tolist() == [0.5, 0.5]
    geometric = goal(spread([[40], [NAN]], 10, 10, [1, 9]), GEOMETRIC)
    assert geometric.interval.low == pytest.approx(alone.interval.low)


def test_a_complete_count_is_certain_and_the_target_itself_is_met():
    # 0.1 x 70 + 0.2 x 70 + 0.7 x 70 misses 70 by rounding.
    children = points([[70] * 3, [70] * 3, [70] * 3], [0.1, 0.2, 0.7])
    found = goal(children, target=np.array([70, 70 + 1e-6, 70 - 1e-6]))
    assert found.interval.low == pytest.approx([70, 70, 70])
    assert found.interval.high == pytest.approx([70, 70, 70])
    assert found.chance_met.tolist() == [1, 0, 1]
    exact = np.nextafter(70, 71)
    assert goal(points([[70]]), target=exact).chance_met == [1]


def test_without_a_target_there_is_no_chance_of_meeting_it():
    children = spread([[60, 60]], 5, 5)
    assert np.isnan(goal(children).chance_met).all()
    found = goal(children, target=np.array([NAN, 60.0]))
    assert np.isnan(found.chance_met).tolist() == [True, False]
    assert found.chance_met[1] == 0.5
    assert not np.isnan(found.interval.low).any()


def test_children_without_an_interval_are_points_and_counted():
    value = np.array([[50.0, 50.0, 50.0], [70.0, 70.0, 70.0], [90.0, 90.0, NAN]])
    low = np.array([[40.0, NAN, NAN], [NAN, NAN, 70.0], [NAN, NAN, NAN]])
    high = np.array([[60.0, NAN, NAN], [NAN, NAN, 70.0], [NAN, NAN, NAN]])
    children = Children(value, low, high, [Goalposts()] * 3, np.ones(3))
    found = goal(children, level=0.95)
    assert found.without_interval.tolist() == [2, 3, 1]
    assert found.open_ended.tolist() == [0, 0, 0]
    assert found.score == pytest.approx([70, 70, 60])
    # With one interval the width is its third; with none nothing is known; a count is a point.
    assert found.interval.low[0] == pytest.approx(70 - 10 / 3, abs=0.02)
    assert np.isnan(found.interval.low).tolist() == [False, True, False]
    assert np.isnan(found.chance_met).all()
    assert found.interval.high[2] == pytest.approx(60)


@pytest.mark.parametrize("infinite", [False, True])
def test_an_open_end_bounds_the_interval_and_the_chance(infinite):
    # A median of 40 days with limits from 30 to unknown; 0 days is best, 100 worst: score 60.
    lower = Goalposts(100, 0)
    value, low = np.array([[40.0], [40.0]]), np.array([[30.0], [40.0]])
    high = np.array([[INF if infinite else NAN], [40.0]])
    children = Children(value, low, high, [lower, lower], np.ones(2))
    found = goal(children, target=50, level=0.95)
    assert (found.score, found.open_ended, found.without_interval) == ([60], [1], [0])
    # Later than any time on the open side scores 0 at worst, and as the value itself at best.
    assert found.interval.low == pytest.approx([30])
    assert found.interval.high == pytest.approx([65], abs=0.02)
    assert found.chance_met == [0.5]
    # The same for a KPI where more is better: at best 100, at worst as the value.
    found = goal(
        Children(value, low, high, [Goalposts(), Goalposts()], np.ones(2)), target=50, level=0.95
    )
    assert found.interval.low == pytest.approx([35], abs=0.02)
    assert found.interval.high == pytest.approx([70])
    assert found.chance_met == [0]


@pytest.mark.parametrize("unknown", [NAN, -INF])
def test_the_low_end_may_be_open_too(unknown):
    value, low, high = np.array([[40.0]]), np.array([[unknown]]), np.array([[50.0]])
    for rule, ends in ((Goalposts(), (0, 50)), (Goalposts(100, 0), (50, 100))):
        found = goal(Children(value, low, high, [rule], np.ones(1)), level=0.95)
        assert found.open_ended == [1]
        assert found.interval.low == pytest.approx([ends[0]], abs=0.05)
        assert found.interval.high == pytest.approx([ends[1]], abs=0.05)


def test_an_open_end_of_one_cell_widens_no_other():
    value = np.full((1, 3), 40.0)
    high = np.array([[45.0, NAN, 45.0]])
    found = goal(Children(value, value - 5, high, [Goalposts()], np.ones(1)), level=0.95)
    assert found.open_ended.tolist() == [0, 1, 0]
    assert found.interval.high == pytest.approx([45, 100, 45], abs=0.05)


def test_an_interval_without_a_value_is_missing():
    value, low = np.array([[NAN], [60.0]]), np.array([[30.0], [50.0]])
    found = goal(Children(value, low, low + 20, [Goalposts()] * 2, np.ones(2)))
    assert (found.coverage, found.score, found.open_ended) == ([0.5], [60], [0])


def test_a_median_that_is_never_reached_has_a_score():
    found = goal(points([[INF], [50]], rules=[Goalposts(100, 0), Goalposts()]), target=30)
    assert (found.score, found.open_ended, found.without_interval) == ([25], [0], [0])
    assert found.interval.low == pytest.approx([25])
    assert found.chance_met == [0]


def random_children(cells, children=20):
    random = np.random.default_rng(3)
    value = random.uniform(20, 80, (children, cells))
    value[random.random(value.shape) < 0.2] = NAN
    low, high = value - random.uniform(0, 20, value.shape), value + 5
    high[random.random(value.shape) < 0.1] = NAN
    return value, low, high, random.uniform(0, 2, children)


@pytest.mark.parametrize("aggregation", Aggregation)
def test_a_cell_is_the_same_to_the_last_digit_in_any_company(aggregation):
    *columns, weights = random_children(cells=90)
    rules = [Goalposts()] * len(weights)
    together = goal(Children(*columns, rules, weights), aggregation, target=50)
    for cells in ([41], [0, 89], list(range(3, 77))):
        few = [column[:, cells] for column in columns]
        alone = goal(Children(*few, rules, weights), aggregation, target=50)
        for name in ("score", "coverage", "chance_met", "worst", "worst_score", "open_ended"):
            np.testing.assert_array_equal(getattr(alone, name), getattr(together, name)[cells])
        np.testing.assert_array_equal(alone.interval.low, together.interval.low[cells])
        np.testing.assert_array_equal(alone.interval.high, together.interval.high[cells])


def test_the_same_seed_gives_the_same_and_another_nearly_the_same():
    *columns, weights = random_children(cells=3)
    children = Children(*columns, [Goalposts()] * len(weights), weights)
    one, same, other = (goal(children, seed=seed, draws=10_000) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.interval.low, same.interval.low)
    assert (one.interval.low != other.interval.low).all()
    assert one.interval.low == pytest.approx(other.interval.low, abs=0.2)


def test_there_are_10_000_draws_unless_told():
    children = spread([[40], [60]], 10, 10)
    usual = roll_up(children, ARITHMETIC, 0.5, 50, seed=1)
    told = roll_up(children, ARITHMETIC, 0.5, 50, seed=1, draws=10_000, level=0.90)
    assert usual.interval == told.interval


def test_more_draws_than_are_held_at_a_time_are_drawn_cell_by_cell():
    found = goal(spread([[40, 60]], 10, 10), draws=200_000)
    assert found.interval.low == pytest.approx(np.array([40, 60]) - 10 * Z90 / Z95, abs=1e-4)


def test_many_cells_need_no_more_memory_at_a_time():
    # All 6 000 x 1 000 drawn scores at once would be 48 MB.
    children = spread(np.full((2, 6000), 50.0), 5, 5)
    tracemalloc.start()
    goal(children, target=50)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 10e6


def test_no_cells_are_no_goals():
    found = goal(points(np.empty((2, 0))), target=50)
    assert found.score.shape == found.interval.low.shape == found.worst.shape == (0,)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"least": -0.1}, "least_coverage"), ({"least": 1.1}, "least_coverage"),
        ({"least": NAN}, "least_coverage"),
        ({"level": 0}, "level"), ({"level": 1}, "level"), ({"level": NAN}, "level"),
        ({"draws": 0}, "draws"), ({"draws": 101}, "draws"), ({"draws": -2}, "draws"),
        ({"target": np.ones(3)}, "target"), ({"target": np.ones((1, 2))}, "target"),
    ],
)  # fmt: skip
def test_settings_out_of_range_are_refused(options, words):
    with pytest.raises(ValueError, match=f"^{words} must be"):
        goal(points([[1, 2]]), **options)


def test_the_ends_of_the_ranges_are_allowed():
    found = goal(points([[10], [NAN]]), least=1, draws=2)
    assert np.isnan(found.score).all()
    assert goal(points([[10], [20]]), least=1, draws=2).score == [15]


SIZES = {"mean": 60, "share": 80, "net": 100}
MARKS, MARK_SHARES = np.arange(1, 6), np.array([0.05, 0.1, 0.2, 0.35, 0.3])
SHARE, NET_SHARES = 0.8, np.array([0.2, 0.3, 0.5])


def sampled_children(repetitions):
    """Samples of a mean, a share and a net score with their intervals, one cell a repetition."""
    random = np.random.default_rng(11)
    n = SIZES["mean"]
    answers = random.choice(MARKS, p=MARK_SHARES, size=(repetitions, n))
    mean = answers.mean(axis=1)
    half = scipy.stats.t.ppf(0.975, n - 1) * answers.std(axis=1, ddof=1) / np.sqrt(n)
    n = SIZES["share"]
    share = random.binomial(n, SHARE, repetitions) / n
    middle = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    reach = Z95 / (1 + Z95**2 / n) * np.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    n = SIZES["net"]
    detractors, _, promoters = random.multinomial(n, NET_SHARES, repetitions).T
    p, d = (promoters + 0.75) / (n + 3), (detractors + 0.75) / (n + 3)
    error = 100 * np.sqrt((p + d - (p - d) ** 2) / (n + 3))
    value = np.stack([mean, share, 100 * (promoters - detractors) / n])
    centre = np.stack([mean, middle, 100 * (p - d)])
    distance = np.stack([half, reach, Z95 * error])
    rules = [Goalposts(1, 5), Goalposts(0, 1), Goalposts(-100, 100)]
    weights = np.array([1.0, 2.0, 1.0])
    return Children(value, centre - distance, centre + distance, rules, weights)


@pytest.mark.parametrize("aggregation", Aggregation)
@pytest.mark.parametrize("level", [0.90, 0.95])
def test_the_interval_covers_the_true_score_as_often_as_it_says_or_a_little_more(
    aggregation, level
):
    children = sampled_children(4000)
    truth = np.array([MARKS @ MARK_SHARES, SHARE, 100 * (NET_SHARES[2] - NET_SHARES[0])])
    scores = np.array([[rule.score(x)] for rule, x in zip(children.rules, truth, strict=True)])
    true = aggregate(scores, children.weights[:, None], aggregation)
    found = goal(children, aggregation, level=level).interval
    covered = np.mean((found.low <= true) & (true <= found.high))
    # Three standard errors of a share among 4 000 repetitions are 1.4 points at 0.90.
    assert level - 0.014 < covered < level + 0.04
    assert found.level == level


def test_where_draws_lie_to_one_side_of_the_score_the_ends_are_the_bias_corrected_ones_too():
    # Eight values of 95 with a standard deviation of 10: what is drawn above 100 counts as 100.
    found = goal(spread([[95]] * 8, 10 * Z95, 10 * Z95), draws=10_000)
    random = np.random.default_rng(11)
    drawn = np.mean(np.minimum(random.normal(95, 10, (8, 500_000)), 100), axis=0)
    share = np.mean(drawn < 95)
    assert share > 0.75
    bias = scipy.stats.norm.ppf(share)
    # Efron (1981): the percentile of the level, moved by twice the bias.
    high = np.quantile(drawn, scipy.stats.norm.cdf(2 * bias + Z90))
    low = np.quantile(drawn, 0.05)
    assert found.interval.high == pytest.approx([high], abs=0.15)
    assert found.interval.low == pytest.approx([low], abs=0.15)
    # It is well beyond the percentile.
    assert found.interval.high[0] > np.quantile(drawn, 0.95) + 1


def test_where_draws_lie_on_both_sides_alike_the_ends_are_the_percentiles():
    # The sum of two independent errors of 2 and 3 has the standard deviation sqrt(13).
    found = goal(spread([[50], [50]], [[2 * Z95], [3 * Z95]], [[2 * Z95], [3 * Z95]]), draws=10_000)
    half = Z90 * 13**0.5 / 2
    assert found.interval.low == pytest.approx([50 - half], abs=0.06)
    assert found.interval.high == pytest.approx([50 + half], abs=0.06)


@given(
    st.lists(
        st.tuples(st.floats(-20, 120), st.floats(0, 80), st.floats(0, 80)), min_size=1, max_size=6
    ),
    st.sampled_from(Aggregation),
)
def test_the_interval_holds_the_score_always(children, aggregation):
    value, below, above = (np.array(one)[:, None] for one in zip(*children, strict=True))
    found = goal(spread(value, below, above), aggregation, draws=200)
    assert found.interval.low <= found.score + 1e-9
    assert found.interval.high >= found.score - 1e-9


def test_of_two_draws_the_ends_are_the_draws():
    # The middles of the halves of a normal distribution: its 25 and 75 per cent points.
    found = goal(spread([[50]], 10 * Z95, 10 * Z95), draws=2)
    quarter = 10 * scipy.stats.norm.ppf(0.75)
    assert found.interval.low == pytest.approx([50 - quarter])
    assert found.interval.high == pytest.approx([50 + quarter])


def test_a_child_whose_low_end_alone_is_unknown_has_an_interval():
    value = np.array([[50.0]])
    found = goal(Children(value, np.array([[NAN]]), value + 10, [Goalposts()], np.ones(1)))
    assert found.without_interval.tolist() == [0]
    assert found.open_ended.tolist() == [1]


def test_a_child_beyond_its_best_post_gives_the_goal_its_own_interval():
    # From 95 to 115: 95 to 100 are scored, and all beyond is 100.
    for level, low in ((0.95, 95.0), (0.90, 105 - 10 * Z90 / Z95)):
        found = goal(spread([[105]], 10, 10), level=level, draws=10_000)
        assert found.interval.low == pytest.approx([low], abs=0.02)
        assert found.interval.high == [100]

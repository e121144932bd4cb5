"""Weighted means, ratios and totals; the reference cases have the numbers of R beside these."""

import math
from dataclasses import replace

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.margins import Margin
from analysis.sampling import Design
from analysis.weighted import weighted_mean, weighted_ratio, weighted_total
from analysis.weights import post_stratify


@settings(deadline=None)
@given(st.lists(st.integers(0, 10).map(float), min_size=2, max_size=30))
def test_with_equal_weights_a_mean_has_the_t_interval_of_scipy(values):
    found = weighted_mean(values, Design(np.full(len(values), 2.5)))
    assert found.value == found.unweighted == pytest.approx(np.mean(values))
    assert (found.n, found.df) == (len(values), len(values) - 1)
    interval = found.interval(0.9)
    if len(set(values)) == 1:
        assert np.isnan([found.std_error, interval.low, interval.high]).all()
        return
    error = scipy.stats.sem(values)
    assert found.std_error == pytest.approx(error)
    assert found.design_effect == pytest.approx(1)
    limits = scipy.stats.t.interval(0.9, len(values) - 1, np.mean(values), error)
    assert (interval.low, interval.high) == pytest.approx(limits)
    assert (interval.level, interval.rule) == (0.9, "student_t")


def test_clusters_by_hand():
    # Customers a (4, 6), b (1), c (3): mean 14 / 4 = 3.5. Sums of distances: a 3, b -2.5, c -0.5,
    # over 4: variance 3/2 * (9 + 6.25 + 0.25) / 16.
    found = weighted_mean([4, 6, 1, 3], Design([1, 1, 1, 1], clusters=list("aabc")))
    assert found.std_error == pytest.approx(math.sqrt(1.5 * 15.5 / 16))
    assert found.df == 2
    half = 4.302652729911275 * found.std_error  # t with 2 degrees of freedom
    assert found.interval().high == pytest.approx(3.5 + half)


def test_strata_and_a_finite_population_by_hand():
    # a: 2 of 10, values 1 and 3; b: 2 of 30, values 5 and 9. Mean (10 * 2 + 30 * 7) / 40 = 5.75;
    # variance (1/4)^2 (1 - 0.2) 2/2 + (3/4)^2 (1 - 1/15) 8/2.
    design = Design([5, 5, 15, 15], list("aabb"), population=[10, 10, 30, 30])
    found = weighted_mean([1, 3, 5, 9], design)
    assert found.value == pytest.approx(5.75)
    assert found.unweighted == 4.5
    assert found.std_error**2 == pytest.approx(0.8 / 16 + 9 / 16 * (14 / 15) * 4)
    assert found.df == 2


def test_a_post_stratified_mean_by_hand():
    # Categories of 4 and 6 of 10. Residuals from the means of the categories: big 1 -+ 1, small
    # 5 -+ 2 (and 5). Weighted by 2 and 2, over 10: sum 0; n / (n - 1) = 5/4.
    labels = ["big", "big", "small", "small", "small"]
    margin = Margin.of("size", labels, {"big": 4, "small": 6})
    raked = post_stratify(margin)
    found = weighted_mean([0, 2, 3, 5, 7], Design(raked.weights, margins=[margin]))
    assert found.value == pytest.approx(0.4 * 1 + 0.6 * 5)
    squares = 2 * (2 * 1 / 10) ** 2 + 2 * (2 * 2 / 10) ** 2
    assert found.std_error**2 == pytest.approx(5 / 4 * squares)


def test_the_unit_of_the_weights_does_not_matter():
    rng = np.random.default_rng(2)
    values, weights = rng.normal(size=20), rng.uniform(1, 9, 20)
    first, second = (weighted_mean(values, Design(weights * unit)) for unit in (1, 1000))
    assert vars(first) == pytest.approx(vars(second))


def test_rows_outside_a_cell_stay_part_of_the_design():
    # Of 4 rows drawn, 2 in the cell: distances -1 and 1 over 2, and 0 twice; n / (n - 1) = 4/3.
    found = weighted_mean([1, 3, np.nan, np.nan], Design([1, 1, 1, 1]))
    assert (found.value, found.n, found.df) == (2, 2, 1)
    assert found.std_error**2 == pytest.approx(4 / 3 * (0.25 + 0.25))


def test_cells_beside_each_other_are_those_alone():
    values = np.array([[1, np.nan, 4], [3, 2, np.nan], [np.nan, np.nan, 9], [8, 5, np.nan]])
    design = Design([1, 2, 3, 4], clusters=list("wxyz"))
    together = weighted_mean(values, design)
    for cell in range(3):
        alone = weighted_mean(values[:, cell], design)
        for name, one in vars(alone).items():
            assert getattr(together, name)[cell] == pytest.approx(one, nan_ok=True), name


def test_a_ratio_is_that_of_the_sums():
    found = weighted_ratio([1, 10], [2, 40], Design([3, 1]))
    assert found.value == pytest.approx(13 / 46)
    assert found.unweighted == pytest.approx(11 / 42)
    # A row that lacks one of the two counts in neither sum.
    assert weighted_ratio([1, 10, 7], [2, 40, np.nan], Design([3, 1, 5])).value == found.value


def test_a_total_grows_with_the_weights():
    found = weighted_total([1, 2, 3], Design([10, 10, 10], population=30))
    # 30^2 (1 - 3/30) 1/3
    assert (found.value, found.unweighted) == (60, 6)
    assert found.std_error == pytest.approx(30 * math.sqrt(0.9 / 3))


def test_nobody_is_nan_and_one_has_no_interval():
    nobody = weighted_mean([np.nan, np.nan], Design([1, 1]))
    assert nobody.n == 0
    assert np.isnan([nobody.value, nobody.std_error, nobody.unweighted, nobody.effective_n]).all()
    assert np.isnan(weighted_mean([], Design([])).value)
    assert np.isnan(weighted_mean([4, 5], Design([0, 0])).value)
    one = weighted_mean([4, 5], Design([1, 0]))
    assert (one.value, one.n, one.unweighted, one.effective_n) == (4, 1, 4, 1)
    assert np.isnan([one.std_error, one.interval().low, one.interval().high]).all()
    assert np.isnan(weighted_total([np.nan], Design([1])).value)


def test_one_cluster_tells_nothing_of_the_spread():
    found = weighted_mean([1, 2, 3, np.nan], Design([1] * 4, clusters=list("aaab")))
    assert found.df == 0
    assert np.isnan([found.std_error, found.interval().low]).all()
    total = weighted_total([1, 2, 3, np.nan], Design([1] * 4, clusters=list("aaab")))
    assert total.value == 6
    assert np.isnan(total.std_error)


def test_with_infinite_degrees_of_freedom_an_interval_is_normal():
    found = weighted_mean([1, 2, 4], Design([1, 2, 1]))
    normal = replace(found, df=math.inf).interval()
    assert normal.high == pytest.approx(found.value + 1.959963984540054 * found.std_error)


def test_impossible_values_and_levels_are_refused():
    with pytest.raises(ValueError, match="values have the shape"):
        weighted_mean([1, 2], Design([1]))
    with pytest.raises(ValueError, match="A value is infinite"):
        weighted_mean([np.inf], Design([1]))
    for level in (0, 1, 95, np.nan):
        with pytest.raises(ValueError, match="The level"):
            weighted_mean([1, 2], Design([1, 1])).interval(level)


def test_the_interval_covers_the_mean_of_a_skewed_population_as_often_as_it_says():
    # Strata drawn at very different rates, so that the plain mean is far off.
    rng = np.random.default_rng(11)
    large, few = rng.gamma(2, 2, 900), rng.gamma(9, 2, 100)
    truth = (large.sum() + few.sum()) / 1000
    weights = np.r_[np.full(30, 30.0), np.full(30, 100 / 30)]
    design = Design(weights, np.r_[np.zeros(30), np.ones(30)], None, np.repeat([900, 100], 30))
    drawn = [np.r_[rng.choice(large, 30, False), rng.choice(few, 30, False)] for _ in range(2000)]
    interval = weighted_mean(np.stack(drawn, axis=1), design).interval()
    covered = np.mean((interval.low <= truth) & (truth <= interval.high))
    assert covered == pytest.approx(0.95, abs=0.03)

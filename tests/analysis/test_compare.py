"""Differences of means, shares and intervals: against scipy, published tables and by hand."""

import math
import time

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from analysis.change import Change, as_cells
from analysis.compare import compare_intervals, compare_means, compare_shares
from analysis.quantiles import normal_quantile, two_sided_t
from analysis.wilson import wilson

NAN = math.nan
# Moments of groups of ratings, for comparison with tests of the ratings themselves.
GROUPS = [[4, 5, 5, 3], [2, 3, 3, 4, 1], [7.5, 7.5, 8], [0, 10]]


def moments(group):
    return np.mean(group), np.var(group, ddof=1), len(group)


def ends(change, level=0.95):
    found = change.interval(level)
    return float(found.low), float(found.high)


def unknown(change):
    """Whether there is neither standard error, test nor interval."""
    return np.isnan([change.std_error, change.p, change.statistic, *ends(change)]).all()


@pytest.mark.parametrize("pooled", [False, True])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_means_compare_as_scipy_compares_the_ratings(pooled, level):
    pairs = [(one, other) for one in GROUPS for other in GROUPS if one is not other]
    first = [np.array(one) for one in zip(*(moments(one) for one, _ in pairs), strict=True)]
    second = [np.array(one) for one in zip(*(moments(other) for _, other in pairs), strict=True)]
    change = compare_means(*first, *second, pooled=pooled)
    found = change.interval(level)
    assert change.rule == found.rule == ("student_pooled" if pooled else "welch")
    assert found.level == level
    for at, (one, other) in enumerate(pairs):
        test = scipy.stats.ttest_ind(one, other, equal_var=pooled)
        limits = test.confidence_interval(level)
        assert change.statistic[at] == pytest.approx(test.statistic)
        assert change.df[at] == pytest.approx(test.df)
        assert change.p[at] == pytest.approx(test.pvalue)
        assert (found.low[at], found.high[at]) == pytest.approx((limits.low, limits.high))


def test_few_values_give_a_difference_without_interval_and_none_gives_nothing():
    one = compare_means(5.0, NAN, 1, 3.0, 2.0, 10)
    assert one.difference == 2
    assert unknown(one)
    # One value shows no spread, even where its variance is said to be 0.
    assert unknown(compare_means(5.0, 0.0, 1, 3.0, 2.0, 10, pooled=True))
    none = compare_means(NAN, NAN, 0, 3.0, 2.0, 10)
    assert math.isnan(none.difference)
    assert unknown(none)
    assert math.isnan(compare_means(0.0, 0.0, 0, 3.0, 2.0, 10).difference)


@pytest.mark.parametrize("pooled", [False, True])
def test_means_without_spread_have_no_test_even_where_rounding_left_some(pooled):
    assert unknown(compare_means(5.0, 0.0, 8, 5.0, 0.0, 9, pooled=pooled))
    assert unknown(compare_means(5.0, 1e-30, 8, 4.0, 0.0, 9, pooled=pooled))
    # One group with spread is enough: its variance is the difference's.
    change = compare_means(5.0, 0.0, 8, 4.0, 9.0, 9, pooled=False)
    assert (change.std_error, change.df) == pytest.approx((1.0, 8.0))


def test_small_units_are_not_taken_for_no_spread():
    change = compare_means(2e-9, 1e-18, 10, 1e-9, 1e-18, 10)
    assert change.statistic == pytest.approx(math.sqrt(5))


def test_a_cell_that_lacks_something_leaves_the_others_alone():
    change = compare_means([5.0, NAN, 5.0], 2.0, [10, 10, 10], 4.0, [2.0, 2.0, NAN], 10)
    assert np.isnan(change.p).tolist() == [False, True, True]
    assert change.p[0] == compare_means(5.0, 2.0, 10, 4.0, 2.0, 10).p
    shares = compare_shares([0.5, NAN, 0.5, 0.5], 10, 0.25, [20, 20, 0, NAN])
    assert np.isnan(shares.difference).tolist() == [False, True, True, True]
    assert np.isnan(shares.interval().low).tolist() == [False, True, True, True]


# Newcombe (1998) Statistics in Medicine 17:873-890, table II, method 10.
@pytest.mark.parametrize(
    ("x1", "n1", "x2", "n2", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062), (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775), (0, 10, 0, 10, -0.2775, 0.2775),
        (10, 10, 0, 20, 0.6791, 1.0000), (10, 10, 0, 10, 0.6075, 1.0000),
    ],
)  # fmt: skip
def test_newcombes_intervals_are_those_he_published(x1, n1, x2, n2, low, high):
    change = compare_shares(x1 / n1, n1, x2 / n2, n2)
    assert ends(change) == pytest.approx((low, high), abs=6e-5)
    assert change.interval().rule == "newcombe"


def test_the_score_test_is_the_chi_square_of_the_table():
    # Without the correction for continuity, which moves towards no difference.
    table = [[56, 14], [48, 32]]
    chi_square = scipy.stats.chi2_contingency(table, correction=False)
    change = compare_shares(0.8, 70, 0.6, 80)
    assert change.p == pytest.approx(chi_square.pvalue)
    assert change.statistic**2 == pytest.approx(chi_square.statistic)
    assert change.std_error == pytest.approx(math.sqrt(0.8 * 0.2 / 70 + 0.6 * 0.4 / 80))


def test_wald_and_agresti_caffo_by_hand():
    z = scipy.stats.norm.ppf(0.95)
    half = z * math.sqrt(0.8 * 0.2 / 70 + 0.6 * 0.4 / 80)
    wald = compare_shares(0.8, 70, 0.6, 80, rule="wald")
    assert ends(wald, 0.9) == pytest.approx((0.2 - half, 0.2 + half))
    one, other = 57 / 72, 49 / 82
    half = z * math.sqrt(one * (1 - one) / 72 + other * (1 - other) / 82)
    caffo = compare_shares(0.8, 70, 0.6, 80, rule="agresti_caffo")
    assert ends(caffo, 0.9) == pytest.approx((one - other - half, one - other + half))
    assert caffo.interval().rule == "agresti_caffo"
    # Cut at what a difference of shares can be: 11/12 - 1/12 + 1.96 sqrt(2 . 11/12/12/12) > 1.
    assert ends(compare_shares(1.0, 10, 0.0, 10, rule="agresti_caffo"))[1] == 1


@given(
    st.floats(0, 1), st.floats(0.5, 1e4), st.floats(0, 1), st.floats(0.5, 1e4),
    st.sampled_from([0.8, 0.95]),
)  # fmt: skip
def test_an_interval_of_shares_holds_its_difference_and_mirrors(share1, n1, share2, n2, level):
    change, mirrored = (
        compare_shares(share1, n1, share2, n2),
        compare_shares(share2, n2, share1, n1),
    )
    low, high = ends(change, level)
    assert -1 <= low <= change.difference <= high <= 1
    assert ends(mirrored, level) == pytest.approx((-high, -low))
    assert mirrored.p == pytest.approx(change.p)
    # Against a share of 0 that is known for sure only the first one's own limits are left.
    alone = ends(compare_shares(share1, n1, 0.0, 1e15))
    assert alone == pytest.approx(wilson(share1, n1), abs=1e-7)


def test_groups_that_are_all_alike_do_not_differ():
    for share in (0.0, 1.0):
        change = compare_shares(share, 12, share, 7)
        assert (change.difference, change.statistic, change.p) == (0, 0, 1)
        low, high = ends(change)
        assert low < 0 < high
    assert unknown(compare_shares(0.5, 0, 0.5, 10))
    assert compare_shares(1.0, 1, 0.0, 1).p == pytest.approx(0.157299, abs=1e-6)


def test_rounding_may_carry_a_share_over_its_edge():
    assert ends(compare_shares(1 + 1e-15, 10, 0.5, 10)) == ends(compare_shares(1.0, 10, 0.5, 10))


def test_differences_of_intervals_by_hand():
    # 30 (26 to 35) minus 22 (10 to 25): 8 - sqrt(4^2 + 3^2), 8 + sqrt(5^2 + 12^2).
    change = compare_intervals(30.0, 26.0, 35.0, 22.0, 10.0, 25.0)
    assert (change.difference, *ends(change)) == (8, 3, 21)
    z = scipy.stats.norm.ppf(0.975)
    assert change.std_error == pytest.approx(5 / z)
    assert change.p == pytest.approx(2 * scipy.stats.norm.sf(8 / (5 / z)))
    assert change.interval().rule == "mover"


def test_differences_of_normal_means_are_walds():
    change = compare_intervals(10.0, 8.0, 12.0, 7.0, 5.5, 8.5)
    assert ends(change) == pytest.approx((3 - 2.5, 3 + 2.5))


def test_open_ends_leave_open_what_needs_them():
    # 8 - sqrt(4^2 + open), 8 + sqrt(5^2 + 3^2); the end that faces 0 is open, so there is no p.
    change = compare_intervals(30.0, 26.0, 35.0, 22.0, 19.0, NAN)
    assert ends(change) == pytest.approx((NAN, 8 + math.sqrt(34)), nan_ok=True)
    assert np.isnan([change.p, change.std_error]).all()
    # Turned round, and with the open end on the other side, p is there.
    change = compare_intervals(22.0, 19.0, NAN, 30.0, 26.0, 35.0)
    assert np.isnan(change.p)
    change = compare_intervals(30.0, 26.0, NAN, 22.0, 10.0, 25.0)
    assert ends(change) == pytest.approx((3, NAN), nan_ok=True)
    assert change.p < 0.05
    not_reached = compare_intervals(NAN, 26.0, NAN, 22.0, 10.0, 25.0)
    assert math.isnan(not_reached.difference)
    assert unknown(not_reached)


@given(st.lists(st.floats(0.1, 50), min_size=4, max_size=4), st.floats(-100, 100))
def test_an_interval_leaves_out_0_where_p_is_below_one_minus_its_level(widths, value):
    change = compare_intervals(
        value, value - widths[0], value + widths[1], 0.0, -widths[2], widths[3], level=0.9
    )
    low, high = ends(change, 0.9)
    if min(abs(low), abs(high)) > 1e-6:
        assert (change.p < 0.1) == (low > 0 or high < 0)
    assert low <= change.difference <= high


def test_values_known_exactly_have_no_test():
    change = compare_intervals(5.0, 5.0, 5.0, 4.0, 4.0, 4.0)
    assert ends(change) == (1, 1)
    assert np.isnan([change.std_error, change.p]).all()


def test_limits_are_known_at_the_level_that_was_given():
    change = compare_intervals(30.0, 26.0, 35.0, 22.0, 10.0, 25.0, level=0.9)
    assert ends(change, 0.9) == (3, 21)
    with pytest.raises(ValueError, match=r"known at 0\.9 only. Compare intervals of the level 0\."):
        change.interval(0.95)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: compare_means(1, -1, 5, 1, 1, 5), "variance is below 0"),
        (lambda: compare_means(1, 1, -5, 1, 1, 5), "n is below 0"),
        (lambda: compare_means([1, 2], 1, 5, [1, 2, 3], 1, 5), r"\(2,\), \(\), \(\), \(3,\)"),
        (lambda: compare_shares(80, 5, 0.5, 5), "outside 0 to 1"),
        (lambda: compare_shares(0.5, 5, -0.1, 5), "outside 0 to 1"),
        (lambda: compare_shares(0.5, 5, 0.5, -1), "n is below 0"),
        (lambda: compare_shares(0.5, 5, 0.5, 5, rule="exact"), "rule exact is unknown"),
        (lambda: compare_intervals(1, 2, 3, 1, 0, 2), "does not hold its own value"),
        (lambda: compare_intervals(1, 0, 3, 5, 0, 2), "does not hold its own value"),
        (lambda: compare_intervals(1, 0, 3, 1, 0, 2, level=95), "level 95 is not between"),
        (lambda: compare_means(1, 1, 5, 1, 1, 5).interval(1.0), "level 1 is not between"),
        (lambda: compare_shares(0.5, 5, 0.5, 5).interval(0.0), "level 0 is not between"),
        (lambda: normal_quantile(NAN), "level nan is not between"),
        (lambda: two_sided_t(2, 4.0), "level 2 is not between"),
        (lambda: as_cells([1, 2], [1, 2, 3]), "do not fit together"),
    ],
)
def test_impossible_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_scorecard_of_any_shape_keeps_it():
    mean = np.arange(6.0).reshape(2, 3)
    change = compare_means(mean, 1.0, 10, 0.0, 1.0, 10)
    assert isinstance(change, Change)
    assert change.p.shape == change.df.shape == change.interval().low.shape == (2, 3)
    assert compare_shares(np.full((2, 3), 0.5), 5, 0.5, 5).interval().high.shape == (2, 3)
    assert compare_means(np.array([]), 1.0, 5, 1.0, 1.0, 5).p.shape == (0,)


def test_a_hundred_thousand_cells_take_no_loop():
    cells = 100_000
    mean, n = np.linspace(0, 1, cells), np.arange(cells) % 50
    start = time.perf_counter()
    compare_means(mean, mean, n, mean[::-1], mean, n).interval()
    compare_shares(mean, n, mean[::-1], n).interval()
    # About 0.15 s on two slow cores; a loop over cells would take ten times the limit.
    assert time.perf_counter() - start < 2

"""Differences of net scores: consistent with the interval of each, covering what they should."""

import math
from itertools import product

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from analysis.net_change import compare_net_scores
from analysis.rating_intervals import adjusted_wald

NAN = math.nan


def moments(promoters, passives, detractors):
    """Mean vote, its variance with divisor n, and n."""
    n = promoters + passives + detractors
    mean = (promoters - detractors) / n
    return mean, (promoters + detractors) / n - mean**2, n


def ends(change, level=0.95):
    found = change.interval(level)
    return float(found.low), float(found.high)


def test_the_interval_is_recovered_from_those_that_the_scores_are_shown_with():
    first, second = moments(30, 5, 5), moments(25, 10, 15)
    low1, high1, error1 = adjusted_wald(*first)
    low2, high2, error2 = adjusted_wald(*second)
    score1, score2 = 100 * first[0], 100 * second[0]
    change = compare_net_scores(*first, *second)
    assert change.difference == pytest.approx(62.5 - 20)
    assert ends(change) == pytest.approx(
        (
            42.5 - math.hypot(score1 - low1, high2 - score2),
            42.5 + math.hypot(high1 - score1, score2 - low2),
        )
    )
    assert change.std_error == pytest.approx(math.hypot(error1, error2))
    assert change.interval().rule == "adjusted_wald"


def test_p_falls_steadily_as_the_groups_grow():
    # Nine of ten promoters, against ever more of whom all are.
    sizes = np.array([2, 5, 10, 20, 40, 80, 160, 320, 1000])
    p = compare_net_scores(*moments(9, 1, 0), 1.0, 0.0, sizes).p
    assert (np.diff(p) <= 1e-12).all()
    assert p[4] == pytest.approx(0.53, abs=0.01)
    # At that level the first's own limits are both below its score.
    ends_there = ends(compare_net_scores(*moments(9, 1, 0), 1.0, 0.0, 40), 1 - float(p[4]))
    assert ends_there[1] == pytest.approx(0, abs=1e-9)
    # Where nobody is uncertain of the second, the first's own limits reach it: 69.23 + z 15.9.
    assert p[-1] == pytest.approx(2 * scipy.stats.norm.sf(30.77 / 15.9), abs=2e-3)


@st.composite
def vote_counts(draw):
    counts = draw(st.tuples(*3 * [st.integers(0, 40)]).filter(lambda one: sum(one) >= 2))
    return moments(*counts)


@given(vote_counts(), vote_counts())
def test_p_is_one_minus_the_level_at_which_the_interval_ends_at_0(first, second):
    change, mirrored = compare_net_scores(*first, *second), compare_net_scores(*second, *first)
    assert 0 <= change.p <= 1
    assert mirrored.p == pytest.approx(change.p)
    low, high = ends(change)
    assert ends(mirrored) == pytest.approx((-high, -low))
    assert low >= -200 - 1e-9
    assert low - 1e-9 <= change.difference <= high + 1e-9
    if 1e-9 < change.p < 1:
        end = ends(change, 1 - float(change.p))[0 if change.difference > 0 else 1]
        assert end == pytest.approx(0, abs=1e-6)


def test_equal_scores_do_not_differ_however_unequal_the_groups():
    # Subtracting adjusted scores would find 60 points between all of 2 and all of 1000 promoters.
    change = compare_net_scores(1.0, 0.0, 2, 1.0, 0.0, 1000)
    assert (change.difference, change.statistic, change.p) == (0, 0, 1)
    low, high = ends(change, 0.8)
    assert low < 0 < high + 1e-9


def all_outcomes(n, promoters, detractors):
    """Mean, variance and probability of everything that n answers can be."""
    counts = [(p, d) for p, d in product(range(n + 1), repeat=2) if p + d <= n]
    means = np.array([(p - d) / n for p, d in counts])
    squares = np.array([(p + d) / n for p, d in counts])
    chance = scipy.stats.multinomial.pmf(
        [(p, d, n - p - d) for p, d in counts],
        n,
        (promoters, detractors, 1 - promoters - detractors),
    )
    return means[:, None], (squares - means**2)[:, None], chance[:, None]


@pytest.mark.parametrize(
    ("n1", "n2", "first", "second"),
    [
        (5, 5, (0.5, 0.2), (0.5, 0.2)), (5, 5, (0.1, 0.6), (0.9, 0.02)),
        (5, 40, (0.9, 0.02), (0.9, 0.02)), (10, 20, (0.9, 0.05), (0.5, 0.2)),
    ],
)  # fmt: skip
def test_the_interval_covers_about_what_it_says_at_small_n(n1, n2, first, second):
    mean1, variance1, chance1 = all_outcomes(n1, *first)
    mean2, variance2, chance2 = (one.T for one in all_outcomes(n2, *second))
    true = 100 * (first[0] - first[1] - second[0] + second[1])
    found = compare_net_scores(mean1, variance1, n1, mean2, variance2, n2).interval()
    covered = (found.low <= true + 1e-9) & (true - 1e-9 <= found.high)
    assert 0.92 <= (chance1 * chance2 * covered).sum() <= 1


def test_plain_wald_by_hand_at_another_level():
    change = compare_net_scores(*moments(30, 5, 5), *moments(25, 10, 15), rule="wald")
    # 0.875 - 0.625^2 and 0.8 - 0.2^2, by 40 and 50.
    error = 100 * math.sqrt(0.484375 / 40 + 0.76 / 50)
    half = scipy.stats.norm.ppf(0.9) * error
    assert change.std_error == pytest.approx(error)
    assert ends(change, 0.8) == pytest.approx((42.5 - half, 42.5 + half))
    assert change.p == pytest.approx(2 * scipy.stats.norm.sf(42.5 / error))
    assert change.interval().rule == "wald"


def test_plain_wald_knows_nothing_without_spread_where_the_adjusted_does():
    plain = compare_net_scores(1.0, 0.0, 5, -1.0, 0.0, 5, rule="wald")
    assert plain.difference == 200
    assert np.isnan([plain.std_error, plain.p, *ends(plain)]).all()
    adjusted = compare_net_scores(1.0, 0.0, 5, -1.0, 0.0, 5)
    assert adjusted.p < 0.05
    assert ends(adjusted)[1] == 200


@pytest.mark.parametrize("rule", ["adjusted_wald", "wald"])
def test_one_vote_gives_a_difference_without_interval_and_none_gives_nothing(rule):
    change = compare_net_scores(
        [1.0, NAN, 0.5], [0.0, NAN, 0.25], [1, 0, 8], 0.2, 0.5, 10, rule=rule
    )
    assert change.difference == pytest.approx([80, NAN, 30], nan_ok=True)
    for found in (change.std_error, change.p, change.interval().low, change.interval().high):
        assert np.isnan(found).tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ((50, 0, 5, 0, 0, 5), "outside -1 to 1"),
        ((0.5, 0.8, 5, 0, 0, 5), "cannot vary so"),
        ((0.5, -0.1, 5, 0, 0, 5), "cannot vary so"),
        ((0.5, 0.1, -5, 0, 0, 5), "n is below 0"),
        (([0.5, 0.5], 0.1, 5, [0, 0, 0], 0, 5), "do not fit together"),
    ],
)
def test_what_no_votes_can_be_is_refused_in_words(given_, words):
    with pytest.raises(ValueError, match=words):
        compare_net_scores(*given_)


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="rule goodman is unknown"):
        compare_net_scores(0, 0, 5, 0, 0, 5, rule="goodman")

"""How many answers an interval needs: enough, and one less is not."""

import math

import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from analysis.planning import (
    Precision,
    invitations,
    plan_mean,
    plan_net_score,
    plan_share,
    smallest,
)

LEVELS = st.sampled_from([0.8, 0.9, 0.95, 0.99])


def student_half(n, sd, level):
    return scipy.stats.t.ppf(0.5 + level / 2, n - 1) * sd / math.sqrt(n)


def wilson_half(n, share, level):
    """Wilson's limits are where a score test just rejects: the roots of a quadratic."""
    z2 = scipy.stats.norm.ppf(0.5 + level / 2) ** 2
    a, b, c = n + z2, -(2 * n * share + z2), n * share**2
    return math.sqrt(b * b - 4 * a * c) / (2 * a)


def net_half(n, promoters, detractors, level):
    p, d = (n * promoters + 0.75) / (n + 3), (n * detractors + 0.75) / (n + 3)
    reach = scipy.stats.norm.ppf(0.5 + level / 2) * math.sqrt((p + d - (p - d) ** 2) / (n + 3))
    return 50 * (min(1, p - d + reach) - max(-1, p - d - reach))


@given(st.floats(0.1, 3), st.floats(0.05, 2), LEVELS)
def test_a_mean_has_enough_answers_and_one_less_is_not(sd, half_width, level):
    plan = plan_mean(sd, Precision(half_width, level))
    assert plan.half_width == pytest.approx(student_half(plan.n, sd, level))
    assert plan.half_width <= half_width
    assert plan.n == 2 or student_half(plan.n - 1, sd, level) > half_width
    assert plan.rule == "student_t"


@given(st.floats(0, 1), st.floats(0.01, 0.6), LEVELS)
def test_a_share_has_enough_answers_and_one_less_is_not(share, half_width, level):
    plan = plan_share(share, Precision(half_width, level))
    assert plan.half_width == pytest.approx(wilson_half(plan.n, share, level))
    assert plan.half_width <= half_width
    assert plan.n == 1 or wilson_half(plan.n - 1, share, level) > half_width
    assert plan.rule == "wilson"


@given(st.floats(0, 1), st.floats(0, 1), st.floats(2, 120), LEVELS)
def test_a_net_score_has_enough_answers_and_one_less_is_not(first, second, half_width, level):
    promoters, detractors = first, second * (1 - first)
    plan = plan_net_score(promoters, detractors, Precision(half_width, level))
    assert plan.half_width == pytest.approx(net_half(plan.n, promoters, detractors, level))
    assert plan.half_width <= half_width
    assert plan.n == 2 or net_half(plan.n - 1, promoters, detractors, level) > half_width
    assert plan.rule == "adjusted_wald"


@given(
    st.integers(1, 500), st.floats(0.02, 0.5), st.floats(0, 1), st.sampled_from(["mean", "share"])
)
def test_of_a_finite_population_fewer_are_enough_and_one_less_is_not(
    population, half_width, share, kind
):
    def half(n):
        if n == population:
            return 0.0
        if kind == "mean":
            return student_half(n, 0.4, 0.95) * math.sqrt(1 - n / population)
        return wilson_half(n * (population - 1) / (population - n), share, 0.95)

    wanted = Precision(half_width, population=population)
    plan = plan_mean(0.4, wanted) if kind == "mean" else plan_share(share, wanted)
    least = min(population, 2 if kind == "mean" else 1)
    assert plan.n <= population
    assert plan.half_width == pytest.approx(half(plan.n), abs=1e-12)
    assert plan.half_width <= half_width
    assert plan.n == least or half(plan.n - 1) > half_width


def test_a_net_score_of_a_finite_population_has_a_smaller_error():
    plan = plan_net_score(0.5, 0.2, Precision(5, population=300))
    for n, enough in ((plan.n, True), (plan.n - 1, False)):
        half = net_half(n, 0.5, 0.2, 0.95) * math.sqrt((300 - n) / 299)
        assert bool(half <= 5) is enough
    assert plan_net_score(0.5, 0.2, Precision(1e-6, population=300)).n == 300


def test_known_sizes():
    # 0.5 sqrt(z^2 / (n + z^2)) <= 0.05 is n >= 99 z^2 = 380.3; Wald's textbook size is 385.
    assert plan_share(0.5, Precision(0.05)).n == 381
    assert plan_share(0.5, Precision.of_width(0.1)).n == 381
    # A share of 0: z^2 / (n + z^2) <= 0.1 is n >= 9 z^2 = 34.6.
    assert plan_share(0, Precision(0.05)).n == 35


def test_each_invited_answers_with_the_rate_that_is_expected():
    assert plan_share(0.5, Precision(0.05, response_rate=0.25)).invite == 4 * 381
    assert plan_share(0.5, Precision(0.05)).invite == 381
    # As decimals: 30 / 0.3 is 100, and not one more for the sake of binary fractions.
    assert invitations(30, 0.3) == 100
    assert invitations(31, 0.3) == 104


def test_where_too_few_can_be_invited_there_is_no_number_to_invite():
    plan = plan_share(0.5, Precision(0.05, population=400, response_rate=0.3))
    assert plan.n == 196
    assert plan.invite is None


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"half_width": 0}, "half-width is 0"),
        ({"half_width": math.nan}, "half-width is nan"),
        ({"half_width": 1, "level": 95}, "level is 95"),
        ({"half_width": 1, "population": 0}, "population is 0"),
        ({"half_width": 1, "response_rate": 0}, "response rate is 0"),
        ({"half_width": 1, "response_rate": 1.1}, "response rate is 1.1"),
    ],
)
def test_impossible_wishes_are_named(wanted, message):
    with pytest.raises(ValueError, match=message):
        Precision(**wanted)


def test_impossible_expectations_are_named():
    wanted = Precision(1)
    for sd in (0, -1, math.nan):
        with pytest.raises(ValueError, match="standard deviation is"):
            plan_mean(sd, wanted)
    for share in (-0.1, 80, math.nan):
        with pytest.raises(ValueError, match="share is"):
            plan_share(share, wanted)
    for p, d in ((-0.1, 0.2), (0.7, 0.4), (math.nan, 0.1)):
        with pytest.raises(ValueError, match="promoters and detractors"):
            plan_net_score(p, d, wanted)
    with pytest.raises(ValueError, match="more than 1000000000 answers"):
        plan_share(0.5, Precision(1e-6))


@given(st.integers(1, 50), st.integers(1, 400), st.integers(0, 400))
def test_the_smallest_number_is_found_wherever_it_lies(least, most, first):
    expected = next((n for n in range(least, most + 1) if n >= first), None)
    if least <= most:
        assert smallest(lambda n: n >= first, least, most) == expected

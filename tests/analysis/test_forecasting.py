"""Forecasts to the end of a period: by hand, by other programs, and covering what they say."""

import math

import numpy as np
import pytest
import scipy.stats

from analysis.forecasting import forecast_count, forecast_mean, forecast_share, forecast_sum

NAN = math.nan
BEFORE, TOTALS = [60.0, 80.0, 70.0, 65.0], [100.0, 130.0, 120.0, 110.0]
# Nine periods; what comes after is about half of what came before.
MANY = np.array([40.0, 55.0, 38.0, 62.0, 49.0, 51.0, 44.0, 58.0, 47.0])
AFTER = MANY / 2 + np.array([1.0, -1.0, 2.0, 0.0, -2.0, 1.0, -1.0, 1.0, 0.0])


def ends(forecast, level=0.95):
    found = forecast.interval(level)
    return found.low, found.high


def test_with_few_periods_the_rest_is_the_mean_rest_with_students_prediction_limits():
    # Rests 40 50 50 45: mean 46.25, variance 68.75 / 3.
    found = forecast_sum(70.0, BEFORE, TOTALS)
    error = math.sqrt(68.75 / 3 * (1 + 1 / 4))
    half = scipy.stats.t.ppf(0.9, 3) * error
    assert found.value == 70 + 46.25
    assert found.std_error == pytest.approx(error)
    assert ends(found, 0.8) == pytest.approx((116.25 - half, 116.25 + half))
    assert found.interval().rule == found.rule == "usual_rest"
    assert found.share_reached == pytest.approx(275 / 460)
    assert (found.n, found.reason) == (4, "")


def test_with_enough_periods_a_good_start_promises_a_good_end():
    found = forecast_sum(70.0, MANY, MANY + AFTER)
    line = scipy.stats.linregress(MANY, AFTER)
    left = AFTER - line.intercept - line.slope * MANY
    squares = ((MANY - MANY.mean()) ** 2).sum()
    error = math.sqrt((left**2).sum() / 7 * (1 + 1 / 9 + (70 - MANY.mean()) ** 2 / squares))
    half = scipy.stats.t.ppf(0.975, 7) * error
    value = 70 + line.intercept + 70 * line.slope
    assert found.value == pytest.approx(value)
    assert ends(found) == pytest.approx((value - half, value + half))
    assert found.rule == "rest_by_regression"
    assert found.value > forecast_sum(70.0, MANY[:7], (MANY + AFTER)[:7]).value


def test_starts_that_were_all_the_same_tell_no_slope():
    found = forecast_sum(7.0, np.full(9, 0.1), 0.1 + AFTER)
    assert found.rule == "usual_rest"
    assert found.value == pytest.approx(7 + AFTER.mean())


def test_a_sum_that_never_fell_is_not_forecast_to_fall():
    found = forecast_sum(50.0, [40.0, 45.0, 50.0], [41.0, 46.0, 60.0])
    low, high = ends(found)
    assert low == 50
    assert high > 60
    # Where it did fall it may again.
    assert ends(forecast_sum(50.0, [40.0, 45.0, 50.0], [39.0, 46.0, 60.0]))[0] < 50


def test_past_periods_with_a_gap_are_left_out():
    found = forecast_sum(70.0, [*BEFORE, NAN, 5.0], [*TOTALS, 7.0, NAN])
    assert (found.value, found.n) == (116.25, 4)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (forecast_sum(70.0, [60.0, 80.0], [100.0, 130.0]), "There are 2 finished periods"),
        (forecast_sum(70.0, [60.0], [100.0]), "There is 1 finished period; a forecast needs 3"),
        (forecast_sum(70.0, [], []), "There are 0 finished periods"),
        (forecast_sum(NAN, BEFORE, TOTALS), "Nothing has come in yet"),
        (forecast_count(5, [], []), "There are 0 finished periods; a forecast needs 1"),
        (forecast_count(NAN, [4], [8]), "Nothing has come in yet"),
        (forecast_mean(NAN, NAN, 0, 50), "Nothing has come in yet"),
        (forecast_mean(7.0, 1.0, 50, 40), "50 answers have come in, more than the 40"),
        (forecast_mean(7.0, 1.0, 50, NAN), "not known how many answers to expect"),
        (forecast_share(NAN, 0, 50), "Nothing has come in yet"),
        (forecast_share(0.5, 50, 40), "more than the 40 that were expected"),
    ],
)
def test_too_little_to_tell_by_is_told_in_place_of_a_number(found, words):
    assert words in found.reason
    assert found.rule == ""
    assert np.isnan([found.value, found.std_error, *ends(found)]).all()


@pytest.mark.parametrize(
    ("found", "value"),
    [
        (forecast_sum(7.0, [0.1, 0.2, 0.3], [1.1, 1.2, 1.3]), 8.0),
        (forecast_sum(7.0, MANY, 1.5 * MANY), 10.5),
        (forecast_sum(7.0, BEFORE, BEFORE), 7.0),
        (forecast_mean(7.0, NAN, 1, 10), 7.0),
        (forecast_mean(7.0, 0.0, 5, 10), 7.0),
        (forecast_mean(7.0, 1e-30, 5, 10), 7.0),
    ],
)
def test_without_any_spread_there_is_a_value_and_the_reason_for_no_interval(found, value):
    assert found.value == pytest.approx(value)
    assert "no interval" in found.reason
    assert np.isnan([found.std_error, *ends(found)]).all()


def test_a_count_is_what_came_and_the_mean_rest():
    found = forecast_count(14, [10, 16, 12], [20, 27, 21])
    # Rests 10 + 11 + 9 of 3; gamma(30.5) / 3 mixed into a Poisson has these moments.
    assert found.value == 14 + 10
    assert found.std_error == pytest.approx(math.sqrt(30.5 / 3 + 30.5 / 9))
    assert found.rule == "poisson_rest"
    assert found.share_reached == pytest.approx(38 / 68)
    rate = np.linspace(1e-6, 40, 40_001)
    chance = scipy.stats.gamma.pdf(rate, 30.5, scale=1 / 3)
    low, high = ends(found, 0.9)
    for end, share in ((low - 14, 0.05), (high - 14, 0.95)):
        below, at = (
            np.trapezoid(chance * scipy.stats.poisson.cdf(count, rate), rate)
            for count in (end - 1, end)
        )
        assert below < share <= at


@pytest.mark.parametrize(("rate", "periods"), [(2.0, 3), (8.0, 6), (0.3, 12)])
def test_a_count_ends_within_its_limits_as_often_as_they_say(rate, periods):
    past = np.arange(scipy.stats.poisson.ppf(1 - 1e-9, rate * periods) + 1)
    covered = 0.0
    for total in past.tolist():
        low, high = ends(forecast_count(0, [0] * periods, [total] + [0] * (periods - 1)))
        within = scipy.stats.poisson.cdf(high, rate) - scipy.stats.poisson.cdf(low - 1, rate)
        covered += scipy.stats.poisson.pmf(total, rate * periods) * within
    assert 0.94 < covered < 1


def test_nothing_so_far_and_nothing_after_still_leaves_something_possible():
    found = forecast_count(0, [0, 0], [0, 0])
    low, high = ends(found)
    assert found.value == low == 0
    assert high >= 1
    assert math.isnan(found.share_reached)


def test_a_mean_is_as_uncertain_as_its_missing_answers_make_it():
    # 1.5^2 / 60 by a third that is missing.
    found = forecast_mean(7.4, 2.25, 60, 90)
    half = scipy.stats.t.ppf(0.975, 59) * math.sqrt(2.25 / 60 / 3)
    assert found.value == 7.4
    assert ends(found) == pytest.approx((7.4 - half, 7.4 + half))
    assert found.rule == "finite_rest"
    # The variance of (60 mean + 30 mean of the rest) / 90 minus the mean, both uncertain.
    assert found.std_error == pytest.approx(math.sqrt((1 / 3) ** 2 * (2.25 / 60 + 2.25 / 30)))
    boundless = forecast_mean(7.4, 2.25, 60, math.inf)
    assert boundless.std_error == pytest.approx(math.sqrt(2.25 / 60))
    assert ends(forecast_mean(7.4, 2.25, 60, 60)) == (7.4, 7.4)


def test_a_share_has_the_quantiles_of_the_beta_binomial():
    found = forecast_share(0.75, 40, 60)
    rest = scipy.stats.betabinom(20, 30.5, 10.5)
    for level in (0.8, 0.95):
        expected = [(30 + rest.ppf(one)) / 60 for one in ((1 - level) / 2, (1 + level) / 2)]
        assert ends(found, level) == pytest.approx(expected)
    assert found.rule == "beta_binomial_rest"
    assert found.share_reached == pytest.approx(2 / 3)
    assert found.std_error == pytest.approx(math.sqrt(0.75 * 0.25 / 40 * 20 / 60))


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(("n", "at_end"), [(1, 1), (2, 3), (12, 100), (7.5, 60.2)])
def test_a_share_ends_where_it_still_can(share, n, at_end):
    low, high = ends(forecast_share(share, n, at_end))
    rest = round(at_end - n)
    assert share * n / (n + rest) <= low <= share <= high <= (share * n + rest) / (n + rest)
    if not rest:
        assert low == high == share


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_a_share_ends_within_its_limits_as_often_as_they_say(share):
    n, rest, covered = 20, 30, 0.0
    chance = scipy.stats.binom.pmf(np.arange(rest + 1), rest, share)
    for yes in range(n + 1):
        low, high = ends(forecast_share(yes / n, n, n + rest))
        end = (yes + np.arange(rest + 1)) / (n + rest)
        within = chance[(end >= low - 1e-9) & (end <= high + 1e-9)].sum()
        covered += scipy.stats.binom.pmf(yes, n, share) * within
    assert 0.93 < covered < 0.995


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: forecast_sum(1.0, [1.0, 2.0], [1.0]), "a number until now and one at its end"),
        (lambda: forecast_sum(1.0, [[1.0]], [[1.0]]), "a number until now and one at its end"),
        (lambda: forecast_sum(math.inf, BEFORE, TOTALS), "number is infinite"),
        (lambda: forecast_sum(1.0, BEFORE, [math.inf] * 4), "number is infinite"),
        (lambda: forecast_count(-1, [1], [2]), "below 0 or falls"),
        (lambda: forecast_count(1, [3], [2]), "below 0 or falls"),
        (lambda: forecast_count(1, [-1], [2]), "below 0 or falls"),
        (lambda: forecast_mean(7.0, -1.0, 5, 10), "variance is below 0"),
        (lambda: forecast_mean(7.0, 1.0, -5, 10), "number of answers is below 0"),
        (lambda: forecast_share(75, 40, 60), "share 75 is outside 0 to 1"),
        (lambda: forecast_share(0.5, 40, math.inf), "answers at the end are infinite"),
        (lambda: forecast_share(0.5, 40, -1), "number of answers is below 0"),
        (lambda: forecast_share(0.5, 40, 60).interval(95), "level 95 is not between"),
        (lambda: forecast_sum(1.0, [], []).interval(1.0), "level 1 is not between"),
    ],
)
def test_impossible_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()

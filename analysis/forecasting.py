"""Where a number will stand at the end of a period that is not over yet, with its interval.

What has come in is certain; only the rest is forecast. Where there is too little to tell it by, the
forecast has no value but a reason.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.stats import betabinom, nbinom

from analysis.interval import CI_LEVEL, Floats, Interval
from analysis.quantiles import normal_quantile, two_sided_t

# Fewer finished periods than this do not show how much the rest varies.
FEWEST = 3
# From so many on the rest is told from what has come in; before, a slope is told too badly.
ENOUGH_FOR_A_SLOPE = 8
# Rests, or answers, closer together than this share of them are the same but for rounding.
ALIKE = 1e-12

Limits = Callable[[float], tuple[float, float]]


def _no_limits(_: float) -> tuple[float, float]:
    return math.nan, math.nan


@dataclass(frozen=True)
class Forecast:
    """A number at the end of its period.

    Attributes
    ----------
    value : float
        NaN where there is only a reason.
    n : int
        Finished periods, or values that came in, that it rests on.
    rule : str
        How the rest was forecast; '' where there is only a reason.
    reason : str
        A sentence on why value or interval is absent; '' where neither is.
    std_error : float
        Standard deviation of what is still uncertain; NaN where there is no interval.
    share_reached : float
        The share of the end's number that past periods had reached at this point, taken together;
        of a mean or a share, how many of the answers have come. NaN where that says nothing.
    """

    value: float
    n: int
    rule: str = ""
    reason: str = ""
    std_error: float = math.nan
    share_reached: float = math.nan
    limits: Limits = field(default=_no_limits, repr=False, compare=False)

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Limits between which the number will end; NaN where there are none.

        Raises
        ------
        ValueError
            If the level is not between 0 and 1.
        """
        normal_quantile(level)
        low, high = self.limits(level)
        return Interval(low, high, level, self.rule)


def forecast_sum(so_far: float, past_so_far: npt.ArrayLike, past_totals: npt.ArrayLike) -> Forecast:
    """A sum of figures at the end of the period: what has come in plus the rest as it usually was.

    With 3 to 7 finished periods the rest is their mean rest (rule ``usual_rest``); from 8 on it is
    told by least squares from what had come in by now (``rest_by_regression``), so that a period
    that begins well may end well. Limits are Student's prediction limits. If no rest was ever
    below 0, neither is this one.

    Parameters
    ----------
    so_far : float
        Sum until now; NaN where nothing was reported yet.
    past_so_far, past_totals : array (periods,)
        For each finished period, the sum until the same point of it, and at its end. Periods with a
        NaN are left out. Periods before a break should not be given.

    Raises
    ------
    ValueError
        If there are not two rows of one length, or a number is infinite.

    Examples
    --------
    >>> found = forecast_sum(70, [60, 80, 70, 65], [100, 130, 120, 110])
    >>> ends = found.interval()
    >>> found.value, round(ends.low, 1), round(ends.high, 1), found.rule
    (116.25, 99.2, 133.3, 'usual_rest')
    """
    before, rests, share = _history(so_far, past_so_far, past_totals)
    n = len(rests)
    if trouble := _trouble(so_far, n, FEWEST):
        return Forecast(math.nan, n, reason=trouble)
    by_slope = n >= ENOUGH_FOR_A_SLOPE and np.ptp(before) > ALIKE * np.abs(before).max()
    rule = "rest_by_regression" if by_slope else "usual_rest"
    off = before - before.mean() if by_slope else np.zeros(n)
    squares = float(off @ off) if by_slope else 1.0
    slope = float(off @ rests) / squares
    here = so_far - float(before.mean())
    rest = float(rests.mean()) + slope * here
    left = rests - rests.mean() - slope * off
    df = n - 2 if by_slope else n - 1
    error = math.sqrt(float(left @ left) / df * (1 + 1 / n + by_slope * here**2 / squares))
    lowest = 0.0 if (rests >= 0).all() else -math.inf
    value = so_far + max(lowest, rest)
    if error <= ALIKE * float(np.abs(rests).max()):
        alike = "The rest followed in every past period alike, so there is no interval."
        return Forecast(value, n, rule, alike, share_reached=share)

    def limits(level: float) -> tuple[float, float]:
        half = float(two_sided_t(level, float(df))) * error
        return so_far + max(lowest, rest - half), so_far + max(lowest, rest + half)

    return Forecast(value, n, rule, "", error, share, limits)


def forecast_count(
    so_far: float, past_so_far: npt.ArrayLike, past_totals: npt.ArrayLike
) -> Forecast:
    """A count of independent events at the end of the period: those so far plus Poisson's rest.

    For counts that are declared Poisson: then the rest does not depend on what has come in. With T
    events in the rests of k finished periods, this one's rest has the predictive distribution of
    Jeffreys' prior, negative binomial with T + 1/2 and k / (k + 1); its quantiles are the limits.
    Counts that vary more than Poisson's belong in ``forecast_sum``.

    Parameters
    ----------
    so_far : float
        Events until now; NaN where nothing was reported yet.
    past_so_far, past_totals : array (periods,)
        For each finished period, events until the same point of it, and in all of it. Periods with
        a NaN are left out. One is enough.

    Raises
    ------
    ValueError
        If there are not two rows of one length, or a count is negative, infinite or falls.

    Examples
    --------
    >>> found = forecast_count(14, [10, 16, 12], [20, 27, 21])
    >>> ends = found.interval()
    >>> found.value, ends.low, ends.high, round(found.share_reached, 2)
    (24.0, 18.0, 32.0, 0.56)
    """
    before, rests, share = _history(so_far, past_so_far, past_totals)
    if so_far < 0 or (before < 0).any() or (rests < 0).any():
        raise ValueError("A count is below 0 or falls until the end. Give counts that add up.")
    n = len(rests)
    if trouble := _trouble(so_far, n, 1):
        return Forecast(math.nan, n, reason=trouble)
    shape = float(rests.sum()) + 0.5

    def limits(level: float) -> tuple[float, float]:
        low, high = nbinom.ppf([(1 - level) / 2, (1 + level) / 2], shape, n / (n + 1))
        return so_far + float(low), so_far + float(high)

    error = math.sqrt(shape / n * (1 + 1 / n))
    return Forecast(so_far + float(rests.mean()), n, "poisson_rest", "", error, share, limits)


def forecast_mean(mean: float, variance: float, n: int, n_at_end: float) -> Forecast:
    """A mean at the end of the period, when the answers still to come are like those that came.

    With N answers at the end the mean is uncertain by sqrt(variance / n (1 - n / N)), the error of
    a sample from N (Cochran 1977), with Student's t: nothing where all have come, and that of the
    mean itself where N is boundless (rule ``finite_rest``).

    Parameters
    ----------
    mean, variance : float
        Of the answers so far; sample variance, divisor n - 1.
    n : int
        Answers so far.
    n_at_end : float
        Answers expected at the end, taken for certain.

    Raises
    ------
    ValueError
        For a negative variance, n or n_at_end.

    Examples
    --------
    >>> ends = forecast_mean(7.4, 2.25, 60, 90).interval()
    >>> round(ends.low, 3), round(ends.high, 3)
    (7.176, 7.624)
    """
    if variance < 0:
        raise ValueError("The variance is below 0. Give squared deviations.")
    if trouble := _few_answers(n, n_at_end):
        return Forecast(math.nan, n, reason=trouble)
    if n < 2 or not math.sqrt(variance) > ALIKE * abs(mean):
        alike = (
            "One answer, or answers that are all the same, have no spread: there is no interval."
        )
        return Forecast(mean, n, "finite_rest", alike)
    error = math.sqrt(variance / n * (1 - n / n_at_end))

    def limits(level: float) -> tuple[float, float]:
        half = float(two_sided_t(level, float(n - 1))) * error
        return mean - half, mean + half

    return Forecast(mean, n, "finite_rest", "", error, n / n_at_end, limits)


def forecast_share(share: float, n: float, n_at_end: float) -> Forecast:
    """A share at the end of the period, when the answers still to come are like those that came.

    With x yes among n, the yes among the rest have the predictive distribution of Jeffreys' prior,
    beta-binomial with x + 1/2 and n - x + 1/2; its quantiles with x make the limits (rule
    ``beta_binomial_rest``), which never pass what can still be reached.

    Parameters
    ----------
    share : float
        Of the answers so far, 0 to 1; not read where n is 0.
    n : float
        Answers so far, or their effective number.
    n_at_end : float
        Answers expected at the end, taken for certain; the rest is rounded to a whole number.

    Raises
    ------
    ValueError
        For a share outside 0 to 1, or an n or n_at_end that is negative or infinite.

    Examples
    --------
    >>> ends = forecast_share(0.75, 40, 60).interval()
    >>> round(ends.low, 3), round(ends.high, 3)
    (0.667, 0.817)
    """
    if math.isinf(n_at_end):
        raise ValueError("The answers at the end are infinite. Give the number to expect.")
    if trouble := _few_answers(n, n_at_end):
        return Forecast(math.nan, int(n), reason=trouble)
    if not 0 <= share <= 1:
        raise ValueError(f"The share {share:g} is outside 0 to 1. Divide per cent by 100.")
    rest, yes = round(n_at_end - n), share * n

    def limits(level: float) -> tuple[float, float]:
        chance = betabinom.pmf(np.arange(rest + 1), rest, yes + 0.5, n - yes + 0.5)
        # Summed from both ends, so that neither is lost in the rounding of the other.
        low = np.searchsorted(np.cumsum(chance), (1 - level) / 2)
        high = rest - np.searchsorted(np.cumsum(chance[::-1]), (1 - level) / 2)
        return (yes + float(low)) / (n + rest), (yes + float(high)) / (n + rest)

    error = math.sqrt(share * (1 - share) / n * (rest / (n + rest)))
    return Forecast(share, int(n), "beta_binomial_rest", "", error, n / (n + rest), limits)


def _history(
    so_far: float, past_so_far: npt.ArrayLike, past_totals: npt.ArrayLike
) -> tuple[Floats, Floats, float]:
    """What had come in by now and what came after it, of the periods with both; share reached."""
    before, totals = np.asarray(past_so_far, np.float64), np.asarray(past_totals, np.float64)
    if before.ndim != 1 or before.shape != totals.shape:
        raise ValueError("Each finished period needs a number until now and one at its end.")
    if math.isinf(so_far) or np.isinf(before).any() or np.isinf(totals).any():
        raise ValueError("A number is infinite. Leave NaN where there is none.")
    both = ~np.isnan(before + totals)
    before, totals = before[both], totals[both]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = float(before.sum() / totals.sum())
    return before, totals - before, share if math.isfinite(share) else math.nan


def _trouble(so_far: float, periods: int, fewest: int) -> str:
    if math.isnan(so_far):
        return "Nothing has come in yet."
    if periods < fewest:
        have = "is 1 finished period" if periods == 1 else f"are {periods} finished periods"
        return f"There {have}; a forecast needs {fewest}."
    return ""


def _few_answers(n: float, n_at_end: float) -> str:
    if n < 0 or n_at_end < 0:
        raise ValueError("A number of answers is below 0. Give 0 where there is none.")
    if not n > 0:
        return "Nothing has come in yet."
    if math.isnan(n_at_end):
        return "It is not known how many answers to expect."
    if n_at_end < n:
        return f"{n:g} answers have come in, more than the {n_at_end:g} that were expected."
    return ""

"""How many answers an interval of a wanted width needs, and how many people to invite for them.

The search is over the very rule that the finished KPI will have, so that the n found reaches the
width and one answer less does not. In each rule the width falls with every further answer. What is
planned is the interval of the expected statistic; where the answers turn out to spread more, it
comes out wider. The n per group that shows a difference is planned in ``analysis.power``.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from analysis.interval import CI_LEVEL
from analysis.quantiles import two_sided_t
from analysis.rating_intervals import adjusted_wald
from analysis.wilson import wilson

# A plan for more than this is out of reach for any survey.
MOST_N = 10**9


@dataclass(frozen=True)
class Precision:
    """The interval that is wanted, and whom it can be had from.

    Attributes
    ----------
    half_width : float
        Half the distance between the ends, in the statistic's own unit (points of the scale; a
        share between 0 and 1; points of a net score). For a whole width see ``of_width``.
    level : float
        Confidence level of the interval.
    population : int, optional
        Everybody there is, where that is not many more than are asked.
    response_rate : float
        The share of those invited that is expected to answer.

    Raises
    ------
    ValueError
        If one of them is outside its range.
    """

    half_width: float
    level: float = CI_LEVEL
    population: int | None = None
    response_rate: float = 1.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.half_width) and self.half_width > 0):
            raise ValueError(f"The half-width is {self.half_width:g}. Give a number above 0.")
        if not 0 < self.level < 1:
            raise ValueError(f"The level is {self.level:g}. Give a share, such as 0.95.")
        if self.population is not None and self.population < 1:
            raise ValueError(f"The population is {self.population}. Give None if it is large.")
        check_response_rate(self.response_rate)

    @classmethod
    def of_width(
        cls,
        width: float,
        level: float = CI_LEVEL,
        population: int | None = None,
        response_rate: float = 1.0,
    ) -> "Precision":
        """The same for a whole width, from end to end.

        Examples
        --------
        >>> Precision.of_width(0.1).half_width
        0.05
        """
        return cls(width / 2, level, population, response_rate)


@dataclass(frozen=True)
class Plan:
    """How many are needed.

    Attributes
    ----------
    n : int
        Answers.
    invite : int or None
        People to invite, so that n are expected to answer; about half of the time fewer will. None
        where the population is too small for that.
    half_width : float
        What n answers reach.
    rule : str
        The rule of the interval.
    """

    n: int
    invite: int | None
    half_width: float
    rule: str


def plan_mean(sd: float, wanted: Precision) -> Plan:
    """The answers that the Student t interval of a mean needs.

    Half-width: t(n - 1) sd sqrt((1 - n / N) / n), N the population.

    Parameters
    ----------
    sd : float
        Standard deviation expected among the answers (divisor n - 1), above 0.
    wanted : Precision
        In the unit of ``sd``.

    Raises
    ------
    ValueError
        If ``sd`` is not above 0, or more than 10^9 answers would be needed.

    Examples
    --------
    >>> plan_mean(1.2, Precision(0.2, response_rate=0.25)).n
    141
    >>> plan_mean(1.2, Precision(0.2, population=200)).n
    84
    """
    if not (math.isfinite(sd) and sd > 0):
        raise ValueError(f"The standard deviation is {sd:g}. Give the one you expect, above 0.")

    def half_width(n: int) -> float:
        left = 1 - n / wanted.population if wanted.population else 1.0
        return float(two_sided_t(wanted.level, n - 1.0)) * sd * math.sqrt(left / n)

    return _plan(half_width, 2, wanted, "student_t")


def plan_share(share: float, wanted: Precision) -> Plan:
    """The answers that Wilson's score interval of a share needs.

    With a population of N the interval is that of n (N - 1) / (N - n) answers.

    Parameters
    ----------
    share : float
        The share expected, between 0 and 1; 0.5 is the worst case.
    wanted : Precision

    Raises
    ------
    ValueError
        If the share is not between 0 and 1, or more than 10^9 answers would be needed.

    Examples
    --------
    >>> plan_share(0.5, Precision(0.05))
    Plan(n=381, invite=381, half_width=0.04995..., rule='wilson')
    >>> plan_share(0.8, Precision(0.05, population=400, response_rate=0.3))
    Plan(n=152, invite=None, half_width=0.0499..., rule='wilson')
    """
    if not 0 <= share <= 1:
        raise ValueError(f"The share is {share:g}. Give one between 0 and 1, such as 0.8.")

    def half_width(n: int) -> float:
        low, high = wilson(share, n / _unsampled(n, wanted.population), wanted.level)
        return float(high - low) / 2

    return _plan(half_width, 1, wanted, "wilson")


def plan_net_score(promoters: float, detractors: float, wanted: Precision) -> Plan:
    """The answers that the adjusted Wald interval of a net score needs (Rocks 2016).

    The ends stay within -100 and 100, as in the finished KPI. With a population of N the standard
    error is multiplied by sqrt((N - n) / (N - 1)).

    Parameters
    ----------
    promoters, detractors : float
        Their expected shares, together at most 1.
    wanted : Precision
        In points from -100 to 100.

    Raises
    ------
    ValueError
        If the shares are not possible, or more than 10^9 answers would be needed.

    Examples
    --------
    >>> plan_net_score(0.5, 0.2, Precision(10)).n
    232
    """
    if min(promoters, detractors) < 0 or not promoters + detractors <= 1:
        raise ValueError(
            f"The shares of promoters and detractors are {promoters:g} and {detractors:g}. "
            "Give two that are at least 0 and together at most 1."
        )
    mean = promoters - detractors
    variance = promoters + detractors - mean**2
    z = float(two_sided_t(wanted.level, math.inf))

    def half_width(n: int) -> float:
        _, _, error = adjusted_wald(mean, variance, n)
        reach = z * float(error) * math.sqrt(_unsampled(n, wanted.population))
        centre = 100 * mean * n / (n + 3)
        return (min(100.0, centre + reach) - max(-100.0, centre - reach)) / 2

    return _plan(half_width, 2, wanted, "adjusted_wald")


def invitations(n: int, response_rate: float) -> int:
    """The fewest people to invite so that n are expected to answer.

    Parameters
    ----------
    n : int
        Answers needed.
    response_rate : float
        Share that answers, above 0, at most 1; taken as the decimal number that it prints as.

    Raises
    ------
    ValueError
        If the rate is not above 0 and at most 1.

    Examples
    --------
    >>> invitations(30, 0.3), invitations(31, 0.3)
    (100, 104)
    """
    check_response_rate(response_rate)
    return math.ceil(n / Fraction(str(response_rate)))


def check_response_rate(rate: float) -> None:
    """Refuse a rate at which nobody answers, or more than all.

    Raises
    ------
    ValueError
        If the rate is not above 0 and at most 1.

    Examples
    --------
    >>> check_response_rate(0.3)
    """
    if not 0 < rate <= 1:
        raise ValueError(f"The response rate is {rate:g}. Give a share above 0 and at most 1.")


def smallest(reaches: Callable[[int], bool], least: int, most: int) -> int | None:
    """The smallest n from ``least`` to ``most`` that reaches; all larger ones must reach too.

    None if none does.

    Examples
    --------
    >>> smallest(lambda n: n * n >= 50, 1, 100)
    8
    """
    too_few, enough = least - 1, least
    while not reaches(enough):
        if enough == most:
            return None
        too_few, enough = enough, min(2 * enough, most)
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if reaches(middle) else (middle, enough)
    return enough


def _plan(half_width: Callable[[int], float], least: int, wanted: Precision, rule: str) -> Plan:
    everybody = wanted.population

    def reached(n: int) -> float:
        # Who has asked everybody knows.
        return 0.0 if n == everybody else half_width(n)

    most = MOST_N if everybody is None else min(everybody, MOST_N)
    n = smallest(lambda n: reached(n) <= wanted.half_width, min(least, most), most)
    if n is None:
        raise ValueError(
            f"A half-width of {wanted.half_width:g} needs more than {MOST_N} answers. "
            "Ask for a wider interval."
        )
    invite: int | None = invitations(n, wanted.response_rate)
    if invite is not None and everybody is not None and invite > everybody:
        invite = None
    return Plan(n, invite, reached(n), rule)


def _unsampled(n: int, population: int | None) -> float:
    """What a finite population leaves of the variance of a share of n."""
    return 1.0 if population is None else (population - n) / (population - 1)

"""Scores to goals: weighted means of the children's scores, with coverage and uncertainty."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from analysis.aggregation import FLOOR, Aggregation
from analysis.branches import Branch, Mixture, mix
from analysis.children import Children, Counts, Mask, Sampler
from analysis.interval import Floats, Interval, Numbers

# What makes the interval.
RULE = "monte_carlo"
# The 5 and 95 per cent points are the ends of an interval at this level.
GOAL_LEVEL = 0.90
# Stands for the worst child where no child is present.
NO_CHILD = -1
# Weighted means in points are off by less than this.
ROUNDING = 1e-9
# Drawn scores held at a time (0.5 MB): more than fit the processor's cache are slower.
HELD = 2**16


@dataclass(frozen=True)
class GoalScores:
    """A goal in every cell; arrays (cells,). What has no weight is not present.

    Attributes
    ----------
    score : array
        0 to 100; NaN where the coverage is under the goal's least, or nothing is present.
    coverage : array
        Share of the weight that is present; NaN where no child has weight.
    interval : Interval
        Of the score. NaN where there is no score, and where no child that is present has an
        interval: nothing is known of the uncertainty then.
    chance_met : array
        Chance that the score is at or above the target; NaN where there is no interval or target.
    worst : array of int
        The present child with the lowest score, the first of equals; ``NO_CHILD`` if there is none.
    worst_score : array
        Its score as it counts, with the floor of the geometric mean; NaN if there is none.
    without_interval : array of int
        How many present children have no interval and were drawn as points. The goal's interval
        lacks what they would add: leaving them out would give another score, and any spread would
        be made up.
    open_ended : array of int
        How many present children have an interval with an open end. The low end and the chance
        are the least that it may mean, the high end is the most.
    """

    score: Floats
    coverage: Floats
    interval: Interval
    chance_met: Floats
    worst: Counts
    worst_score: Floats
    without_interval: Counts
    open_ended: Counts


def roll_up(
    children: Children,
    aggregation: Aggregation,
    least_coverage: float,
    target: Numbers | None,
    seed: int,
    draws: int = 10_000,
    level: float = GOAL_LEVEL,
) -> GoalScores:
    """Score of a goal in every cell, with its coverage, its uncertainty and its worst child.

    The uncertainty is by Monte Carlo over the children's sampling distributions (see
    `analysis.children.Sampler`), whose errors are correlated as the children say. Those that rest
    on answers of the same people mostly err in the same direction: taken for independent, they
    give an interval that is too narrow.

    The ends of the interval are the draws' percentiles, or Efron's (1981) bias-corrected ones where
    these lie further out: where most draws lie to one side of the score, because score rules clip
    or sampling distributions are skew, percentiles alone hold the truth too seldom. The interval
    holds the score always. A goal of one child has at the level 0.95 the scores of that child's
    interval.

    Parameters
    ----------
    children : Children
    aggregation : Aggregation
    least_coverage : float
        Share from 0 to 1; with less of the weight present there is no score.
    target : float or array (cells,), optional
        The score from which on the goal is met; None or NaN where none is set.
    seed : int
        The same seed gives the same result, in whichever company of cells.
    draws : int
        An even number.
    level : float
        Of the interval: 0.90 has the 5 and 95 per cent points as its ends.

    Raises
    ------
    ValueError
        For a least coverage outside 0 to 1, a level not between 0 and 1, draws that are odd or
        none, and targets that are neither one number nor one a cell.

    References
    ----------
    OECD and JRC (2008), Handbook on Constructing Composite Indicators, steps 6 and 7.
    Iman and Conover (1982), A distribution-free approach to inducing rank correlation.
    Efron (1981), Nonparametric standard errors and confidence intervals, section 7.

    Examples
    --------
    >>> class Percent:
    ...     def score(self, values):
    ...         return np.clip(values, 0.0, 100.0)
    >>> value, low, high = np.array([[[70.0], [50.0]], [[60.0], [50.0]], [[75.0], [50.0]]])
    >>> children = Children(value, low, high, [Percent(), Percent()], np.array([3.0, 1.0]))
    >>> goal = roll_up(children, Aggregation.ARITHMETIC, least_coverage=0.5, target=62, seed=1)
    >>> goal.score, goal.interval.low, goal.interval.high, goal.chance_met, goal.worst
    (array([65.]), array([58.705801]), array([68.1471]), array([0.7835]), array([1]))
    """
    branch = Branch(aggregation, least_coverage, tuple(range(len(children.rules))))
    return roll_up_tree(children, branch, target, seed, draws, level)


def roll_up_tree(
    children: Children,
    branch: Branch,
    target: Numbers | None,
    seed: int,
    draws: int = 10_000,
    level: float = GOAL_LEVEL,
) -> GoalScores:
    """As `roll_up`, for a goal that has goals below it.

    ``children`` are the KPIs of the whole tree; ``worst``, ``without_interval`` and ``open_ended``
    tell of them. Each draw is mixed as the scores are: goals below from their KPIs' draws, the goal
    from those and its own KPIs' draws (see `analysis.branches.mix`).
    """
    cells = children.value.shape[1]
    if not _least_coverages_fit(branch):
        raise ValueError("least_coverage must be a share from 0 to 1.")
    if not 0 < level < 1:
        raise ValueError("level must be between 0 and 1, such as 0.90.")
    if draws < 2 or draws % 2:
        raise ValueError("draws must be an even number, such as 10 000.")
    # None becomes NaN.
    targets = np.asarray(target, np.float64)
    if targets.shape not in ((), (cells,)):
        raise ValueError("target must be one number, or one for each cell.")

    mixed = mix(branch, children.scores, children.weight)
    scores = np.where(mixed.counted, children.scores, np.nan)
    without_interval = mixed.counted & np.isnan(children.ends[0])
    open_ended = mixed.counted & children.open_ended

    uncertain = ~np.isnan(mixed.score) & (mixed.counted & ~without_interval).any(axis=0)
    targets = np.broadcast_to(targets, cells)
    low, high, chance = _monte_carlo(
        children, mixed, uncertain, open_ended, targets, level, seed, draws
    )

    return GoalScores(
        mixed.score,
        mixed.coverage,
        Interval(low, high, level, RULE),
        chance,
        *_worst(scores, branch.aggregation),
        without_interval=without_interval.sum(axis=0),
        open_ended=open_ended.sum(axis=0),
    )


def _least_coverages_fit(branch: Branch) -> bool:
    return 0 <= branch.least_coverage <= 1 and all(
        _least_coverages_fit(below) for _, below in branch.below
    )


def _monte_carlo(
    children: Children,
    mixed: Mixture,
    uncertain: Mask,
    open_ended: Mask,
    targets: Floats,
    level: float,
    seed: int,
    draws: int,
) -> tuple[Floats, Floats, Floats]:
    """Ends of the interval and chance in every cell that is uncertain, by Monte Carlo."""
    low, high, chance = np.full((3, len(uncertain)), np.nan)
    sampler = Sampler(children, seed, draws, cautious=True)
    for here, drawn in _drawn(sampler, mixed, np.flatnonzero(uncertain), draws):
        met = (drawn >= targets[here, None] - ROUNDING).mean(axis=1)
        chance[here] = np.where(np.isnan(targets[here]), np.nan, met)
        low[here], high[here] = _limits(drawn, mixed.score[here], level)
    sampler = Sampler(children, seed, draws, cautious=False)
    bounded = np.flatnonzero(uncertain & open_ended.any(axis=0))
    for here, drawn in _drawn(sampler, mixed, bounded, draws):
        high[here] = _limits(drawn, mixed.score[here], level)[1]
    return low, high, chance


def _worst(scores: Floats, aggregation: Aggregation) -> tuple[Counts, Floats]:
    """The child with the lowest score in every cell, and that score as it counts."""
    child = np.where(np.isnan(scores), np.inf, scores).argmin(axis=0)
    lowest = np.take_along_axis(scores, child[None], axis=0)[0]
    if aggregation is Aggregation.GEOMETRIC:
        lowest = np.maximum(lowest, FLOOR)
    return np.where(np.isnan(lowest), NO_CHILD, child), lowest


def _drawn(
    sampler: Sampler, mixed: Mixture, cells: Counts, draws: int
) -> Iterator[tuple[Counts, Floats]]:
    """Drawn scores of the goal, (cells, draws), some cells at a time."""
    at_a_time = max(1, HELD // draws)
    for start in range(0, len(cells), at_a_time):
        here = cells[start : start + at_a_time]
        yield here, mixed.draw(sampler, here, draws)


def _limits(drawn: Floats, score: Floats, level: float) -> tuple[Floats, Floats]:
    """The ends of intervals from draws (cells, draws), which are sorted in place."""
    drawn.sort(axis=1)
    # How many standard deviations the middle of the draws lies below the score; draws that score
    # the same lie half on each side.
    away = drawn - score[:, None]
    below = ((away < -ROUNDING).mean(axis=1) + (away <= ROUNDING).mean(axis=1)) / 2
    bias = ndtri(below)
    low, high = 0.5 - level / 2, 0.5 + level / 2
    corrected = (ndtr(2 * bias + ndtri(point)) for point in (low, high))
    lows, highs = (
        (_quantile(drawn, np.full(len(drawn), point)), _quantile(drawn, other))
        for point, other in zip((low, high), corrected, strict=True)
    )
    return np.minimum(*lows), np.maximum(*highs)


def _quantile(drawn: Floats, point: Floats) -> Floats:
    """Hazen's quantile of each row of sorted draws, which is the distribution's own one of them."""
    at = np.clip(point * drawn.shape[1] - 0.5, 0, drawn.shape[1] - 1)
    before = np.floor(at).astype(np.int64)
    after = np.minimum(before + 1, drawn.shape[1] - 1)
    rows = np.arange(len(drawn))
    found: Floats = drawn[rows, before] + (at - before) * (drawn[rows, after] - drawn[rows, before])
    return found

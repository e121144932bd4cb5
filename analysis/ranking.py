"""Ranks of groups with their uncertainty (Goldstein and Spiegelhalter 1996).

A table sorted by value shows ranks as if they were known. Here values are drawn from what is known
of them, and each draw is ranked. Where the differences between groups are mostly chance, no ranking
is given at all.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.interval import CI_LEVEL, Floats, Interval
from analysis.quantiles import checked_level
from analysis.shrinkage import RANKABLE, Shrunken, beta_of_moments

Drawn: TypeAlias = Literal["shrunken", "raw"]

# Share of the groups that are the worst.
WORST = 0.25


@dataclass(frozen=True)
class Ranking:
    """Ranks of one table of groups, 1 the best; NaN where no ranking is given.

    Attributes
    ----------
    value, std_error : array, (groups,)
        Mean and standard deviation of the rank over the draws.
    n : array, (groups,)
        Units of each group.
    chances : array, (groups, groups ranked)
        Share of the draws in which a group has each rank.
    reliability : float
        Share of the variance between the groups that is true.
    drawn : {"shrunken", "raw"}
        Which values were drawn.
    draws, seed : int
    reason : str
        Why there is no ranking.
    """

    value: Floats
    std_error: Floats
    n: Floats
    chances: Floats
    reliability: float
    drawn: Drawn
    draws: int
    seed: int
    reason: str = ""

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Interval of the ranks: those below and above have at most half of 1 - level each.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        tail = (1 - checked_level(level)) / 2
        # The last of the sums is 1 but for rounding.
        up_to = np.cumsum(self.chances, axis=1) + 1e-12
        known = ~np.isnan(self.value)
        low = np.where(known, 1 + (up_to < tail).sum(axis=1), np.nan)
        high = np.where(known, 1 + (up_to < 1 - tail).sum(axis=1), np.nan)
        return Interval(low, high, level, "monte_carlo_rank")

    @property
    def chance_best(self) -> Floats:
        """Chance that the group is the best."""
        return np.asarray(self.chances[:, :1].sum(axis=1))

    @property
    def chance_among_worst(self) -> Floats:
        """Chance that the group is in the worst quarter, rounded, but of one group at least."""
        ranks = self.chances.shape[1]
        worst = max(1, round(WORST * ranks))
        return np.asarray(self.chances[:, max(0, ranks - worst) :].sum(axis=1))


def rank_groups(
    shrunken: Shrunken,
    *,
    seed: int,
    drawn: Drawn = "shrunken",
    higher_is_better: bool = True,
    draws: int = 10_000,
) -> Ranking:
    """Rank groups over the sampling distributions of their values, drawn one by one.

    Parameters
    ----------
    shrunken : Shrunken
        One table, of means or shares; groups without a value have no rank.
    seed : int
        Of the draws; the same seed gives the same ranking.
    drawn : {"shrunken", "raw"}
        Draw from the shrunken values, or from the raw ones.
    higher_is_better : bool
    draws : int

    Returns
    -------
    Ranking
        All NaN, with the reason, where the reliability is below 0.7.

    Raises
    ------
    ValueError
        If there is more than one table, or no draw.

    Examples
    --------
    >>> from analysis.shrinkage import shrink_means
    >>> found = shrink_means([6, 7, 8, 9, 5], [0.5, 0.4, 0.5, 0.4, 0.9], [10, 12, 9, 11, 3])
    >>> ranking = rank_groups(found, seed=1)
    >>> ranking.interval().low, ranking.interval().high
    (array([3., 2., 1., 1., 3.]), array([5., 4., 3., 2., 5.]))
    """
    if shrunken.value.ndim != 1:
        raise ValueError(
            f"shrunken holds tables of the shape {shrunken.value.shape[:-1]}; rank one at a time."
        )
    if draws < 1:
        raise ValueError(f"draws is {draws}; give at least 1.")
    present = np.flatnonzero(~np.isnan(shrunken.value))
    size, k = shrunken.value.size, present.size
    reliability = float(shrunken.reliability)
    reason = ""
    if k < 2:
        reason = "There are fewer than two groups with a value to rank."
    elif not reliability >= RANKABLE:
        reason = (
            f"The reliability is {reliability:.2f}, below {RANKABLE}: too much of the differences "
            "between the groups is chance for a ranking."
        )
    chances = np.full((size, k), np.nan)
    if not reason:
        values = _draw(shrunken, present, drawn, np.random.default_rng(seed), draws)
        order = np.argsort(-values if higher_is_better else values, axis=1)
        place = np.arange(k) + k * order
        counts = np.bincount(place.ravel(), minlength=k * k).reshape(k, k)
        chances[present] = counts / draws
    rank = np.arange(1.0, k + 1)
    mean = chances @ rank
    spread = np.sqrt(np.maximum(chances @ rank**2 - mean**2, 0.0))
    if reason:
        mean, spread = np.full(size, np.nan), np.full(size, np.nan)
    return Ranking(mean, spread, shrunken.n, chances, reliability, drawn, draws, seed, reason)


def _draw(
    shrunken: Shrunken,
    present: npt.NDArray[np.intp],
    drawn: Drawn,
    generator: np.random.Generator,
    draws: int,
) -> Floats:
    """Values of the groups that are present, (draws, groups)."""
    from_raw = drawn == "raw"
    value = (shrunken.raw if from_raw else shrunken.value)[present]
    error = (shrunken.raw_std_error if from_raw else shrunken.std_error)[present]
    shape = (draws, present.size)
    if shrunken.kind == "means":
        freedom = float(shrunken.freedom)
        finite = np.isfinite(freedom)
        unit = generator.standard_t(freedom, shape) if finite else generator.standard_normal(shape)
        return np.asarray(value + error * unit)
    if from_raw:
        # Jeffreys' distribution of a share, which also spreads at none and at all of n.
        n = shrunken.n[present]
        return np.asarray(generator.beta(n * value + 0.5, n * (1 - value) + 0.5, shape))
    return np.asarray(generator.beta(*beta_of_moments(value, error), shape))

"""Groups of ratings compared by ranks, which need no distances between the values of a scale.

Counts per value hold all that is used. A superiority above one half says that the first group
rates higher than the second.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.special import ndtr
from scipy.stats import chi2

from analysis.change import Change
from analysis.compare import compare_means
from analysis.interval import CI_LEVEL, Floats, Interval
from analysis.two_samples import Sample, moments

# Beyond this many ratings the exact test takes seconds, and the normal one has become exact enough.
MOST_EXACT = 100


@dataclass(frozen=True)
class RankTest:
    """Mann and Whitney's test.

    Attributes
    ----------
    u : float
        Pairs in which the first group's rating is higher, ties counted half.
    superiority : float
        u / (n1 n2): the probability that a rating of the first group is higher, ties half.
    cliffs_delta : float
        2 superiority - 1 (Cliff 1993).
    p : float
        Two-sided; NaN where all ratings are equal or a group has none.
    rule : str
        How p was found.
    """

    u: float
    superiority: float
    cliffs_delta: float
    p: float
    rule: str


def mann_whitney(
    first: Sample,
    second: Sample,
    *,
    rule: Literal["normal", "normal_continuity", "exact"] = "normal_continuity",
) -> RankTest:
    """Whether one group rates higher than the other, by ranks (Mann and Whitney 1947).

    Parameters
    ----------
    first, second : Sample
    rule : str
        ``normal`` takes u for normal, with the variance of tied ranks; ``normal_continuity`` moves
        it by one half towards no difference first; ``exact`` counts all ways in which the ratings
        could have fallen to the groups, ties and all, and is for 100 ratings at most.

    Raises
    ------
    ValueError
        For an unknown rule, or an exact test of more than 100 ratings.

    Examples
    --------
    >>> test = mann_whitney(Sample.of([4, 5, 5, 3]), Sample.of([2, 3, 3, 4]), rule="exact")
    >>> test.u, test.superiority, round(test.p, 4)
    (13.5, 0.84375, 0.2)
    """
    if rule not in ("normal", "normal_continuity", "exact"):
        raise ValueError(f"The rule {rule} is unknown. Use normal, normal_continuity or exact.")
    if rule == "exact" and first.n + second.n > MOST_EXACT:
        raise ValueError(f"More than {MOST_EXACT} ratings are too many. Use normal_continuity.")
    counts = _table([first, second])
    ties, n = counts.sum(axis=0), first.n + second.n
    if not first.n or not second.n:
        return RankTest(math.nan, math.nan, math.nan, math.nan, rule)
    u = float(counts[0] @ _below(counts[1]))
    superiority = u / (first.n * second.n)
    off = abs(u - first.n * second.n / 2)
    if len(ties) == 1:
        p = math.nan
    elif rule == "exact":
        p = _exact(ties, first.n, off)
    else:
        tied = float((ties**3 - ties).sum()) / (n * (n - 1))
        error = math.sqrt(first.n * second.n / 12 * (n + 1 - tied))
        if rule == "normal_continuity":
            off = max(0.0, off - 0.5)
        p = 2 * float(ndtr(-off / error))
    return RankTest(u, superiority, 2 * superiority - 1, p, rule)


def _exact(ties: Floats, n1: int, off: float) -> float:
    """The share of all ways to draw n1 of the ratings whose u is at least ``off`` from its mean."""
    # Ranks are doubled so that those of ties are whole.
    doubled = np.rint(2 * _below(ties) + 1).astype(np.int64)
    n = int(ties.sum())
    ways = np.zeros((n1 + 1, n1 * 2 * n + 1))
    ways[0, 0] = 1.0
    for rank, count in zip(doubled.tolist(), ties.astype(np.int64).tolist(), strict=True):
        before = ways.copy()
        for drawn in range(1, min(count, n1) + 1):
            moved = drawn * rank
            ways[drawn:, moved:] += math.comb(count, drawn) * before[:-drawn, :-moved]
    distance = np.abs(np.arange(ways.shape[1]) - n1 * (n + 1)) / 2
    # u moves in halves.
    return float(ways[n1, distance > off - 0.25].sum() / ways[n1].sum())


@dataclass(frozen=True)
class Superiority:
    """The probability that a rating of the first group is higher than one of the second, ties half.

    Attributes
    ----------
    value : float
    n1, n2 : int
    std_error, df : float
        NaN where there is no interval: fewer than 2 ratings in a group, or groups wholly apart.
    statistic, p : float
        Of the value one half: that neither group rates higher.
    from_half : Change
        The value minus one half.
    """

    value: float
    n1: int
    n2: int
    std_error: float
    df: float
    statistic: float
    p: float
    from_half: Change = field(repr=False, compare=False)

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Limits with Student's t, cut at 0 and 1."""
        found = self.from_half.interval(level)
        low, high = (float(np.clip(0.5 + end, 0, 1)) for end in (found.low, found.high))
        return Interval(low, high, level, "brunner_munzel")


def brunner_munzel(first: Sample, second: Sample) -> Superiority:
    """Probability of superiority with ties and unequal spreads (Brunner and Munzel 2000).

    Each rating is replaced by the share of the other group that is below it, ties half; the means
    of these placements are compared as Welch compares means.

    Examples
    --------
    >>> found = brunner_munzel(Sample.of([4, 5, 5, 3]), Sample.of([2, 3, 3, 4]))
    >>> found.value, round(found.p, 4)
    (0.84375, 0.0581)
    """
    counts = _table([first, second])
    placed1, variance1 = moments(_below(counts[1]) / max(1, second.n), counts[0])
    _, variance2 = moments(_below(counts[0]) / max(1, first.n), counts[1])
    change = compare_means(placed1, variance1, first.n, 0.5, variance2, second.n)
    return Superiority(
        value=0.5 + float(change.difference),
        n1=first.n,
        n2=second.n,
        std_error=float(change.std_error),
        df=math.nan if change.df is None else float(change.df),
        statistic=float(change.statistic),
        p=float(change.p),
        from_half=change,
    )


@dataclass(frozen=True)
class KruskalWallis:
    """Kruskal and Wallis's statistic, its degrees of freedom and the p of no difference."""

    statistic: float
    df: int
    p: float


def kruskal_wallis(samples: Sequence[Sample]) -> KruskalWallis:
    """Whether some of several groups rates higher than others, by ranks (Kruskal and Wallis 1952).

    With the correction for ties. Groups without ratings are left out; with fewer than two left, or
    all ratings equal, statistic and p are NaN.

    Examples
    --------
    >>> test = kruskal_wallis([Sample.of([1, 2]), Sample.of([2, 3]), Sample.of([4, 5])])
    >>> round(test.statistic, 4), test.df, round(test.p, 4)
    (4.1912, 2, 0.123)
    """
    present = [sample for sample in samples if sample.n]
    df = max(0, len(present) - 1)
    counts = _table(present)
    sizes, ties = counts.sum(axis=1), counts.sum(axis=0)
    n = float(ties.sum())
    if df == 0 or len(ties) == 1:
        return KruskalWallis(math.nan, df, math.nan)
    ranks = counts @ (_below(ties) + 0.5) / sizes
    between = 12 / (n * (n + 1)) * float((sizes * (ranks - (n + 1) / 2) ** 2).sum())
    statistic = between / (1 - float((ties**3 - ties).sum()) / (n**3 - n))
    return KruskalWallis(statistic, df, float(chi2.sf(statistic, df)))


def _table(samples: Sequence[Sample]) -> Floats:
    """Counts by group and value, with the same rising values for all groups."""
    values = sorted({value for sample in samples for value in sample.values})
    counts = np.zeros((len(samples), len(values)))
    for row, sample in zip(counts, samples, strict=True):
        row[np.searchsorted(values, sample.values)] = sample.counts
    return counts


def _below(counts: Floats) -> Floats:
    """How many ratings are below each value, those equal to it counted half."""
    below: Floats = np.cumsum(counts) - counts / 2
    return below

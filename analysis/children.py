"""The children of a goal: what is known of its KPIs in many cells, and draws of their scores.

A cell is a scope in a period; arrays are (children, cells), in the KPIs' own units.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from analysis.interval import CI_LEVEL, Floats

Counts: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]

# How many standard deviations the end of a child's interval is away from the value.
Z = float(ndtri(0.5 + CI_LEVEL / 2))
# Rounding moves a value by less than this share of it.
ROUNDING = 1e-9


class ScoreRule(Protocol):
    """What turns a KPI's values into scores."""

    def score(self, values: Floats) -> Floats:
        """Scores from 0 (worst) to 100 (best), for any shape; NaN for NaN, infinities allowed."""


@dataclass(frozen=True)
class Children:
    """What is known of a goal's KPIs in every cell.

    Attributes
    ----------
    value, low, high : array (children, cells)
        The statistic and the ends of its 95 % interval. A value that is NaN is missing. An end
        that is NaN beside one that is not, or that is infinite, is open; both NaN: there is no
        interval. A complete count has both ends equal to its value; so has a value that is
        infinite (a median that is never reached).
    rules : sequence of ScoreRule
        One a child.
    weights : array (children,) or (children, cells)
        Not negative. A child of weight 0 does not count, not even as missing: this is the weight
        of a KPI in the cells that it is not declared for.
    correlation : array (children, children), optional
        Between the errors of the values, in every cell; left out, they are independent.

    Raises
    ------
    ValueError
        For shapes that do not fit, weights that are negative or no numbers, an interval that does
        not enclose its value, and an infinite value that is not a point.

    Examples
    --------
    >>> Children(np.array([[7.0]]), np.array([[8.0]]), np.array([[9.0]]), [None], np.array([1.0]))
    Traceback (most recent call last):
    ValueError: The value of child 0 in cell 0 lies outside its interval: give ends that enclose it.
    """

    value: Floats
    low: Floats
    high: Floats
    rules: Sequence[ScoreRule]
    weights: Floats
    correlation: Floats | None = None

    def __post_init__(self) -> None:
        if self.value.ndim != 2 or len(self.value) == 0:
            raise ValueError("value must have the shape (children, cells), with a child or more.")
        if not self.value.shape == self.low.shape == self.high.shape:
            raise ValueError("value, low and high must have the same shape (children, cells).")
        if len(self.rules) != len(self.value):
            raise ValueError(f"Give one score rule a child: {len(self.value)} of them.")
        if self.weights.shape not in ((len(self.value),), self.value.shape):
            raise ValueError("weights must have the shape (children,) or (children, cells).")
        if not np.all(np.isfinite(self.weights) & (self.weights >= 0)):
            raise ValueError("weights must be finite numbers, none of them negative.")
        if self.correlation is not None and self.correlation.shape != (len(self.value),) * 2:
            raise ValueError("correlation must have the shape (children, children).")
        endless = np.isinf(self.value)
        slack = ROUNDING * np.abs(np.where(endless, 0.0, self.value))
        outside = (self.low > self.value + slack) | (self.high < self.value - slack)
        self._refuse(outside, "lies outside its interval: give ends that enclose it")
        apart = (self.low < self.value) | (self.high > self.value)
        self._refuse(endless & apart, "is infinite: give it ends equal to it")

    def _refuse(self, wrong: Mask, why: str) -> None:
        if wrong.any():
            child, cell = np.argwhere(wrong)[0]
            raise ValueError(f"The value of child {child} in cell {cell} {why}.")

    @cached_property
    def scores(self) -> Floats:
        """The scores of the values; NaN where missing."""
        pairs = zip(self.rules, self.value, strict=True)
        return np.stack([rule.score(value) for rule, value in pairs])

    @cached_property
    def weight(self) -> Floats:
        """The weights by cell, (children, cells)."""
        weights = self.weights if self.weights.ndim == 2 else self.weights[:, None]
        return np.broadcast_to(weights, self.value.shape)

    @cached_property
    def ends(self) -> tuple[Floats, Floats]:
        """The ends of the intervals, an open one at infinity; NaN where there is no interval."""
        low_open = np.isnan(self.low) & ~np.isnan(self.high)
        high_open = np.isnan(self.high) & ~np.isnan(self.low)
        return np.where(low_open, -np.inf, self.low), np.where(high_open, np.inf, self.high)

    @cached_property
    def open_ended(self) -> Mask:
        """Where an interval has an open end."""
        low, high = self.ends
        opened: Mask = (np.isinf(low) & (low < self.value)) | (np.isinf(high) & (high > self.value))
        return opened

    def spreads(self, cautious: bool) -> tuple[Floats, Floats]:
        """The standard deviations below and above the values.

        They are the distances to the ends over 1.96; 0 for a point. On an open side nothing is
        known between the value and infinity: any step is infinite where infinity scores worse, for
        the cautious, else better than the value, and otherwise there is none. For a rule that only
        rises or only falls on that side the two are bounds on what the scores may be.
        """
        low, high = self.ends
        return self._spread(low, cautious), self._spread(high, cautious)

    def _spread(self, end: Floats, cautious: bool) -> Floats:
        with np.errstate(invalid="ignore"):
            spread = np.abs(end - self.value) / Z
        at_end = np.stack([rule.score(one) for rule, one in zip(self.rules, end, strict=True)])
        jumps = at_end < self.scores if cautious else at_end > self.scores
        spread[np.isnan(spread) | (np.isinf(spread) & ~jumps)] = 0.0
        return spread


class Sampler:
    """Draws of the scores of the children, from their sampling distributions.

    A child is drawn as value + z s, with z standard normal and s the distance from the value to
    the low end for z < 0, to the high end for z > 0, divided by the normal's 97.5 per cent point
    1.96. This two-piece normal (the dimidiated Gaussian of Barlow 2003, Asymmetric Errors) has the
    value as its median and the ends as its 2.5 and 97.5 per cent points; the one of Fechner, whose
    density has no step at the value, has not.

    Without an interval a child is drawn as a point. The draws on an open side have the score of
    the value or of infinity, the worse one for a cautious sampler, else the better one.

    The draws are a Latin hypercube (McKay, Beckman and Conover 1979): every child takes the same
    evenly spaced quantiles of the normal, in a random order of its own. The orders of children
    whose errors are correlated go together as normal numbers of that correlation do (Iman and
    Conover 1982), which leaves each child's own distribution as it is. All cells share these z.
    That makes draws of different cells dependent, but leaves the distribution within each cell as
    it is; and a cell's draws do not depend on which other cells there are.

    Parameters
    ----------
    children : Children
    seed : int
    draws : int
        Even, so that no z is 0.
    cautious : bool
        Which score draws on an open side have.

    Examples
    --------
    >>> class Percent:
    ...     def score(self, values):
    ...         return np.clip(values, 0.0, 100.0)
    >>> one = np.array([[50.0]])
    >>> children = Children(one, one - 20, one + 10, [Percent()], np.array([1.0]))
    >>> drawn = Sampler(children, seed=1, draws=1000, cautious=True).scores(0, np.array([0]))
    >>> np.quantile(drawn, [0.025, 0.5, 0.975], method="hazen").round(2)
    array([30., 50., 60.])
    """

    def __init__(self, children: Children, seed: int, draws: int, cautious: bool) -> None:
        self.children = children
        random = np.random.default_rng(seed)
        # One after the other, so that a further child does not change the orders of others
        # that err independently of it.
        self._orders = np.stack([random.permutation(draws) for _ in children.rules])
        quantiles = ndtri((np.arange(draws) + 0.5) / draws)
        if children.correlation is not None:
            _correlate(self._orders, quantiles, children.correlation)
        self._below, self._above = np.split(quantiles, 2)
        self._low_spread, self._high_spread = children.spreads(cautious)

    def scores(self, child: int, cells: Counts) -> Floats:
        """Drawn scores of a child in some cells, (cells, draws)."""
        lower = self._low_spread[child, cells, None] * self._below
        upper = self._high_spread[child, cells, None] * self._above
        values = np.concatenate([lower, upper], axis=1)
        values += self.children.value[child, cells, None]
        scored = self.children.rules[child].score(values)
        drawn: Floats = np.take(scored, self._orders[child], axis=1)
        return drawn


def _correlate(orders: Counts, quantiles: Floats, correlation: Floats) -> None:
    """Put orders (children, draws) in place by orders that are correlated; others stay."""
    together = np.flatnonzero((correlation != np.eye(len(correlation))).any(axis=1))
    values, vectors = np.linalg.eigh(correlation[np.ix_(together, together)])
    # Correlations, some of which are not told, may contradict each other a little. The symmetrical
    # root is the only one that does not depend on which eigenvectors a library finds.
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    root /= np.linalg.norm(root, axis=1, keepdims=True)
    mixed = root @ quantiles[orders[together]]
    orders[together] = mixed.argsort(axis=1).argsort(axis=1)

"""How far a goal's score reaches while its KPIs together stay as likely as a level allows.

With z the number of standard deviations that a KPI lies away from its value, all KPIs together are
as likely as exp(-sum(z^2) / 2): the two-piece normal distributions of `analysis.children.Sampler`,
taken as likelihoods. The profile likelihood interval of the goal holds all that it scores while
sum(z^2) is at most the square of the level's normal quantile (Venzon and Moolgavkar 1988). Where
scores are straight lines it is the interval of the weighted sum, value +- sqrt(sum((w s)^2)).
Where rules clip or bend them it keeps what quantiles of drawn scores lose: those are drawn around
scores that clipping has already made too low, or too high, and are clipped once more.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from analysis.children import Children, Counts
from analysis.interval import Floats

# The squares z^2 are given out to the KPIs in so many equal parts.
PARTS = 48
# What lies so many standard deviations away is out of the question.
FARTHEST = 4.0
# Halvings of the distance to a target, which leave 0.01 standard deviations.
HALVINGS = 9
# Any step at all: enough to come to an open end.
STEP = 1e-9
# Sums of a goal held at a time.
HELD = 2**16


@dataclass(frozen=True)
class Profile:
    """A goal that is a weighted sum of its KPIs' scores on some scale.

    Attributes
    ----------
    children : Children
    shares : array (children, cells)
        Weights that add up to 1 in every cell; 0 where a child is missing.
    scaled : callable
        From scores to the scale on which they are added up, a rising function; a logarithm for the
        geometric mean.

    Examples
    --------
    Two KPIs at 50 and 95 of 100, both 10 points to either side.

    >>> class Percent:
    ...     def score(self, values):
    ...         return np.clip(values, 0.0, 100.0)
    >>> value = np.array([[50.0], [95.0]])
    >>> children = Children(value, value - 10, value + 10, [Percent()] * 2, np.ones(2))
    >>> profile = Profile(children, np.full((2, 1), 0.5), lambda scores: scores)
    >>> low, high = profile.limits(0.95)
    >>> float(low[0].round(2)), float(high[0].round(2))
    (65.43, 79.33)
    >>> profile.chances(np.array([72.5])).round(3)
    array([0.5])
    """

    children: Children
    shares: Floats
    scaled: Callable[[Floats], Floats]

    def limits(self, level: float) -> tuple[Floats, Floats]:
        """The least and the most that each cell reaches at a level, on the scale; arrays (cells,).

        An open end counts as what scores less for the least, as what scores more for the most.
        """
        cells = np.arange(self.shares.shape[1])
        farthest = np.full(len(cells), ndtri(0.5 + level / 2))
        return -self._most(farthest, cells, True, -1), self._most(farthest, cells, False, 1)

    def chances(self, targets: Floats) -> Floats:
        """How sure it is that each cell is at or above a target on the scale; array (cells,).

        The level at which the target becomes an end of the interval, counted from one side. Open
        ends count as what scores less.
        """
        nowhere = np.zeros(len(targets))
        met = -self._most(nowhere, np.arange(len(targets)), True, -1) >= targets
        # How far away the target is: the goal comes beyond it between nearest and farthest.
        nearest, farthest = nowhere, np.full(len(targets), FARTHEST)
        for _ in range(HALVINGS):
            middle = (nearest + farthest) / 2
            beyond = np.zeros(len(targets), np.bool_)
            for sign, cells in ((-1, np.flatnonzero(met)), (1, np.flatnonzero(~met))):
                most, target = self._most(middle[cells], cells, True, sign), sign * targets[cells]
                beyond[cells] = most > target if sign < 0 else most >= target
            nearest, farthest = (
                np.where(beyond, nearest, middle),
                np.where(beyond, middle, farthest),
            )
        distance = np.where(farthest < FARTHEST, nearest, np.inf)
        chance: Floats = ndtr(np.where(met, distance, -distance))
        return chance

    def _most(self, farthest: Floats, cells: Counts, cautious: bool, sign: int) -> Floats:
        """The most that sign * sum reaches in some cells within ``farthest``; (cells,)."""
        below, above = self.children.spreads(cautious)
        found = np.empty(len(cells))
        parts = np.sqrt(np.arange(PARTS + 1) / PARTS)
        at_a_time = HELD // PARTS
        for start in range(0, len(cells), at_a_time):
            here = cells[start : start + at_a_time]
            steps = np.maximum(STEP, farthest[start : start + at_a_time, None] * parts)
            total = np.zeros((len(here), PARTS + 1))
            for child, rule in enumerate(self.children.rules):
                share = self.shares[child, here, None]
                value = self.children.value[child, here, None]
                down = rule.score(value - below[child, here, None] * steps)
                up = rule.score(value + above[child, here, None] * steps)
                best = np.maximum(sign * self.scaled(down), sign * self.scaled(up))
                best = np.maximum.accumulate(best, axis=1)
                total = _shared_out(total, np.where(share > 0, share * best, 0.0))
            found[start : start + at_a_time] = total[:, -1]
        return found


def _shared_out(some: Floats, other: Floats) -> Floats:
    """The most of the sum of both for every way to share out the parts; (cells, PARTS + 1)."""
    found = some + other[:, :1]
    for parts in range(1, PARTS + 1):
        found[:, parts:] = np.maximum(
            found[:, parts:], some[:, :-parts] + other[:, parts : parts + 1]
        )
    return found

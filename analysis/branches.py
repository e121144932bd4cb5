"""A goal as a tree: its own KPIs and the goals below it, mixed by nested weights."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from analysis.aggregation import Aggregation, aggregate, scaled, sum_in_order
from analysis.children import Counts, Mask, Sampler
from analysis.interval import Floats

# Shares of weight are off by less than this.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Branch:
    """What a goal's score is made of.

    Attributes
    ----------
    aggregation : Aggregation
    least_coverage : float
        Share of the weight, 0 to 1, that must be present; with less there is no score.
    leaves : tuple of int
        Positions of the goal's own KPIs among the children.
    below : tuple of (float, Branch)
        The goals right below, each with its weight beside the leaves and the others.
    """

    aggregation: Aggregation
    least_coverage: float
    leaves: tuple[int, ...]
    below: tuple[tuple[float, "Branch"], ...] = ()


@dataclass(frozen=True)
class Mixture:
    """A branch in every cell: its score, and the share of it that each part has.

    Attributes
    ----------
    score : array (cells,)
        NaN where the coverage is under the least, or nothing is present.
    coverage : array (cells,)
        Share of the weight that is present: of a KPI all or nothing, of a goal below its own
        coverage, or nothing where it has no score. NaN where nothing has weight.
    counted : array of bool (children, cells)
        The KPIs that are present, here or in a goal below that has a score.
    aggregation : Aggregation
    parts : tuple of (int or Mixture, array (cells,))
        Children and goals below, each with its share of the score; NaN where nothing is present.
    """

    score: Floats
    coverage: Floats
    counted: Mask
    aggregation: Aggregation
    parts: tuple[tuple["Part", Floats], ...]

    def draw(self, sampler: Sampler, cells: Counts, draws: int) -> Floats:
        """Drawn scores of the goal in some cells, (cells, draws)."""
        total = np.zeros((len(cells), draws))
        for part, share in self.parts:
            if isinstance(part, Mixture):
                scores = part.draw(sampler, cells, draws)
            else:
                scores = sampler.scores(part, cells)
            scores = scaled(scores, self.aggregation)
            scores[share[cells] == 0] = 0.0
            scores *= share[cells, None]
            total += scores
        return total if self.aggregation is Aggregation.ARITHMETIC else np.exp(total)


Part: TypeAlias = int | Mixture


def mix(branch: Branch, scores: Floats, weight: Floats) -> Mixture:
    """Mix the scores of all children into that of a branch, cell by cell.

    What is missing is re-weighted among its own siblings: a goal below keeps its weight however
    many of its KPIs are missing, and a goal's score is always the mean of what stands right below.

    Parameters
    ----------
    branch : Branch
    scores, weight : array (children, cells)
        Scores are NaN where missing; a child of weight 0 does not count, not even as missing.

    Examples
    --------
    Two KPIs in a goal below, one of them missing, beside a KPI of the goal's own:

    >>> scores = np.array([[80.0], [np.nan], [40.0]])
    >>> below = Branch(Aggregation.ARITHMETIC, 0.5, (0, 1))
    >>> goal = Branch(Aggregation.ARITHMETIC, 0.5, (2,), ((1.0, below),))
    >>> mixed = mix(goal, scores, np.ones((3, 1)))
    >>> mixed.score, mixed.coverage
    (array([60.]), array([0.75]))
    """
    parts: list[Part] = list(branch.leaves)
    values = [scores[leaf] for leaf in branch.leaves]
    weights = [weight[leaf] for leaf in branch.leaves]
    covered = [np.ones(scores.shape[1])] * len(parts)
    for own, one in branch.below:
        mixed = mix(one, scores, weight)
        parts.append(mixed)
        values.append(mixed.score)
        weights.append(np.where(np.isnan(mixed.coverage), 0.0, own))
        covered.append(mixed.coverage)
    weighed = np.stack(weights)
    present = ~np.isnan(np.stack(values)) & (weighed > 0)
    carried = np.where(present, weighed, 0.0)
    with np.errstate(invalid="ignore"):
        told = np.where(present, np.stack(covered), 0.0)
        coverage = sum_in_order(carried * told) / sum_in_order(weighed)
        shares = carried / sum_in_order(carried)
    mean = aggregate(np.where(present, np.stack(values), np.nan), weighed, branch.aggregation)
    counted = np.zeros(scores.shape, np.bool_)
    for part, there in zip(parts, present, strict=True):
        if isinstance(part, Mixture):
            counted |= part.counted & there
        else:
            counted[part] = there
    return Mixture(
        np.where(coverage >= branch.least_coverage - ROUNDING, mean, np.nan),
        coverage,
        counted,
        branch.aggregation,
        tuple(zip(parts, shares, strict=True)),
    )

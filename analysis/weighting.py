"""Votes weighted so that the answers of a window have the population's known shares.

The weights of a window are the same in all scopes: they are raked once, over everybody who answered
in it. Whoever has the same combination of categories has the same weight, so weighting needs the
sums of votes of each combination, and no answer by itself. Answers of which a category is not
known, like those of people who may not be told apart, stay as they are, with the weight 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from analysis.definitions import Kpi, Shares
from analysis.estimate import Mask, Texts
from analysis.interval import Floats
from analysis.margins import Margin
from analysis.votes import VoteSums
from analysis.weights import rake


@dataclass(frozen=True)
class WeightedSums:
    """Weighted sums of votes of every cell; arrays of the shape (scopes, windows).

    Attributes
    ----------
    weight, weight2 : array
        Sums of the weights, and of their squares. The weights are 1 on average over everybody.
    votes, squares : array
        Weighted sums of votes and of their squares.
    votes2, squares2 : array
        The same with the squares of the weights.
    """

    weight: Floats
    weight2: Floats
    votes: Floats
    squares: Floats
    votes2: Floats
    squares2: Floats

    def choose(self, other: Self, windows: Mask) -> Self:
        """These sums where ``windows``, the other's elsewhere."""
        return type(self)(
            *(
                np.where(windows, getattr(self, one.name), getattr(other, one.name))
                for one in fields(self)
            )
        )


@dataclass(frozen=True)
class Weighed:
    """A KPI's weighted sums, NaN in windows that cannot be weighted.

    ``trouble`` says of each window why it cannot, ``note`` how many answers were left as they are;
    both are '' where there is nothing to say.
    """

    sums: WeightedSums
    trouble: Texts
    note: Texts


def weigh_votes(
    kpi: Kpi, combinations: Sequence[tuple[str, ...]], sums: Sequence[VoteSums]
) -> Weighed:
    """Weight the votes of a KPI to its margins, window by window.

    Parameters
    ----------
    kpi : Kpi
        With margins.
    combinations : sequence of tuple of str
        The categories of each combination, in the order of the margins; '' is not known.
    sums : sequence of VoteSums
        Of each combination, of the shape (scopes, windows); the first scope is everybody.
    """
    counts = np.stack([one.n[0] for one in sums])
    is_known = np.array([all(categories) for categories in combinations])
    factors = np.where(is_known, np.nan, 1.0)[:, None].repeat(counts.shape[1], axis=1)
    trouble, note = np.full((2, counts.shape[1]), "", object)
    for window in np.flatnonzero(counts.any(axis=0)):
        present = is_known & (counts[:, window] > 0)
        own = [one for one, here in zip(combinations, present, strict=True) if here]
        try:
            factors[present, window] = _factors(kpi, own, counts[present, window])
        except ValueError as error:
            trouble[window] = f"The answers cannot be weighted. {error}"
        unknown, total = counts[~is_known, window].sum(), counts[:, window].sum()
        if unknown and not trouble[window]:
            note[window] = (
                f"Of all {total:.0f} answers, {unknown:.0f} cannot be told apart by "
                f"{' and '.join(margin.dimension for margin in kpi.margins)}; they have the "
                "weight 1."
            )
    weights = np.where(counts > 0, factors, 0.0)
    # A window in which nobody answered has nothing to weight.
    totals = {
        name: np.zeros(sums[0].n.shape)
        for name in ("weight", "weight2", "votes", "squares", "votes2", "squares2")
    }
    for weight, one in zip(weights, sums, strict=True):
        for power, ending in ((1, ""), (2, "2")):
            totals[f"weight{ending}"] += weight**power * one.n
            totals[f"votes{ending}"] += weight**power * one.votes
            totals[f"squares{ending}"] += weight**power * one.squares
    return Weighed(WeightedSums(**totals), trouble, note)


def _whole(margin: Shares) -> float:
    """What the shares add up to: 1, but for the digits they were written with."""
    return sum(share for _, share in margin.shares)


def _factors(kpi: Kpi, combinations: Sequence[tuple[str, ...]], counts: Floats) -> Floats:
    """The weight of each person of every combination, 1 on average."""
    if not combinations:
        raise ValueError("Of none of them the categories are known.")
    total = counts.sum()
    margins = [
        Margin.of(
            margin.dimension,
            [categories[at] for categories in combinations],
            {category: share * total / _whole(margin) for category, share in margin.shares},
        )
        for at, margin in enumerate(kpi.margins)
    ]
    raked = rake(margins, counts)
    if not raked.converged:
        raise ValueError(
            "No weights fit all margins: too many combinations of categories have nobody. "
            "Join categories, or leave a margin out."
        )
    return raked.factors

"""What if: does the verdict on a goal hang on how its score is made?

Weights, score rules and the kind of mean are choices. A verdict that other plausible choices would
turn deserves less weight than one that all of them share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from analysis.aggregation import Aggregation
from analysis.children import Children, ScoreRule
from analysis.deciding import MET, NO_DATA, NOT_MET, UNDETERMINED
from analysis.interval import Floats
from analysis.roll_up import GOAL_LEVEL, ROUNDING, GoalScores, roll_up

# The name of the score rules that the goal's KPIs themselves have.
OWN = "own"
# Multiples of the chosen weight: drawn weights lie between them, one alone is set to each.
ALONE = 1.25, 0.75


@dataclass(frozen=True)
class Change:
    """One departure from the goal's own method, all else kept, that turns the verdict.

    Attributes
    ----------
    part : str
        ``rules``, ``aggregation`` or ``weight``.
    to : str or float
        The name of the rules; the aggregation; the weight as a multiple of the chosen one.
    child : int, optional
        Whose weight it is.
    verdict : str
        What it becomes.
    """

    part: str
    to: str | float
    child: int | None
    verdict: str


@dataclass(frozen=True)
class WhatIf:
    """How firmly a verdict stands.

    Attributes
    ----------
    verdict : str
        By the goal's own method.
    stands : float
        Share of the methods that come to the same verdict.
    verdicts : dict
        Share of the methods by the verdict they come to.
    by_choice : dict
        Share of the methods under which the verdict stands, by (rules, aggregation).
    turned_by : tuple of Change
        Single changes that turn it.
    methods : int
        How many methods were tried.
    """

    verdict: str
    stands: float
    verdicts: dict[str, float]
    by_choice: dict[tuple[str, Aggregation], float]
    turned_by: tuple[Change, ...]
    methods: int


def what_if(
    children: Children,
    other_rules: Mapping[str, Sequence[ScoreRule]],
    aggregation: Aggregation,
    least_coverage: float,
    target: float,
    seed: int,
    weightings: int = 200,
    draws: int = 10_000,
    level: float = GOAL_LEVEL,
) -> WhatIf:
    """Try the plausible methods on a goal in one cell, and every single change of its own.

    A method is a set of rules (the KPIs' own, and the others given), an aggregation, and weights,
    each drawn evenly between 75 and 125 per cent of the chosen one. All rules and aggregations are
    tried with the same weights (Saisana, Saltelli and Tarantola 2005, Uncertainty and sensitivity
    analysis techniques as tools for the quality assessment of composite indicators).

    Parameters
    ----------
    children : Children
        Of one cell: arrays (children, 1).
    other_rules : mapping of str to sequence of ScoreRule
        By name; one rule a child.
    aggregation, least_coverage, target, seed, draws, level
        Of the goal, as for `analysis.roll_up.roll_up`: then the verdict is that of its score.
    weightings : int
        How many sets of weights are drawn.

    Raises
    ------
    ValueError
        For children of more than one cell, other rules that are named like the own, no weightings,
        and a target that is not a number.

    Examples
    --------
    >>> class Percent:
    ...     def score(self, values):
    ...         return np.clip(values, 0.0, 100.0)
    >>> value = np.array([[95.0], [30.0]])
    >>> children = Children(value, value, value, [Percent(), Percent()], np.array([1.0, 1.0]))
    >>> found = what_if(children, {}, Aggregation.ARITHMETIC, 0.5, target=55, seed=1)
    >>> found.verdict, found.by_choice[OWN, Aggregation.GEOMETRIC]
    ('met', 0.335)
    >>> found.turned_by
    (Change(part='aggregation', to='geometric', child=None, verdict='not_met'),)
    """
    if children.value.shape[1] != 1:
        raise ValueError("What-if is for one cell: give children of the shape (children, 1).")
    if OWN in other_rules:
        raise ValueError(f"Other rules may not be called {OWN}: that is the name of the KPIs' own.")
    if weightings < 1:
        raise ValueError("weightings must be 1 or more; 200 tell shares to about 3 points.")
    if not np.isfinite(target):
        raise ValueError("target must be a number: without one there is no verdict.")
    factors = _factors(len(children.value), weightings, seed)
    singles = factors.shape[1] - weightings
    own = OWN, aggregation
    found = {}
    for name, rules in {OWN: children.rules, **other_rules}.items():
        for kind in Aggregation:
            weighted = _with_weights(replace(children, rules=rules), factors)
            goal = roll_up(weighted, kind, least_coverage, target, seed, draws, level)
            found[name, kind] = verdicts(goal, target)
    verdict = str(found[own][0])
    changes = [
        Change("rules", name, None, str(found[name, aggregation][0])) for name in other_rules
    ]
    changes += [
        Change("aggregation", str(kind), None, str(found[OWN, kind][0])) for kind in Aggregation
    ]
    changes += [
        Change("weight", factor, child, str(found[own][1 + 2 * child + side]))
        for child in range(len(children.value))
        for side, factor in enumerate(ALONE)
    ]
    tried = np.concatenate([there[singles:] for there in found.values()])
    return WhatIf(
        verdict,
        float(np.mean(tried == verdict)),
        {str(one): float(np.mean(tried == one)) for one in np.unique(tried)},
        {choice: float(np.mean(there[singles:] == verdict)) for choice, there in found.items()},
        tuple(change for change in changes if change.verdict != verdict),
        len(tried),
    )


def verdicts(goal: GoalScores, target: float) -> npt.NDArray[np.str_]:
    """The verdict on a goal in every cell: on which side of the target its whole interval lies.

    The target itself is on the good side. Without a score there is no data; without an interval
    it is undetermined.

    Examples
    --------
    >>> class Percent:
    ...     def score(self, values):
    ...         return values
    >>> value = np.array([[70.0, 50.0, np.nan, 60.0]])
    >>> children = Children(value, value - 5, value + 5, [Percent()], np.array([1.0]))
    >>> goal = roll_up(children, Aggregation.ARITHMETIC, 0.5, 60, seed=1)
    >>> print(*verdicts(goal, 60))
    met not_met no_data undetermined
    """
    bar = target - ROUNDING
    return np.select(
        [np.isnan(goal.score), goal.interval.low >= bar, goal.interval.high < bar],
        [NO_DATA, MET, NOT_MET],
        UNDETERMINED,
    )


def _factors(children: int, weightings: int, seed: int) -> Floats:
    """Multiples of the weights (children, columns): none changed, each alone both ways, all drawn.

    Each alone: child 0 more, child 0 less, child 1 more and so on.
    """
    alone = np.ones((children, children, 2))
    one = np.arange(children)
    alone[one, one] = ALONE
    random = np.random.default_rng([seed, 1])
    drawn = random.uniform(min(ALONE), max(ALONE), (children, weightings))
    return np.hstack([np.ones((children, 1)), alone.reshape(children, -1), drawn])


def _with_weights(children: Children, factors: Floats) -> Children:
    """The same cell as many times as there are columns of factors, each with its own weights."""
    value, low, high = (
        np.broadcast_to(one, factors.shape) for one in (children.value, children.low, children.high)
    )
    return replace(children, value=value, low=low, high=high, weights=children.weight * factors)

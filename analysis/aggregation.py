"""Weighted means of scores, arithmetic and geometric; children are the first axis."""

from enum import StrEnum

import numpy as np

from analysis.interval import Floats

# In a geometric mean one score of 0 would make the goal 0, whatever else is good.
FLOOR = 1.0


class Aggregation(StrEnum):
    ARITHMETIC = "arithmetic"
    GEOMETRIC = "geometric"


def weighted_mean(values: Floats, weights: Floats) -> Floats:
    """Weighted arithmetic mean of what is present, sum(w x) / sum(w) over the first axis.

    Parameters
    ----------
    values, weights : array (children, cells)
        Values are NaN where missing: their weight is spread over the others.

    Returns
    -------
    array (cells,)
        NaN where nothing with weight is present.

    Examples
    --------
    >>> weighted_mean(np.array([[80.0, np.nan], [50.0, 50.0]]), np.array([[2.0, 2.0], [1.0, 1.0]]))
    array([70., 50.])
    """
    present = ~np.isnan(values)
    carried = np.where(present, weights, 0.0)
    with np.errstate(invalid="ignore"):
        return sum_in_order(np.where(present, values, 0.0) * carried) / sum_in_order(carried)


def aggregate(scores: Floats, weights: Floats, aggregation: Aggregation) -> Floats:
    """The goal's score from its children's: their weighted arithmetic or geometric mean.

    The geometric mean, exp(sum(w log s) / sum(w)), takes scores under 1 as 1. Shapes and missing
    scores as in `weighted_mean`.

    Examples
    --------
    >>> scores, weights = np.array([[100.0], [0.0]]), np.array([[1.0], [1.0]])
    >>> aggregate(scores, weights, Aggregation.ARITHMETIC)
    array([50.])
    >>> aggregate(scores, weights, Aggregation.GEOMETRIC)
    array([10.])
    """
    mean = weighted_mean(scaled(scores, aggregation), weights)
    return mean if aggregation is Aggregation.ARITHMETIC else np.exp(mean)


def scaled(scores: Floats, aggregation: Aggregation) -> Floats:
    """Scores on the scale on which they are averaged: themselves, or their logarithms.

    Examples
    --------
    >>> scaled(np.array([0.5, 100.0]), Aggregation.GEOMETRIC)
    array([0.     , 4.60517])
    """
    if aggregation is Aggregation.GEOMETRIC:
        logarithms: Floats = np.log(np.maximum(scores, FLOOR))
        return logarithms
    return scores


def sum_in_order(terms: Floats) -> Floats:
    """Sums over the children, one added after the other.

    ``np.sum`` adds in an order that depends on the number of cells, and the last digit with it.

    Examples
    --------
    >>> sum_in_order(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([4., 6.])
    """
    total: Floats = np.cumsum(terms, axis=0)[-1]
    return total

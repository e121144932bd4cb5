"""Weights for unequal selection and non-response: what they cost, and raking to known margins.

Weights make a sample look like its population in the margins declared, and lose precision for it.
Estimates from weighted rows, with their standard errors, are in ``analysis.weighted`` and
``analysis.weighted_shares``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.interval import Floats, Numbers
from analysis.margins import Margin

# How far, as a share of the grand total, a raked margin may be from what was declared.
TOLERANCE = 1e-10
# Sums of squares may miss the smallest value they can have by this share, through rounding.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Kish:
    """What unequal weights cost (Kish 1965); floats, or arrays with one entry a cell.

    Attributes
    ----------
    n : float or array
        Rows with a weight above 0.
    sum_w : float or array
        Sum of the weights.
    effective_n : float or array
        (sum w)^2 / sum w^2: how many equally weighted rows would be worth as much for a value that
        has nothing to do with the weights. NaN where no row has a weight.
    design_effect : float or array
        n / effective_n, at least 1.
    cv : float or array
        Coefficient of variation of the weights (divisor n): sqrt(design_effect - 1).
    """

    n: Numbers
    sum_w: Numbers
    effective_n: Numbers
    design_effect: Numbers
    cv: Numbers


def kish(weights: npt.ArrayLike) -> Kish:
    """Effective n, design effect and coefficient of variation of the weights of rows.

    Parameters
    ----------
    weights : array of shape (rows,)
        At least 0; a row with weight 0 does not count.

    Raises
    ------
    ValueError
        If a weight is negative, infinite or NaN.

    Examples
    --------
    >>> found = kish([1, 1, 2])
    >>> round(found.effective_n, 4), round(found.design_effect, 4), round(found.cv, 4)
    (2.6667, 1.125, 0.3536)
    """
    checked = as_weights(weights)
    return kish_from_sums(
        float(checked.sum()), float((checked**2).sum()), float(np.count_nonzero(checked))
    )


def kish_from_sums(sum_w: Numbers, sum_w2: Numbers, n: Numbers) -> Kish:
    """The same from sums, for many cells at once.

    Parameters
    ----------
    sum_w, sum_w2 : float or array
        Sum of the weights and of their squares.
    n : float or array
        Rows with a weight above 0.

    Returns
    -------
    Kish
        Floats if all three are numbers, else arrays of their common shape. A cell with a NaN, or
        without a row, is NaN.

    Raises
    ------
    ValueError
        If a sum or n is negative, or if no n weights have these sums.

    Examples
    --------
    >>> kish_from_sums(np.array([4.0, 0.0]), np.array([6.0, 0.0]), np.array([3.0, 0.0])).effective_n
    array([2.666667,      nan])
    """
    total, squares, rows = np.broadcast_arrays(*(np.asarray(x, float) for x in (sum_w, sum_w2, n)))
    if (total < 0).any() or (squares < 0).any() or (rows < 0).any():
        raise ValueError("A sum of weights, of their squares or an n is negative. Give sums of w.")
    if (total**2 > rows * squares * (1 + ROUNDING)).any():
        raise ValueError(
            "No n weights have this sum and this sum of squares: (sum w)^2 is at most n sum w^2. "
            "Give the sums over the same rows as n."
        )
    with np.errstate(invalid="ignore", divide="ignore"):
        effective = total**2 / squares
        effect = rows / effective
    cv = np.sqrt(np.maximum(effect - 1, 0.0))
    shaped = (rows, total, effective, effect, cv)
    return Kish(*(float(x) if x.ndim == 0 else np.array(x) for x in shaped))


@dataclass(frozen=True)
class Raked:
    """Weights that fit declared margins, and how well they do.

    Attributes
    ----------
    weights : array of shape (rows,)
        Starting weight times factor. Where rows are combinations and the start is their counts,
        the total of the combination.
    factors : array of shape (rows,)
        What a starting weight is multiplied with. Where rows are combinations, the weight of each
        person in it.
    iterations : int
        Rounds through all margins.
    gap : float
        The largest distance that remains between a weighted and a declared total, as a share of
        the grand total.
    converged : bool
        Whether the gap is small enough.
    """

    weights: Floats
    factors: Floats
    iterations: int
    gap: float
    converged: bool


def rake(
    margins: Sequence[Margin],
    start: npt.ArrayLike | None = None,
    *,
    tolerance: float = TOLERANCE,
    max_iterations: int = 1000,
) -> Raked:
    """Iterative proportional fitting of weights to margins (Deming and Stephan 1940).

    Margin by margin the weights of each category are multiplied so that they sum to its total,
    until all margins fit at once. Of all weights that fit, these are the closest to the start in
    the sense of Deville and Sarndal (1992), with the distance w log(w / start) - w + start. They
    are never trimmed. For standard errors that know of the margins give ``sampling.Design`` the
    weights, the margins and the start.

    Parameters
    ----------
    margins : sequence of Margin
        At least one, over the same rows.
    start : array of shape (rows,), optional
        Starting weights, at least 0; all 1 if not given. Rows may instead be combinations of
        categories: then the count of people in each.
    tolerance : float
        The gap, as a share of the grand total, below which the margins fit.
    max_iterations : int
        After so many rounds the fitting stops; ``converged`` then says no. That happens where no
        weights fit, since combinations that would be needed have nobody.

    Raises
    ------
    ValueError
        If nobody is in a category that has a total, if the totals of two margins have different
        sums, or if rows and weights do not fit together.

    Examples
    --------
    >>> size = Margin.of("size", ["big", "big", "small", "small"], {"big": 10, "small": 30})
    >>> region = Margin.of("region", ["n", "s", "n", "s"], {"n": 16, "s": 24})
    >>> rake([size, region]).weights
    array([ 4.,  6., 12., 18.])
    >>> combinations = rake([size, region], start=[5, 1, 2, 2])
    >>> combinations.weights, combinations.factors
    (array([ 6.864471,  3.135529,  9.135529, 20.864471]),
     array([ 1.372894,  3.135529,  4.567764, 10.432236]))
    """
    if not margins:
        raise ValueError("There is no margin to rake to. Give at least one.")
    rows = margins[0].codes.size
    weights = np.ones(rows) if start is None else as_weights(start)
    for margin in margins:
        if margin.codes.size != weights.size:
            raise ValueError(
                f"The margin {margin.name} has {margin.codes.size} rows, and there are "
                f"{weights.size} weights. Give one label and one weight a row."
            )
    grand = float(margins[0].totals.sum())
    _check_totals(margins, weights, grand)
    # Rows of the same combination get the same factor, so that only combinations are fitted.
    codes, combination = np.unique(
        np.stack([margin.codes for margin in margins]), axis=1, return_inverse=True
    )
    mass = np.bincount(combination.ravel(), weights)
    factors = np.ones(mass.size)
    gap, iterations = np.inf, 0
    while gap > tolerance and iterations < max_iterations:
        for margin, code in zip(margins, codes, strict=True):
            factors *= (margin.totals / np.bincount(code, mass * factors))[code]
        iterations += 1
        gap = max(
            float(np.abs(np.bincount(code, mass * factors) - margin.totals).max()) / grand
            for margin, code in zip(margins, codes, strict=True)
        )
    by_row = factors[combination.ravel()]
    return Raked(weights * by_row, by_row, iterations, gap, gap <= tolerance)


def post_stratify(margin: Margin, start: npt.ArrayLike | None = None) -> Raked:
    """Weights that fit one margin, or the crossed cells of several: raking in a single round.

    Parameters
    ----------
    margin : Margin
        ``Margin.crossed`` for cells of several columns.
    start : array of shape (rows,), optional
        Starting weights or counts, as in ``rake``.

    Raises
    ------
    ValueError
        As ``rake``.

    Examples
    --------
    >>> size = Margin.of("size", ["big", "big", "small"], {"big": 10, "small": 30})
    >>> post_stratify(size).weights
    array([ 5.,  5., 30.])
    """
    return rake([margin], start)


def _check_totals(margins: Sequence[Margin], weights: Floats, grand: float) -> None:
    for margin in margins:
        found = np.bincount(margin.codes, weights, minlength=margin.totals.size)
        if not found.all():
            nobody = margin.categories[int(np.flatnonzero(found == 0)[0])]
            raise ValueError(
                f"Nobody is in the category {nobody!r} of the margin {margin.name}, which has a "
                "total. Merge it with another category."
            )
        total = float(margin.totals.sum())
        if abs(total - grand) > TOLERANCE * grand:
            raise ValueError(
                f"The totals of the margin {margin.name} sum to {total:g}, those of "
                f"{margins[0].name} to {grand:g}. Bring them to the same population."
            )


def as_weights(weights: npt.ArrayLike) -> Floats:
    """One column of weights, checked.

    Raises
    ------
    ValueError
        If it is not one column, or a weight is negative, infinite or NaN.

    Examples
    --------
    >>> as_weights([1, 2])
    array([1., 2.])
    """
    checked = np.asarray(weights, float)
    if checked.ndim != 1:
        raise ValueError(f"The weights are not one column: their shape is {checked.shape}.")
    if not (np.isfinite(checked) & (checked >= 0)).all():
        raise ValueError(
            "A weight is negative, infinite or NaN. Give 0 to a row that is not to count."
        )
    return checked

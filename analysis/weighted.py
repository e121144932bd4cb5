"""Means, ratios and totals of weighted rows, each with its linearised standard error.

Cells are columns: a value is NaN where a row is outside the cell or has no answer. The rows outside
stay part of the design, as a domain's standard error requires (Lumley 2010, chapter 2).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.interval import CI_LEVEL, Floats, Interval, Numbers
from analysis.quantiles import two_sided_t
from analysis.sampling import Design, degrees_of_freedom, linearised_variance

# Values closer together than this, relative to their mean, are the same but for rounding.
ALIKE = 1e-12


@dataclass(frozen=True)
class WeightedEstimate:
    """A weighted statistic; floats for one cell, else arrays with one entry a cell.

    Attributes
    ----------
    value : float or array
        In the values' own unit; NaN where no row counts.
    n : float or array
        Rows that have a value and a weight above 0.
    std_error : float or array
        Taylor-linearised; NaN where ``df`` is below 1 or the values are all the same.
    df : float or array
        Sampling units less strata, both counted in the cell. Replaced by ``math.inf``, intervals
        take the normal distribution's quantiles.
    effective_n : float or array
        Kish's, from the weights alone.
    design_effect : float or array
        Variance over that of as many rows drawn independently with equal chances.
    unweighted : float or array
        The same statistic with all weights 1.
    """

    value: Numbers
    n: Numbers
    std_error: Numbers
    df: Numbers
    effective_n: Numbers
    design_effect: Numbers
    unweighted: Numbers

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Student's t interval, value -+ t std_error, with ``df`` degrees of freedom.

        Raises
        ------
        ValueError
            If the level is not between 0 and 1.
        """
        half = two_sided_t(level, self.df) * self.std_error
        return Interval(self.value - half, self.value + half, level, "student_t")


def weighted_mean(values: npt.ArrayLike, design: Design) -> WeightedEstimate:
    """Weighted mean, sum w y / sum w.

    Parameters
    ----------
    values : array of shape (rows,) or (rows, cells)
        NaN where a row is outside the cell or has no answer.
    design : Design
        Over the same rows.

    Raises
    ------
    ValueError
        If rows and design do not fit together, or a value is infinite.

    Examples
    --------
    >>> found = weighted_mean([1, 2, 3, 4], Design([1, 1, 1, 3]))
    >>> found.value, found.unweighted, round(found.std_error, 4)
    (3.0, 2.5, 0.7201)
    """
    y, single = _columns(values, design)
    return _ratio(y, np.ones_like(y), design, single)


def weighted_ratio(
    numerators: npt.ArrayLike, denominators: npt.ArrayLike, design: Design
) -> WeightedEstimate:
    """Ratio of two weighted sums, sum w y / sum w x: never a mean of ratios.

    Parameters
    ----------
    numerators, denominators : array of shape (rows,) or (rows, cells)
        A row with a NaN in either does not count.
    design : Design

    Raises
    ------
    ValueError
        As ``weighted_mean``.

    Examples
    --------
    >>> found = weighted_ratio([1, 2, 3], [2, 3, 7], Design([1, 1, 1]))
    >>> found.value, round(found.std_error, 4)
    (0.5, 0.0722)
    """
    y, single = _columns(numerators, design)
    x, _ = _columns(denominators, design)
    return _ratio(y, x, design, single)


def weighted_total(values: npt.ArrayLike, design: Design) -> WeightedEstimate:
    """Weighted total, sum w y, where the weights sum to the population.

    Its ``unweighted`` is the sum over the rows themselves, and it has no design effect (NaN).

    Parameters
    ----------
    values : array of shape (rows,) or (rows, cells)
        NaN where a row is outside the cell or has no answer.
    design : Design

    Raises
    ------
    ValueError
        As ``weighted_mean``.

    Examples
    --------
    >>> found = weighted_total([1, 2, 3], Design([10, 10, 10]))
    >>> found.value, round(found.std_error, 4)
    (60.0, 17.3205)
    """
    y, single = _columns(values, design)
    within = ~np.isnan(y) & (design.weight[:, None] > 0)
    y = np.where(within, y, 0.0)
    w = design.weight[:, None] * within
    n = within.sum(axis=0).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        effective = w.sum(axis=0) ** 2 / (w**2).sum(axis=0)
    df = degrees_of_freedom(design, within)
    error = np.sqrt(linearised_variance(design, y, within))
    found = (
        np.where(n > 0, (w * y).sum(axis=0), np.nan),
        n,
        np.where(df >= 1, error, np.nan),
        df,
        effective,
        np.full(n.size, np.nan),
        np.where(n > 0, y.sum(axis=0), np.nan),
    )
    return WeightedEstimate(*(_shaped(one, single) for one in found))


def _ratio(y: Floats, x: Floats, design: Design, single: bool) -> WeightedEstimate:
    """The estimate of a ratio; a mean is the ratio of the values to ones."""
    weight = design.weight[:, None]
    within = ~np.isnan(y) & ~np.isnan(x) & (weight > 0)
    y, x, w = np.where(within, y, 0.0), np.where(within, x, 0.0), weight * within
    n = within.sum(axis=0).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        below = (w * x).sum(axis=0)
        value = (w * y).sum(axis=0) / below
        distance = np.where(within, y - value * x, 0.0)
        influence = np.where(within, distance / below, 0.0)
        df = degrees_of_freedom(design, within)
        alike = np.abs(distance).max(axis=0, initial=0) <= ALIKE * np.maximum(
            1.0, np.abs(y).max(axis=0, initial=0)
        )
        variance = linearised_variance(design, influence, within)
        error = np.where((df >= 1) & ~alike, np.sqrt(variance), np.nan)
        simple = (w * influence**2).sum(axis=0) * w.sum(axis=0) / (n - 1)
        effective = w.sum(axis=0) ** 2 / (w**2).sum(axis=0)
        unweighted = y.sum(axis=0) / x.sum(axis=0)
        found = (value, n, error, df, effective, error**2 / simple, unweighted)
    return WeightedEstimate(*(_shaped(one, single) for one in found))


def _columns(values: npt.ArrayLike, design: Design) -> tuple[Floats, bool]:
    """Values as columns of cells, and whether one column was given."""
    given = np.asarray(values, float)
    single = given.ndim == 1
    columns = given[:, None] if single else given
    if columns.ndim != 2 or columns.shape[0] != design.weight.size:
        raise ValueError(
            f"The values have the shape {given.shape}, and the design has {design.weight.size} "
            "rows. Give one row of values for each."
        )
    if np.isinf(columns).any():
        raise ValueError("A value is infinite. Give NaN where there is no answer.")
    return columns, single


def _shaped(found: Floats | np.float64, single: bool) -> Numbers:
    return float(np.asarray(found).ravel()[0]) if single else np.asarray(found)

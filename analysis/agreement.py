"""Agreement of raters on a scale of numbers: the intraclass correlations of Shrout and Fleiss.

They take a matrix of ratings, units in rows and raters in columns, and use the units that every
rater has rated. For units that some did not rate see :mod:`analysis.krippendorff`, for orders
:mod:`analysis.concordance`, for categories :mod:`analysis.kappas`.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import fdtrc, fdtri

from analysis.interval import CI_LEVEL, Floats, Interval
from analysis.quantiles import checked_level

Form: TypeAlias = Literal["1,1", "2,1", "3,1", "1,k", "2,k", "3,k"]
FORMS: tuple[Form, ...] = ("1,1", "2,1", "3,1", "1,k", "2,k", "3,k")

# Mean squares below this, relative to the squared size of the ratings, are rounding.
ALIKE = 1e-24
TOO_FEW = "There are fewer than two units that at least two raters have all rated."


@dataclass(frozen=True)
class MeanSquares:
    """Analysis of variance of units by raters, without repetition.

    Attributes
    ----------
    targets, raters, error, within : float
        Mean squares between units, between raters, of the rest, and within units (raters and rest
        together); NaN with fewer than two units or raters.
    units, judges : int
        Units rated by all, and raters.
    """

    targets: float
    raters: float
    error: float
    within: float
    units: int
    judges: int


@dataclass(frozen=True)
class IntraclassCorrelation:
    """One form of the intraclass correlation.

    Attributes
    ----------
    form : str
        Model and number of raters in Shrout and Fleiss' (1979) notation.
    value : float
    n, raters : int
        Units rated by all, and raters.
    f, df1, df2, p : float
        Test of the value being 0.
    squares : MeanSquares
    reason : str
        Why there is no value, or none of an interval.
    """

    form: Form
    value: float
    n: int
    raters: int
    f: float
    df1: int
    df2: int
    p: float
    squares: MeanSquares
    reason: str = ""

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Limits of Shrout and Fleiss (1979), from F distributions.

        Those of (2,1) have Satterthwaite's degrees of freedom; those of (2,k) are stepped up from
        them by Spearman and Brown's formula.

        Raises
        ------
        ValueError
            If ``level`` is not between 0 and 1.
        """
        tail = (1 - checked_level(level)) / 2
        low, high = np.nan, np.nan
        if not self.reason:
            low, high = self._limits_of_one(tail)
            if self.form[2] == "k":
                low, high = _stepped_up(low, self.raters), _stepped_up(high, self.raters)
        return Interval(low, high, level, "shrout_fleiss")

    def _limits_of_one(self, tail: float) -> tuple[float, float]:
        if self.form[0] == "2":
            return _two_way_random(self.squares, tail)
        low = self.f / fdtri(self.df1, self.df2, 1 - tail)
        high = self.f * fdtri(self.df2, self.df1, 1 - tail)
        return _from_f(float(low), self.raters), _from_f(float(high), self.raters)


def mean_squares(ratings: npt.ArrayLike) -> MeanSquares:
    """Split the squares of ratings into those of units, raters and rest.

    Parameters
    ----------
    ratings : array_like, (units, raters)
        Units with a NaN are left out.

    Returns
    -------
    MeanSquares

    Raises
    ------
    ValueError
        If there are not two axes, or a rating is infinite.

    Examples
    --------
    >>> mean_squares([[1, 3], [2, 4], [6, 8]])
    MeanSquares(targets=14.0, raters=6.0, error=0.0, within=2.0, units=3, judges=2)
    """
    table = complete_units(ratings)
    n, k = table.shape
    if n < 2 or k < 2:
        return MeanSquares(np.nan, np.nan, np.nan, np.nan, n, k)
    centred = table - table.mean()
    of_unit, of_rater = centred.mean(axis=1), centred.mean(axis=0)
    rest = centred - of_unit[:, None] - of_rater
    sums = [k * of_unit @ of_unit, n * of_rater @ of_rater, (rest**2).sum()]
    return MeanSquares(
        targets=float(sums[0] / (n - 1)),
        raters=float(sums[1] / (k - 1)),
        error=float(sums[2] / (n - 1) / (k - 1)),
        within=float((sums[1] + sums[2]) / n / (k - 1)),
        units=n,
        judges=k,
    )


def complete_units(ratings: npt.ArrayLike) -> Floats:
    """The rows of a matrix of ratings that have no NaN.

    Parameters
    ----------
    ratings : array_like, (units, raters)

    Returns
    -------
    array, (complete units, raters)

    Raises
    ------
    ValueError
        If there are not two axes, or a rating is infinite.

    Examples
    --------
    >>> complete_units([[1, 2], [3, np.nan]])
    array([[1., 2.]])
    """
    table = np.asarray(ratings, np.float64)
    if table.ndim != 2:
        raise ValueError(f"ratings has the shape {table.shape}; give a matrix, units by raters.")
    if np.isinf(table).any():
        raise ValueError("ratings holds an infinite number; give NaN for a missing rating.")
    return table[~np.isnan(table).any(axis=1)]


def intraclass_correlation(ratings: npt.ArrayLike, form: Form) -> IntraclassCorrelation:
    """Compute one of the six intraclass correlations of Shrout and Fleiss (1979).

    Parameters
    ----------
    ratings : array_like, (units, raters)
        Units with a NaN are left out.
    form : {"1,1", "2,1", "3,1", "1,k", "2,k", "3,k"}
        1: every unit has other raters; 2: the raters are a sample of all raters, and their
        severity counts as disagreement; 3: these raters alone matter, and it does not. With 1 the
        agreement of single ratings, with k of the mean of all raters.

    Returns
    -------
    IntraclassCorrelation

    Raises
    ------
    ValueError
        If there are not two axes, a rating is infinite, or the form is another.

    Examples
    --------
    >>> ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9]]
    >>> [round(intraclass_correlation(ratings, form).value, 2) for form in FORMS]
    [0.22, 0.33, 0.75, 0.52, 0.66, 0.92]
    """
    if form not in FORMS:
        raise ValueError(f"form is {form!r}; give one of {', '.join(FORMS)}.")
    table = complete_units(ratings)
    squares = mean_squares(table)
    n, k = squares.units, squares.judges
    df1, df2 = n - 1, n * (k - 1) if form[0] == "1" else (n - 1) * (k - 1)
    nan = np.nan
    if n < 2 or k < 2:
        return IntraclassCorrelation(form, nan, n, k, nan, df1, df2, nan, squares, TOO_FEW)
    rest = squares.within if form[0] == "1" else squares.error
    disagreement = squares.error if form[0] == "3" else squares.within
    tiny = ALIKE * max(1.0, float(np.abs(table).max())) ** 2
    if max(squares.targets, disagreement) <= tiny:
        told = "The units do not differ, nor do the ratings of one; there is nothing to agree on."
        return IntraclassCorrelation(form, nan, n, k, nan, df1, df2, nan, squares, told)
    told = ""
    if disagreement <= tiny:
        told = "The raters agree fully, so there is no interval."
    elif squares.targets <= tiny:
        told = "The means of the units do not differ, so there is no interval."
    f = squares.targets / rest if rest > tiny else np.inf if squares.targets > tiny else nan
    single = _of_two_way_random(squares) if form[0] == "2" else _from_f(f, k)
    return IntraclassCorrelation(
        form,
        _stepped_up(single, k) if form[2] == "k" else single,
        n,
        k,
        f,
        df1,
        df2,
        float(fdtrc(df1, df2, f)),
        squares,
        told,
    )


def _from_f(f: float, k: int) -> float:
    """(F - 1) / (F + k - 1), 1 where nothing but the units differs."""
    return 1.0 if np.isinf(f) else (f - 1) / (f + k - 1)


def _stepped_up(single: float, k: int) -> float:
    """Spearman and Brown: from one rater to the mean of k."""
    below = 1 + (k - 1) * single
    return k * single / below if below > 0 else -np.inf


def _of_two_way_random(squares: MeanSquares) -> float:
    n, k = squares.units, squares.judges
    severity = (squares.raters - squares.error) / n
    spread = squares.targets + (k - 1) * squares.error + k * severity
    return (squares.targets - squares.error) / spread


def _two_way_random(squares: MeanSquares, tail: float) -> tuple[float, float]:
    """Limits of form 2,1; the degrees of freedom are multiplied out by the squared error."""
    n, k, value = squares.units, squares.judges, _of_two_way_random(squares)
    of_raters = k * value * squares.raters
    of_rest = (n * (1 + (k - 1) * value) - k * value) * squares.error
    above = (k - 1) * (n - 1) * (of_raters + of_rest) ** 2
    freedom = above / ((n - 1) * of_raters**2 + of_rest**2)
    unlike = k * squares.raters + (k * n - k - n) * squares.error
    at_low = float(fdtri(n - 1, freedom, 1 - tail))
    at_high = float(fdtri(freedom, n - 1, 1 - tail))
    low = n * (squares.targets - at_low * squares.error)
    high = n * (at_high * squares.targets - squares.error)
    return (
        low / (at_low * unlike + n * squares.targets),
        high / (unlike + n * at_high * squares.targets),
    )

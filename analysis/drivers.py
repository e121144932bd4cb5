"""Key drivers: the rows they are found in, and the regression of an outcome on them.

Regression tells what one point more of a driver goes with, the others held fast;
`analysis.importance` shares the explained variance out. Neither says what causes what.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import fdtrc, stdtr, stdtrit

from analysis.interval import CI_LEVEL, Floats, Interval

# A driver of which the others leave less than this share of its variance open follows from them.
COLLINEAR = 1e-10
# Numbers closer together than this share of their size are the same but for rounding.
ALIKE = 1e-12
# A row that decides its own fitted value has no residual to learn from.
FULL_LEVERAGE = 1 - 1e-10


@dataclass(frozen=True)
class DriverRows:
    """Complete rows, one a unit of analysis; made by `complete_rows`.

    Attributes
    ----------
    names : tuple of str
        Of the drivers.
    drivers : array (n, drivers)
    outcome : array (n,)
    n_rows : int
        Rows there were before the incomplete ones were left out.
    """

    names: tuple[str, ...]
    drivers: Floats
    outcome: Floats
    n_rows: int

    @property
    def n(self) -> int:
        """Rows that are complete."""
        return len(self.outcome)

    @cached_property
    def correlation(self) -> Floats:
        """Correlations of drivers and outcome, (drivers + 1, drivers + 1), the outcome last."""
        return correlation_matrix(self.standardized)

    @cached_property
    def standardized(self) -> Floats:
        """Drivers and outcome with mean 0 and standard deviation 1, (n, drivers + 1)."""
        columns = np.column_stack([self.drivers, self.outcome])
        standardized: Floats = (columns - columns.mean(axis=0)) / columns.std(axis=0)
        return standardized


@dataclass(frozen=True)
class Regression:
    """Ordinary least squares of the outcome on an intercept (first) and the drivers.

    Attributes
    ----------
    value, std_error, std_error_hc3, p : array (1 + drivers,)
        Coefficients, in units of the outcome per unit of the driver; standard errors with one
        residual variance, and without that assumption (MacKinnon and White 1985; NaN where one row
        alone decides a coefficient); two-sided p of Student's t with the former.
    standardized, vif : array (drivers,)
        Coefficients in standard deviations; variance inflation factors, 1 / (1 - R squared of the
        driver on the others).
    r2, adj_r2, f, f_p, sigma : float
        Explained share of variance, adjusted for the number of drivers; F of all drivers with its
        p; standard deviation of the residuals.
    df : int
        Residual degrees of freedom, n - drivers - 1.
    n, n_rows : int
        Complete rows, and all of them.
    """

    value: Floats
    std_error: Floats
    std_error_hc3: Floats
    p: Floats
    standardized: Floats
    vif: Floats
    r2: float
    adj_r2: float
    f: float
    f_p: float
    sigma: float
    df: int
    n: int
    n_rows: int

    def interval(self, level: float = CI_LEVEL) -> Interval:
        """Student's t intervals of the coefficients."""
        if not 0 < level < 1:
            raise ValueError("level must be between 0 and 1, such as 0.95.")
        half = float(stdtrit(self.df, 0.5 + level / 2)) * self.std_error
        return Interval(self.value - half, self.value + half, level, "student_t")


def complete_rows(names: Sequence[str], drivers: Floats, outcome: Floats) -> DriverRows:
    """The rows without missing values, after a look at whether they can bear a regression.

    Parameters
    ----------
    names : sequence of str
        One a driver.
    drivers : array (rows, drivers)
        NaN where missing.
    outcome : array (rows,)

    Raises
    ------
    ValueError
        For shapes that do not fit, infinite numbers, fewer complete rows than drivers + 2, an
        outcome or a driver that is the same in all rows, and a driver that follows from others.

    Examples
    --------
    >>> rows = complete_rows(
    ...     ["speed", "price"],
    ...     np.array([[1, 2], [2, 1], [3, 5], [4, np.nan], [5, 4]]),
    ...     np.array([1.0, 2.0, 4.0, 3.0, 5.0]),
    ... )
    >>> rows.n, rows.n_rows
    (4, 5)
    """
    if drivers.ndim != 2 or outcome.shape != drivers.shape[:1]:
        raise ValueError("drivers must have the shape (rows, drivers), the outcome (rows,).")
    if len(names) != drivers.shape[1] or not names:
        raise ValueError(f"Give one name a driver: there are {drivers.shape[1]} drivers.")
    if np.isinf(drivers).any() or np.isinf(outcome).any():
        raise ValueError("Drivers and outcome must be finite; NaN stands for a missing value.")
    complete = ~(np.isnan(drivers).any(axis=1) | np.isnan(outcome))
    rows = DriverRows(tuple(names), drivers[complete], outcome[complete], len(outcome))
    if rows.n < len(names) + 2:
        raise ValueError(
            f"{len(names)} drivers need at least {len(names) + 2} complete rows; there are "
            f"{rows.n}. Collect more answers, or leave drivers out."
        )
    if _constant(rows.outcome):
        raise ValueError("The outcome is the same in all complete rows: there is nothing to drive.")
    for name, column in zip(names, rows.drivers.T, strict=True):
        if _constant(column):
            raise ValueError(f"Driver {name} is the same in all complete rows: leave it out.")
    # What the drivers before a driver leave open of its variance.
    left = np.diag(np.linalg.qr(rows.standardized[:, :-1], mode="r")) ** 2 / rows.n
    for name, share in zip(names, left, strict=True):
        if share < COLLINEAR:
            raise ValueError(f"Driver {name} follows from those before it: leave one of them out.")
    return rows


def regress(rows: DriverRows) -> Regression:
    """Ordinary least squares of the outcome on the drivers.

    Examples
    --------
    >>> rows = complete_rows(
    ...     ["speed"], np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([1.0, 3.0, 2.0, 4.0])
    ... )
    >>> found = regress(rows)
    >>> found.value, round(found.r2, 2), round(found.sigma, 4)
    (array([0.5, 0.8]), 0.64, 0.9487)
    """
    design = np.column_stack([np.ones(rows.n), rows.drivers])
    orthogonal, triangle = np.linalg.qr(design)
    inverse = np.linalg.inv(triangle)
    value = inverse @ (orthogonal.T @ rows.outcome)
    residual = rows.outcome - design @ value
    df = rows.n - design.shape[1]
    left, total = float(residual @ residual), rows.n * float(rows.outcome.var())
    variance = left / df
    std_error = np.sqrt(variance * np.sum(inverse**2, axis=1))
    leverage = np.sum(orthogonal**2, axis=1)
    r2, k = 1 - left / total, len(rows.names)
    with np.errstate(divide="ignore", invalid="ignore"):
        weighted = residual / np.where(leverage < FULL_LEVERAGE, 1 - leverage, np.nan)
        p = 2 * stdtr(df, -np.abs(value / std_error))
        f = float(np.divide((total - left) / k, variance))
    return Regression(
        value,
        std_error,
        std_error_hc3=np.sqrt(np.sum((inverse @ (orthogonal.T * weighted)) ** 2, axis=1)),
        p=p,
        standardized=value[1:] * rows.drivers.std(axis=0) / rows.outcome.std(),
        vif=np.diag(np.linalg.inv(rows.correlation[:-1, :-1])),
        r2=r2,
        adj_r2=1 - (1 - r2) * (rows.n - 1) / df,
        f=f,
        f_p=float(fdtrc(k, df, f)),
        sigma=float(np.sqrt(variance)),
        df=df,
        n=rows.n,
        n_rows=rows.n_rows,
    )


def correlation_matrix(columns: Floats) -> Floats:
    """Correlations of standardised columns, or of resamples of their rows.

    Parameters
    ----------
    columns : array (..., rows, columns)

    Returns
    -------
    array (..., columns, columns)
        0 for a column that is constant in a resample, its own place included.

    Examples
    --------
    >>> correlation_matrix(np.array([[-1.0, 1.0], [1.0, -1.0]]))
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    centred = columns - columns.mean(axis=-2, keepdims=True)
    products = np.swapaxes(centred, -1, -2) @ centred / columns.shape[-2]
    variance = np.diagonal(products, axis1=-2, axis2=-1)
    scale = np.divide(1.0, np.sqrt(variance), out=np.zeros_like(variance), where=variance > ALIKE)
    found: Floats = products * scale[..., :, None] * scale[..., None, :]
    return found


def _constant(column: Floats) -> bool:
    return bool(np.ptp(column) <= ALIKE * np.abs(column).max())

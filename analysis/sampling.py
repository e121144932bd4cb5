"""How the rows were drawn and weighted, and the linearised variance that follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from analysis.interval import Floats
from analysis.margins import Codes, Margin
from analysis.weights import as_weights

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Design:
    """Weights, strata, clusters, size of the population, and margins that the weights fit.

    What is sampled are clusters where there are any, else rows: the *sampling units*. They are
    taken as drawn independently in every stratum.

    Attributes
    ----------
    weights : array of shape (rows,)
        At least 0. A row with weight 0 was drawn and is not counted.
    strata : array of shape (rows,), optional
        Label of each row's stratum. One stratum if not given.
    clusters : array of shape (rows,), optional
        Label of each row's cluster, such as a customer with several answers. The same label in two
        strata is two clusters.
    population : float or array of shape (rows,), optional
        Sampling units that the row's stratum has in the population, for the finite population
        correction. Without it the population is large.
    margins : sequence of Margin
        What the weights were raked or post-stratified to, if they were.
    start : array of shape (rows,), optional
        The weights before raking, which the residuals of the margins are fitted with; equal if not
        given. R's survey takes equal ones for raked weights whatever the start was.

    Raises
    ------
    ValueError
        If the columns differ in length, a weight is not a number of at least 0, or a stratum's
        population is not one number of at least the units drawn.
    """

    weights: npt.ArrayLike
    strata: npt.ArrayLike | None = None
    clusters: npt.ArrayLike | None = None
    population: npt.ArrayLike | None = None
    margins: Sequence[Margin] = ()
    start: npt.ArrayLike | None = None

    def __post_init__(self) -> None:
        rows = as_weights(self.weights).size
        columns = {"strata": self.strata, "clusters": self.clusters, "start": self.start}
        columns |= {f"margin {margin.name}": margin.codes for margin in self.margins}
        for name, column in columns.items():
            if column is not None and np.shape(column) != (rows,):
                raise ValueError(
                    f"There are {rows} weights, and the {name} have the shape {np.shape(column)}. "
                    "Give one entry a row."
                )
        if self.population is not None:
            self._check_population(rows)

    def _check_population(self, rows: int) -> None:
        given = np.asarray(self.population, float)
        if given.shape not in ((), (rows,)):
            raise ValueError(f"The population has the shape {given.shape}. Give one entry a row.")
        if rows and not (given == self.stratum_population[self.stratum]).all():
            raise ValueError("A stratum has several numbers as its population. Give one a stratum.")
        if not (self.stratum_population >= self.units_drawn).all():
            raise ValueError(
                "A stratum has fewer units in the population than were drawn. "
                "Count the population in rows, or in clusters where there are clusters."
            )

    @cached_property
    def weight(self) -> Floats:
        """The weights as an array of shape (rows,)."""
        return as_weights(self.weights)

    @cached_property
    def stratum(self) -> Codes:
        """Number of each row's stratum, from 0."""
        if self.strata is None:
            return np.zeros(self.weight.size, np.intp)
        return np.unique(np.asarray(self.strata), return_inverse=True)[1].ravel()

    @cached_property
    def unit(self) -> Codes:
        """Number of each row's sampling unit, from 0."""
        if self.clusters is None:
            return np.arange(self.weight.size)
        cluster = np.unique(np.asarray(self.clusters), return_inverse=True)[1].ravel()
        pairs = np.stack([self.stratum, cluster])
        return np.unique(pairs, axis=1, return_inverse=True)[1].ravel()

    @cached_property
    def stratum_of_unit(self) -> Codes:
        """Number of each sampling unit's stratum."""
        found = np.zeros(_size(self.unit), np.intp)
        found[self.unit] = self.stratum
        return found

    @cached_property
    def units_drawn(self) -> Floats:
        """Sampling units drawn in each stratum."""
        return np.bincount(self.stratum_of_unit).astype(float)

    @cached_property
    def stratum_population(self) -> Floats:
        """Sampling units of each stratum in the population; infinite if not given."""
        found = np.full(_size(self.stratum), np.inf)
        if self.population is not None:
            found[self.stratum] = np.asarray(self.population, float)
        return found

    @property
    def sampled_share(self) -> float:
        """Share of the population's sampling units that was drawn."""
        return float(self.units_drawn.sum() / self.stratum_population.sum())


def degrees_of_freedom(design: Design, within: Mask) -> Floats:
    """Sampling units less strata, counted where a cell has rows.

    Parameters
    ----------
    design : Design
    within : array of bool of shape (rows, cells)
        Which rows belong to each cell.

    Returns
    -------
    array of shape (cells,)
        Below 1 nothing is known of the spread.

    Examples
    --------
    >>> degrees_of_freedom(Design([1, 1, 1], clusters=["a", "a", "b"]), np.ones((3, 1), bool))
    array([1.])
    """
    rows = within.astype(float)
    units = np.count_nonzero(add_up(rows, design.unit), axis=0)
    strata = np.count_nonzero(add_up(rows, design.stratum), axis=0)
    return np.asarray(units - strata, float)


def linearised_variance(design: Design, influence: Floats, within: Mask) -> Floats:
    """Variance of a statistic from the influence of every row on it (Taylor linearisation).

    With z the sums of weight times influence over each sampling unit, the variance is the sum over
    strata h of (1 - n_h / N_h) n_h / (n_h - 1) sum (z - mean of z in h)^2 (Lumley 2010, chapter
    2). Where the weights were fitted to margins, the influence is first reduced to the residuals
    of its regression on the categories, weighted by the weights before the fitting: what follows
    from the margins is known and does not vary (Deville and Sarndal 1992).

    Parameters
    ----------
    design : Design
    influence : array of shape (rows, cells)
        Influence of a row for each unit of its weight; 0 outside the cell.
    within : array of bool of shape (rows, cells)
        Which rows belong to each cell.

    Returns
    -------
    array of shape (cells,)
        NaN where a stratum with rows of the cell has one sampling unit of several.

    Examples
    --------
    >>> influence = np.array([[-0.5], [0.5]])
    >>> linearised_variance(Design([1, 1]), influence, np.ones((2, 1), bool))
    array([1.])
    """
    if design.margins:
        influence = _residuals(design, influence)
    totals = add_up(influence * design.weight[:, None], design.unit)
    drawn = design.units_drawn
    means = add_up(totals, design.stratum_of_unit) / drawn[:, None]
    squares = add_up((totals - means[design.stratum_of_unit]) ** 2, design.stratum_of_unit)
    unsampled = 1 - drawn / design.stratum_population
    alone = (drawn == 1) & (unsampled > 0)
    scale = unsampled * drawn / np.maximum(drawn - 1, 1)
    variance: Floats = scale @ squares
    lost = (add_up(within.astype(float), design.stratum)[alone] > 0).any(axis=0)
    variance[lost] = np.nan
    return variance


def add_up(columns: Floats, group: Codes) -> Floats:
    """Sums of columns over groups of rows: an array of shape (groups, cells).

    Examples
    --------
    >>> add_up(np.array([[1.0], [2.0], [3.0]]), np.array([0, 1, 0]))
    array([[4.],
           [2.]])
    """
    if group.size == 0:
        return np.zeros((0, columns.shape[1]))
    rows = np.arange(group.size)
    member = sparse.csr_array((np.ones(group.size), (group, rows)))
    found: Floats = member @ columns
    return found


def _size(codes: Codes) -> int:
    return int(codes.max()) + 1 if codes.size else 0


def _residuals(design: Design, influence: Floats) -> Floats:
    """What the categories of all margins together do not explain, by weighted least squares."""
    rows = np.arange(design.weight.size)
    ones = np.ones(rows.size)
    category = sparse.hstack(
        [sparse.csr_array((ones, (rows, margin.codes))) for margin in design.margins], format="csr"
    )
    start = ones if design.start is None else as_weights(design.start)
    weighted = (category * start[:, None]).T
    # The categories of each margin sum to one column, so the normal equations have no full rank.
    effects = np.linalg.pinv((weighted @ category).toarray(), hermitian=True) @ (
        weighted @ influence
    )
    found: Floats = influence - category @ effects
    return found
